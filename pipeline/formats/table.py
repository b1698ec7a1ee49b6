"""The register of formats: a word of the command line comes in, the function that writes that format goes out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from pipeline.domain import Rulebook
from pipeline.formats import documents, platforms, reviewdog, sarif, xml
from pipeline.formats.results import FileResult

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
