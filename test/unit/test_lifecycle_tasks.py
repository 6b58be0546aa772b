"""Everything that a run does besides switching and redacting, how it finds it, and that it does each thing once."""

import logging
from collections.abc import Callable
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import Any

import pytest
from galaxy_tiaas.core.model import (
    Delivery,
    Message,
    Training,
)
from galaxy_tiaas.lifecycle.redaction import RedactionService
from galaxy_tiaas.lifecycle.tasks import (
    COUNTED_AFTER,
    LifecycleReport,
    LifecycleTasks,
)
from galaxy_tiaas.membership.manager import CohortManager
from galaxy_tiaas.notifications.delivery import (
    DeliveryReport,
    Dispatcher,
)
from galaxy_tiaas.notifications.outbox import Channel
from galaxy_tiaas.notifications.service import NotificationService
from galaxy_tiaas.reporting.manager import UsageManager
from galaxy_tiaas.trainings.service import TrainingsService
from in_process import (
    AFTER,
    DURING,
    FIRST_DAY,
    InProcess,
    on_both_databases,
    REQUESTED,
    SERVER,
)
from sqlalchemy import (
    insert,
    text,
)

_OPENS, _CLOSES = datetime(2026, 11, 15, 12), datetime(2026, 11, 19, 12)
_MIDNIGHT = datetime.combine(FIRST_DAY, datetime.min.time())
_MOMENT = timedelta(microseconds=1)


class Notifications(NotificationService):
    """Keeps what the lifecycle would write; other events write nothing."""

    channels: list[Channel] = ["mail"]

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def _channels(self, actor: object) -> list[Channel]:
        return []

    def reminder(self, training: Training, now: datetime) -> None:
        self.told.append(("reminder", training.identifier))

    def thanks(self, training: Training, now: datetime) -> None:
        self.told.append(("thanks", training.identifier))


class Dispatches(Dispatcher):
    """Counts how often it is called."""

    def __init__(self) -> None:
        self.calls = 0

    def deliver(self, now: datetime) -> DeliveryReport:
        self.calls += 1
        return DeliveryReport(delivered=1)


@pytest.fixture
def notifications() -> Notifications:
    return Notifications()


@pytest.fixture
def dispatches() -> Dispatches:
    return Dispatches()


@pytest.fixture
def open_galaxy(
    make_galaxy: Callable[..., InProcess], notifications: Notifications, dispatches: Dispatches
) -> Callable[..., InProcess]:
    """Makes a Galaxy that has a way to tell people something."""

    def make(**settings: Any) -> InProcess:
        galaxy = make_galaxy(**settings)
        vars(notifications).update(vars(galaxy[NotificationService]))
        galaxy.host[NotificationService] = notifications
        galaxy.host[Dispatcher] = dispatches
        return galaxy

    return make


@pytest.fixture
def galaxy(open_galaxy: Callable[..., InProcess]) -> InProcess:
    return open_galaxy()


def _run(galaxy: InProcess, now: datetime, dry_run: bool = False) -> dict[str, Any]:
    report = galaxy[LifecycleTasks].run(now, dry_run=dry_run)
    galaxy.session.rollback()
    return {what: found if isinstance(found, int) else list(found) for what, found in vars(report).items() if found}


def _actions(galaxy: InProcess, identifier: str = "gryffindor") -> list[str]:
    return [event.action for event in galaxy.perform(TrainingsService.history, SERVER, identifier)]


def _message(galaxy: InProcess, due: datetime) -> None:
    message = Message(event="approved", audience="instructor", subject="Approved", text="Yes")
    galaxy.session.add(message)
    galaxy.session.flush()
    galaxy.session.add(Delivery(message_id=message.id, channel="mail", address="a@b.org", next_attempt_at=due))
    galaxy.session.commit()


# Reminders and thanks


@on_both_databases
def test_instructors_are_reminded_once_three_days_before_the_first_day(
    galaxy: InProcess, notifications: Notifications
) -> None:
    galaxy.training()
    due = _MIDNIGHT - timedelta(days=3)
    assert _run(galaxy, due - _MOMENT) == {}
    assert _run(galaxy, due) == {"reminded": ["gryffindor"], "messages_delivered": 1}
    assert _run(galaxy, due) == {}
    assert notifications.told == [("reminder", "gryffindor")]
    assert _actions(galaxy)[-1] == "reminded"
    assert galaxy.find("gryffindor").reminded_at == due


def test_nobody_is_reminded_of_what_has_begun(galaxy: InProcess) -> None:
    galaxy.training()
    assert _run(galaxy, _MIDNIGHT) == {"switched_on": ["gryffindor"]}


@pytest.mark.parametrize("state", ["new", "rejected", "cancelled"])
def test_only_of_approved_trainings_people_are_told(galaxy: InProcess, state: str) -> None:
    galaxy.training(state=state)
    for now in (_MIDNIGHT - timedelta(days=1), DURING, AFTER):
        assert _run(galaxy, now) == {}


def test_of_days_that_moved_instructors_are_reminded_again(galaxy: InProcess) -> None:
    galaxy.training()
    _run(galaxy, _MIDNIGHT - timedelta(days=1))
    galaxy.move("gryffindor", date(2026, 12, 1), date(2026, 12, 2))
    assert _run(galaxy, _MIDNIGHT) == {}
    assert _run(galaxy, datetime(2026, 11, 29))["reminded"] == ["gryffindor"]


@on_both_databases
def test_instructors_are_thanked_once_a_day_after_the_end(galaxy: InProcess, notifications: Notifications) -> None:
    galaxy.training()
    _run(galaxy, DURING)
    assert _run(galaxy, _CLOSES - _MOMENT) == {}
    assert _run(galaxy, _CLOSES) == {"switched_off": ["gryffindor"]}
    assert _run(galaxy, _CLOSES + COUNTED_AFTER - _MOMENT) == {}
    assert _run(galaxy, _CLOSES + COUNTED_AFTER) == {"thanked": ["gryffindor"], "messages_delivered": 1}
    assert _run(galaxy, AFTER) == {}
    assert notifications.told == [("thanks", "gryffindor")]
    assert _actions(galaxy)[-3:] == ["resources on", "resources off", "thanked"]


def test_whoever_ends_early_is_thanked_early(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.find("gryffindor").ended_at = DURING
    galaxy.session.commit()
    assert _run(galaxy, DURING + COUNTED_AFTER)["thanked"] == ["gryffindor"]


def test_after_an_upgrade_nobody_is_thanked_for_what_was_long_ago(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.training("ended-early", end=date(2027, 1, 10))
    galaxy.find("ended-early").ended_at = DURING
    galaxy.session.commit()
    assert _run(galaxy, _CLOSES + timedelta(days=7)) == {}


def test_settings_say_when_and_whether_people_are_told(open_galaxy: Callable[..., InProcess]) -> None:
    galaxy = open_galaxy(remind_days_before=7, send_thanks=False)
    galaxy.training()
    assert _run(galaxy, _MIDNIGHT - timedelta(days=7))["reminded"] == ["gryffindor"]
    assert _run(galaxy, _CLOSES + COUNTED_AFTER) == {}


def test_no_days_mean_no_reminder(open_galaxy: Callable[..., InProcess]) -> None:
    galaxy = open_galaxy(remind_days_before=0)
    galaxy.training()
    assert _run(galaxy, _OPENS - _MOMENT) == {}


def test_where_nobody_can_be_told_nobody_is_and_the_history_does_not_claim_it(
    galaxy: InProcess, notifications: Notifications
) -> None:
    notifications.channels = []
    galaxy.training()
    for now in (_MIDNIGHT - timedelta(days=1), _CLOSES + COUNTED_AFTER):
        assert _run(galaxy, now) == {}
        assert _run(galaxy, now, dry_run=True) == {}
    assert _actions(galaxy) == ["requested", "approved"]


# Messages and people


def test_messages_are_delivered_when_one_waits(galaxy: InProcess, dispatches: Dispatches) -> None:
    _message(galaxy, DURING)
    assert _run(galaxy, DURING - _MOMENT) == {}
    assert dispatches.calls == 0
    assert _run(galaxy, DURING, dry_run=True) == {"messages_delivered": 1}
    assert dispatches.calls == 0
    assert _run(galaxy, DURING) == {"messages_delivered": 1}
    assert dispatches.calls == 1


@on_both_databases
def test_people_whose_accounts_were_deleted_are_forgotten_once(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.training("slytherin", galaxy.user("severus"))
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.delete_account(galaxy.user("severus"))
    galaxy.delete_account(galaxy.user("harry"))
    galaxy.user("stranger", deleted=True)
    would = _run(galaxy, DURING, dry_run=True)
    assert would["people_forgotten"] == 2
    assert _run(galaxy, DURING) == would
    assert _run(galaxy, DURING) == {}
    assert galaxy.find("slytherin").requester_id is None
    assert galaxy.find("gryffindor").requester_id is not None


# What it costs to find nothing


@on_both_databases
def test_two_queries_find_that_nothing_is_due_among_two_thousand_trainings(galaxy: InProcess) -> None:
    galaxy.training(state="rejected")
    pattern = galaxy.find("gryffindor")
    columns = [column.name for column in Training.__table__.columns if column.name not in ("id", "identifier")]
    row = {name: getattr(pattern, name) for name in columns} | {"redacted_at": AFTER, "state": "approved"}
    galaxy.session.execute(insert(Training), [row | {"identifier": f"past-{number}"} for number in range(2000)])
    galaxy.session.commit()
    for now in (AFTER + timedelta(days=30), AFTER + timedelta(days=1000)):
        pattern.redacted_at = now
        galaxy.session.commit()
        with galaxy.statements() as statements:
            assert not galaxy[LifecycleTasks].run(now)
        assert len(statements) == 2, statements
        assert all(statement.lstrip().startswith(("SELECT", "PRAGMA main.table_info")) for statement in statements)


# Cohorts


@pytest.mark.parametrize("kind", ["group", "role"])
def test_a_cohort_that_an_admin_purged_while_it_runs_is_made_again(galaxy: InProcess, kind: str) -> None:
    from galaxy.model import (
        Group,
        Role,
    )

    galaxy.training()
    _run(galaxy, DURING)
    galaxy.purge(Group if kind == "group" else Role, "training-gryffindor")
    assert _run(galaxy, DURING) == {"switched_on": ["gryffindor"]}
    assert galaxy.is_on("training-gryffindor")
    assert _run(galaxy, DURING) == {}


def test_a_cancelled_training_that_an_admin_switched_on_in_galaxy_goes_off(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.decide("gryffindor", "cancelled")
    training = galaxy.find("gryffindor")
    galaxy.session.execute(
        text(f"INSERT INTO group_role_association (group_id, role_id) VALUES ({training.group_id}, {training.role_id})")
    )
    galaxy.session.commit()
    assert _run(galaxy, DURING) == {"switched_off": ["gryffindor"]}
    assert not galaxy.is_on("training-gryffindor")


def test_an_extended_training_goes_on_again(galaxy: InProcess) -> None:
    galaxy.training()
    _run(galaxy, DURING)
    _run(galaxy, AFTER)
    galaxy.move("gryffindor", FIRST_DAY, AFTER.date())
    assert _run(galaxy, AFTER) == {"switched_on": ["gryffindor"]}
    assert _actions(galaxy)[-1] == "resources on"


def test_other_groups_with_a_role_of_ours_stay_as_they_are(galaxy: InProcess) -> None:
    """And other roles of a group of ours."""
    training = galaxy.training("foo")
    _run(galaxy, DURING)
    group, role = galaxy.foreign_group("training-barfoo", galaxy.user("draco")), galaxy.foreign_role("foo")
    galaxy.session.execute(
        text(
            "INSERT INTO group_role_association (group_id, role_id)"
            f" VALUES ({group.id}, {training.role_id}), ({training.group_id}, {role.id})"
        )
    )
    galaxy.session.commit()
    assert _run(galaxy, AFTER)["switched_off"] == ["foo"]
    left = galaxy.query("SELECT group_id, role_id FROM group_role_association ORDER BY id")
    training = galaxy.find("foo")
    assert [tuple(row) for row in left] == [(group.id, training.role_id), (training.group_id, role.id)]


# One thing fails


def _everything_due(galaxy: InProcess) -> None:
    """All that a run may have to do at ``AFTER``, each of another training."""
    galaxy.training("old", start=date(2026, 6, 1), end=date(2026, 6, 2))
    galaxy.training("over")
    galaxy.join("over", galaxy.user("ron"), at=DURING)
    _run(galaxy, DURING)
    galaxy.training("now", start=AFTER.date(), end=AFTER.date())
    galaxy.find("now").reminded_at = AFTER
    soon = AFTER.date() + timedelta(days=2)
    galaxy.training("soon", start=soon, end=soon)
    galaxy.session.execute(text("UPDATE tiaas_training SET redacted_at = NULL WHERE identifier = 'old'"))
    galaxy.join("soon", galaxy.user("harry"), at=REQUESTED)
    galaxy.delete_account(galaxy.user("harry"))
    _message(galaxy, AFTER)


_EVERYTHING = {
    "switched_on": ["now"],
    "switched_off": ["over"],
    "counted": ["over"],
    "redacted": ["old"],
    "reminded": ["soon"],
    "thanked": ["over"],
    "people_forgotten": 1,
    "messages_delivered": 1,
}


@on_both_databases
def test_a_run_does_all_that_is_due_and_a_dry_run_writes_nothing_at_all(galaxy: InProcess) -> None:
    _everything_due(galaxy)
    before = galaxy.dump()
    with galaxy.statements() as statements:
        assert _run(galaxy, AFTER, dry_run=True) == _EVERYTHING
    assert all(statement.lstrip().startswith(("SELECT", "PRAGMA main.table_info")) for statement in statements)
    galaxy.session.commit()
    assert galaxy.dump() == before
    assert _run(galaxy, AFTER) == _EVERYTHING


@pytest.mark.parametrize(
    "broken, method, missing",
    [
        (CohortManager, "switch", {"switched_on": "now", "switched_off": "over"}),
        (UsageManager, "count", {"counted": "over"}),
        (RedactionService, "redact", {"redacted": "old"}),
        (RedactionService, "forget_user", {"people_forgotten": "account"}),
        (Notifications, "reminder", {"reminded": "soon"}),
        (Notifications, "thanks", {"thanked": "over"}),
        (Dispatches, "deliver", {"messages_delivered": "messages"}),
    ],
)
def test_one_thing_that_is_broken_keeps_nothing_else_from_being_done(
    galaxy: InProcess,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    broken: type,
    method: str,
    missing: dict[str, str],
) -> None:
    _everything_due(galaxy)

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(broken, method, breaks)
        report = _run(galaxy, AFTER)
    failed = report.pop("failed")
    assert report == {what: found for what, found in _EVERYTHING.items() if what not in missing}
    assert [name.split()[0] for name in failed] == list(missing.values())
    assert len(caplog.records) == len(missing)
    again = _run(galaxy, AFTER)
    assert again.keys() - {"messages_delivered"} == missing.keys() - {"messages_delivered"}


def test_what_was_done_by_somebody_else_meanwhile_is_not_done_again(galaxy: InProcess) -> None:
    galaxy.training()
    found = galaxy[LifecycleTasks].due(DURING)
    assert [identifier for trainings in found.trainings.values() for _, identifier in trainings] == ["gryffindor"]
    galaxy.join("gryffindor", galaxy.user("harry"))
    lifecycle = galaxy[LifecycleTasks]
    lifecycle.due = lambda *_: found  # type: ignore[method-assign]
    assert not lifecycle.run(DURING)
    assert _actions(galaxy).count("resources on") == 1, "it went on when somebody joined"


def test_a_run_that_is_told_to_stop_leaves_the_rest_for_the_next(galaxy: InProcess, dispatches: Dispatches) -> None:
    for name in ("one", "two", "three"):
        galaxy.training(name)
    _message(galaxy, DURING)
    answers = iter([True, True, False])
    assert galaxy[LifecycleTasks].run(DURING, should_continue=lambda: next(answers)).switched_on == ("one", "two")
    assert dispatches.calls == 0
    assert _run(galaxy, DURING) == {"switched_on": ["three"], "messages_delivered": 1}


def test_a_report_says_how_much_of_what_was_done() -> None:
    report = LifecycleReport(switched_on=("a", "b"), people_forgotten=3)
    assert str(report) == "switched on: 2, people forgotten: 3"
