"""Results come in; SARIF 2.1.0 (OASIS) goes out: one run, a rule for each that was broken, a result a finding."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from pipeline import __version__
from pipeline.domain import Rulebook
from pipeline.formats.documents import pretty
from pipeline.formats.results import FileResult, FindingResult

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"hint": "note", "warning": "warning", "error": "error", "fatal": "error"}


def sarif(results: Iterable[FileResult], rulebook: Rulebook) -> Iterator[str]:
    """One log with one run; columns count code points (columnKind unicodeCodePoints)."""
    rules: dict[str, dict[str, Any]] = {}
    rows = []
    for one in results:
        for finding in one.findings:
            rules.setdefault(finding.rule, _rule(finding, rulebook))
            rows.append(_result(finding, one.name, list(rules).index(finding.rule)))
    driver = {
        "name": "tactful",
        "semanticVersion": __version__.split("+")[0],
        "rules": list(rules.values()),
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": rows}
    yield pretty({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(finding: FindingResult, rulebook: Rulebook) -> dict[str, Any]:
    known = rulebook.rules.get(finding.rule)
    return {
        "id": finding.rule,
        "name": "".join(part.capitalize() for part in finding.rule.split("-")),
        "shortDescription": {"text": finding.advice},
        "fullDescription": {"text": finding.why},
        "help": {"text": f"{finding.why} {finding.advice}"},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {"tags": [known.page if known else "marks", f"fix:{finding.fix}"]},
    }


def _result(finding: FindingResult, name: str, index: int) -> dict[str, Any]:
    region = {"startLine": finding.line, "startColumn": finding.column}
    if finding.end > finding.start:
        region |= {"endLine": finding.end_line, "endColumn": finding.end_column}
    place = {"artifactLocation": {"uri": uri(name)}, "region": region}
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"tactful/v1": fingerprint(finding, name)},
    }


def uri(name: str) -> str:
    """A file's name as a reference that a log may hold: relative, with "/" and percent signs."""
    return (
        quote(PurePath(name).as_posix(), safe="/~!$&'()*+,;=@")
        if not PurePath(name).is_absolute()
        else (PurePath(name).as_uri())
    )


def fingerprint(finding: FindingResult, name: str) -> str:
    """What stays the same where lines above come and go: file, rule, the line and the words."""
    known = "\0".join((PurePath(name).as_posix(), finding.rule, " ".join(finding.quote.split()), finding.found))
    return hashlib.sha256(known.encode()).hexdigest()[:32]
