"""What we rely on of Galaxy's application object: compat/web.py."""

from types import SimpleNamespace
from typing import Any

import galaxy.app
import pytest
from galaxy.di import Container
from galaxy_tiaas.compat.web import (
    current_app,
    Installation,
)
from lagom.exceptions import DuplicateDefinition


class Ours:
    """A type that Galaxy does not know."""


def test_galaxy_keeps_its_application_where_everybody_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert current_app() is None
    application = object()
    monkeypatch.setattr(galaxy.app, "app", application)
    assert current_app() is application


def test_an_instance_is_given_from_then_on_and_never_again_once_it_is_undone() -> None:
    container: Any = Container()
    ours = Ours()
    with Installation() as installation:
        installation.register(container, {Ours: ours})
        assert container[Ours] is ours
    assert container[Ours] is not ours
    with Installation() as installation:
        installation.register(container, {Ours: ours})
        installation.keep()
    assert container[Ours] is ours


def test_galaxy_registers_a_type_once() -> None:
    """Why a failed mount has to take its types back."""
    container: Any = Container()
    container[Ours] = Ours()
    with pytest.raises(DuplicateDefinition):
        container[Ours] = Ours()


def test_changes_are_undone_unless_they_are_kept() -> None:
    owner, items = SimpleNamespace(old="old"), ["first", "last"]
    before = dict(vars(owner)), [*items]
    with Installation() as installation:
        installation.set(owner, "old", "changed")
        installation.set(owner, "new", "new")
        installation.insert(items, 1, ["ours"])
        assert (vars(owner), items) == ({"old": "changed", "new": "new"}, ["first", "ours", "last"])
    assert (vars(owner), items) == before
    with Installation() as installation:
        installation.set(owner, "old", "changed")
        installation.insert(items, 1, ["ours"])
        installation.keep()
    assert (vars(owner), items) == ({"old": "changed"}, ["first", "ours", "last"])
