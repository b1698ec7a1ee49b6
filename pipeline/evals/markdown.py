"""The outcome of a run comes in, Markdown for a pull request goes out: verdicts, kinds, changed messages."""

from collections.abc import Iterator

from pipeline.evals.figures import FIGURES
from pipeline.evals.gate import Word
from pipeline.evals.outcome import Outcome, shown, tallies
from pipeline.evals.reports import COLUMNS, cells, verdict_line
from pipeline.evals.scores import Score
from pipeline.report import diff_line

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
        yield from (f"| {kind} | " + " | ".join(cells(one)) + " |" for kind, one in tallies(outcome.of(model)))
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
