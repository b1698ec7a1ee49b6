"""Results come in; rdjson, the Reviewdog Diagnostic Format, goes out. Its columns count bytes of UTF-8 from 1."""

from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.domain import Rulebook
from pipeline.formats.documents import pretty
from pipeline.formats.results import FileResult, FindingResult

SEVERITIES = {"hint": "INFO", "warning": "WARNING", "error": "ERROR", "fatal": "ERROR"}


def rdjson(results: Iterable[FileResult], rulebook: Rulebook) -> Iterator[str]:
    """One DiagnosticResult."""
    del rulebook
    rows = [_diagnostic(finding, one.name) for one in results for finding in one.findings]
    yield pretty({"source": {"name": "tactful"}, "diagnostics": rows})


def _diagnostic(finding: FindingResult, name: str) -> dict[str, Any]:
    return {
        "message": f"{finding.message}. {finding.advice}",
        "location": {"path": name, "range": _range(finding)},
        "severity": SEVERITIES[finding.severity],
        "code": {"value": finding.rule},
    }


def _range(finding: FindingResult) -> dict[str, Any]:
    """Where it stands; the end is left out where it lies in another line, whose text is not at hand."""
    start = {"line": finding.line, "column": _bytes(finding.quote, finding.column)}
    if finding.end <= finding.start or finding.end_line != finding.line:
        return {"start": start}
    return {"start": start, "end": {"line": finding.end_line, "column": _bytes(finding.quote, finding.end_column)}}


def _bytes(line: str, column: int) -> int:
    return len(line[: column - 1].encode()) + 1
