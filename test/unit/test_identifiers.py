"""What may be an identifier, and what one is made of."""

import pytest
from galaxy_tiaas.trainings.identifiers import (
    cohort_name,
    LONGEST_IDENTIFIER,
    normalise,
    suggest,
    variants,
)
from hypothesis import (
    given,
    strategies,
)


@pytest.mark.parametrize(
    "text, identifier",
    [
        ("gryffindor", "gryffindor"),
        ("Gryffindor", "gryffindor"),
        ("GRYFFINDOR", "gryffindor"),
        ("rna-seq_2026", "rna-seq_2026"),
        ("9", "9"),
        ("a" * LONGEST_IDENTIFIER, "a" * LONGEST_IDENTIFIER),
    ],
)
def test_an_identifier_is_folded_to_lower_case(text: str, identifier: str) -> None:
    assert normalise(text) == identifier


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-a",
        "_a",
        "a b",
        " a",
        "a ",
        "a\n",
        "a.b",
        "a/b",
        "a%",
        "../a",
        "a\0",
        "a" * (LONGEST_IDENTIFIER + 1),
    ],
)
def test_other_text_is_none(text: str) -> None:
    assert normalise(text) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\u212aelvin", id="KELVIN SIGN, whose lower case is k"),
        pytest.param("te\u017ft", id="LATIN SMALL LETTER LONG S, whose upper case is S"),
        pytest.param("g\uff52yffindor", id="FULLWIDTH LETTER"),
        pytest.param("sl\u0131ther\u0131n", id="DOTLESS I"),
        pytest.param("SL\u0130THERIN", id="DOTTED CAPITAL I"),
        pytest.param("gr\u0443ffindor", id="CYRILLIC U"),
        pytest.param("gryffindo\u0433", id="CYRILLIC GHE"),
        pytest.param("gry\ufb00indor", id="LIGATURE FF"),
        pytest.param("stra\u00dfe", id="SHARP S"),
        pytest.param("caf\u00e9", id="ACCENT"),
        pytest.param("cafe\u0301", id="COMBINING ACCENT"),
        pytest.param("gryffindor\u200b", id="ZERO WIDTH SPACE"),
        pytest.param("gryffindor\u202e", id="RIGHT-TO-LEFT OVERRIDE"),
        pytest.param("course\u0661", id="ARABIC-INDIC DIGIT"),
        pytest.param("a\u2010b", id="HYPHEN that is not hyphen-minus"),
    ],
)
def test_unicode_look_alikes_are_none(text: str) -> None:
    assert normalise(text) is None


@given(strategies.text(max_size=80))
def test_whatever_is_normalised_stays_as_it_is(text: str) -> None:
    identifier = normalise(text)
    if identifier is not None:
        assert normalise(identifier) == identifier
        assert identifier == text.lower()


@given(strategies.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}", fullmatch=True))
def test_every_identifier_is_understood_in_any_case(text: str) -> None:
    assert normalise(text) == normalise(text.upper()) == text.lower()


def test_group_and_role_carry_the_prefix_that_existing_rules_look_for() -> None:
    assert cohort_name("gryffindor") == "training-gryffindor"


@pytest.mark.parametrize(
    "title, suggestion",
    [
        ("RNA-seq data analysis", "rna-seq-data"),
        ("Variant calling", "variant-calling"),
        ("  Spaces   everywhere ", "spaces-everywhere"),
        ("Café für Anfänger", "cafe-fur-anfanger"),
        ("C++ & R: 2026!", "c-r-2026"),
        ("Metatranscriptomicsworkshop", "metatranscriptomicsw"),
        ("Galaxy metatranscriptomics", "galaxy"),
        ("Introduction to Galaxy", "introduction"),
        ("The a to z of the", "the-a-to-z"),
        ("東京", ""),
        ("", ""),
        ("--__--", ""),
    ],
)
def test_an_identifier_is_suggested_from_a_title(title: str, suggestion: str) -> None:
    assert suggest(title, 20) == suggestion


@given(strategies.text(max_size=200), strategies.integers(3, LONGEST_IDENTIFIER))
def test_what_is_suggested_can_be_requested(title: str, max_length: int) -> None:
    suggestion = suggest(title, max_length)
    assert suggestion == "" or (len(suggestion) <= max_length and normalise(suggestion) == suggestion)


@pytest.mark.parametrize(
    "base, first",
    [
        ("gryffindor", ["gryffindor-2027", "gryffindor-2", "gryffindor-3"]),
        ("gryffindor-2027", ["gryffindor-2027-2", "gryffindor-2027-3", "gryffindor-2027-4"]),
        ("dumbledores-army", ["dumbledores-2027", "dumbledores-army-2", "dumbledores-army-3"]),
        ("metatranscriptomicsw", ["metatranscripto-2027", "metatranscriptomic-2", "metatranscriptomic-3"]),
        ("", []),
    ],
)
def test_a_name_that_is_taken_has_variants_that_fit(base: str, first: list[str]) -> None:
    assert list(variants(base, 20, 2027))[:3] == first


@given(strategies.from_regex(r"[a-z0-9][a-z0-9_-]{0,63}", fullmatch=True), strategies.integers(8, LONGEST_IDENTIFIER))
def test_every_variant_can_be_requested(base: str, max_length: int) -> None:
    for variant in variants(base, max_length, 2027):
        assert len(variant) <= max_length
        assert normalise(variant) == variant != base
