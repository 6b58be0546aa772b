"""The command galaxy-tiaas beside a running server."""

import json

from classroom import (
    Classroom,
    FUTURE,
    NOW,
    ok,
    PAST,
    wait_for_first_run,
)
from click.testing import Result
from days import utc_today


def run(classroom: Classroom, *arguments: str) -> Result:
    return classroom.command(*arguments)


def test_settings_and_tables_are_checked(classroom: Classroom) -> None:
    checked = classroom.process("config", "check")
    assert (checked.returncode, checked.stdout) == (0, "tiaas_conf.yml: no problems found.\n")
    status = run(classroom, "db", "status")
    assert (status.exit_code, "up to date" in status.stdout) == (0, True)
    assert "already at" in run(classroom, "db", "upgrade").stdout


def test_requests_are_decided(classroom: Classroom) -> None:
    one, two = classroom.request(), classroom.request()
    assert one in run(classroom, "trainings", "list", "--state", "new", "--limit", "10000").stdout
    approved = run(classroom, "trainings", "approve", one, "--note", "Welcome", "--destination", "training-big")
    assert (approved.exit_code, approved.stdout) == (0, f"{one}: approved\n")
    shown = json.loads(run(classroom, "trainings", "show", one).stdout)
    assert (shown["destination"], shown["history"][-1]["note"]) == ("training-big", "Welcome")
    assert run(classroom, "trainings", "reject", two).stdout == f"{two}: rejected\n"
    assert run(classroom, "trainings", "cancel", one).stdout == f"{one}: cancelled\n"
    again = run(classroom, "trainings", "approve", one)
    assert again.exit_code == 1
    assert again.stderr == f"Error: The training '{one}' is cancelled; it cannot become approved.\n"


def test_a_running_training_is_ended_early(classroom: Classroom) -> None:
    running, upcoming = classroom.approved(NOW), classroom.approved()
    classroom.move(upcoming, FUTURE)
    ended = run(classroom, "trainings", "end", running, "--note", "Snow")
    assert (ended.exit_code, ended.stdout) == (0, f"{running}: finished\n")
    history = ok(classroom.get(f"trainings/{running}/history", classroom.admin))
    assert (history[-1]["action"], history[-1]["note"]) == ("ended early", "Snow")
    resumed = run(classroom, "trainings", "resume", running, "--note", "Thaw")
    assert (resumed.exit_code, resumed.stdout) == (0, f"{running}: ongoing\n")
    refused = run(classroom, "trainings", "end", upcoming)
    assert (refused.exit_code, "is upcoming" in refused.stderr) == (1, True)


def test_a_change_that_an_instructor_asks_for_is_decided(classroom: Classroom) -> None:
    identifier = classroom.approved(FUTURE)
    path = f"trainings/{identifier}"
    ok(classroom.put(path, classroom.instructor, json={"attendance": 400}))
    declined = run(classroom, "trainings", "decline-change", identifier, "--note", "Too many")
    assert (declined.exit_code, declined.stdout) == (0, f"{identifier}: change declined\n")
    ok(classroom.put(path, classroom.instructor, json={"attendance": 40}))
    assert run(classroom, "trainings", "accept-change", identifier).stdout == f"{identifier}: change accepted\n"
    training = ok(classroom.get(path, classroom.admin))
    assert (training["attendance"], training["requested_change"]) == (40, None)
    nothing = run(classroom, "trainings", "accept-change", identifier)
    assert (nothing.exit_code, nothing.stderr.count("\n")) == (1, 1)


def test_the_lifecycle_tidies_and_a_dry_run_changes_nothing(classroom: Classroom) -> None:
    wait_for_first_run(classroom.galaxy)
    identifier = classroom.approved(NOW)
    ok(classroom.join(identifier, classroom.trainee))
    with classroom.galaxy.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE tiaas_training SET starts_at = '2020-01-01 00:00:00', ends_at = '2020-01-02 00:00:00'"
            f" WHERE identifier = '{identifier}'"
        )
    assert f"{identifier}: would be switched off" in run(classroom, "lifecycle", "run", "--dry-run").stdout
    assert classroom.cohort_is_on(identifier)
    assert f"{identifier}: switched off" in run(classroom, "lifecycle", "run").stdout
    assert not classroom.cohort_is_on(identifier)
    assert identifier not in run(classroom, "lifecycle", "run").stdout
    standing = run(classroom, "lifecycle", "status").stdout.splitlines()
    assert standing[:2] == ["timer in Galaxy: every 86400 seconds", "running now: no"]
    assert standing[2].startswith(f"last finished: {utc_today().year}")


def test_explain_says_where_a_job_would_go(classroom: Classroom) -> None:
    running, over = classroom.approved(NOW, "training-big"), classroom.approved(PAST)
    ok(classroom.join(running, classroom.trainee))
    explained = run(classroom, "explain", "--user", classroom.trainee.email, "--tool", "cat1").stdout
    assert explained.startswith("sorting_hat: training-big, because")
    assert running in explained
    assert over not in explained
    upload = run(classroom, "explain", "--user", classroom.trainee.username, "--tool", "upload1").stdout
    assert upload.startswith("sorting_hat: local, because")
    assert run(classroom, "explain", "--user", classroom.stranger.email).stdout.startswith(
        "sorting_hat: regular, because"
    )
    unknown = run(classroom, "explain", "--user", "nobody")
    assert (unknown.exit_code, unknown.stderr) == (1, "Error: There is no Galaxy account called 'nobody'.\n")


def test_schedulers_are_told_what_runs(classroom: Classroom) -> None:
    identifier = classroom.approved(NOW, "training-big")
    told = {training["identifier"]: training for training in json.loads(run(classroom, "running").stdout)}
    assert told[identifier] == next(
        training for training in ok(classroom.get("running", classroom.admin)) if training["identifier"] == identifier
    )
    commands = run(classroom, "running", "--format", "slurm").stdout
    assert f"TZ=UTC scontrol create reservation ReservationName=training-{identifier} StartTime=now " in commands
    start = run(classroom, "running", "--format", "htcondor").stdout
    assert f'TARGET.GalaxyGroup =?= "training-{identifier}"' in start
