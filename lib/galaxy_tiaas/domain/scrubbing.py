"""Taking people out of texts that are about something else."""

import re
from collections.abc import (
    Iterable,
    Iterator,
)
from typing import Any

#: What stands where somebody was named.
REDACTED = "[redacted]"
#: Shorter ones are as likely to be a word.
_SHORTEST_NAME = 3
#: The parts of an e-mail address. A single pattern for both would take quadratic time on texts that are almost one.
_LOCAL_PART = re.compile(r"[\w.!#$%&'*+=?^`{|}~-]+")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+")


class Scrubber:
    """Knows what some people are called, and replaces it in texts.

    :param names: names and e-mail addresses, found as whole words in any spelling of their letters.
    :param usernames: public names of accounts. Many of them are words too, so they are found exactly as they are.
    :param all_addresses: whether every e-mail address is replaced, not only those of these people.
    """

    def __init__(self, names: Iterable[str], usernames: Iterable[str] = (), *, all_addresses: bool = False):
        self._all_addresses = all_addresses
        alternatives = [rf"(?i:{_whole(name)})" for name in _longest_first(names)]
        alternatives += [re.escape(name) for name in _longest_first(usernames)]
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)") if alternatives else None

    def text(self, text: str) -> str:
        """The text without these people, in time proportional to its length."""
        if not self._all_addresses:
            return self._without_names(text)
        between, end = [], 0
        for address in _addresses(text):
            between.append(self._without_names(text[end : address.start]))
            end = address.stop
        return REDACTED.join([*between, self._without_names(text[end:])])

    def _without_names(self, text: str) -> str:
        return self._pattern.sub(REDACTED, text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """The same for all texts in a JSON value."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {name: self.value(item) for name, item in value.items()}
        return value


def _addresses(text: str) -> Iterator[slice]:
    """Where a text has e-mail addresses."""
    end = 0
    for local_part in _LOCAL_PART.finditer(text):
        at = local_part.end()
        if at <= end or text[at : at + 1] != "@":
            continue
        if domain := _DOMAIN.match(text, at + 1):
            yield slice(max(local_part.start(), end), domain.end())
            end = domain.end()


def _longest_first(names: Iterable[str]) -> list[str]:
    """Of names that begin alike, the longer one has to be tried first."""
    stripped = {name.strip() for name in names}
    return sorted((name for name in stripped if len(name) >= _SHORTEST_NAME), key=lambda name: (-len(name), name))


def _whole(name: str) -> str:
    """An address is not part of a longer one: ``ron@uni.org`` is not in ``bill.ron@uni.org`` nor ``ron@uni.org.uk``."""
    return rf"(?<!\w[.+-]){re.escape(name)}(?![.-]\w)" if "@" in name else _spaced(name)


def _spaced(name: str) -> str:
    """People break lines within names."""
    return r"\s+".join(re.escape(part) for part in name.split())
