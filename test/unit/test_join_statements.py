"""What a join costs: how many statements, page and API, Galaxy's own included, and what they read."""

from collections.abc import Iterator

import pytest
from galaxy.model import APIKeys
from galaxy_tiaas.core.model import TrainingMember
from galaxy_tiaas.membership.pseudonyms import pseudonyms
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


def test_a_name_that_somebody_has_already_does_not_cost_the_names_of_all(pages: Pages) -> None:
    """Whoever comes second to a name is given the next one that is free, by looking at a few."""
    galaxy = pages.galaxy
    training, harry = galaxy.find("gryffindor"), galaxy.user("harry")
    (taken,) = pseudonyms(galaxy[TrainingManager].secret(), training.id, [harry.user_id or 0]).values()
    galaxy.session.execute(
        update(TrainingMember).where(TrainingMember.training_id == training.id).values(pseudonym=taken.name)
    )
    galaxy.session.commit()
    first = _ask(pages, "GET", "/join-training/gryffindor", _VISIT)
    assert len(first) <= _budgets(galaxy)[0] + 4
    names = {row.pseudonym for row in galaxy.query("SELECT pseudonym FROM tiaas_training_member")}
    assert len(names) == 2 and taken.name in names
