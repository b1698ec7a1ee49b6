"""A review comes in; findings about its draft's own marks go out: those that hide nothing, or say no reason."""

from collections.abc import Iterator
from dataclasses import replace

from pipeline.domain import Finding, Hit, Ignore, Review, Rule, Rulebook, Severity
from pipeline.tables import near


def _rule(name: str, message: str, advice: str, why: str, question: str) -> Rule:
    """A rule about marks: no page holds it, since no message can be written by it."""
    return Rule(
        id=name,
        page="marks",
        source=(),
        severity=Severity.WARNING,
        advice=advice,
        why=why,
        message=message,
        kinds=(),
        purposes=(),
        when=(),
        look=None,
        remedy=None,
        question=question,
        answer="",
        alternatives=(),
        halts=False,
        any_language=True,
        fix=None,
        bad=(),
        good=(),
    )


UNUSED = _rule(
    "unused-ignore",
    "'{found}' is ignored here and nothing of it is found{near}",
    "Delete the mark.",
    "A mark that hides nothing will hide the next real finding.",
    "Is this mark still meant?",
)
UNREASONED = _rule(
    "ignore-without-reason",
    "'{found}' is ignored without a reason",
    "Write the reason behind a colon: `tactful: ignore boast: they asked for our prizes`.",
    "This project wants a reason for everything that is ignored (require_reason).",
    "Why is it ignored?",
)


def marked(review: Review, rulebook: Rulebook, *, reasons: bool) -> Review:
    """The review with what is to say of its draft's own marks; `reasons`: each must have one."""
    found = (*_unused(review, rulebook), *(_unreasoned(review) if reasons else ()))
    return replace(review, findings=(*review.findings, *found)) if found else review


def _unused(review: Review, rulebook: Rulebook) -> Iterator[Finding]:
    for mark in review.draft.ignores:
        if mark.line and not any(mark.covers(one, first=True) for one in review.hidden):
            known = "" if mark.rule in rulebook.rules else near(mark.rule, rulebook.rules)
            yield Finding(UNUSED, _place(mark, review), UNUSED.message.format(found=mark.rule, near=known))


def _unreasoned(review: Review) -> Iterator[Finding]:
    for mark in review.draft.ignores:
        if not mark.reason:
            yield Finding(UNREASONED, _place(mark, review), UNREASONED.message.format(found=mark.rule))


def _place(mark: Ignore, review: Review) -> Hit:
    """The line of the text on which a mark stands; the message as a whole where it stands in front matter."""
    lines = review.draft.text.split("\n")
    row = mark.line - review.draft.line
    if not 0 <= row < len(lines):
        return Hit(0, 0, mark.rule)
    start = sum(len(line) + 1 for line in lines[:row])
    return Hit(start, start + len(lines[row]), mark.rule)
