"""The review of a draft comes in; its subject line goes out: the sender's own, or one made from the brief."""

import re
from collections.abc import Iterator

from pipeline.domain import Brief, Remedy, Review
from pipeline.fields import scan
from pipeline.lexicon import content
from pipeline.revise import facts, forms, goals
from pipeline.revise.calm import calm
from pipeline.text import parse

PREFIX = re.compile(r"(?i)^(?:(?:re|fwd?|aw|sv|antw|tr)\s*:\s*)+")
"""What pretends that something came before."""
LONGEST = 60
"""Characters of the longest subject that a question makes."""


def subject_of(review: Review, *, anew: bool = False) -> str:
    """The subject line: the sender's own unless a rule minds it, or the message was made `anew` about something else.

    Else from a fact of the reader, from the goal, or as a question for the reader's company.
    """
    draft, brief = review.draft, review.draft.brief
    minded = [finding for finding in review.findings if finding.hit.part == "subject" and finding.rule.remedy]
    loud = {finding.rule.remedy for finding in minded} & {Remedy.CALM}
    off = anew and content(parse(draft.subject)).isdisjoint(content(parse(draft.text)))
    if scan(draft.subject).fields or (len(minded) == len(loud) and not (draft.subject and off)):
        return calm(draft.subject).rstrip(".") if loud else draft.subject
    return next(_made(brief), PREFIX.sub("", calm(draft.subject).rstrip(".")))


def _made(brief: Brief) -> Iterator[str]:
    """The subjects that a brief allows, the most particular first."""
    table = forms.load().subject
    for fact in facts.facts_of_reader(brief):
        key = fact.shape if fact.shape in table else "topic" if fact.topic else ""
        if key:
            yield table[key].format(fact=fact.words, topic=fact.topic)
    question = goals.question(goals.of(brief))
    if 0 < len(question) <= LONGEST:
        yield question
    if question and brief.to.company:
        yield table["company"].format(company=brief.to.company)
