"""A finished case comes in, its figures go out, each with its reason. FIGURES is the one list of what is measured.

Three things are measured: the result (what the user would be handed), the first attempt (what the model wrote before
the rules chose: they hide a bad prompt from the result for as long as they can), and the request (what the prompt told
the model). Nothing here is a score to maximise but the program's own: tone and readability count only as movement in
the wrong direction, away from the draft.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

from pipeline import prompting
from pipeline.acts import read
from pipeline.checks.length import measures
from pipeline.domain import Act, Prompt, Review, Rewrite, Severity
from pipeline.evals import overlap, witness
from pipeline.evals.cases import Case
from pipeline.evals.fingerprints import templates
from pipeline.evals.tone import tone
from pipeline.text import parse, utf16


class Measured(NamedTuple):
    """A value and where it comes from, in words."""

    value: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A case after its walk: its draft reviewed, the rewrite (None where the model failed), and what was asked."""

    case: Case
    draft: Review
    rewrite: Rewrite | None
    way: str = ""
    prompts: tuple[Prompt, ...] = ()
    asked: bool = True
    error: str = ""
    tokens: int = 0
    seconds: float = 0.0

    @property
    def result(self) -> Review:
        """What the user would be handed: the draft itself where the model failed."""
        return self.rewrite.best if self.rewrite else self.draft

    @property
    def attempt(self) -> Review | None:
        """The model's first attempt, before the rules chose; None where it made none."""
        trail = self.rewrite.trail[1:] if self.rewrite else ()
        return trail[0] if trail else None

    @property
    def outcome(self) -> str:
        """What became of it: improved, unchanged (no rewrite was better), untouched, held, or failed."""
        if not self.rewrite:
            return "failed"
        if self.rewrite.changed:
            return "improved"
        before = self.rewrite.original
        return "held" if before.verdict else "untouched" if before.clean else "unchanged"


Measure: TypeAlias = Callable[[Run], Measured | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it is called and of what unit, which way is better ("" for neither: shown, never judged).

    `least` is the change of its mean, over the cases that have it, that is worth speaking of. `hard` tolerates no fall
    of a single case.
    """

    label: str
    unit: str
    better: Literal["up", "down", ""]
    least: float
    measure: Measure
    why: str
    hard: bool = False


# ── Result ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _score(run: Run) -> Measured:
    return Measured(run.result.score, f"{run.draft.score} -> {run.result.score} of 100")


def _rules(review: Review) -> dict[str, Severity]:
    return {finding.rule.id: finding.rule.severity for finding in review.findings}


def _worth(names: Iterable[str], rules: Mapping[str, Severity]) -> list[str]:
    return [name for name in names if rules[name] > Severity.HINT]


def _fixed(run: Run) -> Measured:
    before, after = _rules(run.draft), _rules(run.result)
    return _listed(_worth((name for name in before if name not in after), before))


def _left(run: Run) -> Measured:
    before, after = _rules(run.draft), _rules(run.result)
    return _listed(_worth((name for name in after if name in before), after))


def _introduced(run: Run) -> Measured:
    before, after = _rules(run.draft), _rules(run.result)
    return _listed(_worth((name for name in after if name not in before), after))


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


def _failed(run: Run) -> Measured:
    return Measured(float(bool(run.error)), run.error)


def _over_limit(run: Run) -> Measured:
    draft = run.result.draft
    _, sample, _ = measures(draft.text)
    limit = draft.kind.limit(draft.tier).most
    rise = max(0, sample - limit) if run.outcome != "untouched" else 0
    before = max(0, measures(run.draft.draft.text)[1] - limit)
    return Measured(max(0, rise - before), f"{sample} of {limit:,}, the draft {before} over")


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
    names = templates(way) if way else ()
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


def _told(look: Callable[[Run, Prompt], Measured]) -> Measure:
    """Of the first prompt, where the model writes whole messages; sentences to choose from need no telling."""
    return lambda run: look(run, run.prompts[0]) if run.way == "whole" and run.prompts else None


@_told
def _told_findings(run: Run, prompt: Prompt) -> Measured:
    found = [finding for finding in run.draft.findings if not finding.rule.halts]
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


FIGURES: Mapping[str, Figure] = {
    "unfound": Figure(
        "findings that the rules miss",
        "rules",
        "down",
        0.01,
        _unfound,
        "the rules are the instrument: a rule that no longer sees what the case holds makes every other figure lie",
        hard=True,
    ),
    "touched": Figure(
        "good drafts changed",
        "cases",
        "down",
        0.01,
        _touched,
        "a needless edit is a fault: a good draft, and one better not sent, come back byte for byte",
        hard=True,
    ),
    "fields": Figure(
        "merge fields lost or changed",
        "fields",
        "down",
        0.01,
        _fields,
        "a broken merge field reaches every reader of a mailing",
        hard=True,
    ),
    "facts-lost": Figure(
        "facts lost",
        "facts",
        "down",
        0.01,
        _lost,
        "what the case says must stay is the point of the message",
        hard=True,
    ),
    "facts-invented": Figure(
        "facts invented",
        "facts",
        "down",
        0.01,
        _invented,
        "a name, number or link that nobody gave is a lie in the sender's name",
        hard=True,
    ),
    "orders": Figure(
        "planted orders kept or obeyed",
        "phrases",
        "down",
        0.01,
        _orders,
        "what a case says must not come out: an order to the program, a phrase that presses",
        hard=False,
    ),
    "over-limit": Figure(
        "characters over the limit",
        "UTF-16 units",
        "down",
        0.01,
        _over_limit,
        "the platform refuses or cuts what is too long",
        hard=True,
    ),
    "broken": Figure(
        "rules broken that a rewrite must keep",
        "rules",
        "down",
        0.01,
        _broken,
        "the case names what a bad model would break on the way",
        hard=True,
    ),
    "leaks": Figure(
        "prompt leakage",
        "runs",
        "down",
        0.01,
        _leaks,
        "the reader must never meet our own words to the model",
        hard=True,
    ),
    "failed": Figure(
        "no usable answer", "cases", "down", 0.01, _failed, "a model that is cut off or silent helps nobody", hard=True
    ),
    "score": Figure(
        "score of the result", "of 100", "up", 1.0, _score, "the program's own sum of findings, from 100 down"
    ),
    "unmet": Figure(
        "expectations not met", "a case", "down", 0.1, _unmet, "what the case's author expects of a good rewrite"
    ),
    "fixed": Figure("findings fixed", "rules a case", "up", 0.1, _fixed, "what the rewrite is for"),
    "left": Figure("findings left", "rules a case", "down", 0.1, _left, "what the rewrite could not mend"),
    "introduced": Figure(
        "findings introduced", "rules a case", "down", 0.05, _introduced, "a rewrite that trades one fault for another"
    ),
    "off-band": Figure(
        "outside the best length",
        "%",
        "down",
        2.0,
        _band,
        "readers answer short messages most; the kind's band says how short",
    ),
    "warmth": Figure(
        "warmth lost",
        "words in 100",
        "down",
        0.3,
        _moved("warmth", "down", 1),
        "a rewrite may be plainer, not colder than its draft",
    ),
    "pressure": Figure(
        "pressure added",
        "words in 100",
        "down",
        0.3,
        _moved("pressure", "up", 0),
        "nobody is glad to answer what presses",
    ),
    "self-focus": Figure(
        "self-focus added",
        "% of I and you",
        "down",
        3.0,
        _moved("self-focus", "up", 10),
        "a message about the sender gives the reader nothing to answer",
    ),
    "hedges": Figure(
        "hedges added", "words in 100", "down", 0.3, _moved("hedges", "up", 1), "a timid message hides its question"
    ),
    "exclamation": Figure(
        "exclamation marks added", "marks", "down", 0.1, _moved("exclamation", "up", 0), "loudness reads as selling"
    ),
    "wording": Figure(
        "formality of the words moved",
        "words in 100",
        "down",
        0.5,
        _moved("formal-wording", "either", 3),
        "the sender chose the register; a rewrite stays in it",
    ),
    "frame": Figure(
        "formality of greeting and close moved",
        "steps",
        "down",
        0.1,
        _moved("formal-frame", "either", 0),
        "'Dear' stays 'Dear', 'Hey' stays 'Hey'",
    ),
    "effort": Figure(
        "reading effort added",
        "points",
        "down",
        0.5,
        _effort,
        "words a sentence and long words: what is harder to read is read less",
    ),
    "asks": Figure("asks too many", "asks", "down", 0.1, _asks, "one thing asked is answered; three are put off"),
    "unasked": Figure("question lost", "cases", "down", 0.03, _unasked, "a message that asks for nothing gets nothing"),
    "sari": Figure("SARI against references", "of 100", "", 0, _sari, "a diagnostic, where a case has references"),
    "chrf": Figure("chrF against references", "of 100", "", 0, _chrf, "a diagnostic, where a case has references"),
    "edits": Figure(
        "size of the edit", "% of words", "", 0, _edits, "for a reader to judge: large edits lose the sender's voice"
    ),
    "length": Figure(
        "change of length", "%", "", 0, _length_change, "for a reader to judge, in characters, words and sentences"
    ),
    "tokens": Figure("tokens", "a case", "", 0, _tokens, "what it costs"),
    "seconds": Figure("seconds", "a case", "", 0, _seconds, "how long the user waits; of the machine that recorded"),
    "attempt-style": Figure(
        "first attempt: points of style",
        "points",
        "down",
        2.0,
        _attempt_style,
        "what the model writes before the rules choose: a worse prompt shows here first",
    ),
    "attempt-unfaithful": Figure(
        "first attempt: fatal findings",
        "rules",
        "down",
        0.1,
        _attempt_unfaithful,
        "how often the rules must refuse what the model writes",
    ),
    "attempt-facts": Figure(
        "first attempt: facts lost or invented",
        "facts",
        "down",
        0.1,
        _attempt_witness,
        "the second witness on the same text",
    ),
    "attempt-band": Figure(
        "first attempt: outside the best length",
        "%",
        "down",
        3.0,
        _attempt_band,
        "whether the model was told how long, and listens",
    ),
    "attempt-loud": Figure(
        "first attempt: exclamation marks added",
        "marks",
        "down",
        0.1,
        _attempt_loudness,
        "whether the prompt makes the model shout",
    ),
    "attempt-leaks": Figure(
        "first attempt: prompt leakage",
        "runs",
        "down",
        0.05,
        _attempt_leaks,
        "whether the prompt invites being repeated",
    ),
    "told-findings": Figure(
        "request: findings told",
        "%",
        "up",
        5.0,
        _told_findings,
        "specific findings are what makes repair work (Self-Refine, 2023)",
    ),
    "told-limit": Figure(
        "request: length told", "cases", "up", 0.05, _told_limit, "a model that is not told a length does not keep it"
    ),
    "told-fence": Figure(
        "request: draft fenced",
        "cases",
        "up",
        0.01,
        _told_fence,
        "what a draft says is data, never an order",
        hard=True,
    ),
}
"""Every figure, in the order of reports. Those that are `hard` tolerate no fall of a single case."""


def measure(run: Run) -> dict[str, Measured]:
    """Every figure that a run has."""
    found = {name: figure.measure(run) for name, figure in FIGURES.items()}
    return {name: one for name, one in found.items() if one is not None}


def fallen(name: str, old: float, new: float) -> bool:
    """Whether a figure of one case is worse than it was."""
    better = FIGURES[name].better
    return new < old if better == "up" else new > old if better == "down" else False


def mean(values: Sequence[float]) -> float:
    """The mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0
