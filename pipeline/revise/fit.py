"""Parts come in; they go out short enough for the platform, with as much of what a message needs as it takes."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from pipeline.domain import Act, Brief, Draft, Remedy, Rulebook, Severity
from pipeline.fields import blank, scan
from pipeline.lexicon import content
from pipeline.review import review
from pipeline.revise import facts
from pipeline.revise.briefer import briefer
from pipeline.revise.parts import FIGURE, SELF, Part, after, drafted, less
from pipeline.revise.prune import LEANING
from pipeline.text import parse, plain, utf16

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
POINT = frozenset({Act.WHY, Act.THANKS})
"""What a message is about that asks for nothing."""
SAYS = 6
"""Words of meaning from which on a sentence without an act counts in full: shorter ones say little."""
YOURS = re.compile(r"(?i)\byours?\b")
"""A sentence about what is the reader's counts a little more."""
MORE = re.compile(
    r"(?i)(?:shall|should|can|could|may) i (?:send|show|give|tell) (?:you )?(?:the|my|our|it|them|more|some|details)\b"
    r"|(?:want|would you like) (?:me to (?:send|show)|to (?:hear|know|see) more)\b"
)
"""How one offers more of what the sentence before speaks of."""
POINTS = re.compile(r"(?i)\b(?:yours|ours|theirs)(?! (?:truly|faithfully|sincerely|aye|ever)\b)")
"""What speaks of another one of the things that the sentence before names."""
EXIT = re.compile(r"(?i)if (?:you|it|that|they|not|so)\b[^?]*\Z")
"""How a sentence leaves the reader free: it offers and asks nothing, and counts as a courtesy."""
SAYS_HOOK = 2
"""Words of meaning in common with the brief that make a sentence about what is the reader's as good as a hook."""
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
            left = 0.0
            for shorter in _ways(parts, draft, ceil(over), may_go):
                now, still = size(shorter, draft, rulebook)
                if still <= 0 and now <= cost:
                    return shorter
                left = max(left, still)
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


def _ways(
    parts: tuple[Part, ...], draft: Draft, over: int, may_go: Callable[[Part], bool]
) -> Iterator[tuple[Part, ...]]:
    """The parts short enough with the least lost; then so that one of those stays that went: a rule may miss it."""
    first = _chosen(parts, draft, over, may_go)
    if first:
        yield first
        texts = {part.text.casefold() for part in first}
        for gone in [part for part in parts if part.text.casefold() not in texts]:
            other = _chosen(parts, draft, over, _but(gone, may_go))
            if other:
                yield other


def _but(stays: Part, may_go: Callable[[Part], bool]) -> Callable[[Part], bool]:
    return lambda part: part is not stays and may_go(part)


def _chosen(
    parts: tuple[Part, ...], draft: Draft, over: int, may_go: Callable[[Part], bool]
) -> tuple[Part, ...] | None:
    """The parts with the options that save `over` units and lose least; None if no options save as much.

    One of the questions stays, or of what else asks, gives the reason or thanks where there is none; a sentence that
    leans on the one before it goes with that one.
    """
    bound = [part for part in parts if not (part.fixed and may_go(part))]
    asks = [part for part in bound if Act.ASK in part.acts] or [part for part in bound if part.acts & POINT]
    asks = [part for part in asks if part.text.endswith("?")] or asks
    meant, step = facts.meant(draft.brief), 1 + over // STEPS
    goal = -(-over // step)
    states: dict[State, dict[int, Choice]] = {(not asks, False): {0: (0.0, ())}}
    for part in parts:
        options = list(_options(part, parts, draft.brief, meant, may_go))
        reached: dict[State, dict[int, Choice]] = {}
        for (asked, gone), choices in states.items():
            for option in options:
                if gone and option.text and part.own and not part.fixed and leans(part.text):
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
    if not part.acts and YOURS.search(part.text) and len(full & meant) >= SAYS_HOOK:
        need += NEED[Act.HOOK] - NO_ACT
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
    """The sender's signature without its greetings or what stands behind the name; one of ours may go."""
    first = plain(name.split(maxsplit=1)[0]) if name else ""
    above, mark, last = part.text.rpartition("," if "\n" not in part.text else "\n")
    head = part.text.split(",", 1)[0]
    if part.fixed or not first:
        return
    if above and first in plain(last):
        yield Option(last.strip(), NEED[Act.CLOSE], utf16(part.text) - utf16(last.strip()))
    elif mark == "," and first in plain(head):
        yield Option(head, NEED[Act.WHO], utf16(part.text) - utf16(head))
    elif first not in plain(part.text) and any(first in plain(one.text) for one in parts if Act.SIGNATURE in one.acts):
        yield Option("", NEED[Act.CLOSE], utf16(part.gap + part.text))


def leans(text: str) -> bool:
    """Whether a sentence makes no sense without the one before it: it points there, or offers more of the same."""
    return bool(LEANING.match(text) or MORE.match(text) or POINTS.search(text))


def _put(parts: tuple[Part, ...], texts: Sequence[str]) -> tuple[Part, ...]:
    """The parts with these texts, without those that are ""."""
    for i in range(len(parts) - 1, -1, -1):
        if not texts[i]:
            parts = less(parts, i)
        elif texts[i] != parts[i].text:
            begun = texts[i][:1] == parts[i].text[:1]
            text = texts[i] if begun else after(texts[i], parts[:i], parts[i].gap)
            parts = (*parts[:i], replace(parts[i], text=text), *parts[i + 1 :])
    return parts


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
    if EXIT.match(part.text) and not acts & {Act.ASK, Act.VALUE, Act.WHO}:
        return NEED[Act.CLOSE]
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
