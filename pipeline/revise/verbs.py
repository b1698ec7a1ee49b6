"""What is said of the reader comes in; it goes out said to the reader: "how she keeps it" is "how you keep it"."""

import re
from functools import cache

from pipeline.lexicon import lexicon

STATES = {
    **{"is": "are", "has": "have", "was": "were", "does": "do", "goes": "go"},
    **{"isn't": "aren't", "hasn't": "haven't", "wasn't": "weren't", "doesn't": "don't"},
}
"""Forms behind "she", and those behind "you"."""
PAST = re.compile(
    r"\w+ed|would|could|should|can|will|might|may|must|shall|are|were|was|had|did|saw|said"
    r"|thought|felt|stood|understood|spoke|fed|dug|hung|laid|lent|meant"
    r"|put|read|rode|rang|sang|shot|slept|swam|threw|wore|never|always|first|still|once|personally|really|now|yourself"
)
"""Words behind "you" that no "do" goes before."""
BASES = dict(
    pair.split(":")
    for pair in (
        "got:get chose:choose made:make built:build wrote:write ran:run found:find kept:keep taught:teach began:begin"
        " won:win brought:bring led:lead learned:learn learnt:learn moved:move started:start turned:turn opened:open"
        " changed:change came:come went:go grew:grow sold:sell convinced:convince paid:pay met:meet took:take"
        " gave:give held:hold told:tell lost:lose sent:send spent:spend left:leave drew:draw caught:catch"
    ).split()
)
"""Past forms, and the base that follows "did" in a question; regular ones are taken apart."""
MODAL = "would|could|can|will|might|may"
"""Verbs that go before another one, and open a question."""
STATE = "is|are|was|were|has|have"
"""Verbs that open a question themselves."""
OPENS = rf"{MODAL}|{STATE}|do|does|did"
"""Verbs that open a question."""
OF_READER = frozenset("he she his him her they their them himself herself".split())
"""How notes and goals speak of the reader."""
BEHIND = frozenset(
    "to for about if whether how what when where which who and or at on in by from with before"
    " the a an that this these those my our".split()
)
"""Words before which "her" is no owner."""
TOLD = {
    **{"his": "your", "him": "you", "himself": "yourself", "herself": "yourself", "she'd": "you'd", "he'd": "you'd"},
    **dict.fromkeys(("they", "their", "them", "they'd"), ""),
}
"""What it says to the reader instead; nothing where that is unsure."""
DENIED = frozenset("cannot can't won't couldn't wouldn't didn't shouldn't".split())
"""Forms with a "not" that are the same behind "you"."""
MAKES = frozenset("make makes made let lets help helps helped".split())
"""Verbs behind which "her" does something itself: "make her think"."""
OFTEN = frozenset("still also ever never always often already once now".split())
"""Words that may stand before a verb."""
SECOND = re.compile(r"\b(?:or|and) (?!\w+(?:ss|us|is)\b)\w+s\b")
"""What may be a second verb."""


@cache
def did() -> frozenset[str]:
    """Past forms with which a note says what somebody did."""
    return lexicon()["did"] | lexicon()["went"]


@cache
def bases() -> frozenset[str]:
    """The bases of verbs with which a note says what somebody does."""
    return lexicon()["do"] | lexicon()["needs"]


def base_of(word: str) -> str:
    """The form behind "you" of a verb behind "she": works, teaches, studies, runs; "" if it is not a known verb."""
    if word in STATES:
        return STATES[word]
    for base in (word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("ies") + "y"):
        if base != word and base in bases():
            return base
    return ""


def past(verb: str) -> str:
    """The base of a past form: "kept" keep, "handled" handle, "missed" miss, "stopped" stop; "" for any other word."""
    if verb in BASES or not verb.endswith("ed"):
        return BASES.get(verb, "")
    return next((base for base in (verb[:-1], verb[:-2], verb[:-3]) if base in bases()), "")


def addressed(text: str) -> str:
    """What speaks of the reader, said to the reader: "ask how she keeps it" becomes "ask how you keep it".

    "" if unsure: "they" may be others, and a second verb behind "and" or "or" would have to be turned as well.
    """
    words = text.split()
    turned: list[str] = []
    verb = False
    for word, following in zip(words, [*words[1:], ""], strict=True):
        one = word.rstrip(",;:")
        mark = word[len(one) :]
        if verb and one not in OFTEN and not one.endswith("ly"):
            verb, one = False, _second(one)
        elif one in {"he", "she"}:
            verb, one = not (turned and re.fullmatch(OPENS, turned[-1].lower())), "you"
        elif one == "her":
            moved = bool(turned) and turned[-1] in MAKES and not following.endswith("s")
            one = "you" if not following or following in BEHIND or moved else "your"
        else:
            one = TOLD.get(one, one)
        if not one:
            return ""
        turned.append(one + mark)
    told = " ".join(turned)
    return "" if verb or (" you " in f" {told} " and SECOND.search(text)) else told


def _second(verb: str) -> str:
    """The form of a verb behind "you", of that behind "she": keeps keep, was were, would would; "" if it is none."""
    if verb in STATES:
        return STATES[verb]
    if re.fullmatch(MODAL, verb) or PAST.fullmatch(verb) or verb in BASES or verb in did() | DENIED:
        return "were" if verb == "was" else verb
    if not re.fullmatch(r"[a-z]{2,}s", verb):
        return ""
    return base_of(verb) or re.sub(r"ies$", "y", re.sub(r"(?<=s|x|z)es$|(?<=[cs]h)es$|(?<!s)s$", "", verb))
