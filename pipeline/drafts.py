"""Bytes of a file, flags and brief files come in; a Draft goes out, or one clear error that names the place.

A draft may carry its brief as front matter above its text: YAML between lines of `---`, TOML between lines of `+++`.
What is said nearer to the command wins: flags, then front matter, then the brief file, then the project's settings.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, reduce
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from pipeline import tables
from pipeline.domain import PURPOSES, Brief, Draft, History, Ignore, Kind, Person, Rulebook
from pipeline.errors import BriefError, DraftError, PipelineError
from pipeline.fields import blank, scan
from pipeline.text import place

LARGEST = 1_000_000
"""Bytes of the largest draft or brief that is read: no message is longer, and a wrong file often is."""
ENDINGS = frozenset({".md", ".txt", ".j2", ".jinja", ".liquid", ".hbs", ".tmpl"})
"""How the names of files end that are one message each."""
FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)^\1[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
UNCLOSED = re.compile(r"\A(?:---[ \t]*\n[\w-]+:|\+\+\+[ \t]*\n[\w-]+ *=)")
SUBJECT = re.compile(r"\ASubject:[ \t]*(\S.*)\n\s*\n")
"""How `improve` prints a subject, so that its output can be read again."""
LONGEST_NAME = 200
"""Characters of a file's name that an error shows."""
WIDE = (b"\xff\xfe", b"\xfe\xff")
FLAGS = "--"
"""The name of the layer that the command line makes."""
MARK = re.compile(
    r"\s*tactful:\s*ignore(?P<all>-message)?\s+(?P<rules>[\w-]+(?:\s*,\s*[\w-]+)*)\s*(?::\s*(?P<reason>.*\S))?\s*"
)
"""What a comment says that hides findings, `tactful: ignore boast, small-talk: why`; `ignore-message`: everywhere."""
COMMENT = re.compile(
    r"\A(?:<!--|\{\{!--|\{#-?|\{%-?\s*comment\s*-?%\})|(?:-->|--\}\}|-?#\}|\{%-?\s*endcomment\s*-?%\})\Z"
)
"""The delimiters of comments."""


@tables.ready
class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a table may say of a draft besides its brief."""

    kind: str = ""
    tier: str = ""
    subject: str = ""
    filled: bool = False
    ignore: tuple[str, ...] | dict[str, str] = ()


STRUCTS: Mapping[str, type[msgspec.Struct]] = {
    "": tables.ready(Brief),
    "to": Person,
    "from": Person,
    "history": History,
}


@cache
def _keys(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(one.encode_name for one in msgspec.structs.fields(struct))


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place says of a draft: flags, front matter, a brief file or the settings; `text` is where it stands."""

    name: str = ""
    table: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""

    def spot(self, key: str) -> str:
        """Where a dotted key is said: a flag, or a file and the line in it."""
        if self.name == FLAGS:
            return f"--{key.partition('.')[0]}"
        return f"{self.name}:{tables.line_of(self.text, key)}" if self.text else self.name


NOTHING = Layer()


# ── Reading ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_bytes(path: Path, error: type[PipelineError] = DraftError) -> bytes:
    """A file's bytes, one more than allowed at most; an error that names the path: missing, a folder, not readable."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError as cause:
        raise error(f"{_shown(path)}: no such file: check its name and folder") from cause
    except IsADirectoryError as cause:
        raise error(f"{_shown(path)}: a folder where one file is meant: name the file in it") from cause
    except OSError as cause:
        raise error(f"{_shown(path)}: {cause.strerror}: name a file that you may read") from cause


def _shown(path: Path) -> str:
    """A name on one line: a text may have been given where a file was meant."""
    name = " ".join(str(path).split())
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."


def decode(data: bytes, name: str, error: type[PipelineError] = DraftError) -> str:
    """A file's text, its line ends as LF. An error where it is too large, binary, or not UTF-8 (naming the byte)."""
    if len(data) > LARGEST:
        raise error(f"{name}: over the limit of {LARGEST:,} bytes: give one message, not a library")
    if data.startswith(WIDE):
        raise error(f"{name}: UTF-16, not UTF-8 (byte 0x{data[0]:02x} at offset 0): save the file as UTF-8")
    if b"\0" in data:
        raise error(f"{name}: a binary file (byte 0x00 at offset {data.index(0)}): give plain text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        bad = data[cause.start]
        raise error(f"{name}: not UTF-8: byte 0x{bad:02x} at offset {cause.start}: save the file as UTF-8") from cause
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_text(path: Path, error: type[PipelineError] = DraftError) -> str:
    """A file's text, or an error of the given class that names the path."""
    return decode(read_bytes(path, error), str(path), error)


def split(text: str, name: str) -> tuple[dict[str, Any], str, int]:
    """Front matter, body, and the line of the file on which the body starts. BriefError where it cannot be parsed."""
    found = FRONT.match(text)
    if not found:
        if UNCLOSED.match(text):
            raise BriefError(f"{name}:1: front matter without an end: put a line of {text[:3]} below its last key")
        return {}, text, 1
    header = tables.parse(found[2], "toml" if found[1] == "+++" else "yaml", name, BriefError, 1)
    return header, text[found.end() :], text.count("\n", 0, found.end()) + 1


def read_brief(path: Path, rulebook: Rulebook) -> Layer:
    """A brief file as a layer, by its ending (.toml, .yaml, .yml). BriefError names what is wrong."""
    if path.suffix not in {".toml", ".yaml", ".yml"}:
        raise BriefError(f"{path}: a brief is a .toml, .yaml or .yml file")
    text = read_text(path, BriefError)
    table = tables.parse(text, "toml" if path.suffix == ".toml" else "yaml", str(path), BriefError)
    return layer(str(path), table, rulebook, text)


def layer(name: str, table: Mapping[str, Any], rulebook: Rulebook, text: str = "", *, strict: bool = True) -> Layer:
    """A table as a layer, each key and value of it sound. BriefError names place, key and remedy.

    Without `strict`, a key that is not nearly ours is left alone: front matter may hold other tools' keys.
    """
    one = Layer(name, table, text)
    _check_keys(one, strict=strict)
    header = tables.convert(_part(table, Header), Header, one.spot, BriefError)
    brief = tables.convert(_part(table, Brief), Brief, one.spot, BriefError)
    tiers = tuple(dict.fromkeys(tier for kind in rulebook.kinds.values() for tier in kind.limits))
    for key, word, known in (
        ("kind", header.kind, tuple(rulebook.kinds)),
        ("tier", header.tier, tiers),
        ("purpose", brief.purpose, PURPOSES),
    ):
        if word and word not in known:
            raise BriefError(f"{one.spot(key)}: {key}: {word!r} is not known{tables.near(word, known)}")
    return one


# ── Drafting ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def draft(text: str, name: str, rulebook: Rulebook, *, over: Layer = NOTHING, under: tuple[Layer, ...] = ()) -> Draft:
    """A Draft from a text with or without front matter, between the layers under it (lowest first) and the one over it.

    DraftError: no text, an unclosed merge field. BriefError: a wrong key, type, kind, tier or purpose.
    """
    front, body, line = split(text, name)
    own = layer(name, front, rulebook, text[: len(text) - len(body)], strict=False) if front else NOTHING
    under = (*under, own)
    table: Mapping[str, Any] = reduce(_merged, (one.table for one in (*under, over)))
    header = msgspec.convert(_part(table, Header), Header)
    kind, subject = rulebook.kinds[header.kind or "message"], header.subject
    if kind.subject and not subject and (found := SUBJECT.match(body)):
        subject, body, line = found[1].strip(), body[found.end() :], line + body.count("\n", 0, found.end())
    line += len(body) - len(body.lstrip("\n"))
    body = body.strip("\n").rstrip()
    if not body.strip() and not (front and kind.name == "connection-note"):
        raise DraftError(f"{name}: no text to look at: write the message{' below the front matter' if front else ''}")
    _check_fields(body, f"{name}:", line)
    _check_fields(subject, f"{name}:subject:", 1)
    about = msgspec.convert(_part(table, Brief), Brief)
    ignores = (*chain.from_iterable(_ignored(one, own) for one in (*under, over)), *_marked(body, line))
    return Draft(body, kind, about, subject, _tier(header.tier, kind), header.filled, line=line, ignores=ignores)


def _ignored(one: Layer, own: Layer) -> Iterator[Ignore]:
    """What a layer wants nothing heard of, in the whole message; in the message's own front matter it has a line."""
    said = one.table.get("ignore", ())
    reasons = said if isinstance(said, Mapping) else dict.fromkeys(said, "")
    for rule, reason in reasons.items():
        key = f"ignore.{rule}" if isinstance(said, Mapping) else "ignore"
        yield Ignore(rule, reason.strip(), line=tables.line_of(one.text, key) if one is own else 0)


def _marked(text: str, line: int) -> Iterator[Ignore]:
    """What the comments of a text want nothing heard of: in their own line, or in the next one if they stand alone."""
    if "tactful:" not in text:
        return
    marks = scan(text)
    words = blank(text, marks)
    for note in marks.fields:
        said = MARK.fullmatch(COMMENT.sub("", note.raw)) if note.syntax == "comment" else None
        if said:
            start, end = (None, None) if said["all"] else _line_at(words, note.start, note.end)
            row = line + text.count("\n", 0, note.start)
            for rule in re.split(r"\s*,\s*", said["rules"]):
                yield Ignore(rule, said["reason"] or "", start, end, row)


def _line_at(words: str, start: int, end: int) -> tuple[int, int]:
    """The span of the line on which a comment stands, or, if nothing else does, of the next line that has words.

    The first line with words begins where the message does: what is said of the message as a whole is said there.
    """
    first, last = words.rfind("\n", 0, start) + 1, (words + "\n").index("\n", end)
    if not words[first:last].strip():
        first = len(words) - len(words[last:].lstrip())
        last = (words + "\n").index("\n", first)
    return first if words[:first].strip() else 0, last + 1


def _tier(tier: str, kind: Kind) -> str:
    """The account's tier where the kind knows it; a kind without tiers takes any account."""
    return tier if tier in kind.limits else next(iter(kind.limits))


def _check_fields(text: str, name: str, line: int) -> None:
    for fault in scan(text).faults:
        row, column = place(text, fault.start)
        raise DraftError(f"{name}{row + line - 1}:{column}: {fault.what}: {fault.remedy}")


def _part(table: Mapping[str, Any], struct: type[msgspec.Struct]) -> dict[str, Any]:
    return {key: table[key] for key in _keys(struct) if key in table}


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables as one; tables inside are merged too, everything else is replaced by the upper one's."""
    both = dict(below)
    for key, value in above.items():
        old = both.get(key)
        both[key] = _merged(old, value) if isinstance(value, dict) and isinstance(old, dict) else value
    return both


def _check_keys(one: Layer, *, strict: bool) -> None:
    for where, key in _all_keys(one.table):
        known = _keys(STRUCTS[where]) + (() if where else _keys(Header))
        if key not in known and (strict or where or get_close_matches(key, known, 1, 0.8)):
            dotted = f"{where}.{key}" if where else key
            raise BriefError(f"{one.spot(dotted)}: unknown key {dotted!r}{tables.near(key, known)}")


def _all_keys(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        yield "", key
        if key in STRUCTS and isinstance(value, dict):
            yield from ((key, str(inner)) for inner in value)
