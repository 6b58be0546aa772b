"""Changes of one training within an hour are one message to each group of people."""

from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from typing import Any

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.notifications.outbox import OutboxManager
from galaxy_tiaas.trainings.schema import (
    ChangeDecision,
    StateChange,
    TrainingUpdate,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import TrainingState
from in_process import (
    BEFORE,
    InProcess,
    LAST_DAY,
    on_both_databases,
)

MakeGalaxy = Callable[..., InProcess]

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def telling(make_galaxy: MakeGalaxy) -> InProcess:
    """A Galaxy with mail, and an approved training of minerva and severus with nothing in the outbox."""
    galaxy = make_galaxy(galaxy_conf={"smtp_server": "127.0.0.1:1", "admin_users": "admin@example.org"})
    galaxy.admin()
    galaxy.user("severus")
    galaxy.training(title="Potions", instructors=["severus"])
    _deliver(galaxy, BEFORE)
    return galaxy


def _deliver(galaxy: InProcess, at: datetime) -> dict[str, set[str]]:
    """Deliver what is pending; whom, by what each of them reads first, which is the list of changes."""
    outbox = galaxy[OutboxManager]
    pending = outbox.pending(at, 100)
    outbox.claim([each.id for each in pending], at)
    outbox.delivered(pending, at)
    galaxy.session.commit()
    read: dict[str, set[str]] = {}
    for each in pending:
        listed = "; ".join(line.removeprefix("- ") for line in each.text.splitlines() if line.startswith("- "))
        read.setdefault(listed or each.event, set()).add(each.address.partition("@")[0])
    return read


def _update(galaxy: InProcess, by: Actor, at: datetime, **fields: Any) -> None:
    galaxy.perform(TrainingsService.update, by, "gryffindor", TrainingUpdate(**fields), at)


def _cancel(galaxy: InProcess, at: datetime) -> None:
    change = StateChange(state=TrainingState.CANCELLED)
    galaxy.perform(TrainingsService.set_state, galaxy.admin(), "gryffindor", change, at)


@on_both_databases
def test_the_first_change_is_told_at_once_and_those_within_the_hour_together_at_its_end(telling: InProcess) -> None:
    minerva = telling.user("minerva")
    _update(telling, minerva, BEFORE, title="Charms")
    assert _deliver(telling, BEFORE) == {"title: Potions → Charms": {"severus"}}
    for number in range(1, 11):
        _update(telling, minerva, BEFORE + number * _MINUTE, title=f"Charms {number}", description="For all")
    assert _deliver(telling, BEFORE + 59 * _MINUTE) == {}
    told = "title: Charms → Charms 10; description: – → For all"
    assert _deliver(telling, BEFORE + _HOUR) == {told: {"severus"}}
    _update(telling, minerva, BEFORE + 61 * _MINUTE, title="Runes")
    assert _deliver(telling, BEFORE + 119 * _MINUTE) == {}
    assert _deliver(telling, BEFORE + 2 * _HOUR) == {"title: Charms 10 → Runes": {"severus"}}
    _update(telling, minerva, BEFORE + 3 * _HOUR, title="Potions")
    assert _deliver(telling, BEFORE + 3 * _HOUR) == {"title: Runes → Potions": {"severus"}}


def test_what_goes_back_to_what_it_was_is_not_told(telling: InProcess) -> None:
    minerva = telling.user("minerva")
    _update(telling, minerva, BEFORE, description="For all")
    _deliver(telling, BEFORE)
    _update(telling, minerva, BEFORE + _MINUTE, title="Charms")
    _update(telling, minerva, BEFORE + 2 * _MINUTE, title="Potions")
    assert telling.query("SELECT * FROM tiaas_message") == []
    _update(telling, minerva, BEFORE + 3 * _MINUTE, website="https://example.org")
    assert _deliver(telling, BEFORE + _HOUR) == {"website: – → https://example.org": {"severus"}}


def test_everybody_is_told_of_what_others_did(telling: InProcess) -> None:
    minerva, severus = telling.user("minerva"), telling.user("severus")
    _update(telling, minerva, BEFORE, title="Charms")
    _deliver(telling, BEFORE)
    _update(telling, minerva, BEFORE + _MINUTE, title="Runes")
    _update(telling, severus, BEFORE + 2 * _MINUTE, description="For all")
    told = "title: Charms → Runes; description: – → For all"
    assert _deliver(telling, BEFORE + _HOUR) == {told: {"minerva", "severus"}}


def test_other_days_are_told_at_once_with_what_has_been_collected(telling: InProcess) -> None:
    minerva, harry = telling.user("minerva"), telling.user("harry")
    telling.join("gryffindor", harry, at=BEFORE)
    _update(telling, minerva, BEFORE, title="Charms")
    _update(telling, minerva, BEFORE + _MINUTE, title="Runes")
    _deliver(telling, BEFORE + 2 * _MINUTE)
    _update(telling, telling.admin(), BEFORE + 3 * _MINUTE, end=LAST_DAY + timedelta(days=1))
    told = "title: Charms → Runes; last day: 18 November 2026 → 19 November 2026"
    assert _deliver(telling, BEFORE + 3 * _MINUTE) == {told: {"minerva", "severus"}, "changed": {"harry"}}
    assert telling.query("SELECT * FROM tiaas_message") == []


def test_what_is_being_delivered_is_left_alone(telling: InProcess) -> None:
    minerva, outbox = telling.user("minerva"), telling[OutboxManager]
    _update(telling, minerva, BEFORE, title="Charms")
    _deliver(telling, BEFORE)
    _update(telling, minerva, BEFORE + _MINUTE, title="Runes")
    outbox.claim([1, 2, 3, 4, 5, 6], BEFORE + _HOUR)
    telling.session.commit()
    # The clock of this process is a little late.
    _update(telling, minerva, BEFORE + 59 * _MINUTE, title="Potions")
    assert _deliver(telling, BEFORE + _HOUR) == {"title: Runes → Potions": {"severus"}}
    assert _deliver(telling, BEFORE + _HOUR + 10 * _MINUTE) == {"title: Charms → Runes": {"severus"}}


def test_what_is_collected_is_no_news_once_the_training_is_cancelled(telling: InProcess) -> None:
    minerva = telling.user("minerva")
    for number in range(2):
        _update(telling, minerva, BEFORE + number * _MINUTE, title=f"Charms {number}", attendance=30 + number)
    _deliver(telling, BEFORE + 2 * _MINUTE)
    _cancel(telling, BEFORE + 3 * _MINUTE)
    assert {row.event for row in telling.query("SELECT event FROM tiaas_message")} == {"cancelled"}


def test_admins_are_told_once_within_the_hour_of_all_that_waits_for_them(telling: InProcess) -> None:
    minerva = telling.user("minerva")
    _update(telling, minerva, BEFORE, attendance=30)
    assert _deliver(telling, BEFORE) == {"people expected: 20 → 30": {"admin"}}
    for number in range(1, 11):
        _update(telling, minerva, BEFORE + number * _MINUTE, attendance=30 + number, timezone="Europe/London")
    assert _deliver(telling, BEFORE + 59 * _MINUTE) == {}
    told = "people expected: 20 → 40; time zone: UTC → Europe/London"
    assert _deliver(telling, BEFORE + _HOUR) == {told: {"admin"}}


def test_admins_are_not_told_of_what_waits_no_longer(telling: InProcess) -> None:
    minerva = telling.user("minerva")
    _update(telling, minerva, BEFORE, attendance=30)
    _deliver(telling, BEFORE)
    _update(telling, minerva, BEFORE + _MINUTE, attendance=40, timezone="Europe/London")
    _update(telling, minerva, BEFORE + 2 * _MINUTE, timezone="UTC", title="Potions")
    (message,) = telling.query("SELECT text FROM tiaas_message")
    assert "people expected: 20 → 40" in message.text and "London" not in message.text
    telling.perform(TrainingsService.take_back, minerva, "gryffindor", BEFORE + 3 * _MINUTE)
    assert telling.query("SELECT * FROM tiaas_message") == []
    _update(telling, minerva, BEFORE + 4 * _MINUTE, attendance=50)
    telling.perform(
        TrainingsService.decide_change, telling.admin(), "gryffindor", ChangeDecision(accept=True), BEFORE + 5 * _MINUTE
    )
    assert {row.event for row in telling.query("SELECT event FROM tiaas_message")} == {"change_accepted"}
