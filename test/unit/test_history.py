"""What happened to all trainings: that everything is told, and that admins find it."""

import csv
import io
import json
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import Any

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.model import TrainingEvent
from galaxy_tiaas.dashboard.schema import (
    DashboardUpdate,
    StepPayload,
)
from galaxy_tiaas.dashboard.step_service import DashboardsService
from galaxy_tiaas.history.schema import (
    ACTIONS,
    HistoryFilter,
)
from galaxy_tiaas.history.service import HistoryService
from galaxy_tiaas.trainings.schema import (
    ChangeDecision,
    Note,
    TrainingUpdate,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import CHANGE_SOURCES
from in_process import (
    AFTER,
    ANONYMOUS,
    BEFORE,
    DURING,
    FIRST_DAY,
    InProcess,
    on_both_databases,
    REQUESTED,
    SERVER,
)
from sqlalchemy import (
    func,
    insert,
    select,
)


def _events(galaxy: InProcess, **wanted: Any) -> list[tuple[str, str]]:
    page = galaxy[HistoryService].page(SERVER, HistoryFilter(**wanted), limit=1000)
    return [(event.identifier, event.action) for event in page.events]


def _last(galaxy: InProcess) -> dict[str, Any]:
    return galaxy.perform(TrainingsService.history, SERVER, "gryffindor")[-1].model_dump(mode="json")


def _via(actor: Actor, via: Any) -> Actor:
    return Actor(user=actor.user, is_admin=actor.is_admin, base_url=actor.base_url, via=via)


# Everything is told


def test_a_request_is_told_with_what_was_asked_for(galaxy: InProcess) -> None:
    galaxy.user("albus")
    galaxy.request(location=["GB"], other_requests="Fish", instructors=["albus"])
    event, accepted = (
        line.model_dump(mode="json") for line in galaxy.perform(TrainingsService.history, SERVER, "gryffindor")
    )
    assert (event["action"], event["to_state"]) == ("requested", "new")
    asked = event["changes"]
    assert (asked["attendance"], asked["location"], asked["other_requests"]) == (
        [None, 20],
        [None, ["GB"]],
        [None, "Fish"],
    )
    assert asked["start"] == [None, FIRST_DAY.isoformat()]
    assert asked["invited"] == [None, ["albus"]]
    albus = galaxy.host.security.encode_id(galaxy.account("albus").id)
    assert (accepted["action"], accepted["user_id"]) == ("invitation accepted", albus)
    assert accepted["changes"] == {"instructors": [[], [albus]], "invited": [["albus"], []]}
    assert "website" not in asked and "blogpost" not in asked


@pytest.mark.parametrize(
    "field, value",
    [
        ("title", "T"),
        ("advertise", True),
        ("location", ["FR"]),
        ("timezone", "Asia/Tokyo"),
        ("destination", "training-big"),
        ("identifier", "phoenix"),
    ],
)
def test_a_change_is_told_with_old_and_new_value(galaxy: InProcess, field: str, value: Any) -> None:
    training = galaxy.training()
    before = getattr(training, field)
    galaxy.perform(TrainingsService.update, galaxy.admin(), "gryffindor", TrainingUpdate(**{field: value}), BEFORE)
    event = galaxy[HistoryService].page(SERVER, HistoryFilter()).events[0]
    assert (event.action, event.username, event.changes) == ("changed", "admin", {field: [before, value]})


def test_ending_early_and_going_on_tell_when_it_ended_and_what_became_of_the_resources(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    ended = "2026-11-17T12:00:00Z"
    galaxy.perform(TrainingsService.end, galaxy.user("minerva"), "gryffindor", Note(), DURING)
    assert _last(galaxy)["changes"] == {"ended_at": [None, ended], "resources": [True, False]}
    galaxy.perform(TrainingsService.resume, galaxy.admin(), "gryffindor", Note(), DURING)
    assert _last(galaxy)["changes"] == {"ended_at": [ended, None], "resources": [False, True]}
    galaxy.perform(TrainingsService.end, galaxy.user("minerva"), "gryffindor", Note(), DURING)
    galaxy.perform(
        TrainingsService.update, galaxy.admin(), "gryffindor", TrainingUpdate(end=date(2026, 11, 20)), DURING
    )
    assert _last(galaxy)["changes"] == {
        "end": ["2026-11-18", "2026-11-20"],
        "ended_at": [ended, None],
        "resources": [False, True],
    }


def test_resources_that_a_trainee_happens_to_switch_on_are_told_without_the_trainee(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"), galaxy.user("hermione"))
    event = _last(galaxy)
    assert (event["action"], event["username"], event["via"]) == ("resources on", None, "lifecycle")
    assert _events(galaxy, action="resources on") == [("gryffindor", "resources on")]


def test_a_wish_that_falls_with_the_training_is_told(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.perform(
        TrainingsService.update, galaxy.user("minerva"), "gryffindor", TrainingUpdate(attendance=500), REQUESTED
    )
    galaxy.decide("gryffindor", "cancelled")
    *_, wish, withdrawn, cancelled = galaxy.perform(TrainingsService.history, SERVER, "gryffindor")
    assert (withdrawn.action, withdrawn.changes) == ("change withdrawn", {"attendance": [500, None]})
    assert (wish.action, cancelled.action) == ("change requested", "cancelled")


def test_steps_are_told_with_their_tools(galaxy: InProcess) -> None:
    galaxy.training()
    for tool_id in ("cat1", "sort1"):
        steps = [StepPayload(tool_id=tool_id, label="Look")]
        galaxy.perform(
            DashboardsService.update, galaxy.user("minerva"), "gryffindor", DashboardUpdate(steps=steps), BEFORE
        )
    assert _last(galaxy)["changes"] == {"steps": [["Look (cat1)"], ["Look (sort1)"]]}


@pytest.mark.parametrize("via", CHANGE_SOURCES)
def test_each_line_says_through_which_door(galaxy: InProcess, via: Any) -> None:
    galaxy.training()
    minerva, admin = _via(galaxy.user("minerva"), via), _via(galaxy.admin(), via)
    before = len(galaxy.perform(TrainingsService.history, SERVER, "gryffindor"))
    galaxy.perform(TrainingsService.update, minerva, "gryffindor", TrainingUpdate(title="T", attendance=30), BEFORE)
    galaxy.perform(TrainingsService.update, minerva, "gryffindor", TrainingUpdate(attendance=20), BEFORE)
    galaxy.perform(TrainingsService.update, minerva, "gryffindor", TrainingUpdate(attendance=30), BEFORE)
    galaxy.perform(TrainingsService.decide_change, admin, "gryffindor", ChangeDecision(accept=True), BEFORE)
    galaxy.perform(TrainingsService.end, minerva, "gryffindor", Note(), DURING)
    galaxy.perform(TrainingsService.resume, admin, "gryffindor", Note(), DURING)
    galaxy.perform(DashboardsService.update, minerva, "gryffindor", DashboardUpdate(course_only=True), DURING)
    events = galaxy.perform(TrainingsService.history, SERVER, "gryffindor")[before:]
    assert len(events) == 8
    assert {event.via for event in events} == {via}
    assert {event.action for event in events} <= set(ACTIONS)


# Admins find it


def _some(galaxy: InProcess) -> None:
    galaxy.training("gryffindor", galaxy.user("minerva"))
    galaxy.training("slytherin", galaxy.user("severus"), at=REQUESTED + timedelta(days=1))
    galaxy.perform(
        TrainingsService.update, _via(galaxy.user("minerva"), "api"), "gryffindor", TrainingUpdate(title="T"), BEFORE
    )
    galaxy.perform(
        TrainingsService.update, _via(galaxy.admin(), "page"), "slytherin", TrainingUpdate(title="T"), DURING
    )


#: What is looked for, and which events are found.
SEARCHES: list[tuple[dict[str, str], list[str]]] = [
    ({"user": "admin"}, ["slytherin changed"]),
    ({"training": "Slytherin"}, ["slytherin approved", "slytherin changed", "slytherin requested"]),
    ({"user": "minerva"}, ["gryffindor changed", "gryffindor requested"]),
    ({"user": "Minerva@example.org"}, ["gryffindor changed", "gryffindor requested"]),
    ({"user": "server"}, ["gryffindor approved", "slytherin approved"]),
    ({"action": "changed"}, ["gryffindor changed", "slytherin changed"]),
    ({"action": "redacted"}, []),
    ({"via": "api"}, ["gryffindor changed"]),
    ({"via": "page", "user": "minerva"}, []),
    ({"since": "2026-11-10"}, ["slytherin changed"]),
    ({"since": "2026-10-02", "until": "2026-11-09"}, ["gryffindor changed", "slytherin requested"]),
    ({"until": "2026-10-01", "action": "requested"}, ["gryffindor requested"]),
]


@on_both_databases
def test_admins_find_what_they_look_for_newest_first(galaxy: InProcess) -> None:
    _some(galaxy)
    searches = []
    for wanted, _ in SEARCHES:
        searches.append((wanted, sorted(f"{identifier} {action}" for identifier, action in _events(galaxy, **wanted))))
        page = galaxy[HistoryService].page(SERVER, HistoryFilter.model_validate(wanted))
        times = [event.time for event in page.events]
        assert times == sorted(times, reverse=True), wanted
    assert searches == SEARCHES


def test_an_encoded_id_names_somebody_too(galaxy: InProcess) -> None:
    _some(galaxy)
    encoded = galaxy.host.security.encode_id(galaxy.account("minerva").id)
    assert _events(galaxy, user=encoded) == _events(galaxy, user="minerva")
    addressed = galaxy[HistoryService].addressed(
        SERVER, HistoryFilter(user="minerva@example.org", training="Gryffindor")
    )
    assert (addressed.user, addressed.training) == (encoded, "gryffindor")


@pytest.mark.parametrize("who", ["anonymous", "user", "instructor"])
def test_only_admins_see_it(galaxy: InProcess, who: str) -> None:
    _some(galaxy)
    actor = {"anonymous": ANONYMOUS, "user": galaxy.user("draco"), "instructor": galaxy.user("minerva")}[who]
    service, everything = galaxy[HistoryService], HistoryFilter()
    for action in (
        lambda: service.page(actor, everything),
        lambda: service.csv(actor, everything),
        lambda: service.json(actor, everything),
        lambda: service.addressed(actor, everything),
        lambda: service.name_of(actor, everything),
    ):
        galaxy.refused(403, action)


@pytest.mark.parametrize("wanted, status", [({"training": "hogwarts"}, 404), ({"user": "voldemort"}, 400)])
def test_what_does_not_exist_is_said(galaxy: InProcess, wanted: Any, status: int) -> None:
    galaxy.refused(status, lambda: galaxy[HistoryService].page(SERVER, HistoryFilter(**wanted)))
    galaxy.refused(status, lambda: galaxy[HistoryService].csv(SERVER, HistoryFilter(**wanted)))


def test_a_line_that_does_not_exist_is_said(galaxy: InProcess) -> None:
    galaxy.refused(400, lambda: galaxy[HistoryService].page(SERVER, HistoryFilter(), before=77))


def _many(galaxy: InProcess, count: int) -> None:
    """Several at the same second, as a run of the lifecycle makes them."""
    training = galaxy.training()
    rows = [
        {
            "training_id": training.id,
            "time": AFTER + timedelta(seconds=number // 3),
            "action": "reminded",
            "via": "lifecycle",
            "note": str(number),
            "changes": {},
        }
        for number in range(count)
    ]
    galaxy.session.execute(insert(TrainingEvent), rows)
    galaxy.session.commit()


@on_both_databases
def test_pages_go_on_where_the_one_before_ended_in_both_directions(galaxy: InProcess) -> None:
    _many(galaxy, 20)
    service, wanted = galaxy[HistoryService], HistoryFilter(action="reminded")
    pages = [service.page(SERVER, wanted, limit=7)]
    while pages[-1].has_older:
        pages.append(service.page(SERVER, wanted, before=pages[-1].events[-1].id, limit=7))
    assert [[event.note for event in page.events] for page in pages] == [
        [str(number) for number in range(19, 12, -1)],
        [str(number) for number in range(12, 5, -1)],
        [str(number) for number in range(5, -1, -1)],
    ]
    assert [page.has_newer for page in pages] == [False, True, True]
    back = service.page(SERVER, wanted, after=pages[2].events[0].id, limit=7)
    assert back.events == pages[1].events and back.has_newer and back.has_older
    first = service.page(SERVER, wanted, after=pages[1].events[0].id, limit=7)
    assert first.events == pages[0].events and not first.has_newer


@on_both_databases
def test_a_page_costs_the_same_however_much_has_happened(galaxy: InProcess) -> None:
    _many(galaxy, 1)
    counts = []
    for more in (0, 3000):
        if more:
            _grow(galaxy, more)
        galaxy.session.remove()
        with galaxy.statements() as sent:
            galaxy[HistoryService].page(SERVER, HistoryFilter(via="lifecycle"))
        counts.append(len([statement for statement in sent if statement.startswith("SELECT")]))
        assert all("count(" not in statement for statement in sent)
    assert counts == [1, 1]


def _grow(galaxy: InProcess, count: int) -> None:
    training_id = galaxy.find("gryffindor").id
    row = {"training_id": training_id, "time": AFTER, "action": "changed", "via": "page", "note": "", "changes": {}}
    galaxy.session.execute(insert(TrainingEvent), [row] * count)
    galaxy.session.commit()


@pytest.mark.parametrize(
    "wanted", [{}, {"via": "api"}, {"action": "changed"}, {"user": "server"}, {"since": "2026-11-01"}]
)
def test_pages_are_read_along_an_index(galaxy: InProcess, wanted: Any) -> None:
    _many(galaxy, 3)
    with galaxy.statements() as sent:
        galaxy[HistoryService].page(SERVER, HistoryFilter(**wanted))
    statement = next(text for text in sent if "tiaas_training_event" in text)
    with galaxy.host.model.engine.connect() as connection:
        parameters = tuple(AFTER for _ in range(statement.count("?")))
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert any("tiaas_training_event USING INDEX" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


# Files


def test_a_file_has_everything_that_fits(galaxy: InProcess) -> None:
    _some(galaxy)
    wanted = HistoryFilter(training="gryffindor")
    rows = list(csv.DictReader(io.StringIO("".join(galaxy[HistoryService].csv(SERVER, wanted)))))
    assert [row["action"] for row in rows] == [action for _, action in _events(galaxy, training="gryffindor")]
    changed = rows[0]
    assert (changed["time"], changed["training"], changed["username"], changed["via"]) == (
        "2026-11-09T12:00:00Z",
        "gryffindor",
        "minerva",
        "api",
    )
    assert json.loads(changed["changes"]) == {"title": ["Course gryffindor", "T"]}
    listed = json.loads("".join(galaxy[HistoryService].json(SERVER, wanted)))
    page = galaxy[HistoryService].page(SERVER, wanted)
    assert listed == [event.model_dump(mode="json") for event in page.events]


def test_a_file_of_nothing_is_a_file(galaxy: InProcess) -> None:
    nothing = HistoryFilter(action="redacted")
    assert json.loads("".join(galaxy[HistoryService].json(SERVER, nothing))) == []
    assert "".join(galaxy[HistoryService].csv(SERVER, nothing)).count("\n") == 1


@on_both_databases
def test_a_long_file_is_read_in_portions_without_a_session(galaxy: InProcess) -> None:
    _many(galaxy, 1201)
    pieces = galaxy[HistoryService].csv(SERVER, HistoryFilter(action="reminded"))
    galaxy.session.remove()
    with galaxy.statements() as sent:
        rows = list(csv.DictReader(io.StringIO("".join(pieces))))
    assert [int(row["note"]) for row in rows] == list(range(1200, -1, -1))
    assert len([statement for statement in sent if "tiaas_training_event" in statement]) == 3


@pytest.mark.parametrize("note", ["=cmd()", "+1", "-1", "@A1"])
def test_a_note_is_no_formula_in_a_spreadsheet(galaxy: InProcess, note: str) -> None:
    galaxy.training(title=note)
    galaxy.decide("gryffindor", "rejected", note=note)
    row = next(csv.DictReader(io.StringIO("".join(galaxy[HistoryService].csv(SERVER, HistoryFilter())))))
    assert (row["note"], row["title"]) == (f"'{note}", f"'{note}")


def test_days_are_refused_in_the_wrong_order() -> None:
    with pytest.raises(ValueError, match="must not be before the first day"):
        HistoryFilter(since=date(2026, 11, 2), until=date(2026, 11, 1))


def test_a_line_knows_its_time_to_the_second(galaxy: InProcess) -> None:
    galaxy.training()
    newest = galaxy.session.scalar(select(func.max(TrainingEvent.time)))
    assert isinstance(newest, datetime)
    assert galaxy[HistoryService].page(SERVER, HistoryFilter()).events[0].time == newest
