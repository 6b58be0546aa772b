"""A site's own templates: they replace ours, and their mistakes cost nobody a page."""

import logging
from datetime import (
    date,
    datetime,
)
from pathlib import Path
from types import SimpleNamespace
from typing import (
    Any,
    cast,
)

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.core.templating import escaped
from galaxy_tiaas.web.templates import Templates
from markupsafe import (
    escape,
    Markup,
)

GALAXY_CONFIG = cast(
    Any, SimpleNamespace(galaxy_url_prefix="/galaxy/", brand="", error_email_to=None, smtp_server=None)
)
OURS = "How it works"
BROKEN = {
    "does not compile": "% if True:\nnever ended",
    "is no Python": "first\n${1 +}",
    "uses a name that is not there": "<p>\n${nobody_knows_me}</p>",
    "fails": "<p>\n\n${1 / 0}</p>",
    "includes what is missing": '<%include file="missing.mako"/>',
    "is not text": b"\xff\xfe\x00",
}


def _templates(site: Path) -> Templates:
    return Templates(TiaasConfig(templates_dir=str(site)), GALAXY_CONFIG, 0)


def _about(templates: Templates) -> str:
    return templates.render("about", actor=Actor(), now=datetime(2026, 11, 17), token="", framed=False)


def test_a_template_of_the_site_replaces_ours_and_may_use_what_ours_use(tmp_path: Path) -> None:
    own = '<%inherit file="base.mako"/><p>${config.owner} at ${url("/")}, ${"logged in" if actor.user else "a visitor"}'
    (tmp_path / "about.mako").write_text(own)
    page = _about(_templates(tmp_path))
    assert "<p>this Galaxy server at /galaxy/, a visitor" in page
    assert "All of them" not in page
    assert OURS not in page


def test_what_the_site_does_not_have_is_ours(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert OURS in _about(_templates(tmp_path))
    assert OURS in _about(_templates(tmp_path / "deleted-meanwhile"))
    assert caplog.records == []


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_template_of_the_site_that_cannot_be_used_costs_one_line_in_the_log_and_not_the_page(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: Any
) -> None:
    (tmp_path / "about.mako").write_bytes(text if isinstance(text, bytes) else text.encode())
    with caplog.at_level(logging.INFO):
        assert OURS in _about(_templates(tmp_path))
    (record,) = caplog.records
    message = record.getMessage()
    assert message.startswith("galaxy-tiaas: a template in templates_dir cannot be used")
    assert "about.mako" in message or "missing.mako" in message
    assert "\n" not in message


def test_the_line_in_the_log_names_the_line_of_the_template(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "about.mako").write_text("<p>\n\n${1 / 0}</p>")
    templates = _templates(tmp_path)
    for _ in range(3):
        caplog.clear()
        _about(templates)
        assert f"ZeroDivisionError: division by zero ({tmp_path / 'about.mako'}, line 3)" in caplog.text


def test_a_mistake_in_a_text_that_a_page_includes_costs_that_text(tmp_path: Path) -> None:
    (tmp_path / "new_introduction.mako").write_text("${nobody_knows_me}")
    context = {"actor": Actor(), "now": datetime(2026, 11, 17), "token": "", "framed": False}
    form: dict[str, Any] = {
        "training": None,
        "values": {},
        "differences": {},
        "errors": {},
        "suggestions": (),
        "origin": "",
        "reviewed": frozenset(),
    }
    page = _templates(tmp_path).render("new", **form, **context)
    assert "Tell us about your course" in page
    assert "nobody_knows_me" not in page


def test_a_mistake_of_ours_is_not_blamed_on_the_site(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(NameError):
        _templates(tmp_path).render("joined")
    assert caplog.records == []


# What it promises about personal data


@pytest.mark.parametrize(
    "settings, asked, promised",
    [
        ({}, True, "Otherwise it is removed after 60 days."),
        ({"retain_contact_require_consent": False}, False, "We keep your contact for 12 months after the course"),
        ({"gdpr_auto_redact": False}, True, ""),
        ({"gdpr_auto_redact": False, "retain_contact_require_consent": False}, True, ""),
    ],
)
def test_the_request_form_promises_what_the_settings_do(settings: dict[str, bool], asked: bool, promised: str) -> None:
    templates = Templates(TiaasConfig(**cast(Any, settings)), GALAXY_CONFIG, 0)
    form: dict[str, Any] = {
        "values": {},
        "differences": {},
        "errors": {},
        "suggestions": (),
        "origin": "",
        "reviewed": frozenset(),
    }
    shared = {"actor": Actor(), "now": datetime(2026, 11, 17), "token": "", "framed": False}
    page = templates.render("new", training=None, **form, **shared)
    assert ('name="retain_contact"' in page) is asked
    assert promised in page
    assert ("removed" in page) is bool(promised)
    assert ("personal data is removed" in _about(templates)) is settings.get("gdpr_auto_redact", True)


@pytest.mark.parametrize(
    "value", ["plain", "", "<b>", "a & b", "'", '"', 12, -0.5, True, None, Markup("<br>"), date(2027, 3, 5), ["<", "'"]]
)
def test_values_are_escaped_as_everywhere(value: object) -> None:
    assert escaped(value) == escape(value)
