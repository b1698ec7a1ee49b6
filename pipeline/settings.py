"""A folder and the environment come in; the project's Settings go out: defaults < tactful.toml < environment < flags.

Settings stand in `tactful.toml`, or under [tool.tactful] in pyproject.toml, in the folder or the nearest one above it.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

import msgspec

from pipeline import tables
from pipeline.domain import Draft
from pipeline.errors import SettingsError
from pipeline.rulebook import packs

VARIABLES = {"TACTFUL_MODEL": "model", "TACTFUL_BASE_URL": "base_url"}
"""The variables that name a model, and the settings that they stand over; no other variable chooses one."""


class PathSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for files that `match`: patterns of paths seen from the settings' folder, `*` takes any letters."""

    match: tuple[str, ...]
    kind: str = ""
    tier: str = ""
    purpose: str = ""
    filled: bool = False
    ignore: tuple[str, ...] | dict[str, str] = ()


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a project may set; flags win over all of it."""

    model: str = ""
    base_url: str = ""
    way: Literal["", "whole", "pieces"] = ""
    kind: str = ""
    tier: str = ""
    purpose: str = ""
    ignore: tuple[str, ...] | dict[str, str] = ()
    require_reason: bool = False
    baseline: str = ""
    paths: tuple[PathSettings, ...] = ()
    pages: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    do_not_contact: tuple[str, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = {}
    models: Mapping[str, Mapping[str, Any]] = {}
    library: Mapping[str, Any] = {}
    file: str = ""

    @property
    def rule_pages(self) -> tuple[Path, ...]:
        """The user's pages of rules, seen from the folder of the settings."""
        return tuple(self.home / page for page in self.pages)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of the project's packs. RulebookError: one that is not there."""
        return tuple(packs.found(name, self.home) for name in self.packs)

    @property
    def home(self) -> Path:
        """The folder of the settings, from which paths in them are seen; where the command runs if there are none."""
        return Path(self.file).parent if self.file else Path.cwd()

    def speaking_of(self, name: str) -> tuple[int, ...]:
        """Which of the settings for paths speak of a file, seen from the folder of the settings."""
        if not self.paths:
            return ()
        path = Path(os.path.abspath(name))  # noqa: PTH100  a link's own name, not where it leads
        inside = path.relative_to(self.home).as_posix() if path.is_relative_to(self.home) else path.name
        return tuple(
            number
            for number, one in enumerate(self.paths)
            if any(fnmatchcase(inside, pattern) for pattern in one.match)
        )

    def defaults(self, some: tuple[int, ...] = ()) -> dict[str, Any]:
        """What a draft is taken for where neither flags nor front matter nor brief say it; later paths win."""
        said: dict[str, Any] = {}
        ignored: dict[str, str] = {}
        layers: tuple[Settings | PathSettings, ...] = (self, *(self.paths[number] for number in some))
        for one in layers:
            filled = isinstance(one, PathSettings) and one.filled
            values = {"kind": one.kind, "tier": one.tier, "purpose": one.purpose, "filled": filled}
            said |= {key: value for key, value in values.items() if value}
            ignored |= one.ignore if isinstance(one.ignore, dict) else dict.fromkeys(one.ignore, "")
        return said | ({"ignore": ignored} if ignored else {})

    def marked(self, draft: Draft) -> Draft:
        """The draft, marked where its reader is on the do-not-contact list (case does not matter)."""
        name = draft.brief.to.name.casefold().strip()
        listed = bool(name) and name in {one.casefold().strip() for one in self.do_not_contact}
        return draft.with_brief(do_not_contact=True) if listed else draft


KEYS = tuple(one.name for one in msgspec.structs.fields(Settings) if one.name != "file")


@dataclass(frozen=True, slots=True)
class _Project:
    """The file that holds the settings, its text, the table in it, and the table's own name."""

    path: Path = Path()
    text: str = ""
    table: Mapping[str, Any] = field(default_factory=dict)
    prefix: str = ""

    def spot(self, key: str) -> str:
        return f"{self.path}:{tables.line_of(self.text, self.prefix + key)}"


def load(folder: Path, environment: Mapping[str, str]) -> Settings:
    """The settings that hold in a folder. SettingsError names file, line, key and remedy, for every unknown key."""
    project = _nearest(folder)
    unknown = [key for key in project.table if key not in KEYS]
    if unknown:
        faults = (f"{project.spot(key)}: unknown key {key!r}{tables.near(key, KEYS)}" for key in unknown)
        raise SettingsError("\n".join(faults))
    named = {key: environment[name] for name, key in VARIABLES.items() if environment.get(name)}
    file = {"file": str(project.path)} if project.path.name else {}
    return tables.convert({**project.table, **named, **file}, Settings, project.spot, SettingsError)


def origins(folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, Any, str]]:
    """Every setting by its dotted key, its value, and where it was said: a file and line, a variable, or "default"."""
    chosen, project = load(folder, environment), _nearest(folder)
    named = {key: name for name, key in VARIABLES.items() if environment.get(name)}
    for key in KEYS:
        value = getattr(chosen, key)
        if key in named:
            yield key, value, named[key]
        elif key in project.table:
            for inner, leaf in _leaves(key, project.table[key]):
                yield inner, leaf, project.spot(inner)
        else:
            yield key, value, "default"


def _leaves(key: str, value: object) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for inner, one in value.items():
            yield from _leaves(f"{key}.{inner}", one)
    else:
        yield key, value


def _nearest(folder: Path) -> _Project:
    for place in (folder, *folder.parents):
        if (place / "tactful.toml").is_file():
            return _project(place / "tactful.toml")
        if (place / "pyproject.toml").is_file():
            project = _project(place / "pyproject.toml", "tool", "tactful")
            if project.table:
                return project
    return _Project()


def _project(path: Path, *names: str) -> _Project:
    """The table of a file that these names lead to."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8 at byte offset {error.start}: save the file as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    table: Any = tables.parse(text, "toml", str(path), SettingsError)
    for name in names:
        table = table.get(name, {})
        if not isinstance(table, dict):
            raise SettingsError(f"{path}: [{'.'.join(names)}]: write a table")
    return _Project(path, text, table, "".join(f"{name}." for name in names))
