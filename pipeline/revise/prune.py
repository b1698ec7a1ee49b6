"""A Review comes in; the sentences that its findings can bear go out as Parts, each mended of what they name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, zip_longest

from pipeline.acts import Labelled, Reading, read
from pipeline.checks.language import EMOJI
from pipeline.domain import Act, Draft, Finding, Remedy, Review, Severity
from pipeline.frame import BELOW
from pipeline.lexicon import lexicon
from pipeline.revise import forms
from pipeline.revise.calm import bare, calm
from pipeline.revise.gate import MEETING, VERBS
from pipeline.revise.parts import FIGURE, ITEM, Part, after, complete, ended, spaced, unpictured
from pipeline.revise.write import Piece

REMOVES = frozenset({Remedy.DROP, Remedy.CUT, Remedy.QUESTION})
CLAUSE = re.compile(
    r"(?i),?\s+(?:and|but|so|because|as|therefore)\s+"
    r"(?=(?:only|just|don't|dont|i|we|you|my|our|your|it|this|that|i'm|i'd|i've|would|please|could|can|let|there)\b)"
    r"|\s*;\s+|\s+[—–-]\s+"
    r"|,\s+(?=(?:i|we|my|our|please|could|can|let's)\b)"
    r"|,\s+(?=(?:very |highly |truly |so )?(?:passionate|motivated|driven|dedicated|hard-?working|ambitious)\b)"
)
"""What parts the clauses of a sentence."""
THAT = re.compile(
    r"\s+that\s+(?=(?:\d+|the|a|an|we|our|there)\b)"
    r"|\b(?:state|say|mention|add|share|(?:inform|tell) you|let you know)\s+that\s+(?=(?:I|my)\b)"
)
"""Where what somebody is said to see or know begins: it can stand alone."""
TIED = re.compile(r"(?i)\b(?:but|as)\b")
"""What ties a clause to the one before it."""
HANGING = re.compile(r"(?i)that\s+(?!(?:is|was|would|will|makes?|made|helps?|helped|means?|meant|sounds?|said|way)\b)")
"""How a clause begins that a verb in the one before it asks for."""
THERE = re.compile(r"\bthere\b(?! (?:is|are|was|were|will|has|have|may|can)\b)")
"""What points to the place that the clause before named."""
LIST = re.compile(r"(?<=\w), ((?:(?!\b(?:and|or)\b)[^,.?!]){2,30}), ((?:(?!\b(?:and|or)\b)[^,.?!]){2,30})\Z")
"""The end of a list that has lost its last items."""
MINE = re.compile(r"(?:I|We)\b")
LEFT = re.compile(r"(?i)(?:would|could|thought|wanted|decided|hoped?|was|am|have|work|run|live|study)\b")
"""How a clause goes on whose "I" or "We" stands in the clause before it."""
LEANING = re.compile(
    r"(?:It|It's|This|That|That's|These|Those|They|Otherwise|If so|If not|If you're not|If you are not|Then"
    r"|Sorry for all|I am free|I'm free|Are you (?:free|available|around)|Looking forward"
    r"|He|She|Mine|Ours|One (?:is|of them)|Both of"
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
DECKED = re.compile(r"[^\w\n]+\w")
"""How an item of a list begins that an emoji marks: on one line with its words."""
NOTICED = "I noticed {}."
OPENERS = (
    (re.compile(r"(?i)i came across your profile and (?:was|am) (?:\w+ )?impressed (?:by|with) (.+?)[.!]*"), NOTICED),
    (
        re.compile(r"(?i)i came across your profile and (your .+?)(?: and (?:thought|wanted|decided)\b.*)?[.!]*"),
        NOTICED,
    ),
    (
        re.compile(r"(?i)i hope (?:this|my) [\w-]+ finds you (and .+?) (?:well|in .+?)[.!]*"),
        "I wish you {} well.",
    ),
)
"""Openings of form letters that hold merge fields, and what they say without their praise and their wish."""
HURRY = re.compile(
    r"(?i),?\s+(?:(?:very|most|so|really|quite) )?(?:asap|urgently|immediately|right (?:now|away)|at once)\b"
)
"""Words that press, and that a sentence is as well without."""
TIMES = re.compile(
    r"(?i)(?:about |just |even )?(?:an?|half an|one|two|ten|fifteen|twenty|thirty|\d+) (?:hours?|minutes?|mins?)\b"
    r"|(?:i|we|he|she|they)(?:['’](?:m|re|s)| am| are| is) (?:[\w-]+ ){0,3}(?:free|flexible|available|around)\b"
    r"|any ?time\b|whenever\b|whatever (?:suits|works)\b"
    r"|(?:please |kindly |just )*(?:confirm|tell me|let me know) (?:which|what|the|your|a) (?:day|time|date|slot)\b"
)
"""How a sentence begins that says when a meeting could be, or how long."""
PRODUCT = re.compile(r"(?i)\b(?:solution|platform|product|software|app|tool|service|system)\b")
PRICE = re.compile(r"[€$£¥]\s?\d|\b[A-Z]{3} ?\d|\d ?(?:[A-Z]{3}\b|euros?|dollars?|pounds?|cedi)")
PRAISE = re.compile(
    r"(?i)\b(?:(?:market|industry|world|award|best in)[- ])?"
    r"(?:leading|winning|class|renowned|premier|dynamic|impressive|esteemed|prestigious|exciting|amazing|innovative"
    r"|world-class|best-in-class|cutting-edge)\s+(?=[a-z])"
)
"""Adjectives of praise: what they stand before is as well without them."""
SUPERLATIVE = re.compile(r"(?i)\bthe world['’]s (?:leading|best|first|largest|biggest|most \w+)\s+")
"""What becomes "a": nobody can check that there is no better one."""

SHORT = 6
"""Words up to which an opening clause without any verb that we know is taken for a fragment."""

Span = tuple[int, int]


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
    end, dropped, gap, numbered = 0, "", "", False
    for line in reading.labelled:
        start, stop = line.sentence.start, line.sentence.end
        yield from _notes(draft.text[end:start])
        gap = max(gap if dropped else "", _blank(draft.text[end:start]), key=lambda one: one.count("\n"))
        end = stop
        found = [finding for finding in findings if finding.rule.remedy and _within(finding, line)]
        text = "" if start in guesses else instead.get(start) or _mended(reading, line, found)
        fixed = any(start <= a and b <= stop for a, b in reading.scan.atoms)
        numbered = numbered and "\n" not in draft.text[start - 1 : start]
        if dropped.endswith(":") and (numbered or ITEM.match(f"{text} ")) and not fixed:
            numbered = MARKER.fullmatch(text) is not None
            continue
        text = unpictured(text) if dropped and not fixed else text
        if text and dropped and not line.acts & {Act.SIGNATURE, Act.THANKS, Act.CLOSE}:
            text = after(_freed(text, dropped, draft.brief.sender.company, fixed), last, gap)
        item = decked and "\n" in gap and EMOJI.match(text) and DECKED.match(text)
        text = bare(text, sentence=not line.acts & {Act.GREETING, Act.SIGNATURE}) if decked else text
        text = f"- {text}" if item and text else text
        text = text if fixed or re.search(r"\w", text) else ""
        dropped = "" if text else reading.says(line)
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
    if not fixed and (LEANING.match(text) or (MEETING.search(gone) and (MEETING.search(text) or TIMES.match(text)))):
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
        if marks and (plain := _opened(text) if atoms else _unhurried(text, marks)):
            text = plain
        elif marks:
            left = _without(text, marks, atoms)
            text = left if atoms or left == text or complete(left) else ""
        elif Remedy.WHY in remedies and not atoms:
            text = next(iter(forms.whys(reading.draft)), text)
    quiet = calm(text) if Remedy.CALM in remedies else text
    frames = line.acts & {Act.GREETING, Act.SIGNATURE}
    return f"{quiet[:-1]}," if quiet != text and frames and quiet.endswith(".") else quiet


def _opened(text: str) -> str:
    """A form letter's opening said plainly, or a sentence without its hurry; "" for any other."""
    said = next((form.format(found[1]) for opener, form in OPENERS if (found := opener.fullmatch(text))), "")
    return PRAISE.sub("", said) or (HURRY.sub("", text) if HURRY.search(text) else "")


def _unhurried(text: str, marks: Sequence[Span]) -> str:
    """A sentence without its hurry, where that is all that is marked in it; else ""."""
    hurries = [found.span() for found in HURRY.finditer(text)]
    return HURRY.sub("", text) if all(any(a <= m and n <= b for a, b in hurries) for m, n in marks) else ""


def _removes(finding: Finding, text: str) -> bool:
    """Whether a finding takes its sentence or clause away; one that only cuts words spares a sentence with figures.

    A sentence with a price stays whole: without its condition it would be another offer.
    """
    spared = finding.rule.remedy is Remedy.CUT and finding.rule.severity < Severity.ERROR and FIGURE.search(text)
    return finding.rule.remedy in REMOVES and not spared and not PRICE.search(text)


def _without(raw: str, marks: Sequence[Span], atoms: Sequence[Span]) -> str:
    """The clauses of a sentence that no mark touches, as a sentence; `atoms`, its merge fields, are never removed."""
    if all(len(PRAISE.sub("", raw[a:b]).split()) <= 2 and PRAISE.search(raw[a:b] + " x") for a, b in marks):
        return _plainer(raw, marks)
    clauses = list(_clauses(raw))
    sound = [clause for clause in clauses if not _touches(clause, marks) or _touches(clause, atoms)]
    sound = [clause for clause in sound if not _objects(raw, clause, clauses, sound) or _touches(clause, atoms)]
    if any(clause not in sound and MEETING.search(raw[slice(*clause)]) for clause in clauses):
        sound = [one for one in sound if not MEETING.search(raw[slice(*one)]) or _touches(one, atoms)]
    if not sound:
        said = THAT.search(raw)
        if said and not atoms and all(b <= said.start() for _, b in marks):
            return _sentence(raw[said.end() :], raw)
        return ""
    if len(sound) == len(clauses):
        return raw
    text = LIST.sub(r", \1 and \2", _joined(raw, clauses, sound))
    if atoms:
        return raw if len(text) < len(raw) and any(raw[a:b] not in text for a, b in atoms) else _sentence(text, raw)
    if sound[0][0] > 0 and (mine := MINE.match(raw)) and LEFT.match(text):
        text = f"{mine[0]} {text}"
    told = tells(text) or FIGURE.search(text)
    opening = sound[0][0] == 0 and len(text.split()) > (2 if told else SHORT)
    return _sentence(text, raw) if opening or stands(text) else ""


def _joined(raw: str, clauses: Sequence[Span], sound: Sequence[Span]) -> str:
    """Some of a sentence's clauses as one: those that stood together as they stood, "and" where one is gone between."""
    stretches: list[Span] = []
    for number, clause in enumerate(clauses):
        if clause in sound and number and clauses[number - 1] in sound:
            stretches[-1] = (stretches[-1][0], clause[1])
        elif clause in sound:
            stretches.append(clause)
    return ", and ".join(raw[a:b].strip(" ,;") for a, b in stretches)


def _clauses(raw: str) -> Iterator[Span]:
    at = 0
    for cut in CLAUSE.finditer(raw):
        yield at, cut.start()
        at = cut.end()
    yield at, len(raw)


def _objects(raw: str, clause: Span, clauses: Sequence[Span], sound: Sequence[Span]) -> bool:
    """Whether a clause objects to one that is gone, gives a reason for it or hangs on its verb, and holds no figure."""
    before = [other for other in clauses if other[1] <= clause[0]][-1:]
    hangs = HANGING.match(raw, clause[0])
    there = THERE.search(raw, *clause)
    tied = any(other not in sound and (hangs or there or TIED.search(raw[other[1] : clause[0]])) for other in before)
    return tied and not FIGURE.search(raw[clause[0] : clause[1]])


def _touches(span: Span, others: Sequence[Span]) -> bool:
    return any(a < span[1] and b > span[0] for a, b in others)


def _plainer(raw: str, marks: Sequence[Span]) -> str:
    """A sentence without its adjectives of praise, "a" and "an" made to fit."""
    for a, b in sorted(marks, reverse=True):
        begin, stop = a - 4 * raw[:a].lower().endswith("the "), min(len(raw), b + 2)
        raw = raw[:begin] + PRAISE.sub("", SUPERLATIVE.sub("a ", raw[begin:stop])) + raw[stop:]
    raw = re.sub(r"\b([Aa])n (?=[^aeiouAEIOU\W])", r"\1 ", raw)
    raw = re.sub(r"\b([Aa]) (?=[aeiouAEIO])", r"\1n ", raw)
    return raw[:1].upper() + raw[1:]


def tells(text: str) -> bool:
    """Whether a short clause has a word that may be its verb."""
    words = lexicon()
    known = (words["me"] | words["did"] | words["do"] | VERBS) - {"my", "our"}
    return any(word in known or word.endswith(("ed", "ing")) for word in re.findall(r"[\w'’]+", text.lower()))


def stands(text: str) -> bool:
    """Whether what is left of a sentence can stand alone: it opens as sentences do and is long enough for a verb."""
    words = re.findall(r"[\w'’]+", text.lower())
    opens = bool(words) and words[0] in lexicon()["opens"]
    owned = words[:1] and words[0] in {"my", "our", "your"}
    least = 3 if opens and words[0] in lexicon()["me"] and not owned else 5
    return opens and len(words) >= least and (not owned or tells(text))


def _sentence(text: str, raw: str) -> str:
    """A clause as a sentence that ends as the whole one did, but that never asks what it only tells."""
    text = text.rstrip(" ,;.!?")
    return ended(text if raw.startswith(text) else text[:1].upper() + text[1:], raw)
