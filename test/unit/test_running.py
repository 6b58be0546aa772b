"""Schedulers are told what runs now and next: cheaply, and at once when somebody has decided."""

import json
from collections.abc import Callable
from datetime import (
    date,
    timedelta,
)
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from galaxy_tiaas.cli.running import running as command
from galaxy_tiaas.core.actor import (
    Actor,
    SERVER,
)
from galaxy_tiaas.reporting.service import RunningService
from in_process import (
    ANONYMOUS,
    DURING,
    InProcess,
    on_both_databases,
)

_BIG = {
    "id": "training-big",
    "title": "Eight cores",
    "params": {"native_specification": "--reservation={role}"},
}


def _running(galaxy: InProcess, now: Any = DURING, actor: Actor = SERVER, token: str = "") -> list[dict[str, Any]]:
    return json.loads(galaxy[RunningService].running(actor, now, token).json)


def _names(galaxy: InProcess, now: Any = DURING) -> list[str]:
    return [training["identifier"] for training in _running(galaxy, now)]


@on_both_databases
def test_a_scheduler_learns_group_window_size_and_destination(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(destinations=["training", _BIG])
    galaxy.training(destination="training-big", title="Charms")
    galaxy.join("gryffindor", galaxy.user("harry"), galaxy.user("ron"))
    assert _running(galaxy) == [
        {
            "identifier": "gryffindor",
            "title": "Charms",
            "group": "training-gryffindor",
            "role": "training-gryffindor",
            "phase": "ongoing",
            "opens": "2026-11-15T12:00:00Z",
            "closes": "2026-11-19T12:00:00Z",
            "start": "2026-11-16",
            "end": "2026-11-18",
            "timezone": "UTC",
            "attendance": 20,
            "members": 2,
            "destination": "training-big",
            "environment": "training-big",
            "environment_title": "Eight cores",
            "params": {"native_specification": "--reservation=training-gryffindor"},
        }
    ]


def test_schedulers_see_what_runs_now_and_next_in_order(galaxy: InProcess) -> None:
    galaxy.training("over", start=date(2026, 11, 1), end=date(2026, 11, 2))
    galaxy.training("next", start=date(2026, 12, 1), end=date(2026, 12, 2), attendance=30)
    galaxy.training("now", destination="training-big")
    for state in ("new", "rejected", "cancelled"):
        galaxy.training(state, state=state)
    found = [(view["identifier"], view["phase"], view["destination"]) for view in _running(galaxy)]
    assert found == [("now", "ongoing", "training-big"), ("next", "upcoming", None)]


def test_a_scheduler_learns_where_jobs_go_when_nothing_was_chosen(make_galaxy: Callable[..., InProcess]) -> None:
    override = {"destination": "training-big", "params": {"queue": "{identifier}"}}
    galaxy = make_galaxy(training_overrides={"gryff*": override})
    galaxy.training()
    galaxy.training("slytherin")
    found = [(view["destination"], view["environment"], view["params"]) for view in _running(galaxy)]
    assert found == [(None, "training-big", {"queue": "gryffindor"}), (None, "training", {})]


def test_it_is_for_admins_and_for_who_knows_the_token(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(feed_token="alohomora")
    galaxy.training()
    assert _running(galaxy, actor=galaxy.admin()) == _running(galaxy, actor=ANONYMOUS, token="alohomora") != []
    for actor in (ANONYMOUS, galaxy.user("minerva")):
        for token in ("", "Alohomora", "älohomora"):
            galaxy.refused(403, lambda actor=actor, token=token: _running(galaxy, actor=actor, token=token))  # type: ignore[misc]


def test_without_a_token_in_the_settings_an_empty_one_opens_nothing(galaxy: InProcess) -> None:
    galaxy.refused(403, lambda: _running(galaxy, actor=ANONYMOUS, token=""))


def test_those_who_ask_within_a_few_seconds_share_one_list(galaxy: InProcess) -> None:
    galaxy.training()
    service = galaxy[RunningService]
    first = service.running(SERVER, DURING)
    with galaxy.statements() as sent:
        again = service.running(SERVER, DURING + timedelta(seconds=4))
    assert again is first
    assert len(sent) == 1
    later = service.running(SERVER, DURING + timedelta(seconds=5))
    assert later is not first
    assert later.etag == first.etag


def test_a_decision_is_told_at_once(galaxy: InProcess) -> None:
    service = galaxy[RunningService]

    def named() -> list[str]:
        answer = service.running(SERVER, DURING)
        tags.add(answer.etag)
        return [training.identifier for training in answer.value.root]

    tags: set[str] = set()
    galaxy.training()
    assert named() == ["gryffindor"]
    galaxy.training("slytherin")
    assert named() == ["gryffindor", "slytherin"]
    galaxy.decide("gryffindor", "cancelled")
    assert named() == ["slytherin"]
    assert len(tags) == 3


def test_the_number_of_queries_does_not_grow_with_the_number_of_trainings(galaxy: InProcess) -> None:
    counts = []
    for number in range(3):
        galaxy.training(f"course{number}")
        galaxy.session.expire_all()
        with galaxy.statements() as sent:
            galaxy[RunningService].running(SERVER, DURING)
        counts.append(len(sent))
    assert len(set(counts)) == 1


# The command


@pytest.fixture
def run(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setattr("galaxy_tiaas.cli.application.CliApplication.now", lambda _: DURING)
    galaxy.training()

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(command, arguments, obj=str(galaxy.galaxy_yml), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_the_command_prints_what_the_api_says(galaxy: InProcess, run: Callable[..., str]) -> None:
    assert json.loads(run()) == yaml.safe_load(run("--format", "yaml")) == _running(galaxy)


def test_the_command_prints_reservations_for_slurm(run: Callable[..., str]) -> None:
    text = run("--format", "slurm", "--slurm-partition", "teach", "--cores-per-person", "2")
    assert text.splitlines()[-1] == (
        "TZ=UTC scontrol create reservation ReservationName=training-gryffindor StartTime=now"
        " EndTime=2026-11-19T12:00:00 Users=galaxy PartitionName=teach CoreCnt=40"
    )


def test_the_command_prints_configuration_for_htcondor(run: Callable[..., str]) -> None:
    assert 'TARGET.GalaxyGroup =?= "training-gryffindor"' in run("--format", "htcondor")


def test_the_command_knows_no_other_format(galaxy: InProcess) -> None:
    result = CliRunner().invoke(command, ["--format", "pbs"], obj=str(galaxy.galaxy_yml))
    assert result.exit_code == 2
    assert "'json', 'yaml', 'slurm', 'htcondor'" in result.output
