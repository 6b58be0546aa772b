"""Finding somebody in a class by name."""

from collections.abc import Sequence
from typing import (
    Optional,
    Protocol,
    TypeVar,
)


class Named(Protocol):
    """Somebody in a class; the user name is there for those who may see it."""

    @property
    def pseudonym(self) -> str: ...
    @property
    def username(self) -> Optional[str]: ...


N = TypeVar("N", bound=Named)


def found(people: Sequence[N], text: str) -> Sequence[N]:
    """Those whose name has the text in it, as people say and type it: ``Brave Otter`` finds brave-otter."""
    wanted = _plain(text)
    return [one for one in people if wanted in _plain(one.pseudonym) or wanted in _plain(one.username or "")]


def _plain(name: str) -> str:
    return name.strip().casefold().replace(" ", "-")
