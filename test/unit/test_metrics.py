"""Prometheus is told what there is and what has happened, by one worker or many."""

import re
from collections.abc import Callable
from datetime import (
    date,
    datetime,
    timedelta,
    timezone,
)
from typing import Any

import pytest
from galaxy.exceptions import MessageException
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.db import CounterManager
from galaxy_tiaas.core.model import (
    Delivery,
    Lease,
    Message,
)
from galaxy_tiaas.reporting.manager import StatisticsManager
from galaxy_tiaas.reporting.metrics_service import MetricsService
from in_process import (
    AFTER,
    ANONYMOUS,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text
from sqlalchemy.exc import OperationalError

from demo.instance import ROOT

_OPEN = "application/openmetrics-text;version=1.0.0"
_COUNTERS = ("joins", "lifecycle_runs", "lifecycle_failures")


def _text(galaxy: InProcess, now: datetime = DURING, accept: str = "", actor: Actor = SERVER, token: str = "") -> str:
    encode, _ = choose_encoder(accept)
    galaxy.session.rollback()
    return encode(galaxy[MetricsService].registry(actor, now, token)).decode()


def _scrape(galaxy: InProcess, now: datetime = DURING) -> dict[tuple[str, ...], float]:
    """Name and values of the labels to the number."""
    return {
        (sample.name.removeprefix("galaxy_tiaas_"), *sample.labels.values()): sample.value
        for family in plain_text(_text(galaxy, now))
        for sample in family.samples
    }


def _but_zeros(numbers: dict[tuple[str, ...], float], name: str) -> dict[tuple[str, ...], float]:
    return {key[1:]: value for key, value in numbers.items() if key[0] == name and value}


@on_both_databases
def test_trainings_are_counted_by_state_and_phase(galaxy: InProcess) -> None:
    galaxy.training("now")
    galaxy.training("past", start=date(2026, 10, 10), end=date(2026, 10, 11))
    galaxy.training("next", start=date(2026, 12, 10), end=date(2026, 12, 11))
    galaxy.training("asked", state="new", start=date(2026, 12, 10), end=date(2026, 12, 11))
    galaxy.training("too-late", state="new", start=date(2026, 10, 10), end=date(2026, 10, 11))
    galaxy.training("no", state="rejected")
    ended = galaxy.training("ended")
    ended.ended_at = DURING - timedelta(hours=1)
    galaxy.session.commit()
    numbers = _scrape(galaxy)
    assert _but_zeros(numbers, "trainings") == {
        ("ongoing", "approved"): 1,
        ("finished", "approved"): 2,
        ("upcoming", "approved"): 1,
        ("upcoming", "new"): 1,
        ("finished", "new"): 1,
        ("ongoing", "rejected"): 1,
    }
    assert len([key for key in numbers if key[0] == "trainings"]) == 4 * 3
    assert numbers["decisions_waiting", "request"] == 2
    assert numbers["decisions_waiting", "change"] == 0


@on_both_databases
def test_people_in_running_trainings_are_counted_once_and_by_training(galaxy: InProcess) -> None:
    galaxy.training("gryffindor", attendance=30)
    galaxy.training("slytherin")
    galaxy.training("empty")
    galaxy.training("next", start=date(2026, 12, 10), end=date(2026, 12, 11))
    harry, ron, gone = galaxy.user("harry"), galaxy.user("ron"), galaxy.user("gone")
    galaxy.join("gryffindor", harry, ron, gone)
    galaxy.join("slytherin", harry)
    galaxy.join("next", harry, ron)
    galaxy.delete_account(gone)
    numbers = _scrape(galaxy)
    assert numbers["members",] == 2
    members = {("gryffindor",): 2, ("slytherin",): 1, ("empty",): 0}
    assert {key[1:]: value for key, value in numbers.items() if key[0] == "training_members"} == members
    assert numbers["training_attendance", "gryffindor"] == 30
    assert _scrape(galaxy, AFTER)["members",] == 0


@on_both_databases
def test_joining_is_counted_once_for_each_who_joins(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    assert _scrape(galaxy)["joins_total",] == 0
    galaxy.join("gryffindor", harry, galaxy.user("ron"), harry)
    assert _scrape(galaxy)["joins_total",] == 2


@on_both_databases
def test_the_lifecycle_tells_how_often_and_when_it_ran(galaxy: InProcess) -> None:
    numbers = _scrape(galaxy)
    assert numbers["lifecycle_runs_total",] == numbers["lifecycle_running",] == 0
    assert ("lifecycle_last_run_timestamp_seconds",) not in numbers
    galaxy[CounterManager].add({"lifecycle_runs_total": 3, "lifecycle_failures_total": 1})
    last = DURING - timedelta(minutes=5)
    galaxy.session.add(
        Lease(name="lifecycle", holder="one", expires_at=DURING + timedelta(seconds=60), finished_at=last)
    )
    galaxy.session.commit()
    numbers = _scrape(galaxy)
    assert (numbers["lifecycle_runs_total",], numbers["lifecycle_failures_total",]) == (3, 1)
    assert numbers["lifecycle_last_run_timestamp_seconds",] == last.replace(tzinfo=timezone.utc).timestamp()
    assert numbers["lifecycle_running",] == 1
    assert _scrape(galaxy, DURING + timedelta(minutes=2))["lifecycle_running",] == 0


@on_both_databases
def test_mail_that_waits_and_mail_that_was_given_up_is_counted(galaxy: InProcess) -> None:
    message = Message(event="approved", audience="instructor", subject="", text="")
    galaxy.session.add(message)
    galaxy.session.flush()
    for channel, moments in (
        ("mail", {"next_attempt_at": DURING}),
        ("mail", {"next_attempt_at": AFTER}),
        ("mail", {"given_up_at": DURING}),
        ("mail", {"delivered_at": DURING}),
        ("notification", {"next_attempt_at": DURING}),
    ):
        galaxy.session.add(Delivery(message_id=message.id, channel=channel, **moments))
    galaxy.session.commit()
    found = {key[1:]: value for key, value in _scrape(galaxy).items() if key[0] == "deliveries"}
    assert found == {
        ("mail", "waiting"): 2,
        ("mail", "given_up"): 1,
        ("notification", "waiting"): 1,
        ("notification", "given_up"): 0,
    }


@on_both_databases
def test_the_number_of_queries_does_not_grow_with_trainings(galaxy: InProcess) -> None:
    counts = []
    for number in range(3):
        galaxy.training(f"now{number}")
        galaxy.training(f"past{number}", start=date(2026, 10, 10), end=date(2026, 10, 11))
        galaxy.session.expire_all()
        with galaxy.statements() as sent:
            _scrape(galaxy)
        counts.append(len(sent))
    assert counts == [8] * 3


# The format


@pytest.mark.parametrize(("accept", "parse"), [("", plain_text), (_OPEN, open_metrics)])
def test_prometheus_can_read_it(galaxy: InProcess, accept: str, parse: Callable[[str], Any]) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    families = {family.name: family for family in parse(_text(galaxy, accept=accept))}
    assert all(name.startswith("galaxy_tiaas") and family.documentation for name, family in families.items())
    types = {name.removeprefix("galaxy_tiaas_"): family.type for name, family in families.items()}
    assert {name for name, kind in types.items() if kind == "counter"} == set(_COUNTERS)
    assert types["trainings"] == types["members"] == "gauge"


def test_names_are_spelled_like_this(galaxy: InProcess) -> None:
    galaxy.training()
    lines = _text(galaxy).splitlines()
    assert 'galaxy_tiaas_trainings{phase="ongoing",state="approved"} 1.0' in lines
    assert "# TYPE galaxy_tiaas_joins_total counter" in lines
    assert any(line.startswith("# HELP galaxy_tiaas_members ") for line in lines)


def test_the_documentation_names_what_there_is(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.session.add(Lease(name="lifecycle", finished_at=DURING))
    galaxy.session.commit()
    told = {sample.name for family in plain_text(_text(galaxy)) for sample in family.samples}
    documented = set(re.findall(r"galaxy_tiaas_\w+", (ROOT / "docs" / "admins.md").read_text(encoding="utf-8")))
    assert len(documented) > 10
    assert documented <= told


def test_nobody_is_named(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    text = _text(galaxy)
    assert not any(word in text for word in ("harry", "minerva", "example.org"))


# Who may, and when nobody can


def test_it_is_for_admins_and_for_who_knows_the_token(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(feed_token="alohomora")
    assert _text(galaxy, actor=galaxy.admin()) == _text(galaxy, actor=ANONYMOUS, token="alohomora") != ""
    for actor in (ANONYMOUS, galaxy.user("minerva")):
        for token in ("", "Alohomora"):
            galaxy.refused(403, lambda actor=actor, token=token: _text(galaxy, actor=actor, token=token))  # type: ignore[misc]


def test_without_a_database_there_is_an_answer_and_no_traceback(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("SELECT secret", {}, Exception("the server is gone"))

    monkeypatch.setattr(StatisticsManager, "running", away)
    with pytest.raises(MessageException) as problem:
        _text(galaxy)
    assert problem.value.status_code == 503
    assert "secret" not in str(problem.value)
    monkeypatch.undo()
    assert _scrape(galaxy)
