"""Parts come in; they go out short enough for the platform, with as much of what a message needs as it takes."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from pipeline.acts import content
from pipeline.domain import Act, Brief, Draft, Remedy, Rulebook, Severity
from pipeline.fields import blank, scan
from pipeline.review import review
from pipeline.revise import facts
from pipeline.revise.briefer import briefer
from pipeline.revise.parts import FIGURE, SELF, Part, after, drafted, spaced
from pipeline.revise.prune import LEANING
from pipeline.text import parse, utf16

NEED: Mapping[Act, float] = {
    Act.FILLER: -1,
    Act.PRESSURE: -1,
    Act.CLOSE: 1,
    Act.THANKS: 1,
    Act.WHO: 5,
    Act.VALUE: 6,
    Act.WHY: 7,
    Act.HOOK: 8,
    Act.ASK: 9,
}
"""How much a message needs an act; OTHER where an act is not named, NO_ACT for a sentence without one."""
OTHER = 4
NO_ACT = 2
OWN = 2.5
"""How much more the sender's own sentences count than ours, courtesies aside."""
COURTESY = frozenset({Act.FILLER, Act.PRESSURE, Act.CLOSE, Act.THANKS})
SAYS = 6
"""Words of meaning from which on a sentence without an act counts in full: shorter ones say little."""
YOURS = re.compile(r"(?i)\byours?\b")
"""A sentence about what is the reader's counts a little more."""
MAIN = 0.5
"""How much of a sentence's worth lies outside its main clause, at most."""
SERVES = 1
"""How much more a sentence counts for each word of meaning that it has in common with the brief, up to MOST of them."""
MOST = 3
TRIES = 3
"""How often a choice is made again that turned out too long after all: a sentence begins otherwise behind another."""


@dataclass(frozen=True, slots=True)
class Option:
    """What may become of a part: its text ("" if it goes), how much is lost by that, how many units are saved."""

    text: str
    loss: float
    saved: int


STEPS = 300
"""Steps in which what is saved is counted, at most."""
State = tuple[bool, bool]
"""Whether an ask stays in the parts so far, and whether the last of them has gone."""
Choice = tuple[float, tuple[str, ...]]
"""What is lost so far, and the texts chosen."""


def fit(parts: tuple[Part, ...], draft: Draft, rulebook: Rulebook) -> tuple[Part, ...]:
    """The parts, briefer or left out where the message is over its limit, so that least is lost; as they are where not.

    Only the platform's limit is worth a sentence: what is merely long loses its thread. Figures of the sender's and the
    goal go in the last resort, greeting, signature and merge fields never.
    """
    cost, long = size(parts, draft, rulebook)
    sells = draft.brief.purpose == "sales"
    steps = (_may_go_at_need, _holds_no_field) if sells else (_may_go, _may_go_or_goal, _holds_no_field)
    for may_go in steps if long > 0 else ():
        over = long
        for _ in range(TRIES):
            shorter = _chosen(parts, draft, ceil(over), may_go)
            if not shorter:
                break
            now, left = size(shorter, draft, rulebook)
            if left <= 0 and now <= cost:
                return shorter
            if left <= 0:
                break
            over += left
    return parts


def size(parts: Sequence[Part], draft: Draft, rulebook: Rulebook) -> tuple[int, float]:
    """What a message costs, and by how much it is too long: the less of either, the better."""
    seen = review(drafted(draft, parts), rulebook)
    long = [
        finding.hit
        for finding in seen.findings
        if finding.rule.remedy is Remedy.SHORTEN and finding.rule.severity >= Severity.ERROR
    ]
    return seen.cost, sum(float(hit.value) - float(hit.limit) for hit in long if hit.limit)


def _chosen(
    parts: tuple[Part, ...], draft: Draft, over: int, may_go: Callable[[Part], bool]
) -> tuple[Part, ...] | None:
    """The parts with the options that save `over` units and lose least; None if no options save as much.

    One of the questions stays, or of what else asks or gives the reason where there is none; a sentence that leans on
    the one before it goes with that one.
    """
    bound = [part for part in parts if not (part.fixed and may_go(part))]
    asks = [part for part in bound if Act.ASK in part.acts] or [part for part in bound if Act.WHY in part.acts]
    asks = [part for part in asks if part.text.endswith("?")] or asks
    meant, step = facts.meant(draft.brief), 1 + over // STEPS
    goal = -(-over // step)
    states: dict[State, dict[int, Choice]] = {(not asks, False): {0: (0.0, ())}}
    for part in parts:
        options = list(_options(part, parts, draft.brief, meant, may_go))
        reached: dict[State, dict[int, Choice]] = {}
        for (asked, gone), choices in states.items():
            for option in options:
                if gone and option.text and part.own and not part.fixed and LEANING.match(part.text):
                    continue
                row = reached.setdefault((asked or (part in asks and bool(option.text)), not option.text), {})
                for saved, (loss, texts) in choices.items():
                    now, lost = min(goal, saved + option.saved // step), loss + option.loss
                    if now not in row or lost < row[now][0]:
                        row[now] = (lost, (*texts, option.text))
        states = reached
    ends = [row[goal] for (asked, _), row in states.items() if asked and goal in row]
    return _put(parts, min(ends)[1]) if ends else None


def _options(
    part: Part, parts: Sequence[Part], brief: Brief, meant: frozenset[str], may_go: Callable[[Part], bool]
) -> Iterator[Option]:
    """What may become of a part, first of all nothing."""
    yield Option(part.text, 0, 0)
    if Act.SIGNATURE in part.acts:
        yield from _signed(part, parts, brief.sender.name)
        return
    full = content(parse(blank(part.text)))
    need = _need(part, parts, full, brief.sender.company) + SERVES * min(MOST, len(full & meant))
    if may_go(part):
        yield Option("", need, utf16(part.gap + part.text))
    if part.own and not part.fixed and Act.GREETING not in part.acts:
        for text in briefer(part.text):
            kept = content(parse(text))
            if may_go(part) or FIGURE.findall(text) == FIGURE.findall(part.text):
                lost = len(full - kept) / max(1, len(full))
                main = 1 if YOURS.search(part.text) and not YOURS.search(text) else MAIN
                yield Option(text, need * main * lost, utf16(part.text) - utf16(text))


def _signed(part: Part, parts: Sequence[Part], name: str) -> Iterator[Option]:
    """The sender's signature without its greetings, the name alone; one of ours may go."""
    first = name.split(maxsplit=1)[0] if name else ""
    above, _, last = part.text.rpartition("," if "\n" not in part.text else "\n")
    if part.fixed or not first:
        return
    if above and first in last:
        yield Option(last.strip(), NEED[Act.CLOSE], utf16(part.text) - utf16(last.strip()))
    elif first not in part.text and any(first in one.text for one in parts if Act.SIGNATURE in one.acts):
        yield Option("", NEED[Act.CLOSE], utf16(part.gap + part.text))


def _put(parts: tuple[Part, ...], texts: Sequence[str]) -> tuple[Part, ...]:
    """The parts with these texts, without those that are ""."""
    for i in range(len(parts) - 1, -1, -1):
        if not texts[i]:
            parts = less(parts, i)
        elif texts[i] != parts[i].text:
            parts = (*parts[:i], replace(parts[i], text=texts[i]), *parts[i + 1 :])
    return parts


def less(parts: Sequence[Part], i: int) -> tuple[Part, ...]:
    """The parts without one of them; a paragraph break before it stays, and the next one begins as it should."""
    before, rest = parts[:i], list(parts[i + 1 :])
    if rest:
        gap = max(rest[0].gap, parts[i].gap, key=lambda one: one.count("\n"))
        text = rest[0].text if rest[0].fixed else after(rest[0].text, before, gap)
        rest[0] = replace(rest[0], gap=gap, text=text)
    return tuple(spaced([*before, *rest]))


def _may_go(part: Part) -> bool:
    """Whether a part can be missed at all: greeting, signature, merge fields and the sender's figures cannot."""
    kept = part.acts & {Act.GREETING, Act.SIGNATURE} or (part.own and FIGURE.search(part.text))
    return not part.fixed and not kept


def _may_go_or_goal(part: Part) -> bool:
    """Whether a part can be missed where figures cannot: the goal, rather than what the sender can be held to."""
    return _may_go(part) or (part.fixed and not scan(part.text).fields)


def _may_go_at_need(part: Part) -> bool:
    """Whether a part of an offer can be missed where it is too long: figures too, fields and names never."""
    return not part.fixed and not part.acts & {Act.GREETING, Act.SIGNATURE}


def _holds_no_field(part: Part) -> bool:
    """Whether a part can be left out without losing a merge field or the frame of the message."""
    return not scan(part.text).fields and not part.acts & {Act.GREETING, Act.SIGNATURE}


def _need(part: Part, parts: Sequence[Part], says: frozenset[str], house: str) -> float:
    """How much a message needs a part that says these words: who writes, and what they ask, is told once."""
    acts = part.acts | {Act.WHO} if _tells_who(part, house) else part.acts
    if acts and acts <= COURTESY:
        return max(NEED[act] for act in acts)
    before = parts[: parts.index(part)]
    if any(Act.WHO in one.acts or _tells_who(one, house) for one in before):
        acts -= {Act.WHO}
    if not part.fixed and any(one.fixed and not scan(one.text).fields for one in parts):
        acts -= {Act.ASK, Act.WHY}
    if not part.own and any(Act.HOOK in one.acts for one in parts if one.own):
        acts -= {Act.HOOK}
    need = max((NEED.get(act, OTHER) for act in acts), default=NO_ACT) + OWN * part.own + bool(YOURS.search(part.text))
    return need if acts else need * min(1, len(says) / SAYS)


def _tells_who(part: Part, house: str) -> bool:
    """Whether a sentence says who writes; one that names the sender's company does."""
    return SELF.match(part.text) is not None or (bool(house) and house in part.text)
