"""Labelled rewrites come in, how many the page fidelity judges rightly goes out: `python -m tests.claims FILE ...`.

A line of a file of claims holds a case, an honest rewrite of its draft, and copies of that rewrite with one planted
fault each: {"case", "honest", "planted": [{"sort", "text"}]}. A line of a file of answers holds a model's honest answer
to the program's own prompt: {"case", "answer"}; a "draft" in the place of a case is one of evals/readings/. `--show`
names each false alarm and each fault that was not found.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from pipeline import drafts, rulebook
from pipeline.domain import Draft, Reply, Rulebook, Severity
from pipeline.evals import cases
from pipeline.prompting import apply
from pipeline.review import review

CASES = Path(__file__).parents[1] / "evals" / "cases"
READINGS = CASES.parent / "readings"


@dataclass(slots=True)
class Tally:
    """How many honest rewrites there were and raised an alarm; how many faults of each sort were planted and found."""

    honest: int = 0
    alarms: int = 0
    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def alarm_share(self) -> float:
        """False alarms among the honest rewrites."""
        return self.alarms / max(1, self.honest)

    @property
    def found_share(self) -> float:
        """Faults that were found among those planted."""
        return self.found.total() / max(1, self.planted.total())


@cache
def _book() -> Rulebook:
    return rulebook.load()


def measure(path: Path, book: Rulebook | None = None) -> Tally:
    """Judge every line of a file; a fault counts as found where it adds a finding to those of the honest rewrite."""
    book = book or _book()
    tally = Tally()
    for line in path.read_text("utf-8").splitlines():
        row = msgspec.json.decode(line)
        _judge(row, _draft_of(row, book), book, tally)
    return tally


def _draft_of(row: dict[str, Any], book: Rulebook) -> Draft:
    """The draft that a line is about: an eval case's, or one of evals/readings/."""
    if "case" in row:
        return cases.read(CASES / f"{row['case']}.toml", book).draft
    path = READINGS / f"{row['draft']}.md"
    return drafts.draft(drafts.read_text(path), str(path), book)


def _rewritten(row: dict[str, Any], draft: Draft, text: str) -> Draft:
    return apply(draft, Reply(text)) if "answer" in row else draft.rewritten(text, draft.subject)


def _judge(row: dict[str, Any], draft: Draft, book: Rulebook, tally: Tally) -> None:
    name, honest = row.get("case") or row["draft"], row.get("answer") or row["honest"]
    known = _findings(_rewritten(row, draft, honest), book)
    tally.honest += 1
    tally.alarms += bool(known)
    tally.notes += [f"false alarm: {name}: {rule}: {message}" for rule, message in sorted(known)]
    for fault in row.get("planted", ()):
        tally.planted[fault["sort"]] += 1
        if _findings(_rewritten(row, draft, fault["text"]), book) - known:
            tally.found[fault["sort"]] += 1
        else:
            tally.notes.append(f"not found: {fault['sort']}: {name}: {_change(honest, fault['text'])}")


def _findings(draft: Draft, book: Rulebook) -> set[tuple[str, str]]:
    found = review(draft, book).findings
    return {
        (finding.rule.id, finding.message)
        for finding in found
        if finding.rule.page == "fidelity" and finding.rule.severity > Severity.WARNING
    }


def _change(before: str, after: str) -> str:
    old, new = before.split(), after.split()
    steps = SequenceMatcher(None, old, new).get_opcodes()
    return "; ".join(f"{' '.join(old[a:b])} -> {' '.join(new[c:d])}" for step, a, b, c, d in steps if step != "equal")


def report(path: Path, tally: Tally) -> Iterator[str]:
    """The figures of a file, a line each."""
    yield f"{path}: {tally.alarms} false alarms on {tally.honest} honest rewrites ({tally.alarm_share:.1%})"
    if tally.planted:
        yield f"  {tally.found.total()} of {tally.planted.total()} planted faults found ({tally.found_share:.1%})"
    for sort, count in tally.planted.items():
        yield f"  {sort:16} {tally.found[sort]}/{count}"


def main(words: Sequence[str]) -> int:
    """Measure the files that are named."""
    for path in [Path(word) for word in words if word != "--show"]:
        tally = measure(path)
        print(*report(path, tally), sep="\n")
        if "--show" in words:
            print(*tally.notes, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
