"""The nouns of a template library: a file's templates come in, new texts for some of them, and its bytes go out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, overload

from pipeline.errors import LibraryError, PipelineError
from pipeline.library.body import Body, tidy, unfit


@dataclass(frozen=True, slots=True)
class Template:
    """One message of a library; line ends are LF, outer blank lines and spaces at the end are left out.

    `id` is a label, unique in its file: "" for a file that is one message, else the row's own id or "row 7". `table`
    holds what the library says of the message besides, as in a brief file. `line` is the line of the file, from 1, on
    which the text begins, 0 where there is none. `has_subject` tells whether there is a place for a subject.
    """

    id: str
    text: str
    subject: str = ""
    table: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0
    has_subject: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """The new text and subject of one template; None leaves the old one."""

    text: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One row or file that cannot be used: `spot` is its place ("a.csv:12"), `message` has a remedy."""

    spot: str
    message: str

    def __str__(self) -> str:
        """The fault as one line."""
        return f"{self.spot}: {self.message}"

    @classmethod
    def of(cls, error: PipelineError) -> "Fault":
        """An error whose message begins with its place."""
        spot, _, message = str(error).partition(": ")
        return cls(spot, message)


def same(data: bytes) -> bytes:
    """The bytes as they are: how most files are sealed."""
    return data


@dataclass(frozen=True, slots=True)
class Page:
    """A file's bytes as its reader works on them.

    `data` is text in `codec`, which is a superset of ASCII; `seal` makes the file's own bytes of such data.
    """

    data: bytes = b""
    codec: str = "utf-8"
    seal: Callable[[bytes], bytes] = same


class Slot(NamedTuple):
    """Where a value stands in the page's data, in bytes, and how another is written there (LibraryError: it cannot)."""

    start: int
    end: int
    write: Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """A template with the places of its text and its subject; `spot` is its place for an error."""

    template: Template
    body: Body
    spot: str
    text: Slot
    subject: Slot | None = None

    def edits(self, change: Change) -> list[tuple[int, int, bytes]]:
        """Start, end and new bytes of what a change does to the page. LibraryError: why it cannot be written here."""
        text = self.template.text if change.text is None else tidy(change.text)
        subject = self.template.subject if change.subject is None else change.subject.strip()
        if text == self.template.text and subject == self.template.subject:
            return []
        if wrong := unfit(text) or unfit(subject) or self._unplaced(text, subject):
            raise LibraryError(f"{self.spot}: {wrong}")
        edits = []
        try:
            value = self.body.written(text, None if self.subject else subject)
            if text != self.template.text or value != self.body.value:
                edits.append((self.text.start, self.text.end, self.text.write(value)))
            if self.subject and subject != self.template.subject:
                edits.append((self.subject.start, self.subject.end, self.subject.write(subject)))
        except LibraryError as error:
            raise LibraryError(f"{self.spot}: {error}") from error
        return edits

    def _unplaced(self, text: str, subject: str) -> str:
        """What a new text or subject lacks to be read again from where it is written."""
        if not text:
            return "the new text is empty: write the message"
        if subject != self.template.subject and not self.template.has_subject:
            return "no place for a subject: add a column or key 'subject'"
        again = Body.of(self.body.written(text, None if self.subject else subject), self.body.own)
        if again.text != text or (not self.subject and self.template.has_subject and again.subject != subject):
            return "the new text would be read otherwise: begin it with the message, without a line 'Subject:'"
        return ""


class Templates(Sequence[Template]):
    """The templates of entries, each made when it is asked for."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Template: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Template, ...]: ...
    def __getitem__(self, index: int | slice) -> Template | tuple[Template, ...]:
        if isinstance(index, slice):
            return tuple(entry.template for entry in self._entries[index])
        return self._entries[index].template


@dataclass(frozen=True, slots=True)
class Volume:
    """One file, read: `rewritten({})` gives the bytes that were read. `index`: where each id stands in `entries`."""

    path: Path
    page: Page = field(default_factory=Page)
    entries: Sequence[Entry] = ()
    index: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @property
    def templates(self) -> Sequence[Template]:
        """The messages of the file, in its order; each is made anew when it is asked for."""
        return Templates(self.entries)

    def refusal(self, name: str, change: Change) -> Fault | None:
        """Why a change of the template with this id cannot be written to this file; None where it can."""
        try:
            self._edits(name, change)
        except LibraryError as error:
            spot = self.entries[self.index[name]].spot if name in self.index else str(self.path)
            return Fault(spot, str(error).removeprefix(f"{spot}: "))
        return None

    def rewritten(self, changes: Mapping[str, Change]) -> bytes:
        """The file's bytes with only these texts changed, by id. LibraryError: an id or a change that does not fit."""
        edits = sorted(edit for name, change in changes.items() for edit in self._edits(name, change))
        if not edits:
            return self.page.seal(self.page.data)
        data = memoryview(self.page.data)
        parts: list[bytes | memoryview] = []
        at = 0
        for start, end, new in edits:
            parts += data[at:start], new
            at = end
        return self.page.seal(b"".join((*parts, data[at:])))

    def _edits(self, name: str, change: Change) -> list[tuple[int, int, bytes]]:
        if name not in self.index:
            raise LibraryError(f"{self.path}: no template {name!r} in this file: read it again")
        return self.entries[self.index[name]].edits(change)
