"""What members and visitors are shown of a class must not tell whose pseudonym is whose."""

import json
import re
from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from types import SimpleNamespace
from typing import (
    Any,
    cast,
)

import pytest
import sqlalchemy
from galaxy.model import Job
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.cache import CachedResponse
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.dashboard.help_service import HelpService
from galaxy_tiaas.dashboard.pages import (
    DashboardPages,
)
from galaxy_tiaas.dashboard.service import (
    ChartsService,
    StatusService,
)
from galaxy_tiaas.dashboard.step_service import ProgressService
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.web.permissions import (
    may_watch,
)
from galaxy_tiaas.web.templates import Templates
from in_process import (
    ANONYMOUS,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

_SECOND = timedelta(seconds=1)
#: A moment that is no whole minute.
_NOW = DURING + timedelta(seconds=17, microseconds=123_456)
_TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?")
_GALAXY_CONFIG = cast(Any, SimpleNamespace(galaxy_url_prefix="/", brand="", error_email_to=None, smtp_server=None))
MakeGalaxy = Callable[..., InProcess]


@pytest.fixture
def galaxy(make_galaxy: MakeGalaxy) -> InProcess:
    """Everybody sees the dashboards; windows open and close at odd times."""
    return make_galaxy(status_visibility="public", join_flex_hours=12.3456)


def _class(galaxy: InProcess, *names: str) -> list[Actor]:
    galaxy.training()
    people = [galaxy.user(name) for name in names or ("harry", "ron", "hermione")]
    galaxy.join("gryffindor", *people)
    return people


def _at_work(galaxy: InProcess) -> dict[str, Actor]:
    """A class that has done something, and those who look at it."""
    harry, ron, _ = _class(galaxy)
    galaxy.job(harry, at=_NOW - 41 * _SECOND)
    galaxy.job(ron, state="error", at=_NOW - 99 * _SECOND)
    galaxy.invocation(harry, at=_NOW - 43 * _SECOND)
    return {"visitor": ANONYMOUS, "member": harry, "instructor": galaxy.user("minerva"), "admin": galaxy.admin()}


def _everything(galaxy: InProcess, actor: Actor, identifier: str = "gryffindor", at: datetime = _NOW) -> dict[str, Any]:
    """All JSON about the class, by the operation."""
    looks: dict[str, CachedResponse[Any]] = {
        "status": galaxy.perform(StatusService.status, actor, identifier, 3, at),
        "progress": galaxy.perform(ProgressService.progress, actor, identifier, at),
        "activity": galaxy.perform(ChartsService.show, actor, identifier, 3, at),
    }
    return {name: json.loads(published.json) for name, published in looks.items()}


@pytest.mark.parametrize(
    "who, detailed", [("visitor", False), ("member", False), ("instructor", True), ("admin", True)]
)
def test_single_jobs_are_for_those_who_teach(galaxy: InProcess, who: str, detailed: bool) -> None:
    status = _everything(galaxy, _at_work(galaxy)[who])["status"]
    assert ("queue" in status, "queue" in status["invocations"]) == (detailed, detailed)
    assert (status["jobs"]["total"], status["invocations"]["total"]) == (2, 1)


@pytest.mark.parametrize(
    "who, detailed", [("visitor", False), ("member", False), ("instructor", True), ("admin", True)]
)
def test_all_others_are_told_whole_minutes(galaxy: InProcess, who: str, detailed: bool) -> None:
    for look in _everything(galaxy, _at_work(galaxy)[who]).values():
        times = _TIMES.findall(json.dumps(look))
        assert times
        assert all(time.endswith(":00Z") for time in times) is not detailed


def test_what_is_shown_of_the_past_has_whole_minutes_too(galaxy: InProcess) -> None:
    """Whoever teaches may show the room a class that is over."""
    _at_work(galaxy)
    galaxy.find("gryffindor").end_early(_NOW)
    galaxy.session.commit()
    status = galaxy.perform(
        StatusService.status, SERVER, "gryffindor", 3, _NOW + timedelta(days=1), for_class=True
    ).value
    assert (status.until, status.jobs.total) == (DURING, 2)


@pytest.mark.parametrize("who, last_second", [("member", 59), ("instructor", 17)])
def test_a_job_drops_out_of_the_hours_with_its_minute(make_galaxy: MakeGalaxy, who: str, last_second: int) -> None:
    """Or else its second could be seen from that."""
    galaxy = make_galaxy(status_refresh_seconds=0)
    actor = _at_work(galaxy)[who]
    galaxy.job(galaxy.user("harry"), at=DURING + 17 * _SECOND - timedelta(hours=1))

    def total(at: datetime) -> int:
        return galaxy.perform(StatusService.status, actor, "gryffindor", 1, at).value.jobs.total

    assert [total(DURING + (last_second + after) * _SECOND) for after in (0, 1)] == [3, 2]


def test_people_stand_in_the_order_of_their_names(galaxy: InProcess) -> None:
    people = _class(galaxy, *(f"pupil{number}" for number in range(12)))
    for who in (ANONYMOUS, people[0], SERVER):
        looks = _everything(galaxy, who)
        for users in (looks["status"]["users"], looks["progress"]["users"]):
            names = [user["pseudonym"] for user in users]
            assert len(names) == 12 and names == sorted(names)


@pytest.mark.parametrize("first", ["member", "instructor"])
def test_nobody_is_given_what_was_made_for_others(galaxy: InProcess, first: str) -> None:
    people = _at_work(galaxy)
    galaxy.keep_results()
    for who in (first, *({"member", "instructor"} - {first})):
        looks: list[CachedResponse[Any]] = [
            galaxy.perform(StatusService.status, people[who], "gryffindor", 3, _NOW),
            galaxy.perform(ProgressService.progress, people[who], "gryffindor", _NOW),
            galaxy.perform(ChartsService.show, people[who], "gryffindor", 3, _NOW),
        ]
        seconds = [json.loads(look.json)["generated"][-3:-1] for look in looks]
        assert seconds == ["00" if who == "member" else "17"] * 3
        assert ('"queue"' in looks[0].json.decode()) is (who == "instructor")


@pytest.mark.parametrize("who, same", [("member", True), ("instructor", False)])
def test_an_entity_tag_says_nothing_of_seconds(make_galaxy: MakeGalaxy, who: str, same: bool) -> None:
    galaxy = make_galaxy(status_refresh_seconds=0)
    actor = _at_work(galaxy)[who]
    tags = set()
    for second in (1, 11):
        galaxy.session.execute(sqlalchemy.update(Job).values(create_time=DURING - second * _SECOND))
        galaxy.session.commit()
        tags.add(galaxy.perform(StatusService.status, actor, "gryffindor", 3, _NOW).etag)
    assert (len(tags) == 1) is same


# The page


def _look(galaxy: InProcess, actor: Actor, templates: Templates, **query: str) -> DashboardPages:
    page = SimpleNamespace(
        actor=actor, now=_NOW, request=SimpleNamespace(query_params=query), token="token", templates=templates
    )
    return cast(Any, DashboardPages)(
        training=galaxy.found(may_watch, actor, "gryffindor", _NOW),
        page=page,
        service=galaxy[StatusService],
        memberships=galaxy[MembershipsService],
        progress=galaxy[ProgressService],
        help=galaxy[HelpService],
        config=galaxy[TiaasConfig],
    )


@pytest.mark.parametrize("first", ["member", "instructor"])
def test_the_page_of_a_member_has_neither_lists_nor_seconds(galaxy: InProcess, first: str) -> None:
    people = _at_work(galaxy)
    templates = Templates(galaxy[TiaasConfig], _GALAXY_CONFIG, 0)
    order = [first, *({"member", "instructor"} - {first})]
    looks = {who: _look(galaxy, people[who], templates, lists="all") for who in order}
    html = {who: look.live for who, look in looks.items()}
    in_lists = ('id="jobs-heading"', 'id="job-rows"', 'id="invocation-rows"', "One by one")
    assert [text in html["instructor"] for text in in_lists] == [True] * 4
    assert [text in html["member"] for text in in_lists] == [False] * 4
    assert "1 in all" in re.sub("<[^>]*>", "", html["member"])
    seconds = {who: set(re.findall(r'datetime="[^"]*:(\d\d)Z"', text)) for who, text in html.items()}
    assert seconds["member"] == {"00"} != seconds["instructor"]
    assert looks["member"].etag != looks["instructor"].etag


def test_a_projector_shows_what_the_class_may_see(make_galaxy: MakeGalaxy) -> None:
    """Whoever is logged in at it: neither user names nor seconds."""
    galaxy = make_galaxy(instructors_see_usernames=True)
    minerva = _at_work(galaxy)["instructor"]
    templates = Templates(galaxy[TiaasConfig], _GALAXY_CONFIG, 0)
    desk, wall = _look(galaxy, minerva, templates), _look(galaxy, minerva, templates, view="wall")
    assert "hermione" in desk.live and 'id="jobs-heading"' in desk.live
    assert "hermione" not in wall.live and "0 hands" in " ".join(re.sub("<[^>]*>", "", wall.live).split())
    assert set(re.findall(r'datetime="[^"]*:(\d\d)Z"', wall.live)) == {"00"}


# An attack


@on_both_databases
def test_neither_another_dashboard_nor_a_published_history_tells_who_somebody_is(galaxy: InProcess) -> None:
    """A visitor looks at two running trainings with one common member, who publishes a history.

    Jobs of every kind, each in a minute of its own: placed by our rule or not, internal, waiting, of workflows.
    """
    crowd = {
        "gryffindor": [galaxy.user(f"lion{number}") for number in range(4)],
        "slytherin": [galaxy.user(f"snake{number}") for number in range(4)],
    }
    luna = galaxy.user("luna")
    for identifier, people in crowd.items():
        galaxy.training(identifier)
        galaxy.join(identifier, *people[:2], luna, *people[2:])
    moments = [_NOW - timedelta(minutes=3 * number, seconds=number) for number in range(1, 25)]
    published = galaxy.history(luna)
    tagged = galaxy.history(luna, "#gryffindor")
    for number, at in enumerate(reversed(moments)):
        tool, state = ("__DATA_FETCH__", "ok") if number % 3 == 0 else ("cat1", ("new", "error", "ok")[number % 4 % 3])
        noted = ("", "gryffindor", "slytherin", "")[number % 4] if number % 3 else ""
        galaxy.job(luna, tool, state, at=at, history=tagged if number % 5 == 0 else published, noted=noted)
        galaxy.invocation(luna, at=at, history=tagged if number % 5 == 0 else published)
    looks = {identifier: _everything(galaxy, ANONYMOUS, identifier) for identifier in crowd}
    lions, snakes = looks["gryffindor"], looks["slytherin"]

    for what in ("jobs", "invocations"):
        totals = [look["status"][what]["total"] for look in looks.values()]
        assert sum(totals) == len(moments) and all(totals)
    charted = [
        {bucket["start"] for bucket in look["activity"]["buckets"] if bucket["states"]} for look in looks.values()
    ]
    assert (
        sum(sum(bucket["states"].values()) for look in looks.values() for bucket in look["activity"]["buckets"]) == 24
    )
    assert all(charted)
    active = [{user["last_active"] for user in look["status"]["users"]} - {None} for look in looks.values()]
    assert not active[0] & active[1]
    for name in ("status", "progress"):
        first, second = ({user["pseudonym"] for user in look[name]["users"]} for look in (lions, snakes))
        assert not first & second
        looks_of = [{(user["colour"], user["shape"]) for user in look[name]["users"]} for look in (lions, snakes)]
        assert all(len(found) > 1 for found in looks_of)
    text = json.dumps(looks)
    assert not [at for at in moments if f"{at:%H:%M:%S}" in text]
    # A pseudonym may begin with her name.
    assert '"luna"' not in text and "luna@" not in text and '"queue"' not in text
