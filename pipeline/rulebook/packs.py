"""The names of rule packs come in; their pages, kinds and words go out: what others bring to the rulebook.

A pack is a folder, or an installed package that holds one, and may hold any of these:

    *.toml, rules/*.toml   pages of rules, in the form of ours
    kinds.toml             kinds of messages, in the form of ours
    words.toml             classes of words: `brands = ["acme", "zenith"]`, in patterns `@brands`
    cases/                 cases of the evals, for `tactful eval --cases`
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import tomli

from pipeline.errors import RulebookError

KINDS, WORDS = "kinds.toml", "words.toml"
CLASS = re.compile(r"@([a-z][\w-]*)")
WORD = re.compile(r"[^\s|?@*^$]+")


@dataclass(frozen=True, slots=True)
class Pack:
    """What one pack brings: its pages, its kinds and its classes of words."""

    pages: tuple[Path, ...] = ()
    kinds: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def page(self, path: Path) -> dict[str, Any]:
        """A page of rules with the pack's own classes written out in its patterns: `@brands` as `acme|zenith`."""
        return {name: self._spelled(row) for name, row in table(path).items()}

    def _spelled(self, value: object) -> object:
        if isinstance(value, str):
            return CLASS.sub(lambda name: "|".join(self.words.get(name[1], (name[0],))), value)
        if isinstance(value, list):
            return [self._spelled(one) for one in value]
        return {key: self._spelled(one) for key, one in value.items()} if isinstance(value, dict) else value


def found(name: str, home: Path) -> Path:
    """The folder of a pack: one seen from `home`, else that of an installed package, none of whose code is run."""
    folder = home / name
    if folder.is_dir():
        return folder
    spec = find_spec(name) if name.isidentifier() else None
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        raise RulebookError(f"packs: {name!r} is no folder seen from {home} and no installed package: check the name")
    return Path(places[0])


def read(folder: Path) -> Pack:
    """A folder as a pack. RulebookError: nothing of a pack in it, TOML that is not sound, words that are none."""
    own = folder / "rules"
    pages = sorted((own if own.is_dir() else folder).glob("*.toml"))
    pages = [page for page in pages if page.name not in (KINDS, WORDS)]
    kinds, words = (table(path) if path.is_file() else {} for path in (folder / KINDS, folder / WORDS))
    if not (pages or kinds or words):
        raise RulebookError(f"{folder}: no pack: put pages of rules (*.toml), {KINDS} or {WORDS} in it")
    return Pack(tuple(pages), kinds, {key: _class(folder / WORDS, key, value) for key, value in words.items()})


def table(path: Path) -> dict[str, Any]:
    """A TOML file. RulebookError names the file, and the line of what is wrong."""
    try:
        return tomli.loads(path.read_text("utf-8"))
    except tomli.TOMLDecodeError as error:
        raise RulebookError(f"{path.name}: not sound TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise RulebookError(f"{path.name}: not UTF-8 at byte {error.start}: save the file as UTF-8") from error
    except OSError as error:
        raise RulebookError(f"{path}: {error.strerror}: name a page of rules or a folder of them") from error


def _class(path: Path, name: str, words: object) -> tuple[str, ...]:
    if not isinstance(words, Sequence) or isinstance(words, str) or not words:
        raise RulebookError(f"{path}: {name}: write a list of words, such as ['acme', 'zenith']")
    for word in words:
        if not isinstance(word, str) or not WORD.fullmatch(word):
            raise RulebookError(f"{path}: {name}: {word!r} is not one word: patterns take classes of single words")
    return tuple(str(word).lower() for word in words)
