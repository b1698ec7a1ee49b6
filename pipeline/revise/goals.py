"""A goal as the sender jots it down comes in ("ask how you keep the starter steady"); it goes out fit to be said."""

import re
from collections.abc import Callable

from pipeline.acts import lexicon
from pipeline.revise.facts import lowered
from pipeline.text import parse

OPEN = (
    r"how(?: (?:long|often|much|far|soon|early|late|deep|high))?|how many [\w -]+?|what|where|when|why|which [\w' -]+?"
)
"""How an open question begins."""
PAST = re.compile(
    r"\w+ed|would|could|should|can|will|might|may|must|shall|are|were|was|had|did|got|saw|took|gave|held|told|said"
    r"|thought|felt|caught|lost|met|paid|sent|spent|stood|understood|spoke|drew|fed|dug|hung|laid|left|lent|meant"
    r"|put|read|rode|rang|sang|shot|slept|swam|threw|wore|never|always|first|still|once|personally|really|now|yourself"
)
"""Words behind "you" that no "do" goes before."""
BASES = {
    "got": "get",
    "chose": "choose",
    "made": "make",
    "built": "build",
    "wrote": "write",
    "ran": "run",
    "found": "find",
    "kept": "keep",
    "taught": "teach",
    "began": "begin",
    "won": "win",
    "brought": "bring",
    "led": "lead",
    "set": "set",
    "cut": "cut",
    "learned": "learn",
    "learnt": "learn",
    "moved": "move",
    "started": "start",
    "decided": "decide",
    "managed": "manage",
    "turned": "turn",
    "opened": "open",
    "trained": "train",
    "used": "use",
    "changed": "change",
    "came": "come",
    "went": "go",
    "grew": "grow",
    "sold": "sell",
    "hired": "hire",
    "convinced": "convince",
}
"""Past forms that follow "how you", and the base that follows "How did you"."""
ASKED = re.compile(r"(?i)(?:ask|find out|hear|know|learn|see|understand)\s+(?:from you\s+|you\s+)?(.+)")
"""How a goal begins that is a question."""
MODAL = "would|could|can|will|might"
NOTED = re.compile(r",\s*(?:get|can|could|maybe|ideally|preferably|pref|then|and then)\b.*$")
"""What a sender jots down behind a goal."""


def names(goal: str, reader: str) -> bool:
    """Whether a goal names the reader, as one does who speaks of them: it cannot be said to them as it stands."""
    return not set(reader.casefold().split()).isdisjoint(parse(goal).forms)


def plain(goal: str) -> str:
    """A goal without "to" and what was jotted down behind it; "" where it speaks of the reader as "she".

    Such a goal needs its verbs turned as well: that is a model's work.
    """
    if not {"he", "she", "his", "him", "her", "they", "their"}.isdisjoint(parse(goal).forms):
        return ""
    wish = re.sub(r"(?i)^(?:to|i(?:'d| would) like to|i want to)\s+", "", goal.strip())
    return NOTED.sub("", wish).rstrip(".?")


def clause(goal: str) -> str:
    """The goal where it reads well behind "I'd like to", else "": a wish to ask, hear, compare or be introduced."""
    wish = plain(goal)
    first = wish.split(" ", 1)[0].lower()
    return lowered(wish) if first in lexicon()["wish"] and len(wish.split()) > 2 else ""


def question(goal: str) -> str:
    """The goal as a direct question where inversion makes one ("ask whether you would ..." -> "Would you ...?")."""
    asked = ASKED.fullmatch(plain(goal))
    for pattern, turned in TURNS:
        found = pattern.fullmatch(asked[1]) if asked else None
        if found and (said := turned(found)):
            return f"{said[:1].upper()}{said[1:]}?"
    return ""


def _do(opening: str, verb: str, rest: str | None) -> str:
    """What "you" did or does as a question: "how did you keep the starter"; "" for a past form of unknown base."""
    base = BASES.get(verb, verb)
    if base != verb:
        return f"{opening}did you {base}{rest or ''}"
    return "" if PAST.fullmatch(verb) else f"{opening}do you {verb}{rest or ''}"


def _whose(found: re.Match[str]) -> str:
    return f"{found[1]} {found[3]} {'I' if found[2].lower() == 'i' else 'you'} {found[4]}"


TURNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(rf"(?:if|whether) (you|your .+?) ({MODAL}|are|have|had|is|has) (.+)"),
        lambda found: f"{found[2]} {found[1]} {found[3]}",
    ),
    (re.compile(rf"(?:if|whether) (.+?) ({MODAL}) (.+)"), lambda found: f"{found[2]} {found[1]} {found[3]}"),
    (re.compile(r"(?:if|whether) you (\w+)( .+)?"), lambda found: _do("", found[1], found[2])),
    (
        re.compile(r"(?:who at your|which [\w' -]+ [a-z]+ed you|how many [\w-]+ (?:miss|use|need|come|want|ask)\b).*"),
        lambda found: found[0],
    ),
    (re.compile(rf"({OPEN}) (you|i) ({MODAL}|should|have|had|are|were) (.+)", re.IGNORECASE), _whose),
    (re.compile(rf"({OPEN}) you (\w+)( .+)?"), lambda found: _do(f"{found[1]} ", found[2], found[3])),
)
"""The clauses that are turned into questions, each with how: the first that fits."""
