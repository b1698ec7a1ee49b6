"""A Review comes in; the sentences that its findings can bear go out as Parts, each mended of what they name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, zip_longest

from pipeline.acts import Labelled, Reading, read
from pipeline.checks.language import EMOJI
from pipeline.domain import Act, Draft, Finding, Remedy, Review, Severity
from pipeline.frame import BELOW
from pipeline.lexicon import content
from pipeline.revise import forms
from pipeline.revise.calm import bare, calm
from pipeline.revise.clauses import THERE, opened, tells, unhurried, without
from pipeline.revise.gate import MEETING
from pipeline.revise.parts import FIGURE, ITEM, Part, after, complete, spaced, unpictured
from pipeline.revise.write import Piece
from pipeline.text import parse

REMOVES = frozenset({Remedy.DROP, Remedy.CUT, Remedy.QUESTION})
LEANING = re.compile(
    r"(?:It|It's|This|That|That's|These|Those|They|Otherwise|If so|If not|If you're not|If you are not|Then"
    r"|Sorry for all|I am free|I'm free|Are you (?:free|available|around)|Looking forward"
    r"|He|She|Mine|Ours|One (?:is|of them)|Both of|No offen[cs]e"
    r"|(?:I )?(?:[Cc]ould|[Ww]ould|[Cc]an)(?:['’]ve|['’]d)? (?:have )?\w+ (?:it|that|them)(?=[,.;!]| for\b)"
    r"|(?:Last \w+|Yesterday|Today|Now),? (?:he|she|it|they)"
    r"|(?:I|We)(?:['’]\w+)? (?:\w+ ){1,2}(?:it|them)(?=[,.;]| (?:too|and|at|for|in|on|to|with|up|back|last|this)\b))"
    r"(?!\w)"
)
"""How a sentence begins that leans on the one before it; it goes when that one goes."""
TAGS = re.compile(r"(?:[#@][\w.]+\s*)+")
"""Hashtags and mentions alone: in a comment they call others in, and say nothing."""
MARKER = re.compile(r"\(?\d+[.)]")
"""The number of an item."""
CHOICE = re.compile(r"(?i)\bone of (?:these|them|the following|(?:the |these )?(?:two|three|four|\d)\b)[^:]*:\Z")
"""How a line ends that leads to guesses among which the reader is to choose."""
PICK = re.compile(r"(?i)\b(?:if it['’]?s|if it is|reply|answer|pick|choose)\b[^.?!]*?\b[1-5]\b(?! ?%)")
"""What speaks of such a guess by its number."""
SAID = re.compile(r"(?i)\?|\d|\b(?:to|the|an?|my|our|your|i|we|you|and)\b")
"""What tells a sentence without a verb that we know from a heap of nouns: "Private sector, no nights."."""
DECKED = re.compile(r"[^\w\n]+\w")
"""How an item of a list begins that an emoji marks: on one line with its words."""
TIMES = re.compile(
    r"(?i)(?:about |just |even )?(?:an?|half an|one|two|ten|fifteen|twenty|thirty|\d+) (?:hours?|minutes?|mins?)\b"
    r"|(?:i|we|he|she|they)(?:['’](?:m|re|s)| am| are| is) (?:[\w-]+ ){0,3}(?:free|flexible|available|around)\b"
    r"|any ?time\b|whenever\b|whatever (?:suits|works)\b"
    r"|(?:please |kindly |just )*(?:confirm|tell me|let me know) (?:which|what|the|your|a) (?:day|time|date|slot)\b"
)
"""How a sentence begins that says when a meeting could be, or how long."""
PRODUCT = re.compile(r"(?i)\b(?:solution|platform|product|software|app|tool|service|system)\b")
PRICE = re.compile(r"[€$£¥]\s?\d|\b[A-Z]{3} ?\d|\d ?(?:[A-Z]{3}\b|euros?|dollars?|pounds?|cedi)")


def prune(review: Review, instead: Mapping[int, str] = {}) -> tuple[Part, ...]:
    """What the rules can bear of a draft, soundly spaced; `instead`: sentences to put in a faulty one's place."""
    parts = list(kept(review.draft, review.findings, instead))
    return tuple(spaced([one for one, then in zip_longest(parts, parts[1:]) if not _empty_item(one, then)]))


def _empty_item(part: Part, then: Part | None) -> bool:
    """Whether a part is the number of a list's item that has nothing left to say."""
    return MARKER.fullmatch(part.text) is not None and (then is None or "\n" in then.gap)


def faulty(review: Review) -> Iterator[tuple[int, Piece, list[str]]]:
    """The sentences that lose something: where each starts, what a model may make of it, and what is wrong."""
    reading = read(review.draft)
    named = forms.load().soften
    for line in reading.labelled:
        text = reading.says(line)
        found = [one for one in review.findings if _within(one, line) and _removes(one, text) and one.rule.id in named]
        if found and not line.acts & {Act.GREETING, Act.SIGNATURE} and not BELOW.match(text):
            fault = named[found[0].rule.id]
            piece = Piece("soften", f"fault: {fault}\nsentence: {' '.join(text.split())}")
            yield line.sentence.start, piece, [one.hit.found for one in found]


def kept(draft: Draft, findings: Sequence[Finding], instead: Mapping[int, str] = {}) -> Iterator[Part]:
    """The sentences of a draft, each mended of the findings that it holds; what none can bear is left out."""
    reading, wishes = read(draft), forms.wishes(draft)
    guesses = frozenset(_guesses(reading, findings))
    decked = any(EMOJI.match(finding.hit.found) or TAGS.match(finding.hit.found) for finding in findings)
    last: tuple[Part, ...] = ()
    end, dropped, gap, numbered, lost = 0, "", "", False, False
    for line in reading.labelled:
        start, stop = line.sentence.start, line.sentence.end
        yield from _notes(draft.text[end:start])
        gap = max(gap if lost else "", _blank(draft.text[end:start]), key=lambda one: one.count("\n"))
        end = stop
        found = [finding for finding in findings if finding.rule.remedy and _within(finding, line)]
        text = "" if start in guesses else instead.get(start) or _mended(reading, line, found)
        fixed = any(start <= a and b <= stop for a, b in reading.scan.atoms)
        numbered = numbered and "\n" not in draft.text[start - 1 : start]
        if dropped.endswith(":") and (numbered or ITEM.match(f"{text} ")) and not fixed:
            numbered = MARKER.fullmatch(text) is not None
            continue
        text = unpictured(text) if dropped else text
        if text and dropped and not line.acts & {Act.SIGNATURE, Act.THANKS, Act.CLOSE}:
            text = after(_freed(text, dropped, draft.brief.sender.company, fixed), last, gap)
        item = decked and "\n" in gap and EMOJI.match(text) and DECKED.match(text)
        text = bare(text, sentence=not line.acts & {Act.GREETING, Act.SIGNATURE}) if decked else text
        text = f"- {text}" if item and text else text
        text = text if fixed or re.search(r"\w", text) else ""
        lost = not text
        other = text != reading.says(line) and content(parse(text)).isdisjoint(line.content)
        dropped = reading.says(line) if lost or other else ""
        if text:
            last = (Part(text, gap, line.acts),)
            own = text == reading.says(line) and text in draft.first.text
            yield Part(text, gap, line.acts, own, fixed or text in wishes)
    yield from _notes(draft.text[end:])


def _guesses(reading: Reading, findings: Sequence[Finding]) -> Iterator[int]:
    """Where the guesses of a list begin, one of which cannot be borne, with the line above them and what picks one.

    Without the one the others' numbers would point to nothing. A list that holds a merge field stays.
    """
    lines = reading.labelled
    for above, line in enumerate(lines):
        if not CHOICE.search(reading.says(line)):
            continue
        items: list[Labelled] = []
        for before, one in pairwise(lines[above:]):
            numbered = items and MARKER.fullmatch(reading.says(before))
            if not (numbered or ITEM.match(f"{reading.says(one)} ")):
                break
            items.append(one)
        borne = not any(_within(one, item) and _removes(one, reading.says(item)) for one in findings for item in items)
        held = any(
            item.sentence.start <= a < item.sentence.end for a, _ in reading.scan.atoms for item in (line, *items)
        )
        if not borne and not held:
            picks = (one for one in lines[above + len(items) :] if PICK.search(reading.says(one)))
            yield from (one.sentence.start for one in (line, *items, *picks))


def _notes(between: str) -> Iterator[Part]:
    """The comments that stand between two sentences: they stay where they are."""
    if said := between.strip():
        yield Part(said, between[: len(between) - len(between.lstrip())], frozenset(), fixed=True)


def _blank(between: str) -> str:
    """The white space before a sentence, behind the comments there."""
    return between[len(between.rstrip()) :]


def _within(finding: Finding, line: Labelled) -> bool:
    hit = finding.hit
    return hit.part == "body" and hit.end > hit.start and line.sentence.start <= hit.start < line.sentence.end


def _freed(text: str, gone: str, company: str, fixed: bool) -> str:
    """A sentence whose predecessor is gone, freed from it; "" where it leans on that one and holds no merge field.

    "And" and "Also" are taken off, and "It" is named where it was the sender's product.
    """
    if company and text.startswith("It ") and PRODUCT.search(gone):
        return f"{company} {text[3:]}"
    meeting = MEETING.search(gone) and (MEETING.search(text) or TIMES.match(text) or THERE.search(text))
    heap = "," in text and not SAID.search(text) and not tells(text)
    if not fixed and (LEANING.match(text) or meeting or heap):
        return ""
    return re.sub(r"^(?:And|Also|But|So|Then|Plus|Besides|Or)\b,?\s+(?=\w+\s\w+)", "", text)


def _mended(reading: Reading, line: Labelled, found: Sequence[Finding]) -> str:
    """The sentence without what its findings name; "" if nothing bearable is left; as it is if it holds a field."""
    text = reading.says(line)
    remedies = {finding.rule.remedy for finding in found}
    if not line.acts & {Act.GREETING, Act.SIGNATURE}:
        start = line.sentence.start
        atoms = [(a - start, b - start) for a, b in reading.scan.atoms if start <= a < line.sentence.end]
        marks = [(one.hit.start - start, one.hit.end - start) for one in found if _removes(one, text)]
        if marks and (plain := opened(text) if atoms else unhurried(text, marks)):
            text = plain
        elif marks:
            left = without(text, marks, atoms)
            text = left if atoms or left == text or complete(left) else ""
        elif Remedy.WHY in remedies and not atoms:
            text = next(iter(forms.whys(reading.draft)), text)
    quiet = calm(text) if Remedy.CALM in remedies else text
    frames = line.acts & {Act.GREETING, Act.SIGNATURE}
    return f"{quiet[:-1]}," if quiet != text and frames and quiet.endswith(".") else quiet


def _removes(finding: Finding, text: str) -> bool:
    """Whether a finding takes its sentence or clause away; one that only cuts words spares a sentence with figures.

    A sentence with a price stays whole: without its condition it would be another offer.
    """
    spared = finding.rule.remedy is Remedy.CUT and finding.rule.severity < Severity.ERROR and FIGURE.search(text)
    return finding.rule.remedy in REMOVES and not spared and not PRICE.search(text)
