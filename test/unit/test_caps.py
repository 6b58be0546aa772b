"""Caps on what a job environment asks of its scheduler."""

from typing import (
    Any,
    Optional,
)

import pytest
from galaxy_tiaas.domain.caps import (
    capped,
    Caps,
    clock,
    slurm_minutes,
    wishes,
)
from hypothesis import (
    given,
    strategies,
)

_CAPS = Caps(cores=4, memory_mb=8192, walltime_minutes=120)


@pytest.mark.parametrize(
    "line, expected",
    [
        ("", ""),
        ("--ntasks=2 --mem=4G", "--ntasks=2 --mem=4G"),
        ("--ntasks=8", "--ntasks=4"),
        ("--ntasks 8", "--ntasks 4"),
        ("-n 8", "-n 4"),
        ("-n8", "-n4"),
        ("--cpus-per-task=16", "--cpus-per-task=4"),
        ("-c 16", "-c 4"),
        ("--ntasks=4 --cpus-per-task=2", "--ntasks=2 --cpus-per-task=2"),
        ("--ntasks=2 --cpus-per-task=16", "--ntasks=1 --cpus-per-task=4"),
        ("--mem=8G", "--mem=8G"),
        ("--mem=8193", "--mem=8192"),
        ("--mem=64G", "--mem=8192"),
        ("--mem=64GB -p main", "--mem=8192 -p main"),
        ("--mem=1T", "--mem=8192"),
        ("--mem=9000000K", "--mem=8192"),
        ("--mem=0", "--mem=8192"),
        ("--mem='64G'", "--mem=8192"),
        ("--mem-per-cpu=4G --ntasks=4", "--mem-per-cpu=2048 --ntasks=4"),
        ("--mem-per-cpu=4G -n 2", "--mem-per-cpu=4G -n 2"),
        ("--time=1:00:00", "--time=1:00:00"),
        ("--time=3:00:00", "--time=2:00:00"),
        ("-t 1-0", "-t 2:00:00"),
        ("-t 7-00:00:00 -n 8", "-t 2:00:00 -n 4"),
        ("--time=121", "--time=2:00:00"),
        ("--time=120:00", "--time=120:00"),
        ("--time=UNLIMITED", "--time=2:00:00"),
        ("--time=0", "--time=2:00:00"),
        ("--time=$LONG --mem=lots -n many", "--time=$LONG --mem=lots -n many"),
        ("--ntasks=2 --ntasks=8", "--ntasks=2 --ntasks=4"),
        ("--nodes=9 --partition=mem-n8 --comment=-c9 --time-min=9:00:00", None),
        ("--reservation=training-n9 --exclude=node-c16", None),
    ],
)
@pytest.mark.parametrize("name", ["native_specification", "nativeSpecification", "submit_native_specification"])
def test_options_of_slurm_are_lowered_and_the_rest_stays(name: str, line: str, expected: Optional[str]) -> None:
    assert capped({name: line}, _CAPS) == {name: line if expected is None else expected}


@pytest.mark.parametrize(
    "name, value, expected",
    [
        ("local_slots", 2, 2),
        ("local_slots", 8, 4),
        ("local_slots", "8", 4),
        ("request_cpus", "16", 4),
        ("request_memory", 4096, 4096),
        ("request_memory", 16384, 8192),
        ("request_memory", "16G", 8192),
        ("request_memory", "16 GB", 8192),
        ("request_memory", "2048 * 9", "2048 * 9"),
        ("allowed_execute_duration", 86400, 7200),
        ("submit_request_cpus", "16", 4),
        ("submit_request_memory", "4G", "4G"),
        ("requests_cpu", "500m", "500m"),
        ("requests_cpu", "8", "4"),
        ("limits_cpu", "8000m", "4"),
        ("limits_cpu", 6.5, "4"),
        ("requests_memory", "4Gi", "4Gi"),
        ("requests_memory", "16Gi", "8192Mi"),
        ("limits_memory", "17179869184", "8192Mi"),
        ("limits_memory", "4096", "4096"),
        ("job_ncpus", "8", 4),
        ("job_time", "1-0:0:0", "2:00:00"),
        ("docker_enabled", True, True),
        ("queue", "16", "16"),
        ("request_cpus", None, None),
        ("request_cpus", "", ""),
        ("request_cpus", "many", "many"),
        ("pulsar_app_config", {"request_cpus": 16}, {"request_cpus": 16}),
    ],
)
def test_parameters_of_other_runners_are_lowered(name: str, value: Any, expected: Any) -> None:
    assert capped({name: value}, _CAPS) == {name: expected}


def test_nothing_is_added_and_what_was_given_stays_as_it_is() -> None:
    given = {"native_specification": "-n 8", "docker_enabled": "true"}
    assert set(capped(given, _CAPS)) == set(given)
    assert given["native_specification"] == "-n 8"
    assert capped({}, _CAPS) == {}


def test_without_caps_everything_stays() -> None:
    params = {"native_specification": "-n 800 --mem=0 --time=0", "request_cpus": 999, "limits_memory": "9Ti"}
    assert capped(params, Caps()) == params


@pytest.mark.parametrize(
    "text, minutes",
    [
        ("90", 90),
        ("90:30", 90.5),
        ("1:30:00", 90),
        ("1-12", 36 * 60),
        ("1-12:30", 36 * 60 + 30),
        ("1-12:30:30", 36 * 60 + 30.5),
        ("infinite", float("inf")),
        ("soon", None),
        ("", None),
    ],
)
def test_slurm_writes_times_in_many_ways(text: str, minutes: Optional[float]) -> None:
    assert slurm_minutes(text) == minutes


@given(strategies.integers(1, 100_000))
def test_what_is_written_can_be_read(minutes: int) -> None:
    assert slurm_minutes(clock(minutes)) == minutes


@given(strategies.integers(1, 99), strategies.integers(1, 99), strategies.integers(1, 99))
def test_tasks_times_cpus_never_exceed_the_cap(tasks: int, cpus: int, cap: int) -> None:
    line = capped({"native_specification": f"-n {tasks} -c {cpus}"}, Caps(cores=cap))["native_specification"]
    _, tasks_left, _, cpus_left = line.split()
    assert int(tasks_left) * int(cpus_left) <= cap
    assert 1 <= int(tasks_left) <= tasks and 1 <= int(cpus_left) <= cpus


@pytest.mark.parametrize(
    "chosen, expected",
    [
        ({}, Caps()),
        ({"processors": "8", "memory": 16, "time": "2"}, Caps(8, 16384, 120)),
        ({"cores": 2, "mem": "0.5", "walltime": 1.5}, Caps(2, 512, 90)),
        ({"processors": "", "memory": None, "time": "soon"}, Caps()),
        ({"processors": "-8", "memory": "0"}, Caps()),
        ({"processors": "1e9", "project": "x"}, Caps()),
    ],
)
def test_wishes_are_read_from_galaxys_resource_parameters(chosen: dict[str, Any], expected: Caps) -> None:
    assert wishes(chosen) == expected
