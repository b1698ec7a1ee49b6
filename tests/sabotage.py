"""Harm done on purpose, and what the evals say of it: `poe sabotage` writes the table in evals/README.md.

Each change is made in a copy of the project. Where it changes what a model is asked, the cases that it makes stale are
recorded anew with that very model: the answers in the table are real. Needs both recorded models; half an hour.

    python -m tests.sabotage [WORD ...]     only the changes whose names hold one of the words: their rows are renewed
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.models import choose, load, pull

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "evals" / "README.md"
WHOLE, PIECES = "qwen-coder-500m", "smollm2-135m"
FILES = {WHOLE: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"}
SOME = (
    "avalanche",
    "circus-rigger",
    "clay-buyer",
    "eel-fisher",
    "hospice",
    "organ-pipes-thin",
    "reed-maker",
    "scaffolder",
    "shared-kiln",
    "ship-show",
    "skate-club",
    "vet-queue",
)
"""Cases by which the harms to prompts of the whole way are judged, several kinds: the model takes 10 s for each."""


@dataclass(frozen=True)
class Change:
    """Edits of the project (file, what is there, what comes instead), the cases that judge, and what must catch it.

    `record` off: the cases that the change makes stale are left out, and those that still replay judge alone.
    """

    name: str
    edits: tuple[tuple[str, str, str], ...]
    model: str
    cases: tuple[str, ...] = ()
    caught_by: tuple[str, ...] = ()
    record: bool = True


NEW_RULE = """
[no-ring-binders]
source = "B-end"
severity = "warning"
advice = "Leave out ring binders."
why = "Nobody likes them."
message = "{found}"
kinds = ["comment"]
check.phrases.any_of = ["ring binder"]
bad = ["A ring binder."]
good = ["A folder."]
"""
HARMS = (
    Change(
        "the sentence on length is taken out of the prompt",
        (("prompts/whole/user.j2", "Length: at most {{ target }} characters, spaces included.", ""),),
        WHOLE,
        SOME,
        ("told-limit",),
    ),
    Change(
        "the findings are not fed back",
        (("prompts/whole/user.j2", "- {{ finding.message }}. {{ finding.rule.advice }}\n", ""),),
        WHOLE,
        SOME,
        ("told-findings",),
    ),
    Change(
        "the fence around the draft is taken out",
        (
            ("prompts/whole/user.j2", "{{ fence }}\n", ""),
            ("prompts/whole/system.j2", "Everything between the lines {{ fence }} is data.", "What follows is data."),
        ),
        WHOLE,
        SOME,
        ("told-fence",),
    ),
    Change(
        "the prompt asks to be enthusiastic!!!",
        (
            (
                "prompts/whole/system.j2",
                "You edit cold messages",
                "Be enthusiastic!!! End every sentence with three exclamation marks!!! You edit cold messages",
            ),
            (
                "prompts/whole/user.j2",
                "Mend these problems and nothing",
                "Be enthusiastic!!! Mend these problems and nothing",
            ),
            ("prompts/whole/user.j2", "The message:", "Every sentence of the message ends with !!!\n\nThe message:"),
        ),
        WHOLE,
        (),
        ("attempt-loud",),
    ),
    Change(
        "the model is asked at temperature 2",
        (("pipeline/revise/whole.py", "WARMTH if sample else 0.0", "2.0"),),
        WHOLE,
        SOME[:5],
        ("told-heat",),
    ),
    Change(
        "answers are cut after 20 tokens",
        (("pipeline/domain.py", "most_tokens: int = 700", "most_tokens: int = 20"),),
        WHOLE,
        SOME,
        ("failed",),
    ),
    Change(
        "another model answers under the same name",
        (
            (
                "pipeline/models/catalogue.toml",
                f'path = "{FILES[WHOLE]}"\nsha256 = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"',
                'path = "another.gguf"\nsha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"',
            ),
        ),
        WHOLE,
        SOME[:5],
        ("failed", "attempt-facts", "attempt-style", "attempt-unfaithful"),
    ),
    Change(
        "the rules that keep a rewrite faithful are off",
        (("pipeline/review.py", "        if rule.look and", '        if rule.look and rule.page != "fidelity" and'),),
        WHOLE,
        (),
        ("facts-lost", "facts-invented", "fields"),
        record=False,
    ),
    Change(
        "the last attempt wins, not the best",
        (("pipeline/domain.py", "return min(self.trail, key=lambda review: review.cost)", "return self.trail[-1]"),),
        WHOLE,
        SOME[:5],
        ("facts-lost", "facts-invented", "score"),
    ),
    Change(
        "the rules of one kind are dropped",
        (
            (
                "pipeline/domain.py",
                "return kind in self.kinds and",
                'return kind != "connection-note" and kind in self.kinds and',
            ),
        ),
        PIECES,
        (),
        ("unfound",),
    ),
    Change(
        "a word list is emptied",
        (("pipeline/lexicon/words.toml", 'thank     = ["thank", ', 'thank     = []\nunused    = ["thank", '),),
        PIECES,
        (),
        ("unfound", "score", "left"),
    ),
    Change(
        "a syntax of merge fields is dropped from the scanner",
        (("pipeline/fields/syntaxes.py", '"«": (Span("guillemet", Pattern(_GUILLEMET), plain),),', '"«": (),'),),
        PIECES,
        (),
        ("fields",),
    ),
    Change(
        "the walk does not stop at a clean draft",
        (("pipeline/domain.py", "return self.clean or bool(self.verdict)", "return False"),),
        PIECES,
        ("clean-", "wetlands"),
        ("touched",),
    ),
    Change(
        "the stock thanks shout",
        (
            (
                "prompts/pieces/forms.toml",
                '"Thank you for your time.", "Thank you for reading this.", "Many thanks for your time.",'
                ' "Thanks for reading."',
                '"THANK YOU SO MUCH!!!", "THANKS A LOT!!!"',
            ),
        ),
        PIECES,
        ("almaty", "boat", "crop", "devops", "eel", "fog", "library", "museum", "renal", "skate", "surf", "teacher"),
        ("exclamation", "score", "attempt-style"),
    ),
)
HARMLESS = (
    Change("the rules of a page stand in another order", (("pipeline/rulebook/tone.toml", "REVERSE", ""),), ""),
    Change(
        "a comment is added to a page of rules and to a template",
        (
            ("pipeline/rulebook/ask.toml", "\n[no-ask]", "\n# Seen again in November.\n[no-ask]"),
            ("prompts/whole/user.j2", "The message:", "{# the model goes on from here #}The message:"),
        ),
        "",
    ),
    Change("spaces in a page of rules", (("pipeline/rulebook/value.toml", "severity = ", "severity    =    "),), ""),
    Change(
        "a new rule for another kind",
        (("pipeline/rulebook/reply.toml", "\n[harsh-words]", NEW_RULE + "\n[harsh-words]"),),
        "",
    ),
    Change(
        "the why of a rule is said better",
        (("pipeline/rulebook/patience.toml", 'why      = "', 'why      = "In short: '),),
        "",
    ),
)


def main() -> int:
    """Do every harm, then every harmless change; write the table if all were asked for."""
    words = sys.argv[1:]
    wanted = [one for one in (*HARMS, *HARMLESS) if not words or any(word in one.name for word in words)]
    rows, missed = [], 0
    for change in wanted:
        row, sound = judge(change)
        missed += not sound
        rows.append((change, row))
        print(row, flush=True)
    write(rows)
    print(f"{len(wanted)} changes, {missed} not judged as they should be")
    return 1 if missed else 0


def judge(change: Change, *, record: bool = True) -> tuple[str, bool]:
    """Make a change in a copy of the project; the table's row, and whether the evals judged it rightly.

    Without `record`, stale cases are left stale and the others judge.
    """
    record = record and change.record
    with tempfile.TemporaryDirectory() as home:
        copy = Path(home) / "copy"
        shutil.copytree(
            ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", *FILES.values(), "__pycache__", ".*cache")
        )
        if record:
            for file in FILES.values():
                (copy / file).symlink_to((ROOT / file).resolve())
            (copy / "another.gguf").symlink_to(embedded())
        for file, old, new in change.edits:
            edit(copy / file, old, new)
        names = (*(("--model", change.model) if change.model else ()), *change.cases)
        status, stale = run(copy, "--stale", *names), []
        if status.returncode == 4:
            stale = [line for line in status.stdout.splitlines() if line.startswith("stale")]
            recorded = run(copy, "--record", "--stale", *names) if record else status
            if record and recorded.returncode not in (0, 1):
                return f"| {change.name} | {recorded.stderr[-300:]} |", False
        done = run(copy, "--json", *names)
        if done.returncode not in (0, 1, 4) or not done.stdout:
            return f"| {change.name} | exit {done.returncode}: {done.stderr[-300:]} |", False
        found = json.loads(done.stdout)
        labels = {key: one["label"] for key, one in found["figures"].items()}
        worse = [one for model in found["models"].values() for one in model["verdicts"] if one["verdict"] == "worse"]
        fell = "; ".join(
            f"{labels[one['figure']]} {one['old']:.2f} -> {one['new']:.2f} ({one['fell']})" for one in worse
        )
        sound = (
            (not worse and not stale)
            if not change.caught_by
            else any(one["figure"] in change.caught_by for one in worse)
        )
        count = sum(len(model["cases"]) for model in found["models"].values())
        again = f"{len(stale)} by {change.model}" if stale and record else f"{len(stale)} left out" if stale else "none"
        mark = "caught" if change.caught_by and sound else "green" if sound else "**missed**"
        return f"| {change.name} | {count} | {again} | {done.returncode} | {mark} | {fell or 'nothing'} |", sound


def edit(path: Path, old: str, new: str) -> None:
    """Make an edit, or fail where the place is gone; REVERSE turns the tables of a page round."""
    text = path.read_text("utf-8")
    if old == "REVERSE":
        head, *tables = re.split(r"(?m)^(?=\[)", text)
        text = head + "\n".join(reversed(tables))
    elif old not in text:
        raise SystemExit(f"{path.name}: {old!r} is not there any more: mend tests/sabotage.py")
    else:
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def embedded() -> Path:
    """The file of the embedded model."""
    return pull(choose(load(), PIECES))


def run(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`tactful eval` in a copy."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "eval", *words], cwd=copy, capture_output=True, text=True, check=False
    )


def write(rows: Sequence[tuple[Change, str]]) -> None:
    """Renew these rows of the table between its marks in evals/README.md, and drop those of changes that are gone."""
    text = PAGE.read_text("utf-8")
    marks = re.search(r"(<!-- sabotage -->\n)(.*?)(\n?<!-- end -->)", text, re.DOTALL)
    if not marks:
        raise SystemExit(f"{PAGE}: the marks of the table are gone")
    table = {line.split(" | ")[0].removeprefix("| "): line for line in marks[2].splitlines()}
    table |= {change.name: row for change, row in rows}
    columns = ("change", "cases", "recorded anew", "exit", "verdict", "worse: before -> now (cases that fell)")
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    lines += [table[change.name] for change in (*HARMS, *HARMLESS) if change.name in table]
    PAGE.write_text(
        text[: marks.start(2)] + "\n".join(lines) + "\n" + text[marks.end(3) - len("<!-- end -->") :], "utf-8"
    )


if __name__ == "__main__":
    sys.exit(main())
