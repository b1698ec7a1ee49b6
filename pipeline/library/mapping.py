"""The settings' table [library] and a file's columns or keys come in; which of them is what goes out.

What the settings do not say is found by its name: `text`, `subject`, `id`, and the keys of a brief ("to.name").
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pipeline import tables
from pipeline.errors import LibraryError, SettingsError

TEXT = ("text", "body", "message", "template", "content")
NAMES = {"text": TEXT, "id": ("id", "key", "name", "slug")}
LISTS = frozenset({"shared", "to.facts", "from.facts"})
NUMBERS = frozenset({"history.sent", "history.days_since"})
SWITCHES = frozenset({"filled", "do_not_contact", "history.applied", "history.asked_to_stop"})
YES, NO = frozenset({"true", "yes", "y", "1", "x"}), frozenset({"false", "no", "n", "0"})


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted keys as tables inside each other."""
    whole: dict[str, Any] = {}
    for key, value in flat.items():
        outer, _, inner = key.partition(".")
        if inner:
            whole.setdefault(outer, {})[inner] = value
        else:
            whole[outer] = value
    return whole


def flat(table: Mapping[str, Any], before: str = "", depth: int = 3) -> dict[str, Any]:
    """Tables inside each other as dotted keys, three deep at most."""
    plain: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping) and value and depth > 1:
            plain.update(flat(value, f"{before}{key}.", depth - 1))
        else:
            plain[f"{before}{key}"] = value
    return plain


class Who(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The columns that tell of sender or reader."""

    name: str = ""
    role: str = ""
    company: str = ""
    seniority: str = ""
    facts: str = ""
    profile: str = ""
    offer: str = ""


class Past(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The columns that tell what happened between the two before."""

    sent: str = ""
    days_since: str = ""
    met: str = ""
    applied: str = ""
    asked_to_stop: str = ""
    earlier: str = ""
    received: str = ""


class Columns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """The column or key that holds each part of a template; "" where it is to be found by its name."""

    text: str = ""
    subject: str = ""
    id: str = ""
    kind: str = ""
    tier: str = ""
    filled: str = ""
    purpose: str = ""
    goal: str = ""
    shared: str = ""
    benefit: str = ""
    do_not_contact: str = ""
    to: Who = Who()
    sender: Who = Who()
    history: Past = Past()

    @property
    def named(self) -> dict[str, str]:
        """The column of each part by its dotted key ("to.name"), "" where it is not named."""
        return flat(msgspec.to_builtins(self))


KEYS = tuple(Columns().named)
"""Every part that a template may have, as a dotted key."""


def columns(table: Mapping[str, Any], file: str = "") -> Columns:
    """The settings' table [library], its keys nested or dotted. SettingsError: a key or value that is none of ours."""
    for key in flat(table):
        if key not in KEYS:
            raise SettingsError(f"{file}: library: unknown key {key!r}{tables.near(key, KEYS)}")
    return tables.convert(nested(flat(table)), Columns, lambda _: file, SettingsError)


def found(columns: Columns, names: Iterable[str], place: str = "columns") -> dict[str, str]:
    """The column of each part that a file has, by dotted key. LibraryError where none of them is the text.

    A name of the settings is taken as it is written, or else whatever its case; so are the names that we know.
    """
    there = [name for name in names if name.strip()]
    plain: dict[str, str] = {}
    for name in there:
        plain.setdefault(_plain(name), name)
    parts: dict[str, str] = {}
    for key, named in columns.named.items():
        wanted = (named,) if named else NAMES.get(key, (key,))
        match = named if named in there else next((plain[_plain(one)] for one in wanted if _plain(one) in plain), None)
        if match is not None and match not in parts.values():
            parts[key] = match
    shown = ", ".join(repr(name[:40]) for name in there[:20]) or "none"
    if "text" not in parts:
        wanted_text = f"no {columns.text!r}" if columns.text else "none is the text"
        raise LibraryError(
            f"{wanted_text} among the {place} {shown}: name the right one in tactful.toml:"
            f' [library] text = "{next(iter(there), "text")[:40]}"'
        )
    twice = next((name for name in parts.values() if there.count(name) > 1), None)
    if twice is not None:
        raise LibraryError(f"two {place} are named {twice!r}: rename one of them")
    return parts


def _plain(name: str) -> str:
    return name.strip().casefold().translate({ord(sign): "_" for sign in ".- "})


def table(parts: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says besides text, subject and id, nested as in a brief file; empty values are left out."""
    said = {
        key: _typed(key, values[name])
        for key, name in parts.items()
        if key not in {"text", "subject", "id"} and values.get(name) not in (None, "")
    }
    return nested(said)


def _typed(key: str, value: object) -> object:
    """A cell's text as the type that its key wants; what is none of it stays text, for the brief to refuse."""
    if not isinstance(value, str):
        return value
    if key in LISTS:
        return [part.strip() for part in value.replace("\n", ";").split(";") if part.strip()]
    word = value.strip().casefold()
    if key in NUMBERS and word.isdecimal():
        return int(word[:9])
    if key in SWITCHES and word in YES | NO:
        return word in YES
    return value.strip()
