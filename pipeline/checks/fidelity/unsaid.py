"""Things that only the sender may say: patterns that fit a rewrite and not its draft. Reading in, Hits out."""

from collections.abc import Iterator

from pipeline.acts import Reading, content, lexicon
from pipeline.checks.fidelity.sources import content_of, new_lines, parsed
from pipeline.domain import Act, Draft, Hit, Look
from pipeline.phrases import Phrases


def unsaid(
    *, any_of: list[str], unless: list[str] | None = None, by_word: bool = False, excused_by: list[str] | None = None
) -> Look:
    """A pattern fits a sentence of the rewrite, and not the draft, nor what the brief says of the sender.

    With `by_word` the very words must stand in the source. `excused_by` are brief keys ("met", "shared", "offer",
    "benefit") that allow it in a sentence which uses a word of theirs.
    """
    wanted = Phrases({pattern: [pattern] for pattern in any_of}, lexicon())
    spared = Phrases({"": unless or []}, lexicon())

    def look(reading: Reading) -> Iterator[Hit]:
        draft = reading.draft
        found = list(wanted.find(reading.text)) if draft.origin is not None else []
        if not found:
            return
        held = content(parsed("\n".join(_holds(draft, key) for key in excused_by or ())))
        brief, past = draft.brief, draft.brief.history
        ours = "\n".join(
            (
                draft.first.text,
                *brief.sender.facts,
                brief.sender.offer,
                *brief.shared,
                brief.benefit,
                past.met,
                past.earlier,
                brief.goal,
            )
        )
        said = set() if by_word else {match.tag for match in wanted.find(parsed(ours))}
        excused = {match.sentence for match in spared.find(reading.text)}
        own, source = set(map(id, new_lines(reading))), parsed(draft.source).vocabulary
        seen: set[int] = set()
        for match in found:
            line = reading.labelled[match.sentence]
            if (
                held & content_of(reading, line)
                or match.tag in said
                or match.sentence in excused | seen
                or id(line) not in own
                or Act.SIGNATURE in line.acts
            ):
                continue
            if by_word and source.issuperset(reading.text.forms[match.first : match.last]):
                continue
            seen.add(match.sentence)
            start, end = reading.text.start(match.first), reading.text.end(match.last - 1)
            yield Hit(start, end, draft.text[start:end])

    return look


def _holds(draft: Draft, key: str) -> str:
    brief = draft.brief
    return {
        "offer": brief.sender.offer,
        "benefit": brief.benefit,
        "shared": "\n".join(brief.shared),
        "met": brief.history.met,
    }[key]
