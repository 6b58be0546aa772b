"""One text in three forms: HTML, plain text, and the Markdown of Galaxy's notifications."""

import email
import email.policy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from galaxy_tiaas.notifications.delivery import (
    mail_of,
    Refused,
)
from galaxy_tiaas.notifications.outbox import PendingDelivery
from galaxy_tiaas.notifications.rendering import (
    one_line,
    render_message,
    RenderedMessage,
)

NASTY = 'Bees & <script>alert(1)</script> *bold* [free](https://evil.example) "x"'
ESCAPED = NASTY.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")


def _message(body: str, title: str = "Approved") -> RenderedMessage:
    return render_message(f"<html><head><title>{title}</title><style>p {{}}</style></head><body>{body}</body></html>")


def _delivery(subject: str = "Approved", address: str = "minerva@example.org", link: str = "") -> PendingDelivery:
    return PendingDelivery(
        id=7,
        message_id=1,
        channel="mail",
        user_id=None,
        address=address,
        attempts=0,
        event="approved",
        audience="instructor",
        created=datetime(2026, 11, 9, 12),
        subject=subject,
        text="Hello, Zoë\n",
        html="<p>Hello, Zoë</p>\n",
        markdown="Hello",
        link=link,
        calendar=None,
    )


def test_paragraphs_lists_and_links_can_be_read_without_html() -> None:
    message = _message(
        "<header><p>Hello,</p></header><p>see\n  <a href='https://x.org/a'>the page</a> or write to"
        " <a href='mailto:help@x.org'>help@x.org</a>.</p><ul><li>one</li><li>two<br>more</li></ul><p>Bye</p>"
        "<footer><p>Why you get this.</p></footer>"
    )
    assert message.text == (
        "Hello,\n\nsee the page <https://x.org/a> or write to help@x.org.\n\n- one\n- two\n  more\n\nBye\n\n"
        "--\nWhy you get this.\n"
    )
    assert message.markdown == (
        "see [the page](<https://x.org/a>) or write to [help@x.org](<mailto:help@x.org>).\n\n"
        "- one\n- two  \n  more\n\nBye"
    )


def test_quotations_are_recognised_and_keep_their_paragraphs() -> None:
    message = _message("<p>She says:</p><blockquote><p>first</p><p>second<br>line</p></blockquote><p>Bye</p>")
    assert message.text == "She says:\n\n> first\n>\n> second\n> line\n\nBye\n"
    assert message.markdown == "She says:\n\n> first\n>\n> second  \n> line\n\nBye"


def test_long_paragraphs_are_wrapped_and_addresses_are_not() -> None:
    address = f"https://galaxy.example.org/{'long/' * 20}"
    lines = _message(f"<p>{'word ' * 40}</p><p><a href='{address}'>{address}</a></p>").text.splitlines()
    assert max(len(line) for line in lines if "https" not in line) <= 76
    assert address in lines


def test_what_is_for_the_eyes_is_in_the_html_alone() -> None:
    message = _message("<p>Hello</p><figure><img src='cid:x' alt='y'><figcaption>A picture</figcaption></figure>")
    assert message.text == "Hello\n"
    assert message.markdown == "Hello"
    assert "A picture" in message.html


def test_what_people_type_is_text_in_all_three() -> None:
    message = _message(f"<p>{ESCAPED}</p>", title=ESCAPED)
    assert message.subject == NASTY
    assert message.text == NASTY + "\n"
    assert "<script>" not in message.html
    assert message.markdown.startswith(r"Bees & \<script\>alert(1)\</script\> \*bold\* \[free\](https")


@pytest.mark.parametrize("html", ["<p>no title</p>", "<title> </title><p>text</p>", "<title>no text</title>"])
def test_a_message_without_a_title_or_a_text_is_none(html: str) -> None:
    with pytest.raises(ValueError, match="needs a title and a text"):
        render_message(html)


@pytest.mark.parametrize(
    "text, line",
    [
        ("one\r\nBcc: all@example.org", "one Bcc: all@example.org"),
        ("tab\tand\x00zero\u202eright to left\u2028line", "tab and zero right to left line"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_subject_is_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_mail_says_who_sends_it_and_that_a_machine_wrote_it() -> None:
    mail = mail_of(_delivery("Bücher"), "Galaxy <galaxy@example.org>", "help@example.org")
    parsed: Any = email.message_from_bytes(bytes(mail), policy=email.policy.default)
    assert {name: parsed[name] for name in ("To", "From", "Reply-To", "Subject", "Auto-Submitted")} == {
        "To": "minerva@example.org",
        "From": "Galaxy <galaxy@example.org>",
        "Reply-To": "help@example.org",
        "Subject": "Bücher",
        "Auto-Submitted": "auto-generated",
    }
    assert parsed["Date"].datetime.isoformat() == "2026-11-09T12:00:00+00:00"
    assert parsed["Message-ID"] == mail_of(_delivery(), "Galaxy <galaxy@example.org>", "")["Message-ID"]
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    assert "Zoë" in next(parsed.iter_parts()).get_content()


def test_the_qr_code_is_part_of_the_html() -> None:
    mail = mail_of(_delivery(link="https://galaxy.example.org/join-training/x"), "galaxy@example.org", "")
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    picture = [*mail.walk()][-1]
    assert picture["Content-ID"] == "<qr-code>"
    assert bytes(picture.get_content()).startswith(b"\x89PNG")


@pytest.mark.parametrize("address", ["nobody", "a@b\r\nBcc: all@example.org", "a@example.org, b@example.org", "@", ""])
def test_nothing_is_sent_to_what_is_no_address(address: str) -> None:
    with pytest.raises(Refused) as refusal:
        mail_of(_delivery(address=address), "galaxy@example.org", "")
    assert refusal.value.for_good
    assert "example" not in str(refusal.value)


def test_every_template_of_ours_has_a_snapshot_and_nothing_else_has() -> None:
    import galaxy_tiaas

    templates = Path(galaxy_tiaas.__file__).parent / "templates" / "galaxy_tiaas" / "mail"
    ours = {file.stem for file in templates.glob("*.mako")} - {"layout", "parts"}
    snapshots = Path(__file__).parent / "snapshots" / "mail"
    assert {file.stem for file in snapshots.glob("*.html")} == ours
    assert {file.stem for file in snapshots.glob("*.txt")} == ours
