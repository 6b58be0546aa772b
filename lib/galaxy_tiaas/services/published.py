"""What many people are shown, made into JSON once."""

import hashlib
from functools import cached_property
from typing import (
    Generic,
    TypeVar,
)

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


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
        content = self.value.model_dump_json(exclude_unset=True, exclude={"generated"})
        return f'W/"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'
