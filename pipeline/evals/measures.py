"""A Run comes in, each of its figures goes out with the reason: one function a figure of figures.toml.

Three things are measured: the result (what the user would be handed), the first attempt (what the model wrote before
the rules chose: they hide a bad prompt from the result for as long as they can), and the request (what the prompt told
the model). Nothing here is a score to maximise but the program's own: tone and readability count only as movement in
the wrong direction, away from the draft.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Literal, TypeAlias

from pipeline import prompting
from pipeline.acts import read
from pipeline.checks.length import measures
from pipeline.domain import Act, Prompt, Review, Severity
from pipeline.evals import overlap, witness
from pipeline.evals.run import Measured, Run
from pipeline.evals.tone import tone
from pipeline.text import parse, utf16

Measure: TypeAlias = Callable[[Run], Measured | None]


# ── Result ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _score(run: Run) -> Measured:
    return Measured(run.result.score, f"{run.draft.score} -> {run.result.score} of 100")


def _rules(review: Review) -> frozenset[str]:
    return frozenset(finding.rule.id for finding in review.findings)


def _fixed(run: Run) -> Measured:
    return _listed(run.fixed)


def _left(run: Run) -> Measured:
    return _listed(run.left)


def _introduced(run: Run) -> Measured:
    return _listed(run.introduced)


def _listed(found: Iterable[str]) -> Measured:
    names = list(dict.fromkeys(found))
    return Measured(len(names), ", ".join(names))


def _unmet(run: Run) -> Measured:
    """What the case expects of the result and does not get."""
    expect, left = run.case.expect, _rules(run.result)
    missed = [] if run.outcome == expect.outcome else [f"{run.outcome}, not {expect.outcome}"]
    missed += [f"{name} is still there" for name in expect.fixed if name in left]
    length = utf16(run.result.draft.text)
    if length < expect.least or length > (expect.most or length):
        missed.append(f"{length} characters, not {expect.least} to {expect.most or 'any number'}")
    before, after = tone(run.draft.draft.message), tone(run.result.draft.message)
    for name, way in expect.tone.items():
        move = after[name] - before[name]
        if (way == "down" and move >= 0) or (way == "up" and move <= 0) or (way == "level" and move != 0):
            missed.append(f"{name} {before[name]:g} -> {after[name]:g}, not {way}")
    return _listed(missed)


def _unfound(run: Run) -> Measured:
    found = _rules(run.draft)
    return _listed(name for name in run.case.expect.finds if name not in found)


def _broken(run: Run) -> Measured:
    left = _rules(run.result)
    return _listed(name for name in run.case.expect.absent if name in left)


def _touched(run: Run) -> Measured | None:
    if run.case.expect.outcome == "improved":
        return None
    before, after = run.draft.draft.message, run.result.draft.message
    return Measured(float(before != after), "a good draft was changed" if before != after else "byte for byte")


def _accepted(run: Run) -> Measured | None:
    """Whether a draft that needs a change came out fit to go: changed, and without an error; else, what is wrong."""
    if run.case.expect.outcome != "improved":
        return None
    errors = {one.rule.id for one in run.result.findings if one.rule.severity >= Severity.ERROR}
    why = ", ".join(sorted(errors)) or ("fit to go" if run.outcome == "improved" else run.outcome)
    return Measured(float(not errors and run.outcome == "improved"), why)


def _failed(run: Run) -> Measured:
    return Measured(float(bool(run.error)), run.error)


def _over_limit(run: Run) -> Measured:
    draft = run.result.draft
    limit = draft.kind.limit(draft.tier).most
    was, now = (measures(one.draft.text)[1] for one in (run.draft, run.result))
    before = max(0, was - limit)
    return Measured(max(0, now - limit - before), f"{now} of {limit:,}, the draft {before} over")


def _length_change(run: Run) -> Measured:
    was, now = (one.draft.text for one in (run.draft, run.result))
    sizes = " -> ".join(
        f"{utf16(text)} characters, {len(text.split())} words, {len(parse(text).sentences)} sentences"
        for text in (was, now)
    )
    return Measured(round(100 * utf16(now) / max(1, utf16(was)) - 100, 1), sizes)


def _off_band(review: Review) -> float:
    """How far a message is outside the length that its kind reads best at, in percent of the nearer end."""
    draft, band = review.draft, review.draft.kind.band
    size = measures(draft.text)[1] if band.unit == "units" else len(draft.text.split())
    return round(max(0.0, 100 * (band.least - size) / band.least, 100 * (size - band.most) / band.most), 1)


def _band(run: Run) -> Measured:
    return Measured(_off_band(run.result), f"the draft {_off_band(run.draft):g} %")


def _moved(name: str, wrong: Literal["up", "down", "either"], slack: float) -> Measure:
    """How far a measure of tone went the wrong way from draft to result, beyond `slack`."""

    def measure(run: Run) -> Measured | None:
        if not run.rewrite or not run.rewrite.changed:
            return None
        was, now = (tone(one.draft.message)[name] for one in (run.draft, run.result))
        return Measured(_wrong_way(now - was, wrong, slack), f"{was:g} -> {now:g}")

    return measure


def _wrong_way(move: float, wrong: str, slack: float) -> float:
    away = abs(move) if wrong == "either" else move if wrong == "up" else -move
    return round(max(0.0, away - slack), 2)


def _grade(text: str) -> float:
    """Our own measure of reading effort: words a sentence, and a tenth of the percentage of words over six letters."""
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    sentences = max(1, len(parse(text).sentences))
    return round(len(words) / sentences + 10 * sum(len(word) > 6 for word in words) / max(1, len(words)), 2)


def _effort(run: Run) -> Measured | None:
    if not run.rewrite or not run.rewrite.changed:
        return None
    was, now = (_grade(one.draft.text) for one in (run.draft, run.result))
    return Measured(_wrong_way(now - was, "up", 2), f"{was:g} -> {now:g}")


def _asks(run: Run) -> Measured:
    reading = read(run.result.draft)
    asks = [reading.says(line) for line in reading.body if Act.ASK in line.acts]
    questions = run.result.draft.text.count("?")
    was = sum(Act.ASK in line.acts for line in read(run.draft.draft).body)
    return Measured(max(0, len(asks) - max(1, was)), f"{was} -> {len(asks)} asks, {questions} question marks")


def _unasked(run: Run) -> Measured | None:
    """A draft that asked for something, and a result that asks for nothing."""
    if not any(Act.ASK in line.acts for line in read(run.draft.draft).body):
        return None
    now = [line for line in read(run.result.draft).body if line.acts & {Act.ASK, Act.WHY}]
    return Measured(float(not now), f"{len(now)} sentences ask or say what for")


def _edits(run: Run) -> Measured | None:
    if run.case.expect.outcome != "improved":
        return None
    share = overlap.edits(run.draft.draft.message, run.result.draft.message)
    return Measured(round(share, 1), f"{share:.0f} % of the words went or came")


def _sari(run: Run) -> Measured | None:
    wanted = run.case.expect.references
    if not wanted:
        return None
    return Measured(round(overlap.sari(run.draft.draft.text, run.result.draft.text, wanted), 1))


def _chrf(run: Run) -> Measured | None:
    wanted = run.case.expect.references
    return Measured(round(overlap.chrf(run.result.draft.text, wanted), 1)) if wanted else None


def _lost(run: Run) -> Measured:
    return _listed(witness.lost_facts(run.case, run.result.draft))


def _invented(run: Run) -> Measured:
    return _listed(witness.invented_facts(run.case, run.result.draft))


def _orders(run: Run) -> Measured | None:
    if not run.case.expect.avoid:
        return None
    return _listed(witness.kept_orders(run.case, run.result.draft))


def _fields(run: Run) -> Measured | None:
    if not run.case.expect.fields:
        return None
    return _listed(witness.changed_fields(run.case, run.result.draft))


def _leaks(run: Run) -> Measured:
    return _listed(witness.leaked(run.case, run.result.draft, run.prompts, _templates(run.way)))


@cache
def _templates(way: str) -> tuple[str, ...]:
    names = prompting.templates(way) if way else ()
    return tuple(prompting.read(name) or "" for name in names if name.endswith(".j2"))


def _tokens(run: Run) -> Measured | None:
    return Measured(run.tokens) if run.asked and not run.error else None


def _seconds(run: Run) -> Measured | None:
    return Measured(round(run.seconds, 1), "as recorded") if run.asked else None


# ── First attempt ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _attempt(look: Callable[[Run, Review], Measured]) -> Measure:
    return lambda run: look(run, run.attempt) if run.attempt else None


@_attempt
def _attempt_style(_: Run, tried: Review) -> Measured:
    style = [finding for finding in tried.findings if finding.rule.severity < Severity.FATAL]
    return Measured(sum(finding.rule.severity for finding in style), ", ".join(one.rule.id for one in style))


@_attempt
def _attempt_unfaithful(_: Run, tried: Review) -> Measured:
    return _listed(finding.rule.id for finding in tried.findings if finding.rule.severity == Severity.FATAL)


@_attempt
def _attempt_witness(run: Run, tried: Review) -> Measured:
    case = run.case
    return _listed([*witness.lost_facts(case, tried.draft), *witness.invented_facts(case, tried.draft)])


@_attempt
def _attempt_band(run: Run, tried: Review) -> Measured:
    return Measured(_off_band(tried), f"the draft {_off_band(run.draft):g} %")


@_attempt
def _attempt_loudness(run: Run, tried: Review) -> Measured:
    was, now = (tone(one.draft.message)["exclamation"] for one in (run.draft, tried))
    return Measured(_wrong_way(now - was, "up", 0), f"{was:g} -> {now:g} exclamation marks")


@_attempt
def _attempt_leaks(run: Run, tried: Review) -> Measured:
    return _listed(witness.leaked(run.case, tried.draft, run.prompts, _templates(run.way)))


# ── Request ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _told(look: Callable[[Run, Prompt], Measured | None]) -> Measure:
    """Of the first prompt, where the model writes whole messages; sentences to choose from need no telling."""
    return lambda run: look(run, run.prompts[0]) if run.way == "whole" and run.prompts else None


@_told
def _told_findings(run: Run, prompt: Prompt) -> Measured | None:
    if not run.mended:
        return None
    found = [finding for finding in run.mended.findings if not finding.rule.halts]
    told = [finding.message in prompt.user and finding.rule.advice in prompt.user for finding in found]
    return Measured(round(100 * sum(told) / len(told), 1) if told else 100.0, f"{sum(told)} of {len(told)} findings")


@_told
def _told_limit(run: Run, prompt: Prompt) -> Measured:
    said = any("at most" in line and any(map(str.isdigit, line)) for line in prompt.user.splitlines()[:6])
    return Measured(float(said), "a length is named" if said else "no length is named")


@_told
def _told_fence(run: Run, prompt: Prompt) -> Measured:
    """Whether the draft stands between two lines that are alike, that the system prompt names and no data holds."""
    lines = prompt.user.splitlines()
    at = next((i for i, line in enumerate(lines) if line.startswith("The draft")), 0)
    marks = [line for line in lines if line.strip() and line in prompt.system and lines.count(line) >= 2]
    fenced = bool(marks) and lines.index(marks[0]) < at < len(lines) - 1 - lines[::-1].index(marks[0])
    return Measured(float(fenced), "the draft is fenced" if fenced else "the draft stands open among orders")


def _told_heat(run: Run) -> Measured | None:
    if not run.prompts:
        return None
    first = min(run.prompts, key=lambda prompt: prompt.seed)
    return Measured(first.temperature, f"seed {first.seed}")


MEASURES: Mapping[str, Measure] = {
    "unfound": _unfound,
    "touched": _touched,
    "fields": _fields,
    "facts-lost": _lost,
    "facts-invented": _invented,
    "orders": _orders,
    "over-limit": _over_limit,
    "broken": _broken,
    "leaks": _leaks,
    "failed": _failed,
    "accepted": _accepted,
    "score": _score,
    "unmet": _unmet,
    "fixed": _fixed,
    "left": _left,
    "introduced": _introduced,
    "off-band": _band,
    "warmth": _moved("warmth", "down", 1),
    "pressure": _moved("pressure", "up", 0),
    "self-focus": _moved("self-focus", "up", 10),
    "hedges": _moved("hedges", "up", 1),
    "exclamation": _moved("exclamation", "up", 0),
    "wording": _moved("formal-wording", "either", 3),
    "frame": _moved("formal-frame", "either", 0),
    "effort": _effort,
    "asks": _asks,
    "unasked": _unasked,
    "sari": _sari,
    "chrf": _chrf,
    "edits": _edits,
    "length": _length_change,
    "tokens": _tokens,
    "seconds": _seconds,
    "attempt-style": _attempt_style,
    "attempt-unfaithful": _attempt_unfaithful,
    "attempt-facts": _attempt_witness,
    "attempt-band": _attempt_band,
    "attempt-loud": _attempt_loudness,
    "attempt-leaks": _attempt_leaks,
    "told-findings": _told_findings,
    "told-limit": _told_limit,
    "told-fence": _told_fence,
    "told-heat": _told_heat,
}
"""The measure of every figure, by its name in figures.toml."""
