"""Results come in; what GitHub and GitLab show beside the lines of a change goes out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from pipeline.domain import Rulebook
from pipeline.formats.documents import pretty
from pipeline.formats.results import FileResult
from pipeline.formats.sarif import fingerprint

COMMANDS = {"hint": "notice", "warning": "warning", "error": "error", "fatal": "error"}
SEVERITIES = {"hint": "info", "warning": "minor", "error": "major", "fatal": "critical"}


def github(results: Iterable[FileResult], rulebook: Rulebook) -> Iterator[str]:
    """Workflow commands, a line a finding: GitHub Actions makes annotations of them."""
    del rulebook
    for one in results:
        for finding in one.findings:
            spot = {"file": one.name, "line": finding.line, "col": finding.column}
            if finding.end > finding.start:
                spot["endLine"] = finding.end_line
                if finding.end_line == finding.line:  # the runner refuses columns over several lines
                    spot["endColumn"] = finding.end_column - 1
                else:
                    del spot["col"]
            spot["title"] = f"tactful {finding.rule}"
            keys = ",".join(f"{key}={_escaped(str(value), key=True)}" for key, value in spot.items())
            text = f"{finding.message}. {finding.advice}"
            yield f"::{COMMANDS[finding.severity]} {keys}::{_escaped(text)}\n"


def _escaped(text: str, *, key: bool = False) -> str:
    """A value as workflow commands take it."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if key else text


def gitlab(results: Iterable[FileResult], rulebook: Rulebook) -> Iterator[str]:
    """GitLab's code quality report: a list of findings, each with a fingerprint of its own."""
    del rulebook
    seen: Counter[str] = Counter()
    rows = []
    for one in results:
        for finding in one.findings:
            mark = fingerprint(finding, one.name)
            seen[mark] += 1
            rows.append(
                {
                    "description": f"{finding.message}. {finding.advice}",
                    "check_name": finding.rule,
                    "fingerprint": mark if seen[mark] == 1 else f"{mark}-{seen[mark]}",
                    "severity": SEVERITIES[finding.severity],
                    "location": {
                        "path": PurePath(one.name).as_posix(),
                        "lines": {"begin": finding.line, "end": max(finding.line, finding.end_line)},
                    },
                }
            )
    yield pretty(rows)
