"""Names and colours that stand for people."""

import re
from collections.abc import Sequence

from galaxy_tiaas.membership.pseudonyms import pseudonyms
from hypothesis import (
    given,
    strategies,
)

_SECRET, _OTHER_SECRET = b"s" * 32, b"t" * 32
_USER_IDS = strategies.lists(strategies.integers(1, 2**31 - 1), unique=True, max_size=50)
#: As many people as a class has.
_CLASS = range(1, 41)


def _names(secret: bytes, training_id: int, user_ids: Sequence[int]) -> list[str]:
    return [pseudonym.name for pseudonym in pseudonyms(secret, training_id, user_ids).values()]


def test_the_same_person_has_the_same_pseudonym_at_every_look() -> None:
    assert pseudonyms(_SECRET, 7, _CLASS) == pseudonyms(_SECRET, 7, _CLASS)


def test_a_pseudonym_does_not_change_from_one_version_to_the_next() -> None:
    """Trainees remember theirs; so does the instructor's list of last week."""
    assert _names(_SECRET, 1, [1, 2]) == ["polite-parrot", "honest-salmon"]


@given(secret=strategies.binary(min_size=16, max_size=64), training_id=strategies.integers(1, 10**6), ids=_USER_IDS)
def test_no_two_members_of_a_class_share_a_name(secret: bytes, training_id: int, ids: list[int]) -> None:
    names = _names(secret, training_id, ids)
    assert len(names) == len(set(names)) == len(ids)


def test_no_two_share_a_name_in_a_crowd_either() -> None:
    """A third more people than there are pairs of words."""
    names = _names(_SECRET, 1, range(1, 20_001))
    assert len(set(names)) == 20_000


@given(ids=_USER_IDS, later=_USER_IDS)
def test_those_who_join_later_change_nobodys_pseudonym(ids: list[int], later: list[int]) -> None:
    before = pseudonyms(_SECRET, 7, ids)
    after = pseudonyms(_SECRET, 7, [*ids, *(user_id for user_id in later if user_id not in ids)])
    assert {user_id: after[user_id] for user_id in ids} == before


def test_pseudonyms_of_two_trainings_cannot_be_linked() -> None:
    in_one, in_other = pseudonyms(_SECRET, 1, _CLASS), pseudonyms(_SECRET, 2, _CLASS)
    assert not [user_id for user_id in _CLASS if in_one[user_id].name == in_other[user_id].name]
    assert len([user_id for user_id in _CLASS if in_one[user_id].colour == in_other[user_id].colour]) <= 1


def test_without_the_secret_pseudonyms_cannot_be_computed() -> None:
    ours, guessed = pseudonyms(_SECRET, 1, _CLASS), pseudonyms(_OTHER_SECRET, 1, _CLASS)
    assert not [user_id for user_id in _CLASS if ours[user_id].name == guessed[user_id].name]


def test_neighbouring_numbers_are_not_mistaken_for_each_other() -> None:
    """Training 1 with user 23 is not training 12 with user 3."""
    assert _names(_SECRET, 1, [23]) != _names(_SECRET, 12, [3])


def test_white_text_can_be_read_on_every_colour() -> None:
    """Contrast of 4.5 to 1 at least, as WCAG 2.1 asks of text (1.4.3)."""
    colours = {pseudonym.colour for pseudonym in pseudonyms(_SECRET, 1, range(1, 10_001)).values()}
    assert [colour for colour in colours if _contrast_to_white(colour) < 4.5] == []


def test_colours_are_no_darker_than_that_needs_so_that_they_can_be_told_apart() -> None:
    contrasts = [_contrast_to_white(pseudonym.colour) for pseudonym in pseudonyms(_SECRET, 1, range(1, 1001)).values()]
    assert max(contrasts) < 12
    assert sum(contrasts) / len(contrasts) < 8


@given(user_id=strategies.integers(1, 2**31 - 1))
def test_a_name_can_be_said_aloud_and_put_into_an_address(user_id: int) -> None:
    pseudonym = pseudonyms(_SECRET, 1, [user_id])[user_id]
    assert re.fullmatch(r"[a-z]+-[a-z]+", pseudonym.name)
    assert re.fullmatch(r"#[0-9a-f]{6}", pseudonym.colour)


def _contrast_to_white(colour: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4
