"""Families of words: a word comes in, the stems under which its kin may stand in draft, brief or vocabulary go out."""

from collections.abc import Iterator
from functools import lru_cache

from pipeline.text import stem

SPELLINGS = (
    *(("our", "or"), ("is", "iz"), ("ys", "yz"), ("ll", "l"), ("ogue", "og"), ("ae", "e"), ("enc", "ens")),
    *(("tre", "ter"), ("gramme", "gram"), ("mould", "mold"), ("grey", "gray"), ("tyre", "tire"), ("plough", "plow")),
)
"""British and American ways to write the same."""
ENDINGS = (
    "isations isation izations ization ational ations ation itions ition ments ment nesses ness ities ity ically ically"
    " ical ances ance ences ence ancy ency ally als al ors or ers er ions ion ably able ibly ible ively ives ive ously"
    " ous fully ful ists ist isms ism ships ship hood ages age ures ure ised ized ises izes ise ize ising izing aries"
    " ary ories ory ish ants ant ents ent ths th ty ic en ees ee ly y"
).split()
"""What makes one word of another; longer ones first where both fit."""
ROOT = 4
"""Letters that are left of a word at least."""
LEAST = 4
"""Letters that two words of a family share at least."""


@lru_cache(1 << 14)
def variants(form: str) -> tuple[str, ...]:
    """The stems of a word in other spellings, and of what is left of it without its ending."""
    return tuple(dict.fromkeys(_variants(form))) if form.isalpha() else ()


def _variants(form: str) -> Iterator[str]:
    for one, other in SPELLINGS:
        if one in form:
            yield stem(form.replace(one, other))
        elif other in form:
            yield stem(form.replace(other, one))
    for ending in ENDINGS:
        root = form.removesuffix(ending)
        if root != form and len(root) >= ROOT:
            yield from (stem(root), stem(f"{root}e"))
    if form.endswith("ves"):
        yield from (stem(f"{form[:-3]}f"), stem(f"{form[:-3]}fe"))
    if form.startswith("re") and len(form) > ROOT + 2:
        yield stem(form[2:])


@lru_cache(1 << 14)
def kin(word: str, other: str) -> bool:
    """Whether two stems are of one family ("calibrat", "calibratio"), or the first is a part of the other."""
    least = min(len(word), len(other))
    if word[:2] == other[:2]:
        shared = next((i for i in range(least) if word[i] != other[i]), least)
        return shared > LEAST and max(len(word), len(other)) - shared <= LEAST
    return other.endswith(word)
