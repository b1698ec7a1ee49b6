"""A scanned text comes in, a sketch of its words goes out; sketches come in, groups of those nearly alike go out.

A sketch is the smallest hashes of a text's shingles, so that a library of any size takes some hundred bytes a message.
"""

import heapq
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, overload

from pipeline.fields import Scan, blank
from pipeline.text import FIELD, PLAIN_WORD

Sketch: TypeAlias = "array[int]"
"""The smallest hashes of a text's shingles, in order; empty for a text without a word of its own."""
Likeness: TypeAlias = Callable[[Sketch, Sketch], float]
"""How alike two sketches are, from 0 to 1."""

SHINGLE = 3
"""Words of a shingle: one word says little of a message, and five are all broken by one changed word."""
SIZE = 128
"""Hashes of a sketch: all shingles of a message of 130 words, a fair sample (0.04 either way) of a longer one."""
NEAR = 0.8
"""From here on two messages are nearly the same: of 60 words, two single ones differ, or the last six.

One more, and a sentence of its own may be among them; a greeting and a farewell in common are far below it.
"""
BINS = 24
"""Parts of a sketch, each with its smallest hash: two that are near share 8 bins of 10."""
ORDERS = 12
"""Orders in which sketches are laid side by side, each by another bin first."""
WINDOW = 3
"""Neighbours that a sketch is compared with in each order: so comparisons grow as the library does, not its square."""
WIDTH = 4
EMPTY = 0xFFFFFFFF
NOTHING = EMPTY.to_bytes(WIDTH)
"""A bin in which no hash fell."""
MIX = 0x9E3779B1


class Sketches(Sequence[Sketch]):
    """Sketches, one behind the other in one array: an array of its own for each would take half as much again."""

    def __init__(self) -> None:
        self._hashes = array("I")
        self._ends = array("Q", [0])

    def append(self, one: Sketch) -> None:
        """Add a sketch behind the others."""
        self._hashes += one
        self._ends.append(len(self._hashes))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, index: int) -> Sketch: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Sketch, ...]: ...
    def __getitem__(self, index: int | slice) -> "Sketch | tuple[Sketch, ...]":
        if isinstance(index, slice):
            return tuple(self[one] for one in range(*index.indices(len(self))))
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._hashes[self._ends[index] : self._ends[index + 1]]


def sketch(scan: Scan) -> Sketch:
    """The sketch of a text, every merge field read as the same mark, case and punctuation left out."""
    words = [FIELD if word[0] == FIELD else word.casefold() for word in PLAIN_WORD.findall(blank(scan.text, scan))]
    if all(word == FIELD for word in words):
        return array("I")
    runs = (words[at : at + SHINGLE] for at in range(max(1, len(words) - SHINGLE + 1)))
    return array("I", heapq.nsmallest(SIZE, {_hash(" ".join(run)) for run in runs}))


def _hash(shingle: str) -> int:
    """32 bits that are the same in every run, and spread evenly."""
    return zlib.crc32(shingle.encode("utf-8", "replace")) * MIX & EMPTY


def likeness(one: Sketch, other: Sketch) -> float:
    """The part of their shingles that two texts share (Jaccard), exact where neither is longer than a sketch."""
    if not one or not other:
        return 0.0
    both = set(one).intersection(other)
    if SIZE not in {len(one), len(other)}:
        return len(both) / (len(one) + len(other) - len(both))
    union = heapq.nsmallest(SIZE, {*one, *other})
    return sum(hashed in both for hashed in union) / len(union)


def groups(sketches: Sequence[Sketch], like: Likeness = likeness) -> Iterator[list[int]]:
    """The indices of sketches that are nearly alike, each near to another of its group; in order.

    They are sorted by one bin after another, so that those which are near come to stand side by side in most orders.
    """
    parent = array("I", range(len(sketches)))
    keys = [_key(one) for one in sketches]
    order = [index for index, one in enumerate(sketches) if one]
    for start in range(0, BINS * WIDTH, BINS * WIDTH // ORDERS):
        order.sort(key=lambda index: keys[index][start:] + keys[index][:start])
        for place, index in enumerate(order):
            for other in order[place + 1 : place + 1 + WINDOW]:
                if not _share(keys[index], keys[other], start):
                    break
                one, two = sorted((_root(parent, index), _root(parent, other)))
                if one != two and like(sketches[index], sketches[other]) >= NEAR:
                    parent[two] = one
    found: dict[int, list[int]] = {}
    for index in range(len(sketches)):
        root = _root(parent, index)
        if root != index:
            found.setdefault(root, [root]).append(index)
    yield from (found[root] for root in sorted(found))


def _key(one: Sketch) -> bytes:
    """The smallest hash in each bin."""
    least = [EMPTY] * BINS
    for hashed in reversed(one):
        least[hashed % BINS] = hashed
    return b"".join(hashed.to_bytes(WIDTH) for hashed in least)


def _share(one: bytes, other: bytes, start: int) -> bool:
    """Whether two have the same hash in the bin that begins here; a bin without any says nothing."""
    return one[start : start + WIDTH] == other[start : start + WIDTH] != NOTHING


def _root(parent: "array[int]", index: int) -> int:
    while parent[index] != index:
        parent[index] = index = parent[parent[index]]
    return index
