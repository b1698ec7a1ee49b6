"""Bytes of a file, flags and brief files come in; a Draft goes out, or one clear error that names the place.

A draft may carry its brief as front matter: YAML between lines of `---`, or TOML between lines of `+++`, above the text.
What is said nearer to the command wins: flags, then front matter, then the brief file.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
import tomli

from pipeline.domain import PURPOSES, Brief, Draft, History, Person, Rulebook
from pipeline.errors import BriefError, DraftError
from pipeline.fields import scan
from pipeline.text import place

LARGEST = 1_000_000
"""Bytes of the largest draft or brief that is read: no message is longer, and a wrong file often is."""
FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)^\1[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
HEADER = ("kind", "tier", "subject", "filled")
STRUCTS: Mapping[str, type[msgspec.Struct]] = {"": Brief, "to": Person, "from": Person, "history": History}

PLAIN: Mapping[str, str] = {"array": "list", "str": "text", "int": "whole number", "bool": "true or false", "object": "table"}


def decode(data: bytes, name: str) -> str:
    """A file's text, its line ends as LF. DraftError: empty, too large, binary, or not UTF-8 (naming the byte)."""
    if len(data) > LARGEST:
        raise DraftError(f"{name}: {len(data):,} bytes, over the limit of {LARGEST:,}: give one message, not a library")
    if b"\0" in data:
        raise DraftError(f"{name}: a binary file (byte 0 at offset {data.index(0)}): give plain text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = data[error.start]
        raise DraftError(f"{name}: not UTF-8: byte 0x{bad:02x} at offset {error.start}: save the file as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def split(text: str, name: str) -> tuple[dict[str, Any], str, int]:
    """Front matter, body, and the line of the file on which the body starts. BriefError where it cannot be parsed."""
    found = FRONT.match(text)
    if not found:
        return {}, text, 1
    header = parse(found[2], "toml" if found[1] == "+++" else "yaml", name, 1)
    return header, text[found.end() :], text.count("\n", 0, found.end()) + 1


def parse(text: str, syntax: str, name: str, line: int = 0) -> dict[str, Any]:
    """A TOML or YAML table. `line` is the number of the line above the text. BriefError names file, line and fault."""
    if syntax == "toml":
        try:
            return tomli.loads(text)
        except tomli.TOMLDecodeError as error:
            raise BriefError(f"{name}:{error.lineno + line}: broken TOML: {error.msg}: mend or quote this line") from error
    import yaml  # 30 ms that most runs do not need

    try:
        table = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        row = error.problem_mark.line + 1 + line if error.problem_mark else line + 1
        raise BriefError(f"{name}:{row}: broken YAML: {error.problem}: put quotes around text that holds ': '") from error
    except yaml.YAMLError as error:
        raise BriefError(f"{name}: broken YAML: {error}") from error
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise BriefError(f"{name}:{line + 1}: a brief is a table of keys such as 'kind: message', not a {type(table).__name__}")
    return table


def read_brief(path: Path) -> dict[str, Any]:
    """A brief file as a table, by its ending (.toml, .yaml, .yml). BriefError names what is wrong."""
    if path.suffix not in {".toml", ".yaml", ".yml"}:
        raise BriefError(f"{path}: a brief is a .toml, .yaml or .yml file")
    table = parse(read_text(path, BriefError), "toml" if path.suffix == ".toml" else "yaml", str(path))
    _known_keys(table, str(path), "", strict=True)
    return table


def read_text(path: Path, error: type[DraftError] | type[BriefError] = DraftError) -> str:
    """A file's text, or an error of the given class that names the path: missing, a folder, not readable."""
    try:
        return decode(path.read_bytes(), str(path))
    except FileNotFoundError as cause:
        raise error(f"{path}: no such file") from cause
    except IsADirectoryError as cause:
        raise error(f"{path}: a folder where one file is meant") from cause
    except OSError as cause:
        raise error(f"{path}: {cause.strerror}") from cause


def draft(text: str, name: str, rulebook: Rulebook, *, flags: Mapping[str, Any] | None = None, brief: Mapping[str, Any] | None = None) -> Draft:
    """A Draft from a text with or without front matter, the brief file's table under it and the flags' table over it.

    DraftError: no text, an unclosed merge field. BriefError: a wrong key, type, kind, tier or purpose.
    """
    front, body, line = split(text, name)
    _known_keys(front, name, text, strict=False)
    table = _merged(_merged(brief or {}, front), flags or {})
    header = {key: table[key] for key in HEADER if key in table}
    known = {field.encode_name for field in msgspec.structs.fields(Brief)}
    about = _brief({key: value for key, value in table.items() if key in known}, name, text)
    kind = rulebook.kinds[_word(header, "kind", "message", rulebook.kinds, name)]
    tier = _word(header, "tier", next(iter(kind.limits)), kind.limits, name)
    if about.purpose not in PURPOSES:
        raise BriefError(f"{name}: purpose: {about.purpose!r} is not known{_near(about.purpose, PURPOSES)}")
    for key, kinds in (("subject", str), ("filled", bool)):
        if not isinstance(header.get(key, kinds()), kinds):
            raise BriefError(f"{name}: {key}: {header[key]!r} is not {PLAIN[kinds.__name__]}")
    body, above = body.strip("\n").rstrip(), len(body) - len(body.lstrip("\n"))
    if not body.strip() and (kind.name != "connection-note" or not text.strip()):
        raise DraftError(f"{name}: no text to look at: write the message below the front matter")
    subject = header.get("subject", "")
    _sound(body, name, line + above)
    _sound(subject, f"{name}: subject", 1)
    return Draft(body, kind, about, subject, tier, header.get("filled", False), line=line + above)


def _sound(text: str, name: str, line: int) -> None:
    for fault in scan(text).faults:
        row, column = place(text, fault.start)
        raise DraftError(f"{name}:{row + line - 1}:{column}: {fault.what}: {fault.remedy}")


def _word(header: Mapping[str, Any], key: str, default: str, known: Mapping[str, Any], name: str) -> str:
    word = header.get(key) or default
    if word not in known:
        raise BriefError(f"{name}: {key}: {word!r} is not known{_near(str(word), tuple(known))}")
    return str(word)


def _near(word: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(word, known, 1, 0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}"


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables as one; tables inside are merged too, everything else is replaced by the upper one's."""
    both = dict(below)
    for key, value in above.items():
        both[key] = _merged(both[key], value) if isinstance(value, dict) and isinstance(both.get(key), dict) else value
    return both


def _keys(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(field.encode_name for field in msgspec.structs.fields(struct))


def _known_keys(table: Mapping[str, Any], name: str, text: str, *, strict: bool) -> None:
    """Refuse a key that is not ours; in front matter, which may hold other tools' keys, only one that is nearly ours."""
    for where, key in _all_keys(table):
        known = _keys(STRUCTS[where]) + (HEADER if not where else ())
        if key not in known and (strict or where or get_close_matches(key, known, 1, 0.8)):
            spot = f"{name}:{_line(text, key)}" if text else name
            raise BriefError(f"{spot}: unknown key {f'{where}.{key}' if where else key!r}{_near(key, known)}")


def _all_keys(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        yield "", str(key)
        if key in STRUCTS and isinstance(value, dict):
            yield from ((key, str(inner)) for inner in value)


def _line(text: str, key: str) -> int:
    found = re.search(rf"(?m)^\s*[\"']?{re.escape(key)}[\"']?\s*[:=]", text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _brief(table: Mapping[str, Any], name: str, text: str) -> Brief:
    try:
        return msgspec.convert(table, Brief)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        path = where.strip("`").removeprefix("$.") or "the brief"
        for ours, plain in PLAIN.items():
            what = re.sub(rf"`{ours}`", plain, what)
        key = re.split(r"[.\[]", path)[-1 if not path.endswith("]") else -2]
        spot = f"{name}:{_line(text, key)}" if text else name
        raise BriefError(f"{spot}: {path}: {what[:1].lower()}{what[1:]}") from error
