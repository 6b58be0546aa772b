"""Addresses inside texts, and as QR codes."""

from xml.etree import ElementTree

import pytest
from galaxy_tiaas.web.links import (
    link_text,
    qr_file,
    qr_svg,
    web_addresses,
)

GTN = "https://training.galaxyproject.org/training-material/topics/transcriptomics/tutorials/ref-based/tutorial.html"


@pytest.mark.parametrize(
    "text, found",
    [
        ("", []),
        ("Galaxy 101 and RNA-seq", []),
        (GTN, [GTN]),
        (f"First {GTN}, then\nhttp://example.org/b.", [GTN, "http://example.org/b"]),
        ("see <https://example.org/a>", ["https://example.org/a"]),
        ("(https://example.org/a) [slides](https://example.org/s)", ["https://example.org/a", "https://example.org/s"]),
        ("https://example.org/Galaxy_(software)", ["https://example.org/Galaxy_(software)"]),
        ("HTTPS://Example.org/A https://example.org/a", ["HTTPS://Example.org/A", "https://example.org/a"]),
        ("https://example.org/a https://example.org/a", ["https://example.org/a"]),
        ("javascript:alert(1) ftp://example.org/ data:text/html,x mailto:a@example.org", []),
        ("https:// http://. https://[", []),
    ],
)
def test_addresses_are_found_in_a_text_in_their_order(text: str, found: list[str]) -> None:
    assert web_addresses(text) == found


def test_a_link_to_a_tutorial_is_called_as_the_tutorial() -> None:
    assert link_text(GTN) == "ref based (transcriptomics)"
    assert link_text("https://example.org/slides/") == "example.org/slides"


def test_a_qr_code_for_a_page_takes_its_size_from_the_page() -> None:
    code = ElementTree.fromstring(qr_svg("https://galaxy.example.org/join-training/gryffindor"))
    assert "viewBox" in code.attrib
    assert "width" not in code.attrib


def test_a_qr_code_as_a_file_is_svg_with_a_size() -> None:
    code = ElementTree.fromstring(qr_file("https://galaxy.example.org/join-training/gryffindor"))
    assert code.tag == "{http://www.w3.org/2000/svg}svg"
    assert int(code.attrib["width"]) > 300
