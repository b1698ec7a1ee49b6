"""Parts come in, the sentences of a message on its way; they go out soundly spaced, or as the next Draft."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.checks.language import EMOJI
from pipeline.domain import Act, Draft
from pipeline.fields import scan
from pipeline.lexicon import lexicon
from pipeline.revise.verbs import past

FIGURE = re.compile(r"\d")
"""A sentence with a figure holds something to keep: only an error takes it away."""
ITEM = re.compile(r"[-+*•–▪✅🔹]|\(?\d+[.)]\s")
"""How an item of a list begins."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence of the next draft, the white space before it, and the acts it performs.

    `own` says that it is the sender's, word for word; `fixed` that it may not go, since it holds a merge field or says
    the goal.
    """

    text: str
    gap: str
    acts: frozenset[Act]
    own: bool = True
    fixed: bool = False


ANYONE = "(?:i|we|you|he|she|it|they|the|only|my|our|your)"
CONDITION = re.compile(
    r"(?i)(?:(?:and|but|or|so)\s+)?(?:only\s+)?(?:if|when|because(?! of)|although|though|while|unless|whether|whereas"
    rf"|as (?:soon|long) as|(?:as|since)(?=\s+{ANYONE}\b)|as (?:someone|somebody) who)\b"
)
"""How a clause begins that leans on a main one."""
NUMBER = re.compile(r"(?i)(?:and |or )?\(?\d*[.)]*")
"""What is left of a point that has only its number."""
EMPTY = re.compile(
    r"(?i)(?:(?:now|so|and|this is|the|my|our|first|second|third|fourth|fifth|\w+ time),?\s+)*"
    r"(?:i(?:['’]m| am| was| have been)?|we(?:['’]re| are)?) (?:just |only )?"
    r"(?:writ(?:e|ing)|contact(?:ing)?|messag(?:e|ing)|reach(?:ing)? out|wondering|asking)"
    r"(?: to)?(?: you)?(?: (?:again|today|now|here))?(?:,? and please\b[^,]*)?[.!?]*"
)
"""What a sentence says that has lost what it was about."""
SELF = re.compile(r"(?i)(?:i['’]?m|i am|we['’]?re|we are|as an?|my name|this is)\b")
"""How a sentence begins by which senders say what they are."""
STRAY = re.compile(rf"\A(?:{EMOJI.pattern})+\s*\n\s*")
"""A picture that ended the sentence before."""
CLOSES = frozenset(")]\"'”’»%€$£°}>*")
"""Marks behind which a sentence still wants its full stop; a picture ends one by itself."""
BEGINS = frozenset(
    "how what where when why which who would could can do did does is are may have has will thank thanks many".split()
)
"""How a question or a thank-you begins."""


def after(text: str, before: Sequence[Part], gap: str) -> str:
    """A sentence as it begins behind these parts: with a capital, but plainly behind "Ana," on the same line."""
    inline = before and Act.GREETING in before[-1].acts and before[-1].text.endswith(",") and "\n" not in gap
    if not inline:
        return text[:1].upper() + text[1:]
    first = text.split(" ", 1)[0].lower()
    known = lexicon()["common"] | lexicon()["opens"] | BEGINS
    plain = (first in known or past(first)) and not re.match(r"I\b", text)
    return text[:1].lower() + text[1:] if plain else text


def unpictured(text: str) -> str:
    """A sentence without the picture that ended the one before it, which is gone."""
    return STRAY.sub("", text)


def ended(text: str, whole: str) -> str:
    """A part of a sentence, ended as the whole one is: with a question mark only where it asks."""
    if not text[-1:].isalnum() and text[-1:] not in CLOSES:
        return text
    end = whole[-1] if whole[-1] in ".!?" else "."
    clauses = re.split(r"[,;:]\s+", text.lower())
    asks = any(clause.split()[0] in BEGINS for clause in clauses if clause.strip())
    return text + ("." if end == "?" and not asks else end)


def complete(text: str) -> bool:
    """Whether what is left of a sentence says something by itself: it has a main clause, and that one an object."""
    clauses = re.split(r"[,;:]\s+|\s+[—–-]\s+", re.sub(r"\([^()]*\)", "", text))
    clauses = [clause for clause in clauses if not NUMBER.fullmatch(clause)]
    return text.endswith("?") or not (all(map(CONDITION.match, clauses)) or EMPTY.fullmatch(text))


def spaced(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts with sound white space between them where sentences have gone."""
    for number, part in enumerate(parts):
        if number == 0:
            yield replace(part, gap="")
        elif not part.gap:
            yield replace(part, gap=" ")
        else:
            yield part


def less(parts: Sequence[Part], i: int) -> tuple[Part, ...]:
    """The parts without one of them; a paragraph break before it stays, and the next one begins as it should."""
    before, rest = parts[:i], list(parts[i + 1 :])
    if rest:
        gap = max(rest[0].gap, parts[i].gap, key=lambda one: one.count("\n"))
        opens = next((field.start for field in scan(rest[0].text).fields), 1)
        text = after(rest[0].text, before, gap) if opens else rest[0].text
        rest[0] = replace(rest[0], gap=gap, text=text)
    return tuple(spaced([*before, *rest]))


def written(parts: Sequence[Part]) -> str:
    """The parts as one text, white space included."""
    return "".join(part.gap + part.text for part in parts)


def drafted(draft: Draft, parts: Sequence[Part]) -> Draft:
    """The next draft, made of parts; no blank lines are heaped up where the sender's draft heaps none."""
    text = written(parts).strip()
    return draft.rewritten(re.sub(r"\n{3,}", "\n\n", text) if "\n\n\n" not in draft.text else text)
