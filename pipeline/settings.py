"""A folder and the environment come in; the project's Settings go out: defaults < tactful.toml < environment < flags.

Settings stand in `tactful.toml`, or under [tool.tactful] in pyproject.toml, in the folder or the nearest one above it.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import msgspec
import tomli

from pipeline.domain import Draft
from pipeline.errors import SettingsError


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a project may set; flags win over all of it."""

    model: str = ""
    base_url: str = ""
    way: Literal["", "whole", "pieces"] = ""
    kind: str = ""
    tier: str = ""
    purpose: str = ""
    pages: tuple[str, ...] = ()
    do_not_contact: tuple[str, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = {}
    models: Mapping[str, Mapping[str, Any]] = {}
    folder: str = ""

    @property
    def rule_pages(self) -> tuple[Path, ...]:
        """The user's pages of rules, seen from the folder of the settings."""
        return tuple(Path(self.folder) / page for page in self.pages)

    def marked(self, draft: Draft) -> Draft:
        """The draft, marked where its reader is on the do-not-contact list (case does not matter)."""
        name = draft.brief.to.name.casefold().strip()
        listed = bool(name) and name in {one.casefold().strip() for one in self.do_not_contact}
        return draft.with_brief(do_not_contact=True) if listed else draft


def load(folder: Path, environment: Mapping[str, str]) -> Settings:
    """The settings that hold in a folder. SettingsError names file, key and remedy.

    TACTFUL_MODEL and TACTFUL_BASE_URL name a model; no other variable chooses one.
    """
    table, home = _nearest(folder)
    table |= {key: environment[name] for key, name in (("model", "TACTFUL_MODEL"), ("base_url", "TACTFUL_BASE_URL")) if environment.get(name)}
    try:
        return msgspec.convert(table | {"folder": str(home)}, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{home / 'tactful.toml'}: {error}{_suggestion(table)}") from error


def _nearest(folder: Path) -> tuple[dict[str, Any], Path]:
    for place in (folder, *folder.parents):
        if (place / "tactful.toml").is_file():
            return _toml(place / "tactful.toml"), place
        if (place / "pyproject.toml").is_file():
            table = _toml(place / "pyproject.toml").get("tool", {}).get("tactful")
            if isinstance(table, dict):
                return table, place
    return {}, folder


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomli.loads(path.read_text("utf-8"))
    except tomli.TOMLDecodeError as error:
        raise SettingsError(f"{path}:{error.lineno}: broken TOML: {error.msg}: mend or quote this line") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error


def _suggestion(table: Mapping[str, Any]) -> str:
    known = [field.name for field in msgspec.structs.fields(Settings) if field.name != "folder"]
    for key in table:
        if key not in known:
            close = get_close_matches(key, known, 1, 0.5)
            return f": did you mean {close[0]!r}?" if close else f": known keys: {', '.join(known)}"
    return ""
