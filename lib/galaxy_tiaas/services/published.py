"""What many people are shown, made into JSON once."""

import hashlib
import re
from functools import cached_property
from typing import (
    Generic,
    TypeVar,
)

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

#: No text of anybody's can look like this: its quotes are escaped.
_GENERATED = re.compile(rb'"generated":"[^"]*",?')


class Published(Generic[M]):
    """A value, its JSON, and an entity tag that stays the same while only the time of the look changes."""

    def __init__(self, value: M):
        self.value = value

    @cached_property
    def json(self) -> bytes:
        return self.value.model_dump_json(exclude_unset=True).encode()

    @cached_property
    def etag(self) -> str:
        """A weak one (RFC 9110, 8.8.3): the same tag means the same content, but for ``generated``."""
        content = _GENERATED.sub(b"", self.json, count=1)
        return f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
