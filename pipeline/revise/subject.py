"""The review of a draft comes in; its subject line goes out: the sender's own, or one made from the brief."""

from pipeline.domain import Remedy, Review
from pipeline.fields import scan
from pipeline.revise import facts, forms, goals
from pipeline.revise.calm import calm

LONGEST = 60
"""Characters of the longest subject that a question makes."""


def subject_of(review: Review) -> str:
    """The subject line: the sender's own unless a rule minds it; else from a fact of the reader, or from the goal."""
    draft, table = review.draft, forms.load().subject
    minded = [finding for finding in review.findings if finding.hit.part == "subject" and finding.rule.remedy]
    loud = {finding.rule.remedy for finding in minded} & {Remedy.CALM}
    if not minded or scan(draft.subject).fields or len(minded) == len(loud):
        return calm(draft.subject).rstrip(".") if loud else draft.subject
    for fact in facts.facts_of_reader(draft.brief):
        key = fact.shape if fact.shape in table else "topic" if fact.topic else ""
        if key:
            return table[key].format(fact=fact.words, topic=fact.topic)
    question = goals.question(draft.brief.goal)
    return question if 0 < len(question) <= LONGEST else draft.subject
