"""What the rule sets on the destination of a job, and what becomes of it in Galaxy's own hands."""

import copy
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import (
    Any,
    Optional,
)

import pytest
from galaxy.jobs import JobDestination
from galaxy.jobs.mapper import JobRunnerMapper
from galaxy.jobs.runners.util.condor import (
    build_submit_description,
    submission_params,
)
from galaxy.tool_util.deps.requirements import ResourceRequirement
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.rate_limited_log import RateLimitedLog
from galaxy_tiaas.routing import job_rule
from galaxy_tiaas.routing.decision import (
    GPU,
    INTERACTIVE,
    INTERNAL,
)
from galaxy_tiaas.routing.destinations import DestinationCatalogue
from galaxy_tiaas.rules import gateway
from in_process import (
    ANONYMOUS,
    DURING,
    InProcess,
)

from demo.instance import Settings

_HAT = {"runner": "dynamic", "type": "python", "rules_module": "galaxy_tiaas.rules", "function": "sorting_hat"}
_JOB_CONF: Settings = {
    "runners": {"here": {"load": "galaxy.jobs.runners.local:LocalJobRunner"}},
    "execution": {
        "default": "sorting_hat",
        "environments": {
            "regular": {"runner": "here", "native_specification": "--ntasks=1"},
            "class-a": {
                "runner": "here",
                "tags": ["class"],
                "native_specification": "--ntasks=8",
                "env": [{"name": "A"}],
            },
            "class-b": {"runner": "here", "tags": ["class"], "native_specification": "--ntasks=8"},
            "docker": {"runner": "here", "docker_enabled": True},
            "docker-class": {"runner": "here", "docker_enabled": True},
            "sorting_hat": {**_HAT, "default": "regular", "training": "class"},
        },
    },
}
_SETTINGS: Settings = {
    "destinations": [
        {
            "id": "class",
            "params": {"reservation": "{identifier}", "requirements": 'GalaxyGroup == "{role}"'},
        },
        {"id": "class-a", "params": {"native_specification": "--account={identifier}"}},
    ],
    "training_overrides": {"slyther*": {"destination": "class-a", "params": {"queue": "cold"}}},
    "tool_lists": [
        {"name": "interactive", "kinds": ["interactive"], "destination": "docker", "training": "docker-class"},
        {"name": "large", "tools": ["assembler_*"], "destination": "regular"},
    ],
}
_job_ids = itertools.count(7)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_rule, "now", lambda: DURING)
    monkeypatch.setattr(job_rule, "errors", RateLimitedLog(job_rule.log))


@pytest.fixture
def galaxy(make_galaxy: Callable[..., InProcess]) -> InProcess:
    galaxy = make_galaxy(job_conf=_JOB_CONF, **_SETTINGS)
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    return galaxy


class _Wrapper:
    """What Galaxy's mapper wants to know of a job."""

    def __init__(self, galaxy: InProcess, user: Actor, tool_id: str = "cat1", tool_type: str = "default") -> None:
        self.app = galaxy.host
        self.job_id = next(_job_ids)
        self.tool = SimpleNamespace(id=tool_id, tool_type=tool_type, version="1.0", all_ids=[tool_id])
        self.tool.get_job_destination = lambda _: galaxy.host.job_config.get_destination("sorting_hat")
        self.job = SimpleNamespace(user=user.user, history_id=None)
        wrapper: Any = self
        self.mapper = JobRunnerMapper(wrapper, lambda url: pytest.fail(url), galaxy.host.job_config)

    def get_job(self) -> Any:
        return self.job

    @property
    def job_destination(self) -> JobDestination:
        return self.mapper.get_job_destination({})


def _destination(galaxy: InProcess, user: str = "harry", **fields: Any) -> JobDestination:
    return _Wrapper(galaxy, ANONYMOUS if user == "anonymous" else galaxy.user(user), **fields).job_destination


# What is set


def test_a_job_of_a_training_gets_what_is_set_for_it_on_a_copy_of_the_environment(galaxy: InProcess) -> None:
    configured = copy.deepcopy(galaxy.host.job_config.destinations)
    destination = _destination(galaxy)
    assert destination.id in ("class-a", "class-b")
    assert destination.params == {
        "native_specification": "--ntasks=8",
        "reservation": "gryffindor",
        "requirements": 'GalaxyGroup == "training-gryffindor"',
        "tiaas_training": "gryffindor",
        "tiaas_reason": "the user is a member of training 'gryffindor', which is running now",
    }
    destination.params["native_specification"] = "changed by a runner"
    destination.env.append({"name": "B"})
    for name, environments in configured.items():
        for before, after in zip(environments, galaxy.host.job_config.destinations[name], strict=True):
            assert (before.params, before.env, before.resubmit) == (after.params, after.env, after.resubmit)


def test_of_several_environments_with_the_tag_galaxy_takes_any(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    assert {_Wrapper(galaxy, harry).job_destination.id for _ in range(50)} == {"class-a", "class-b"}


@pytest.mark.parametrize("user, words", [("draco", "no training"), ("anonymous", "not logged in")])
def test_others_get_the_environment_as_it_is_and_the_reason(galaxy: InProcess, user: str, words: str) -> None:
    destination = _destination(galaxy, user)
    assert words in destination.params.pop("tiaas_reason")
    assert (destination.id, destination.params) == ("regular", {"native_specification": "--ntasks=1"})
    assert not destination.resubmit


def test_an_override_says_where_and_what_else(galaxy: InProcess) -> None:
    galaxy.training("slytherin")
    galaxy.join("slytherin", galaxy.user("draco"))
    destination = _destination(galaxy, "draco")
    assert destination.id == "class-a"
    assert destination.params["native_specification"] == "--account=slytherin"
    assert destination.params["queue"] == "cold"
    assert "reservation" not in destination.params


@pytest.mark.parametrize(
    "user, tool_id, tool_type, destination, training",
    [
        ("harry", "jupyter", "interactive", "docker-class", "gryffindor"),
        ("draco", "jupyter", "interactive", "docker", None),
        ("anonymous", "jupyter", "interactive", "docker", None),
        ("harry", "assembler_large", "default", "regular", None),
        ("harry", "toolshed.example.org/repos/iuc/x/assembler_x/1.0", "default", "regular", None),
    ],
)
def test_tools_on_a_list_go_where_it_says(
    galaxy: InProcess, user: str, tool_id: str, tool_type: str, destination: str, training: Optional[str]
) -> None:
    found = _destination(galaxy, user, tool_id=tool_id, tool_type=tool_type)
    assert (found.id, found.params.get("tiaas_training")) == (destination, training)


def test_a_tool_is_of_the_kinds_that_it_says() -> None:
    def kinds(tool_type: str = "default", **needs: Any) -> frozenset[str]:
        requirements = [ResourceRequirement(value, name) for name, value in needs.items()]  # type: ignore[arg-type]
        tool = SimpleNamespace(tool_type=tool_type, version=None, resource_requirements=requirements)
        return job_rule.facts_of(tool, "x").kinds

    assert kinds() == kinds(cores_min=8, ram_min=5) == kinds(cuda_device_count_min=0) == frozenset()
    assert kinds(cuda_device_count_min=1) == kinds(gpu_memory_min=4000) == kinds(cuda_device_count_min="$(x)") == {GPU}
    assert kinds("interactive") == {INTERACTIVE}
    assert kinds("interactive", cuda_device_count_min="2") == {INTERACTIVE, GPU}
    assert kinds("import_history") == {INTERNAL}
    assert job_rule.facts_of(None, "x").kinds == frozenset()


# In Galaxy's hands


def test_htcondor_gets_one_line_for_each_parameter(galaxy: InProcess) -> None:
    """Its runner hands on every parameter of a destination; names that HTCondor does not know are macros to it."""
    params = _destination(galaxy).params
    described = build_submit_description("job.sh", "o", "e", "l", submission_params(prefix="", **params))
    lines = [line for line in described.splitlines() if line.startswith("tiaas_")]
    assert [line.split(" = ")[0] for line in sorted(lines)] == ["tiaas_reason", "tiaas_training"]
    assert 'requirements = GalaxyGroup == "training-gryffindor"' in described
    assert "$" not in "".join(lines) and not any(line.endswith("\\") for line in lines)


def test_nothing_that_a_tool_is_called_breaks_the_line(galaxy: InProcess) -> None:
    reason = _destination(galaxy, tool_id="__a\n$(x)\\__").params["tiaas_reason"]
    assert reason == "__a (x)/__ is one of Galaxy's internal tools"


# What is wrong is said at start


@pytest.mark.parametrize(
    "settings, key",
    [
        ({"destinations": ["nowhere"]}, "destinations"),
        ({"training_overrides": {"x-*": {"destination": "nowhere"}}}, "training_overrides: x-*: destination"),
        ({"tool_lists": [{"name": "x", "tools": ["a"], "destination": "nowhere"}]}, "tool_lists: x: destination"),
        ({"tool_lists": [{"name": "x", "tools": ["a"], "training": "nowhere"}]}, "tool_lists: x: training"),
    ],
)
def test_every_unknown_environment_in_the_settings_is_a_sentence(
    make_galaxy: Callable[..., InProcess], settings: Settings, key: str
) -> None:
    (problem,) = make_galaxy(job_conf=_JOB_CONF, **settings)[DestinationCatalogue].problems()
    assert problem.startswith(f"{key}: 'nowhere' is not an environment of the job configuration; known are class, ")


def test_the_rule_itself_is_no_destination(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(job_conf=_JOB_CONF, destinations=["sorting_hat"])
    (problem,) = galaxy[DestinationCatalogue].problems()
    assert "'sorting_hat' is the rule itself" in problem


def test_settings_that_name_what_exists_have_no_problems(galaxy: InProcess) -> None:
    assert galaxy[DestinationCatalogue].problems() == []


# Trouble is said once a minute


def _trouble(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch, seconds: list[float]) -> None:
    monkeypatch.setattr(job_rule, "errors", RateLimitedLog(job_rule.log, clock=lambda: seconds[0]))
    (galaxy.directory / "tiaas_conf.yml").write_text("nonsense: [")


def test_a_kind_of_trouble_is_said_once_a_minute_with_how_often_it_came(
    make_galaxy: Callable[..., InProcess], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    galaxy = make_galaxy(job_conf=_JOB_CONF)
    seconds = [1000.0]
    _trouble(galaxy, monkeypatch, seconds)

    def lines() -> list[str]:
        said = [record.getMessage() for record in caplog.records if record.name == job_rule.__name__]
        caplog.clear()
        return said

    for _ in range(5):
        assert _destination(galaxy, "draco").id == "regular"
    (line,) = lines()
    assert "tiaas_conf.yml" in line and "more" not in line
    seconds[0] += 59.9
    assert _destination(galaxy, "draco").id == "regular"
    assert lines() == []
    seconds[0] += 0.1
    assert _destination(galaxy, "draco").id == "regular"
    (line,) = lines()
    assert line.endswith("(5 more of this kind since the last one)")


def test_another_kind_of_trouble_is_said_at_once(
    make_galaxy: Callable[..., InProcess], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    galaxy = make_galaxy(job_conf=_JOB_CONF)
    _trouble(galaxy, monkeypatch, [0.0])
    assert _destination(galaxy, "draco").id == "regular"
    (galaxy.directory / "tiaas_conf.yml").write_text("")

    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("no")

    rule = galaxy.host.job_config.get_destination("sorting_hat")
    places = [
        gateway.sorting_hat(galaxy.host, user=Broken(), referrer=rule, default="regular", tool_id="x") for _ in range(2)
    ]
    assert places == ["regular", "regular"]
    said = [record.getMessage() for record in caplog.records if record.name == job_rule.__name__]
    assert [("tiaas_conf.yml" in line, "RuntimeError" in line) for line in said] == [(True, False), (False, True)]


@pytest.mark.parametrize("broken", ["user", "tool", "job", "referrer"], ids=lambda name: f"the {name} cannot be read")
def test_whatever_cannot_be_read_costs_no_job(galaxy: InProcess, broken: str) -> None:
    class Broken:
        id = "sorting_hat"

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("no")

    rule = galaxy.host.job_config.get_destination("sorting_hat")
    arguments: dict[str, Any] = {
        "user": galaxy.user("draco").user,
        "tool": None,
        "job": SimpleNamespace(history_id=None),
        "referrer": rule,
        broken: Broken(),
    }
    found = gateway.sorting_hat(galaxy.host, job_id=1, tool_id="cat1", default="regular", **arguments)
    assert (found.id if isinstance(found, JobDestination) else found) == "regular"
