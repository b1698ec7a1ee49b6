"""The outcome of a run comes in; text, JSON, JUnit XML, Markdown and one HTML page go out. Nothing is decided here."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as Xml

from pipeline import __version__
from pipeline.evals.figures import FIGURES
from pipeline.evals.gate import Verdict, Word
from pipeline.evals.outcome import Outcome, Tally, shown, tallies
from pipeline.evals.scores import Score
from pipeline.report import Paint, diff_line, plain

SCHEMA = 1
"""Number of the JSON form; it rises when a key changes its meaning or goes away, not when one is added."""
COLOURS = {Word.WORSE: "red", Word.BETTER: "green", Word.TOO_FEW: "yellow", Word.SAME: "white"}
COLUMNS = ("cases", "improved", "unchanged", "untouched", "held", "failed", "score", "fixed", "left", "new", "facts")


# ── Terminal ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def lines(outcome: Outcome, paint: Paint = plain) -> Iterator[str]:
    """The outcome for a terminal: kinds and verdicts by model, then what is stale."""
    for model in outcome.models:
        yield paint(model, bold=True)
        yield from _table(outcome, model)
        yield ""
        yield from _verdict_lines(outcome, model, paint)
        yield ""
    yield from stale_lines(outcome, paint)
    yield from (paint(f"note: {note}", fg="yellow") for note in outcome.notes)
    yield verdict_line(outcome)


def stale_lines(outcome: Outcome, paint: Paint = plain) -> Iterator[str]:
    """The stale cases, one a line, and how to record them again."""
    for one in outcome.stale:
        yield f"{paint('stale', fg='magenta')}  {one}"
    for model in dict.fromkeys(one.model for one in outcome.stale):
        count = sum(one.model == model for one in outcome.stale)
        yield f"{count} to record again: tactful eval --record --stale --model {model}"


def verdict_line(outcome: Outcome) -> str:
    """The whole outcome on a line."""
    worse = [verdict for verdicts in outcome.verdicts.values() for verdict in verdicts if verdict.worse]
    said = f"{len(worse)} figures are worse" if worse else "nothing fell"
    return f"{len(outcome.scores)} cases, {len(outcome.stale)} stale: {said}"


def _table(outcome: Outcome, model: str) -> Iterator[str]:
    yield f"  {'kind':16}" + "".join(f"{name:>12}" for name in COLUMNS)
    for kind, one in tallies(outcome.of(model)):
        yield f"  {kind:16}" + "".join(f"{cell:>12}" for cell in _cells(one))


def _cells(one: Tally) -> tuple[str, ...]:
    return (
        str(one.cases),
        *map(str, one.outcomes.values()),
        f"{one.score_before:.0f} -> {one.score_after:.0f}",
        *map(str, (one.fixed, one.left, one.introduced, one.facts)),
    )


def _verdict_lines(outcome: Outcome, model: str, paint: Paint) -> Iterator[str]:
    verdicts = outcome.verdicts[model]
    for one in verdicts:
        if one.word is not Word.SAME:
            yield f"  {paint(f'{one.word:22}', fg=COLOURS[one.word])} {_figure_line(one)}"
            yield from (f"{'':25} {case}: {_reason(outcome, model, case, one)}" for case in one.cases[:5] if one.worse)
    same = sum(one.word is Word.SAME for one in verdicts)
    yield f"  {'same':22} {same} of {len(verdicts)} figures"


def _figure_line(one: Verdict) -> str:
    figure = FIGURES[one.figure]
    was, now = shown(one.figure, one.old), shown(one.figure, one.new)
    sure = "no fall is tolerated" if figure.hard else f"p = {one.p:.3f}, 95 % {one.low:+.2f} to {one.high:+.2f}"
    return f"{figure.label}: {was} -> {now} {figure.unit} ({one.rose} rose, {one.fell} fell of {one.pairs}; {sure})"


def _reason(outcome: Outcome, model: str, case: str, verdict: Verdict) -> str:
    score = next(one for one in outcome.of(model) if one.case == case)
    return score.figures[verdict.figure].why


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def document(outcome: Outcome) -> dict[str, Any]:
    """The outcome as JSON values: per case every figure with its reason, per model every verdict."""
    return {
        "schema": SCHEMA,
        "program": "tactful eval",
        "version": __version__,
        "exit": outcome.exit_code,
        "figures": {
            name: {
                "label": one.label,
                "unit": one.unit,
                "better": one.better,
                "least": one.least,
                "hard": one.hard,
                "why": one.why,
            }
            for name, one in FIGURES.items()
        },
        "models": {
            model: {
                "kinds": {
                    kind: dict(zip(COLUMNS, _cells(one), strict=True)) for kind, one in tallies(outcome.of(model))
                },
                "verdicts": [_verdict_json(one) for one in outcome.verdicts[model]],
                "cases": [_score_json(one, outcome) for one in outcome.of(model)],
            }
            for model in outcome.models
        },
        "stale": [one._asdict() for one in outcome.stale],
        "notes": list(outcome.notes),
    }


def _verdict_json(one: Verdict) -> dict[str, Any]:
    return {
        "figure": one.figure,
        "verdict": str(one.word),
        "pairs": one.pairs,
        "old": round(one.old, 4),
        "new": round(one.new, 4),
        "rose": one.rose,
        "fell": one.fell,
        "interval": [round(one.low, 4), round(one.high, 4)],
        "p": round(one.p, 6),
        "cases": list(one.cases),
    }


def _score_json(one: Score, outcome: Outcome) -> dict[str, Any]:
    return {
        "case": one.case,
        "kind": one.kind,
        "purpose": one.purpose,
        "about": one.about,
        "outcome": one.outcome,
        "error": one.error,
        "rounds": one.rounds,
        "before": one.before,
        "after": one.after,
        "attempt": one.attempt,
        "accepted": outcome.accepted(one),
        "fixed": list(one.fixed),
        "left": list(one.left),
        "introduced": list(one.introduced),
        "fell": outcome.fallen(one),
        "figures": {name: {"value": measured.value, "why": measured.why} for name, measured in one.figures.items()},
    }


# ── JUnit ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def junit(outcome: Outcome) -> str:
    """The outcome as JUnit XML: a suite a model, a test a case and one for each figure; stale cases are errors."""
    root = Xml.Element("testsuites", name="tactful eval")
    for model in dict.fromkeys((*outcome.models, *(one.model for one in outcome.stale))):
        rows, stale = outcome.of(model), [one for one in outcome.stale if one.model == model]
        worse = [one for one in outcome.verdicts.get(model, ()) if one.worse]
        fallen = {one.case: outcome.fallen(one) for one in rows}
        suite = Xml.SubElement(
            root,
            "testsuite",
            name=model,
            tests=str(len(rows) + len(stale) + len(outcome.verdicts.get(model, ()))),
            failures=str(sum(map(bool, fallen.values())) + len(worse)),
            errors=str(len(stale)),
        )
        for one in rows:
            test = Xml.SubElement(suite, "testcase", classname=f"{model}.{one.kind}", name=one.case)
            if fallen[one.case]:
                said = "; ".join(f"{FIGURES[name].label}: {one.figures[name].why}" for name in fallen[one.case])
                Xml.SubElement(test, "failure", message=_xml(said)).text = _xml(one.after)
        for verdict in outcome.verdicts.get(model, ()):
            test = Xml.SubElement(suite, "testcase", classname=f"{model}.figures", name=verdict.figure)
            if verdict.worse:
                Xml.SubElement(test, "failure", message=_xml(_figure_line(verdict)))
        for lost in stale:
            test = Xml.SubElement(suite, "testcase", classname=f"{model}.stale", name=lost.case)
            Xml.SubElement(test, "error", message=_xml(str(lost)))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    """A text without the control characters that XML cannot hold."""
    return "".join(letter if letter in "\n\t" or letter >= " " else "\ufffd" for letter in text)


# ── Markdown ──────────────────────────────────────────────────────────────────────────────────────────────────────────


LONGEST = 25
"""Messages that a comment on a pull request shows; the others are in the HTML page."""
LETTERS = 60_000
"""Characters that a comment on a pull request may hold (GitHub's limit is 65,536)."""


def markdown(outcome: Outcome) -> str:
    """The outcome for a pull request: verdicts, kinds, then the messages that changed, those that fell first."""
    text = "\n".join(_markdown(outcome))
    cut = "\n\n*The rest is in the HTML page.*\n"
    return text + "\n" if len(text) < LETTERS else text[: text.rfind("\n<details>", 0, LETTERS)] + cut


def _markdown(outcome: Outcome) -> Iterator[str]:
    mark = {0: "✅", 1: "❌", 4: "⏳"}[outcome.exit_code]
    yield f"## {mark} Tactful evals: {verdict_line(outcome)}"
    yield ""
    for model in outcome.models:
        moved = [one for one in outcome.verdicts[model] if one.word is not Word.SAME]
        same = len(outcome.verdicts[model]) - len(moved)
        yield f"### `{model}`"
        yield ""
        if moved:
            yield "| verdict | figure | before | now | cases |"
            yield "|---|---|---|---|---|"
            for one in sorted(moved, key=lambda one: list(Word).index(one.word), reverse=True):
                figure = FIGURES[one.figure]
                named = ", ".join(f"`{case}`" for case in one.cases[:5]) + (" …" if len(one.cases) > 5 else "")
                yield (
                    f"| **{one.word}** | {figure.label}, {figure.unit} | {shown(one.figure, one.old)} "
                    f"| {shown(one.figure, one.new)} | {one.rose} better, {one.fell} worse of {one.pairs}: {named} |"
                )
        yield ""
        yield f"{same} figures are the same."
        yield ""
        yield "| kind | " + " | ".join(COLUMNS) + " |"
        yield "|---|" + "---|" * len(COLUMNS)
        yield from (f"| {kind} | " + " | ".join(_cells(one)) + " |" for kind, one in tallies(outcome.of(model)))
        yield ""
    if outcome.stale:
        yield "### Stale: record these again"
        yield ""
        yield from (f"- {one}" for one in outcome.stale)
        yield ""
    yield from (f"> {note}\n" for note in outcome.notes)
    changed = [one for one in outcome.scores if outcome.accepted(one) not in (None, one.after)]
    changed.sort(key=lambda one: -len(outcome.fallen(one)))
    for score in changed[:LONGEST]:
        yield from _message(score, outcome)
    if len(changed) > LONGEST:
        yield f"*And {len(changed) - LONGEST} more messages that changed: see the HTML page.*"


def _message(one: Score, outcome: Outcome) -> Iterator[str]:
    fell = ", ".join(outcome.fallen(one))
    mark, why = ("❌", f": {fell}") if fell else ("✏️", "")
    yield f"<details><summary>{mark} <code>{one.model}/{one.case}</code>{why}</summary>"
    yield ""
    yield f"{one.about}"
    yield ""
    yield from _fenced("draft", one.before)
    yield from _fenced("accepted", outcome.accepted(one) or "")
    yield from _fenced("now", one.after)
    yield from _fenced("change", diff_line(outcome.accepted(one) or "", one.after))
    for label, names in (("fixed", one.fixed), ("left", one.left), ("new", one.introduced)):
        yield f"{label}: {', '.join(names) or 'none'}  "
    yield ""
    yield "</details>"


def _fenced(label: str, text: str) -> Iterator[str]:
    fence = "`" * max(3, 1 + max((len(run) for run in text.split() if set(run) == {"`"}), default=0))
    yield f"**{label}**"
    yield fence
    yield text
    yield fence
    yield ""


# ── HTML ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def html(outcome: Outcome) -> str:
    """One page that needs nothing else: filters, small charts, every case with its messages and figures."""
    page = (files(__package__) / "page.html").read_text("utf-8")
    data = json.dumps(document(outcome), ensure_ascii=True).replace("<", "\\u003c")
    return page.replace("/*DATA*/null", data)
