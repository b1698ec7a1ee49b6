"""Things that only the sender may say: patterns that fit a rewrite and not its draft. Reading in, Hits out."""

from collections.abc import Iterator

from pipeline.acts import Reading
from pipeline.checks.fidelity.sources import new_lines, parsed
from pipeline.checks.fidelity.vocabulary import with_alike
from pipeline.domain import Act, Draft, Hit, Look
from pipeline.lexicon import content, lexicon
from pipeline.phrases import Match, Phrases
from pipeline.text import FIELD, Text, stem

POINTS_BACK = frozenset(["it", "them", "they", "this", "these", "those", "one", "some", "that"])


def unsaid(
    *,
    any_of: list[str],
    unless: list[str] | None = None,
    by_word: bool = False,
    excused_by: list[str] | None = None,
) -> Look:
    """A pattern fits a sentence of the rewrite, and neither the draft nor what the brief says of the sender says it.

    With `by_word` the very words must stand in the source. `excused_by` are brief keys ("met", "shared", "offer",
    "benefit") that allow it in a sentence which uses a word of theirs; a merge field of the draft may be offered too.
    """
    wanted = Phrases({pattern: [pattern] for pattern in any_of}, lexicon())
    spared = Phrases({"": unless or []}, lexicon())

    def look(reading: Reading) -> Iterator[Hit]:
        draft, text = reading.draft, reading.text
        found = wanted.find(text) if draft.origin is not None else []
        if not found:
            return
        held = content(parsed("\n\n".join(_holds(draft, key) for key in excused_by or ())))
        source = parsed(draft.source if by_word else _ours(draft))
        known = frozenset(map(stem, source.vocabulary))
        said = [] if by_word else wanted.find(source)
        fresh = set(map(id, new_lines(reading)))
        done = {match.sentence for match in spared.find(text)}
        for match in found:
            line = reading.labelled[match.sentence]
            if (
                match.sentence in done
                or id(line) not in fresh
                or Act.SIGNATURE in line.acts
                or held & _spoken_of(reading, match.sentence)
                or ("offer" in (excused_by or ()) and text.forms[match.last : match.last + 1] == (FIELD,))
                or (by_word and with_alike(known).issuperset(map(stem, text.forms[match.first : match.last])))
                or (said and _said(text, match, source, said))
            ):
                continue
            done.add(match.sentence)
            start, end = text.start(match.first), text.end(match.last - 1)
            yield Hit(start, end, draft.text[start:end])

    return look


def _said(text: Text, match: Match, source: Text, said: list[Match]) -> bool:
    """Whether the source says it too: by the same pattern or another of the rule, with the same words or near ones."""
    words = content(text, match.first, match.last)
    if not words:
        return any(other.tag == match.tag for other in said)
    theirs = frozenset().union(*(content(source, other.first, other.last) for other in said))
    return words <= with_alike(theirs) or any(
        other.tag == match.tag and not words.isdisjoint(with_alike(content(source, other.first, other.last)))
        for other in said
    )


def _ours(draft: Draft) -> str:
    """What the sender says, and what the brief says of the sender and of both."""
    brief, past = draft.brief, draft.brief.history
    parts = (*brief.sender.facts, brief.sender.offer, *brief.shared, brief.benefit, past.met, past.earlier, brief.goal)
    return "\n\n".join((draft.first.text, *parts))


def _spoken_of(reading: Reading, number: int) -> frozenset[str]:
    """The words of meaning of a sentence, and of the one before where "it", "them" or the like points back to it."""
    line = reading.labelled[number]
    back = number > 0 and not POINTS_BACK.isdisjoint(line.forms)
    return line.content | (reading.labelled[number - 1].content if back else frozenset())


def _holds(draft: Draft, key: str) -> str:
    brief = draft.brief
    return {
        "offer": brief.sender.offer,
        "benefit": brief.benefit,
        "shared": "\n".join(brief.shared),
        "met": brief.history.met,
    }[key]
