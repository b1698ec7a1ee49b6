"""The generated blocks of the READMEs: `poe docs` writes them, `--check` fails where one is not what is printed.

The example's rewrite comes from the embedded model, so it is written only with the model at hand; `--check` holds the
rewrite that stands in the README against the rules instead, and runs without a model.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pipeline import drafts, report, rulebook
from pipeline.domain import Draft, Severity
from pipeline.evals.figures import FIGURES
from pipeline.review import review

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "evals" / "hydrology-student.md"
END = "<!-- end -->"
BOOK = rulebook.load()


def tactful(*words: str) -> str:
    """What a command prints on stdout."""
    command = [sys.executable, "-m", "pipeline", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT).stdout.strip()


def example_draft() -> Draft:
    """The draft of the first screen."""
    return drafts.draft(EXAMPLE.read_text("utf-8"), EXAMPLE.name, BOOK)


def draft_block() -> str:
    """The example's draft and its findings."""
    draft = example_draft()
    one = review(draft, BOOK)
    lines = [f"{finding.rule.severity.name.lower():8} {finding.rule.id}: {finding.message}" for finding in one.findings]
    return "\n".join(["```", "draft", *_wrapped(draft.text), "", *lines, "```"])


def rewrite_block() -> str:
    """The example's rewrite by the embedded model, with scores and lengths."""
    text = tactful("improve", "--quiet", str(EXAMPLE))
    return "\n".join(["```", "rewrite", *_wrapped(text), "", _scores(text), "```"])


def _scores(text: str) -> str:
    draft = example_draft()
    before, after = review(draft, BOOK), review(draft.rewritten(text), BOOK)
    was, now = report.length_line(draft), report.length_line(after.draft)
    return f"score {before.score} -> {after.score} of 100, length {was} -> {now}"


def _wrapped(text: str, width: int = 96) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + len(word) < width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}")
    return lines


def kinds_block() -> str:
    """The kinds of message with their limits and best lengths."""
    rows = ["| kind | limit, UTF-16 units | reads best at |", "|---|---|---|"]
    for kind in BOOK.kinds.values():
        limits = ", ".join(
            f"{limit.most:,}" + (f" ({tier})" if tier != "any" else "") for tier, limit in kind.limits.items()
        )
        unit = "characters" if kind.band.unit == "units" else "words"
        rows.append(f"| `{kind.name}` | {limits} | {kind.band.least}-{kind.band.most} {unit} |")
    return "\n".join(rows)


def rules_block() -> str:
    """How many rules there are, by page and severity."""
    rows = ["| page | fatal | error | warning | hint | advice only |", "|---|---|---|---|---|---|"]
    for page in rulebook.PAGES:
        rules = [rule for rule in BOOK.rules.values() if rule.page == page]
        grades = [
            sum(rule.severity == grade and rule.look is not None for rule in rules) for grade in reversed(Severity)
        ]
        rows.append(f"| {page} | {' | '.join(map(str, grades))} | {sum(rule.look is None for rule in rules)} |")
    return "\n".join([*rows, "", f"{len(BOOK.rules)} rules. {tactful('rules', '--coverage').splitlines()[-1]}."])


def score_block() -> str:
    """The formula of the score."""
    return f"> {report.SCORE}"


def figures_block() -> str:
    """Every figure of the evals, with what it is for."""
    rows = ["| figure | unit | better | least effect | why |", "|---|---|---|---|---|"]
    for one in FIGURES.values():
        least = "none: hard" if one.hard else f"{one.least:g}" if one.better else "only shown"
        rows.append(f"| {one.label} | {one.unit} | {one.better or 'neither'} | {least} | {one.why} |")
    return "\n".join(rows)


def suite_block() -> str:
    """What became of the cases, kind by kind, for every recorded model."""
    rows: list[str] = []
    for model, one in json.loads(tactful("eval", "--json"))["models"].items():
        columns = [key for key in one["kinds"]["all"] if key != "cases"]
        rows += [f"| `{model}` | cases | {' | '.join(columns)} |", "|---" * (len(columns) + 2) + "|"]
        for kind, row in one["kinds"].items():
            rows.append(f"| {kind} | {row['cases']} | {' | '.join(row[key] for key in columns)} |")
        rows.append("")
    return "\n".join(rows).strip()


BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {
        "draft": draft_block,
        "rewrite": rewrite_block,
        "kinds": kinds_block,
        "rules": rules_block,
        "score": score_block,
    },
    "evals/README.md": {"suite": suite_block, "figures": figures_block},
}


def rewrite_is_true(block: str) -> bool:
    """Whether the README's rewrite has the scores that it claims, keeps every fact, and is better than its draft."""
    lines = block.strip().strip("`").strip().splitlines()
    text = " ".join(line.strip() for line in lines[1:-2])
    one = review(example_draft().rewritten(text), BOOK)
    return lines[-1] == _scores(text) and one.passes and one.cost < review(example_draft(), BOOK).cost


def main() -> int:
    """Write the blocks, or check them."""
    faults = []
    for page, blocks in BLOCKS.items():
        text = (ROOT / page).read_text("utf-8")
        for name, make in blocks.items():
            found = re.search(rf"(<!-- {name} -->\n)(.*?)(\n?<!-- end -->)", text, re.DOTALL)
            if not found:
                faults.append(f"{page}: the block {name} is missing")
            elif "--check" in sys.argv:
                sound = rewrite_is_true(found[2]) if name == "rewrite" else found[2] == make()
                faults += [] if sound else [f"{page}: the block {name} is out of date: run `poe docs`"]
            else:
                text = f"{text[: found.start(2)]}{make()}\n{text[found.end(3) - len(END) :]}"
        if "--check" not in sys.argv:
            (ROOT / page).write_text(text, "utf-8")
    print("\n".join(faults) or "the READMEs are up to date")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
