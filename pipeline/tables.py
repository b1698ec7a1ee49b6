"""The text of a TOML or YAML table comes in; the table goes out, or one error that names file, line, key and remedy."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

import msgspec
import tomli

from pipeline.errors import PipelineError

Struct = TypeVar("Struct", bound=msgspec.Struct)
Fault = type[PipelineError]

PLAIN: Mapping[str, str] = {
    "array": "a list",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "a table",
    "null": "nothing",
}
"""What a user calls the types that msgspec names."""


def ready(struct: type[Struct]) -> type[Struct]:
    """Decorate a struct that several threads may be the first to read: its fields are looked up here and now.

    msgspec 0.22 looks them up at the first read. Where two threads are at it at once and the struct holds another one,
    the process dies (SIGSEGV).
    """
    msgspec.json.Decoder(struct)
    return struct


def parse(text: str, syntax: str, name: str, error: Fault, line: int = 0) -> dict[str, Any]:
    """A "toml" or "yaml" text as a table, empty keys left out. `line` is the number of the line above the text."""
    try:
        return tomli.loads(text) if syntax == "toml" else _yaml(text, name, error, line)
    except tomli.TOMLDecodeError as fault:
        raise error(f"{name}:{fault.lineno + line}: broken TOML: {fault.msg}: mend or quote this line") from fault
    except RecursionError as fault:
        raise error(f"{name}:{line + 1}: too many brackets inside each other: write a plain table") from fault


def _yaml(text: str, name: str, error: Fault, line: int) -> dict[str, Any]:
    import yaml  # noqa: PLC0415  30 ms that most runs do not need

    try:
        table = yaml.safe_load(text)
    except yaml.MarkedYAMLError as fault:
        row = (fault.problem_mark.line if fault.problem_mark else 0) + line + 1
        problem = f"{fault.problem}: quote text that holds ': ' or '#', and indent with spaces"
        raise error(f"{name}:{row}: broken YAML: {problem}") from fault
    except yaml.reader.ReaderError as fault:
        row = text.count("\n", 0, int(fault.position)) + line + 1
        raise error(
            f"{name}:{row}: broken YAML: a control character (U+{int(fault.character):04X}): remove it"
        ) from fault
    except ValueError as fault:  # PyYAML lets the errors of dates and very long numbers through
        raise error(f"{name}:{line + 1}: broken YAML: {fault}: quote what is meant as text") from fault
    if not isinstance(table or {}, dict):
        found = PLAIN.get(type(table).__name__, "a list")
        raise error(f"{name}:{line + 1}: write a table of keys such as 'kind: message', not {found}")
    return _filled(table or {})


def _filled(table: Mapping[Any, Any]) -> dict[str, Any]:
    """The keys that hold something: in YAML a key with nothing behind it is one left for later."""
    return {
        str(key): _filled(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }


def convert(table: Mapping[str, Any], struct: type[Struct], spot: Callable[[str], str], error: Fault) -> Struct:
    """A table as its struct; what is of the wrong type is told with the place that `spot` gives for its dotted key."""
    try:
        return msgspec.convert(table, struct)
    except msgspec.ValidationError as fault:
        what, _, where = str(fault).partition(" - at ")
        path = where.strip("`").removeprefix("$").removeprefix(".")
        key = re.sub(r"\[.*?\]", "", path)
        raise error(f"{spot(key)}: {path}: {_plainly(what, struct, key)}") from fault


def _plainly(what: str, struct: type[msgspec.Struct], key: str) -> str:
    """What msgspec says of a value, in words that a user of no programming language knows."""
    types = re.match(r"Expected `(.+?)`, got `(.+?)`", what)
    if types:
        wanted, got = (" or ".join(PLAIN.get(one, one) for one in side.split(" | ")) for side in types.groups())
        return f"write {wanted}, not {got}"
    choice = re.match(r"Invalid enum value (.+)", what)
    if not choice:
        return what[:1].lower() + what[1:]
    return f"{choice[1]} is not known{near(choice[1].strip(chr(39)), _choices(struct, key))}"


def _choices(struct: type[msgspec.Struct], key: str) -> tuple[str, ...]:
    """The words that a key of literal type takes."""
    found: Any = struct
    for part in key.split("."):
        found = next(field.type for field in msgspec.structs.fields(found) if field.encode_name == part)
    return tuple(word for word in get_args(found) if word)


def near(word: str, known: Iterable[str]) -> str:
    """What a wrong word was probably meant to be, or all that is known, as the end of an error."""
    known = tuple(known)
    close = get_close_matches(word, known, 1, 0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}"


def line_of(text: str, key: str) -> int:
    """The line, from 1, on which a dotted key stands in a TOML or YAML text; 1 where it cannot be told."""
    at, before = 0, r"^\s*\[{0,2}[\"']?"
    for part in key.split("."):
        found = re.compile(rf"(?m)(?:{before})(?P<key>{re.escape(part)})[\"']?\s*[:=\].]").search(text, at)
        if not found:
            break
        at, before = found.start("key"), r"^\s*[\"']?|[\s,{\[.][\"']?"
    return text.count("\n", 0, at) + 1
