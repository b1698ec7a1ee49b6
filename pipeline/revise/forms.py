"""A draft with its brief comes in; the sentences that code can vouch for go out, act by act, from forms.toml."""

from collections.abc import Sequence
from functools import cache

import msgspec
import tomli

from pipeline import acts, prompting
from pipeline.domain import Draft
from pipeline.lexicon import lexicon
from pipeline.revise import goals, sender
from pipeline.revise.facts import Fact
from pipeline.tables import ready

USEFUL = "useful to you"
"""What an offer says that asks by itself whether it is of use."""
MOST_COMMAS = 1
"""Commas of an offer that reads well in a sentence; one with more is a list of notes."""


@ready
class Forms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tables of forms.toml: forms by shape of fact, by kind of message, or by what the brief tells."""

    hook: dict[str, tuple[str, ...]]
    question: dict[str, tuple[str, ...]]
    who: dict[str, str]
    why: dict[str, tuple[str, ...]]
    value: dict[str, tuple[str, ...]]
    thanks: dict[str, tuple[str, ...]]
    decline: dict[str, tuple[str, ...]]
    subject: dict[str, str]
    greeting: dict[str, str]
    gap: dict[str, str]
    soften: dict[str, str]


@cache
def load() -> Forms:
    """The forms, read once."""
    return msgspec.convert(tomli.loads(prompting.read("pieces/forms.toml") or ""), Forms)


def _filled(sentences: Sequence[str], **values: str) -> list[str]:
    return [sentence.format(**values) for sentence in sentences]


def greetings(draft: Draft) -> Sequence[str]:
    """A greeting by name, in the sender's own register: "Dear" stays "Dear", a title keeps the family name."""
    words = draft.brief.to.name.split()
    if not words:
        return []
    title = words[0].rstrip(".").lower() in lexicon()["title"]
    formal = title or draft.text.lower().startswith(("dear", "respected"))
    name = f"{words[0]} {words[-1]}" if title and len(words) > 1 else draft.brief.to.name if formal else words[0]
    return [load().greeting["formal" if formal else "plain"].format(name=name)]


def hooks(known: Sequence[Fact]) -> Sequence[str]:
    """What can be said of each fact that is known of the reader."""
    return [sentence for fact in known for sentence in _filled(load().hook[fact.shape], fact=fact.words)]


def whos(draft: Draft) -> Sequence[str]:
    """Who writes, in one sentence, where the brief tells."""
    who = sender.who_of(draft.brief)
    return [load().who[who[0]].format(**who[1])] if who else []


def whys(draft: Draft) -> Sequence[str]:
    """Why the sender writes: the goal of the brief; a connection note may want no more than to connect."""
    if clause := goals.clause(goals.of(draft.brief)):
        return _filled(load().why["goal"], goal=clause)
    asked = any("connect" in line.asks for line in acts.read(draft).labelled)
    return load().why["connect"] if draft.kind.name == "connection-note" and not asked else []


def declines() -> Sequence[str]:
    """A no to a message that was received, without a reason that only the sender could give."""
    return load().decline["any"]


def values(draft: Draft) -> Sequence[str]:
    """What the brief lets the sender offer."""
    if not draft.brief.sender.offer or draft.brief.sender.offer.count(",") > MOST_COMMAS:
        return []
    shape, offer = sender.offer_of(draft.brief.sender.offer)
    return _filled(load().value[shape], offer=offer) if shape else []


def wishes(draft: Draft) -> Sequence[str]:
    """What the sender wants of the reader, in one sentence: as a question where that is plain, else as a wish."""
    goal = goals.of(draft.brief)
    direct, clause = goals.question(goal), goals.clause(goal)
    return [direct] if direct else _filled(load().why["goal"][:2], goal=clause) if clause else []


def questions(draft: Draft, known: Sequence[Fact]) -> Sequence[str]:
    """The goal as a question; else whether the offer is of use; else, where there is no goal, what follows the hook."""
    if wish := wishes(draft):
        return [sentence for sentence in wish if sentence not in draft.text]
    table, text = load().question, draft.text
    if offered := [value for value in values(draft) if value in text]:
        return [] if USEFUL in offered[0] else table["offer"]
    if draft.brief.goal:
        return []
    hooked = [fact for fact in known if fact.words in text]
    last = text[body[-1].sentence.start : body[-1].sentence.end] if (body := acts.read(draft).body) else ""
    after = [sentence for fact in hooked if fact.words in last for sentence in table.get(fact.shape, [])]
    about = [sentence for fact in hooked if fact.topic for sentence in _filled(table["topic"], topic=fact.topic)]
    return [*after, *about]


def signatures(draft: Draft) -> Sequence[str]:
    """The sender's name as the brief has it, or as much of it as the user's draft had."""
    name = draft.brief.sender.name
    said = [word for word in name.split() if word in draft.first.text]
    return [" ".join(said) or name] if name else []


def thanks(draft: Draft) -> Sequence[str]:
    """A courtesy that fits the kind of message: not the same in every message of a library, always the same in one."""
    known = load().thanks.get(draft.kind.name, load().thanks["any"])
    start = sum(map(ord, draft.first.text)) % len(known)
    return [*known[start:], *known[:start]]
