"""A goal as the sender jots it down comes in ("ask how you keep the starter steady"); it goes out fit to be said."""

import re
from collections.abc import Callable, Set

from pipeline.domain import Brief
from pipeline.lexicon import content, lexicon
from pipeline.revise.facts import KIN, lowered
from pipeline.revise.verbs import MODAL, OF_READER, OPENS, PAST, STATE, addressed, base_of, did, past
from pipeline.text import parse

OPEN = (
    r"how(?: (?:long|often|much|far|soon|early|late|deep|high))?|how many [\w -]+?|what|where|when|why|which [\w' -]+?"
)
"""How an open question begins."""
SUBJECT = "(?:you|your|the|there|any|it|i|we|this|that|a|an|somebody)"
"""How a subject begins, behind a verb that opens a question."""
PLAIN = rf"(?:(?!(?:you|i|we|they|he|she|that|which|who|{STATE}|{MODAL})\b)[\w'’-]+ )"
"""A word of a phrase that names what a clause is about: no person, no verb that we know."""
BARE = rf"(?!(?:the|your|my|our|a|an)\b){PLAIN}"
"""Such a word that opens no other phrase."""
GIVES = "show|tell|send|give|lend|invite"
"""What one asks leave to do."""
MOVED = re.compile(
    r"(?i)(?:to )?(?:get|ask|persuade|convince|win over) (\S+(?: \S+){0,4}?) to (?!(?:an?|the|our|my)\b)(?=[a-z])"
)
"""How a goal begins that moves somebody to do something."""
PLAN = re.compile(
    r"(?i)(?:to )?(?:get|sell|win|book|convince|persuade|build|keep|close|land|make|agree|become|have"
    r"|secure|pitch)\b"
)
"""How a goal begins that is a plan of the sender's, not a thing to say."""
JOTTED = re.compile(r"(?i)\b(?:why|how|when) no\b|\band (?:get|win|land|book) ")
"""What is a note to oneself and no sentence: "know why no answer and get interview"."""
TWO = re.compile(r"\b(?:and|or) (?:whether|if|how|what|why|would|could|can|will)\b")
"""Where a second question begins: the first one is enough to ask a stranger."""
ASKED = re.compile(r"(?i)(?:ask|find out|hear|know|learn|see|understand)\s+(?:from you\s+|you\s+)?(.+)")
"""How a goal begins that is a question."""
HIS = re.compile(r"(?i)\b(?:so(?: that)?|before|because|since|until|while|for) (?:he|she|his|her|him)\b")
"""How a goal goes on about somebody who may be the sender: "see the pictures so he can finish his book"."""
NOTED = re.compile(
    r",\s*(?:get|can|could|maybe|ideally|preferably|pref|(?:and )?(?:then|show|send|tell|offer|give)"
    r"|(?:one|just|only|a single|in one|at most|max|he|she|they)\b"
    r"|(?:[\w'-]+ ){1,3}(?:is|are|would be) (?:fine|ok|okay|good|enough|great))\b.*$"
)
"""What a sender jots down behind a goal."""


def of(brief: Brief) -> str:
    """The goal of a brief as far as it can be said to its reader; "" where it names them, or is a plan about them.

    "Get the bakery to test our bags" asks a baker to test them; to anybody else it is said behind their back. "Hear
    what a steward's nights are like" speaks of a steward's own as of strangers.
    """
    goal, reader = brief.goal.partition(" / ")[0].rstrip(), brief.to
    if not set(reader.name.casefold().split()).isdisjoint(parse(goal).forms):
        return ""
    moved = MOVED.match(goal)
    if moved and (moved[1] in OF_READER | {"you"} or _content(moved[1]) & _content(f"{reader.role} {reader.company}")):
        rest = goal[moved.end() :]
        return f"ask you to {rest}" if OF_READER.isdisjoint(parse(rest).forms) else ""
    about = lexicon()["you"].isdisjoint(parse(goal).forms) and OF_READER.isdisjoint(parse(goal).forms)
    noun = re.escape(reader.role.lower().split()[-1]) if reader.role else r"\0"
    of_kind = (about and _content(goal) & _content(reader.role)) or re.search(
        rf"(?i)\b(?:an?|some|any) (?:\w+ ){{0,2}}{noun}\b(?! (?:role|job|post|position|contract|place))", goal
    )
    return "" if of_kind or PLAN.match(goal) or JOTTED.search(goal) else goal


def _content(text: str) -> frozenset[str]:
    return content(parse(text))


def plain(goal: str) -> str:
    """A goal without "to" and what was jotted down behind it, said to the reader; "" where code cannot turn it so."""
    wish = re.sub(r"(?i)^(?:to|i(?:'d| would) like to|i want to)\s+", "", goal.strip())
    wish = NOTED.sub("", wish).rstrip(".?")
    said = {form.partition("'")[0] for form in parse(wish).forms}
    spoken_of = not said.isdisjoint(OF_READER) and lexicon()["you"].isdisjoint(said)
    return wish if not spoken_of else "" if _of_another(wish, said) else addressed(wish)


def _of_another(wish: str, said: Set[str]) -> bool:
    """Whether the "he" or "her" of a wish may be somebody else than the reader: a relative, the sender."""
    two = not said.isdisjoint({"he", "his", "him"}) and not said.isdisjoint({"she", "her"})
    kin = not said.isdisjoint(KIN) and not said.isdisjoint({"he", "she"})
    return two or kin or HIS.search(re.split(rf"\b(?:{OPEN}|{OPENS}|who|whether|if)\b", wish)[0]) is not None


def clause(goal: str) -> str:
    """The goal where it reads well behind "I'd like to", else "": a wish to ask, hear, compare or be introduced."""
    wish = plain(goal)
    first = wish.split(" ", 1)[0].lower()
    return lowered(wish) if first in lexicon()["wish"] and len(wish.split()) > 2 else ""


def question(goal: str) -> str:
    """The goal as a direct question where inversion makes one ("ask whether you would ..." -> "Would you ...?")."""
    wish = re.sub(r"^(?:ask|get) you to\b", "would you", plain(goal))
    wish = re.sub(rf"^(?=(?:{GIVES}) you )", "may I ", wish)
    wish = TWO.split(wish)[0].rstrip(" ,")
    asked = ASKED.fullmatch(wish)
    clause = asked[1] if asked else wish if re.match(rf"(?:{OPEN}|{OPENS})\b", wish) else ""
    said = (
        clause
        if not asked
        and re.match(rf"(?!do (?:an?|the|our|my|it|this|that)\b)(?:{OPENS}) {SUBJECT}\b|how long (?!you)", clause)
        else ""
    )
    for pattern, turned in TURNS:
        found = pattern.fullmatch(clause) if not said else None
        said = turned(found) if found else said
    return f"{said[:1].upper()}{said[1:]}?" if said else ""


def _do(opening: str, verb: str, rest: str | None) -> str:
    """What "you" did or does as a question: "how did you keep the starter"; "" for a past form of unknown base."""
    base = past(verb)
    if base:
        return f"{opening}did you {base}{rest or ''}"
    return "" if PAST.fullmatch(verb) else f"{opening}do you {verb}{rest or ''}"


def _did(found: re.Match[str]) -> str:
    """Whether something happened as a question: "did the handover save time"; "" where the verb is not known."""
    base = past(found[2])
    return f"did {found[1]}{base} {found[3]}" if base else ""


def _have(found: re.Match[str]) -> str:
    """Whether you have something, or have done it, as a question."""
    done = found[2] in did() or past(found[2]) or found[2].endswith(("en", "ught", "ever", "already"))
    return f"have you {found[1]}" if done else f"do you have {found[1]}"


def _asked(found: re.Match[str]) -> str:
    """A clause that is a question as it stands: "who checks ...", "which certificate was worth ..."."""
    verb = found[1]
    known = re.fullmatch(STATE, verb) or verb in did() or base_of(verb) or past(verb)
    return found[0] if known else ""


def _turned(found: re.Match[str]) -> str:
    return f"{found[1]} {found[3]} {found[2]}{found[4]}"


def _whose(found: re.Match[str]) -> str:
    return f"{found[1]} {found[3]} {'I' if found[2].lower() == 'i' else 'you'} {found[4]}"


TURNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?:if|whether) you have ((\w+).*)"), _have),
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
    (re.compile(rf"(?:if|whether) ({PLAIN}{{1,6}}?)({STATE}) (.+)"), lambda found: f"{found[2]} {found[1]}{found[3]}"),
    (re.compile(rf"(?:if|whether) ({PLAIN}{{1,6}}?)(\w+ed) (.+)"), _did),
    (re.compile(rf"(how|when|where|why) ({PLAIN}{{1,8}}?)({MODAL}|{STATE}) (.+)"), _turned),
    (
        re.compile(
            rf"(?:who|(?:what|which)(?: of (?:your|the|our))? (?:{BARE}){{1,4}}?) ?\b(\w+) (?!(?:your|my|our) \w+ \w).+"
        ),
        _asked,
    ),
)
"""The clauses that are turned into questions, each with how: the first that fits."""
