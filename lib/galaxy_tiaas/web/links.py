"""Addresses inside the texts that people type, and addresses as pictures."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import (
    NamedTuple,
    Optional,
)
from urllib.parse import urlsplit

import segno

from ..core.countries import countries

_TUTORIAL = re.compile(r"/topics/(?P<topic>[^/]+)/tutorials/(?P<name>[^/]+)")
#: What no address has in it.
_CHUNK = re.compile(r"[^\s<>\"`«»“”„‹›、，。；：！？（）【】「」…]+")
#: What separates addresses, if one follows, and may else be a part of one; the last is that of Markdown.
_SEPARATOR = re.compile(r"[,;|]|\]\(")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_SITE = re.compile(r"https?://[^\s/?#,;|()]*", re.IGNORECASE)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?=(?::\d+)?(?P<after>.?))", re.DOTALL)
_OPENING = "'([{*_~"
#: What follows an address in a sentence rather than belonging to it.
_PUNCTUATION = ".,;:!?*_'~|"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
#: Ends of host names by which an address is known that has neither a scheme nor a path.
_SURE_DOMAINS = frozenset("com edu eu gov int net org".split())
#: The same with a path; besides those of countries.
_OTHER_DOMAINS = frozenset(
    "academy app bio blog biz cloud codes courses dev education foundation gle guide help info institute link live"
    " network news online page pro pub school science site space systems team tech tools training university video"
    " website wiki works world xyz".split()
)
#: Domains of countries that are ends of the names of files, too: ``run.sh``.
_FILES = frozenset("cc md mk ml pl ps py rs sh so".split())


class WebAddress(NamedTuple):
    """An address in a text: where it stands, and the link."""

    start: int
    end: int
    link: str


def web_addresses(text: str) -> list[str]:
    """The web addresses in a text as links, each once, in the order in which they stand there."""
    return list(dict.fromkeys(address.link for address in find_addresses(text)))


def find_addresses(text: str) -> Iterator[WebAddress]:
    """The web addresses in a text, with or without ``https://``; whatever stands between them."""
    for chunk in _CHUNK.finditer(text):
        start: Optional[int] = None
        end = piece = chunk.start()
        borders = [(found.start(), found.end()) for found in _SEPARATOR.finditer(text, chunk.start(), chunk.end())]
        for border, following in (*borders, (chunk.end(), chunk.end())):
            beginning = _beginning(text, piece, border, is_first=start is None)
            if beginning is not None:
                if start is not None:
                    yield from _address(text[start:end], start)
                start = beginning
            # A separator within the path belongs to it.
            end, piece = border, following
        if start is not None:
            yield from _address(text[start:end], start)


def link_text(address: str) -> str:
    """What a link to this address says: ``ref based (transcriptomics)`` for a GTN tutorial, else the address."""
    if tutorial := _TUTORIAL.search(address):
        return f"{_spaced(tutorial['name'])} ({_spaced(tutorial['topic'])})"
    return address.partition("://")[2].rstrip("/")


def qr_svg(address: str) -> str:
    """A QR code as an ``svg`` element for a page, as large as the style sheet says."""
    return str(segno.make(address, error="m").svg_inline(omitsize=True, dark="#000", light="#fff", border=2))


def qr_file(address: str) -> bytes:
    """A QR code as an SVG file."""
    file = BytesIO()
    segno.make(address, error="m").save(file, kind="svg", scale=10, dark="#000", light="#fff", border=4)
    return file.getvalue()


def _beginning(text: str, start: int, end: int, *, is_first: bool) -> Optional[int]:
    """Where in this piece of a text an address begins.

    :param is_first: no address is before it, to which the piece may belong.
    """
    while start < end and text[start] in _OPENING:
        start += 1
    if _SCHEME.match(text, start, end) or _has_host(text, start, end):
        return start
    later = _SCHEME.search(text, start, end)
    # As in ``Slides:https://…``.
    return later.start() if later and (is_first or text[later.start() - 1] == ":") else None


def _has_host(text: str, start: int, end: int) -> bool:
    """Whether an address without a scheme begins here, rather than an abbreviation, a version or a file."""
    found = _HOST.match(text, start, end)
    if not found:
        return False
    *names, domain = found[0].lower().split(".")
    if len(names[0]) == 1 and len(names) > 1:
        return False
    has_path = found["after"] in ("/", "?", "#")
    if not has_path and text[found.end() : end].strip(_PUNCTUATION + ")]}"):
        return False
    if (names[0] == "www" and len(names) > 1 and domain.isalpha()) or domain in _SURE_DOMAINS:
        return True
    if domain in _OTHER_DOMAINS:
        return has_path
    if domain in _FILES:
        return has_path and len(names) > 1
    return (has_path or len(names) > 1) and (domain == "uk" or domain.upper() in countries())


def _address(written: str, start: int) -> Iterator[WebAddress]:
    """The address at the beginning of what is written, if it is one."""
    prefix = "" if _SCHEME.match(written) else "https://"
    site = _SITE.match(prefix + written)
    if site and not (prefix + written)[site.end() :].startswith(("/", "?", "#")):
        written = site[0][len(prefix) :]
    written = _without_punctuation(written)
    if _host(prefix + written):
        yield WebAddress(start, start + len(written), prefix + written)


def _without_punctuation(address: str) -> str:
    """The address up to a bracket that was opened before it, and without the punctuation of a sentence."""
    opened = dict.fromkeys(_BRACKETS.values(), 0)
    end = len(address)
    for place, character in enumerate(address):
        if character in opened:
            opened[character] += 1
        elif opening := _BRACKETS.get(character):
            if not opened[opening]:
                end = place
                break
            opened[opening] -= 1
    return address[:end].rstrip(_PUNCTUATION)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _spaced(name: str) -> str:
    return name.replace("-", " ").replace("_", " ")
