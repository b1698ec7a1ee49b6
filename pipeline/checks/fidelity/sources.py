"""What both sides of the comparison share: texts taken apart once, stems, a rewrite's own sentences, and Hits."""

import re
from functools import cache, lru_cache

from pipeline.acts import Labelled, Reading
from pipeline.domain import Hit
from pipeline.fields import blank
from pipeline.lexicon import lexicon
from pipeline.text import Text, parse, plain, stem

TALK = frozenset(
    map(stem, ["ask", "asked", "write", "writing", "wrote", "written", "answer", "reply", "thank", "mention"])
)
"""Talking about the talk: "don't ask" and "thank you for asking" contradict nothing."""
PARTS = re.compile(r"[-/.:_@?=&]+")
HALVES = str.maketrans("{}[]<>«»|", " " * 9)
"""Halves of fields, which would make one with a half in another text."""


@lru_cache(16)
def source_of(origin: Reading) -> str:
    """All that a rewrite may say: draft, brief, and in words what the brief says of the past by numbers and marks.

    Merge fields are blanked, those of subject, body and brief each by themselves.
    """
    draft = origin.draft
    past = draft.brief.history
    days = past.days_since or 0
    said = ["I wrote to you, my last message"] if past.sent else []
    said += ["we met"] if past.met else []
    said += ["I applied"] if past.applied else []
    if past.sent and days:
        said.append(f"{days} days ago")
        said += [f"{days // 7} weeks ago"] if days >= 7 else []
        said += ["a fortnight ago"] if 13 <= days <= 16 else []
    own = (draft.first.subject, draft.first.text, draft.brief.facts)
    return "\n\n".join((*(blank(one).translate(HALVES) for one in own), *said))


@lru_cache(512)
def parsed(text: str) -> Text:
    """A text taken apart, its merge fields blanked."""
    return parse(blank(text))


@lru_cache(512)
def stems_of(text: str) -> frozenset[str]:
    """The stems of all words of a text, and of the parts of links and of words with a hyphen."""
    return frozenset(stem(part) for form in parsed(plain(text)).forms for part in (form, *PARTS.split(form)))


@lru_cache(4096)
def folded(words: str) -> str:
    """For comparing sentences: lower case, single spaces, no mark at the end."""
    return " ".join(words.lower().replace("’", "'").rstrip(".!?,;: ").split())


@lru_cache(16)
def new_lines(reading: Reading) -> tuple[Labelled, ...]:
    """The sentences of a rewrite that do not stand in the user's draft as they are."""
    first = reading.draft.first
    origin = reading.origin
    whole, sentences = folded(first.text), {folded(origin.says(line)) for line in origin.labelled}
    return tuple(
        line
        for line in reading.labelled
        if (said := folded(reading.says(line))) not in sentences and (len(said.split()) < 5 or said not in whole)
    )


def sentence_hit(reading: Reading, line: Labelled, found: str = "") -> Hit:
    """A whole sentence as a hit; `found` says what was measured in it."""
    return Hit(line.sentence.start, line.sentence.end, reading.says(line), found)


def word_hit(text: Text, i: int, part: str) -> Hit:
    """One word of the body or the subject as a hit."""
    return Hit(text.start(i), text.end(i), text.written[i], part="subject" if part == "subject" else "body")


@cache
def courteous() -> frozenset[str]:
    """The stems of the words that greet, sign and are courteous."""
    return frozenset(stem(word) for name in ("courteous", "sign", "greet") for word in lexicon()[name])
