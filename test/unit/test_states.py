"""Which decisions about a training can follow each other."""

import pytest
from galaxy_tiaas.trainings.states import (
    INSTRUCTOR_TRANSITIONS,
    TrainingPhase,
    TrainingState,
    transition_exists,
)

_ALLOWED = {
    ("new", "approved"),
    ("new", "rejected"),
    ("new", "cancelled"),
    ("approved", "rejected"),
    ("approved", "cancelled"),
    ("rejected", "approved"),
}


@pytest.mark.parametrize("current", list(TrainingState))
@pytest.mark.parametrize("target", list(TrainingState))
def test_each_pair_of_states_is_a_transition_or_not(current: TrainingState, target: TrainingState) -> None:
    assert transition_exists(current, target) is ((current.value, target.value) in _ALLOWED)


def test_instructors_may_only_cancel() -> None:
    assert INSTRUCTOR_TRANSITIONS == {TrainingState.CANCELLED}


def test_states_and_phases_are_called_as_in_the_api() -> None:
    assert [state.value for state in TrainingState] == ["new", "approved", "rejected", "cancelled"]
    assert [phase.value for phase in TrainingPhase] == ["upcoming", "ongoing", "finished"]
