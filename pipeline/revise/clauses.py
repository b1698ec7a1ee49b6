"""A sentence and the marks of what is wrong in it come in; it goes out without the clauses that are marked."""

import re
from collections.abc import Iterator, Sequence

from pipeline.lexicon import lexicon
from pipeline.revise.gate import MEETING, VERBS
from pipeline.revise.parts import FIGURE, ended

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


def opened(text: str) -> str:
    """A form letter's opening said plainly, or a sentence without its hurry; "" for any other."""
    said = next((form.format(found[1]) for opener, form in OPENERS if (found := opener.fullmatch(text))), "")
    return PRAISE.sub("", said) or (HURRY.sub("", text) if HURRY.search(text) else "")


def unhurried(text: str, marks: Sequence[Span]) -> str:
    """A sentence without its hurry, where that is all that is marked in it; else ""."""
    hurries = [found.span() for found in HURRY.finditer(text)]
    return HURRY.sub("", text) if all(any(a <= m and n <= b for a, b in hurries) for m, n in marks) else ""


def without(raw: str, marks: Sequence[Span], atoms: Sequence[Span]) -> str:
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
