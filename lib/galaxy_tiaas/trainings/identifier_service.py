"""Finding an identifier before a training is requested."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import (
    islice,
    zip_longest,
)
from typing import Optional

from ..core.actor import (
    Actor,
    may_manage,
)
from ..core.config import TiaasConfig
from ..membership.manager import CohortManager
from .identifiers import (
    cohort_name,
    normalise,
    suggest,
    variants,
)
from .manager import TrainingManager
from .schema import IdentifierCheck

#: How many identifiers are offered.
SUGGESTIONS = 3


@dataclass
class IdentifiersService:
    """Says whether an identifier is free, and which others are."""

    config: TiaasConfig
    trainings: TrainingManager
    cohorts: CohortManager

    def check(
        self,
        actor: Actor,
        text: str,
        now: datetime,
        *,
        title: str = "",
        year: Optional[int] = None,
        except_for: str = "",
    ) -> IdentifierCheck:
        """Whether a training could have ``text`` as its identifier, and what else it could be called.

        :param title: of the training, for suggestions.
        :param year: of the training, for suggestions; this year if not given.
        :param except_for: the training that is to be renamed: it may keep its name.
        :raises UserRequiredException: for visitors. :raises TooManyRequests: for those who ask for too many.
        """
        if not actor.is_admin:
            actor.ensure_user()
        text = text.strip()
        if actor.lookups:
            actor.lookups.tried(text)
        longest = self.config.identifier_max_length
        identifier = normalise(text)
        candidates = _candidates(identifier, text, title, longest, year or now.year)
        taken = self._taken([identifier, *candidates] if identifier else candidates) - self._own(actor, except_for)
        valid = identifier is not None and len(identifier) <= longest
        available = valid and identifier not in taken
        free = (candidate for candidate in candidates if candidate not in taken)
        return IdentifierCheck(
            identifier=identifier,
            valid=valid,
            available=available,
            message=_message(text, identifier, longest, available),
            suggestions=[] if available else list(islice(free, SUGGESTIONS)),
        )

    def _own(self, actor: Actor, except_for: str) -> set[str]:
        """What a training that is to be renamed may be called: as it is, and as it was if the actor may know that."""
        own = {normalise(except_for) or ""}
        training = self.trainings.find(except_for) if except_for else None
        if training is not None and may_manage(actor, training):
            own.update(self.trainings.former_identifiers(training))
        return own

    def _taken(self, identifiers: Sequence[str]) -> set[str]:
        """Those that a training has or had, or whose cohort could not be made because its name is taken in Galaxy."""
        names = {cohort_name(identifier): identifier for identifier in identifiers}
        foreign = {names[name] for name in self.cohorts.existing_names(names)}
        return self.trainings.taken(identifiers) | foreign


def _candidates(identifier: Optional[str], text: str, title: str, longest: int, year: int) -> list[str]:
    """What a training could be called instead, best first: like the text and like the title, in turns."""
    like_text = identifier or suggest(text, longest)
    like_title = suggest(title, longest)
    turns = zip_longest(
        [*([] if identifier else [like_text]), *variants(like_text, longest, year)],
        [like_title, *variants(like_title, longest, year)],
    )
    return list(dict.fromkeys(candidate for turn in turns for candidate in turn if candidate))


def _message(text: str, identifier: Optional[str], longest: int, available: bool) -> str:
    if not text:
        return "Please choose an identifier."
    if identifier is None and (len(text) <= longest or not text.isascii()):
        return "Only letters without accents, digits, hyphens and underscores, beginning with a letter or digit."
    if len(text) > longest:
        return f"Too long by {len(text) - longest}: at most {longest} characters."
    return "This identifier is free." if available else "This identifier is taken."
