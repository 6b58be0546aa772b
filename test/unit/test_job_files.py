"""What `galaxy-tiaas config check` says of a job configuration that Galaxy cannot read: compat/job_files.py."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import (
    Any,
    cast,
    Optional,
    Union,
)

import pytest
from click.testing import (
    CliRunner,
    Result,
)
from galaxy_tiaas.cli import main
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.mount import _check_destinations
from in_process import InProcess

from demo.instance import (
    example,
    EXAMPLES,
)


@pytest.fixture(autouse=True)
def what_others_log_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands switch off what Galaxy's libraries say."""
    monkeypatch.setattr(logging.root.manager, "disable", logging.NOTSET)


_GOOD = (EXAMPLES / "job_conf.yml").read_text()
_START = "runners: {local: {load: local}}\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (_GOOD.replace("runners:", "runners: {"), "is not YAML as Galaxy reads it: line 9: "),
        (_GOOD.replace("  default: s", "\tdefault: s"), "is not YAML as Galaxy reads it: line 13: "),
        ("handling: {}\nrunners: !include these.yml\n", "is not YAML as Galaxy reads it: line 2: "),
        (f"{_START}execution: *nobody\n", "is not YAML as Galaxy reads it: line 2: "),
        ("# Prüfung\n".encode("latin-1"), "is not UTF-8: line 1"),
        (f"{_START}# Größe\n".encode("latin-1"), "is not UTF-8: line 2"),
        ("", "line 1: the job configuration has to be settings by name"),
        ("execution: {}\n", "line 1: there are no 'runners'"),
        ("\nrunners:\n  slurm:\n", "line 3: 'runners.slurm' has to be settings by name"),
        (f"{_START}execution:\n  environments:\n    a: slurm\n", "line 4: 'execution.environments.a' has to be"),
        (f"{_START}execution:\n  environments:\n    - runner: a\n", "line 4: an environment in a list needs an 'id'"),
        (f"{_START}execution:\n  environments: {{a: {{tags: 7}}}}\n", "line 3: 'execution.environments.a.tags' has"),
        (f"{_START}execution:\n  default: b\n  environments: {{a: {{}}}}\n", "line 3: the default 'b' is no environ"),
        (f"{_GOOD}  - upload1\n", "line 34: 'tools.1' has to be settings by name"),
        (f"{_GOOD}limits:\n  - value: 7\n", "line 35: an entry of 'limits' needs 'type'"),
        (f"{_GOOD}limits:\n  - type: walltime\n    value: a week\n", "line 36: Galaxy cannot read it: "),
        (f"{_GOOD}handling: {{processes: [a]}}\n", "line 34: 'handling.processes' has to be settings by name"),
    ],
)
def test_a_job_configuration_that_galaxy_cannot_read_is_one_line_that_says_where(
    galaxy: InProcess, caplog: pytest.LogCaptureFixture, content: Union[str, bytes], why: str
) -> None:
    file = galaxy.directory / "job_conf.yml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = _check(galaxy)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {file}: {why}") and result.output.count("\n") == 1, result.output
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("<job_conf>\n<plugins>\n", "is not XML: line "),
        ("<job_conf><destinations/></job_conf>", "there is no <plugins>"),
        ("<job_conf><plugins/></job_conf>", "there is no <destinations>"),
    ],
)
def test_so_is_one_in_xml(make_galaxy: Callable[..., InProcess], content: str, why: str) -> None:
    galaxy = make_galaxy(galaxy_conf={"job_config_file": "job_conf.xml"})
    file = galaxy.directory / "job_conf.xml"
    file.write_text(content)
    result = _check(galaxy)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert result.output.startswith(f"Error: {file}: {why}")


def test_so_is_one_in_galaxys_own_file(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(galaxy_conf={"job_config": {"runners": {"local": "yes"}}})
    lines = galaxy.galaxy_yml.read_text().splitlines()
    number = next(number for number, line in enumerate(lines, start=1) if line.strip() == "local: 'yes'")
    why = f"line {number}: 'runners.local' has to be settings by name"
    result = _check(galaxy)
    assert (result.exit_code, result.output) == (1, f"Error: {galaxy.galaxy_yml}: {why}\n")


@pytest.mark.parametrize("put", [Path.unlink, lambda file: (file.unlink(), file.mkdir())])
def test_a_job_configuration_that_galaxy_silently_does_without_is_wrong(
    make_galaxy: Callable[..., InProcess], caplog: pytest.LogCaptureFixture, put: Callable[[Path], object]
) -> None:
    galaxy = make_galaxy(galaxy_conf={"job_config_file": "job_conf.yml"})
    put(galaxy.directory / "job_conf.yml")
    result = _check(galaxy)
    assert result.exit_code == 1 and result.output.startswith(f"Error: {galaxy.directory / 'job_conf.yml'}: ")
    assert "Galaxy runs all jobs locally" in result.output
    # Galaxy starts without it, and its log says the same.
    galaxy.host.job_config  # noqa: B018
    caplog.clear()
    _check_destinations(cast(Any, galaxy.host), galaxy[TiaasConfig])
    assert [record.getMessage() for record in caplog.records] == [f"galaxy-tiaas: {result.output[7:-1]}"]


@pytest.mark.parametrize(("runner", "why"), [("slurm", "a runner that there is not: 'slurm'"), (None, "no 'runner'")])
def test_an_environment_of_trainings_whose_runner_is_missing_is_wrong(
    make_galaxy: Callable[..., InProcess], runner: Optional[str], why: str
) -> None:
    job_conf = example("job_conf.yml")
    job_conf["execution"]["environments"]["training"]["runner"] = runner
    result = _check(make_galaxy(job_conf=job_conf))
    expected = (
        f"environment sorting_hat: training: the environment 'training' has {why}; runners of the job configuration"
    )
    assert (result.exit_code, result.output) == (1, f"Error: {expected} are local\n")


def _check(galaxy: InProcess) -> Result:
    return CliRunner().invoke(main, ["-c", str(galaxy.galaxy_yml), "config", "check"])
