"""Findings that a project has accepted come in; of today's only the new ones go out.

A baseline is a file of JSON lines, sorted, so that git shows its changes well: file, rule, the line in which it was
found, and how often. A finding is known by these and not by its line's number: a line above may come or go.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from pipeline import files
from pipeline.domain import Finding, Review
from pipeline.errors import SettingsError

NAME = ".tactful-baseline.jsonl"
"""The file beside the settings, or where the command runs."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, order=True):
    """Findings of one rule in one line of one file; `quote` is "" where they are about the message as a whole."""

    file: str
    rule: str
    quote: str
    count: int = 1


Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was accepted, by file, rule and line; files are named from the folder of the baseline's `place`."""

    place: Path
    accepted: Mapping[Key, int] = field(default_factory=dict)

    def key(self, name: str, finding: Finding, review: Review) -> Key:
        """By what a finding is known again."""
        path, root = Path(name).resolve(), self.place.resolve().parent
        file = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        return file, finding.rule.id, quote(finding, review)

    def new(self, review: Review, name: str) -> Review:
        """The review with the findings that go beyond what was accepted."""
        seen: Counter[Key] = Counter()
        left = []
        for finding in review.findings:
            key = self.key(name, finding, review)
            seen[key] += 1
            if seen[key] > self.accepted.get(key, 0):
                left.append(finding)
        return replace(review, findings=tuple(left))

    def write(self, found: Iterable[Key]) -> int:
        """Write what was found as what is accepted; how many findings that is."""
        counts = Counter(found)
        entries = sorted(Entry(file=key[0], rule=key[1], quote=key[2], count=count) for key, count in counts.items())
        files.write(self.place, "".join(msgspec.json.encode(one).decode() + "\n" for one in entries))
        return counts.total()


def quote(finding: Finding, review: Review) -> str:
    """The line in which a finding begins, its blanks made one; "" where it is about the message as a whole."""
    hit = finding.hit
    text = review.draft.subject if hit.part == "subject" else review.draft.text
    if hit.end <= hit.start:
        return ""
    return " ".join(text[text.rfind("\n", 0, hit.start) + 1 :].split("\n", 1)[0].split())


def read(path: Path, *, new: bool = False) -> Baseline:
    """The baseline of a file; with `new` an empty one in its place. SettingsError names the line that is none."""
    if new:
        return Baseline(path)
    accepted: Counter[Key] = Counter()
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}: write it with `tactful check --add-baseline`") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8 at byte {error.start}: write it again with --add-baseline") from error
    for number, line in enumerate(lines, 1):
        try:
            one = msgspec.json.decode(line, type=Entry)
        except msgspec.DecodeError as error:
            raise SettingsError(f"{path}:{number}: {error}: write it again with --add-baseline") from error
        accepted[one.file, one.rule, one.quote] += one.count
    return Baseline(path, accepted)
