"""Every regular expression of ours takes time in proportion to what it is given, whatever that looks like."""

import ast
import re
import time
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import (
    Any,
    Optional,
)

import galaxy_tiaas
import pytest
from galaxy_tiaas.core import (
    cache,
    countries,
    fields,
    templating,
)
from galaxy_tiaas.notifications import (
    calendars,
    delivery,
    rendering,
)
from galaxy_tiaas.privacy.scrubbing import Scrubber
from galaxy_tiaas.trainings import identifiers
from galaxy_tiaas.web import (
    formats,
    forms as web_forms,
    links,
)

_LIB = Path(galaxy_tiaas.__file__).parent
_FUNCTIONS = frozenset("compile sub subn match search fullmatch split findall finditer".split())
#: Characters of the shorter text; the other one has twice as many.
_LENGTH = 8_000
#: Far from what a quadratic pattern takes for the longer text.
_MOST_SECONDS = 0.5


def _without_complaint(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def call(text: str) -> None:
        with suppress(ValueError):
            function(text)

    return call


#: Each use of a pattern: what applies it to a text.
_USES: dict[str, Callable[[Any], Any]] = {
    "trainings/identifiers.py: identifier": lambda text: identifiers._IDENTIFIER.match(text),
    "trainings/identifiers.py: words": lambda text: identifiers.suggest(text, 20),
    "privacy/scrubbing.py: domain": Scrubber(["Ann Lee"], all_addresses=True).text,
    "notifications/rendering.py: empty lines": lambda text: rendering._EMPTY_LINES.sub("\n", text),
    "notifications/rendering.py: link": lambda text: rendering._LINK.sub("", text),
    "notifications/rendering.py: Markdown": lambda text: rendering._MARKDOWN.sub(r"\\\1", text),
    "notifications/rendering.py: white space": lambda text: rendering.render_message(
        f"<title>a</title><p>b {escape(text)}</p>"
    ),
    "notifications/calendars.py: escaped": lambda text: calendars._ESCAPED.search(text),
    "notifications/delivery.py: domain": delivery._with_ascii_domains,
    "notifications/delivery.py: enhanced code": lambda text: delivery._ENHANCED_CODE.match(text),
    "trainings/identifiers.py: end of the path": identifiers.identifier_in,
    "trainings/identifiers.py: link to a training": identifiers.identifier_in,
    "web/links.py: what may be an address": links.web_addresses,
    "web/links.py: separator": links.web_addresses,
    "web/links.py: scheme": links.web_addresses,
    "web/links.py: scheme and host": formats.linked,
    "web/links.py: host": formats.linked,
    "web/links.py: tutorial": lambda text: links.link_text(f"https://{text}"),
    "core/fields.py: web address": fields.web_address,
    "core/fields.py: web address without a scheme": _without_complaint(fields._web_address),
    "web/forms.py: token": lambda text: web_forms._TOKEN.match(text.encode()),
    "core/templating.py: what is escaped": templating.escaped,
    "core/countries.py: what separates them": countries.find_countries,
    "core/cache.py: time": lambda text: cache._GENERATED.sub(b"", text.encode(), count=1),
}

#: Parts that patterns like least when they are repeated, with what stands before and after.
_REPEATED = [
    *(
        ("", part, end)
        for part in ("a", "1", " ", "\n", "-", ".", "/", "@", "a@", "a.", "\n \n", "1.")
        for end in ("", "!")
    ),
    *(
        ("", part, "")
        for part in (
            "http://",
            "https://a,",
            "www.a.org,",
            "www.a.org/](",
            "https://a.",
            "https://a)",
            "<a href=",
            '<a href="/',
            "<figure",
            "--mem ",
        )
    ),
    *(
        ("", part, "")
        for part in ('--mem "', "-n ", "--ntasks ", '"generated":"', "/topics/", "/topics/a/tutorials", ":1")
    ),
    *(("", part, "") for part in ("https://a,", "www.a.org,", "www.a.org/](")),
    *(("https://example.org/", part, "") for part in (")", "(", ".", "()", ")(", "]", "*")),
    *((" ", part, "x") for part in ("\t", "0", "a-")),
    ("5.1", "1", "."),
    ("--mem", " ", ""),
    ('"generated":"', "a", ""),
    ("/join-training", "/", ""),
    ("/tiaas/", "admin/trainings/", ""),
    ("a" + "." * 3, "a.", "/ "),
]

#: What cuts texts without a pattern.
_OTHERS: dict[str, Callable[[Any], Any]] = {"figures": rendering.without_figures}


def _uses() -> Iterator[str]:
    """The modules that use a pattern, once for each of its uses in the source."""
    for path in sorted(_LIB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in _FUNCTIONS and ast.unparse(called.value) == "re":
                yield path.relative_to(_LIB).as_posix()
            if isinstance(node, ast.keyword) and node.arg == "pattern":
                yield f"{path.relative_to(_LIB).as_posix()} has a pattern of pydantic"
            if isinstance(node, ast.ImportFrom) and node.module in ("re", "regex"):
                yield f"{path.relative_to(_LIB).as_posix()} imports from {node.module}"


def test_each_pattern_of_ours_is_tried() -> None:
    """Whoever adds one adds it above, too."""
    assert sorted(name.partition(":")[0] for name in _USES) == sorted(_uses())


def _seconds(use: Callable[[Any], Any], text: str) -> float:
    best = float("inf")
    for _ in range(3):
        began = time.thread_time()
        use(text)
        best = min(best, time.thread_time() - began)
        if best < 0.002:
            break
    return best


def _slow(use: Callable[[Any], Any]) -> Optional[tuple[str, str, str, float]]:
    """What a use takes too long for, with the seconds; nothing, if time is proportional to the length of all texts."""
    for before, part, after in _REPEATED:
        once, twice = (before + (part * length)[:length] + after for length in (_LENGTH, 2 * _LENGTH))
        seconds = _seconds(use, twice)
        # Less than a twentieth of a second is as good as nothing, and cannot be measured.
        if seconds > _MOST_SECONDS or (seconds > 0.05 and seconds > 3 * _seconds(use, once)):
            return before, part, after, seconds
    return None


@pytest.mark.parametrize("use", [*_USES.values(), *_OTHERS.values()], ids=[*_USES, *_OTHERS])
def test_twice_the_text_takes_twice_the_time(use: Callable[[Any], Any]) -> None:
    assert _slow(use) is None


@pytest.mark.parametrize("pattern", [r"a+!$", r"\s+x"])
def test_a_pattern_that_takes_more_is_found(pattern: str) -> None:
    assert _slow(re.compile(pattern).search) is not None
