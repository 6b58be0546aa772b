"""Guessing identifiers is slow, and shuts out nobody else."""

import asyncio
from contextlib import suppress
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

import pytest
from fastapi import Request
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.exceptions import (
    TooManyRequests,
    TrainingNotFound,
)
from galaxy_tiaas.core.lookup_limits import (
    DELAY,
    FailedLookups,
    LookupLimit,
    MOST_MISSES,
    MOST_TRIED,
    WINDOW,
)
from galaxy_tiaas.trainings.identifier_service import IdentifiersService
from galaxy_tiaas.trainings.schema import (
    TrainingCreate,
    TrainingUpdate,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.views import VisibleTrainings
from galaxy_tiaas.web.request import (
    lookup_limit_of,
    slow_down,
)
from in_process import (
    DURING,
    FIRST_DAY,
    InProcess,
)

_SECOND = timedelta(seconds=1)
_BROWSER = "93.184.216.34"


def _counted(actor: Actor, attempts: FailedLookups, now: datetime = DURING, **fields: Any) -> Actor:
    """The actor as a request brings it."""
    return Actor(actor.user, lookups=LookupLimit(attempts, f"user {actor.user_id}", now, **fields))


def _guess(galaxy: InProcess, actor: Actor, count: int = MOST_MISSES) -> None:
    for number in range(count):
        with pytest.raises(TrainingNotFound):
            galaxy[VisibleTrainings].get(actor, f"guess-{number}")


# Trainings


def test_who_guesses_too_much_learns_nothing_any_more_but_of_their_own_trainings(galaxy: InProcess) -> None:
    harry, draco, attempts = galaxy.user("harry"), galaxy.user("draco"), FailedLookups()
    for identifier in ("open", "joined"):
        galaxy.training(identifier)
    galaxy.training("own", draco, state="new")
    galaxy.training("hidden", state="new")
    galaxy.join("joined", draco)
    visible, guesser = galaxy[VisibleTrainings], _counted(draco, attempts)
    _guess(galaxy, guesser, MOST_MISSES - 1)
    assert visible.get(guesser, "open")
    with pytest.raises(TrainingNotFound):
        visible.get(guesser, "hidden")
    refusals = []
    for identifier in ("open", "hidden", "nothing-at-all", "guess-1"):
        with pytest.raises(TooManyRequests) as refused:
            visible.get(guesser, identifier)
        refusals.append((str(refused.value), refused.value.retry_after))
    assert set(refusals) == {
        ("Too many identifiers of trainings were tried. Please try again in 10 minutes.", WINDOW.total_seconds())
    }
    assert visible.get(guesser, "joined") and visible.get(guesser, "own")
    assert visible.get(_counted(harry, attempts), "open")
    assert visible.get(galaxy.admin(), "open")


def test_it_is_over_when_the_attempts_are_old(galaxy: InProcess) -> None:
    galaxy.training()
    draco, attempts, visible = galaxy.user("draco"), FailedLookups(), galaxy[VisibleTrainings]
    _guess(galaxy, _counted(draco, attempts))
    with pytest.raises(TooManyRequests) as refused:
        visible.get(_counted(draco, attempts, DURING + WINDOW - _SECOND), "gryffindor")
    assert refused.value.retry_after == 1
    assert visible.get(_counted(draco, attempts, DURING + WINDOW), "gryffindor")


def test_a_clock_that_is_set_back_shuts_out_nobody(galaxy: InProcess) -> None:
    galaxy.training()
    draco, attempts = galaxy.user("draco"), FailedLookups()
    _guess(galaxy, _counted(draco, attempts))
    assert galaxy[VisibleTrainings].get(_counted(draco, attempts, DURING - timedelta(hours=1)), "gryffindor")


def test_a_class_that_was_given_a_wrong_link_is_not_shut_out(galaxy: InProcess) -> None:
    galaxy.training()
    lookups = LookupLimit(FailedLookups(), "address", DURING, by_account=False)
    for number in range(3 * MOST_MISSES):
        with pytest.raises(TrainingNotFound):
            galaxy[VisibleTrainings].get(Actor(lookups=lookups), "griffindor" if number % 2 else "GRIFFINDOR")
    assert galaxy[VisibleTrainings].get(Actor(lookups=lookups), "gryffindor")


def test_visitors_who_cannot_be_told_apart_are_delayed_and_never_refused(galaxy: InProcess) -> None:
    galaxy.training()
    attempts = FailedLookups()

    def visitor() -> Actor:
        return Actor(lookups=LookupLimit(attempts, "proxy", DURING, by_account=False, shared=True))

    def delay(identifier: str) -> float:
        actor = visitor()
        with suppress(TrainingNotFound):
            galaxy[VisibleTrainings].get(actor, identifier)
        assert actor.lookups
        return actor.lookups.delay

    _guess(galaxy, visitor(), MOST_MISSES - 1)
    assert delay("gryffindor") == 0
    assert [delay(name) for name in ("last", "another", "gryffindor")] == [DELAY] * 3
    assert visitor().lookups.delay == 0  # type: ignore[union-attr]


def test_counting_costs_no_statement(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.session.commit()

    def cost(actor: Actor) -> list[str]:
        galaxy.session.expunge_all()
        with galaxy.statements() as sent:
            galaxy[VisibleTrainings].get(actor, "gryffindor")
        return sent

    assert cost(_counted(Actor(), FailedLookups())) == cost(Actor())


# Identifiers for one's own training


def test_whether_an_identifier_is_free_is_not_answered_without_end(galaxy: InProcess) -> None:
    draco, attempts = galaxy.user("draco"), FailedLookups()
    galaxy.training("snakes", draco, state="new")
    asking = _counted(draco, attempts)
    check, service = galaxy[IdentifiersService].check, galaxy[TrainingsService]
    for number in range(MOST_TRIED):
        assert asking.lookups
        asking.lookups.tried(f"guess-{number}")
    request = TrainingCreate(identifier="slytherin", title="x", start=FIRST_DAY, end=FIRST_DAY, attendance=1)
    rename = TrainingUpdate(identifier="slytherin")
    at = DURING - timedelta(days=40)
    for ask in (
        lambda: check(asking, "slytherin", DURING),
        lambda: service.create(asking, request, at),
        lambda: galaxy.perform(TrainingsService.update, asking, "snakes", rename, at),
        lambda: service.problems_of_request(asking, rename, frozenset(), at),
        lambda: galaxy.perform(TrainingsService.problems_of_change, asking, "snakes", rename, frozenset(), at),
    ):
        galaxy.refused(429, ask)
    assert (
        galaxy.perform(TrainingsService.update, asking, "snakes", TrainingUpdate(title="Potions"), at).title
        == "Potions"
    )
    assert galaxy[VisibleTrainings].get(asking, "snakes")


# Memory


def test_what_is_remembered_is_bounded_and_names_nobody() -> None:
    attempts = FailedLookups(max_callers=3)
    for caller in range(10):
        for number in range(2 * MOST_MISSES):
            attempts.add(f"address 192.0.2.{caller}", f"course-{number}", DURING, MOST_MISSES)
    assert [len(tried) for tried in attempts._tried.values()] == [MOST_MISSES] * 3
    assert attempts.seconds_left("address 192.0.2.9", DURING, MOST_MISSES)
    assert not attempts.seconds_left("address 192.0.2.0", DURING, MOST_MISSES)
    for word in ("192.0.2", "course"):
        assert word not in repr(vars(attempts))


# Requests


def _request(client: Optional[str], **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "headers": raw, "client": None if client is None else (client, 1)}
    return Request(scope)


@pytest.mark.parametrize(
    "client, headers, caller, shared",
    [
        (_BROWSER, {}, _BROWSER, False),
        (_BROWSER, {"x_forwarded_for": f"1.2.3.4, {_BROWSER}"}, _BROWSER, False),
        (_BROWSER, {"x_forwarded_for": "1.2.3.4"}, _BROWSER, True),
        ("2a00:1450:4001:830::200e", {}, "2a00:1450:4001:830::/64", False),
        ("2a00:1450:4001:830:1::1", {}, "2a00:1450:4001:830::/64", False),
        ("127.0.0.1", {}, "127.0.0.1", True),
        ("::1", {}, "::/64", True),
        ("10.1.2.3", {}, "10.1.2.3", True),
        (f"::ffff:{_BROWSER}", {}, _BROWSER, False),
        ("::ffff:10.1.2.3", {}, "10.1.2.3", True),
        (None, {}, "", True),
        ("", {}, "", True),
    ],
)
def test_visitors_are_counted_by_address_and_told_from_proxies(
    client: Optional[str], headers: dict[str, str], caller: str, shared: bool
) -> None:
    lookups = lookup_limit_of(_request(client, **headers), None, FailedLookups(), DURING)
    assert (lookups.caller, lookups.shared, lookups.by_account) == (f"address {caller}", shared, False)


def test_people_are_counted_by_account_wherever_they_are() -> None:
    lookups = lookup_limit_of(_request("127.0.0.1"), 42, FailedLookups(), DURING)
    assert (lookups.caller, lookups.shared, lookups.by_account) == ("user 42", False, True)


def test_whoever_has_guessed_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []

    async def sleep(seconds: float) -> None:
        done.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    request = _request(None)
    asyncio.run(slow_down(request))
    lookups = lookup_limit_of(request, None, FailedLookups(), DURING)
    for number in range(MOST_MISSES):
        asyncio.run(slow_down(request))
        lookups.found_nothing(f"guess-{number}")
    assert done == []
    asyncio.run(slow_down(request))
    assert done == [DELAY]
