"""A git revision comes in; the lines of each file that were changed since go out: what `--diff-base` reports on."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.domain import Finding, Review
from pipeline.errors import SettingsError
from pipeline.text import place

HUNK = re.compile(r"@@ -\S+ \+(?P<start>\d+)(?:,(?P<count>\d+))? @@")


@dataclass(frozen=True, slots=True)
class Touched:
    """The changed lines, from 1, of each changed file, by its real path; a new file counts whole (`files`)."""

    lines: Mapping[Path, frozenset[int]] = field(default_factory=dict)
    files: frozenset[Path] = frozenset()

    def only(self, review: Review, name: str) -> Review:
        """The review with the findings of touched lines; what is about the whole message stays if any line is."""
        path = Path(name).resolve()
        if path in self.files:
            return review
        rows = self.lines.get(path, frozenset())
        return replace(review, findings=tuple(one for one in review.findings if _touches(one, review, rows)))


def _touches(finding: Finding, review: Review, rows: frozenset[int]) -> bool:
    hit = finding.hit
    if hit.part == "subject" or hit.end <= hit.start:
        return bool(rows)
    above = review.draft.line - 1
    first, last = (place(review.draft.text, at)[0] + above for at in (hit.start, hit.end - 1))
    return not rows.isdisjoint(range(first, last + 1))


def since(revision: str, names: Sequence[str]) -> Touched:
    """What was changed since a revision, in the working tree. SettingsError: no git, repository or such revision."""
    if "-" in names:
        raise SettingsError("--diff-base: stdin has no history: name the file")
    top = Path(_git(Path.cwd(), "rev-parse", "--show-toplevel").strip())
    # the revision ends in ^{commit}, so that it can be no option and no file
    commit = _git(top, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").strip()
    names_changed = _git(top, "diff", "--name-only", "--no-renames", "-z", "--diff-filter=d", commit).split("\0")
    new = _git(top, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    wanted = {Path(name).resolve() for name in names}
    changed = [path for name in names_changed if name and (path := (top / name).resolve()) in wanted]
    return Touched(
        {path: _rows(top, commit, path) for path in changed},
        frozenset(path for name in new if name and (path := (top / name).resolve()) in wanted),
    )


def _rows(top: Path, commit: str, path: Path) -> frozenset[int]:
    """The lines of one file as it is now that a revision did not have."""
    patch = _git(top, "diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-renames", commit, "--", str(path))
    rows: set[int] = set()
    for found in re.finditer(rf"(?m)^{HUNK.pattern}", patch):
        count = int(found["count"] or 1)
        rows.update(range(int(found["start"]), int(found["start"]) + max(1, count)))
    return frozenset(rows)


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(("git", *words), cwd=folder, capture_output=True, check=False)
    except OSError as error:
        raise SettingsError(f"--diff-base needs git: {error.strerror}: install git, or leave the flag out") from error
    if done.returncode:
        reason = (done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"])[0]
        raise SettingsError(f"--diff-base: {reason}: name a revision of this repository, such as origin/main")
    return done.stdout.decode(errors="replace")
