"""Addresses inside texts, and as QR codes."""

from xml.etree import ElementTree

import pytest
from galaxy_tiaas.web.links import (
    find_addresses,
    link_text,
    qr_file,
    qr_svg,
    web_addresses,
)

GTN = "https://training.galaxyproject.org/training-material/topics/transcriptomics/tutorials/ref-based/tutorial.html"


_E, _W = "https://example.org", "https://www.example.org"
_A, _B, _C = f"{_E}/a", f"{_E}/b", "https://training.example.org/c"


def _https(*addresses: str) -> list[str]:
    return [f"https://{address}" for address in addresses]


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
        ("www.example.org/a;https://example.org/b,training.example.org/c", [f"{_W}/a", _B, _C]),
        (
            "www.example.org\nusegalaxy.eu. usegalaxy.org.au",
            _https("www.example.org", "usegalaxy.eu", "usegalaxy.org.au"),
        ),
        ("WWW.Example.org/A, galaxy.uni-freiburg.de!", _https("WWW.Example.org/A", "galaxy.uni-freiburg.de")),
        ("doi.org/10.5281/zenodo.7 (bit.ly/3xY)", _https("doi.org/10.5281/zenodo.7", "bit.ly/3xY")),
        ("www.münchen.de:8080/straße?a#b", _https("www.münchen.de:8080/straße?a#b")),
        ("https://example.org/a;v=1,2?x=3;y=4,5 www.example.org/a,b.html", [f"{_A};v=1,2?x=3;y=4,5", f"{_W}/a,b.html"]),
        (
            "https://example.org/it's-a-law 'https://example.org/a','https://example.org/b'",
            [f"{_E}/it's-a-law", _A, _B],
        ),
        (
            "https://web.archive.org/web/2020/https://example.org/",
            ["https://web.archive.org/web/2020/https://example.org/"],
        ),
        ("https://example.org,then https://example.org;www.example.org|usegalaxy.eu", [_E, _W, "https://usegalaxy.eu"]),
        ("[one](www.example.org/a)[two](https://example.org/b)", [f"{_W}/a", _B]),
        ("GTN:https://example.org/a;Slides:https://example.org/b", [_A, _B]),
        ("资料：https://example.org/a，https://example.org/b。", [_A, _B]),
        ("**www.example.org** “https://example.org/a”…", [_W, _A]),
        ("e.g. this, i.e.that, ca.10, v1.2, z.B. 1.5/2.5 and/or No.5/6 e.g.example.org", []),
        ("README.md run.sh/x main.nf data.csv/data.tsv reads.fastq.gz node.js/vue.js 10.5281/zenodo.7", []),
        ("a.b@example.org, <mailto:c@www.example.org> git@example.org:a/b.git genomes.In this", []),
        ("javascript:alert(1)//www.example.org javascript://www.example.org/%0a //example.org/x", []),
        ("my.script.sh lab.waw.pl reads.py/x.md", []),
        ("lab.waw.pl/x, sanger.ac.uk; usegalaxy.be/y", _https("lab.waw.pl/x", "sanger.ac.uk", "usegalaxy.be/y")),
        ("ftp://www.example.org/ file:///example.org/x", []),
        ("javascript:www.example.org data:www.example.org/x ftp://www.example.org/ file:///www.example.org/x", []),
        ("www. www.x www.1.2 www.example.org@example.org .org a..org/x", []),
    ],
)
def test_addresses_are_found_in_a_text_in_their_order(text: str, found: list[str]) -> None:
    assert web_addresses(text) == found


def test_what_stands_between_addresses_is_none_of_them() -> None:
    text = "See (www.example.org/a), then https://example.org/b."
    assert [text[found.start : found.end] for found in find_addresses(text)] == ["www.example.org/a", _B]


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
