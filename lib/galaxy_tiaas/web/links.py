"""Addresses inside the texts that people type, and addresses as pictures."""

import re
from io import BytesIO
from urllib.parse import urlsplit

import segno

_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
_TUTORIAL = re.compile(r"/topics/(?P<topic>[^/]+)/tutorials/(?P<name>[^/]+)")
#: What follows an address in a sentence rather than belonging to it.
_PUNCTUATION = ".,;:!?*_"
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def web_addresses(text: str) -> list[str]:
    """The http(s) addresses in a text, each once, in the order in which they stand there."""
    found = (_without_punctuation(match) for match in _ADDRESS.findall(text))
    return [address for address in dict.fromkeys(found) if _host(address)]


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


def _without_punctuation(address: str) -> str:
    #: How many more of each kind of bracket are closed than opened.
    unopened = {closing: address.count(closing) - address.count(opening) for closing, opening in _BRACKETS.items()}
    end = len(address)
    while end:
        last = address[end - 1]
        if unopened.get(last, 0) > 0:
            unopened[last] -= 1
        elif last not in _PUNCTUATION:
            break
        end -= 1
    return address[:end]


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _spaced(name: str) -> str:
    return name.replace("-", " ").replace("_", " ")
