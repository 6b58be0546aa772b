"""The rule, called as Galaxy's job handlers call it: whatever happens, a job goes somewhere that exists."""

import itertools
from collections.abc import Callable
from datetime import (
    date,
    datetime,
)
from types import SimpleNamespace
from typing import (
    Any,
    Optional,
)

import pytest
import sqlalchemy
from galaxy.jobs import JobDestination
from galaxy.jobs.mapper import JobRunnerMapper
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.rate_limited_log import RateLimitedLog
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.routing import job_rule
from galaxy_tiaas.routing.destinations import DestinationCatalogue
from galaxy_tiaas.rules import gateway
from in_process import (
    account_of,
    AFTER,
    ANONYMOUS,
    BEFORE,
    DURING,
    InProcess,
    on_both_databases,
)

_BESIDE_RULE = {"default": "regular", "training": "training"}

#: Each call is about a job of its own, newer than all before.
_job_ids = itertools.count(7)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """The rule gets no time from Galaxy and looks at the clock itself."""
    monkeypatch.setattr(job_rule, "errors", RateLimitedLog(job_rule.log))

    def set_clock(now: datetime) -> None:
        monkeypatch.setattr(job_rule, "now", lambda: now)

    set_clock(DURING)
    return set_clock


def _tool(tool_id: str, tool_type: str = "default") -> Any:
    return SimpleNamespace(id=tool_id, tool_type=tool_type, all_ids=[tool_id])


def _go(
    galaxy: InProcess,
    user: Actor,
    tool_id: str = "cat1",
    *,
    app: Any = None,
    tool_type: str = "default",
    **beside_rule: Optional[str],
) -> str:
    app = app or galaxy.host
    found = gateway.sorting_hat(
        app=app,
        job_id=next(_job_ids),
        user=user.user,
        tool=_tool(tool_id, tool_type),
        tool_id=tool_id,
        referrer=app.job_config.get_destination("sorting_hat"),
        **{**_BESIDE_RULE, **beside_rule},
    )
    destination = str(found.id if isinstance(found, JobDestination) else found)
    assert destination in app.job_config.destinations
    assert app.job_config.get_destination(destination).runner != "dynamic"
    return destination


def _app(galaxy: InProcess, **replaced: Any) -> Any:
    """Galaxy's application, with something broken."""
    parts = {"config": galaxy.host.config, "job_config": galaxy.host.job_config, "model": galaxy.host.model}
    return SimpleNamespace(**{**parts, **replaced})


def _errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == job_rule.__name__]


# Who


@on_both_databases
def test_a_member_of_a_running_training_goes_to_the_training_destination(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert _go(galaxy, galaxy.user("harry")) == "training"


def test_others_go_to_the_default(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert _go(galaxy, ANONYMOUS) == "regular"
    assert _go(galaxy, galaxy.user("draco")) == "regular"
    assert _go(galaxy, galaxy.user("minerva")) == "regular"


def test_who_left_goes_to_the_default(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.perform(MembershipsService.leave, galaxy.user("harry"), "gryffindor", DURING)
    assert _go(galaxy, galaxy.user("harry")) == "regular"


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_members_of_a_training_that_is_not_approved_any_more_go_to_the_default(galaxy: InProcess, state: str) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.decide("gryffindor", state)
    assert _go(galaxy, galaxy.user("harry")) == "regular"


@on_both_databases
def test_the_dates_count_though_nobody_switched_anything(galaxy: InProcess, clock: Callable[[datetime], None]) -> None:
    """Joined early, so the role was never put on; and nothing takes it off at the end."""
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry, at=BEFORE)
    for now, destination in [
        (BEFORE, "regular"),
        (datetime(2026, 11, 15, 11, 59, 59), "regular"),
        (datetime(2026, 11, 15, 12), "training"),
        (DURING, "training"),
        (datetime(2026, 11, 19, 11, 59, 59), "training"),
        (datetime(2026, 11, 19, 12), "regular"),
        (AFTER, "regular"),
    ]:
        clock(now)
        assert _go(galaxy, harry) == destination, now


def test_a_role_that_outlived_its_training_has_no_effect(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.move("gryffindor", date(2026, 10, 1), date(2026, 10, 2))
    assert galaxy.is_on("training-gryffindor")
    assert _go(galaxy, galaxy.user("harry")) == "regular"


def test_a_foreign_group_with_our_prefix_has_no_effect(galaxy: InProcess) -> None:
    galaxy.foreign_role("training-lions", galaxy.foreign_group("training-lions", galaxy.user("draco")))
    assert _go(galaxy, galaxy.user("draco")) == "regular"


# Where


def test_the_destination_chosen_at_approval_is_used(galaxy: InProcess) -> None:
    galaxy.training(destination="training-big")
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert _go(galaxy, galaxy.user("harry")) == "training-big"


def test_of_two_trainings_at_once_the_one_that_started_last_counts(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    galaxy.training("long", start=date(2026, 11, 1), end=date(2026, 11, 30), destination="training-big")
    galaxy.training("short")
    galaxy.join("short", harry)
    galaxy.join("long", harry)
    assert _go(galaxy, harry) == "training"


@pytest.mark.parametrize("tool_id", ["upload1", "__DATA_FETCH__", "__SET_METADATA__", "__IMPORT_HISTORY__"])
@pytest.mark.parametrize("who", ["harry", "draco", "anonymous"])
def test_internal_tools_stay_local(galaxy: InProcess, tool_id: str, who: str) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    user = ANONYMOUS if who == "anonymous" else galaxy.user(who)
    assert _go(galaxy, user, tool_id) == "local"
    assert _go(galaxy, user, tool_id, local="training-big") == "training-big"


@pytest.mark.parametrize("tool_type", ["expression", "set_metadata", "import_history", "export_history"])
def test_internal_tools_are_known_by_their_kind_too(galaxy: InProcess, tool_type: str) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert _go(galaxy, galaxy.user("harry"), "pick_value", tool_type=tool_type) == "local"
    assert _go(galaxy, galaxy.user("harry"), "cat1", tool_type="data_source") == "training"


def test_interactive_tools_stay_where_they_can_run_unless_a_list_says_otherwise(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert _go(galaxy, galaxy.user("harry"), "jupyter", tool_type="interactive") == "regular"


def _job_conf(environments: dict[str, Any], **rule: Any) -> dict[str, Any]:
    hat = {
        "runner": "dynamic",
        "type": "python",
        "rules_module": "galaxy_tiaas.rules",
        "function": "sorting_hat",
        **rule,
    }
    return {
        "runners": {"here": {"load": "galaxy.jobs.runners.local:LocalJobRunner"}},
        "execution": {"default": "sorting_hat", "environments": {**environments, "sorting_hat": hat}},
    }


def test_without_an_environment_called_local_internal_tools_go_to_the_default(
    make_galaxy: Callable[..., InProcess],
) -> None:
    galaxy = make_galaxy(job_conf=_job_conf({"regular": {"runner": "here"}, "training": {"runner": "here"}}))
    assert _go(galaxy, galaxy.user("harry"), "upload1") == "regular"


def test_parameters_may_come_from_the_settings(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(default="regular", training="training-big", local="training")
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    unset: dict[str, Any] = {"default": None, "training": None}
    assert _go(galaxy, galaxy.user("draco"), **unset) == "regular"
    assert _go(galaxy, galaxy.user("harry"), **unset) == "training-big"
    assert _go(galaxy, galaxy.user("harry"), "upload1", **unset) == "training"
    assert _go(galaxy, galaxy.user("harry"), training="local") == "local"


# Whatever goes wrong


def test_a_default_that_does_not_exist_is_replaced_and_logged(
    galaxy: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    assert _go(galaxy, galaxy.user("draco"), default="nowhere") == "local"
    (line,) = _errors(caplog)
    assert "'nowhere'" in line and "'local'" in line and "\n" not in line


@pytest.mark.parametrize("default", [None, ""])
def test_without_a_default_there_is_still_a_place(galaxy: InProcess, default: Optional[str]) -> None:
    assert _go(galaxy, galaxy.user("draco"), default=default) == "local"


def test_a_default_that_is_the_rule_itself_is_no_endless_loop(
    galaxy: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    assert _go(galaxy, galaxy.user("draco"), default="sorting_hat") == "local"
    assert len(_errors(caplog)) == 1


def test_a_training_destination_that_is_the_rule_itself_is_not_used(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert _go(galaxy, galaxy.user("harry"), training="sorting_hat") == "regular"


def test_a_training_destination_that_does_not_exist_is_replaced_by_the_default(
    galaxy: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert _go(galaxy, galaxy.user("harry"), training="nowhere") == "regular"
    assert len(_errors(caplog)) == 1


def test_a_chosen_destination_that_was_removed_since_is_replaced_by_the_usual_one(
    galaxy: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.find("gryffindor").destination = "highmem"
    galaxy.session.commit()
    assert _go(galaxy, galaxy.user("harry")) == "training"
    assert "'highmem'" in _errors(caplog)[0]


def test_where_there_is_neither_default_nor_local_any_place_will_do(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(job_conf=_job_conf({"somewhere": {"runner": "here"}}))
    assert _go(galaxy, galaxy.user("draco"), default="nowhere", training=None) == "somewhere"
    assert _go(galaxy, galaxy.user("draco"), "upload1", default="nowhere", training=None) == "somewhere"


@pytest.mark.parametrize("who", ["harry", "draco", "anonymous"])
@pytest.mark.parametrize("tool_id", ["cat1", "upload1"])
def test_broken_settings_send_jobs_to_the_default(
    make_galaxy: Callable[..., InProcess], caplog: pytest.LogCaptureFixture, who: str, tool_id: str
) -> None:
    galaxy = make_galaxy()
    (galaxy.directory / "tiaas_conf.yml").write_text("nonsense: [")
    user = ANONYMOUS if who == "anonymous" else galaxy.user(who)
    assert _go(galaxy, user, tool_id) == "regular"
    (line,) = _errors(caplog)
    assert "tiaas_conf.yml" in line and "\n" not in line


def test_missing_tables_send_jobs_to_the_default(galaxy: InProcess, caplog: pytest.LogCaptureFixture) -> None:
    harry = galaxy.user("harry")
    galaxy.session.execute(sqlalchemy.text("DROP TABLE tiaas_training"))
    galaxy.session.commit()
    assert _go(galaxy, harry) == "regular"
    (line,) = _errors(caplog)
    assert "tiaas_training" in line and "\n" not in line


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/galaxy.sqlite", "postgresql://nobody:hunter2@127.0.0.1:1/galaxy?connect_timeout=1"]
)
def test_a_database_that_is_away_sends_jobs_to_the_default(
    galaxy: InProcess, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    app = _app(galaxy, model=SimpleNamespace(engine=sqlalchemy.create_engine(url)))
    assert _go(galaxy, galaxy.user("harry"), app=app) == "regular"
    (line,) = _errors(caplog)
    assert "\n" not in line and "hunter2" not in line
    assert _go(galaxy, galaxy.user("harry"), "upload1", app=app) == "local"
    assert _go(galaxy, ANONYMOUS, app=app) == "regular"


def test_an_account_that_cannot_be_read_sends_the_job_to_the_default(galaxy: InProcess) -> None:
    """As when the job handler's own session is broken."""

    class Broken:
        @property
        def id(self) -> int:
            raise sqlalchemy.exc.PendingRollbackError("this session's transaction has been rolled back")

    assert _go(galaxy, SimpleNamespace(user=Broken())) == "regular"  # type: ignore[arg-type]


def test_trouble_of_ours_does_not_end_galaxys_transaction(galaxy: InProcess) -> None:
    """The job handler goes on with the session in which it found the job."""
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.session.execute(sqlalchemy.text("DROP TABLE tiaas_training_event"))
    galaxy.session.execute(sqlalchemy.text("DROP TABLE tiaas_training"))
    galaxy.session.commit()
    account_of(harry).email = "new@example.org"
    assert _go(galaxy, harry) == "regular"
    galaxy.session.commit()
    assert galaxy.query("SELECT email FROM galaxy_user WHERE username = 'harry'")[0].email == "new@example.org"


# As Galaxy calls it


class _JobWrapper:
    """What Galaxy's mapper wants to know of a job."""

    job_id = 7

    def __init__(self, galaxy: InProcess, user: Actor, tool_id: str) -> None:
        self.app = galaxy.host
        self.user = user.user
        self.tool = _tool(tool_id)
        self.tool.get_job_destination = lambda params: galaxy.host.job_config.get_destination("sorting_hat")

    def get_job(self) -> Any:
        return SimpleNamespace(user=self.user, history_id=None)


def _mapped(galaxy: InProcess, user: Actor, tool_id: str = "cat1") -> str:
    wrapper: Any = _JobWrapper(galaxy, user, tool_id)
    mapper = JobRunnerMapper(wrapper, lambda url: pytest.fail(url), galaxy.host.job_config)
    return str(mapper.get_job_destination({}).id)


def test_galaxys_mapper_finds_the_rule_and_gives_it_what_stands_beside_it(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert _mapped(galaxy, galaxy.user("harry")) == "training"
    assert _mapped(galaxy, galaxy.user("harry"), "__DATA_FETCH__") == "local"
    assert _mapped(galaxy, galaxy.user("draco")) == "regular"
    assert _mapped(galaxy, ANONYMOUS) == "regular"


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"default": "sorting_hat"},
        {"default": "nowhere", "training": "nowhere"},
        {"default": "somewhere"},
        {"default": "somewhere", "training": "somewhere", "max_cores": "2", "spill_over": "nowhere"},
    ],
    ids=["nothing", "itself", "nowhere", "half", "removed"],
)
def test_galaxys_mapper_never_fails_a_job_because_of_a_wrong_parameter(
    make_galaxy: Callable[..., InProcess], rule: dict[str, str]
) -> None:
    galaxy = make_galaxy(job_conf=_job_conf({"somewhere": {"runner": "here"}}, **rule))
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    for user in (galaxy.user("harry"), ANONYMOUS):
        assert _mapped(galaxy, user) == _mapped(galaxy, user, "upload1") == "somewhere"


# What is wrong is said at start


def _problems(galaxy: InProcess) -> list[str]:
    return galaxy[DestinationCatalogue].problems()


def test_the_example_configuration_has_no_problems(galaxy: InProcess) -> None:
    assert _problems(galaxy) == []


@pytest.mark.parametrize(
    "rule, words",
    [
        ({"training": "somewhere"}, ["'default' is missing"]),
        ({"default": "somewhere"}, ["'training' is missing"]),
        ({}, ["'default' is missing", "'training' is missing"]),
        ({"default": "nowhere", "training": "somewhere"}, ["default: 'nowhere' is not an environment"]),
        ({"default": "somewhere", "training": "nowhere"}, ["training: 'nowhere' is not an environment"]),
        (
            {"default": "somewhere", "training": "somewhere", "local": "nowhere"},
            ["local: 'nowhere' is not an environment"],
        ),
        ({"default": "sorting_hat", "training": "somewhere"}, ["default: must not be the rule itself"]),
        (
            {"default": "somewhere", "training": "somewhere", "max_cores": "2"},
            ["max_cores: was removed; set max_cores of the destination in TPV"],
        ),
    ],
)
def test_a_missing_or_unknown_parameter_is_a_sentence_each(
    make_galaxy: Callable[..., InProcess], rule: dict[str, str], words: list[str]
) -> None:
    problems = _problems(make_galaxy(job_conf=_job_conf({"somewhere": {"runner": "here"}}, **rule)))
    for problem, word in zip(problems, words, strict=True):
        assert word in problem
        assert "sorting_hat" in problem
        assert "\n" not in problem


def test_a_parameter_in_the_settings_is_as_good(make_galaxy: Callable[..., InProcess]) -> None:
    job_conf = _job_conf({"somewhere": {"runner": "here"}})
    assert _problems(make_galaxy(job_conf=job_conf, default="somewhere", training="somewhere")) == []
    (problem,) = _problems(make_galaxy(job_conf=job_conf, default="somewhere", training="nowhere"))
    assert "'nowhere'" in problem


def test_a_choice_for_admins_that_does_not_exist_is_a_problem(make_galaxy: Callable[..., InProcess]) -> None:
    (problem,) = _problems(make_galaxy(destinations=["training", "nowhere"]))
    assert "'nowhere'" in problem


def test_admins_choose_from_all_static_environments_unless_the_settings_name_some(
    make_galaxy: Callable[..., InProcess],
) -> None:
    choices = make_galaxy()[DestinationCatalogue].choices()
    assert [choice.id for choice in choices] == ["local", "regular", "training", "training-big"]
    choices = make_galaxy(destinations=[{"id": "training-big", "title": "Large nodes"}])[DestinationCatalogue].choices()
    assert [(choice.id, choice.title) for choice in choices] == [("training-big", "Large nodes")]


def test_where_the_rule_is_not_used_there_is_nothing_to_check(make_galaxy: Callable[..., InProcess]) -> None:
    job_conf = _job_conf({"somewhere": {"runner": "here"}})
    job_conf["execution"] = {"default": "somewhere", "environments": {"somewhere": {"runner": "here"}}}
    galaxy = make_galaxy(job_conf=job_conf)
    assert _problems(galaxy) == []
    assert galaxy[DestinationCatalogue].rules() == []
