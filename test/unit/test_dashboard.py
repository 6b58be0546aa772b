"""How the dashboard of a class is arranged."""

from collections import Counter
from datetime import datetime
from urllib.parse import parse_qsl

import pytest
from galaxy.model import Job
from galaxy_tiaas.pages import dashboard
from galaxy_tiaas.pages.dashboard import View
from galaxy_tiaas.schema.activity import (
    JobsShown,
    MemberCounts,
    QueuedJob,
)


def _person(name: str, **states: int) -> MemberCounts:
    return MemberCounts(pseudonym=name, colour="#123456", shape="star", states=states, total=sum(states.values()))


def test_people_who_may_need_help_come_first() -> None:
    people = [
        _person("zen-zebra"),
        _person("brave-otter", ok=3),
        _person("merry-newt", ok=9, error=1),
        _person("ample-ant", running=1),
        _person("calm-cat"),
        _person("fair-fox", failed=4),
    ]
    names = [tile.person.pseudonym for tile in dashboard.tiles(people, View()).shown]
    assert names == ["fair-fox", "merry-newt", "calm-cat", "zen-zebra", "ample-ant", "brave-otter"]


def _crowd() -> list[MemberCounts]:
    failing = [_person(f"fox-{number}", ok=3, error=1) for number in range(100)]
    silent = [_person(f"cat-{number}") for number in range(150)]
    return [*(_person(f"newt-{number}", ok=2) for number in range(2750)), *silent, *failing]


def test_of_a_crowd_those_are_shown_who_may_need_help_and_the_rest_is_counted() -> None:
    tiles = dashboard.tiles(_crowd(), View())
    assert len(tiles.shown) == 240
    assert Counter(tile.person.pseudonym.split("-")[0] for tile in tiles.shown) == {"fox": 100, "cat": 140}
    assert (tiles.total, tiles.more, tiles.more_failed, tiles.more_quiet, tiles.more_others) == (
        3000,
        2760,
        0,
        10,
        2750,
    )


def test_everybody_is_shown_to_those_who_ask_but_not_on_the_wall() -> None:
    crowd = _crowd()
    assert len(dashboard.tiles(crowd, View(everybody=True)).shown) == 3000
    assert dashboard.tiles(crowd, View(everybody=True)).more == 0
    assert len(dashboard.tiles(crowd, View(everybody=True, wall=True)).shown) == 120


def test_states_that_mean_the_same_are_added_up_and_none_is_lost() -> None:
    states = {state.value: 1 for state in Job.states} | {"unheard-of": 5}
    sums = dashboard.grouped(states)
    assert [group.name for group, _ in sums] == ["ok", "running", "waiting", "failed", "other"]
    assert sum(count for _, count in sums) == sum(states.values())


@pytest.mark.parametrize(
    "state, group",
    [
        ("ok", "ok"),
        ("running", "running"),
        ("queued", "waiting"),
        ("new", "waiting"),
        ("paused", "waiting"),
        ("error", "failed"),
        ("failed", "failed"),
        ("deleted", "other"),
        ("skipped", "other"),
    ],
)
def test_a_state_belongs_to_the_group_a_teacher_expects(state: str, group: str) -> None:
    assert dashboard.group_of(state).name == group


def test_groups_without_jobs_are_left_out_and_count_as_none() -> None:
    assert [group.name for group, _ in dashboard.grouped({"ok": 2, "error": 0})] == ["ok"]
    assert dashboard.count({"ok": 2}, dashboard.FAILED) == 0


def test_the_larger_the_class_the_smaller_the_letters_down_to_a_limit() -> None:
    for classes in ([1, 20, 30, 36], [37, 80, 150, 200, 1000]):
        sizes = [dashboard.scale(people) for people in classes]
        assert sizes == sorted(sizes, reverse=True)
    assert dashboard.scale(0) == dashboard.scale(10) == 0.95
    assert dashboard.scale(1000) == 0.4


@pytest.mark.parametrize(
    "query, view",
    [
        ({}, View()),
        ({"hours": "6", "jobs": "course"}, View(hours=6, jobs=JobsShown.COURSE)),
        ({"view": "wall", "people": "all", "lists": "all"}, View(wall=True, everybody=True, lists=True)),
        ({"hours": "0"}, View(hours=1)),
        ({"hours": "9999"}, View(hours=64)),
        ({"hours": "many", "jobs": "mine", "view": "floor", "people": "some"}, View()),
    ],
)
def test_the_address_says_what_is_shown_and_nonsense_in_it_is_the_usual(query: dict[str, str], view: View) -> None:
    assert View.of(query) == view
    assert View.of(dict(parse_qsl(view.address().removeprefix("?")))) == view


def test_a_link_to_another_view_keeps_the_rest() -> None:
    view = View(hours=6, jobs=JobsShown.COURSE)
    assert view.address(wall=True) == "?hours=6&jobs=course&view=wall"
    assert view.address(hours=1) == "?hours=1&jobs=course"


def test_a_row_has_an_id_of_its_own_that_newer_jobs_do_not_change() -> None:
    def job(name: str, second: int) -> QueuedJob:
        time = datetime(2026, 11, 17, 12, 0, second)
        details = {"colour": "#123456", "shape": "star", "tool_id": "cat1", "state": "ok"}
        return QueuedJob(pseudonym=name, create_time=time, update_time=time, **details)

    twins = [job("calm-cat", 1), job("calm-cat", 1), job("fair-fox", 1)]
    before = [row for row, _ in dashboard.rows(twins, "job")]
    after = [row for row, _ in dashboard.rows([job("calm-cat", 2), *twins], "job")]
    assert len(set(after)) == 4
    assert after[1:] == before


def test_numbers_are_written_out_with_their_unit() -> None:
    assert dashboard.number(1, "job") == "1 job"
    assert dashboard.number(60043, "job") == "60,043 jobs"
    assert dashboard.number(2, "person", "people") == "2 people"
    assert (dashboard.hours(1), dashboard.hours(3)) == ("hour", "3 hours")
