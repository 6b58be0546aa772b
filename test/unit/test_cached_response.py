"""What is sent is what the model says, though it is not made by the model."""

import json
from datetime import timedelta
from typing import Union

import pytest
from galaxy_tiaas.core.cache import CachedResponse
from galaxy_tiaas.dashboard.schema import (
    JobsShown,
    TrainingProgress,
    TrainingStatus,
)
from galaxy_tiaas.dashboard.service import StatusService
from galaxy_tiaas.dashboard.step_service import ProgressService
from in_process import (
    DURING,
    InProcess,
    SERVER,
)


def _class(galaxy: InProcess) -> None:
    galaxy.training(title='"generated":"never", <b>é\u2028')
    people = [galaxy.user(name) for name in ("harry", "ron", "hermione")]
    galaxy.join("gryffindor", *people)
    for number, state in enumerate(["ok", "error", "queued", "running"]):
        galaxy.job(people[0], "cat1", state, at=DURING - timedelta(minutes=number, microseconds=1), count=number + 1)
        galaxy.job(people[1], f"tool{number}/1.0", state, at=DURING - timedelta(minutes=number))
    galaxy.invocation(people[1], "scheduled", DURING - timedelta(minutes=3))


def _shown(galaxy: InProcess, what: str) -> Union[CachedResponse[TrainingStatus], CachedResponse[TrainingProgress]]:
    if what == "status":
        return galaxy.perform(StatusService.status, SERVER, "gryffindor", 3, DURING)
    return galaxy.perform(ProgressService.progress, SERVER, "gryffindor", DURING, JobsShown.ALL)


@pytest.mark.parametrize("what", ["status", "progress"])
def test_what_is_sent_is_what_the_model_says(galaxy: InProcess, what: str) -> None:
    _class(galaxy)
    cached = _shown(galaxy, what)
    assert json.loads(cached.json) == cached.value.model_dump(mode="json", exclude_unset=True)


@pytest.mark.parametrize("what", ["status", "progress"])
def test_a_client_can_read_what_is_sent_by_the_schema(galaxy: InProcess, what: str) -> None:
    """And nothing is in it that the schema does not have."""
    _class(galaxy)
    cached = _shown(galaxy, what)
    model = type(cached.value)
    read = model.model_validate_json(cached.json).model_dump(exclude_unset=True)
    assert _names(json.loads(cached.json)) == _names(read)


def _names(value: object) -> object:
    """The keys at every depth."""
    if isinstance(value, dict):
        return {str(key): _names(part) for key, part in value.items()}
    return [_names(part) for part in value] if isinstance(value, list) else None
