"""Names and colours that stand for the members of a training.

A pseudonym is derived by HMAC-SHA256 (RFC 2104) from a secret of this server, the training and the
user. It therefore stays the same during a training, cannot be linked to the same person's pseudonym
in another training, and cannot be computed from a list of users without the secret.
"""

import colorsys
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

_ADJECTIVES = (
    "amber ample apt arctic azure bold brave breezy brief bright brisk calm candid chatty cheery chief "
    "civil clever coastal copper coral cosmic cosy crimson crisp curious dapper daring deft dreamy eager early "
    "earnest easy elated epic exact fabled fair famous fancy fearless fleet fluent fond frank free fresh "
    "friendly gentle gifted glad golden grand green happy hardy hasty hearty honest humble icy ideal indigo "
    "ivory jade jolly jovial joyful keen kind late lean lemon light lilac lively local loud loyal "
    "lucky lunar magic major mellow merry mighty mild misty modern modest muted navy neat nimble noble "
    "northern olive open patient peach pearl placid plucky polar polite prime proud pure quick quiet radiant "
    "rapid ready regal rosy royal ruby rustic sandy scarlet serene sharp silent silver sleek snug solar"
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


@dataclass(frozen=True)
class Pseudonym:
    """``name`` can be said aloud (``brave-otter``); ``colour`` is ``#rrggbb``, dark enough for white text."""

    name: str
    colour: str


def pseudonyms(secret: bytes, training_id: int, user_ids: Sequence[int]) -> dict[int, Pseudonym]:
    """Pseudonyms of a training's members, no two with the same name.

    :param secret: known to this server only.
    :param user_ids: members in the order in which they joined: who joined first keeps the name that
        two would share, so nobody's name changes when somebody else joins.
    """
    taken: set[str] = set()
    result: dict[int, Pseudonym] = {}
    for user_id in user_ids:
        attempt = 0
        while (candidate := _pseudonym(secret, training_id, user_id, attempt)).name in taken:
            attempt += 1
        taken.add(candidate.name)
        result[user_id] = candidate
    return result


def _pseudonym(secret: bytes, training_id: int, user_id: int, attempt: int) -> Pseudonym:
    message = f"{training_id}:{user_id}:{attempt}".encode()
    digest = hmac.new(secret, message, hashlib.sha256).digest()
    adjective = _ADJECTIVES[int.from_bytes(digest[0:4], "big") % len(_ADJECTIVES)]
    animal = _ANIMALS[int.from_bytes(digest[4:8], "big") % len(_ANIMALS)]
    name = f"{adjective}-{animal}"
    # 16,000 pairs of words serve any class; a crowd larger than that is told apart by a number.
    if attempt >= 8:
        name = f"{name}-{int.from_bytes(digest[8:12], 'big') % 10_000}"
    return Pseudonym(name, _colour(digest[12] / 256, digest[13] / 256))


def _colour(hue: float, shade: float) -> str:
    """A saturated colour whose contrast to white is enough for text (4.5:1, WCAG 2.2 AA)."""
    red, green, blue = colorsys.hls_to_rgb(hue, 0.17 + 0.10 * shade, 0.6)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
