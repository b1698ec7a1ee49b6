"""Cases, cassettes and a baseline come in; what is wrong with how they are kept goes out, each with its remedy.

A fault fails the command. A note does not: an older fingerprint says that something changed which no request shows.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline import pool
from pipeline.errors import CaseError
from pipeline.evals import cassettes
from pipeline.evals.baseline import Baseline
from pipeline.evals.cases import Case
from pipeline.evals.cassettes import SUFFIX
from pipeline.evals.running import Suite, replay
from pipeline.evals.scores import Stale
from pipeline.models import Model

LIFE = 180
"""Days after which a recording is old: models and servers move on, and nobody has looked at it since."""
CHUNK = 8
"""Files that a process examines at a time."""
SECRETS: Mapping[str, re.Pattern[str]] = {
    "a header that carries a key": re.compile(
        r"(?i)\b(?:proxy-)?authorization\b\s*:|\b(?:x-)?api[-_]key\b\s*[:=]|\bset-cookie\b\s*:|\bcookie\s*:|openai-(?:organization|project)"
    ),
    "what looks like a key": re.compile(
        r"\bBearer\s+[\w.~+/-]{8,}|\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bgh[pousr]_\w{20,}|\bhf_[A-Za-z0-9]{20,}"
        r"|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.|-----BEGIN [A-Z ]*PRIVATE KEY"
    ),
    "the address of a machine": re.compile(r"(?i)\b(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1\]):\d+"),
    "a folder of somebody's machine": re.compile(r"(?<![\w.])/(?:home|root|Users)/[\w.-]+/|\b[A-Z]:\\\\?Users\\"),
}
ESCAPED = re.compile(r'"(?:[^"\\]|\\.)*\\n(?:[^"\\]|\\.)*\\n')
"""Two line breaks inside one quoted string: text that no diff can show."""


class Trouble(NamedTuple):
    """What is wrong, where, and what to do; a note is no fault."""

    place: str
    what: str
    remedy: str
    note: bool = False

    def __str__(self) -> str:
        """On one line."""
        return f"{'note' if self.note else 'fault'}  {self.place}: {self.what}: {self.remedy}"


def examine(
    cases: Sequence[Case],
    models: Mapping[str, Model],
    default: Model,
    suite: Suite,
    baseline: Baseline,
    life: int = LIFE,
) -> Iterator[Trouble]:
    """Every fault and note, file by file; `life` is the age in days from which on a recording is too old."""
    known = {case.name: case for case in cases}
    files = sorted(path for path in suite.cassettes.rglob("*") if path.is_file())

    def look(some: Sequence[Path]) -> Iterator[Trouble]:
        for path in some:
            place = str(path.relative_to(suite.cassettes.parent))
            yield from _secrets(path, place)
            model, case = models.get(path.parent.name), known.get(path.stem)
            if model is None or case is None or path.suffix != SUFFIX or path.parent.parent != suite.cassettes:
                yield Trouble(place, "belongs to no case and model", "delete it, or give it its case back")
            else:
                yield from _cassette(path, place, case, model, suite, life)

    older: Counter[str] = Counter()
    for trouble in pool.spread(look, files, CHUNK):
        if trouble.note:
            older[trouble.what] += 1
        else:
            yield trouble
    for case in cases:
        if not suite.cassette(case, default).is_file():
            remedy = f"tactful eval --record {case.name}"
            yield Trouble(f"cases/{case.name}.toml", f"has no cassette of {default.name}", remedy)
    yield from _accepted(baseline, known, files)
    for what, count in older.most_common():
        yield Trouble(
            f"{count} cassettes", what, "no request changed; the next recording brings it up to date", note=True
        )


def _secrets(path: Path, place: str) -> Iterator[Trouble]:
    for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
        for what, pattern in SECRETS.items():
            if pattern.search(line):
                yield Trouble(
                    f"{place}:{number}",
                    f"holds {what}",
                    "take it out and record again; a key that was committed is known",
                )
        if ESCAPED.search(line):
            yield Trouble(f"{place}:{number}", "a body on one escaped line", f"record again: --record {path.stem}")


def _cassette(path: Path, place: str, case: Case, model: Model, suite: Suite, life: int) -> Iterator[Trouble]:
    again = f"tactful eval --record {case.name}" + ("" if model.file else f" --model {model.name}")
    try:
        recorded = cassettes.load(path)
    except CaseError as error:
        yield Trouble(place, "cannot be read", str(error).partition(": not a cassette: ")[2] or again)
        return
    if (recorded.case, recorded.model) != (case.name, model.name):
        yield Trouble(place, f"was recorded as {recorded.model}/{recorded.case}", again)
        return
    age = (suite.today - recorded.recorded).days
    if age > life:
        yield Trouble(place, f"recorded {age} days ago, on {recorded.recorded}", f"{again}, or a longer --max-age")
    elif age < 0:
        yield Trouble(place, f"recorded in the future, on {recorded.recorded}", again)
    done = replay(case, model, suite)
    if isinstance(done.result, Stale):
        yield Trouble(place, f"stale: {done.result.why}", again)
        return
    if done.unplayed:
        yield Trouble(
            place, f"{done.unplayed} of {len(recorded.exchanges)} recorded answers are never asked for", again
        )
    if done.changed:
        yield Trouble(place, f"fingerprints no longer match: {', '.join(done.changed)}", "", note=True)


def _accepted(baseline: Baseline, known: Mapping[str, Case], files: Iterable[Path]) -> Iterator[Trouble]:
    if not baseline.models:
        yield Trouble("baseline.json", "there is none", "tactful eval --bless")
        return
    recorded = {(path.parent.name, path.stem) for path in files}
    accepted = {(model, case) for model, rows in baseline.models.items() for case in rows}
    for model, case in sorted(one for one in accepted if one not in recorded or one[1] not in known):
        what = "has no cassette" if case in known else "is no case"
        yield Trouble("baseline.json", f"holds {model}/{case}, which {what}", "tactful eval --bless")
    for model, case in sorted((model, case) for model, case in recorded - accepted if case in known):
        yield Trouble("baseline.json", f"does not hold {model}/{case}", "tactful eval --bless")
