"""Labelled messages come in, how right each rule is goes out: `python -m tests.precision [--confirm] [FOLDER]`.

A folder holds messages/VOICE/NUMBER.md, drafts with front matter, and labels.jsonl, a line for each of them: its name
("founders/07"), its half, whether a busy reader would gladly answer it, and the rules that it truly breaks, as settled,
with those that either reader named. What a rule is counted by: messages where it found something and should have
("right") or should not ("wrong"), and messages where it should have and did not ("missed").

Without arguments the develop half of evals/labelled is measured, and its figures go into precision.json of the
rulebook, from where the rule pages take them. `--confirm` measures the other half as well: once a release, never to
tune. `--check` writes nothing and fails where a figure stands differently. A folder of one's own is measured whole;
nothing is written. `--show` names each finding that is wrong or missed; `--sheet` prints the rules as readers got them.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from pipeline import desk
from pipeline.domain import PURPOSES, Draft, Rule, Rulebook, Severity
from pipeline.files import write
from pipeline.formats.handbook import Measured
from pipeline.review import review

ROOT = Path(__file__).parents[1]
LABELLED = ROOT / "evals" / "labelled"
RESULT = ROOT / "pipeline" / "rulebook" / "precision.json"
COUNTED = frozenset(
    "over-limit over-limit-subject long-subject rather-long over-length too-thin long-sentence hard-to-read"
    " wall-of-text many-links emoji-heavy exclamations doubled-marks impatient-marks hashtags follow-up-too-soon"
    " follow-up-too-soon-sales follow-up-too-often follow-up-too-often-sales unfilled-field missing-subject"
    " do-not-contact asked-to-stop not-english many-questions blank-note senior-to-junior benefit-unknown"
    " closed-question".split()
)
"""Rules that count, or look a fact up in the brief: right by their making, and no matter for a reader's judgement."""


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is truly wrong with a message: the rules that it breaks as settled, and as two readers named them."""

    message: str
    half: str
    good: bool
    rules: tuple[str, ...]
    readings: tuple[tuple[str, ...], ...] = ()


@dataclass(slots=True)
class Tally:
    """The messages of one half, held against the rules."""

    messages: int = 0
    good: int = 0
    good_words: int = 0
    by_rule: dict[str, Counter[str]] = field(default_factory=dict)
    false_on_good: Counter[Severity] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def measured(self) -> dict[str, Measured]:
        """What each rule found rightly, wrongly and missed, by id."""
        return {name: Measured(**counts) for name, counts in sorted(self.by_rule.items())}

    def total(self) -> Measured:
        """All rules together, each message and rule counted once (micro)."""
        sums = sum(self.by_rule.values(), Counter[str]())
        return Measured(**sums)


def judged(book: Rulebook) -> list[Rule]:
    """The rules that a reader can judge: those with a check, but for the page fidelity and those that count."""
    return [rule for rule in book.rules.values() if rule.look and rule.page != "fidelity" and rule.id not in COUNTED]


def labels(folder: Path) -> list[Label]:
    """The labels of a folder, in their order."""
    return [msgspec.json.decode(line, type=Label) for line in (folder / "labels.jsonl").read_bytes().splitlines()]


def measure(folder: Path, half: str, own: desk.Desk | None = None) -> Tally:
    """Hold every message of a half ("" for all) against the rules that a reader can judge."""
    own = own or desk.opened(ROOT, {})
    tally = Tally()
    rules = judged(own.book)
    for label in labels(folder):
        if label.half == half or not half:
            path = folder / "messages" / f"{label.message}.md"
            _count(tally, label, own.draft(path.read_text("utf-8"), path.name), rules, own.book)
    return tally


def _count(tally: Tally, label: Label, draft: Draft, rules: Sequence[Rule], book: Rulebook) -> None:
    names = {rule.id for rule in rules}
    found = {one.rule.id: one.hit.found for one in review(draft, book).findings if one.rule.id in names}
    true = {rule.id for rule in rules if rule.id in label.rules and rule.applies(draft)}
    tally.messages += 1
    for name in found.keys() | true:
        sort = "missed" if name not in found else "right" if name in true else "wrong"
        tally.by_rule.setdefault(name, Counter())[sort] += 1
        if sort != "right":
            tally.notes.append(f"{sort:7} {name:24} {label.message}  {found.get(name, '')[:80]!r}")
    if label.good:
        tally.good += 1
        tally.good_words += len(draft.text.split())
        tally.false_on_good.update(book.rules[name].severity for name in found.keys() - true)


def agreement(marked: Sequence[Label]) -> float:
    """How far two readers agree: twice the labels that both gave, of all that either gave."""
    pairs = [tuple(map(set, label.readings)) for label in marked if len(label.readings) == 2]
    given = sum(len(one) + len(other) for one, other in pairs)
    return 2 * sum(len(one & other) for one, other in pairs) / given if given else 0.0


def sheet(book: Rulebook) -> Iterator[str]:
    """The rules in the words that a reader labels by: where each speaks, what it says and why, one message it finds."""
    for rule in judged(book):
        where = [f"only in {', '.join(rule.kinds)}"] if set(rule.kinds) != set(book.kinds) else []
        where += [f"only for {', '.join(rule.purposes)}"] if set(rule.purposes) != set(PURPOSES) else []
        found = " ".join(rule.bad[0].text.split()) if rule.bad else ""
        yield f"- {rule.id} ({'; '.join(where) or 'everywhere'}): {rule.advice} {rule.why}\n  breaks it: {found}"


def table(tally: Tally, book: Rulebook) -> Iterator[str]:
    """The figures of a half as Markdown: all rules, then each, the least precise first."""
    yield "| rule | severity | right | wrong | missed | precision | recall | lintscore |"
    yield "|---|---|---|---|---|---|---|---|"
    rows = tally.measured()
    for name in sorted(rows, key=lambda name: (rows[name].precision or 0.0, name)):
        yield _row(name, book.rules[name].severity.name.lower(), rows[name])
    yield _row("all", "", tally.total())


def _row(name: str, severity: str, one: Measured) -> str:
    shares = " | ".join("" if share is None else f"{share:.2f}" for share in (one.precision, one.recall, one.lintscore))
    return f"| {name} | {severity} | {one.right} | {one.wrong} | {one.missed} | {shares} |"


def summary(tally: Tally) -> str:
    """Messages, and false findings a thousand words on those that a reader would gladly answer."""
    thousands = max(1, tally.good_words) / 1000
    worse = sum(count for severity, count in tally.false_on_good.items() if severity > Severity.HINT)
    return (
        f"{tally.messages} messages, {tally.good} of them good; on those {tally.false_on_good.total() / thousands:.2f} "
        f"false findings a thousand words, {worse / thousands:.2f} worse than a hint"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write or compare the figures; the exit code is 1 where a figure stands differently."""
    parser = argparse.ArgumentParser(prog="python -m tests.precision", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    for flag in ("--confirm", "--check", "--sheet", "--show"):
        parser.add_argument(flag, action="store_true")
    given = parser.parse_args(arguments)
    own = desk.opened(ROOT, {})
    if given.sheet:
        print("\n".join(sheet(own.book)))
        return 0
    folder = given.folder or LABELLED
    halves = [""] if given.folder else ["develop", "confirm"] if given.confirm else ["develop"]
    tallies = {half: measure(folder, half, own) for half in halves}
    for half, tally in tallies.items():
        print(f"\n{half or folder}: {summary(tally)}\n", *table(tally, own.book), sep="\n")
        print(*(sorted(tally.notes) if given.show else ()), sep="\n")
    marked = [label for label in labels(folder) if len(label.readings) == 2]
    if marked:
        print(f"two readers of {len(marked)} messages agree in {agreement(marked):.2f} of the labels that they gave")
    return 0 if given.folder else _kept(tallies, check=given.check)


def _kept(tallies: dict[str, Tally], *, check: bool) -> int:
    stands = msgspec.json.decode(RESULT.read_bytes()) if RESULT.is_file() else {}
    made = stands | msgspec.to_builtins({half: tally.measured() for half, tally in tallies.items()})
    if check:
        print("the figures are current" if made == stands else "the figures differ: run `poe precision`")
        return int(made != stands)
    write(RESULT, msgspec.json.format(msgspec.json.encode(made, order="sorted"), indent=1).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
