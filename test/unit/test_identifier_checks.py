"""Whether an identifier is free, and what else a training could be called."""

from collections.abc import Callable
from datetime import datetime
from typing import (
    Any,
    Union,
)

import pytest
from galaxy.model import (
    Group,
    Role,
)
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.trainings.identifier_service import IdentifiersService
from galaxy_tiaas.trainings.schema import IdentifierCheck
from in_process import (
    ANONYMOUS,
    DELETED,
    InProcess,
    on_both_databases,
    SERVER,
)

NOW = datetime(2027, 1, 15, 12)


def _check(galaxy: InProcess, text: str = "", actor: Actor = SERVER, **options: Any) -> IdentifierCheck:
    return galaxy[IdentifiersService].check(actor, text, NOW, **options)


@pytest.mark.parametrize("actor", [ANONYMOUS, DELETED], ids=["anonymous", "deleted account"])
def test_visitors_are_told_nothing(galaxy: InProcess, actor: Actor) -> None:
    galaxy.refused(403, lambda: _check(galaxy, "gryffindor", actor))


def test_a_free_identifier_is_told_as_it_would_be_stored(galaxy: InProcess) -> None:
    answer = _check(galaxy, " Gryffindor ", galaxy.user("harry"), title="Another thing")
    assert answer.identifier == "gryffindor"
    assert (answer.valid, answer.available, answer.suggestions) == (True, True, [])
    assert "free" in answer.message


@pytest.mark.parametrize("training", ["a request", "a running training"])
def test_the_identifier_of_another_training_is_taken_in_any_spelling(galaxy: InProcess, training: str) -> None:
    galaxy.request() if training == "a request" else galaxy.training()
    answer = _check(galaxy, "GRYFFINDOR", galaxy.user("harry"), title="Transfiguration")
    assert (answer.identifier, answer.valid, answer.available) == ("gryffindor", True, False)
    assert "taken" in answer.message
    assert answer.suggestions == ["gryffindor-2027", "transfiguration", "gryffindor-2"]


@on_both_databases
@pytest.mark.parametrize("kind", [Group, Role])
def test_what_an_admin_has_called_a_group_or_role_is_taken_too(
    galaxy: InProcess, kind: type[Union[Group, Role]]
) -> None:
    for name in ("training-gryffindor", "training-gryffindor-2027"):
        galaxy.session.add(kind(name=name))
    galaxy.session.commit()
    answer = _check(galaxy, "gryffindor")
    assert (answer.valid, answer.available) == (True, False)
    assert answer.suggestions[0] == "gryffindor-2"


def test_a_training_may_keep_its_own_name(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.request("slytherin")
    assert _check(galaxy, "gryffindor", except_for="Gryffindor").available
    assert not _check(galaxy, "slytherin", except_for="gryffindor").available


def test_everything_that_is_suggested_is_free(galaxy: InProcess) -> None:
    for identifier in ("charms", "charms-2027", "charms-3"):
        galaxy.request(identifier)
    assert _check(galaxy, "charms").suggestions == ["charms-2", "charms-4", "charms-5"]
    assert _check(galaxy, title="Charms!", year=2028).suggestions == ["charms-2028", "charms-2", "charms-4"]


def test_a_title_alone_is_enough_for_a_suggestion(galaxy: InProcess) -> None:
    answer = _check(galaxy, title="RNA-seq data analysis")
    assert (answer.identifier, answer.valid, answer.available) == (None, False, False)
    assert answer.suggestions == ["rna-seq-data", "rna-seq-data-2027", "rna-seq-data-2"]
    assert _check(galaxy, title="東京").suggestions == []


@pytest.mark.parametrize(
    "text, message, suggestion",
    [
        ("wingardium leviosa", "Only letters", "wingardium-leviosa"),
        ("Zauberei für alle", "Only letters", "zauberei-fur-alle"),
        ("-gryffindor", "Only letters", "gryffindor"),
        ("a" * 23, "Too long by 3", "a" * 15 + "-2027"),
        ("a" * 200, "Too long by 180", "a" * 20),
        ("", "Please choose", None),
    ],
)
def test_what_can_be_no_identifier_says_why_and_what_could(
    galaxy: InProcess, text: str, message: str, suggestion: str
) -> None:
    answer = _check(galaxy, text)
    assert not answer.valid
    assert not answer.available
    assert answer.message.startswith(message)
    assert next(iter(answer.suggestions), None) == suggestion


def test_the_longest_identifier_is_the_setting(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(identifier_max_length=5)
    assert _check(galaxy, "charm").available
    answer = _check(galaxy, "charms")
    assert (answer.identifier, answer.valid, answer.available) == ("charms", False, False)
    assert all(len(suggestion) <= 5 for suggestion in answer.suggestions)


@on_both_databases
def test_two_questions_to_the_database_are_enough(galaxy: InProcess) -> None:
    galaxy.training()
    with galaxy.statements() as statements:
        _check(galaxy, "gryffindor", title="Transfiguration")
    assert len([statement for statement in statements if statement.lstrip().startswith("SELECT")]) == 2
