"""Responses that many people share, made into JSON once."""

import hashlib
import re
from functools import cached_property
from typing import (
    Any,
    Generic,
    TypeVar,
)

import orjson
from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

#: No text of anybody's can look like this: its quotes are escaped.
_GENERATED = re.compile(rb'"generated":"[^"]*",?')
#: Times as :data:`galaxy_tiaas.trainings.schema.UtcTime` has them.
_UTC_TIMES = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


class CachedResponse(Generic[M]):
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


class RawCachedResponse(CachedResponse[M]):
    """The same from plain values: thousands of small parts become a model only when a page wants one.

    The API sends them as they are, without validation.
    """

    def __init__(self, model: type[M], content: dict[str, Any]):
        self._model = model
        self._content = content

    @cached_property
    def value(self) -> M:  # type: ignore[override]
        return self._model.model_validate_json(self.json)

    @cached_property
    def json(self) -> bytes:
        return orjson.dumps(self._content, option=_UTC_TIMES)
