"""What of a training is not possible here, although each field by itself is right.

Every function of it takes fields by their names. Those that are not among them are not known, and nothing that depends
on them is judged: so a form of which one field is wrong is told of everything else at the same time.
"""

from collections.abc import (
    Iterator,
    Mapping,
    Set,
)
from datetime import (
    datetime,
    timedelta,
)
from typing import Any

from galaxy.config import GalaxyAppConfiguration

from ..core.actor import Actor
from ..core.config import (
    contact_of,
    TiaasConfig,
)
from ..core.exceptions import InvalidValue
from ..core.model import Training
from ..core.times import today_in

DAY_FIELDS = frozenset({"start", "end", "timezone"})


class Refusals:
    """Yields problems, the most important first; none is raised."""

    def __init__(self, config: TiaasConfig, galaxy_config: GalaxyAppConfiguration):
        self.config = config
        self.galaxy_config = galaxy_config

    def of_request(self, actor: Actor, values: Mapping[str, Any], now: datetime) -> Iterator[InvalidValue]:
        """All of a request; admins may ask for past and for tomorrow."""
        yield from self.of_identifier(values)
        yield from self.of_days(values)
        if not actor.is_admin:
            yield from self.of_notice(values, now)
            yield from self.of_past_end(values, now)

    def of_changed_days(
        self,
        actor: Actor,
        training: Training,
        values: Mapping[str, Any],
        wrong: Set[str],
        now: datetime,
        *,
        notice: bool,
    ) -> Iterator[InvalidValue]:
        """The days of a training with the given changes; ``wrong`` fields are not known."""
        if not DAY_FIELDS & values.keys():
            return
        days = {name: values.get(name, getattr(training, name)) for name in DAY_FIELDS - wrong}
        yield from self.of_days(days)
        if actor.is_admin:
            return
        yield from self.of_past_end(days, now)
        if notice and "start" in values:
            yield from self.of_notice(days, now)

    def of_identifier(self, values: Mapping[str, Any]) -> Iterator[InvalidValue]:
        """One that is longer than this server allows."""
        longest = self.config.identifier_max_length
        if len(values.get("identifier", "")) > longest:
            yield InvalidValue("identifier", f"The identifier must have at most {longest} characters.")

    def of_days(self, values: Mapping[str, Any]) -> Iterator[InvalidValue]:
        """A last day before the first."""
        if "start" in values and "end" in values and values["end"] < values["start"]:
            yield InvalidValue("end", "The last day must not be before the first.")

    def of_past_end(self, values: Mapping[str, Any], now: datetime) -> Iterator[InvalidValue]:
        """A last day that is over."""
        if "end" in values and "timezone" in values and values["end"] < today_in(values["timezone"], now):
            yield InvalidValue("end", "The last day must not lie in the past.")

    def of_notice(self, values: Mapping[str, Any], now: datetime) -> Iterator[InvalidValue]:
        """A first day that is over, or so soon that there is no time to prepare."""
        if "start" not in values or "timezone" not in values:
            return
        start, days = values["start"], self.config.late_request_prevention_days
        today = today_in(values["timezone"], now)
        if start < today:
            yield InvalidValue("start", "The first day must not lie in the past.")
        elif start < today + timedelta(days=days):
            contact = contact_of(self.config, self.galaxy_config)
            yield InvalidValue(
                "start",
                f"A training must be requested at least {days} days before it starts."
                f" If yours cannot wait, please write to the administrators{f' ({contact})' if contact else ''}.",
            )
