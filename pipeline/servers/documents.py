"""A document of an editor comes in; what is found in it, where, and the edits that mend it go out."""

import difflib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lsprotocol import types as lsp
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from pipeline import desk, drafts, settings
from pipeline.checking import found, written
from pipeline.desk import Desk
from pipeline.domain import Draft, Review
from pipeline.formats.results import FindingResult, result


@dataclass(frozen=True, slots=True)
class Looked:
    """A document and what was found in it."""

    document: TextDocument
    review: Review
    desk: Desk

    def range(self, finding: FindingResult) -> lsp.Range:
        """Where a finding stands, in the client's units; a line of front matter whole."""
        lines = self.document.lines
        row = min(finding.line, len(lines)) - 1
        if finding.part == "subject" or finding.end <= finding.start:
            return self._units(row, 0, row, len(lines[row].rstrip("\r\n")) if lines else 0)
        return self._units(row, finding.column - 1, finding.end_line - 1, finding.end_column - 1)

    def _units(self, row: int, column: int, end_row: int, end_column: int) -> lsp.Range:
        span = lsp.Range(lsp.Position(max(0, row), column), lsp.Position(max(0, end_row), end_column))
        return self.document.position_codec.range_to_client_units(self.document.lines, span)

    def findings(self) -> Iterator[tuple[FindingResult, Callable[[], Draft] | None]]:
        """Every finding with what mends it, if a program can."""
        for one, told in zip(self.review.findings, result(self.review, self.document.path).findings, strict=True):
            yield told, partial(one.rule.fix, self.review.draft, one.hit) if one.rule.fix else None

    def edit(self, after: Draft) -> lsp.WorkspaceEdit | None:
        """What makes the document hold another message; None where nothing changes."""
        old = self.document.source
        new = written(after, self.document.path, old.encode()).decode()
        before, behind = old.splitlines(keepends=True), new.splitlines(keepends=True)
        steps = difflib.SequenceMatcher(None, before, behind, autojunk=False).get_opcodes()
        edits = [lsp.TextEdit(self._lines(a, b), "".join(behind[c:d])) for step, a, b, c, d in steps if step != "equal"]
        return lsp.WorkspaceEdit(changes={self.document.uri: edits}) if edits else None

    def _lines(self, first: int, last: int) -> lsp.Range:
        """The lines from `first` to before `last`; the end of the text where they are its last."""
        lines = self.document.lines
        if last < len(lines) or not lines or lines[-1].endswith(("\n", "\r")):
            return lsp.Range(lsp.Position(first, 0), lsp.Position(last, 0))
        return (
            self._units(first, 0, len(lines) - 1, len(lines[-1]))
            if first < len(lines)
            else (self._units(len(lines) - 1, len(lines[-1]), len(lines) - 1, len(lines[-1])))
        )


@dataclass(slots=True)
class Editor:
    """The documents of one editor, drafted with the settings of the folders in which they lie."""

    desks: dict[tuple[Path, int], Desk] = field(default_factory=dict)

    def look(self, document: TextDocument) -> Looked | None:
        """What is found in a document; None where it is no message. PipelineError: why it cannot be read."""
        own = self._desk(document)
        text = drafts.decode(document.source.encode(), document.path)
        if not (_names_a_kind(text, document.path) or own.settings.speaking_of(document.path)):
            return None
        return Looked(document, found(own.draft(text, document.path), document.path, own), own)

    def _desk(self, document: TextDocument) -> Desk:
        """What messages of the document's folder are drafted with, read anew where the settings' file changed."""
        place = Path(to_fs_path(document.uri) or document.path).parent
        chosen = settings.load(place, os.environ)
        stamp = Path(chosen.file).stat().st_mtime_ns if chosen.file else 0
        key = (Path(chosen.file), stamp)
        if key not in self.desks:
            self.desks[key] = desk.opened(place, os.environ)
        return self.desks[key]


def _names_a_kind(text: str, name: str) -> bool:
    return "kind" in drafts.split(text, name)[0]
