"""Parts come in; they go out without the least needed, until the message is short enough or gets no better."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pipeline.domain import Act, Draft, Remedy, Rulebook, Severity
from pipeline.fields import scan
from pipeline.review import review
from pipeline.revise.parts import FIGURE, SELF, Part, after, drafted, spaced

NEED: Mapping[Act, float] = {
    Act.FILLER: 0,
    Act.PRESSURE: 0,
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
"""How much more the sender's own sentences count than ours."""


def fit(parts: tuple[Part, ...], draft: Draft, rulebook: Rulebook) -> tuple[Part, ...]:
    """The parts with the least needed left out, one by one, while the message is over its limit and gets better by it.

    Only the platform's limit is worth a sentence: what is merely long loses its thread. In the last resort more may go:
    the figures of an offer, the goal, then what holds no merge field.
    """
    sells = draft.brief.purpose == "sales"
    while size(parts, draft, rulebook)[1] > 0:
        first = (_smaller(parts, draft, rulebook, may_go) for may_go in (_may_go, *[_may_go_at_need] * sells))
        smaller = next(filter(None, first), None) or _at_last(parts, draft, rulebook)
        if smaller is None:
            break
        parts = smaller
    return parts


def _at_last(parts: tuple[Part, ...], draft: Draft, rulebook: Rulebook) -> tuple[Part, ...] | None:
    """The parts without the goal or another sentence: the one whose loss alone is enough, if there is such a one."""
    options = [_smaller(parts, draft, rulebook, may_go) for may_go in (_says_goal, _holds_no_field)]
    left = [option for option in options if option is not None]
    return next((option for option in left if size(option, draft, rulebook)[1] <= 0), next(iter(left), None))


def size(parts: Sequence[Part], draft: Draft, rulebook: Rulebook) -> tuple[int, float]:
    """What a message costs, and by how much it is too long: the less of either, the better."""
    seen = review(drafted(draft, parts), rulebook)
    long = [
        finding.hit
        for finding in seen.findings
        if finding.rule.remedy is Remedy.SHORTEN and finding.rule.severity >= Severity.ERROR
    ]
    return seen.cost, sum(float(hit.value) - float(hit.limit) for hit in long if hit.limit)


def _smaller(
    parts: tuple[Part, ...], draft: Draft, rulebook: Rulebook, may_go: Callable[[Part], bool]
) -> tuple[Part, ...] | None:
    """The parts without the least needed of those whose loss makes them better; None without one.

    The last question stays, or what else asks last where there is none.
    """
    now, house = size(parts, draft, rulebook), draft.brief.sender.company
    asks = [part for part in parts if Act.ASK in part.acts]
    asks = [part for part in asks if part.text.endswith("?")] or asks
    trials = (
        (size(trial := less(parts, i), draft, rulebook), _need(part, house), trial)
        for i, part in enumerate(parts)
        if may_go(part) and (asks != [part] or may_go is _says_goal)
    )
    better = [trial for trial in trials if trial[0] < now]
    best = min(better, key=lambda trial: (trial[1], trial[0]), default=None)
    return best[2] if best else None


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


def _may_go_at_need(part: Part) -> bool:
    """Whether a part of an offer can be missed where it is too long: figures too, fields and names never."""
    return not part.fixed and not part.acts & {Act.GREETING, Act.SIGNATURE}


def _says_goal(part: Part) -> bool:
    """Whether a part is kept for the goal alone."""
    return part.fixed and not scan(part.text).fields


def _holds_no_field(part: Part) -> bool:
    """Whether a part can be left out without losing a merge field or the frame of the message."""
    return not scan(part.text).fields and not part.acts & {Act.GREETING, Act.SIGNATURE}


def _need(part: Part, house: str) -> float:
    """How much a message needs a part; the lowest goes first. One that names the sender's company says who writes."""
    tells_who = SELF.match(part.text) or (house and house in part.text)
    acts = part.acts | {Act.WHO} if tells_who else part.acts
    return max((NEED.get(act, OTHER) for act in acts), default=NO_ACT) + OWN * part.own
