"""An admin who wonders why a job goes where it goes is told all that the rule looked at."""

import json
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
from click.testing import (
    CliRunner,
    Result,
)
from galaxy.model import Job
from galaxy_tiaas.cli.explain import explain as command
from galaxy_tiaas.core.actor import (
    Actor,
    SERVER,
)
from galaxy_tiaas.core.model import Training
from galaxy_tiaas.routing.schema import (
    RoutingExplanation,
    RoutingQuestion,
    RuleAnswer,
)
from galaxy_tiaas.routing.service import (
    eligibility,
    RoutingService,
)
from galaxy_tiaas.trainings.schema import Note
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import TrainingPhase
from in_process import (
    AFTER,
    ANONYMOUS,
    DURING,
    InProcess,
    on_both_databases,
)
from pydantic import ValidationError


def _explain(galaxy: InProcess, now: datetime = DURING, actor: Actor = SERVER, **question: Any) -> RoutingExplanation:
    return galaxy[RoutingService].explain(actor, RoutingQuestion(**question), now)


def _answer(galaxy: InProcess, now: datetime = DURING, **question: Any) -> RuleAnswer:
    (answer,) = _explain(galaxy, now, **question).rules
    return answer


def _job(galaxy: InProcess, by: Actor, destination: Optional[str] = None, **params: str) -> int:
    """A job of which Galaxy has kept this."""
    galaxy.job(by)
    job = galaxy.session.scalars(sqlalchemy.select(Job).order_by(Job.id.desc())).first()
    assert job
    job.destination_id, job.destination_params = destination, {"token": "alohomora", **params}
    galaxy.session.commit()
    return int(job.id)


def _encoded(galaxy: InProcess, number: int) -> str:
    return galaxy.host.security.encode_id(number)


# Who may ask, and for whom


@pytest.mark.parametrize("question", [{"user": "harry"}, {"job": "1"}, {}])
def test_only_admins_may_ask(galaxy: InProcess, question: dict[str, Any]) -> None:
    _job(galaxy, galaxy.user("harry"), "training")
    for actor in (ANONYMOUS, galaxy.user("harry"), galaxy.user("minerva")):
        galaxy.refused(403, lambda actor=actor: _explain(galaxy, actor=actor, **question))  # type: ignore[misc]
    assert _explain(galaxy, actor=galaxy.admin(), **question)


@on_both_databases
def test_somebody_is_named_in_any_of_three_ways(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", harry := galaxy.user("harry"))
    assert harry.user_id
    for name in ("harry", "Harry@Example.org", _encoded(galaxy, harry.user_id)):
        explanation = _explain(galaxy, user=name)
        assert (explanation.user, explanation.rules[0].training) == ("harry", "gryffindor")


def test_an_id_is_not_taken_for_the_public_name_of_somebody_who_chose_the_same(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    assert harry.user_id
    galaxy.user(_encoded(galaxy, harry.user_id))
    assert _explain(galaxy, user=_encoded(galaxy, harry.user_id)).user == "harry"


def test_nobody_is_named_too(galaxy: InProcess) -> None:
    for name in ("", "anonymous", "Anonymous"):
        explanation = _explain(galaxy, user=name)
        assert explanation.user is None
        assert "not logged in" in explanation.rules[0].reason
        assert explanation.trainings == []


def test_an_account_that_does_not_exist_is_said_beside_its_field(galaxy: InProcess) -> None:
    galaxy.user("tom", deleted=True)
    for name in ("nobody", "tom", _encoded(galaxy, 4711), "0123456789abcdef"):
        problem: Any = galaxy.refused(400, lambda name=name: _explain(galaxy, user=name))  # type: ignore[misc]
        assert problem.field == "user"
        assert name in str(problem)


# A job that might come


@on_both_databases
def test_the_answer_is_that_of_the_rule_with_what_is_set_there(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(
        destinations=[
            {
                "id": "training-big",
                "title": "Eight cores",
                "params": {"native_specification": "--reservation={role}"},
            }
        ]
    )
    galaxy.training(destination="training-big")
    galaxy.join("gryffindor", galaxy.user("harry"))
    answer = _answer(galaxy, user="harry", tool_id="cat1")
    assert answer.model_dump(exclude={"reason"}) == {
        "rule": "sorting_hat",
        "asked": True,
        "destination": "training-big",
        "destination_title": "Eight cores",
        "training": "gryffindor",
        "params": {"native_specification": "--reservation=training-gryffindor"},
        "missing": None,
    }
    assert "'gryffindor'" in answer.reason


def test_the_time_may_be_another_one(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    for at, destination in (
        ("2026-11-15 11:59", "regular"),
        ("2026-11-15 12:00", "training"),
        ("2026-11-15T13:00+01:00", "training"),
        ("2026-11-15T12:59:00+01:00", "regular"),
        ("2026-11-19T11:59:59Z", "training"),
        ("2026-11-19", "training"),
        ("2026-11-19 12:00", "regular"),
    ):
        assert _answer(galaxy, AFTER, user="harry", at=at).destination == destination, at
    assert _answer(galaxy, AFTER, user="harry").destination == "regular"


@pytest.mark.parametrize("text", ["soon", "", "2026-13-01 12:00", "1066-10-14 09:00", "0001-01-01T00:00+14:00"])
def test_a_time_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="must"):
        RoutingQuestion(at=text)


def test_a_tool_that_the_job_configuration_sends_elsewhere_never_asks_the_rule(galaxy: InProcess) -> None:
    upload = _explain(galaxy, user="anonymous", tool_id="upload1")
    assert (upload.environment, upload.rules[0].asked) == ("local", False)
    other = _explain(galaxy, user="anonymous", tool_id="cat1")
    assert (other.environment, other.rules[0].asked) == ("sorting_hat", True)
    shed = "toolshed.g2.bx.psu.edu/repos/devteam/upload/upload1/1.0"
    assert _explain(galaxy, user="anonymous", tool_id=shed).environment == "local"


def test_without_the_tools_an_admin_says_what_kind_it_is(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    explanation = _explain(galaxy, user="harry", tool_id="jupyter", kinds={"interactive"})
    assert (explanation.kinds, explanation.tool_known) == (["interactive"], None)
    assert explanation.rules[0].destination == "regular"
    (training,) = explanation.trainings
    assert (training.counts, training.why) == (False, "it is running, but this job does not depend on trainings")


def test_a_server_that_has_its_tools_looks_what_kind_it_is(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = SimpleNamespace(id="jupyter", name="Jupyter Notebook", tool_type="interactive", version="1")
    tools = {"jupyter": notebook}
    toolbox = SimpleNamespace(tools=tools.items, get_tool=lambda tool_id, tool_version=None: tools.get(tool_id))
    monkeypatch.setattr(galaxy.host, "toolbox", toolbox, raising=False)
    explanation = _explain(galaxy, user="anonymous", tool_id="jupyter")
    assert (explanation.kinds, explanation.tool_known) == (["interactive"], True)
    assert explanation.tool_name == "Jupyter Notebook"
    assert _explain(galaxy, user="anonymous", tool_id="cat1").tool_known is False
    assert _explain(galaxy, user="anonymous").tool_known is None


# Which trainings were looked at


def test_each_training_of_somebody_is_named_with_the_reason_why_it_counts_or_not(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    galaxy.training("running", start=date(2026, 11, 10), end=date(2026, 11, 30))
    galaxy.training("newer", start=date(2026, 11, 17), end=date(2026, 11, 17))
    galaxy.training("coming", start=date(2026, 12, 1), end=date(2026, 12, 2))
    galaxy.training("past", start=date(2026, 11, 1), end=date(2026, 11, 2))
    galaxy.training("ended", start=date(2026, 11, 12), end=date(2026, 11, 29))
    galaxy.training("called-off")
    galaxy.training("not-joined")
    galaxy.training("taught", by=harry, start=date(2026, 11, 9), end=date(2026, 11, 29))
    for identifier in ("running", "newer", "coming", "past", "ended", "called-off"):
        galaxy.join(identifier, harry, at=datetime(2026, 10, 20))
    galaxy.decide("called-off", "cancelled")
    galaxy.perform(TrainingsService.end, SERVER, "ended", Note(), datetime(2026, 11, 16, 12))
    trainings = _explain(galaxy, user="harry").trainings
    found = {training.identifier: (training.counts, training.why) for training in trainings}
    assert found == {
        "coming": (False, "its window is not open yet"),
        "newer": (True, "it is running"),
        "called-off": (False, "it was cancelled"),
        "ended": (False, "it was ended early"),
        "running": (False, "it is running, but so is 'newer', which comes first"),
        "taught": (False, "teaches it, but has not joined it"),
        "past": (False, "it is over"),
    }


@pytest.mark.parametrize("state, why", [("new", "it has not been approved"), ("rejected", "it was rejected")])
def test_what_was_never_or_is_no_more_approved_does_not_count(state: str, why: str) -> None:
    training = Training(identifier="a", state=state)
    assert eligibility(training, TrainingPhase.ONGOING, joined=True, decided=None) == (False, why)


def test_the_number_of_queries_does_not_grow_with_the_trainings(galaxy: InProcess) -> None:
    harry, counts = galaxy.user("harry"), []
    for number in range(4):
        galaxy.training(f"course{number}")
        galaxy.join(f"course{number}", harry)
        galaxy.session.expire_all()
        with galaxy.statements() as sent:
            _explain(galaxy, user="harry")
        counts.append(len(sent))
    assert len(set(counts)) == 1


# A job that exists


@on_both_databases
def test_of_a_job_of_a_training_it_is_said_where_it_went_and_why(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(destinations=[{"id": "training-big", "title": "Eight cores"}])
    galaxy.training()
    galaxy.join("gryffindor", harry := galaxy.user("harry"))
    number = _job(galaxy, harry, "training-big", tiaas_training="gryffindor", tiaas_reason="the user is a member")
    for name in (str(number), _encoded(galaxy, number)):
        explanation = _explain(galaxy, AFTER, job=name)
        job = explanation.job
        assert job and (job.number, job.id) == (number, _encoded(galaxy, number))
        assert (job.destination, job.destination_title, job.training) == ("training-big", "Eight cores", "gryffindor")
        assert job.account == (
            "It went to 'training-big' and counted for the training 'gryffindor', because the user is a member."
        )
        assert (explanation.user, explanation.tool_id, explanation.at) == ("harry", "cat1", DURING)
        assert explanation.rules[0].destination == "training"
    assert "alohomora" not in explanation.model_dump_json()


def test_of_a_job_of_nobodys_training_the_reason_is_said(galaxy: InProcess) -> None:
    number = _job(galaxy, galaxy.user("draco"), "regular", tiaas_reason="the user is in no training")
    job = _explain(galaxy, job=str(number)).job
    assert job and job.training is None
    assert job.account == "It went to 'regular' and counted for no training, because the user is in no training."


def test_of_a_job_without_a_reason_it_is_said_that_nothing_is_known(galaxy: InProcess) -> None:
    job = _explain(galaxy, job=str(_job(galaxy, galaxy.user("draco"), "regular"))).job
    assert job and "was not placed by our rule" in job.account
    waiting = _explain(galaxy, job=str(_job(galaxy, galaxy.user("draco")))).job
    assert waiting and waiting.account == "Galaxy has not sent it anywhere yet."


def test_a_job_of_nobody_has_no_trainings(galaxy: InProcess) -> None:
    explanation = _explain(galaxy, job=str(_job(galaxy, ANONYMOUS, "regular", tiaas_reason="…")))
    assert (explanation.user, explanation.trainings) == (None, [])


@pytest.mark.parametrize("text", ["4711", "x", "0123456789abcdef", "-1", "²", "9" * 15, "1" * 16, "1 2"])
def test_a_job_that_does_not_exist_is_said_beside_its_field(galaxy: InProcess, text: str) -> None:
    problem: Any = galaxy.refused(400, lambda: _explain(galaxy, job=text))
    assert problem.field == "job"
    assert text in str(problem)


# The command


@pytest.fixture
def run(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr("galaxy_tiaas.cli.application.CliApplication.now", lambda _: DURING)
    galaxy.training()
    galaxy.training("slytherin", start=date(2026, 12, 1), end=date(2026, 12, 2))
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.join("slytherin", galaxy.user("harry"))
    return lambda *arguments: CliRunner().invoke(command, arguments, obj=str(galaxy.galaxy_yml))


def test_the_command_says_where_why_and_what_it_looked_at(run: Callable[..., Result]) -> None:
    assert run("--user", "harry", "--tool", "cat1").output == (
        "sorting_hat: training, because the user is a member of training 'gryffindor', which is running now.\n"
        "Trainings:\n"
        "  slytherin: does not count, its window is not open yet (2026-11-30 12:00 to 2026-12-03 12:00 UTC)\n"
        "  gryffindor: counts, it is running (2026-11-15 12:00 to 2026-11-19 12:00 UTC)\n"
    )


def test_the_command_answers_for_another_time_and_kind(run: Callable[..., Result]) -> None:
    assert run("--user", "harry", "--at", "2026-12-01 10:00").output.startswith("sorting_hat: training, because")
    assert run("--user", "harry", "--at", "2026-12-24").output.startswith("sorting_hat: regular, because")
    assert run("--user", "harry", "--kind", "interactive").output.startswith("sorting_hat: regular, because")


def test_the_command_says_when_the_rule_is_not_asked(run: Callable[..., Result]) -> None:
    lines = run("--user", "anonymous", "--tool", "upload1").output.splitlines()
    assert lines[0].startswith("sorting_hat: local, because")
    assert lines[1] == "But the job configuration sends upload1 to 'local' and asks no rule of ours."


def test_the_command_says_where_a_job_went(galaxy: InProcess, run: Callable[..., Result]) -> None:
    number = _job(galaxy, galaxy.user("harry"), "training", tiaas_training="gryffindor", tiaas_reason="of this")
    lines = run("--job", str(number)).output.splitlines()
    assert lines[:2] == [
        f"Job {number} (cat1, harry, ok):",
        "  It went to 'training' and counted for the training 'gryffindor', because of this.",
    ]
    assert json.loads(run("--job", str(number), "--json").output)["job"]["training"] == "gryffindor"


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        ([], 2, "--user or a job with --job"),
        (["--user", "harry", "--job", "1"], 2, "--user or a job with --job"),
        (["--user", "nobody"], 1, "There is no Galaxy account called 'nobody'."),
        (["--job", "4711"], 1, "There is no job '4711' on this server."),
        (["--user", "harry", "--at", "soon"], 1, "must be a date and a time, as in 2027-03-31 14:00"),
    ],
)
def test_the_command_says_what_it_cannot_answer(
    run: Callable[..., Result], arguments: list[str], code: int, words: str
) -> None:
    result = run(*arguments)
    assert (result.exit_code, words in result.output) == (code, True)
