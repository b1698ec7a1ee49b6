"""A text comes in; it goes out with its atoms masked, its fields blanked, or what a rewrite did to them told."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count

from pipeline.fields.nouns import Change, Field, Masked, Role, Scan
from pipeline.fields.scanner import Walk, scan

_SENTINEL = r"<<\d+>>"
HIDDEN = "\ue000"
"""What a field is hidden behind."""


def mask(text: str) -> Masked:
    """Put a short sentinel, <<1>>, in place of each atom, passing over any that the text already holds."""
    taken = set(re.findall(_SENTINEL, text))
    free = (name for n in count(1) if (name := f"<<{n}>>") not in taken)
    originals: dict[str, str] = {}
    pieces: list[str] = []
    at = 0
    for (start, end), name in zip(scan(text).atoms, free, strict=False):
        originals[name] = text[start:end]
        pieces += text[at:start], name
        at = end
    return Masked("".join((*pieces, text[at:])), originals)


def restore(text: str, masked: Masked) -> str:
    """Put the original bytes back for each sentinel in `text`; a sentinel that `masked` does not know stays."""
    return re.sub(_SENTINEL, lambda found: masked.originals.get(found[0], found[0]), text)


def changes(before: str, after: str) -> tuple[Change, ...]:
    """What a rewrite did to the atoms: lost, added (new faults too), or blocks in another order; () when sound."""
    if before == after:
        return ()
    old, new = scan(before), scan(after)
    was, now = (Counter(side.text[a:b] for a, b in side.atoms) for side in (old, new))
    lost, added = was - now, now - was
    broken, breaks = (Counter(side.text[fault.start : fault.end] for fault in side.faults) for side in (old, new))
    kept = was & now
    moved = [b for a, b in zip(_blocks(old, kept), _blocks(new, kept), strict=False) if a != b]
    return (
        *(Change("lost", raw) for raw in lost.elements()),
        *(Change("added", raw) for raw in added.elements()),
        *(Change("added", raw) for raw in (breaks - broken).elements() if raw not in added),
        *(Change("reordered", raw) for raw in dict.fromkeys(moved)),
    )


def _blocks(side: Scan, kept: Counter[str]) -> Iterator[str]:
    """The blocks of a text in order, as many of each as both texts have."""
    left = kept.copy()
    begins = {tag.start for tag in side.fields if tag.role in (Role.OPEN, Role.MIDDLE, Role.CLOSE)}
    for start, end in side.atoms:
        raw = side.text[start:end]
        if start in begins and left[raw] > 0:
            left[raw] -= 1
            yield raw


def blank(text: str, scan: Scan | None = None) -> str:
    """Hide each field behind as many U+E000, and each comment behind blanks, since it is never shown.

    Length and offsets stay, and the prose inside blocks is still to be seen.
    """
    fields = scan.fields if scan else Walk(text).run().fields
    return cover(text, ((tag.start, tag.end, " " if _is_note(tag) else HIDDEN) for tag in fields))


def _is_note(tag: Field) -> bool:
    return tag.role is Role.COMMENT and tag.syntax == "comment"


def cover(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """Hide each span of a text behind as many of its character."""
    pieces: list[str] = []
    at = 0
    for start, end, veil in spans:
        pieces += text[at:start], veil * (end - start)
        at = end
    return "".join((*pieces, text[at:]))
