"""Reviews and rewrites come in; lines for a terminal and versioned JSON go out. Nothing here decides anything."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from pipeline import __version__
from pipeline.checks.length import measures
from pipeline.domain import Draft, Finding, Review, Rewrite, Rule, Rulebook, Severity
from pipeline.formats.results import SCHEMA, SCORE, result
from pipeline.text import place, utf16

COLOURS = {Severity.HINT: "cyan", Severity.WARNING: "yellow", Severity.ERROR: "red", Severity.FATAL: "magenta"}

ISLAND = 2
"""Words between two changes that a diff counts as changed too: such an island helps nobody to read it."""

Paint = Callable[..., str]
"""`typer.style` where colour is wanted, `plain` where it is not."""


def plain(text: str, **_: object) -> str:
    """A text without colour."""
    return text


def heading(draft: Draft) -> str:
    """The subject line above a message, if its kind has one."""
    return f"Subject: {draft.subject}\n\n" if draft.subject and draft.kind.subject else ""


def message(draft: Draft) -> str:
    """A draft as it is sent: with its subject line, if its kind has one."""
    return heading(draft) + draft.text


# ── Terminal ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def finding_lines(finding: Finding, draft: Draft, name: str, paint: Paint = plain) -> Iterator[str]:
    """A finding: where, how bad, which rule, what; the quoted line with a caret; why, and the remedy."""
    hit, severity = finding.hit, finding.rule.severity
    text = draft.subject if hit.part == "subject" else draft.text
    row, column = place(text, hit.start)
    spot = f"{name}:subject:{column}" if hit.part == "subject" else f"{name}:{row + draft.line - 1}:{column}"
    grade = paint(severity.name.lower(), fg=COLOURS[severity], bold=severity >= Severity.ERROR)
    yield f"{paint(spot, bold=True)}: {grade} {finding.rule.id}: {finding.message}"
    if hit.end > hit.start:
        yield from (f"    {line}" for line in _quoted(text, hit.start, hit.end))
    yield f"    why: {finding.rule.why}"
    yield f"    do:  {finding.rule.advice}"


def _quoted(text: str, start: int, end: int, width: int = 96) -> Iterator[str]:
    """The line of a span, or the part of it around the span, and carets below the span."""
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    stop = len(text) if stop < 0 else stop
    left = max(begin, start - width // 2)
    right = min(stop, left + width)
    yield _shown(text[left:right])
    yield " " * _columns(text[left:start]) + "^" * max(1, _columns(text[start : min(end, right)]))


def _shown(text: str) -> str:
    """A line that moves nothing on a terminal: tabs as a space, control characters as a mark."""
    return "".join(letter if letter.isprintable() else " " if letter == "\t" else "\ufffd" for letter in text)


def _columns(text: str) -> int:
    """The columns that a text takes on a terminal, which gives two to emoji and East Asian letters, none to accents."""
    return sum(
        0
        if unicodedata.combining(letter) or letter in "\u200d\ufe0f"
        else 2
        if unicodedata.east_asian_width(letter) in "WF"
        else 1
        for letter in text
    )


def brief_lines(review: Review, name: str, paint: Paint = plain) -> Iterator[str]:
    """A review at one line a finding."""
    for finding in review.findings:
        yield next(finding_lines(finding, review.draft, name, paint))


def review_lines(review: Review, name: str, rulebook: Rulebook, paint: Paint = plain) -> Iterator[str]:
    """A review: the verdict first, then every finding, then the score and the length."""
    yield from verdict_lines(review, rulebook, paint)
    for finding in review.findings:
        yield from finding_lines(finding, review.draft, name, paint)
    yield f"{paint(name, bold=True)}: score {review.score} of 100; {length_line(review.draft)}"


def verdict_lines(review: Review, rulebook: Rulebook, paint: Paint = plain) -> Iterator[str]:
    """What the guides say against sending this message at all, and what to do instead."""
    for finding in review.verdict:
        advice = "Better not to send this" if finding.rule.alternatives else "Left as it is"
        yield paint(f"{advice}: {finding.message}", fg="red", bold=True)
        yield from (f"    instead: {rulebook.statements[name].says}" for name in finding.rule.alternatives)


def length_line(draft: Draft) -> str:
    """The length against the limit, in UTF-16 units: as written and, with merge fields, as it may be sent."""
    written, sample, longest = measures(draft.text)
    limit = draft.kind.limit(draft.tier).most
    filled = f", about {sample} when filled, {longest} at the longest" if longest != written else ""
    return f"{written} of {limit:,} characters{filled}"


def rewrite_lines(rewrite: Rewrite, paint: Paint = plain) -> Iterator[str]:
    """What a rewrite changed and why, what is left, score and length before and after, and what to ask the sender."""
    before, after = rewrite.original, rewrite.best
    if not rewrite.changed:
        yield f"Nothing changed: {_unchanged(before)}"
    for rule in _rules(rewrite.fixed):
        yield f"{paint('mended', fg='green')} {rule.id}: {rule.why}"
    for finding in after.findings:
        if not finding.rule.halts and finding.rule.severity > Severity.HINT:
            yield f"{paint('left', fg='yellow')}   {finding.rule.id}: {finding.message}. {finding.rule.advice}"
    yield f"score   {before.score} -> {after.score} of 100"
    yield f"length  {utf16(before.draft.text)} -> {length_line(after.draft)}"
    yield from question_lines(after)


def _unchanged(review: Review) -> str:
    if review.clean:
        return "the message keeps every rule."
    if review.verdict:
        return "no rewriting mends that."
    return "no rewrite was better than your draft. What is left is yours to mend."


def question_lines(review: Review) -> Iterator[str]:
    """The questions that only the sender can answer."""
    if review.questions:
        yield "Only you can know:"
        yield from (f"  - {question}" for question in review.questions)


def _rules(findings: Iterable[Finding]) -> tuple[Rule, ...]:
    return tuple({finding.rule.id: finding.rule for finding in findings}.values())


def diff_line(before: str, after: str, paint: Paint = plain) -> str:
    """A diff by word: [-gone-] and {+new+}, coloured where colour is wanted."""
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    out, gone, come = [], "", ""
    steps = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (op, a, b, c, d) in enumerate(steps):
        kept = op == "equal" and (number in (0, len(steps) - 1) or len("".join(old[a:b]).split()) > ISLAND)
        if not kept:
            gone, come = gone + "".join(old[a:b]), come + "".join(new[c:d])
        if kept or number == len(steps) - 1:
            out.append(paint(f"[-{gone}-]", fg="red") if gone else "")
            out.append(paint(f"{{+{come}+}}", fg="green") if come else "")
            out.append("".join(old[a:b]) if kept else "")
            gone = come = ""
    return "".join(out)


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def review_json(review: Review, name: str) -> dict[str, Any]:
    """A review as JSON values: those of `formats.FileResult`."""
    values: dict[str, Any] = msgspec.to_builtins(result(review, name))
    return values


def rewrite_json(rewrite: Rewrite, shown: Draft, name: str, model: str) -> dict[str, Any]:
    """A rewrite as JSON values: both reviews, the message as shown (with gaps marked, if asked), and what it took."""
    replies = [review.draft.reply for review in rewrite.trail if review.draft.reply]
    return {
        "name": name,
        "model": model,
        "changed": rewrite.changed,
        "subject": shown.subject,
        "text": shown.text,
        "before": review_json(rewrite.original, name),
        "after": review_json(rewrite.best, name),
        "fixed": [rule.id for rule in _rules(rewrite.fixed)],
        "introduced": [rule.id for rule in _rules(rewrite.introduced)],
        "rounds": len(rewrite.attempts),
        "tokens": {"in": sum(reply.tokens_in for reply in replies), "out": sum(reply.tokens_out for reply in replies)},
        "seconds": round(sum(reply.seconds for reply in replies), 3),
    }


def document(key: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The outermost JSON table: schema number, program, version and the rows under a key."""
    return {"schema": SCHEMA, "program": "tactful", "version": __version__, "score": SCORE, key: rows}


# ── Rules and models ──────────────────────────────────────────────────────────────────────────────────────────────────


def rule_list(rulebook: Rulebook) -> Iterator[str]:
    """Every rule on a line: id, severity, page, advice."""
    for rule in rulebook.rules.values():
        yield f"{rule.id:26} {rule.severity.name.lower():8} {rule.page:9} {rule.advice}"


def rule_lines(rule: Rule, rulebook: Rulebook, paint: Paint = plain) -> Iterator[str]:
    """One rule in full: what, why, source, kinds, bad and good."""
    yield f"{paint(rule.id, bold=True)} ({rule.severity.name.lower()}, page {rule.page})"
    yield f"  what:   {rule.advice}"
    yield f"  why:    {rule.why}"
    for name in rule.source:
        statement = rulebook.statements[name]
        yield f"  source: {name}, {statement.guide}: {statement.heading}. {statement.says}"
    yield f"  kinds:  {_all_of(rule.kinds, rulebook.kinds)}"
    for label, colour, examples in (("bad", "red", rule.bad), ("good", "green", rule.good)):
        for example in examples:
            shown = f"Subject: {example.subject} / {example.text}" if example.subject else example.text
            yield f"  {paint(label, fg=colour)}:{' ' * (7 - len(label))}{' '.join(shown.split())}"


def _all_of(names: tuple[str, ...], known: Iterable[str]) -> str:
    return "all" if set(names) == set(known) else ", ".join(names)


def coverage_lines(rulebook: Rulebook) -> Iterator[str]:
    """Every statement of the guides and who carries it, or why it is declined; then the sum."""
    declined = 0
    for name, one in rulebook.statements.items():
        carriers = [f"rule {rule.id}" for rule in rulebook.rules.values() if name in rule.source]
        carriers += [f"kind {kind}" for kind in one.kinds] + [f"purpose {purpose}" for purpose in one.purposes]
        carriers += [f"brief {key}" for key in one.brief] + ([f"the {one.program}"] if one.program else [])
        declined += bool(one.declined)
        yield f"{name:10} {one.says}"
        yield f"{'':10}   {'declined: ' + one.declined if one.declined else 'carried by ' + ', '.join(carriers)}"
    total = len(rulebook.statements)
    yield f"{total} statements: {total - declined} carried, {declined} declined; {len(rulebook.rules)} rules"
