"""Requesting, finding, changing and deciding about trainings: who may do what, and what it does."""

from collections.abc import Callable
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.exceptions import ChangedMeanwhile
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.trainings.manager import TrainingQuery
from galaxy_tiaas.trainings.schema import (
    ChangeDecision,
    StateChange,
    TrainingCreate,
    TrainingUpdate,
    TrainingView,
)
from galaxy_tiaas.trainings.service import (
    REVIEWED_FIELDS,
    TrainingsService,
)
from galaxy_tiaas.trainings.states import (
    TrainingPhase,
    TrainingState,
    transition_exists,
)
from galaxy_tiaas.trainings.views import (
    PUBLIC_FIELDS,
)
from in_process import (
    AFTER,
    ANONYMOUS,
    BEFORE,
    DELETED,
    DURING,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
    REQUESTED,
    SERVER,
)

_PERSONAL = TrainingView.model_fields.keys() - PUBLIC_FIELDS

#: Every field that can be changed, with a value that differs from the factory's.
_CHANGES: dict[str, Any] = {
    "identifier": "phoenix",
    "title": "Defence against the dark arts",
    "description": "By the students",
    "name": "Albus",
    "email": "albus@example.org",
    "start": date(2026, 11, 15),
    "end": date(2026, 11, 20),
    "timezone": "Europe/London",
    "website": "https://example.org",
    "location": ["GB", "NO"],
    "use_gtn": True,
    "gtn_links": "https://training.galaxyproject.org",
    "non_gtn_links": "A book",
    "attendance": 28,
    "advertise": True,
    "blogpost": True,
    "retain_contact": True,
    "other_requests": "A room that comes and goes",
}
_TEXTS = sorted(set(_CHANGES) - REVIEWED_FIELDS)


def _payload(**fields: Any) -> TrainingCreate:
    usual = {"identifier": "gryffindor", "title": "Course", "start": FIRST_DAY, "end": LAST_DAY, "attendance": 20}
    return TrainingCreate(**{**usual, **fields})


def _create(galaxy: InProcess, actor: Actor, at: datetime = REQUESTED, **fields: Any) -> TrainingView:
    return galaxy[TrainingsService].create(actor, _payload(**fields), at)


def _update(galaxy: InProcess, actor: Actor, at: datetime = BEFORE, **fields: Any) -> TrainingView:
    return galaxy.perform(TrainingsService.update, actor, "gryffindor", TrainingUpdate(**fields), at)


def _show(
    galaxy: InProcess, actor: Actor = SERVER, identifier: str = "gryffindor", at: datetime = BEFORE
) -> TrainingView:
    return galaxy.perform(TrainingsService.show, actor, identifier, at)


def _decide_change(
    galaxy: InProcess, actor: Actor, accept: bool, at: datetime = BEFORE, note: str = ""
) -> TrainingView:
    return galaxy.perform(
        TrainingsService.decide_change, actor, "gryffindor", ChangeDecision(accept=accept, note=note), at
    )


def _list(galaxy: InProcess, actor: Actor = SERVER, at: datetime = BEFORE, **query: Any) -> list[str]:
    found = galaxy[TrainingsService].index(
        actor, TrainingQuery(**{"sort_by": "identifier", "sort_desc": False, **query}), at
    )
    return [view.identifier for view in found]


def _history(galaxy: InProcess) -> list[dict[str, Any]]:
    return [vars(event) for event in galaxy.perform(TrainingsService.history, SERVER, "gryffindor")]


# Request: who


@pytest.mark.parametrize("actor", [ANONYMOUS, DELETED], ids=["anonymous", "deleted account"])
def test_without_an_account_nothing_can_be_requested(galaxy: InProcess, actor: Actor) -> None:
    galaxy.refused(403, lambda: _create(galaxy, actor))


def test_a_user_requests_a_training(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    view = _create(galaxy, minerva, **{name: value for name, value in _CHANGES.items()})
    assert {name: getattr(view, name) for name in _CHANGES} == _CHANGES
    assert view.state is TrainingState.NEW
    assert view.phase is TrainingPhase.UPCOMING
    assert view.members == 0
    assert view.destination is None
    assert view.created == view.updated == REQUESTED
    assert view.requester_id == galaxy.host.security.encode_id(minerva.user_id)
    assert view.instructors == [view.requester_id]
    assert view == _show(galaxy, minerva, "phoenix", REQUESTED)


def test_name_and_address_come_from_the_account_unless_they_are_given(galaxy: InProcess) -> None:
    view = _create(galaxy, galaxy.user("minerva"))
    assert (view.name, view.email) == ("minerva", "minerva@example.org")


def test_a_request_is_the_first_line_of_the_history(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    _create(galaxy, minerva)
    (event,) = _history(galaxy)
    assert event["time"] == REQUESTED
    assert event["username"] == "minerva"
    assert (event["action"], event["from_state"], event["to_state"]) == ("requested", None, TrainingState.NEW)


def test_the_server_itself_must_say_whose_training_it_is(galaxy: InProcess) -> None:
    galaxy.refused(400, lambda: _create(galaxy, SERVER))
    view = _create(galaxy, SERVER, name="Minerva", email="minerva@example.org")
    assert (view.requester_id, view.instructors) == (None, [])


# Request: when


@pytest.mark.parametrize(
    "now, timezone, first_possible",
    [
        (datetime(2026, 10, 1, 0, 0), "UTC", date(2026, 10, 11)),
        (datetime(2026, 10, 1, 23, 59), "UTC", date(2026, 10, 11)),
        # Where it is tomorrow already, and where it is still yesterday.
        (datetime(2026, 10, 1, 12, 0), "Pacific/Kiritimati", date(2026, 10, 12)),
        (datetime(2026, 10, 1, 3, 0), "America/New_York", date(2026, 10, 10)),
    ],
)
def test_a_training_must_be_requested_ten_days_before(
    galaxy: InProcess, now: datetime, timezone: str, first_possible: date
) -> None:
    minerva, day_before = galaxy.user("minerva"), first_possible - timedelta(days=1)
    problem = galaxy.refused(
        400, lambda: _create(galaxy, minerva, now, start=day_before, end=first_possible, timezone=timezone)
    )
    assert "10 days" in str(problem)
    _create(galaxy, minerva, now, start=first_possible, end=first_possible, timezone=timezone)


def test_the_notice_period_is_that_of_the_settings(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(late_request_prevention_days=0)
    today = REQUESTED.date()
    minerva = galaxy.user("minerva")
    galaxy.refused(400, lambda: _create(galaxy, minerva, start=today - timedelta(days=1), end=today))
    _create(galaxy, minerva, start=today, end=today)


def test_who_cannot_wait_is_told_whom_to_ask(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(contact_email="help@example.org")
    minerva, today = galaxy.user("minerva"), REQUESTED.date()
    problem = galaxy.refused(400, lambda: _create(galaxy, minerva, start=today, end=today))
    assert "help@example.org" in str(problem)


def test_an_admin_is_not_bound_by_the_notice_period_nor_by_the_present(galaxy: InProcess) -> None:
    admin, today = galaxy.admin(), REQUESTED.date()
    assert _create(galaxy, admin, start=today, end=today).phase is TrainingPhase.ONGOING
    view = _create(galaxy, admin, identifier="tri-wizard", start=date(2025, 1, 1), end=date(2025, 1, 2))
    assert view.phase is TrainingPhase.FINISHED


def test_a_training_does_not_end_before_it_starts(galaxy: InProcess) -> None:
    for actor in (galaxy.user("minerva"), galaxy.admin()):
        galaxy.refused(400, lambda: _create(galaxy, actor, start=LAST_DAY, end=FIRST_DAY))  # noqa: B023


def test_days_without_a_time_zone_are_those_of_the_settings(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(timezone="Australia/Sydney", join_flex_hours=0)
    view = _create(galaxy, galaxy.user("minerva"))
    assert view.timezone == "Australia/Sydney"
    assert view.opens == datetime(2026, 11, 15, 13)
    assert view.closes == datetime(2026, 11, 18, 13)


# Request: the identifier


@pytest.mark.parametrize("state", ["new", "approved", "rejected", "cancelled"])
@pytest.mark.parametrize("identifier", ["gryffindor", "GRYFFINDOR"])
def test_an_identifier_is_given_once(galaxy: InProcess, state: str, identifier: str) -> None:
    galaxy.training(state=state)
    draco = galaxy.user("draco")
    problem = galaxy.refused(409, lambda: _create(galaxy, draco, identifier=identifier))
    assert "'gryffindor' is taken" in str(problem)


def test_an_identifier_is_no_longer_than_the_settings_allow(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(identifier_max_length=8)
    minerva = galaxy.user("minerva")
    assert "8 characters" in str(galaxy.refused(400, lambda: _create(galaxy, minerva, identifier="ninechars")))
    assert _create(galaxy, minerva, identifier="eightchr").identifier == "eightchr"


def test_an_approval_without_a_destination_means_the_usual_one(galaxy: InProcess) -> None:
    galaxy.training(destination="training-big")
    galaxy.decide("gryffindor", "rejected")
    assert galaxy.decide("gryffindor", "approved").destination is None
    history = galaxy.perform(TrainingsService.history, SERVER, "gryffindor")
    assert history[-1].changes == {"destination": ["training-big", None]}


# Show


def _everybody(galaxy: InProcess) -> dict[str, Actor]:
    """All kinds of people, around a training that `minerva` asked for, `albus` teaches and `harry` joined."""
    return {
        "anonymous": ANONYMOUS,
        "deleted": DELETED,
        "stranger": galaxy.user("draco"),
        "member": galaxy.user("harry"),
        "requester": galaxy.user("minerva"),
        "instructor": galaxy.user("albus"),
        "admin": galaxy.admin(),
        "server": SERVER,
    }


def _training(galaxy: InProcess, state: str = "approved", **fields: Any) -> dict[str, Actor]:
    people = _everybody(galaxy)
    galaxy.training(by=people["requester"], state=state, instructors=["albus"], **fields)
    if state == "approved":
        galaxy.join("gryffindor", people["member"], at=BEFORE)
    return people


_ENTITLED = {"requester", "instructor", "admin", "server"}


@pytest.mark.parametrize("who", ["anonymous", "deleted", "stranger", "member", *sorted(_ENTITLED)])
def test_personal_fields_are_for_instructors_and_admins_only(galaxy: InProcess, who: str) -> None:
    people = _training(galaxy, other_requests="A room")
    shown = _show(galaxy, people[who]).model_dump(exclude_unset=True)
    assert set(shown) >= {"identifier", "title", "start", "end", "state", "phase", "members", "join_url", "status_url"}
    assert shown["members"] == 1
    assert set(shown) & _PERSONAL == (_PERSONAL if who in _ENTITLED else set())


def test_links_lead_back_to_this_server(galaxy: InProcess) -> None:
    _training(galaxy)
    view = _show(galaxy, Actor(base_url="https://galaxy.example.org/prefix"))
    assert view.join_url == "https://galaxy.example.org/prefix/join-training/gryffindor"
    assert view.status_url == "https://galaxy.example.org/prefix/join-training/gryffindor/status"


def test_members_whose_account_was_deleted_are_not_counted(galaxy: InProcess) -> None:
    people = _training(galaxy)
    galaxy.delete_account(people["member"])
    assert _show(galaxy).members == 0


@pytest.mark.parametrize("identifier", ["GRYFFINDOR", "Gryffindor"])
def test_the_case_of_an_identifier_does_not_matter(galaxy: InProcess, identifier: str) -> None:
    _training(galaxy)
    assert _show(galaxy, ANONYMOUS, identifier).identifier == "gryffindor"


@pytest.mark.parametrize(
    "identifier", ["slytherin", "", "%", "gryffindo_", "gryffindor ", "g\uff52yffindor", "a" * 1000, "a\0"]
)
def test_other_identifiers_are_not_found(galaxy: InProcess, identifier: str) -> None:
    _training(galaxy)
    for actor in (ANONYMOUS, SERVER):
        galaxy.refused(404, lambda: _show(galaxy, actor, identifier))  # noqa: B023


# List


def _listed(galaxy: InProcess) -> dict[str, Actor]:
    people = _training(galaxy)
    for state in ("new", "approved", "rejected", "cancelled"):
        galaxy.training(f"{state}-public", people["stranger"], state=state, advertise=True)
        galaxy.training(f"{state}-secret", galaxy.user("severus"), state=state)
    return people


@pytest.mark.parametrize(
    "who, identifiers",
    [
        ("anonymous", ["approved-public"]),
        ("deleted", ["approved-public"]),
        ("stranger", ["approved-public", "cancelled-public", "new-public", "rejected-public"]),
        ("member", ["approved-public", "gryffindor"]),
        ("requester", ["approved-public", "gryffindor"]),
        ("instructor", ["approved-public", "gryffindor"]),
    ],
)
def test_the_list_has_what_is_advertised_and_what_one_knows_already(
    galaxy: InProcess, who: str, identifiers: list[str]
) -> None:
    people = _listed(galaxy)
    assert _list(galaxy, people[who]) == identifiers


@pytest.mark.parametrize("who", ["admin", "server"])
def test_admins_see_all_trainings(galaxy: InProcess, who: str) -> None:
    assert len(_list(galaxy, _listed(galaxy)[who])) == 9


def test_mine_are_those_i_asked_for_teach_or_joined(galaxy: InProcess) -> None:
    people = _listed(galaxy)
    assert _list(galaxy, people["requester"], mine=True) == ["gryffindor"]
    assert _list(galaxy, people["instructor"], mine=True) == ["gryffindor"]
    assert _list(galaxy, people["member"], mine=True) == ["gryffindor"]
    assert _list(galaxy, people["admin"], mine=True) == []


@pytest.mark.parametrize("actor", [ANONYMOUS, DELETED, SERVER])
def test_nobody_has_no_trainings_of_their_own(galaxy: InProcess, actor: Actor) -> None:
    """Not even those whose requester was redacted."""
    galaxy.request(by=galaxy.user("minerva"))
    galaxy.find("gryffindor").requester_id = None
    galaxy.session.commit()
    assert _list(galaxy, ANONYMOUS) == []
    galaxy.refused(403, lambda: _list(galaxy, actor, mine=True))


def test_those_who_left_see_it_no_more(galaxy: InProcess) -> None:
    people = _training(galaxy)
    galaxy.perform(MembershipsService.leave, people["member"], "gryffindor", DURING)
    assert _list(galaxy, people["member"]) == []


@pytest.mark.parametrize(
    "states, count", [([], 9), (["new"], 2), (["approved"], 3), (["new", "rejected"], 4), (["cancelled"], 2)]
)
def test_the_list_can_be_filtered_by_states(galaxy: InProcess, states: list[str], count: int) -> None:
    _listed(galaxy)
    assert len(_list(galaxy, states=[TrainingState(state) for state in states])) == count


@on_both_databases
def test_the_phase_in_the_list_is_the_phase_of_the_training(galaxy: InProcess) -> None:
    """The database and Python work it out in two ways."""
    galaxy.request()
    moment = timedelta(microseconds=1)
    opens, closes = datetime(2026, 11, 15, 12), datetime(2026, 11, 19, 12)
    for now in (REQUESTED, opens - moment, opens, DURING, closes - moment, closes, AFTER):
        phase = _show(galaxy, at=now).phase
        assert [p for p in TrainingPhase if _list(galaxy, at=now, phase=p)] == [phase], now


@on_both_databases
def test_a_search_finds_words_as_they_are_written(galaxy: InProcess) -> None:
    galaxy.request("rna", title="RNA-Seq data", description="Eine öffentliche Veranstaltung")
    galaxy.request("all", title="100% of it")
    galaxy.request("snake_case", title="Snakes")
    for search, identifiers in [
        ("seq", ["rna"]),
        ("SEQ", ["rna"]),
        ("data rna", ["rna"]),
        ("rna snakes", []),
        ("100%", ["all"]),
        ("%", ["all"]),
        ("_", ["snake_case"]),
        ("\\", []),
        ("'", []),
        ("  ", ["all", "rna", "snake_case"]),
        ("öffentlich", ["rna"]),
    ]:
        assert _list(galaxy, search=search) == identifiers, search


@on_both_databases
def test_a_search_for_a_country_finds_what_takes_place_there(galaxy: InProcess) -> None:
    galaxy.request("here", location=["NO", "CI"])
    galaxy.request("there", location=["IT"], title="About cocoa in Côte d'Ivoire")
    for search, identifiers in [
        ("Ivory Coast", ["here"]),
        ("côte d'ivoire", ["here", "there"]),
        ("norway", ["here"]),
        ("it", []),
        ("Narnia", []),
    ]:
        assert _list(galaxy, search=search) == identifiers, search


def test_only_admins_search_for_people(galaxy: InProcess) -> None:
    galaxy.training(advertise=True, name="Minerva McGonagall", email="cat@example.org")
    for search in ("McGonagall", "cat@"):
        assert _list(galaxy, search=search) == ["gryffindor"]
        assert _list(galaxy, ANONYMOUS, search=search) == []


def test_the_list_comes_in_pages_and_says_how_many_there_are(galaxy: InProcess) -> None:
    for number in range(5):
        galaxy.request(f"course-{number}")
    queries = [TrainingQuery(offset=n, limit=2, sort_by="identifier", sort_desc=False) for n in (0, 2, 4, 6)]
    pages = [galaxy[TrainingsService].index(SERVER, query, BEFORE) for query in queries]
    assert [[view.identifier for view in page] for page in pages] == [
        ["course-0", "course-1"],
        ["course-2", "course-3"],
        ["course-4"],
        [],
    ]
    assert {page.total for page in pages} == {5}


@pytest.mark.parametrize(
    "sort_by, identifiers",
    [
        ("identifier", ["a", "b", "c"]),
        ("title", ["c", "b", "a"]),
        ("start", ["b", "c", "a"]),
        ("end", ["b", "a", "c"]),
        ("created", ["c", "a", "b"]),
        ("attendance", ["a", "c", "b"]),
        ("state", ["c", "a", "b"]),
    ],
)
def test_the_list_can_be_sorted_in_both_directions(galaxy: InProcess, sort_by: str, identifiers: list[str]) -> None:
    for identifier, title, first, last, attendance, january, state in [
        ("a", "Z", 3, 4, 1, 2, "new"),
        ("b", "Y", 1, 1, 3, 3, "rejected"),
        ("c", "X", 2, 5, 2, 1, "cancelled"),
    ]:
        galaxy.training(
            identifier,
            title=title,
            start=date(2026, 12, first),
            end=date(2026, 12, last),
            attendance=attendance,
            at=datetime(2026, 1, january),
            state=state,
        )
    assert _list(galaxy, sort_by=sort_by) == identifiers
    assert _list(galaxy, sort_by=sort_by, sort_desc=True) == identifiers[::-1]


def test_trainings_that_sort_alike_keep_their_order_from_page_to_page(galaxy: InProcess) -> None:
    for number in range(6):
        galaxy.request(f"course-{number}")
    pages = [_list(galaxy, sort_by="start", limit=1, offset=offset) for offset in range(6)]
    assert sorted(sum(pages, [])) == [f"course-{number}" for number in range(6)]


# Change: who


@pytest.mark.parametrize("who", ["anonymous", "deleted", "stranger", "member"])
def test_those_who_do_not_teach_it_change_nothing(galaxy: InProcess, who: str) -> None:
    people = _training(galaxy)
    galaxy.refused(403, lambda: _update(galaxy, people[who], title="Mine now"))


def test_a_training_that_does_not_exist_is_not_found(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    galaxy.refused(404, lambda: _update(galaxy, minerva, title="x"))


@pytest.mark.parametrize("field", sorted(_CHANGES))
@pytest.mark.parametrize("who", ["requester", "instructor"])
def test_instructors_change_every_field_while_nobody_has_decided(galaxy: InProcess, who: str, field: str) -> None:
    people = _training(galaxy, "new")
    view = _update(galaxy, people[who], at=REQUESTED, **{field: _CHANGES[field]})
    assert getattr(view, field) == _CHANGES[field]
    assert view.requested_change is None
    assert view == _show(galaxy, people[who], view.identifier, REQUESTED)


@pytest.mark.parametrize("state", ["approved", "rejected", "cancelled"])
def test_instructors_change_the_texts_at_any_time(galaxy: InProcess, state: str) -> None:
    people = _training(galaxy, state)
    view = _update(galaxy, people["instructor"], at=AFTER, **{field: _CHANGES[field] for field in _TEXTS})
    assert {field: getattr(view, field) for field in _TEXTS} == {field: _CHANGES[field] for field in _TEXTS}
    assert view.requested_change is None


@pytest.mark.parametrize("field", sorted(REVIEWED_FIELDS))
def test_of_an_approved_training_what_costs_resources_waits_for_an_admin(galaxy: InProcess, field: str) -> None:
    people = _training(galaxy)
    before = getattr(_show(galaxy), field)
    view = _update(galaxy, people["requester"], **{field: _CHANGES[field]})
    wish = _CHANGES[field].isoformat() if isinstance(_CHANGES[field], date) else _CHANGES[field]
    assert getattr(view, field) == before
    assert view.requested_change
    assert view.requested_change.changes == {field: wish}
    assert view.requested_change.time == BEFORE


def test_texts_are_changed_at_once_though_the_rest_waits(galaxy: InProcess) -> None:
    people = _training(galaxy)
    view = _update(galaxy, people["requester"], title="New title", attendance=500)
    assert (view.title, view.attendance) == ("New title", 20)
    assert view.requested_change and view.requested_change.changes == {"attendance": 500}


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
@pytest.mark.parametrize("field", sorted(REVIEWED_FIELDS))
def test_of_a_training_that_will_not_be_only_texts_are_changed(galaxy: InProcess, state: str, field: str) -> None:
    people = _training(galaxy, state)
    galaxy.refused(403, lambda: _update(galaxy, people["requester"], title="x", **{field: _CHANGES[field]}))


@pytest.mark.parametrize("state", ["new", "approved", "rejected", "cancelled"])
@pytest.mark.parametrize("who", ["admin", "server"])
def test_admins_change_everything_at_any_time(galaxy: InProcess, state: str, who: str) -> None:
    people = _training(galaxy, state)
    past = {"start": date(2026, 1, 1), "end": date(2026, 1, 2)}
    view = _update(galaxy, people[who], at=AFTER, **{**_CHANGES, **past})
    assert {field: getattr(view, field) for field in _CHANGES} == {**_CHANGES, **past}
    assert view.phase is TrainingPhase.FINISHED
    assert view.requested_change is None


# Change: what


def test_instructors_may_name_others_and_leave(galaxy: InProcess) -> None:
    people = _training(galaxy)
    galaxy.user("filius")
    view = _update(galaxy, people["instructor"], instructors=["filius"])
    galaxy.accept_invitations("gryffindor")
    assert view.model_dump(exclude_unset=True).keys() & _PERSONAL == set()
    assert _show(galaxy).instructors == [
        galaxy.host.security.encode_id(galaxy.user(name).user_id) for name in ("minerva", "filius")
    ]
    galaxy.refused(403, lambda: _update(galaxy, people["instructor"], title="x"))


def test_naming_the_same_instructors_again_changes_nothing(galaxy: InProcess) -> None:
    people = _training(galaxy)
    before = galaxy.dump()
    _update(galaxy, people["requester"], instructors=["albus", "minerva@example.org"])
    _update(galaxy, galaxy.admin(), instructors=["albus@example.org", "minerva"])
    assert galaxy.dump() == before


def test_values_that_are_there_already_leave_no_trace(galaxy: InProcess) -> None:
    people = _training(galaxy, location=["DE", "FR"])
    before = galaxy.dump()
    _update(
        galaxy,
        people["requester"],
        identifier="GRYFFINDOR",
        start=FIRST_DAY,
        end=LAST_DAY,
        timezone="UTC",
        attendance=20,
        location=["DE", "FR"],
        title="Course gryffindor",
    )
    _update(galaxy, people["requester"])
    assert galaxy.dump() == before


def test_countries_are_replaced_and_keep_the_order_in_which_they_are_given(galaxy: InProcess) -> None:
    people = _training(galaxy, "new", location=["DE", "FR"])
    assert _update(galaxy, people["requester"], location=["NO", "FR"]).location == ["NO", "FR"]
    galaxy.session.expire_all()
    assert _show(galaxy).location == ["NO", "FR"]
    assert _update(galaxy, people["requester"], location=["FR", "NO"]).location == ["FR", "NO"]
    galaxy.session.expire_all()
    assert _show(galaxy).location == ["FR", "NO"]
    assert _update(galaxy, people["requester"], location=[]).location == []


def test_the_history_says_who_changed_what_from_what_to_what(galaxy: InProcess) -> None:
    people = _training(galaxy, "new")
    _update(galaxy, people["instructor"], at=BEFORE, title="New title", end=date(2026, 11, 19), use_gtn=False)
    event = _history(galaxy)[-1]
    assert (event["time"], event["username"], event["action"]) == (BEFORE, "albus", "changed")
    assert event["changes"] == {"title": ["Course gryffindor", "New title"], "end": ["2026-11-18", "2026-11-19"]}
    assert _show(galaxy).updated == BEFORE


@pytest.mark.parametrize("who", ["requester", "admin"])
def test_days_in_the_wrong_order_are_refused_whichever_of_them_is_changed(galaxy: InProcess, who: str) -> None:
    people = _training(galaxy, "new")
    galaxy.refused(400, lambda: _update(galaxy, people[who], REQUESTED, end=FIRST_DAY - timedelta(days=1)))
    galaxy.refused(400, lambda: _update(galaxy, people[who], REQUESTED, start=LAST_DAY + timedelta(days=1)))


@pytest.mark.parametrize("state", ["new", "approved"])
def test_an_identifier_that_is_too_long_is_refused(galaxy: InProcess, state: str) -> None:
    people = _training(galaxy, state)
    for who in ("requester", "admin"):
        galaxy.refused(400, lambda: _update(galaxy, people[who], REQUESTED, identifier="a" * 21))  # noqa: B023


@on_both_databases
def test_an_identifier_of_another_training_is_refused(galaxy: InProcess) -> None:
    people = _training(galaxy, "new")
    galaxy.request("slytherin")
    for who in ("requester", "admin"):
        galaxy.refused(409, lambda: _update(galaxy, people[who], REQUESTED, identifier="Slytherin", title="x"))  # noqa: B023


def test_a_request_cannot_be_moved_around_the_notice_period(galaxy: InProcess) -> None:
    people = _training(galaxy, "new")
    tomorrow = REQUESTED.date() + timedelta(days=1)
    assert "10 days" in str(
        galaxy.refused(400, lambda: _update(galaxy, people["requester"], REQUESTED, start=tomorrow))
    )
    assert _update(galaxy, people["admin"], REQUESTED, start=tomorrow).start == tomorrow


def test_a_late_request_can_still_be_made_longer_or_corrected(galaxy: InProcess) -> None:
    """Ten days before is over, but the start stays as it is."""
    people = _training(galaxy, "new")
    view = _update(galaxy, people["requester"], BEFORE, end=date(2026, 11, 19), start=FIRST_DAY, attendance=30)
    assert (view.start, view.end, view.attendance) == (FIRST_DAY, date(2026, 11, 19), 30)


def test_instructors_cannot_put_the_end_into_the_past(galaxy: InProcess) -> None:
    people = _training(galaxy)
    past = {"start": date(2026, 11, 1), "end": date(2026, 11, 2)}
    galaxy.refused(400, lambda: _update(galaxy, people["requester"], BEFORE, **past))


def test_a_running_training_may_be_asked_to_last_longer(galaxy: InProcess) -> None:
    people = _training(galaxy)
    view = _update(galaxy, people["requester"], DURING, end=date(2026, 11, 20))
    assert view.requested_change and view.requested_change.changes == {"end": "2026-11-20"}


def test_an_admin_changes_the_destination_of_an_approved_training(galaxy: InProcess) -> None:
    people = _training(galaxy)
    assert _update(galaxy, people["admin"], destination="training-big").destination == "training-big"
    assert _history(galaxy)[-1]["changes"] == {"destination": [None, "training-big"]}
    assert _update(galaxy, people["admin"], destination="").destination is None
    galaxy.refused(400, lambda: _update(galaxy, people["admin"], destination="sorting_hat"))


@pytest.mark.parametrize("state", ["new", "approved"])
def test_instructors_choose_no_destination(galaxy: InProcess, state: str) -> None:
    people = _training(galaxy, state)
    for who in ("requester", "instructor"):
        galaxy.refused(403, lambda: _update(galaxy, people[who], title="x", destination="training-big"))  # noqa: B023


# A change that waits


@pytest.mark.parametrize("who", ["anonymous", "deleted", "stranger", "member", "requester", "instructor"])
def test_only_admins_decide_about_a_change(galaxy: InProcess, who: str) -> None:
    people = _training(galaxy)
    _update(galaxy, people["requester"], attendance=500)
    galaxy.refused(403, lambda: _decide_change(galaxy, people[who], True))


def test_a_change_that_is_accepted_happens(galaxy: InProcess) -> None:
    people = _training(galaxy)
    _update(galaxy, people["requester"], attendance=500, end=date(2026, 11, 20), identifier="phoenix")
    view = galaxy.perform(
        TrainingsService.decide_change,
        people["admin"],
        "gryffindor",
        ChangeDecision(accept=True, note="Have fun"),
        DURING,
    )
    assert (view.attendance, view.end, view.identifier) == (500, date(2026, 11, 20), "phoenix")
    assert view.closes == datetime(2026, 11, 21, 12)
    assert view.requested_change is None
    assert galaxy.members("training-phoenix") == ["harry"]
    event = galaxy.perform(TrainingsService.history, SERVER, "phoenix")[-1]
    assert (event.action, event.username, event.note) == ("change accepted", "admin", "Have fun")
    assert event.changes["attendance"] == [20, 500]


def test_a_change_that_is_accepted_switches_the_cohort(galaxy: InProcess) -> None:
    people = _training(galaxy)
    _update(galaxy, people["requester"], BEFORE, start=BEFORE.date())
    assert not galaxy.is_on("training-gryffindor")
    _decide_change(galaxy, people["admin"], True)
    assert galaxy.is_on("training-gryffindor")


def test_a_change_that_is_declined_does_not_happen(galaxy: InProcess) -> None:
    people = _training(galaxy)
    _update(galaxy, people["requester"], attendance=500)
    view = _decide_change(galaxy, people["admin"], False, note="Too many")
    assert (view.attendance, view.requested_change) == (20, None)
    event = _history(galaxy)[-1]
    assert (event["action"], event["note"], event["changes"]) == ("change declined", "Too many", {})


def test_where_no_change_waits_none_can_be_decided(galaxy: InProcess) -> None:
    people = _training(galaxy)
    galaxy.refused(409, lambda: _decide_change(galaxy, people["admin"], True))
    _update(galaxy, people["requester"], attendance=500)
    _decide_change(galaxy, people["admin"], True)
    galaxy.refused(409, lambda: _decide_change(galaxy, people["admin"], True))


def test_a_second_wish_is_added_to_the_first(galaxy: InProcess) -> None:
    people = _training(galaxy)
    _update(galaxy, people["requester"], attendance=500, end=date(2026, 11, 20))
    view = _update(galaxy, people["instructor"], at=DURING, attendance=400)
    change = view.requested_change
    assert change and change.changes == {"attendance": 400, "end": "2026-11-20"}
    assert change.time == DURING


def test_a_wish_is_taken_back_by_asking_for_what_is(galaxy: InProcess) -> None:
    people = _training(galaxy)
    _update(galaxy, people["requester"], attendance=500, end=date(2026, 11, 20))
    change = _update(galaxy, people["requester"], attendance=20).requested_change
    assert change and change.changes == {"end": "2026-11-20"}
    assert _update(galaxy, people["requester"], end=LAST_DAY).requested_change is None


def test_days_that_are_wished_one_after_the_other_are_judged_together(galaxy: InProcess) -> None:
    people = _training(galaxy)
    requester = people["requester"]
    _update(galaxy, requester, start=date(2026, 11, 18))
    problem: Any = galaxy.refused(400, lambda: _update(galaxy, requester, end=date(2026, 11, 17)))
    assert problem.field == "end"
    later = _update(galaxy, requester, end=date(2026, 11, 25))
    assert later.requested_change and later.requested_change.changes == {"start": "2026-11-18", "end": "2026-11-25"}
    beyond = _update(galaxy, requester, start=date(2026, 11, 20)).requested_change
    assert beyond and beyond.changes == {"start": "2026-11-20", "end": "2026-11-25"}
    assert _decide_change(galaxy, people["admin"], True).end == date(2026, 11, 25)


def test_an_admin_who_sends_everything_back_takes_no_wish_away(galaxy: InProcess) -> None:
    """As a program does that reads a training, changes one field and writes all of it."""
    people = _training(galaxy)
    _update(galaxy, people["requester"], attendance=500, end=date(2026, 11, 20))
    change = _update(galaxy, people["admin"], title="Better", attendance=20, end=LAST_DAY).requested_change
    assert change and change.changes == {"attendance": 500, "end": "2026-11-20"}
    change = _update(galaxy, people["admin"], end=date(2026, 11, 20)).requested_change
    assert change and change.changes == {"attendance": 500}, "what has come true waits no longer"
    assert _update(galaxy, people["admin"], attendance=500).requested_change is None


def test_an_identifier_that_is_taken_cannot_be_wished_for(galaxy: InProcess) -> None:
    people = _training(galaxy)
    galaxy.request("phoenix")
    galaxy.refused(409, lambda: _update(galaxy, people["requester"], identifier="phoenix"))
    assert _show(galaxy).requested_change is None


def test_a_wish_that_became_impossible_is_refused_and_goes_on_waiting(galaxy: InProcess) -> None:
    people = _training(galaxy)
    _update(galaxy, people["requester"], identifier="phoenix")
    galaxy.request("phoenix")
    galaxy.refused(409, lambda: _decide_change(galaxy, people["admin"], True))
    assert _show(galaxy).requested_change


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_a_training_that_will_not_be_waits_for_nothing(galaxy: InProcess, state: str) -> None:
    people = _training(galaxy)
    _update(galaxy, people["requester"], attendance=500)
    galaxy.decide("gryffindor", state)
    assert _show(galaxy).requested_change is None


def test_a_wish_is_part_of_the_history(galaxy: InProcess) -> None:
    people = _training(galaxy)
    _update(galaxy, people["requester"], attendance=500, end=date(2026, 11, 20))
    event = _history(galaxy)[-1]
    assert (event["action"], event["username"]) == ("change requested", "minerva")
    assert event["changes"] == {"attendance": [20, 500], "end": ["2026-11-18", "2026-11-20"]}


# Decisions


_TRANSITIONS = [(current, target) for current in TrainingState for target in TrainingState]


@pytest.mark.parametrize("who", ["admin", "server"])
@pytest.mark.parametrize("current, target", _TRANSITIONS)
def test_admins_decide_what_the_table_of_transitions_has(
    galaxy: InProcess, who: str, current: TrainingState, target: TrainingState
) -> None:
    people = _training(galaxy, current.value)

    def decide() -> TrainingView:
        return galaxy.perform(
            TrainingsService.set_state,
            people[who],
            "gryffindor",
            StateChange(state=target, note="So be it"),
            BEFORE,
        )

    if not transition_exists(current, target):
        problem = galaxy.refused(409, decide)
        assert current.value in str(problem) and target.value in str(problem)
        return
    view = decide()
    assert view.state is target
    event = _history(galaxy)[-1]
    assert (event["action"], event["from_state"], event["to_state"]) == (target.value, current, target)
    assert (event["time"], event["note"]) == (BEFORE, "So be it")
    assert event["username"] == (None if who == "server" else "admin")


@pytest.mark.parametrize("who", ["requester", "instructor"])
@pytest.mark.parametrize("current, target", _TRANSITIONS)
def test_instructors_may_cancel_and_nothing_else(
    galaxy: InProcess, who: str, current: TrainingState, target: TrainingState
) -> None:
    people = _training(galaxy, current.value)

    def decide() -> TrainingView:
        return galaxy.perform(
            TrainingsService.set_state,
            people[who],
            "gryffindor",
            StateChange(state=target),
            BEFORE,
        )

    if target is not TrainingState.CANCELLED:
        galaxy.refused(403, decide)
    elif not transition_exists(current, target):
        galaxy.refused(409, decide)
    else:
        assert decide().state is TrainingState.CANCELLED


@pytest.mark.parametrize("who", ["anonymous", "deleted", "stranger", "member"])
@pytest.mark.parametrize("target", list(TrainingState))
def test_others_decide_nothing(galaxy: InProcess, who: str, target: TrainingState) -> None:
    people = _training(galaxy)
    galaxy.refused(
        403,
        lambda: galaxy.perform(
            TrainingsService.set_state, people[who], "gryffindor", StateChange(state=target), BEFORE
        ),
    )


def _approve(galaxy: InProcess, destination: Optional[str], identifier: str = "gryffindor") -> TrainingView:
    return galaxy.decide(identifier, "approved", destination=destination)


def test_a_destination_can_be_chosen_at_approval(galaxy: InProcess) -> None:
    galaxy.request()
    assert _approve(galaxy, "training-big").destination == "training-big"
    assert _history(galaxy)[-1]["changes"] == {"destination": [None, "training-big"]}


@pytest.mark.parametrize("destination", ["nowhere", "sorting_hat", "training_big", " ; "])
def test_a_destination_that_is_not_there_or_decides_itself_is_refused(galaxy: InProcess, destination: str) -> None:
    galaxy.request()
    problem = galaxy.refused(400, lambda: _approve(galaxy, destination))
    assert "training-big" in str(problem)
    assert "sorting_hat." not in str(problem).replace(f"'{destination}'", "")


def test_an_admin_chooses_from_the_settings_if_they_name_any(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(destinations=["training-big"])
    galaxy.request()
    galaxy.refused(400, lambda: _approve(galaxy, "training"))
    assert _approve(galaxy, "training-big").destination == "training-big"


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_a_destination_is_part_of_an_approval_only(galaxy: InProcess, state: str) -> None:
    galaxy.request()
    galaxy.refused(400, lambda: galaxy.decide("gryffindor", state, destination="training-big"))


def test_several_trainings_are_decided_each_on_its_own(galaxy: InProcess) -> None:
    galaxy.foreign_group("training-b")
    for identifier in "abc":
        galaxy.request(identifier)
    approval = StateChange(state=TrainingState.APPROVED, note="All of you")
    identifiers = dict.fromkeys(["a", "b", "nowhere", "c"])
    problems = galaxy[TrainingsService].set_states(galaxy.admin(), identifiers, approval, BEFORE)
    assert set(problems) == {"b", "nowhere"}
    assert "Galaxy group called 'training-b'" in problems["b"]
    assert [galaxy.find(identifier).state for identifier in "abc"] == ["approved", "new", "approved"]


@pytest.mark.parametrize("who", ["anonymous", "deleted", "stranger", "member", "requester", "instructor"])
def test_only_admins_decide_about_several(galaxy: InProcess, who: str) -> None:
    people = _training(galaxy)
    service, change = galaxy[TrainingsService], StateChange(state=TrainingState.CANCELLED)
    galaxy.refused(403, lambda: service.set_states(people[who], {"gryffindor": None}, change, BEFORE))


def test_what_has_changed_since_it_was_read_is_not_decided(galaxy: InProcess) -> None:
    galaxy.request()
    service, admin = galaxy[TrainingsService], galaxy.admin()
    read = galaxy.find("gryffindor").version
    galaxy.perform(
        TrainingsService.update, galaxy.user("minerva"), "gryffindor", TrainingUpdate(attendance=900), BEFORE
    )
    approval = StateChange(state=TrainingState.APPROVED)
    problem = galaxy.refused(
        409, lambda: galaxy.perform(TrainingsService.set_state, admin, "gryffindor", approval, BEFORE, version=read)
    )
    assert "has changed since you opened it, so nothing was saved" in str(problem)
    assert list(service.set_states(admin, {"gryffindor": read}, approval, BEFORE)) == ["gryffindor"]
    galaxy.perform(
        TrainingsService.set_state, admin, "gryffindor", approval, BEFORE, version=galaxy.find("gryffindor").version
    )
    assert galaxy.find("gryffindor").state == "approved"


def test_a_wish_that_has_changed_since_it_was_read_is_not_accepted(galaxy: InProcess) -> None:
    galaxy.request()
    galaxy.decide("gryffindor", "approved")
    minerva, accept = galaxy.user("minerva"), ChangeDecision(accept=True)
    galaxy.perform(TrainingsService.update, minerva, "gryffindor", TrainingUpdate(attendance=30), BEFORE)
    read = galaxy.find("gryffindor").version
    galaxy.perform(
        TrainingsService.update, minerva, "gryffindor", TrainingUpdate(attendance=900), BEFORE + timedelta(seconds=1)
    )
    later = BEFORE + timedelta(minutes=1)
    admin = galaxy.admin()
    galaxy.refused(
        409, lambda: galaxy.perform(TrainingsService.decide_change, admin, "gryffindor", accept, later, version=read)
    )
    read = galaxy.find("gryffindor").version
    assert (
        galaxy.perform(TrainingsService.decide_change, admin, "gryffindor", accept, later, version=read).attendance
        == 900
    )


@on_both_databases
def test_only_the_version_that_was_read_is_changed(galaxy: InProcess) -> None:
    read = galaxy.request().version
    minerva = galaxy.user("minerva")
    assert galaxy.perform(TrainingsService.show, minerva, "gryffindor", BEFORE).version == read
    changed = galaxy.perform(
        TrainingsService.update, minerva, "gryffindor", TrainingUpdate(title="Charms", version=read), BEFORE
    )
    assert changed.version == galaxy.find("gryffindor").version != read
    stale = TrainingUpdate(title="Potions", version=read)
    problem = galaxy.refused(409, lambda: galaxy.perform(TrainingsService.update, minerva, "gryffindor", stale, BEFORE))
    assert isinstance(problem, ChangedMeanwhile)
    fresh = TrainingUpdate(title="Potions", version=changed.version)
    assert galaxy.perform(TrainingsService.update, minerva, "gryffindor", fresh, BEFORE).title == "Potions"


def test_what_fields_held_in_an_earlier_version_is_told(galaxy: InProcess) -> None:
    read = galaxy.request(attendance=20).version
    galaxy.decide("gryffindor", "approved", at=BEFORE)
    minerva, draco = galaxy.user("minerva"), galaxy.user("draco")
    for seconds, title in enumerate(("Charms", "Potions"), start=1):
        galaxy.perform(
            TrainingsService.update,
            minerva,
            "gryffindor",
            TrainingUpdate(title=title),
            BEFORE + timedelta(seconds=seconds),
        )
    # What only waits is not changed, and what is taken back was not.
    for seconds, attendance in enumerate((30, 20), start=3):
        update = TrainingUpdate(attendance=attendance)
        galaxy.perform(TrainingsService.update, minerva, "gryffindor", update, BEFORE + timedelta(seconds=seconds))
    held = galaxy.perform(TrainingsService.changed_since, minerva, "gryffindor", read)
    assert (held["title"], held["attendance"]) == ("Course gryffindor", 20)
    assert (
        galaxy.perform(TrainingsService.changed_since, minerva, "gryffindor", galaxy.find("gryffindor").version) == {}
    )
    assert galaxy.perform(TrainingsService.changed_since, minerva, "gryffindor", "no version") == {}
    galaxy.refused(403, lambda: galaxy.perform(TrainingsService.changed_since, draco, "gryffindor", read))


# What instructors and admins see besides


@pytest.mark.parametrize("who", ["anonymous", "deleted", "stranger", "member"])
def test_history_and_people_are_for_instructors_and_admins(galaxy: InProcess, who: str) -> None:
    people = _training(galaxy)
    galaxy.refused(403, lambda: galaxy.perform(TrainingsService.history, people[who], "gryffindor"))
    galaxy.refused(403, lambda: galaxy.perform(TrainingsService.people, people[who], "gryffindor"))


@pytest.mark.parametrize("who", sorted(_ENTITLED))
def test_they_see_every_step_and_everybody_who_teaches(galaxy: InProcess, who: str) -> None:
    people = _training(galaxy)
    galaxy.decide("gryffindor", "cancelled", at=DURING)
    events = galaxy.perform(TrainingsService.history, people[who], "gryffindor")
    assert [event.action for event in events] == ["requested", "invitation accepted", "approved", "cancelled"]
    found = galaxy.perform(TrainingsService.people, people[who], "gryffindor")
    assert [(person.name, person.requester) for person in found] == [("minerva", True), ("albus", False)]


@pytest.mark.parametrize(
    "who, known",
    [
        ("admin", ["minerva@example.org", "albus@example.org"]),
        ("requester", ["minerva@example.org", None]),
        ("instructor", [None, "albus@example.org"]),
    ],
)
def test_naming_somebody_as_an_instructor_does_not_tell_their_address(
    galaxy: InProcess, who: str, known: list[Optional[str]]
) -> None:
    """Anybody may request a training and name anybody."""
    people = _training(galaxy)
    assert [person.email for person in galaxy.perform(TrainingsService.people, people[who], "gryffindor")] == known
