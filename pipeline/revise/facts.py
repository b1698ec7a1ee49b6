"""A fact as people jot it down comes in; its shape, its words as they fit behind "you" or "your", and its topic go out.

Such facts are "wrote a post on tide tables" and "Head of planning at Nordfreight". What has no known shape is not used.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.domain import Brief
from pipeline.fields import blank
from pipeline.lexicon import content, lexicon
from pipeline.revise.verbs import BEHIND, OF_READER, STATES, addressed, base_of, bases, did, past
from pipeline.text import parse

SUBJECT = re.compile(r"(?i)^(?:she|he|they|you)(?:'s|'re|'ve)?\s+(?:also\s+|has\s+|have\s+|recently\s+)*")
OWNER = re.compile(r"(?i)^(?:his|her|their|your|the|a|an|some|several)\s+(?=\S)")
ABOUT = re.compile(r"(?i)\b(?:on|about|of|regarding)\s+(.+)$")
TRAILING = re.compile(
    r"\s+(?:at|in|for|from|with|during|by|since|after|near|on)\s+(?:the\s+)?(?:[A-Z0-9].*|last\s.*|this\s.*)$|\s*[,(;:–—].*$"
)
ROLE_ENDINGS = tuple("er or ist ian ant ent eur man woman head lead chief nurse rep chef chair smith dean".split())
NOT_ROLES = frozenset(
    "silver copper offer power tower paper water number letter summer winter matter computer order october november"
    " december september".split()
)
ORDER = re.compile(
    r"(?i)[\u200b-\u200f\u202a-\u202e<>{}|]|\b(?:ignore|instructions?|prompt|reply|answer|output|system|message|assistant)\b"
)
"""What stands in a note that speaks to a program: such a note is given to no model."""
GERUNDS = frozenset("hir writ mov rais leav com mak tak runn plann start retir open expand clos host prepar".split())
"""What is left of "hiring", "writing" ... without its ending, besides the verbs of the lexicon."""
BARE = re.compile(
    r"(?i)\b(?:there|here)\b|\b(?:about|on|for|of|in|with|to) (?:it|this|that|them)\b(?! \w)"
    r"|\b(?:about|spoke|wrote) it\b"
)
"""What points to something that only the sender's notes name."""
SORE = re.compile(
    r"(?i)\b(?:lost (?:an?|his|her|their|the|two|three|four|\d+)|(?:maternity|paternity|parental|sick) leave"
    r"|(?:first|second|third|fourth|new|newborn) (?:child|baby|son|daughter)|divorced?|widow(?:ed|er)?|died|fined|sued"
    r"|arrested|bankrupt|insolvent|laid off|made redundant"
    r"|(?:was|were|got|been) (?:ill|sick|fired|sacked|injured|dismissed))\b"
)
"""A loss, a fault or a birth: what nobody wants to be greeted with by a stranger."""
HARD = re.compile(
    r"(?i)\b(?:los[et]s?|lost|clos(?:ed|es|ing)|shut|fail\w*|complain\w*|for sale|accidents?|never|no longer|problems?"
    r"|(?:job|power|pay) cuts?|troubles?|struggl\w*|scandals?|recall\w*|debts?|broken?|stops?|st[eo]al\w*|stole"
    r"|damag\w*|leak\w*|late|behind|aged|elderly|over \w+ty|worst|worse|bad|poor|only|still|refused|rejected|strikes?"
    r"|alone|costs?)\b"
)
"""What a house would rather not hear of from a stranger."""
TELLS = re.compile(
    r"(?:wrote|writes|said|says|told|posted|posts|mentioned|noted|explained|explains|announced|shared|shares|asked"
    r"|found|showed|shows|argued|argues) (?:[\w'’-]+ ){0,6}?(?:that )?(?=(?:he|she)\b)"
)
"""How a note begins by which the reader tells of himself or herself."""
KIN = frozenset(
    "father mother son daughter brother sister wife husband boss colleague friend uncle aunt grandfather grandmother"
    " student teacher neighbour neighbor partner grandson niece nephew cousin".split()
)
"""Persons of whom the next "he" or "she" may tell."""
UNSURE = re.compile(
    r"(?i)\?|\b(?:maybe|perhaps|probably|apparently|supposedly|possibly|not sure|i (?:think|guess|believe))\b"
)
"""How senders mark what they are not sure of: it is told to nobody as a fact."""
PASSIVE = frozenset(
    "quoted interviewed featured mentioned listed named elected promoted appointed awarded nominated profiled"
    " honoured honored shortlisted".split()
)
"""What was done to somebody of whom a note says nothing but this."""
HOUSES = frozenset(
    "company firm team department office lab factory school shop museum library brewery clinic hotel farm".split()
)
"""What somebody's notes call the house that somebody works for."""
OTHERS = frozenset("that which who where when why how what whether if to and or not".split())
"""Words behind which another clause than the first begins."""
OWNERS = frozenset({"your", "the"})
OWNED = re.compile(r"(?:your|his|her|their|its)\b")
"""What such a word stands before where somebody did it: "named her boat"."""
LONGEST = 22
"""Words of the longest fact that a sentence takes up as it stands."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact ready for a sentence: its shape (a key of forms.toml), its words, and what it is about ("" if unclear)."""

    shape: str
    words: str
    topic: str = ""


def notes_of_reader(brief: Brief) -> Iterator[str]:
    """What a model may make a hook of, in the sender's words: where they met, what the reader did, what they share."""
    if brief.history.met:
        yield f"we met {_met(brief.history.met)}"
    lines = (re.sub(r"\s+", " ", line).strip(" .;-•*–\t") for line in brief.to.facts)
    known = (line for line in lines if unicodedata.is_normalized("NFKC", line) and not SORE.search(line))
    ours = lexicon()["me"] | {"us"}
    for line in known:
        if (
            of_reader(line)
            and "the sender" not in line
            and ours.isdisjoint(parse(line).forms)
            and not any(doubt.search(line) for doubt in (ORDER, BARE, UNSURE))
        ):
            yield line
    yield from (line.rstrip(". ") for line in brief.shared)


def facts_of_reader(brief: Brief) -> Iterator[Fact]:
    """What the brief knows of the reader, best first: where they met, single facts, the profile, what they share."""
    if brief.history.met:
        yield Fact("met", _met(brief.history.met))
    lines = (*brief.to.facts, *brief.to.profile.splitlines())
    known = [fact for line in lines if (fact := fact_of(line, brief.to.name, brief.to.company))]
    yield from sorted(known, key=lambda fact: fact.shape == "that")
    for line in brief.shared:
        if line.lower().startswith("both ") and len(line.split()) <= LONGEST:
            yield Fact("shared", lowered(line.rstrip(". ")))


def meant(brief: Brief) -> frozenset[str]:
    """The words of meaning of what the sender wants, gives, is and knows of the reader."""
    return words(brief.goal, brief.sender.offer, *brief.sender.facts, *brief.to.facts, *brief.shared)


def words(*lines: str) -> frozenset[str]:
    """The words of meaning of some lines of a brief."""
    return content(parse(blank("\n".join(lines))))


def of_reader(note: str) -> bool:
    """Whether a note begins with what the reader did or does; any other has a subject of its own."""
    first = SUBJECT.sub("", note).partition(" ")[0].lower()
    return _goes_on(first) or re.fullmatch(r"[a-z]{3,}(?:ed|ing)", first) is not None


def fact_of(line: str, name: str = "", house: str = "") -> Fact | None:
    """One noted fact, or None where its shape is not known or it is too long to take up."""
    text = re.sub(r"\s+", " ", line).strip(" .;-•*–\t")
    for part in (name, name.split(maxsplit=1)[0] if name else ""):
        if part and text.startswith(part + " "):
            text = text[len(part) :].strip()
    clause = _clause(text, house)
    text = lowered(SUBJECT.sub("", clause or text))
    turned = _of_oneself(text)
    told, text = turned != text, turned
    text = re.sub(rf"\b(?:his |her (?!(?:{'|'.join(sorted(BEHIND))})\b))(?=[a-z])", "your ", text)
    text = _first(text)
    words = parse(text).forms
    if (
        not 2 <= len(words) <= LONGEST
        or not OF_READER.isdisjoint(word.partition("'")[0] for word in words)
        or BARE.search(text)
        or SORE.search(line)
        or UNSURE.search(line)
        or "the sender" in text
        or any(mark in text for mark in '?!:{}<>[]|\\"')
        or "http" in text
        or not lexicon()["me"].isdisjoint(words)
    ):
        return None
    if clause and _finite(words):
        return None if HARD.search(text) else Fact("that", text)
    fact = _shaped(text, words)
    return replace(fact, topic="") if fact and told else fact


def _clause(text: str, house: str) -> str:
    """A note whose subject is the reader's house, something of theirs or "the ...", as it is said to them; else ""."""
    bare = re.sub(r"(?i)^the\s+(?=\S)", "", text)
    first, known = bare.partition(" ")[0], HOUSES | set(house.lower().split()) - {"the", "of", "and"}
    if first.islower() and first in known:
        return f"your {bare}"
    owned = re.sub(r"(?i)^(?:his|her|their|its)\s+(?=\S)", "your ", text)
    named = house[:1].isupper() and first == house.split(maxsplit=1)[0].rstrip(",")
    return owned if named or owned != text or bare != text else ""


def _finite(words: Sequence[str]) -> bool:
    """Whether a clause of these words has a verb of its own, with something behind it and no other clause before it."""
    for number, word in enumerate(words[1:-1], 1):
        if word in OTHERS:
            return False
        if word in STATES or word in did() or past(word) or (base_of(word) and (number > 1 or words[0] not in OWNERS)):
            return True
        if word in {"are", "were", "had"}:
            return True
    return False


def _of_oneself(text: str) -> str:
    """A note by which the reader tells of himself or herself, said to the reader; any other as it is."""
    tells = TELLS.match(text)
    return (addressed(text) or text) if tells and KIN.isdisjoint(tells[0].split()) else text


def _first(text: str) -> str:
    """The first thing of several that are jotted down in a row: what stands before a comma that makes no list."""
    for comma in re.finditer(r", (?:also |always |now |mostly )?(?=(\w+))", text):
        if _goes_on(comma[1]) or not re.search(r"\b(?:and|or|&)\b|, ", text[comma.end() :]):
            return text[: comma.start()]
    return text


def _goes_on(word: str) -> bool:
    """Whether a word behind a comma begins a second thing that somebody did or does."""
    return word in STATES or word in did() or base_of(word) != ""


def _shaped(text: str, words: tuple[str, ...]) -> Fact | None:
    rest = text.partition(" ")[2]
    if words[0] in PASSIVE and not OWNED.match(rest):
        return Fact("did", f"were {text}", _topic(text))
    if words[0] in did() or re.fullmatch(r"[a-z]{3,}ed", words[0]):
        made = _work(OWNER.sub("", rest)) if words[0] in lexicon()["made"] else None
        return made or Fact("did", text, _topic(text))
    base = base_of(words[0])
    if not base and words[0].endswith("ing") and words[0][:-3] in bases() | GERUNDS:
        base = f"are {words[0]}"
    if base:
        return Fact("does", f"{base} {rest}", _topic(text))
    noun = _work(OWNER.sub("", text))
    if noun or not is_role(text) or len(words) > 12:
        return noun
    return Fact("role", re.split(r"\s+since\b|,", OWNER.sub("", text))[0])


def _work(text: str) -> Fact | None:
    """A thing that the reader made ("post on tide tables"), with what it is about."""
    words = text.split()
    head = next((i for i, word in enumerate(words[:4]) if word.lower().strip(",") in lexicon()["thing"]), None)
    if (
        head is None
        or re.search(r" (?:is|are|was|were|has|have) ", text)
        or head + 1 >= len(words)
        or words[head + 1].lower()
        not in {"on", "about", "of", "for", "at", "in", "from", "with", "that", "called", "where", "to", "against"}
    ):
        return None
    return Fact("work", text, _topic(" ".join(words[head + 1 :])))


def _topic(text: str) -> str:
    about = ABOUT.search(text)
    topic = TRAILING.sub("", about[1]).strip(" .") if about else ""
    return (
        topic
        if 1 <= len(topic.split()) <= 9
        and not re.search(r"\b(?:you|is|are|was|were)\b", topic)
        and not re.match(r"(?i)(?:how|why|what|whether|when|who|where|that|\d)", topic)
        else ""
    )


def is_role(text: str) -> bool:
    """Whether a phrase names what somebody is: the noun before "at", "of", "in" or a comma ends as such nouns do."""
    head = re.split(r"\s+(?:in|of|at|for|with|to|on|and|since)\b|,", text, maxsplit=1)[0].lower().split()
    return bool(head) and len(head) <= 5 and head[-1].endswith(ROLE_ENDINGS) and head[-1] not in NOT_ROLES


def lowered(text: str) -> str:
    """A first letter in lower case, unless the word is a name, an abbreviation or "I"."""
    first = text.split(" ", 1)[0]
    known = first.lower() in did() | bases() | lexicon()["thing"] | lexicon()["common"] or base_of(first.lower())
    plain = first[:1].isupper() and first[1:].islower() and (known or first.lower().endswith("ed") or is_role(text))
    return text[:1].lower() + text[1:] if plain or first in {"A", "An", "The", "Both"} else text


def _met(place: str) -> str:
    return place if re.match(r"(?i)(?:at|in|on|during|through|over|last)\s", place) else f"at {place}"
