"""Where a job goes, and why: the decision alone."""

from collections.abc import Collection
from dataclasses import replace
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

import pytest
from galaxy_tiaas.routing.decision import (
    check_placeholders,
    decide,
    Decision,
    depends_on_user,
    GPU,
    INTERACTIVE,
    INTERNAL,
    is_internal_tool,
    JobFacts,
    last_resort,
    Membership,
    Override,
    Policy,
    RoutingRules,
    Settings,
    ToolList,
)

_NOW = datetime(2026, 6, 2, 12)
_DAY = timedelta(days=1)
_BWA = "toolshed.g2.bx.psu.edu/repos/devteam/bwa/bwa_mem/0.7.17"
_KNOWN = frozenset({"slurm", "slurm-2c", "here", "highmem", "docker", "docker-training", "gpu"})

_RULES = RoutingRules(
    destinations={
        "slurm-2c": Settings({"native_specification": "--reservation={identifier}", "queue": 3}),
        "highmem": Settings({"requirements": 'GalaxyGroup == "{role}"'}),
    },
    overrides=[
        Override("special-*", "highmem", Settings({"queue": "s"})),
        Override("*-nowhere", "nowhere"),
    ],
    tool_lists=[
        ToolList("interactive", frozenset({INTERACTIVE}), ("interactive_tool_*",), "docker", "docker-training"),
        ToolList("exempt", tools=("trinity", "bwa_mem"), destination="highmem"),
        ToolList("never", tools=("large_*",)),
    ],
)
_POLICY = Policy("slurm", "slurm-2c", "here", _KNOWN, ["slurm"], _RULES)


def _in(identifier: str, *, since: int = 1, until: int = 1, starts: int = 0, **fields: Any) -> Membership:
    """A membership in a training that opened `since` days ago and closes in `until` days."""
    opens = _NOW - since * _DAY
    return Membership(identifier, f"training-{identifier}", opens, _NOW + until * _DAY, opens + starts * _DAY, **fields)


def _tool(tool_id: Optional[str] = "cat1", *kinds: str, anonymous: bool = False) -> JobFacts:
    return JobFacts(tool_id, kinds=frozenset(kinds), anonymous=anonymous)


def _decide(facts: JobFacts, *memberships: Membership, policy: Policy = _POLICY) -> Decision:
    """The decision, which looks at memberships only where it says that it does."""
    decision = decide(facts, memberships, policy, _NOW)
    if not depends_on_user(facts, policy):
        assert decide(facts, [], policy, _NOW) == decision
    assert decision.reason and "\n" not in decision.reason
    return decision


@pytest.mark.parametrize(
    "tool_id, internal",
    [
        ("upload1", True),
        ("__DATA_FETCH__", True),
        ("__SET_METADATA__", True),
        ("__IMPORT_HISTORY__", True),
        ("__EXPORT_HISTORY__", True),
        ("cat1", False),
        ("upload2", False),
        ("__main__tool", False),
        ("toolshed.g2.bx.psu.edu/repos/iuc/bwa/bwa/0.7.17", False),
        ("", False),
        (None, False),
    ],
)
def test_galaxys_internal_tools_are_known_by_their_ids(tool_id: Optional[str], internal: bool) -> None:
    assert is_internal_tool(tool_id) is internal


# Who and what

_OUTSIDE = ("a stranger", "a visitor", "an ex-trainee", "too early")
_WHO: dict[str, tuple[bool, list[Membership]]] = {
    "a visitor": (True, []),
    "a stranger": (False, []),
    "a trainee": (False, [_in("a")]),
    "an ex-trainee": (False, [_in("a", since=9, until=0)]),
    "too early": (False, [_in("a", since=-1, until=9)]),
}


@pytest.mark.parametrize("who", _WHO)
@pytest.mark.parametrize(
    "facts, outside, trainee, asks",
    [
        (_tool("upload1"), "here", "here", False),
        (_tool("__DATA_FETCH__"), "here", "here", False),
        (_tool("pick_value", INTERNAL), "here", "here", False),
        (_tool("interactive_tool_x", INTERNAL), "here", "here", False),
        (_tool("cat1"), "slurm", "slurm-2c", True),
        (_tool(None), "slurm", "slurm-2c", True),
        (_tool("jupyter", INTERACTIVE), "docker", "docker-training", True),
        (_tool("interactive_tool_rstudio"), "docker", "docker-training", True),
        (_tool("trinity"), "highmem", "highmem", False),
        (_tool(_BWA), "highmem", "highmem", False),
        (_tool("large_assembly"), "slurm", "slurm", False),
        (_tool("alphafold", GPU), "slurm", "slurm", False),
    ],
    ids=lambda value: str(value.tool_id) if isinstance(value, JobFacts) else str(value),
)
def test_who_and_what_decide_where(facts: JobFacts, outside: str, trainee: str, asks: bool, who: str) -> None:
    anonymous, memberships = _WHO[who]
    facts = replace(facts, anonymous=anonymous)
    decision = _decide(facts, *memberships)
    assert decision.destination == (outside if who in _OUTSIDE else trainee)
    assert decision.training == ("a" if who not in _OUTSIDE and asks else None)
    assert depends_on_user(facts, _POLICY) is (asks and not anonymous)
    assert decision.missing is None


def test_interactive_tools_on_no_list_stay_with_the_default() -> None:
    policy = replace(_POLICY, rules=RoutingRules())
    decision = _decide(_tool("jupyter", INTERACTIVE), _in("a"), policy=policy)
    assert (decision.destination, decision.training) == ("slurm", None)
    assert "is an interactive tool" in decision.reason


@pytest.mark.parametrize(
    "opens, closes, destination",
    [
        (timedelta(0), timedelta(microseconds=1), "slurm-2c"),
        (timedelta(microseconds=1), timedelta(1), "slurm"),
        (timedelta(-1), timedelta(0), "slurm"),
    ],
    ids=["the first moment", "a moment too early", "a moment too late"],
)
def test_the_window_is_open_from_its_first_moment_to_before_its_last(
    opens: timedelta, closes: timedelta, destination: str
) -> None:
    membership = Membership("a", "training-a", _NOW + opens, _NOW + closes, _NOW + opens)
    assert _decide(_tool(), membership).destination == destination


# Which training


@pytest.mark.parametrize(
    "memberships, training",
    [
        ([_in("a")], "a"),
        ([_in("a", since=2), _in("b", since=1)], "b"),
        ([_in("b", since=1), _in("a", since=2)], "b"),
        ([_in("a", since=1), _in("b", since=1)], "b"),
        ([_in("b", since=1), _in("a", since=1)], "b"),
        ([_in("a", since=2, starts=2), _in("b", since=1)], "a"),
        ([_in("a", since=2, tagged=True), _in("b", since=1)], "a"),
        ([_in("a", since=2, tagged=True), _in("b", since=1, tagged=True), _in("c", since=0)], "b"),
        ([_in("a", since=9, until=0, tagged=True), _in("b")], "b"),
        ([_in("a", since=-1, until=9, tagged=True), _in("b")], "b"),
        ([_in("a", since=9, until=0, tagged=True)], None),
    ],
)
def test_of_several_running_trainings_the_tagged_one_counts_then_the_one_that_started_last(
    memberships: list[Membership], training: Optional[str]
) -> None:
    assert _decide(_tool(), *memberships).training == training


def test_the_reason_names_the_training() -> None:
    assert "'gryffindor'" in _decide(_tool(), _in("gryffindor")).reason


# Where to


@pytest.mark.parametrize(
    "membership, destination",
    [
        (_in("a"), "slurm-2c"),
        (_in("a", destination="highmem"), "highmem"),
        (_in("special-1"), "highmem"),
        (_in("special-1", destination="gpu"), "gpu"),
        (_in("not-special-1"), "slurm-2c"),
    ],
)
def test_chosen_at_approval_goes_before_overridden_before_usual(membership: Membership, destination: str) -> None:
    assert _decide(_tool(), membership).destination == destination


@pytest.mark.parametrize(
    "membership, known, destination, missing",
    [
        (_in("a", destination="gone"), _KNOWN, "slurm-2c", "gone"),
        (_in("a", destination="gone"), _KNOWN - {"slurm-2c"}, "slurm", "gone"),
        (_in("x-nowhere"), _KNOWN, "slurm-2c", "nowhere"),
        (_in("a"), {"slurm", "here"}, "slurm", "slurm-2c"),
        (_in("a"), {"local", "other"}, "local", "slurm-2c"),
        (_in("a"), {"other", "resort"}, "resort", "slurm-2c"),
    ],
)
def test_what_does_not_exist_is_replaced_and_named(
    membership: Membership, known: Collection[str], destination: str, missing: str
) -> None:
    policy = replace(_POLICY, known=known, last_resorts=["resort"])
    decision = _decide(_tool(), membership, policy=policy)
    assert (decision.destination, decision.missing) == (destination, missing)
    assert f"'{missing}'" in decision.reason
    assert decision.training == membership.identifier


def test_a_job_that_goes_to_the_default_for_want_of_better_gets_no_settings_of_its_training() -> None:
    decision = _decide(_tool(), _in("special-1"), policy=replace(_POLICY, known={"slurm"}))
    assert (decision.destination, decision.settings) == ("slurm", Settings())


@pytest.mark.parametrize("default, resort", [("slurm", "slurm"), ("gone", "here"), ("", "here")])
def test_the_last_resort_exists(default: str, resort: str) -> None:
    assert last_resort(replace(_POLICY, default=default, last_resorts=["here"])) == resort


# What is set there


def test_settings_of_the_destination_are_filled_in() -> None:
    settings = _decide(_tool(), _in("a")).settings
    assert settings == Settings({"native_specification": "--reservation=a", "queue": 3})
    settings = _decide(_tool(), _in("a", destination="highmem")).settings
    assert settings.params == {"requirements": 'GalaxyGroup == "training-a"'}


def test_settings_of_the_training_go_before_those_of_the_destination() -> None:
    settings = _decide(_tool(), _in("special-1", destination="slurm-2c")).settings
    assert settings.params == {"native_specification": "--reservation=special-1", "queue": "s"}


def test_others_get_no_settings_though_they_go_to_the_same_place() -> None:
    policy = replace(_POLICY, default="slurm-2c")
    assert _decide(_tool(), policy=policy).settings == Settings()
    assert _decide(_tool("trinity"), _in("a")).settings == Settings()


@pytest.mark.parametrize(
    "value, filled_in",
    [
        ("--reservation={identifier} {role}", "--reservation=a training-a"),
        ("{{}} {{role}}", "{} {role}"),
        ('{{"group": "{role}"}}', '{"group": "training-a"}'),
        ("", ""),
        (4, 4),
        (True, True),
    ],
)
def test_placeholders_are_names_in_braces(value: Any, filled_in: Any) -> None:
    check_placeholders(value)
    assert Settings({"x": value}).filled_in("a", "training-a").params == {"x": filled_in}


@pytest.mark.parametrize(
    "value", ["{user}", "{}", "{0}", "{", "}", "{identifier", "{role!r}", "{role:>9}", "{role.upper}", "{role[0]}"]
)
def test_anything_else_in_braces_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        check_placeholders(value)
