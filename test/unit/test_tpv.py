"""Total Perspective Vortex itself, with the examples in config/, beside our own rule."""

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import (
    Any,
    NamedTuple,
    Optional,
)

import pytest
import sqlalchemy
import yaml
from galaxy.jobs import JobDestination
from galaxy.jobs.mapper import JobRunnerMapper
from galaxy.jobs.runners import JobState
from galaxy.jobs.runners.state_handlers import resubmit
from galaxy.model import Job
from galaxy.tool_util.deps.requirements import ResourceRequirement
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.rate_limited_log import RateLimitedLog
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.routing import job_rule
from galaxy_tiaas.routing.destinations import DestinationCatalogue
from galaxy_tiaas.rules import tpv
from galaxy_tiaas.trainings.schema import Note
from galaxy_tiaas.trainings.service import TrainingsService
from in_process import (
    account_of,
    ANONYMOUS,
    BEFORE,
    DURING,
    InProcess,
)
from tpv.rules import gateway as tpv_gateway

from demo.instance import (
    example,
    EXAMPLES,
    Settings,
)

HAT, TPV, TPV_BY_ROLE = "sorting_hat", "tpv_dispatcher", "tpv_by_role"


@pytest.fixture(autouse=True)
def during(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_rule, "errors", RateLimitedLog(job_rule.log))
    tpv_gateway.ACTIVE_DESTINATION_MAPPERS.clear()
    monkeypatch.setattr(job_rule, "now", lambda: DURING)


def _job_conf(*more_for_tpv: Settings) -> Settings:
    """The example with TPV in it, in two ways; `more_for_tpv` is on top of its configuration."""
    by_role = example("tpv.yml")
    del by_role["tools"]["default"]["rules"]
    job_conf = example("job_conf.yml")
    for name, configurations in {
        TPV: [str(EXAMPLES / "tpv.yml"), *more_for_tpv],
        TPV_BY_ROLE: [by_role, str(EXAMPLES / "tpv_roles.yml")],
    }.items():
        job_conf["execution"]["environments"][name] = {
            "runner": "dynamic",
            "type": "python",
            "rules_module": "tpv.rules",
            "function": "map_tool_to_destination",
            "tpv_config_files": configurations,
        }
    return job_conf


@pytest.fixture
def galaxy(make_galaxy: Callable[..., InProcess]) -> InProcess:
    return make_galaxy(job_conf=_job_conf())


class _JobWrapper:
    """What Galaxy's mapper and its resubmission want to know of a job."""

    def __init__(self, galaxy: InProcess, job: Job, tool: Any) -> None:
        self.app = galaxy.host
        self.tool = tool
        self.job_id = job.id
        self.job = job
        wrapper: Any = self
        self.mapper = JobRunnerMapper(wrapper, lambda url: pytest.fail(url), galaxy.host.job_config)

    def get_job(self) -> Job:
        return self.job

    def get_resource_parameters(self, job: Job) -> dict[str, Any]:
        return {}

    @property
    def job_runner_mapper(self) -> JobRunnerMapper:
        """What Galaxy 25.1 asks when it sends a job elsewhere."""
        return self.mapper

    def set_cached_job_destination(self, destination: JobDestination) -> JobDestination:
        """As Galaxy 26.0 asks for the same."""
        return self.mapper.cache_job_destination(destination)

    @property
    def job_destination(self) -> JobDestination:
        return self.mapper.get_job_destination({})

    def clear_working_directory(self) -> None:
        pass

    def set_job_destination(self, destination: JobDestination) -> None:
        self.job.destination_id = destination.id
        self.job.destination_params = copy.deepcopy(destination.params)
        self.job.job_runner_name = destination.runner

    def resubmitted(self, why: str) -> JobDestination:
        """Where Galaxy sends the job after this happened to it."""
        destination = self.job_destination
        self.set_job_destination(destination)
        state: Any = SimpleNamespace(job_wrapper=self, job_destination=destination, runner_state=why)
        runner: Any = SimpleNamespace(mark_as_resubmitted=lambda *_, **__: None)
        app: Any = self.app
        resubmit.failure(app, runner, state)
        if not getattr(state, "runner_state_handled", False):
            pytest.fail("Galaxy does not resubmit the job")
        # As the handler does when it finds the job again.
        again = JobDestination(runner=self.job.job_runner_name, from_job=self.job)
        return self.mapper.cache_job_destination(again)


_GPU = ResourceRequirement(value_or_expression=1, resource_type="cuda_device_count_min")


def _tool(tool_id: str, tool_type: str = "default", gpu: bool = False) -> Any:
    return SimpleNamespace(
        id=tool_id,
        all_ids=[tool_id],
        version="1.0",
        tool_type=tool_type,
        dynamic_tool=None,
        resource_requirements=[_GPU] if gpu else [],
    )


def _mapped(galaxy: InProcess, by: str, user: Actor, tool_id: str = "cat1", *tags: str, **tool: Any) -> JobDestination:
    """Where Galaxy's mapper sends a new job, in a history with these tags, if this environment is the default one."""
    return _wrapper(galaxy, by, user, tool_id, *tags, **tool).job_destination


def _wrapper(galaxy: InProcess, by: str, user: Actor, tool_id: str = "cat1", *tags: str, **tool: Any) -> _JobWrapper:
    job = Job()
    job.user = account_of(user) if user.user else None
    job.tool_id = tool_id
    if user.user:
        job.history = galaxy.history(user, *tags)
    galaxy.session.add(job)
    galaxy.session.commit()
    wrapper = _JobWrapper(galaxy, job, _tool(tool_id, **tool))
    wrapper.tool.get_job_destination = lambda params: galaxy.host.job_config.get_destination(by)
    return wrapper


# One table for all


def _hogwarts(galaxy: InProcess) -> None:
    """Trainings in every state at `DURING`, each with a member of the same name, and some more people."""
    for identifier in ("gryffindor", "quidditch", "potions", "cancelled", "early", "left", "gone"):
        galaxy.training(identifier, destination="training-big" if identifier == "quidditch" else None)
        galaxy.join(identifier, galaxy.user(identifier))
    galaxy.training("upcoming", start=date(2026, 12, 1), end=date(2026, 12, 2))
    galaxy.join("upcoming", galaxy.user("upcoming"), at=BEFORE)
    galaxy.training("over")
    galaxy.join("over", galaxy.user("over"))
    galaxy.move("over", date(2026, 10, 1), date(2026, 10, 2))
    galaxy.training("long", start=date(2026, 11, 1), end=date(2026, 11, 30), destination="training-big")
    for identifier in ("long", "gryffindor"):
        galaxy.join(identifier, galaxy.user("hermione"))

    galaxy.decide("cancelled", "cancelled")
    galaxy.perform(TrainingsService.end, galaxy.admin(), "early", Note(), DURING)
    galaxy.perform(MembershipsService.leave, galaxy.user("left"), "left", DURING)
    galaxy.delete_account(galaxy.user("gone"))
    galaxy.foreign_role("training-lions", galaxy.foreign_group("training-lions", galaxy.user("lion")))


class Case(NamedTuple):
    """`by_role` is where TPV sends the job if it looks at roles alone, if that is somewhere else."""

    user: Optional[str]
    destination: str
    tool_id: str = "cat1"
    tags: tuple[str, ...] = ()
    tool: dict[str, Any] = {}
    by_role: Optional[str] = None


CASES = {
    "member of a running training": Case("gryffindor", "training"),
    "member of a training with a destination of its own": Case("quidditch", "training-big"),
    "member of a training to come": Case("upcoming", "regular"),
    "member of a training that is over, whose role is still there": Case("over", "regular", by_role="training"),
    "member of a cancelled training": Case("cancelled", "regular"),
    "member of a training that ended early": Case("early", "regular"),
    "who left": Case("left", "regular"),
    "deleted account": Case("gone", "regular", by_role="training"),
    "member of two trainings": Case("hermione", "training"),
    "member of two trainings, in a history of the older": Case(
        "hermione", "training-big", tags=("long",), by_role="training"
    ),
    "member of two trainings, in a history with the older as a name tag": Case(
        "hermione", "training-big", tags=("name:long",), by_role="training"
    ),
    "member of one training, in a history of another": Case("gryffindor", "training", tags=("long",)),
    "instructor": Case("minerva", "regular"),
    "stranger": Case("draco", "regular"),
    "not logged in": Case(None, "regular"),
    "member of a foreign group of such a name": Case("lion", "regular", by_role="training"),
    "upload of a member": Case("gryffindor", "local", "upload1"),
    "data fetch of a member": Case("quidditch", "local", "__DATA_FETCH__"),
    "internal tool of a member": Case("gryffindor", "local", "__SET_METADATA__"),
    "internal tool of a stranger": Case("draco", "local", "__IMPORT_HISTORY__"),
    "data fetch without login": Case(None, "local", "__DATA_FETCH__"),
    "interactive tool of a member": Case(
        "gryffindor", "regular", tool={"tool_type": "interactive"}, by_role="training"
    ),
    "tool of a member that needs a GPU": Case("gryffindor", "regular", tool={"gpu": True}, by_role="training"),
}


@pytest.mark.parametrize("by", [HAT, TPV, TPV_BY_ROLE])
def test_tpv_and_our_rule_agree(galaxy: InProcess, by: str) -> None:
    _hogwarts(galaxy)
    found = {}
    for name, case in CASES.items():
        user = galaxy.user(case.user) if case.user else ANONYMOUS
        found[name] = _mapped(galaxy, by, user, case.tool_id, *case.tags, **case.tool).id
    assert found == {
        name: case.by_role if case.by_role and by == TPV_BY_ROLE else case.destination for name, case in CASES.items()
    }


# What takes the place of rules that read the database of tiaas2

_MOVING_IN = Path(__file__).parents[2].joinpath("docs", "moving-in.md").read_text(encoding="utf-8")
_REPLACEMENTS = [yaml.safe_load(part.partition("```")[0]) for part in _MOVING_IN.split("```yaml\n")[1:]]


@pytest.mark.parametrize("replacement", _REPLACEMENTS, ids=["by decision", "by role"])
def test_what_replaces_a_rule_that_read_the_old_database_finds_the_same_people(
    make_galaxy: Callable[..., InProcess], replacement: Settings
) -> None:
    """It needs no environment for trainings and no rule of ours in the job configuration."""
    compute: Settings = {
        "global": {"default_inherits": "default"},
        "tools": {"default": {"abstract": True, "params": {"requirements": '(GalaxyGroup == "compute")'}}},
        "destinations": {"default": {"abstract": True, "runner": "local"}, "condor": {}},
    }
    environment: Settings = {"runner": "dynamic", "type": "python", "rules_module": "tpv.rules"}
    environment |= {"function": "map_tool_to_destination", "tpv_config_files": [compute, replacement]}
    execution = {"default": TPV, "environments": {TPV: environment, "condor": {"runner": "local"}}}
    galaxy = make_galaxy(job_conf={"runners": {"local": {"load": "local"}}, "execution": execution})
    for identifier in ("running", "cancelled", "early", "left"):
        galaxy.training(identifier)
        galaxy.join(identifier, galaxy.user(identifier))
    galaxy.training("upcoming", start=date(2026, 12, 1), end=date(2026, 12, 2))
    galaxy.join("upcoming", galaxy.user("upcoming"), at=BEFORE)
    galaxy.decide("cancelled", "cancelled")
    galaxy.perform(TrainingsService.end, galaxy.admin(), "early", Note(), DURING)
    galaxy.perform(MembershipsService.leave, galaxy.user("left"), "left", DURING)
    in_class = '(GalaxyGroup == "compute") || (GalaxyGroup == "tiaas")'
    for name in ("running", "cancelled", "early", "left", "upcoming", "draco"):
        expected = in_class if name == "running" else '(GalaxyGroup == "compute")'
        assert _mapped(galaxy, TPV, galaxy.user(name)).params["requirements"] == expected, name
    assert _mapped(galaxy, TPV, ANONYMOUS).params["requirements"] == '(GalaxyGroup == "compute")'


# What a decision brings with it


@pytest.mark.parametrize("by", [HAT, TPV])
def test_the_training_and_its_parameters_are_in_the_destination(make_galaxy: Callable[..., InProcess], by: str) -> None:
    choice = {"id": "training-big", "params": {"native_specification": "--reservation={identifier} --account={role}"}}
    galaxy = make_galaxy(job_conf=_job_conf(), destinations=["training", choice])
    galaxy.training(destination="training-big")
    galaxy.join("gryffindor", galaxy.user("harry"))
    params = _mapped(galaxy, by, galaxy.user("harry")).params
    assert params["tiaas_training"] == "gryffindor"
    assert params["native_specification"] == "--reservation=gryffindor --account=training-gryffindor"
    assert "tiaas_training" not in _mapped(galaxy, by, galaxy.user("draco")).params


#: A tool that wants many cores, and a destination whose parameters say how many it gets.
_MANY_CORES: Settings = {
    "tools": {"cat1": {"cores": 16}},
    "destinations": {name: {"params": {"asks_for": "{cores} {mem:g}"}} for name in ("training", "regular")},
}


def test_jobs_of_a_training_get_no_more_than_its_destination_allows(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(job_conf=_job_conf(_MANY_CORES))
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    params = _mapped(galaxy, TPV, galaxy.user("harry")).params
    assert params["asks_for"] == "4 15.2"
    assert params["native_specification"] == "--ntasks=4 --mem=15565 --time=8:00:00"
    assert _mapped(galaxy, TPV, galaxy.user("draco")).params["asks_for"] == "16 60.8"


@pytest.mark.parametrize("why", [JobState.runner_states.WALLTIME_REACHED, JobState.runner_states.MEMORY_LIMIT_REACHED])
def test_a_job_that_reached_a_limit_goes_where_it_always_goes_and_still_counts(galaxy: InProcess, why: str) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    wrapper = _wrapper(galaxy, TPV, galaxy.user("harry"))
    assert wrapper.job_destination.id == "training"
    destination = wrapper.resubmitted(why)
    assert destination.id == "regular"
    assert destination.params == {"tiaas_training": "gryffindor"}
    assert not destination.resubmit


def test_a_job_that_failed_otherwise_is_not_resubmitted(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    with pytest.raises(pytest.fail.Exception):
        _wrapper(galaxy, TPV, galaxy.user("harry")).resubmitted(JobState.runner_states.TOOL_DETECT_ERROR)


def test_a_tool_list_counts_for_tpv_too(make_galaxy: Callable[..., InProcess]) -> None:
    lists = [
        {"name": "large", "tools": ["trinity*"]},
        {"name": "interactive", "kinds": ["interactive"], "training": "training-big"},
    ]
    galaxy = make_galaxy(job_conf=_job_conf(), tool_lists=lists)
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    for by in (HAT, TPV):
        assert _mapped(galaxy, by, galaxy.user("harry"), "trinity_plus").id == "regular"
        assert _mapped(galaxy, by, galaxy.user("harry"), "jupyter", tool_type="interactive").id == "training-big"
        assert _mapped(galaxy, by, galaxy.user("draco"), "jupyter", tool_type="interactive").id == "regular"


# Where a training's destination cannot be had


def test_a_job_that_no_destination_for_trainings_can_take_goes_where_it_always_goes(
    make_galaxy: Callable[..., InProcess],
) -> None:
    small: Settings = {"destinations": {"training": {"max_accepted_cores": 8}}}
    galaxy = make_galaxy(job_conf=_job_conf(_MANY_CORES, small))
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert _mapped(galaxy, TPV, galaxy.user("harry")).id == "regular"
    assert _mapped(galaxy, TPV, galaxy.user("harry"), "sort1").id == "training"


@pytest.mark.parametrize("by", [HAT, TPV])
def test_a_chosen_destination_that_was_removed_since_is_replaced_by_the_usual_one(galaxy: InProcess, by: str) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.find("gryffindor").destination = "highmem"
    galaxy.session.commit()
    assert _mapped(galaxy, by, galaxy.user("harry")).id == "training"


# Never harm, and cheap


def _complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == job_rule.__name__]


@pytest.mark.parametrize("trouble", ["no table", "broken settings"])
def test_after_trouble_of_ours_tpv_goes_on_and_the_log_says_so_once(
    galaxy: InProcess, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    harry = galaxy.user("harry")
    if trouble == "no table":
        galaxy.session.execute(sqlalchemy.text("DROP TABLE tiaas_training"))
        galaxy.session.commit()
    else:
        (galaxy.directory / "tiaas_conf.yml").write_text("nonsense: [")
    assert [_mapped(galaxy, TPV, harry).id for _ in range(3)] == ["regular"] * 3
    (line,) = _complaints(caplog)
    assert ("tiaas_training" if trouble == "no table" else "tiaas_conf.yml") in line and "\n" not in line


def test_what_tpv_is_told_is_nothing_rather_than_an_error(galaxy: InProcess) -> None:
    class Broken:
        @property
        def id(self) -> int:
            raise sqlalchemy.exc.PendingRollbackError("this session's transaction has been rolled back")

    tool = _tool("cat1")
    assert tpv.training_of(galaxy.host, Job(), tool, Broken()) is None
    assert tpv.training_of(galaxy.host, Broken(), tool, galaxy.account()) is None
    assert tpv.training_of(galaxy.host, None, None, galaxy.account()) is None
    assert tpv.training_of(None, None, None, None) is None


def test_tpv_asks_us_once_and_for_nobody_not_at_all(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    for user, tool_id, questions in [
        (galaxy.user("harry"), "cat1", 1),
        (ANONYMOUS, "cat1", 0),
        (galaxy.user("harry"), "upload1", 0),
    ]:
        with galaxy.statements() as sent:
            _mapped(galaxy, TPV, user, tool_id)
        assert len([statement for statement in sent if "tiaas_training" in statement]) == questions


# Our rule in front of TPV


def test_our_rule_may_leave_to_tpv_what_counts_for_no_training(make_galaxy: Callable[..., InProcess]) -> None:
    job_conf = _job_conf()
    del job_conf["execution"]["environments"]["regular"]
    job_conf["execution"]["environments"][HAT]["default"] = TPV
    galaxy = make_galaxy(job_conf=job_conf)
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert galaxy[DestinationCatalogue].problems() == []
    assert _mapped(galaxy, HAT, galaxy.user("harry")).id == "training"
    assert _mapped(galaxy, HAT, galaxy.user("draco")).id == "regular", "which TPV alone knows"
    assert _mapped(galaxy, HAT, ANONYMOUS).id == "regular"
    assert _mapped(galaxy, HAT, galaxy.user("draco"), "upload1").id == "local"
