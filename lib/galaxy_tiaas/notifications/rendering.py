"""Messages from templates, a site's own first: simple HTML, from which plain text and Markdown are derived."""

import re
from collections.abc import (
    Callable,
    Sequence,
)
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from itertools import groupby
from textwrap import TextWrapper
from typing import (
    Any,
    Optional,
)

from galaxy.config import GalaxyAppConfiguration

from ..core import wording
from ..core.config import (
    contact_of,
    TiaasConfig,
)
from ..core.model import Training
from ..core.templating import TemplateRenderer

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
#: Compiles each template once in a process.
_renderers = lru_cache(maxsize=8)(TemplateRenderer)


@dataclass(frozen=True)
class RenderedMessage:
    """A message in the forms of mail and of Galaxy's notifications; ``markdown`` has neither header nor footer."""

    subject: str
    html: str
    text: str
    markdown: str


def join_url(training: Training, site: str) -> str:
    """The one link that trainees need."""
    return f"{site}/join-training/{training.identifier}"


def render(
    template: str,
    training: Training,
    config: TiaasConfig,
    galaxy_config: GalaxyAppConfiguration,
    site: str,
    context: dict[str, Any],
) -> RenderedMessage:
    """The message about a training from ``mail/<template>.mako``.

    :param site: the URL of this Galaxy, without a slash at its end. Empty: the message has paths in place of links,
        and no QR code.
    """

    def link(path: str) -> str:
        return f"{site}{path}"

    def read(html: str) -> RenderedMessage:
        return render_message(html if site else _LINK.sub(_as_text, without_figures(html)))

    values = {
        "config": config,
        "brand": galaxy_config.brand or "",
        "contact_email": contact_of(config, galaxy_config),
        "wording": wording,
        "training": training,
        "days": wording.days(training.start, training.end),
        "link": link,
        "join_url": join_url(training, site),
        "status_url": f"{join_url(training, site)}/status",
        "training_url": link(f"/tiaas/trainings/{training.identifier}"),
        "review_url": link(f"/tiaas/admin/trainings/{training.identifier}"),
        **context,
    }
    return _renderers(config.templates_dir).read(f"mail/{template}", values, read)


def render_message(html: str) -> RenderedMessage:
    """Derive a message from HTML: the subject is its title, the text its paragraphs, lists and quotations.

    :raises ValueError: if it has no title or no text.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    subject = one_line(reader.subject)
    header, body, footer = ([b for b in reader.blocks if b.place == place] for place in ("header", "", "footer"))
    if not subject or not body:
        raise ValueError("a message needs a title and a text")
    text = _joined([*header, *body], _Block.as_text)
    if footer:
        text += "\n\n--\n" + _joined(footer, _Block.as_text)
    html = _EMPTY_LINES.sub("\n", html).strip()
    return RenderedMessage(subject, f"{html}\n", f"{text}\n", _joined(body, _Block.as_markdown))


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


@dataclass
class _Block:
    """A paragraph, a heading or an entry of a list."""

    kind: str
    quoted: bool
    #: ``header``, ``footer`` or nothing.
    place: str
    text: str = ""
    markdown: str = ""

    def as_text(self) -> str:
        quote = "> " if self.quoted else ""
        first, rest = (f"{quote}- ", f"{quote}  ") if self.kind == "li" else (quote, quote)
        lines = []
        for line in self.text.strip().split("\n"):
            wrapper = TextWrapper(
                _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
            )
            lines.append(wrapper.fill(line.strip()) or first.rstrip())
            first = rest
        return "\n".join(lines)

    def as_markdown(self) -> str:
        quote = "> " if self.quoted else ""
        lines = [line.strip() for line in self.markdown.strip().split("\n")]
        if self.kind == "li":
            return f"{quote}- " + f"  \n{quote}  ".join(lines)
        strong = "**" if self.kind in ("h1", "h2", "h3") else ""
        return f"{quote}{strong}" + f"  \n{quote}".join(lines) + strong


def _joined(blocks: Sequence[_Block], form: Callable[[_Block], str]) -> str:
    """Blocks with empty lines between them; entries of a list and parts of a quotation are closer together."""

    def group_of(item: tuple[int, _Block]) -> object:
        number, block = item
        return (block.quoted, block.kind == "li") if block.quoted or block.kind == "li" else number

    parts = []
    for _, group in groupby(enumerate(blocks), key=group_of):
        together = [block for _, block in group]
        parts.append(("\n>\n" if together[0].quoted else "\n").join(map(form, together)))
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
            text, address = link.text.strip(), link.address.removeprefix("mailto:")
            # In Markdown, an address in angle brackets ends at the next one.
            target = link.address.replace("<", "%3C").replace(">", "%3E").replace("\n", "")
            self._add(text if text == address else f"{text} <{address}>", f"[{link.markdown}](<{target}>)")
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
        part = self._link or self._block
        if part is None:
            if not text.strip():
                return
            inside = [tag for tag in self._open if tag in _BLOCKS - {"blockquote", "div"}]
            kind = inside[-1] if inside else "p"
            place = next((tag for tag in self._open if tag in ("header", "footer")), "")
            part = self._block = _Block(kind, "blockquote" in self._open, place)
            self.blocks.append(part)
        part.text += text
        part.markdown += markdown
