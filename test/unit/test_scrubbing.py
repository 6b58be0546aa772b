"""Taking people out of texts that are about something else."""

import time

import pytest
from galaxy_tiaas.domain.scrubbing import Scrubber
from galaxy_tiaas.domain.spreadsheets import as_text
from hypothesis import given
from hypothesis.strategies import text


@pytest.mark.parametrize(
    "before, after",
    [
        ("Ask Minerva McGonagall.", "Ask [redacted]."),
        ("Ask MINERVA\nmcgonagall.", "Ask [redacted]."),
        ("Write to cat@example.org, please", "Write to [redacted], please"),
        ("mailto:Cat@Example.org", "mailto:[redacted]"),
        ("albus@example.org helps", "albus@example.org helps"),
        ("Galaxy for Minervas", "Galaxy for Minervas"),
        ("RNA and rna", "RNA and [redacted]"),
        ("", ""),
    ],
)
def test_names_go_and_the_rest_stays(before: str, after: str) -> None:
    assert Scrubber(["Minerva McGonagall", "cat@example.org"], ["rna"]).text(before) == after


@pytest.mark.parametrize(
    "other", ["bill.ron@uni.org", "xron@uni.org", "b-ron@uni.org", "a+ron@uni.org", "ron@uni.org.uk"]
)
def test_an_address_within_a_longer_one_is_somebody_elses(other: str) -> None:
    scrubber = Scrubber(["ron@uni.org"])
    assert scrubber.text(f"{other}, {other}.") == f"{other}, {other}."
    for before, after in [("<", ">"), ("'", "'"), ("- ", " -"), ("-", "."), ("mailto:", "?subject=a"), ("(", "), b")]:
        assert scrubber.text(f"{before}Ron@Uni.org{after}") == f"{before}[redacted]{after}"


def test_every_address_goes_where_everybody_goes() -> None:
    scrubber = Scrubber([], all_addresses=True)
    assert scrubber.text("a.b+c@d-e.example.org (or x@y.org).") == "[redacted] (or [redacted])."
    assert scrubber.text("https://mastodon.example/@galaxy and @home") == "https://mastodon.example/@galaxy and @home"


@pytest.mark.parametrize(
    "before, after",
    [
        ("a@b.org@c.org", "[redacted]@c.org"),
        ("a@b@c.org", "a@[redacted]"),
        ("a@b.org.!c@d.org", "[redacted][redacted]"),
        ("a@b.org, minerva and c@d.org-minerva", "[redacted], [redacted] and [redacted]"),
        ("a@b, @b.org, a@.org", "a@b, @b.org, a@.org"),
    ],
)
def test_addresses_that_follow_each_other_go(before: str, after: str) -> None:
    assert Scrubber(["Minerva", "redacted"], all_addresses=True).text(before) == after


@pytest.mark.parametrize(
    "nearly",
    ["!" * 50_000 + "@" + "a-" * 25_000, "a@" * 50_000, "a@b." * 25_000, "Ann " * 25_000, "Ann" + " " * 100_000],
)
def test_time_is_proportional_to_the_length_of_the_text(nearly: str) -> None:
    """A tenth of the first of these took seconds when addresses were looked for with one pattern."""
    scrubber = Scrubber(["Ann Lee", "ann@uni.org"], ["annlee"], all_addresses=True)
    start = time.process_time()
    scrubber.text(nearly)
    assert time.process_time() - start < 2


def test_the_longer_of_two_names_is_found_first() -> None:
    assert Scrubber(["Ann", "Ann Lee"]).text("Ann Lee and Ann") == "[redacted] and [redacted]"


def test_names_too_short_to_be_told_from_words_are_left_alone() -> None:
    assert Scrubber(["Al", "", "  "]).text("Al is in all") == "Al is in all"


def test_texts_anywhere_in_json_are_looked_at() -> None:
    found = Scrubber(["Minerva"]).value({"title": ["By Minerva", None], "n": [1, True], "deep": [{"a": "Minerva"}]})
    assert found == {"title": ["By [redacted]", None], "n": [1, True], "deep": [{"a": "[redacted]"}]}


@given(text(min_size=3).filter(lambda name: len(name.strip()) >= 3), text())
def test_no_name_breaks_it(name: str, about: str) -> None:
    scrubber = Scrubber([name], [name], all_addresses=True)
    assert isinstance(scrubber.text(about), str)
    assert name.strip() not in scrubber.text(f" {name} ") or name.strip() in "[redacted]"


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_no_cell_is_a_formula(formula: str) -> None:
    assert as_text(formula) == f"'{formula}"


@pytest.mark.parametrize("cell, text", [("a=b", "a=b"), (None, ""), (5, "5"), ("2026-11-23", "2026-11-23")])
def test_other_cells_stay_as_they_are(cell: object, text: str) -> None:
    assert as_text(cell) == text
