"""evals/baseline.json: what the team accepted, to be reviewed like code. One line a case, so that a diff shows cases.

It holds the figures and the message of every case and model, and what they were measured with.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from pipeline.errors import CaseError
from pipeline.evals.figures import FIGURES
from pipeline.evals.fingerprints import tone_lists
from pipeline.evals.scores import Score
from pipeline.files import write

SCHEMA = 1


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """One case as it was accepted."""

    outcome: str
    figures: dict[str, float]
    after: str


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The accepted state, by model and case; `tone` says which word lists the figures of tone are of."""

    schema: int = SCHEMA
    tone: str = ""
    models: dict[str, dict[str, Accepted]] = {}


def load(path: Path) -> Baseline:
    """The baseline; an empty one where there is no file. CaseError where the file is none of ours."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Baseline)
    except FileNotFoundError:
        return Baseline()
    except OSError as error:
        raise CaseError(f"{path}: {error.strerror}") from error
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise CaseError(f"{path}: not a baseline: {error}: restore it, or write it anew with --bless") from error
    if found.schema != SCHEMA:
        raise CaseError(f"{path}: schema {found.schema}, and this version reads {SCHEMA}: write it anew with --bless")
    return found


def blessed(old: Baseline, scores: Iterable[Score], known: Iterable[str]) -> Baseline:
    """The baseline with these scores in place of theirs; cases that are gone (not in `known`) are left out."""
    cases = frozenset(known)
    models = {model: {name: row for name, row in rows.items() if name in cases} for model, rows in old.models.items()}
    for one in scores:
        figures = {name: value for name, value in one.values.items() if name != "seconds"}
        models.setdefault(one.model, {})[one.case] = Accepted(outcome=one.outcome, figures=figures, after=one.after)
    return Baseline(tone=tone_lists(), models=models)


def save(baseline: Baseline, path: Path) -> None:
    """Write the baseline, cases in order, one on a line."""
    lines = ["{", f'"schema": {baseline.schema},', f'"tone": {_json(baseline.tone)},', '"models": {']
    for i, (model, rows) in enumerate(sorted(baseline.models.items())):
        lines.append(f"{_json(model)}: {{")
        lines += [
            f"{_json(name)}: {_json(row)}{',' if j < len(rows) - 1 else ''}"
            for j, (name, row) in enumerate(sorted(rows.items()))
        ]
        lines.append("}" + ("," if i < len(baseline.models) - 1 else ""))
    write(path, "\n".join([*lines, "}", "}", ""]), parents=True)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def changes(old: Baseline, new: Baseline) -> Iterator[str]:
    """What `--bless` changes, a line a case: new and gone cases, outcomes, and the figures that moved."""
    for model in sorted({*old.models, *new.models}):
        was, now = old.models.get(model, {}), new.models.get(model, {})
        for case in sorted({*was, *now}):
            place = f"{model}/{case}"
            if case not in now:
                yield f"{place}: gone"
            elif case not in was:
                yield f"{place}: new, {now[case].outcome}"
            elif was[case] != now[case]:
                yield f"{place}: {', '.join(_moved(was[case], now[case])) or 'the message changed'}"


def _moved(was: Accepted, now: Accepted) -> Iterator[str]:
    if was.outcome != now.outcome:
        yield f"{was.outcome} -> {now.outcome}"
    for name in FIGURES:
        before, after = was.figures.get(name), now.figures.get(name)
        if before != after:
            yield f"{name} {'-' if before is None else f'{before:g}'} -> {'-' if after is None else f'{after:g}'}"
