"""A message is written in simple HTML; plain text and Markdown are derived from it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import groupby
from textwrap import TextWrapper
from typing import Optional

#: Address of the picture with the QR code of a message's link.
QR_CODE = "cid:qr-code"

_WIDTH = 76
_LONGEST_SUBJECT = 200
_BLOCKS = frozenset("p li blockquote h1 h2 h3 div".split())
#: Elements that only HTML shows.
_HTML_ONLY = frozenset({"style", "script", "figure"})
_EMPTY_LINES = re.compile(r"\n\s*\n")
#: To a page of this server, by its path.
_LINK = re.compile(r'<a href="(/[^"<>]*)"[^<>]*>([^<]*)</a>')
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")


@dataclass(frozen=True)
class RenderedMessage:
    """A message in the forms of mail and of Galaxy's notifications; ``markdown`` has neither header nor footer."""

    subject: str
    html: str
    text: str
    markdown: str


def render_message(html: str) -> RenderedMessage:
    """Derive a message from HTML: the subject is its title, the text its paragraphs, lists and quotations.

    :raises ValueError: if it has no title or no text.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    subject = one_line(reader.subject)
    body = [block for block in reader.blocks if block.place == ""]
    header, footer = ([block for block in reader.blocks if block.place == place] for place in ("header", "footer"))
    if not subject or not body:
        raise ValueError("a message needs a title and a text")
    text = _joined(block.as_text() for block in _grouped([*header, *body]))
    if footer:
        text += "\n\n--\n" + _joined(block.as_text() for block in _grouped(footer))
    markdown = _joined(block.as_markdown() for block in _grouped(body))
    return RenderedMessage(subject, _EMPTY_LINES.sub("\n", html).strip() + "\n", text + "\n", markdown)


def render_without_links(html: str) -> RenderedMessage:
    """The same without a known URL of this server: paths of its pages become text, and there is no QR code.

    :raises ValueError: as :func:`render_message`.
    """
    return render_message(_LINK.sub(_as_text, without_figures(html)))


def without_figures(html: str) -> str:
    """Up to the first one that does not end."""
    kept, place = [], 0
    while (start := html.find("<figure", place)) >= 0 and (end := html.find("</figure>", start)) >= 0:
        kept.append(html[place:start])
        place = end + len("</figure>")
    return "".join([*kept, html[place:]])


def _as_text(link: re.Match[str]) -> str:
    path, text = link.groups()
    return text if text == path else f"{text}: {path}"


def one_line(text: str) -> str:
    """A text as the header of a mail may have it: in one line, without characters that have no look of their own."""
    visible = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(visible.split())
    return line if len(line) <= _LONGEST_SUBJECT else f"{line[: _LONGEST_SUBJECT - 1]}…"


def _wrapper(first: str, rest: str) -> TextWrapper:
    return TextWrapper(
        _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


@dataclass
class _Block:
    kind: str
    quoted: bool
    #: ``header``, ``footer`` or nothing.
    place: str
    text: str = ""
    markdown: str = ""

    def add(self, text: str, markdown: str) -> None:
        self.text += text
        self.markdown += markdown

    def as_text(self) -> str:
        start, rest = ("- ", "  ") if self.kind == "li" else ("", "")
        if self.quoted:
            start, rest = f"> {start}", f"> {rest}"
        lines = []
        for number, line in enumerate(self.text.strip().split("\n")):
            first = rest if number else start
            lines.append(_wrapper(first, rest).fill(line.strip()) or first.rstrip())
        return "\n".join(lines)

    def as_markdown(self) -> str:
        start, rest = {"li": ("- ", "  "), "h1": ("**", ""), "h2": ("**", ""), "h3": ("**", "")}.get(
            self.kind, ("", "")
        )
        end = "**" if start == "**" else ""
        quote = "> " if self.quoted else ""
        lines = [line.strip() for line in self.markdown.strip().split("\n")]
        return f"{quote}{start}" + f"  \n{quote}{rest}".join(lines) + end


@dataclass
class _Paragraphs:
    """Blocks that belong closely together: the entries of a list, the parts of a quotation."""

    blocks: list[_Block]

    def as_text(self) -> str:
        separator = "\n>\n" if self.blocks[0].quoted else "\n"
        return separator.join(block.as_text() for block in self.blocks)

    def as_markdown(self) -> str:
        separator = "\n>\n" if self.blocks[0].quoted else "\n"
        return separator.join(block.as_markdown() for block in self.blocks)


def _grouped(blocks: list[_Block]) -> Iterator[_Paragraphs]:
    # Blocks that are neither in a list nor in a quotation stand alone.
    def group_of(item: tuple[int, _Block]) -> object:
        place, block = item
        return (block.quoted, block.kind == "li") if _close(block) else place

    for _, group in groupby(enumerate(blocks), key=group_of):
        yield _Paragraphs([block for _, block in group])


def _close(block: _Block) -> bool:
    return block.quoted or block.kind == "li"


def _joined(parts: Iterator[str]) -> str:
    return "\n\n".join(part for part in parts if part.strip())


@dataclass
class _Link:
    address: str
    text: str = ""
    markdown: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.subject = ""
        self.blocks: list[_Block] = []
        self._block: Optional[_Block] = None
        self._link: Optional[_Link] = None
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        if tag == "br":
            self._add("\n", "\n")
        elif tag == "a":
            self._link = _Link(dict(attrs).get("href") or "")
        elif tag in _BLOCKS:
            self._block = None
        if tag not in ("br", "img", "hr", "meta", "link"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link:
            link, self._link = self._link, None
            self._add(_link_in_text(link), f"[{link.markdown}]({_address(link.address)})")
        if tag in _BLOCKS:
            self._block = None
        while tag in self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.subject += data
        elif not _HTML_ONLY & set(self._open):
            text = re.sub(r"\s+", " ", data)
            self._add(text, _MARKDOWN.sub(r"\\\1", text))

    def _add(self, text: str, markdown: str) -> None:
        if self._link:
            self._link.text += text
            self._link.markdown += markdown
            return
        if self._block is None:
            if not text.strip():
                return
            inside = [tag for tag in self._open if tag in _BLOCKS - {"blockquote", "div"}]
            kind = inside[-1] if inside else "p"
            place = next((tag for tag in self._open if tag in ("header", "footer")), "")
            self._block = _Block(kind, "blockquote" in self._open, place)
            self.blocks.append(self._block)
        self._block.add(text, markdown)


def _link_in_text(link: _Link) -> str:
    text, address = link.text.strip(), link.address.removeprefix("mailto:")
    return text if text == address else f"{text} <{address}>"


def _address(address: str) -> str:
    """An address in angle brackets, which in Markdown end at the next one."""
    return "<" + address.replace("<", "%3C").replace(">", "%3E").replace("\n", "") + ">"
