"""What a join costs: how many statements, page and API, Galaxy's own included, and what they read."""

from collections.abc import Iterator

import pytest
from galaxy.model import APIKeys
from galaxy_tiaas.core.model import TrainingMember
from galaxy_tiaas.membership.join_statements import CHOICES
from galaxy_tiaas.membership.pseudonyms import choices
from galaxy_tiaas.trainings.manager import TrainingManager
from in_process import (
    DURING,
    InProcess,
    on_both_databases,
)
from in_process_pages import Pages
from sqlalchemy import update

pytestmark = on_both_databases

_VISIT = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "accept": "text/html"}
_KEY = "0123456789abcdef0123456789abcdef"
#: Of a first join and of any later one, by the kind of database: SQLite changes nothing within a statement.
_BUDGETS = {"postgresql": (6, 3), "sqlite": (8, 4)}


@pytest.fixture
def pages(galaxy: InProcess) -> Iterator[Pages]:
    galaxy.training()
    with Pages(galaxy) as pages:
        pages.now = DURING
        # Read once by each process: the secret of pseudonyms, and Galaxy's counter.
        pages.login(galaxy.user("neville"))
        assert pages.client.get("/join-training/gryffindor", headers=_VISIT).status_code == 200
        pages.login(galaxy.user("harry"))
        yield pages


def _budgets(galaxy: InProcess) -> tuple[int, int]:
    return _BUDGETS[galaxy.host.model.engine.dialect.name]


def _reads_the_class(statement: str) -> bool:
    words = statement.lower()
    return "count(" in words and "unchanged" not in words or "sum(" in words


def _ask(pages: Pages, method: str, path: str, headers: dict[str, str]) -> list[str]:
    with pages.galaxy.statements() as sent:
        assert pages.client.request(method, path, headers=headers).status_code == 200
    assert not [statement for statement in sent if _reads_the_class(statement)]
    return sent


def test_visiting_the_link_with_a_cookie(pages: Pages) -> None:
    first, again = (_ask(pages, "GET", "/join-training/gryffindor", _VISIT) for _ in range(2))
    budgets = _budgets(pages.galaxy)
    assert len(first) <= budgets[0], "\n".join(first)
    assert len(again) <= budgets[1], "\n".join(again)
    assert not [statement for statement in again if not statement.startswith("SELECT")]
    assert not [statement for statement in (*first, *again) if "FOR UPDATE" in statement]


def test_joining_with_a_key(pages: Pages) -> None:
    galaxy = pages.galaxy
    galaxy.session.add(APIKeys(user_id=galaxy.user("hermione").user_id, key=_KEY))
    galaxy.session.commit()
    pages.client.cookies.clear()
    path = "/api/tiaas/trainings/gryffindor/join"
    first, again = (_ask(pages, "POST", path, {"x-api-key": _KEY}) for _ in range(2))
    budgets = _budgets(galaxy)
    assert len(first) <= budgets[0], "\n".join(first)
    assert len(again) <= budgets[1], "\n".join(again)


def test_a_name_that_somebody_has_already_costs_little(pages: Pages) -> None:
    """PostgreSQL takes the next one that is free in the same statement; on SQLite a few names are looked at."""
    galaxy = pages.galaxy
    training, harry = galaxy.find("gryffindor"), galaxy.user("harry")
    first, second = choices(galaxy[TrainingManager].secret(), training.id, harry.user_id or 0, 2)
    galaxy.session.execute(
        update(TrainingMember).where(TrainingMember.training_id == training.id).values(pseudonym=first.name)
    )
    galaxy.session.commit()
    sent = _ask(pages, "GET", "/join-training/gryffindor", _VISIT)
    more = 0 if galaxy.host.model.engine.dialect.name == "postgresql" else 4
    assert len(sent) <= _budgets(galaxy)[0] + more, "\n".join(sent)
    assert {row.pseudonym for row in galaxy.query("SELECT pseudonym FROM tiaas_training_member")} == {
        first.name,
        second.name,
    }


def test_all_names_that_are_tried_may_be_taken(pages: Pages) -> None:
    galaxy = pages.galaxy
    training, harry = galaxy.find("gryffindor"), galaxy.user("harry")
    names = choices(galaxy[TrainingManager].secret(), training.id, harry.user_id or 0, CHOICES + 1)
    for number, name in enumerate(names[:-1]):
        somebody = galaxy.user(f"somebody-{number}").user_id
        galaxy.session.add(TrainingMember(training_id=training.id, user_id=somebody, **name.fields()))
    galaxy.session.commit()
    _ask(pages, "GET", "/join-training/gryffindor", _VISIT)
    (row,) = galaxy.query("SELECT pseudonym FROM tiaas_training_member WHERE user_id = :id", id=harry.user_id)
    assert row.pseudonym == names[-1].name
