"""What the calendar does to trainings; the clock is moved, nobody waits."""

import logging
from collections.abc import Callable
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import Any

import pytest
from galaxy_tiaas.lifecycle.tasks import (
    LifecycleReport,
    LifecycleTasks,
)
from galaxy_tiaas.trainings.schema import TrainingUpdate
from galaxy_tiaas.trainings.service import TrainingsService
from in_process import (
    AFTER,
    ANONYMOUS,
    BEFORE,
    DURING,
    InProcess,
    LAST_DAY,
    on_both_databases,
    REQUESTED,
    SERVER,
)
from sqlalchemy import text

_MOMENT = timedelta(microseconds=1)
_OPENS, _CLOSES = datetime(2026, 11, 15, 12), datetime(2026, 11, 19, 12)
#: The first day on which the usual sixty days after the last day are over.
_FORGOTTEN = datetime.combine(LAST_DAY + timedelta(days=61), datetime.min.time())


def _run(galaxy: InProcess, now: datetime, dry_run: bool = False) -> dict[str, list[str]]:
    report = galaxy[LifecycleTasks].run(now, dry_run=dry_run)
    galaxy.session.rollback()
    return {
        what: list(identifiers)
        for what, identifiers in vars(report).items()
        if isinstance(identifiers, tuple) and identifiers
    }


# Cohorts


@on_both_databases
def test_a_training_goes_on_at_its_start_and_off_at_its_end(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"), at=BEFORE)
    for now, done, on in [
        (BEFORE, {}, False),
        (_OPENS - _MOMENT, {}, False),
        (_OPENS, {"switched_on": ["gryffindor"]}, True),
        (DURING, {}, True),
        (_CLOSES - _MOMENT, {}, True),
        (_CLOSES, {"switched_off": ["gryffindor"]}, False),
        (AFTER, {"counted": ["gryffindor"]}, False),
    ]:
        assert _run(galaxy, now) == done, now
        assert galaxy.is_on("training-gryffindor") is on, now
    assert galaxy.members("training-gryffindor") == ["harry"]


@on_both_databases
def test_a_training_that_never_went_on_is_left_alone_when_it_is_over(galaxy: InProcess) -> None:
    galaxy.training()
    assert _run(galaxy, AFTER) == {}


@pytest.mark.parametrize("state", ["new", "rejected", "cancelled"])
def test_only_approved_trainings_go_on(galaxy: InProcess, state: str) -> None:
    galaxy.training(state=state)
    assert _run(galaxy, DURING) == {}


def test_what_an_admin_undid_in_galaxy_is_put_right(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.session.execute(text("DELETE FROM group_role_association"))
    galaxy.session.commit()
    assert _run(galaxy, DURING) == {"switched_on": ["gryffindor"]}
    assert galaxy.is_on("training-gryffindor")


def test_dates_that_moved_are_followed(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.move("gryffindor", date(2026, 12, 1), date(2026, 12, 2))
    assert _run(galaxy, DURING) == {"switched_off": ["gryffindor"]}
    assert not galaxy.is_on("training-gryffindor")


def test_associations_of_others_are_never_touched(galaxy: InProcess) -> None:
    galaxy.training("foo")
    for name in ("training-barfoo", "training-foo2", "training-of-lions"):
        galaxy.foreign_role(name, galaxy.foreign_group(name, galaxy.user("draco")))
    _run(galaxy, DURING)
    assert _run(galaxy, AFTER) == {"switched_off": ["foo"]}
    assert all(galaxy.is_on(name) for name in ("training-barfoo", "training-foo2", "training-of-lions"))


def test_several_trainings_are_each_what_they_should_be(galaxy: InProcess) -> None:
    galaxy.training("over", start=date(2026, 11, 1), end=date(2026, 11, 10))
    galaxy.training("now")
    galaxy.training("next", start=date(2026, 12, 1), end=date(2026, 12, 2))
    _run(galaxy, datetime(2026, 11, 5))
    assert _run(galaxy, DURING) == {"switched_on": ["now"], "switched_off": ["over"]}
    assert [galaxy.is_on(f"training-{name}") for name in ("over", "now", "next")] == [False, True, False]


# Redaction


def _told(galaxy: InProcess, identifier: str = "gryffindor", **fields: Any) -> None:
    """A training whose every personal field and whose history is full of people."""
    galaxy.user("albus")
    fields = {"name": "Minerva McGonagall", "email": "cat@example.org", "other_requests": "Fish", **fields}
    galaxy.training(identifier, galaxy.user("minerva"), instructors=["albus"], location=["GB"], **fields)
    change = TrainingUpdate(name="M. M.", email="tabby@example.org", attendance=30, title="New title", instructors=[])
    galaxy.perform(TrainingsService.update, galaxy.user("minerva"), identifier, change, REQUESTED)
    galaxy.perform(
        TrainingsService.update, galaxy.admin(), identifier, TrainingUpdate(instructors=["albus"]), REQUESTED
    )
    galaxy.accept_invitations(identifier)
    galaxy.join(identifier, galaxy.user("harry"))
    galaxy.session.execute(text("UPDATE tiaas_training_event SET note = 'For Minerva'"))
    galaxy.session.commit()


def _our_rows(galaxy: InProcess) -> str:
    return repr({name: rows for name, rows in galaxy.dump().items() if name.startswith("tiaas_training")})


@on_both_databases
def test_sixty_days_after_the_last_day_people_are_forgotten_and_numbers_are_not(galaxy: InProcess) -> None:
    _told(galaxy)
    _run(galaxy, AFTER)
    assert _run(galaxy, _FORGOTTEN - _MOMENT) == {}
    assert "Minerva" in _our_rows(galaxy)
    assert _run(galaxy, _FORGOTTEN) == {"redacted": ["gryffindor"]}
    galaxy.session.remove()
    view = galaxy.perform(TrainingsService.show, SERVER, "gryffindor", _FORGOTTEN)
    assert (view.name, view.email, view.other_requests, view.requester_id, view.instructors, view.requested_change) == (
        "",
        "",
        "",
        None,
        [],
        None,
    )
    assert (view.identifier, view.title, view.attendance, view.location) == ("gryffindor", "New title", 20, ["GB"])
    assert galaxy.find("gryffindor").redacted_at == _FORGOTTEN


@on_both_databases
def test_nothing_of_a_person_is_left_in_our_tables(galaxy: InProcess) -> None:
    _told(galaxy)
    ids = {galaxy.account(name).id for name in ("minerva", "albus", "admin")}
    _run(galaxy, _FORGOTTEN)
    rows = _our_rows(galaxy)
    for trace in ("Minerva", "M. M.", "cat@", "tabby@", "example.org", "Fish"):
        assert trace not in rows
    assert galaxy.query("SELECT * FROM tiaas_training_instructor") == []
    assert galaxy.query("SELECT * FROM tiaas_training_change") == []
    assert galaxy.query("SELECT * FROM tiaas_training_event WHERE user_id IS NOT NULL OR note != ''") == []
    assert galaxy.query("SELECT * FROM tiaas_training WHERE requester_id IS NOT NULL") == []
    assert not any(f'"{galaxy.host.security.encode_id(user_id)}"' in rows for user_id in ids)


def test_what_happened_stays_in_the_history_without_who(galaxy: InProcess) -> None:
    _told(galaxy)
    _run(galaxy, _FORGOTTEN)
    events = galaxy.perform(TrainingsService.history, SERVER, "gryffindor")
    assert [event.action for event in events] == [
        "requested",
        "invitation accepted",
        "approved",
        "change requested",
        "changed",
        "changed",
        "invitation accepted",
        "resources on",
        "resources off",
        "redacted",
    ]
    assert {(event.user_id, event.username, event.note) for event in events} == {(None, None, "")}
    assert events[4].changes == {"title": ["Course gryffindor", "New title"]}
    assert events[-1].time == _FORGOTTEN


def test_who_asked_for_it_is_a_stranger_afterwards(galaxy: InProcess) -> None:
    _told(galaxy)
    _run(galaxy, _FORGOTTEN)
    for actor in (galaxy.user("minerva"), ANONYMOUS):
        shown = galaxy.perform(TrainingsService.show, actor, "gryffindor", _FORGOTTEN).model_dump(exclude_unset=True)
        assert "email" not in shown


@pytest.mark.parametrize("state", ["new", "approved", "rejected", "cancelled"])
def test_requests_are_forgotten_whatever_was_decided(galaxy: InProcess, state: str) -> None:
    galaxy.training(state=state)
    assert _run(galaxy, _FORGOTTEN) == {"redacted": ["gryffindor"]}


def test_redacting_twice_is_redacting_once(galaxy: InProcess) -> None:
    galaxy.training()
    _run(galaxy, _FORGOTTEN)
    before = galaxy.dump()
    assert _run(galaxy, _FORGOTTEN + timedelta(days=400)) == {}
    assert galaxy.dump() == before


@pytest.mark.parametrize(
    "settings, retain, days",
    [
        ({}, False, 60),
        ({}, True, 365),
        ({"gdpr_redact_after_days": 0}, False, 0),
        ({"gdpr_redact_after_days": 7}, False, 7),
        ({"gdpr_retain_extra_months": 24}, True, 731),
        ({"gdpr_retain_extra_months": 24}, False, 60),
        # Consent never shortens.
        ({"gdpr_retain_extra_months": 0}, True, 60),
        ({"retain_contact_require_consent": False}, False, 365),
    ],
)
def test_how_long_people_are_remembered_follows_settings_and_consent(
    make_galaxy: Callable[..., InProcess], settings: dict[str, Any], retain: bool, days: int
) -> None:
    galaxy = make_galaxy(**settings)
    galaxy.training(retain_contact=retain)
    last_day = datetime.combine(LAST_DAY, datetime.min.time())
    assert _run(galaxy, last_day + timedelta(days=days)) == ({} if days else {"switched_on": ["gryffindor"]})
    assert _run(galaxy, last_day + timedelta(days=days + 1))["redacted"] == ["gryffindor"]


def test_where_the_settings_say_so_nobody_is_forgotten(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(gdpr_auto_redact=False)
    galaxy.training()
    assert _run(galaxy, _FORGOTTEN + timedelta(days=4000)) == {}


# A dry run


@on_both_databases
@pytest.mark.parametrize("now", [BEFORE, DURING, AFTER, _FORGOTTEN])
def test_a_dry_run_says_what_would_be_done_and_changes_nothing(galaxy: InProcess, now: datetime) -> None:
    _told(galaxy)
    galaxy.training("slytherin")
    before = galaxy.dump()
    would = _run(galaxy, now, dry_run=True)
    galaxy.session.commit()
    assert galaxy.dump() == before
    assert _run(galaxy, now) == would


# All at once, one by one


def test_a_second_run_has_nothing_to_do(galaxy: InProcess) -> None:
    _told(galaxy)
    galaxy.training("slytherin")
    for now in (DURING, _FORGOTTEN):
        assert _run(galaxy, now)
        before = galaxy.dump()
        assert _run(galaxy, now) == {}
        assert galaxy.dump() == before


@pytest.mark.parametrize("bad", ["first", "second", "third"])
def test_what_fails_for_one_training_leaves_the_others_alone(
    galaxy: InProcess, caplog: pytest.LogCaptureFixture, bad: str
) -> None:
    """Here because the database refuses."""
    names = ["first", "second", "third"]
    for name in names:
        galaxy.training(name)
    group_id = galaxy.find(bad).group_id
    galaxy.session.execute(
        text(
            f"CREATE TRIGGER no BEFORE INSERT ON group_role_association WHEN NEW.group_id = {group_id}"
            " BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
    )
    galaxy.session.commit()
    good = [name for name in names if name != bad]
    with caplog.at_level(logging.ERROR):
        assert _run(galaxy, DURING) == {"switched_on": good, "failed": [bad]}
    assert [name for name in names if galaxy.is_on(f"training-{name}")] == good
    (record,) = caplog.records
    assert f"'{bad}'" in record.getMessage()
    assert "\n" not in record.getMessage()
    galaxy.session.execute(text("DROP TRIGGER no"))
    galaxy.session.commit()
    assert _run(galaxy, DURING) == {"switched_on": [bad]}


def test_a_redaction_that_fails_leaves_the_names_for_the_next_run(galaxy: InProcess) -> None:
    _told(galaxy)
    galaxy.training("slytherin", galaxy.user("severus"))
    training_id = galaxy.find("gryffindor").id
    galaxy.session.execute(
        text(
            f"CREATE TRIGGER no BEFORE UPDATE ON tiaas_training_event WHEN NEW.training_id = {training_id}"
            " BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
    )
    galaxy.session.commit()
    _run(galaxy, AFTER)
    before = _our_rows(galaxy)
    assert _run(galaxy, _FORGOTTEN) == {"redacted": ["slytherin"], "failed": ["gryffindor"]}
    assert "M. M." in _our_rows(galaxy)
    assert "M. M." in before
    assert galaxy.find("gryffindor").requester_id is not None
    assert galaxy.find("slytherin").requester_id is None


def test_a_run_that_did_something_is_one_line_in_the_log_and_one_that_did_not_is_none(
    galaxy: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    galaxy.training()
    with caplog.at_level(logging.INFO, logger="galaxy_tiaas"):
        for _ in range(2):
            _run(galaxy, DURING)
        _run(galaxy, AFTER, dry_run=True)
    (record,) = caplog.records
    assert "switched on: 1" in record.getMessage()


def test_a_report_is_true_if_anything_was_done() -> None:
    assert not LifecycleReport()
    assert LifecycleReport(switched_on=("a",)) and LifecycleReport(failed=("a",))
