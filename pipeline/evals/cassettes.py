"""Cassettes as files: what a model was asked and answered about a case goes in once, and comes out ever after.

One YAML file a case and model, made to be read in a diff: text as text, not as one escaped line. It holds nothing of
the machine: no header, host, port, key, id, time of day or timing.
"""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import yaml

from pipeline.errors import CaseError
from pipeline.files import write

SUFFIX = ".yaml"
HEAD = "# What a model was asked and answered. Not to be edited: `tactful eval --record {case}` writes it anew.\n"


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request and its answer; bodies are JSON values."""

    method: str
    path: str
    body: Any
    status: int
    answer: Any

    @property
    def tokens(self) -> int:
        """What the server counted, of question and answer; 0 where it told nothing."""
        usage = self.answer.get("usage", {}) if isinstance(self.answer, dict) else {}
        return sum(count or 0 for count in usage.values())


class Turn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message that the walk made, kept so that new rules can judge it (`--rescore`); `mended` by no model."""

    subject: str = ""
    text: str
    mended: bool = False


class Cassette(msgspec.Struct, frozen=True, kw_only=True):
    """All that was recorded of a case with a model: `model_id` is the name by which the server was asked."""

    case: str
    model: str
    model_id: str
    model_file: str
    way: str
    engine: str
    recorded: date
    seconds: float
    error: str = ""
    prints: dict[str, str]
    turns: list[Turn]
    exchanges: list[Exchange]


def file_of(folder: Path, model: str, case: str) -> Path:
    """Where the cassette of a case and a model lies."""
    return folder / model / f"{case}{SUFFIX}"


def load(path: Path) -> Cassette:
    """A cassette from its file; CaseError names a file that is none."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return msgspec.convert(yaml.load(path.read_text("utf-8"), _with_lines(loader)), Cassette)
    except OSError as error:
        raise CaseError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        said = " ".join(str(error).split())
        raise CaseError(f"{path}: not a cassette: {said}: record it again with --record {path.stem}") from error


def save(cassette: Cassette, path: Path) -> None:
    """Write a cassette, the old one replaced whole or not at all."""
    values = msgspec.to_builtins(cassette, builtin_types=(date,))
    text = HEAD.format(case=cassette.case) + yaml.dump(
        values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110
    )
    write(path, text, parents=True)


class _Dumper(yaml.SafeDumper):
    """Text over several lines as a block; where YAML has no block for it, as a list of its lines."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    if "\n" not in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text)
    if any(line != line.rstrip(" ") for line in text.split("\n")) or not _plain(text):
        return dumper.represent_sequence(LINES, text.split("\n"), flow_style=False)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")


def _plain(text: str) -> bool:
    """Whether YAML can hold a text in a block: nothing but printable characters, no space or break at its head."""
    return all(letter.isprintable() or letter == "\n" for letter in text) and not text.startswith((" ", "\n"))


LINES = "!lines"
_Dumper.add_representer(str, _text)


def _with_lines(loader: type[Any]) -> type[Any]:
    return type("Loader", (loader,), {"yaml_constructors": {**loader.yaml_constructors, LINES: _joined}})


def _joined(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> str:
    return "\n".join(loader.construct_sequence(node))
