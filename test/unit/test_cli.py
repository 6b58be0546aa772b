"""What all commands of ``galaxy-tiaas`` have in common."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from galaxy_tiaas.cli import main
from in_process import InProcess
from mail_server import MailServer

COMMANDS = (
    "config check",
    "db status",
    "db upgrade",
    "db drop",
    "trainings list",
    "trainings show x",
    "trainings approve x --note y",
    "lifecycle run --dry-run",
    "explain --user x",
    "running",
    "import-tiaas2 x",
)


@pytest.fixture(autouse=True)
def what_is_logged_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logging.disable", lambda _: None)


@pytest.mark.parametrize("command", COMMANDS)
def test_galaxys_configuration_is_named_before_a_command_between_its_words_or_behind_it(command: str) -> None:
    first, *others = command.split()
    name = ["-c", "/its.yml"]
    for arguments in ([*name, first, *others], [first, *name, *others], [first, *others, *name]):
        result = CliRunner().invoke(main, arguments)
        assert (result.exit_code, "/its.yml: no such file" in result.output) == (1, True), result.output


@pytest.mark.parametrize(
    "arguments, file",
    [
        ("config check", "/environment.yml"),
        ("-c /first.yml config check", "/first.yml"),
        ("config check --config-file /last.yml", "/last.yml"),
        ("-c /first.yml config -c /second.yml check", "/second.yml"),
        ("-c /first.yml config -c /second.yml check -c /last.yml", "/last.yml"),
    ],
)
def test_the_configuration_that_is_named_last_counts_and_any_wins_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, arguments: str, file: str
) -> None:
    monkeypatch.setenv("GALAXY_CONFIG_FILE", "/environment.yml")
    assert f"{file}: no such file" in CliRunner().invoke(main, arguments.split()).output


def test_a_configuration_of_galaxy_that_is_not_yaml_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "galaxy.yml"
    file.write_text("galaxy:\n  brand: [\n")
    result = CliRunner().invoke(main, ["db", "status", "-c", str(file)])
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {file}: is not YAML: line 3: ")
    assert result.output.count("\n") == 1


def test_a_file_that_may_not_be_read_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the answer of the system is made up."""

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied", str(file))

    file = tmp_path / "galaxy.yml"
    file.write_text("galaxy: {}\n")
    monkeypatch.setattr("galaxy_tiaas.compat.commands.load_app_properties", refuse)
    result = CliRunner().invoke(main, ["config", "check", "-c", str(file)])
    assert (result.exit_code, result.output) == (1, f"Error: {file}: Permission denied\n")


def test_a_database_that_is_away_is_one_sentence_without_its_password(tmp_path: Path) -> None:
    file = tmp_path / "galaxy.yml"
    file.write_text("galaxy:\n  database_connection: postgresql://galaxy:hunter2@127.0.0.1:1/galaxy\n")
    result = CliRunner().invoke(main, ["db", "status", "-c", str(file)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: Galaxy's database: ")
    assert result.output.count("\n") == 1 and "hunter2" not in result.output


@pytest.mark.parametrize("action", ["retry", "drop"])
def test_a_message_that_does_not_wait_is_an_error_and_no_message_at_all_is_none(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr("galaxy_tiaas.cli.application.ready_application", lambda _: galaxy.host)
    one = CliRunner().invoke(main, ["mail", action, "4711"])
    assert (one.exit_code, one.output.startswith("Error: 4711 is not in the queue: ")) == (1, True), one.output
    every = CliRunner().invoke(main, ["mail", action])
    assert (every.exit_code, every.output[:2]) == (0, "0 "), every.output


def test_a_command_tells_people_before_it_ends(make_galaxy: Callable[..., InProcess], mail_server: MailServer) -> None:
    galaxy = make_galaxy(galaxy_conf={"smtp_server": mail_server.address, "email_from": "galaxy@example.org"})
    galaxy.request()
    galaxy.session.remove()
    arguments = ["-c", str(galaxy.galaxy_yml), "trainings", "reject", "gryffindor", "--note", "No cats"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    told = [mail.text for mail in mail_server.received if mail.to == "minerva@example.org"]
    assert any("> No cats\n" in text for text in told)
