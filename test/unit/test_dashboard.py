"""How the dashboard of a class is arranged."""

from collections import Counter
from datetime import datetime
from urllib.parse import parse_qsl

import pytest
from galaxy.model import Job
from galaxy_tiaas.dashboard import view as dashboard
from galaxy_tiaas.dashboard.schema import (
    JobsShown,
    MemberCounts,
    QueuedJob,
)
from galaxy_tiaas.dashboard.view import View


def _person(name: str, last_failed: bool = False, **states: int) -> MemberCounts:
    return MemberCounts(
        pseudonym=name,
        colour="#123456",
        shape="star",
        states=states,
        total=sum(states.values()),
        last_failed=last_failed,
    )


def test_people_who_may_need_help_come_first() -> None:
    people = [
        _person("zen-zebra"),
        _person("brave-otter", ok=3),
        _person("merry-newt", ok=9, error=1, last_failed=True),
        _person("bold-bear", ok=9, error=2),
        _person("ample-ant", running=1),
        _person("calm-cat"),
        _person("fair-fox", failed=4, last_failed=True),
    ]
    people.sort(key=lambda person: person.pseudonym)
    names = [tile.person.pseudonym for tile in dashboard.tiles(people, View()).shown.items]
    assert names == ["fair-fox", "merry-newt", "calm-cat", "zen-zebra", "ample-ant", "bold-bear", "brave-otter"]


def _crowd() -> list[MemberCounts]:
    failing = [_person(f"fox-{number}", ok=3, error=1, last_failed=True) for number in range(100)]
    silent = [_person(f"cat-{number}") for number in range(150)]
    return [*(_person(f"newt-{number}", ok=2) for number in range(2750)), *silent, *failing]


def _kinds(tiles: dashboard.Tiles) -> dict[str, int]:
    return Counter(tile.person.pseudonym.split("-")[0] for tile in tiles.shown.items)


def test_of_a_crowd_those_are_shown_who_may_need_help_and_the_rest_is_counted() -> None:
    tiles = dashboard.tiles(_crowd(), View())
    assert _kinds(tiles) == {"fox": 100, "cat": 140}
    more = (tiles.more, tiles.more_failed, tiles.more_quiet, tiles.more_others)
    assert (tiles.shown.total, *more) == (3000, 2760, 0, 10, 2750)
    assert tiles.more_in_words == "and 2,760 more: 10 without a job, 2,750 at work."


def test_the_others_are_on_further_pages_which_have_everybody_once() -> None:
    crowd = _crowd()
    second = dashboard.tiles(crowd, View(people=2))
    assert _kinds(second) == {"cat": 10, "newt": 230}
    assert (second.shown.first, second.shown.last, second.more) == (241, 480, 2520)
    assert second.more_in_words == "and 2,520 more at work."
    pages = [dashboard.tiles(crowd, View(people=number)).shown for number in range(1, 14)]
    names = [tile.person.pseudonym for page in pages for tile in page.items]
    assert sorted(names) == sorted(person.pseudonym for person in crowd)
    assert [page.number < page.count for page in pages] == [True] * 12 + [False]


def test_a_page_that_is_not_there_any_more_is_the_last_one() -> None:
    tiles = dashboard.tiles(_crowd(), View(people=99))
    assert (tiles.shown.number, tiles.shown.last, tiles.more) == (13, 3000, 0)
    assert dashboard.tiles([], View(people=99)).shown.items == []


def test_the_wall_has_as_many_as_can_be_read_from_afar() -> None:
    assert len(dashboard.tiles(_crowd(), View(projector=True)).shown.items) == 60


@pytest.mark.parametrize(
    "text, names",
    [
        ("otter", {"brave-otter", "calm-otter"}),
        ("Brave  Otter", {"brave-otter"}),
        ("HARRY", {"calm-otter"}),
        ("<b>", set()),
        ("", {"brave-otter", "calm-otter"}),
    ],
)
def test_people_are_found_by_what_they_are_called(text: str, names: set[str]) -> None:
    people = [_person("brave-otter"), _person("calm-otter")]
    people[1].username = "Harry Potter 🧙"
    view = View.of({"find": text})
    assert {tile.person.pseudonym for tile in dashboard.tiles(people, view).shown.items} == names


def test_states_that_mean_the_same_are_added_up_and_none_is_lost() -> None:
    states = {state.value: 1 for state in Job.states} | {"unheard-of": 5}
    sums = dashboard.grouped(states)
    assert [group.name for group, _ in sums] == ["ok", "running", "queued", "failed", "other"]
    assert sum(count for _, count in sums) == sum(states.values())


@pytest.mark.parametrize(
    "state, group",
    [
        ("ok", "ok"),
        ("running", "running"),
        ("queued", "queued"),
        ("new", "queued"),
        ("paused", "queued"),
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
    assert dashboard.scale(1000) == 0.55


@pytest.mark.parametrize(
    "query, view",
    [
        ({}, View()),
        ({"hours": "6", "jobs": "course"}, View(hours=6, jobs=JobsShown.COURSE)),
        (
            {"people": "3", "rows": "2", "find": " amber  fox ", "lists": "all"},
            View(people=3, rows=2, find="amber fox", lists=True),
        ),
        ({"view": "wall", "people": "3", "find": "fox", "lists": "all"}, View(projector=True)),
        ({"people": "0", "rows": "-7"}, View()),
        ({"people": "9" * 99, "find": "x" * 99}, View(people=1000, find="x" * 40)),
        ({"people": "all", "rows": "1e3"}, View()),
        ({"hours": "9" * 5000}, View()),
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
    assert view.address(projector=True) == "?hours=6&jobs=course&view=wall"
    assert view.address(hours=1) == "?hours=1&jobs=course"
    assert View(people=2).address(rows=3, find="a&b") == "?hours=3&people=2&rows=3&find=a%26b"


def test_a_row_has_an_id_of_its_own_that_newer_jobs_do_not_change() -> None:
    def job(name: str, second: int) -> QueuedJob:
        time = datetime(2026, 11, 17, 12, 0, second)
        details = {"colour": "#123456", "shape": "star", "tool_id": "cat1", "tool_name": "cat1", "state": "ok"}
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
