"""Batch systems are told of trainings in words that they take as they are meant."""

import shlex
from datetime import datetime
from typing import Any

import pytest
from galaxy_tiaas.cli.running import (
    classad_string,
    htcondor_start,
    slurm_reservations,
)
from galaxy_tiaas.reporting.schema import RunningView


def _training(role: str, opens: datetime, closes: datetime, attendance: int) -> RunningView:
    fields: dict[str, Any] = {"role": role, "opens": opens, "closes": closes, "attendance": attendance}
    return RunningView.model_construct(**fields)


_BEFORE = datetime(2026, 11, 1)
_COMING = _training("training-gryffindor", datetime(2026, 11, 15, 12), datetime(2026, 11, 19, 12), 20)
_OTHER = _training("training-slytherin", datetime(2026, 12, 1), datetime(2026, 12, 3), 5)


def _commands(text: str) -> list[list[str]]:
    return [shlex.split(line) for line in text.splitlines() if not line.startswith("#")]


# Slurm


def test_a_reservation_lasts_as_long_as_the_window_and_says_in_which_time_zone() -> None:
    assert _commands(slurm_reservations([_COMING], _BEFORE)) == [
        [
            "TZ=UTC",
            "scontrol",
            "create",
            "reservation",
            "ReservationName=training-gryffindor",
            "StartTime=2026-11-15T12:00:00",
            "EndTime=2026-11-19T12:00:00",
            "Users=galaxy",
            "CoreCnt=20",
        ]
    ]


@pytest.mark.parametrize("now", [_COMING.opens, datetime(2026, 11, 17)])
def test_slurm_takes_no_start_in_the_past_so_what_runs_already_starts_now(now: datetime) -> None:
    (command,) = _commands(slurm_reservations([_COMING], now))
    assert "StartTime=now" in command
    assert "EndTime=2026-11-19T12:00:00" in command


def test_a_site_names_its_account_its_partition_and_its_cores() -> None:
    text = slurm_reservations([_COMING, _OTHER], _BEFORE, users="galaxy,pulsar", partition="teach", cores_per_person=2)
    first, second = _commands(text)
    assert {"Users=galaxy,pulsar", "PartitionName=teach", "CoreCnt=40"} <= set(first)
    assert {"ReservationName=training-slytherin", "CoreCnt=10"} <= set(second)


@pytest.mark.parametrize("hostile", ["a; rm -rf ~", "$(reboot)", "a'b", 'a"b', "a b", "a`id`", "a\nreboot", "a\\"])
def test_no_name_can_become_a_command(hostile: str) -> None:
    text = slurm_reservations([_COMING.model_copy(update={"role": hostile})], _BEFORE, users=hostile, partition=hostile)
    words = shlex.split(text, comments=True)
    assert words[:4] == ["TZ=UTC", "scontrol", "create", "reservation"]
    assert {f"{key}={hostile}" for key in ("ReservationName", "Users", "PartitionName")} <= set(words)
    assert len(words) == 10


def test_without_trainings_there_is_nothing_to_run() -> None:
    text = slurm_reservations([], _BEFORE)
    assert text.startswith("#") and _commands(text) == []


# HTCondor


def test_machines_start_jobs_of_a_training_within_its_window() -> None:
    assert htcondor_start([_COMING, _OTHER]).splitlines()[1:] == [
        'TIAAS_RUNNING = (TARGET.GalaxyGroup =?= "training-gryffindor" && time() >= 1794744000 && time() < 1795089600)'
        ' || (TARGET.GalaxyGroup =?= "training-slytherin" && time() >= 1796083200 && time() < 1796256000)',
        "START = ($(START)) && ($(TIAAS_RUNNING))",
    ]


def test_without_trainings_machines_that_are_kept_for_them_start_nothing() -> None:
    assert "TIAAS_RUNNING = False\n" in htcondor_start([])


@pytest.mark.parametrize(
    "text, literal",
    [
        ("training-a", '"training-a"'),
        ('a" || true || "', '"a\\" || true || \\""'),
        ("a\\", '"a\\\\"'),
        ("$(START)", '"$(DOLLAR)(START)"'),
        ("a\nSTART = True", '"a\\nSTART = True"'),
    ],
)
def test_no_name_can_leave_its_quotes(text: str, literal: str) -> None:
    assert classad_string(text) == literal
    assert len(htcondor_start([_COMING.model_copy(update={"role": text})]).splitlines()) == 3
