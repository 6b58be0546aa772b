"""Names, colours and shapes that stand for the members of a training.

A pseudonym is derived by HMAC-SHA256 (RFC 2104) from a secret of this server, the training and the
user. It therefore cannot be linked to the same person's pseudonym in another training, and cannot be
computed from a list of users without the secret. Once given, it is stored, so that it stays the same
whoever else joins or leaves.
"""

import colorsys
import hmac
from bisect import bisect_left
from collections.abc import (
    Collection,
    Sequence,
)
from functools import lru_cache
from typing import NamedTuple

#: No colours, which would contradict the one beside the name, and nothing that sounds like the state of a job.
_ADJECTIVES = (
    "able agile ample apt arctic bold brave breezy brief bright brisk calm candid chatty cheery chief civil "
    "clever coastal comic cordial cosmic cosy crafty crisp curious dapper daring deft dreamy eager earnest "
    "easy elated elegant epic exact fabled fair famous fancy fearless fleet fluent fond frank free fresh "
    "friendly gallant gentle gifted glad grand grateful handy happy hardy hearty honest humble icy ideal "
    "intrepid inventive jaunty jolly jovial joyful keen kind lasting lean lenient light lively local lofty "
    "logical loving loyal lucky lunar magic major mellow merry mighty mild misty modern modest muted neat "
    "nimble noble northern open orderly patient perky placid plucky poised polar polite prime proud pure "
    "quick quiet radiant rapid regal relaxed robust royal rugged rustic savvy serene sharp silent sincere "
    "sleek snug solar sprightly"
).split()

_ANIMALS = (
    "alpaca ant antelope badger bat bear beaver bee bison boar bobcat buffalo camel caribou cat cheetah "
    "chinchilla cobra condor coyote crab crane cricket crow deer dingo dolphin donkey dove dragonfly duck eagle "
    "eel egret elk emu falcon ferret finch firefly fox frog gazelle gecko gibbon giraffe gnu goat "
    "goose gopher grouse gull hamster hare hawk hedgehog heron horse ibex ibis iguana impala jackal jaguar "
    "jay kestrel kingfisher kite kiwi koala lark lemming lemur leopard lion lizard llama lobster lynx macaw "
    "magpie manatee marmot marten mole mongoose moose moth mouse mule newt ocelot octopus okapi orca oriole "
    "osprey ostrich otter owl ox oyster panda panther parrot partridge pelican penguin pheasant pigeon pony porcupine "
    "puffin puma quail rabbit raccoon ram raven reindeer robin salmon seal shrew skylark sloth snail sparrow"
).split()


#: Each is an icon that people can name; beside a colour, since not everybody tells colours apart.
SHAPES = "circle square star heart cloud moon bolt leaf drop sun bell snowflake feather key anchor umbrella".split()


class Pseudonym(NamedTuple):
    """``name`` can be said aloud (``brave-otter``); ``colour`` is ``#rrggbb``, dark enough for white text;
    ``shape`` is one of :data:`SHAPES`."""

    name: str
    colour: str
    shape: str

    def fields(self) -> dict[str, str]:
        """As the JSON API names them."""
        return {"pseudonym": self.name, "colour": self.colour, "shape": self.shape}


def pseudonyms(
    secret: bytes, training_id: int, user_ids: Sequence[int], taken: Collection[str] = ()
) -> dict[int, Pseudonym]:
    """Pseudonyms of a training's members, no two with the same name.

    :param secret: known to this server only.
    :param user_ids: members in the order in which they joined: who joined first gets the name that two
        would share.
    :param taken: names that others in the training have already.
    """
    names = set(taken)
    result: dict[int, Pseudonym] = {}
    for user_id in user_ids:
        attempt = 0
        while (candidate := _pseudonym(secret, training_id, user_id, attempt)).name in names:
            attempt += 1
        names.add(candidate.name)
        result[user_id] = candidate
    return result


def choices(secret: bytes, training_id: int, user_id: int, number: int) -> list[Pseudonym]:
    """The first of a person's possible names, in the order in which they are given as long as they are taken."""
    return [_pseudonym(secret, training_id, user_id, attempt) for attempt in range(number)]


def possible_names(secret: bytes, training_id: int, user_ids: Sequence[int], number: int) -> set[str]:
    """The same for several people, so many of each; names only."""
    return {each.name for user_id in user_ids for each in choices(secret, training_id, user_id, number)}


def _pseudonym(secret: bytes, training_id: int, user_id: int, attempt: int) -> Pseudonym:
    message = f"{training_id}:{user_id}:{attempt}".encode()
    digest = hmac.digest(secret, message, "sha256")
    adjective = _ADJECTIVES[int.from_bytes(digest[0:4], "big") % len(_ADJECTIVES)]
    animal = _ANIMALS[int.from_bytes(digest[4:8], "big") % len(_ANIMALS)]
    name = f"{adjective}-{animal}"
    # 16,000 pairs of words serve any class; a crowd larger than that is told apart by a number.
    if attempt >= 8:
        name = f"{name}-{int.from_bytes(digest[8:12], 'big') % 10_000}"
    return Pseudonym(name, _colour(digest[12], digest[13] / 256), SHAPES[digest[14] % len(SHAPES)])


@lru_cache(maxsize=4096)
def _colour(hue: int, shade: float) -> str:
    """A vivid colour on which white text can be read (4.5:1, WCAG 2.2 AA).

    :param hue: in 256ths of the circle. :param shade: 0 for the brightest, 1 for a somewhat darker one.
    """
    return "#{:02x}{:02x}{:02x}".format(*_rgb(hue, _brightest(hue) - 0.14 * shade))


@lru_cache(maxsize=256)
def _brightest(hue: int) -> float:
    """The greatest lightness, in steps of 1 %, at which a hue is dark enough for white text."""
    too_bright = bisect_left(range(101), True, key=lambda percent: _contrast_to_white(_rgb(hue, percent / 100)) < 4.5)
    return (too_bright - 1) / 100


def _rgb(hue: int, lightness: float) -> tuple[int, ...]:
    return tuple(round(channel * 255) for channel in colorsys.hls_to_rgb(hue / 256, lightness, 0.75))


def _contrast_to_white(rgb: tuple[int, ...]) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    shares = (value / 255 for value in rgb)
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
