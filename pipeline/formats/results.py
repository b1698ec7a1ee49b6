"""A Review comes in; plain values go out that every format, the JSON form and a language server are made of."""

import msgspec

from pipeline.checks.length import measures
from pipeline.domain import Draft, Finding, Review
from pipeline.text import place

SCHEMA = 1
"""Number of the JSON form; it rises when a key changes its meaning or goes away, not when one is added."""
SCORE = "100 less 2 for each hint, 7 for each warning, 15 for each error, 1000 for each fatal finding; never below 0"
"""The formula of the score, in words, for README and JSON."""


class Length(msgspec.Struct, frozen=True, kw_only=True):
    """A message's length in UTF-16 code units: as written, with sample values, at the longest; and what is allowed."""

    written: int
    sample: int
    longest: int
    limit: int


class FindingResult(msgspec.Struct, frozen=True, kw_only=True):
    """A finding: lines and columns count from 1, offsets are code points from 0 in the text or the subject.

    `end_line` and `end_column` are behind the last character. `quote` is the line on which it begins, "" where it is
    about the message as a whole. `fix` says what mends it: "safe" a program, "llm" a rewrite, "ask" the sender.
    """

    rule: str
    severity: str
    points: int
    fix: str
    part: str
    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int
    found: str
    quote: str
    message: str
    why: str
    advice: str
    source: tuple[str, ...]


class FileResult(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found in one message; `name` is the file as the user named it."""

    name: str
    kind: str
    purpose: str
    score: int
    cost: int
    clean: bool
    passes: bool
    length: Length
    findings: tuple[FindingResult, ...]
    questions: tuple[str, ...]
    verdict: tuple[str, ...]
    hidden: int = 0


def result(review: Review, name: str) -> FileResult:
    """A review as plain values."""
    draft = review.draft
    written, sample, longest = measures(draft.text)
    limit = draft.kind.limit(draft.tier).most
    return FileResult(
        name=name,
        kind=draft.kind.name,
        purpose=draft.brief.purpose,
        score=review.score,
        cost=review.cost,
        clean=review.clean,
        passes=review.passes,
        length=Length(written=written, sample=sample, longest=longest, limit=limit),
        findings=tuple(_finding(one, draft) for one in review.findings),
        questions=review.questions,
        verdict=tuple(one.message for one in review.verdict),
        hidden=len(review.hidden),
    )


def _finding(finding: Finding, draft: Draft) -> FindingResult:
    rule, hit = finding.rule, finding.hit
    text, above = (draft.subject, 0) if hit.part == "subject" else (draft.text, draft.line - 1)
    row, column = place(text, hit.start)
    end_row, end_column = place(text, hit.end)
    quoted = text.split("\n")[row - 1] if hit.end > hit.start else ""
    return FindingResult(
        rule=rule.id,
        severity=rule.severity.name.lower(),
        points=int(rule.severity),
        fix=str(draft.fix_class(rule)),
        part=hit.part,
        line=row + above,
        column=column,
        end_line=end_row + above,
        end_column=end_column,
        start=hit.start,
        end=hit.end,
        found=hit.found,
        quote=quoted,
        message=finding.message,
        why=rule.why,
        advice=rule.advice,
        source=rule.source,
    )
