"""What was found in many messages comes in; text goes out, in the form that a program or a platform reads.

    results     FileResult, FindingResult: read these first
    documents   JSON, JSON lines, and the schema of both
    sarif       SARIF 2.1.0, for code scanning
    platforms   annotations of GitHub, code quality of GitLab
    reviewdog   rdjson
    xml         checkstyle, JUnit
    statistics  how often each rule was broken

Each format is a function of results and rulebook that yields text; this table is the only register.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from pipeline.domain import Rulebook
from pipeline.formats import documents, platforms, reviewdog, sarif, xml
from pipeline.formats.results import FileResult, FindingResult, result

Format: TypeAlias = Callable[[Iterable[FileResult], Rulebook], Iterator[str]]
FORMATS: Mapping[str, Format] = {
    "json": documents.json,
    "jsonl": documents.json_lines,
    "sarif": sarif.sarif,
    "github": platforms.github,
    "gitlab": platforms.gitlab,
    "rdjson": reviewdog.rdjson,
    "checkstyle": xml.checkstyle,
    "junit": xml.junit,
}
"""Format by the word that `check --format` uses, besides `full` and `brief`, which are for people."""

__all__ = ["FORMATS", "FileResult", "FindingResult", "Format", "result"]
