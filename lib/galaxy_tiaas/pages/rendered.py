"""What many people are shown, made into text once."""

import threading
from collections import OrderedDict
from collections.abc import (
    Callable,
    Hashable,
)
from dataclasses import (
    dataclass,
    field,
)
from typing import Optional

#: Texts that are kept; a text of a large class has some hundred kilobytes.
_MOST_TEXTS = 64


@dataclass
class _Text:
    lock: threading.Lock = field(default_factory=threading.Lock)
    etag: Optional[str] = None
    text: str = ""


class RenderedOnce:
    """The newest text of each kind. One for each process."""

    def __init__(self, most: int = _MOST_TEXTS) -> None:
        self._most = most
        self._texts: OrderedDict[Hashable, _Text] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, kind: Hashable, etag: str, render: Callable[[], str]) -> str:
        """The text of this kind that has this entity tag; of several who ask at once, one renders it."""
        kept = self._kept(kind)
        with kept.lock:
            if kept.etag != etag:
                kept.text, kept.etag = render(), etag
            return kept.text

    def _kept(self, kind: Hashable) -> _Text:
        with self._lock:
            kept = self._texts.setdefault(kind, _Text())
            self._texts.move_to_end(kind)
            if len(self._texts) > self._most:
                self._texts.popitem(last=False)
            return kept
