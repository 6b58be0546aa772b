"""Galaxy's application object, its dependency injection, and changes to both that can be undone."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import galaxy.app


def current_app() -> Any:
    """Galaxy's application in this process, where no dependency injection reaches; ``None`` if none has been built.

    Relies on the global ``galaxy.app.app``, which Galaxy's application factory sets.
    """
    return galaxy.app.app


class Installation(ExitStack):
    """Changes to Galaxy's objects. Without :meth:`keep`, the end of the ``with`` block undoes them, the last one first.

    The way back is noted before each change, so that one that fails halfway is undone too.
    """

    def note(self, owner: Any, name: str) -> None:
        """Note the value of an attribute that is about to be set, or that there is none."""
        if hasattr(owner, name):
            self.callback(setattr, owner, name, getattr(owner, name))
        else:
            self.callback(_delete, owner, name)

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute, new or not."""
        self.note(owner, name)
        setattr(owner, name, value)

    def insert(self, items: list[Any], position: int, new: list[Any]) -> None:
        """Insert into a list in place: others refer to it."""
        self.callback(items.__setitem__, slice(None), [*items])
        items[position:position] = new

    def register(self, app: Any, instances: Mapping[type, object]) -> None:
        """Have dependency injection give these instances.

        Relies on ``galaxy.di.Container`` being lagom's, which registers each type once and for good: its dictionary
        ``_registered_types`` is the only way back.
        """
        types: dict[Any, Any] = app._registered_types
        before = dict(types)
        self.callback(types.update, before)
        self.callback(types.clear)
        for dependency, instance in instances.items():
            app[dependency] = instance

    def keep(self) -> None:
        """Nothing is undone any more."""
        self.pop_all()


def _delete(owner: Any, name: str) -> None:
    if hasattr(owner, name):
        delattr(owner, name)
