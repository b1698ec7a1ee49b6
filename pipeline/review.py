"""A draft and a rulebook come in, a Review goes out: the only place where rules meet a text."""

import threading
from collections import deque
from dataclasses import replace

import msgspec

from pipeline.acts import read
from pipeline.domain import Draft, Example, Finding, Hit, Review, Rule, Rulebook


class _Recent(threading.local):
    """What a thread looked at last: half of the candidates of a walk are messages that it came by before."""

    def __init__(self) -> None:
        self.reviews: deque[tuple[Rulebook, Review]] = deque(maxlen=64)


RECENT = _Recent()


def review(draft: Draft, rulebook: Rulebook) -> Review:
    """Hold a draft against every rule that applies; the findings come worst first, then in the order of the text."""
    for book, seen in RECENT.reviews:
        if book is rulebook and _same(seen.draft, draft):
            return replace(seen, draft=draft)
    made = _review(draft, rulebook)
    RECENT.reviews.append((rulebook, made))
    return made


def _same(one: Draft, other: Draft) -> bool:
    """Whether two drafts are one rewrite of one draft: all that a rule looks at is the same."""
    return (
        one.text == other.text
        and one.origin is other.origin is not None
        and one.brief is other.brief
        and (one.subject, one.kind, one.tier, one.filled) == (other.subject, other.kind, other.tier, other.filled)
    )


def _review(draft: Draft, rulebook: Rulebook) -> Review:
    reading = read(draft)
    findings = [
        Finding(rule, hit, _say(rule, hit, draft))
        for rule in rulebook.for_draft(draft)
        if rule.look and (rule.any_language or not reading.foreign)
        for hit in rule.look(reading)
    ]
    findings.sort(key=lambda finding: (-finding.rule.severity, finding.hit.part != "subject", finding.hit.start))
    hidden = tuple(one for one in findings if any(mark.covers(one, first=not draft.origin) for mark in draft.ignores))
    return Review(draft, tuple(one for one in findings if one not in hidden), hidden)


def _say(rule: Rule, hit: Hit, draft: Draft) -> str:
    found = " ".join(hit.found.split())
    quoted = found if len(found) <= 60 else f"{found[:57].rstrip()}..."
    reader = draft.brief.to.name or "the reader"
    return rule.message.format(found=quoted, value=hit.value, limit=hit.limit, reader=reader, kind=draft.kind.label)


def draft_of(example: Example, rule: Rule, rulebook: Rulebook) -> Draft:
    """An example as the draft that its rule is held against: the rule's own kind and purpose where it names none."""
    kind = example.kind or ("message" if "message" in rule.kinds else rule.kinds[0])
    purpose = example.purpose or ("networking" if "networking" in rule.purposes else rule.purposes[0])
    brief = msgspec.structs.replace(example.brief, purpose=purpose)
    draft = Draft(example.text, rulebook.kinds[kind], brief, example.subject, example.tier, example.filled)
    if not example.origin:
        return draft
    return Draft(example.origin, draft.kind, brief, example.subject, example.tier, example.filled).rewritten(
        example.text
    )
