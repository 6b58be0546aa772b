"""Where a job goes, and why: the decision alone."""

from datetime import datetime
from typing import Optional

import pytest
from galaxy_tiaas.domain.routing import (
    decide,
    decide_without_user,
    Destinations,
    is_internal_tool,
    RunningTraining,
)

_DESTINATIONS = Destinations(default="slurm", training="slurm-2c", local="here")
_EARLY, _LATE = datetime(2026, 6, 1), datetime(2026, 6, 2)


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


@pytest.mark.parametrize(
    "tool_id, anonymous, destination",
    [
        ("upload1", False, "here"),
        ("upload1", True, "here"),
        ("__DATA_FETCH__", False, "here"),
        ("cat1", True, "slurm"),
        (None, True, "slurm"),
    ],
)
def test_internal_tools_and_visitors_are_decided_without_asking_the_database(
    tool_id: Optional[str], anonymous: bool, destination: str
) -> None:
    decision = decide_without_user(tool_id, anonymous, _DESTINATIONS)
    assert decision
    assert decision.destination == destination
    assert decision.training is None
    assert decision.reason


def test_an_ordinary_tool_of_a_user_depends_on_the_user() -> None:
    assert decide_without_user("cat1", False, _DESTINATIONS) is None


@pytest.mark.parametrize(
    "trainings, destination, training",
    [
        ([], "slurm", None),
        ([RunningTraining("a", _EARLY)], "slurm-2c", "a"),
        ([RunningTraining("a", _EARLY, "highmem")], "highmem", "a"),
        ([RunningTraining("a", _EARLY), RunningTraining("b", _LATE, "highmem")], "highmem", "b"),
        ([RunningTraining("b", _LATE, "highmem"), RunningTraining("a", _EARLY)], "highmem", "b"),
        ([RunningTraining("a", _LATE), RunningTraining("b", _EARLY, "highmem")], "slurm-2c", "a"),
        ([RunningTraining("a", _EARLY, "x"), RunningTraining("b", _EARLY, "y")], "y", "b"),
        ([RunningTraining("b", _EARLY, "y"), RunningTraining("a", _EARLY, "x")], "y", "b"),
    ],
)
def test_of_several_running_trainings_the_one_that_started_last_counts(
    trainings: list[RunningTraining], destination: str, training: Optional[str]
) -> None:
    decision = decide(trainings, _DESTINATIONS)
    assert (decision.destination, decision.training) == (destination, training)


def test_the_reason_names_the_training() -> None:
    assert "'gryffindor'" in decide([RunningTraining("gryffindor", _EARLY)], _DESTINATIONS).reason
