"""A draft and a rulebook come in, a Review goes out: the only place where rules meet a text."""

import msgspec

from pipeline.acts import read
from pipeline.domain import Draft, Example, Finding, Hit, Review, Rule, Rulebook


def review(draft: Draft, rulebook: Rulebook) -> Review:
    """Hold a draft against every rule that applies; the findings come worst first, then in the order of the text."""
    reading = read(draft)
    findings = [
        Finding(rule, hit, _say(rule, hit, draft))
        for rule in rulebook.for_draft(draft)
        if rule.look and (rule.any_language or not reading.foreign)
        for hit in rule.look(reading)
    ]
    findings.sort(key=lambda finding: (-finding.rule.severity, finding.hit.part != "subject", finding.hit.start))
    return Review(draft, tuple(findings))


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
