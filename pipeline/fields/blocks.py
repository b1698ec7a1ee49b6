"""Tags in their order come in; which closes which, the faults of the others and the atoms go out."""

from collections import Counter
from collections.abc import Iterator

from pipeline.fields.nouns import Fault, Field, Role
from pipeline.fields.syntaxes import END_TAGS


def blame(start: int, raw: str, what: str, remedy: str) -> Fault:
    """The fault of a piece of text, quoted in brief."""
    return Fault(start, start + len(raw), f"'{_short(raw)}' {what}", remedy)


def _short(raw: str) -> str:
    words = " ".join(raw[:200].split())
    return words if len(words) <= 40 else words[:39] + "…"


def pair(fields: list[Field]) -> tuple[dict[int, int], list[Fault]]:
    """Match the tags of blocks: the index of each CLOSE by that of its OPEN, and the faults of the others."""
    partner: dict[int, int] = {}
    faults: list[Fault] = []
    waiting: list[int] = []  # the blocks that are open
    counts: Counter[tuple[str, str]] = Counter()

    def fault(tag: Field, what: str, remedy: str) -> None:
        faults.append(blame(tag.start, tag.raw, what, remedy))

    for i, tag in enumerate(fields):
        around = bool(waiting) and fields[waiting[-1]].syntax == tag.syntax
        if tag.role is Role.OPEN:
            waiting.append(i)
            counts[tag.syntax, tag.word] += 1
        elif tag.role is Role.MIDDLE and not around:
            fault(tag, "stands outside any block", "add the tag that opens the block, or delete this one")
        elif tag.role is Role.CLOSE and not (counts[tag.syntax, tag.word] if tag.word else around):
            fault(tag, "closes nothing", "add the tag that opens the block, or delete this one")
        elif tag.role is Role.CLOSE:
            while True:
                j = waiting.pop()
                counts[fields[j].syntax, fields[j].word] -= 1
                if fields[j].syntax == tag.syntax and tag.word in ("", fields[j].word):
                    partner[j] = i
                    break
                fault(fields[j], f"is still open at '{_short(tag.raw)}'", "close the inner block before the outer one")
    for j in waiting:
        ending = END_TAGS.get(fields[j].syntax, "{}").format(fields[j].word)
        fault(fields[j], "is never closed", f"add '{ending}' after it, or delete the tag")
    return partner, faults


def atoms(fields: list[Field], partner: dict[int, int]) -> Iterator[tuple[int, int]]:
    """The spans that may be moved but never opened: each outermost block, and each tag outside any."""
    i = 0
    while i < len(fields):
        last = partner.get(i, i)
        yield fields[i].start, fields[last].end
        i = last + 1
