"""What many viewers ask for at once is computed once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import (
    datetime,
    timedelta,
)
from itertools import count
from types import SimpleNamespace
from typing import cast

import pytest
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy_tiaas.core import cache
from galaxy_tiaas.core.cache import (
    Cache,
    ResultCache,
    SingleFlightCache,
)
from galaxy_tiaas.core.config import TiaasConfig

_NOW = datetime(2026, 11, 17, 12)
_SECOND = timedelta(seconds=1)
_A = ("a",)


def _results(seconds: int = 5, rollback: Callable[[], object] = lambda: None) -> ResultCache:
    session = cast(galaxy_scoped_session, SimpleNamespace(rollback=rollback))
    config = TiaasConfig(status_refresh_seconds=seconds)
    return ResultCache(config, session)


def _counter() -> Callable[[], int]:
    numbers = count(1)
    return lambda: next(numbers)


def test_within_the_interval_everybody_gets_the_same_result() -> None:
    results, compute = _results(), _counter()
    assert [results.get(_A, _NOW + second * _SECOND, compute) for second in (0, 1, 4)] == [1, 1, 1]


def test_after_the_interval_it_is_computed_anew() -> None:
    results, compute = _results(), _counter()
    assert [results.get(_A, _NOW + second * _SECOND, compute) for second in (0, 5, 9, 10)] == [1, 2, 2, 3]


def test_different_questions_have_different_answers() -> None:
    results, compute = _results(), _counter()
    assert [results.get(key, _NOW, compute) for key in (("a", 1), ("a", 2), ("a", 1))] == [1, 2, 1]


def test_without_an_interval_nothing_is_shared() -> None:
    results, compute = _results(0), _counter()
    assert [results.get(_A, _NOW, compute) for _ in range(3)] == [1, 2, 3]


def test_a_clock_that_is_set_back_does_not_keep_a_result_for_hours() -> None:
    results, compute = _results(), _counter()
    results.get(_A, _NOW, compute)
    assert results.get(_A, _NOW - timedelta(hours=1), compute) == 2


@pytest.mark.parametrize("taken, kept", [(0.1, 5), (2, 20), (60, 30)])
def test_what_took_long_is_kept_longer_but_not_for_long(
    monkeypatch: pytest.MonkeyPatch, taken: float, kept: int
) -> None:
    """About a tenth of the time is spent on computing it."""
    clock = count(0, taken)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    results, compute = _results(), _counter()
    assert [results.get(_A, _NOW + second * _SECOND, compute) for second in (0, kept - 1, kept)] == [1, 1, 2]


def test_of_many_at_once_one_computes_and_the_others_wait() -> None:
    results, compute = _results(), _counter()
    started, may_end = threading.Event(), threading.Event()

    def slow() -> int:
        started.set()
        assert may_end.wait(30)
        return compute()

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(results.get, _A, _NOW, slow)
        assert started.wait(30)
        others = [pool.submit(results.get, _A, _NOW, slow) for _ in range(7)]
        may_end.set()
        assert {future.result(30) for future in [first, *others]} == {1}


def test_whoever_waits_gives_back_a_connection_first_and_whoever_does_not_keeps_it() -> None:
    """Else those who wait could hold all of them, and the one that computes would get no other."""
    waiting = threading.Event()
    results = _results(rollback=waiting.set)

    def compute() -> int:
        assert waiting.wait(30)
        return 1

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(results.get, _A, _NOW, compute) for _ in range(2)]
        assert [future.result(30) for future in asked] == [1, 1]
    waiting.clear()
    assert results.get(_A, _NOW, compute) == 1
    assert not waiting.is_set()


def test_who_comes_while_the_next_is_computed_gets_the_previous_one_at_once() -> None:
    results, compute = _results(), _counter()
    results.get(_A, _NOW, compute)
    started, may_end = threading.Event(), threading.Event()

    def slow() -> int:
        started.set()
        assert may_end.wait(30)
        return compute()

    with ThreadPoolExecutor(1) as pool:
        refreshing = pool.submit(results.get, _A, _NOW + 6 * _SECOND, slow)
        assert started.wait(30)
        assert results.get(_A, _NOW + 6 * _SECOND, slow) == 1
        may_end.set()
        assert refreshing.result(30) == 2
    assert results.get(_A, _NOW + 6 * _SECOND, slow) == 2


def test_a_failure_is_not_kept() -> None:
    results = _results()
    with pytest.raises(ZeroDivisionError):
        results.get(_A, _NOW, lambda: 1 // 0)
    assert results.get(_A, _NOW, lambda: 7) == 7


def test_a_failure_does_not_lose_the_previous_result_to_those_who_come_meanwhile() -> None:
    results = _results()
    results.get(_A, _NOW, lambda: 7)
    with pytest.raises(ZeroDivisionError):
        results.get(_A, _NOW + 6 * _SECOND, lambda: 1 // 0)
    assert results.get(_A, _NOW + 6 * _SECOND, lambda: 8) == 8


def test_memory_does_not_grow_with_the_number_of_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_MAX_RESULTS", 2)
    results, compute = _results(), _counter()
    asked = [results.get((name,), _NOW, compute) for name in ("one", "two", "one", "three", "one", "two")]
    assert asked == [1, 2, 1, 3, 1, 4]


# A version decides whether a value is fresh


class _Renderer:
    """Makes texts and remembers which."""

    def __init__(self) -> None:
        self.cache: SingleFlightCache[str, tuple[str, str]] = SingleFlightCache(4)
        self.made: list[str] = []

    def show(self, kind: str, version: str) -> str:
        def render() -> tuple[str, str]:
            self.made.append(f"{kind} {version}")
            return version, f"{kind} {version}"

        return self.cache.get(kind, render, is_fresh=lambda text: text[0] == version)[1]


def test_a_text_is_rendered_when_it_changes_and_not_before() -> None:
    renderer = _Renderer()
    for kind, version in (("public", "1"), ("public", "1"), ("teacher", "1"), ("public", "2"), ("public", "2")):
        assert renderer.show(kind, version) == f"{kind} {version}"
    assert renderer.made == ["public 1", "teacher 1", "public 2"]


def test_nobody_is_given_an_old_text_while_the_next_is_rendered() -> None:
    renderer, everybody = _Renderer(), threading.Barrier(8)
    renderer.show("public", "1")

    def show(_: int) -> str:
        everybody.wait(30)
        return renderer.show("public", "2")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(show, range(8))) == {"public 2"}
    assert renderer.made == ["public 1", "public 2"]


# Without computing


def test_the_least_recently_used_is_dropped() -> None:
    kept: Cache[str, int] = Cache(2)
    for name in ("one", "two"):
        kept.put(name, 1)
    kept.get("one")
    kept.put("three", 1)
    assert [kept.get(name) for name in ("one", "two", "three")] == [1, None, 1]


def test_what_nobody_puts_again_is_dropped_in_time() -> None:
    seconds = [0.0]
    kept: Cache[str, int] = Cache(9, 60, timer=lambda: seconds[0])
    kept.put("one", 1)
    seconds[0] = 59
    assert kept.put("two", 2) == kept.get("two") == 2
    assert kept.get("one") == 1
    seconds[0] = 60
    assert [kept.get(name) for name in ("one", "two")] == [None, 2]
    kept.put("two", 3)
    seconds[0] = 119
    assert [kept.get(name) for name in ("one", "two")] == [None, 3]
