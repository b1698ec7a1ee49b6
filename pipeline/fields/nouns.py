"""Spans of a text come in; the nouns that tell of them go out, as tuples since a flood makes thousands of them."""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Literal, NamedTuple


class Role(StrEnum):
    """What a field does in its text."""

    VALUE = auto()  # words put in when the message is sent
    OPEN = auto()  # the three tags of a block
    MIDDLE = auto()
    CLOSE = auto()
    SPIN = auto()  # one of several wordings, picked when sent
    COMMENT = auto()  # never shown: comments, and statements that only compute
    TODO = auto()  # an instruction to the sender, in prose


class Tag(NamedTuple):
    """What a reader makes of one delimited span; it answers None where the span is prose."""

    role: Role
    name: str = ""
    fallback: str | None = None
    word: str = ""


class Field(NamedTuple):
    """One tag of a template language; offsets count code points, and `raw` is exactly `text[start:end]`."""

    start: int
    end: int
    raw: str
    syntax: str  # "double-brace", "statement", "mailchimp" ...
    role: Role
    name: str = ""  # the variable as written, in an OPEN or MIDDLE tag the one it tests; "" where there is none
    fallback: str | None = None  # the words shown when the value is empty
    by_hand: bool = False  # a person fills it, not a machine
    word: str = ""  # the block that a tag opens or closes: "if", "each", "IF"; "" for a bare "end" and other roles


class Fault(NamedTuple):
    """A tag that is unclosed, unopened or crossed, and what to do about it; offsets count code points."""

    start: int
    end: int
    what: str
    remedy: str


class Scan(NamedTuple):
    """All that `scan` found, in order; the atoms are the spans that may be moved but never opened."""

    text: str
    fields: tuple[Field, ...] = ()
    faults: tuple[Fault, ...] = ()
    atoms: tuple[tuple[int, int], ...] = ()


class Masked(NamedTuple):
    """A text with a sentinel for each atom, and the bytes that each sentinel stands for."""

    text: str
    originals: Mapping[str, str]


class Change(NamedTuple):
    """An atom that a rewrite lost, added or moved past another block."""

    kind: Literal["lost", "added", "reordered"]
    raw: str
