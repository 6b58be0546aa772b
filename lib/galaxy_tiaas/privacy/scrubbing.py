"""Taking people out of texts that are about something else.

All names are looked for at once, by the automaton of Aho and Corasick (https://doi.org/10.1145/360825.360855): the time
is proportional to the length of the text, however many names there are and whatever the text looks like. It works
character by character in Python, where other threads get their turn, and asks for a pause now and then.
"""

import re
import unicodedata
from array import array
from collections import deque
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
)
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import idna

#: What stands where somebody was named.
REDACTED = "[redacted]"
#: Shorter ones, and those below, are taken for a name only where somebody is addressed by it (``@an``, ``~data``).
_SHORTEST_NAME = 3
#: Names of accounts that are words of nearly every text about a course.
_EVERYDAY = frozenset(
    """
    about account address admin administrator after all analysis and answer any are assembly basic beginner
    before biology bioinformatics class cluster community computer contact course courses data dataset datasets day
    days demo dna email europe europeans everybody everyone example for from galaxy genome genomes genomics group guest
    hands help helpdesk here history home info information instructor instructors introduction job jobs join learn
    learner lecture lectures mail manager march may metagenomics more name network new not office online open our own
    participant participants people person please postmaster project protein proteins proteomics public question
    questions research researcher rna school science sciences sequence sequences sequencing server service single some
    start student students summer support system systems teacher teachers team test testing that the this time tool
    tools trainee trainees trainer trainers training trainings tutorial tutorials university usegalaxy user users web
    webmaster website week what when where winter with work workflow workflows workshop workshops you your
    """.split()
)
#: From how many characters on a name is found inside words, too; and of one with a digit or one of the separators.
_LONG_NAME, _LONG_MIXED_NAME = 8, 5
_SEPARATORS = frozenset("._-")
#: How the words of a name may be joined.
_JOINTS = (" ", ".", "_", "-", "", "+", "%20")
#: How the @ of an address may be written.
_AT = ("@", "%40", "%2540", "&#64;", "(at)", "[at]", " at ", " (at) ", " [at] ")
#: How ``'`` and other characters look in HTML.
_ESCAPES = ({"'": "&#39;", '"': "&#34;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}, {"'": "&#x27;", '"': "&quot;"})

_LOCAL_CHARACTERS = frozenset(".!#$%&'*+=?^_`{|}~-")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_LONGEST_LOCAL_PART, _LONGEST_DOMAIN = 64, 1000
#: Characters between two pauses: some milliseconds.
_AT_ONCE = 5_000
_MOST_FOLDED = 5_000

#: Where a pattern may stand: inside words; as whole words; as a word that is no part of an address; as an address.
_ANYWHERE, _WORDS, _WORD, _ADDRESS, _AT_SIGN = range(5)


class _Folded(dict[str, str]):
    """What is the same in all spellings of a character: without case, accents, width; nothing for invisible ones."""

    def __missing__(self, character: str) -> str:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
        if character.isspace():
            folded = " "
        elif plain[:1].isspace():
            # An accent without a letter.
            folded = character
        else:
            # Accents of Latin, Greek and Cyrillic letters; in other scripts, marks make other letters.
            without_accents = (c for c in plain if not "\u0300" <= c <= "\u036f")
            visible = (c for c in without_accents if unicodedata.category(c) != "Cf")
            folded = "".join(" " if c.isspace() else c for c in visible)
        if len(self) < _MOST_FOLDED:
            self[character] = folded
        return folded


_FOLDED = _Folded()


def is_distinctive(name: str) -> bool:
    """Whether a name stands for itself even inside a word; many a public name is a word, or a part of one."""
    folded = _fold(name)
    if folded in _EVERYDAY:
        return False
    mixed = any(character.isdigit() or character in _SEPARATORS for character in folded)
    return len(folded) >= (_LONG_MIXED_NAME if mixed else _LONG_NAME)


def spellings(name: str) -> set[str]:
    """What a database should look for, in any case, to find texts that may name somebody outside their own trainings.

    Nothing for names that others may mean when they write it.
    """
    if "@" not in name:
        return {name} if is_distinctive(name) else set()
    found = set()
    for way in _in_markup(name.strip()):
        local, domains = _parts(way)
        found |= {local} if is_distinctive(local) else {f"{local}{at}{domain}" for at in _AT for domain in domains}
    return found


class Scrubber:
    """Knows what some people are called, and replaces it in texts.

    Case, accents and width of letters do not matter, nor whether words are joined by blanks, dots, hyphens or nothing.

    :param names: names, public names of accounts and e-mail addresses. An address goes in all the ways in which its @
        can be written. Names of one word and the local parts of addresses are found inside words if
        :func:`is_distinctive`, else as whole words.
    :param all_addresses: whether every e-mail address is replaced, not only those of these people.
    :param pause: called whenever some milliseconds of work are done.
    """

    def __init__(
        self, names: Iterable[str], *, all_addresses: bool = False, pause: Callable[[], None] = lambda: None
    ) -> None:
        self._pause = pause
        self._left = _AT_ONCE
        self._automaton = _Automaton()
        for kind, pattern in _patterns(names):
            self._automaton.add(_fold(pattern, strip=False), kind)
            self._spend(len(pattern) * 4)
        if all_addresses:
            for at in _AT[:4]:
                self._automaton.add(at, _AT_SIGN)
        self._automaton.finish(self._spend)

    def text(self, text: str) -> str:
        """The text without these people, in time proportional to its length."""
        if not self._automaton:
            return text
        between, end = [], 0
        for start, stop in self._found(text):
            between.append(text[end:start])
            end = stop
        return REDACTED.join([*between, text[end:]]) if between else text

    def value(self, value: Any) -> Any:
        """The same for all texts in a JSON value."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {name: self.value(item) for name, item in value.items()}
        return value

    def _spend(self, characters: int) -> None:
        self._left -= characters
        if self._left <= 0:
            self._left = _AT_ONCE
            self._pause()

    def _found(self, text: str) -> list[tuple[int, int]]:
        """Where people are named: disjoint, from left to right."""
        spans: list[tuple[int, int]] = []
        address_end = 0
        for start, end, kind in self._automaton.matches(text, self._spend):
            if kind == _AT_SIGN:
                start, end = _address_around(text, start, end, address_end)
                if not end:
                    continue
                address_end = end
            while spans and spans[-1][1] > start:
                earlier = spans.pop()
                start, end = min(start, earlier[0]), max(end, earlier[1])
            spans.append((start, end))
        return spans


class _Automaton:
    """Finds all of many patterns in one walk over a text. State 0 is the beginning."""

    def __init__(self) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._kind: list[int] = [-1]
        self._length: list[int] = [0]
        #: The state for the longest shorter end of what has been read, and the next one that is a whole pattern.
        self._shorter = array("l", [0])
        self._pattern = array("l", [0])

    def __bool__(self) -> bool:
        return len(self._next) > 1

    def add(self, pattern: str, kind: int) -> None:
        """:param kind: if a pattern is added twice, the smaller one counts."""
        state = 0
        for character in pattern:
            following = self._next[state].get(character)
            if following is None:
                following = self._next[state][character] = len(self._next)
                self._next.append({})
                self._kind.append(-1)
                self._length.append(self._length[state] + 1)
            state = following
        if state and not 0 <= self._kind[state] <= kind:
            self._kind[state] = kind

    def finish(self, spend: Callable[[int], None]) -> None:
        """Link the states, the shorter ones first. After the last pattern."""
        self._shorter = array("l", bytes(len(self._next) * self._shorter.itemsize))
        self._pattern = array("l", self._shorter)
        waiting = deque(self._next[0].values())
        for state in waiting:
            self._pattern[state] = state if self._kind[state] >= 0 else 0
        while waiting:
            state = waiting.popleft()
            for character, following in self._next[state].items():
                shorter = self._shorter[state]
                while shorter and character not in self._next[shorter]:
                    shorter = self._shorter[shorter]
                shorter = self._shorter[following] = self._next[shorter].get(character, 0)
                self._pattern[following] = following if self._kind[following] >= 0 else self._pattern[shorter]
                waiting.append(following)
                spend(4)

    def matches(self, text: str, spend: Callable[[int], None]) -> Iterator[tuple[int, int, int]]:
        """Begin, end and kind of the longest pattern that ends at each place and that the place allows."""
        transitions, shorter, patterns = self._next, self._shorter, self._pattern
        first = transitions[0]
        #: Where in the text each of the folded characters comes from.
        origins = array("L")
        state, blank = 0, False
        for begin in range(0, len(text), _AT_ONCE):
            piece = text[begin : begin + _AT_ONCE]
            for index, character in enumerate(piece, begin):
                for folded in _FOLDED[character]:
                    if folded == " ":
                        # People break lines within names.
                        if blank:
                            continue
                        blank = True
                    else:
                        blank = False
                    origins.append(index)
                    if state:
                        following = transitions[state].get(folded)
                        while following is None and state:
                            state = shorter[state]
                            following = transitions[state].get(folded)
                    else:
                        following = first.get(folded)
                    state = following or 0
                    pattern = patterns[state]
                    while pattern:
                        start, end = origins[-self._length[pattern]], index + 1
                        if _is_allowed(text, start, end, self._kind[pattern]):
                            yield start, end, self._kind[pattern]
                            break
                        pattern = patterns[shorter[pattern]]
            spend(len(piece))


def _fold(text: str, *, strip: bool = True) -> str:
    folded = "".join(_FOLDED[character] for character in text)
    words = " ".join(folded.split())
    return words if strip else f"{' ' * folded.startswith(' ')}{words}{' ' * (folded.endswith(' ') and words != '')}"


def _patterns(names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Each way to write each name, and what it takes for it to be one."""
    for name in sorted({name.strip() for name in names}):
        for way in _in_markup(name):
            if "@" in way:
                yield from _of_address(way)
            else:
                yield from _of_name(way)


def _of_name(name: str) -> Iterator[tuple[int, str]]:
    words = name.split()
    if len(words) == 1:
        yield from _of_word(words[0])
    elif len(_fold(name)) >= _SHORTEST_NAME:
        yield from ((_WORDS, joint.join(words)) for joint in _JOINTS if joint)
        yield from _of_word("".join(words))
        yield from ((_WORDS, f"{words[-1]}{joint}{' '.join(words[:-1])}") for joint in (", ", ",", " "))


def _of_word(word: str) -> Iterator[tuple[int, str]]:
    folded = _fold(word)
    if len(folded) < _SHORTEST_NAME or folded in _EVERYDAY:
        yield from ((_WORD, f"{mark}{word}") for mark in ("@", "~") if folded)
    else:
        yield (_ANYWHERE if is_distinctive(word) else _WORD), word


def _of_address(address: str) -> Iterator[tuple[int, str]]:
    local, domains = _parts(address)
    yield from ((_ADDRESS, f"{local}{at}{domain}") for at in _AT for domain in domains)
    if is_distinctive(local):
        # Ann Lee is not in joann.lee.
        yield (_ANYWHERE if any(character.isdigit() for character in local) else _WORDS), local


def _parts(address: str) -> tuple[str, set[str]]:
    """The local part, and the ways to write the domain: in Unicode and as DNS has it."""
    local, _, domain = address.rpartition("@")
    domain = domain.lower()
    domains = {domain}
    with suppress(idna.IDNAError, UnicodeError):
        if not domain.isascii():
            domains.add(idna.encode(domain).decode())
        elif "xn--" in domain:
            domains.add(idna.decode(domain))
    return local, domains


def _in_markup(name: str) -> set[str]:
    """The name itself, and as it is in HTML and in the address of a page."""
    escaped = ("".join(escapes.get(character, character) for character in name) for escapes in _ESCAPES)
    try:
        quoted = quote(name, safe="@ ")
    except UnicodeEncodeError:
        quoted = name
    return {name, quoted, *escaped} - {""}


def _is_allowed(text: str, start: int, end: int, kind: int) -> bool:
    """Whether a pattern of this kind may stand here."""
    if kind == _AT_SIGN:
        return True
    if kind in (_WORDS, _WORD):
        begins_word = not (start and text[start - 1].isalnum()) or _ends_escape(text, start)
        if not begins_word or text[end : end + 1].isalnum():
            return False
    if kind == _WORD and _is_in_address(text, start, end):
        return False
    if kind == _ADDRESS and not (_begins_address(text, start) and _ends_address(text, end)):
        return False
    # What stands there since somebody was taken out names nobody.
    before, after = max(0, end - len(REDACTED)), start + len(REDACTED)
    return end - start > len(REDACTED) or REDACTED not in text[before:after]


def _is_in_address(text: str, start: int, end: int) -> bool:
    """Whether a word is a part of an address, and so may mean somebody else: ``bill.ron@uni.org``."""
    at = end
    while at < end + _LONGEST_LOCAL_PART and _is_local(text[at : at + 1]):
        at += 1
    if text[at : at + 1] == "@" and text[at + 1 : at + 2].isalnum():
        return True
    at = start - 1
    while at > start - _LONGEST_LOCAL_PART and at > 0 and (text[at].isalnum() or text[at] in "-."):
        at -= 1
    return at > 0 and text[at] == "@" and _is_local(text[at - 1])


def _is_local(character: str) -> bool:
    return character.isalnum() or character in _LOCAL_CHARACTERS


def _begins_address(text: str, start: int) -> bool:
    """``ron@uni.org`` is not in ``bill.ron@uni.org``."""
    if not start or _ends_escape(text, start):
        return True
    before = text[start - 1]
    return not (_is_of_word(before) or (before in ".+-" and start > 1 and _is_of_word(text[start - 2])))


def _ends_address(text: str, end: int) -> bool:
    """``ron@uni.org`` is not in ``ron@uni.org.uk``."""
    after, next_one = text[end : end + 1], text[end + 1 : end + 2]
    return not (_is_of_word(after) or (after in (".", "-") and _is_of_word(next_one)))


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _ends_escape(text: str, start: int) -> bool:
    """Whether there is ``%3A`` or the like before."""
    return start > 2 and text[start - 3] == "%" and all(c in "0123456789abcdefABCDEF" for c in text[start - 2 : start])


def _address_around(text: str, at: int, after: int, limit: int) -> tuple[int, int]:
    """The address that has its @ here, no part of which is before ``limit``; twice 0: none."""
    start = at
    while start > limit and _is_local(text[start - 1]):
        start -= 1
    if start >= at:
        return 0, 0
    domain = _DOMAIN.match(text, after, after + _LONGEST_DOMAIN)
    return (start, domain.end()) if domain else (0, 0)
