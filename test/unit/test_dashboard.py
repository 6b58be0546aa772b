"""How the dashboard of a class is arranged."""

import pytest
from galaxy.model import Job
from galaxy_tiaas.pages import dashboard
from galaxy_tiaas.schema.activity import MemberCounts


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
    names = [person.pseudonym for person in dashboard.in_order(people)]
    assert names == ["fair-fox", "merry-newt", "calm-cat", "zen-zebra", "ample-ant", "brave-otter"]


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
