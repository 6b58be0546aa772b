"""Redaction beside others: in steps, each of which is short, however much there is; interrupted, it is completed."""

import gc
import threading
import time
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import contextmanager

import pytest
from galaxy_tiaas.core.model import TrainingEvent
from galaxy_tiaas.lifecycle.redaction import RedactionService
from galaxy_tiaas.lifecycle.tasks import LifecycleTasks
from galaxy_tiaas.privacy.scrubbing import Scrubber
from in_process import (
    AFTER,
    InProcess,
    on_both_databases,
    REQUESTED,
)
from sqlalchemy import (
    insert,
    select,
)

_FORGOTTEN = AFTER.replace(year=AFTER.year + 1)
#: For how long no other thread may have to wait.
_LONGEST_STEP_SECONDS = 0.05
_NAME, _EMAIL, _USERNAME = "Zaphod Beeblebrox", "zaphod@example.org", "zebquux22f48"


def _repeated(text: str, length: int) -> str:
    return (text * (length // len(text) + 1))[:length]


#: Texts that pattern matching likes least, and such as people write.
_TEXTS = [
    "a",
    "@",
    "a@",
    "a.",
    "!" * 1000 + "@" + "a-" * 1000,
    f"{_NAME} ",
    f"{_NAME[:-1]} ",
    "zebquux22f4",
    f"x{_USERNAME}x ",
    f"{_EMAIL}.",
    "Zaphod" + " " * 5000,
    "We learn what genomes are and how to assemble them.\n\n",
    "Zähne, Übung, ﷺ ",
]
_NAMING = [f"By {_NAME} or {_USERNAME}, "]


def _history(galaxy: InProcess, edits: int, length: int, texts: list[str]) -> None:
    """A training whose description was changed again and again, and the name of its contact with it."""
    galaxy.training("gryffindor", galaxy.user(_USERNAME), name=_NAME, email=_EMAIL)
    training_id = galaxy.find("gryffindor").id
    rows = [
        {
            "training_id": training_id,
            "time": REQUESTED,
            "action": "changed",
            "note": _repeated(texts[number % len(texts)], length // 10),
            "changes": {
                "description": [
                    _repeated(texts[number % len(texts)], length),
                    _repeated(texts[(number + 1) % len(texts)], length),
                ],
                "name": [f"{_NAME} {number}", f"{_NAME} {number + 1}"],
                "email": [f"zaphod{number}@example.org", f"zaphod{number + 1}@example.org"],
            },
        }
        for number in range(edits)
    ]
    for row in rows:
        galaxy.session.execute(insert(TrainingEvent), [row])
    galaxy.session.commit()


class _Steps:
    """Measures the computing time between two pauses, and really pauses."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._began = time.thread_time()

    def pause(self) -> None:
        self.seconds.append(time.thread_time() - self._began)
        time.sleep(0)
        self._began = time.thread_time()


@contextmanager
def _heartbeat() -> Iterator[list[float]]:
    """Another thread that would run all the time: when it last ran, and the longest time that it did not."""
    gaps = [0.0]
    stopped = threading.Event()

    def beat() -> None:
        last = time.perf_counter()
        while not stopped.wait(0.001):
            now = time.perf_counter()
            gaps[0] = max(gaps[0], now - last)
            last = now

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield gaps
    finally:
        stopped.set()
        thread.join()


@contextmanager
def _old_objects_left_alone() -> Iterator[None]:
    """The garbage collector does not look at what there is already: all of Galaxy, which takes longer than a step."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@on_both_databases
def test_no_step_of_a_redaction_is_long_however_long_the_history_and_its_texts_are(
    galaxy: InProcess, record_property: Callable[[str, object], None]
) -> None:
    """The computing time of a step is what it can hold others up; how long they wait also depends on the machine."""
    redaction = galaxy[RedactionService]
    # What is done once in a process (statements compiled, modules loaded) belongs to no step.
    galaxy.training("slytherin")
    redaction.redact(galaxy.find("slytherin"), _FORGOTTEN)
    _history(galaxy, edits=100, length=100_000, texts=_TEXTS)
    with _heartbeat() as gaps, galaxy.statements() as statements, _old_objects_left_alone():
        steps = _Steps()
        redaction.pause = steps.pause
        assert redaction.redact(galaxy.find("gryffindor"), _FORGOTTEN)
    record_property("longest gap", gaps[0])
    assert max(steps.seconds) < _LONGEST_STEP_SECONDS
    assert len(steps.seconds) > 1000
    assert sum(steps.seconds) / len(steps.seconds) < _LONGEST_STEP_SECONDS / 10
    assert len(statements) < 100 * 10
    galaxy.session.remove()
    for note, changes in galaxy.session.execute(select(TrainingEvent.note, TrainingEvent.changes)):
        assert note == ""
        written = repr(changes).lower()
        assert "beeblebrox" not in written.replace("beeblebro ", "").replace("zaphod beeblebro", "")
        assert _USERNAME not in written and "example.org" not in written


def _seconds(action: Callable[[], object]) -> float:
    """The computing time of something, at its best.

    Of what is four times as long it is four times as much, or sixteen times where it grows with the square. Between the
    two is room for a machine that does something else meanwhile.
    """
    best = float("inf")
    for _ in range(4):
        began = time.thread_time()
        action()
        best = min(best, time.thread_time() - began)
    return best


@pytest.mark.parametrize("text", _TEXTS, ids=range(len(_TEXTS)))
def test_time_is_proportional_to_the_length_of_a_text(text: str) -> None:
    names = [_NAME, _EMAIL, _USERNAME, "aaaaaaab", "a" * 255, "Zaphod" + " " * 200 + "Y"]
    names += [f"{_NAME} {n}" for n in range(50)]
    scrubber = Scrubber(names, all_addresses=True)
    short, long = (_repeated(text, length) for length in (25_000, 100_000))
    assert _seconds(lambda: scrubber.text(long)) < 8 * _seconds(lambda: scrubber.text(short))


def test_time_is_proportional_to_the_length_of_a_history_in_which_everybody_had_another_name() -> None:
    def work(edits: int) -> None:
        names = [f"Person {number} Family{number}" for number in range(edits)]
        scrubber = Scrubber(names, all_addresses=True)
        for name in names:
            scrubber.text(_repeated(f"{name}, ", 2000))

    assert _seconds(lambda: work(100)) < 8 * _seconds(lambda: work(25))


# Interrupted


def _is_redacted(galaxy: InProcess) -> bool:
    rows = repr({name: rows for name, rows in galaxy.dump().items() if name.startswith("tiaas_")}).lower()
    return _USERNAME not in rows and "beeblebrox" not in rows and "zaphod" not in rows


@on_both_databases
@pytest.mark.parametrize("steps", [0, 1, 3, 4, 6])
def test_an_interrupted_redaction_is_completed_by_the_next_run(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr("galaxy_tiaas.lifecycle.redaction._LINES_AT_ONCE", 3)
    _history(galaxy, edits=8, length=100, texts=_NAMING)
    for row in galaxy.session.scalars(select(TrainingEvent)):
        row.changes = {**row.changes, "title": [f"{_NAME} {row.id}", f"About {_USERNAME.upper()}"]}
    galaxy.find("gryffindor").description = f"{_NAME} 3 and ZAPHOD5@example.org"
    galaxy.session.commit()
    answers = iter([True] * steps + [False])
    redaction = galaxy[RedactionService]
    assert not redaction.redact(galaxy.find("gryffindor"), _FORGOTTEN, should_continue=lambda: next(answers))
    galaxy.session.rollback()
    assert galaxy.find("gryffindor").redacted_at is None
    assert not _is_redacted(galaxy)
    assert galaxy[LifecycleTasks].run(_FORGOTTEN).redacted == ("gryffindor",)
    assert _is_redacted(galaxy)
    assert not galaxy[LifecycleTasks].run(_FORGOTTEN)


@pytest.mark.parametrize("steps", [0, 1, 3, 4, 6])
def test_an_interrupted_erasure_is_completed_by_the_next_run(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr("galaxy_tiaas.lifecycle.redaction._LINES_AT_ONCE", 3)
    zaphod = galaxy.user(_USERNAME)
    galaxy.training("slytherin", description=f"x{_USERNAME}x")
    _history(galaxy, edits=8, length=100, texts=_NAMING)
    galaxy.delete_account(zaphod)
    assert zaphod.user_id
    answers = iter([True] * steps + [False])
    redaction = galaxy[RedactionService]
    assert not redaction.forget_user(zaphod.user_id, AFTER, should_continue=lambda: next(answers))
    galaxy.session.rollback()
    assert galaxy[LifecycleTasks].run(AFTER).people_forgotten == 1
    assert _is_redacted(galaxy)
    assert not galaxy[LifecycleTasks].run(AFTER).people_forgotten


@on_both_databases
def test_what_is_written_during_a_redaction_is_redacted_too(galaxy: InProcess) -> None:
    """Between its steps, others can change the training."""
    _history(galaxy, edits=2, length=100, texts=_NAMING)
    training_id = galaxy.find("gryffindor").id
    written = iter([f"by {_USERNAME}", "by Beeblebrox, Zaphod"])

    def write() -> bool:
        if text := next(written, ""):
            values = {"training_id": training_id, "time": AFTER, "action": "changed", "note": text}
            galaxy.session.execute(insert(TrainingEvent), [{**values, "changes": {"title": [text, text]}}])
            galaxy.find("gryffindor").title = text
            galaxy.session.commit()
        return True

    assert galaxy[RedactionService].redact(galaxy.find("gryffindor"), _FORGOTTEN, should_continue=write)
    assert next(written, "none") == "none"
    assert _is_redacted(galaxy)
