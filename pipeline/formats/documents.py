"""Results come in; versioned JSON goes out, and the schema of it."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from pipeline import __version__
from pipeline.domain import Rulebook
from pipeline.formats.results import SCHEMA, SCORE, FileResult, FindingResult


class Document(msgspec.Struct, frozen=True, kw_only=True, rename={"number": "schema"}):
    """What `check --format json` prints: `schema` rises when a key changes its meaning or goes away."""

    number: int = SCHEMA
    program: str = "tactful"
    version: str = __version__
    score: str = SCORE
    files: tuple[FileResult, ...] = ()


class Line(FindingResult, frozen=True, kw_only=True):
    """What a line of `check --format jsonl` holds: a finding and the name of its file."""

    name: str


def json(results: Iterable[FileResult], rulebook: Rulebook) -> Iterator[str]:
    """One document with everything."""
    del rulebook
    yield pretty(Document(files=tuple(results)))


def json_lines(results: Iterable[FileResult], rulebook: Rulebook) -> Iterator[str]:
    """A line for each finding, as soon as it is found."""
    del rulebook
    for one in results:
        for finding in one.findings:
            line = Line(name=one.name, **msgspec.structs.asdict(finding))
            yield msgspec.json.encode(line).decode() + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document."""
    made = msgspec.json.schema(Document)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "tactful check --format json", **made}


def pretty(value: object) -> str:
    """A value as indented JSON that ends in a line break."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"
