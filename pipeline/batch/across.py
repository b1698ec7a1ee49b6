"""The messages of a whole library come in, one by one; notes that concern several of them go out, at the end."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.batch.drafting import shown
from pipeline.batch.sketches import NEAR, Likeness, Sketch, Sketches, groups, likeness, sketch
from pipeline.fields import Role, Scan, scan

FEWEST = 4
"""Templates of the smallest library in which "most" means something."""
FAMILY = {"triple-brace": "double-brace", "statement": "double-brace"}
"""Syntaxes that one program fills together."""
FOLD = str.maketrans("", "", "_- ")
TESTS = frozenset({Role.OPEN, Role.MIDDLE})


class Law(StrEnum):
    """What a note is about."""

    ALIKE = "near-duplicates"
    CONVERGED = "converged"
    FIELDLESS = "no-field"
    BARE = "no-fallback"
    SPELT = "two-spellings"


@dataclass(frozen=True, slots=True)
class Note:
    """What concerns several messages: what was seen, where ("templates/a.md", "list.csv:7"), and what to do.

    `remains`: it has to be mended before the library is good; else it is for the user to judge.
    """

    law: Law
    message: str
    remedy: str
    places: tuple[str, ...]
    remains: bool = False


@dataclass(slots=True)
class _Uses:
    """Where a field is used under one name in one family of syntaxes; `raw` is how it was first written."""

    raw: str
    syntax: str
    name: str
    places: "array[int]" = field(default_factory=lambda: array("I"))


@dataclass(slots=True)
class _Fallbacks:
    """Where a field stands without a fallback or a test, one of them as written, and whether others have one."""

    raw: str = ""
    bare: "array[int]" = field(default_factory=lambda: array("I"))
    given: int = 0


@dataclass(slots=True)
class Across:
    """What is known of the messages so far: sketches and names of fields, no texts. `like` compares two sketches."""

    like: Likeness = likeness
    places: list[str] = field(default_factory=list)
    sketches: Sketches = field(default_factory=Sketches)
    before: dict[int, Sketch] = field(default_factory=dict)
    fieldless: "array[int]" = field(default_factory=lambda: array("I"))
    uses: dict[str, dict[tuple[str, str], _Uses]] = field(default_factory=dict)
    fallbacks: dict[tuple[str, str], _Fallbacks] = field(default_factory=dict)

    def take(self, place: str, before: str, after: str) -> None:
        """Note one message: where it stands, its text in the library, and its text now."""
        index, scanned = len(self.places), scan(before)
        self.places.append(place)
        was = sketch(scanned)
        if after != before:
            self.before[index] = was
        self.sketches.append(was if after == before else sketch(scan(after)))
        self._fields(index, scanned)

    def notes(self) -> Iterator[Note]:
        """The notes, by law: likeness, then fields."""
        for group in groups(self.sketches, self.like):
            yield self._alike(group)
        if len(self.places) >= FEWEST and 0 < len(self.fieldless) < len(self.places) / 2:
            yield self._note(
                Law.FIELDLESS,
                "no merge field, though most of the library have one",
                "address the reader by a field, or keep what is sent to everybody elsewhere",
                self.fieldless,
            )
        yield from self._bare()
        yield from self._spelt()

    def _fields(self, index: int, scanned: Scan) -> None:
        values = [one for one in scanned.fields if one.role is Role.VALUE]
        if not values:
            self.fieldless.append(index)
        tested = {_folded(one.name) for one in scanned.fields if one.role in TESTS}
        for one in scanned.fields:
            if one.by_hand or not one.name or (one.role is not Role.VALUE and one.role not in TESTS):
                continue
            folded, syntax = _folded(one.name), FAMILY.get(one.syntax, one.syntax)
            ways = self.uses.setdefault(folded, {})
            ways.setdefault((syntax, one.name), _Uses(shown(one.raw), syntax, one.name)).places.append(index)
            if one.role is not Role.VALUE:
                continue
            known = self.fallbacks.setdefault((syntax, folded), _Fallbacks())
            if one.fallback is not None:
                known.given += 1
            elif folded not in tested:
                known.raw = known.raw or shown(one.raw)
                known.bare.append(index)

    def _alike(self, group: list[int]) -> Note:
        """A group of messages that are nearly the same: they were so before, or rewriting made them so."""
        if any(self._converged(group[0], index) for index in group[1:]):
            return self._note(
                Law.CONVERGED,
                f"{len(group)} messages that were apart are nearly the same after rewriting",
                "give their briefs what sets them apart (facts, purpose), or keep the old texts",
                group,
                remains=True,
            )
        return self._note(
            Law.ALIKE,
            f"{len(group)} messages are nearly the same",
            "keep one, or write what sets them apart",
            group,
        )

    def _converged(self, one: int, other: int) -> bool:
        if one not in self.before and other not in self.before:
            return False
        was = [self.before.get(index, self.sketches[index]) for index in (one, other)]
        return self.like(*was) < NEAR <= self.like(self.sketches[one], self.sketches[other])

    def _bare(self) -> Iterator[Note]:
        for known in self.fallbacks.values():
            if known.given and known.bare:
                yield self._note(
                    Law.BARE,
                    f"{known.raw} has no fallback, though it has one elsewhere ({known.given} times)",
                    "give it the same fallback, or test it first: where it is empty a hole is sent",
                    known.bare,
                )

    def _spelt(self) -> Iterator[Note]:
        for ways in self.uses.values():
            if len({name for _, name in ways}) < 2:
                continue
            most, *others = sorted(ways.values(), key=lambda one: -len(one.places))
            told = ", ".join(f"{one.raw} ({len(one.places)})" for one in (most, *others))
            yield self._note(
                Law.SPELT,
                f"one field in several spellings: {told}",
                f"spell it as in {most.raw} everywhere: a program fills only the name that it knows",
                (index for one in others if one.name != most.name for index in one.places),
                remains=_within_one(ways),
            )

    def _note(self, law: Law, message: str, remedy: str, indices: Iterable[int], *, remains: bool = False) -> Note:
        places = tuple(self.places[index] for index in sorted(set(indices)))
        return Note(law, message, remedy, places, remains)


def _within_one(ways: Iterable[tuple[str, str]]) -> bool:
    """Whether two spellings stand in one family of syntaxes, so that one program meets both."""
    pairs = list(ways)
    return len({syntax for syntax, _ in pairs}) < len(pairs)


def _folded(name: str) -> str:
    return name.casefold().translate(FOLD)
