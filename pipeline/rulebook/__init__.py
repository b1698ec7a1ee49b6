"""TOML comes in, a Rulebook goes out: our own pages, and the pages and changes of the user's project laid over them."""

import hashlib
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from pipeline.checks import ANY_LANGUAGE, CHECKS, CONDITIONS
from pipeline.domain import ANSWERS, PURPOSES, Example, Kind, Look, Remedy, Rule, Rulebook, Severity, Statement
from pipeline.errors import RulebookError
from pipeline.fixes import FIXES, replacing
from pipeline.lexicon import LEXICON
from pipeline.rulebook import packs

PAGES = ("personal", "candor", "value", "ask", "brevity", "patience", "tone", "form", "reply", "fidelity")
"""Our pages, one a virtue, in the order in which findings and prompts name them."""


IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""The id of a rule: kebab-case."""
OWN = "own"
"""The source of a rule that follows no guide of ours."""
KEPT = "what keeps a rewrite true to the draft cannot be changed or switched off"


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"severity_": "severity"}):
    """A rule as it stands in a page; only what a reader would not miss is optional."""

    source: str | list[str]
    severity_: str
    advice: str
    why: str
    message: str
    kinds: list[str] = []
    purposes: list[str] = []
    when: list[str] = []
    check: dict[str, dict[str, Any]] = {}
    remedy: str = ""
    question: str = ""
    answer: str = ""
    alternatives: list[str] = []
    halts: bool = False
    fix: str = ""
    replace: dict[str, str] = {}
    bad: list[str | Example] = []
    good: list[str | Example] = []
    off: bool = False


def load(
    pages: Sequence[Path] = (),
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    folders: Sequence[Path] = (),
) -> Rulebook:
    """The rulebook: our pages, the packs in `folders`, `pages` of the user's (TOML files or folders), and `changes`.

    These are tables of keys to lay over rules, by id (`off = true` switches one off).
    Raises RulebookError that lists every fault found, each with file, rule, key and remedy.
    """
    root = Path(__file__).parent
    brought = [packs.read(folder) for folder in folders]
    kinds = _kinds([packs.table(root.joinpath("kinds.toml")), *(pack.kinds for pack in brought)])
    statements = {
        name: msgspec.convert(row, Statement) for name, row in packs.table(root.joinpath("guides.toml")).items()
    }
    tables = {page: packs.table(root.joinpath(f"{page}.toml")) for page in PAGES}
    rows = {name: (page, row) for page, table in tables.items() for name, row in table.items()}
    kept = frozenset(name for name, (_, row) in rows.items() if row["severity"] == "fatal")
    faults: list[str] = []
    own = [(packs.Pack(), path) for path in _user_pages(pages)]
    theirs = [(pack, path) for pack in brought for path in pack.pages]
    for pack, path in (*theirs, *own):
        for name, row in pack.page(path).items():
            if name in kept:
                faults.append(f"{path.name}: rule {name}: {KEPT}")
            else:
                rows[name] = path.stem, row
    faults += _lay_over(rows, changes or {}, kept)
    rules: dict[str, Rule] = {}
    for name, (page, row) in rows.items():
        try:
            entry = msgspec.convert(row, Entry)
            if not entry.off:
                rules[name] = _rule(name, page, entry, kinds, statements)
        except (msgspec.ValidationError, ValueError, TypeError) as error:
            faults.append(f"{page}.toml: rule {name}: {_with_suggestion(str(error))}")
    if faults:
        raise RulebookError("\n".join(faults))
    ordered = dict(sorted(rules.items(), key=lambda pair: (_place(pair[1].page), pair[1].page, pair[0])))
    return Rulebook(ordered, kinds, statements, _prints(rows, kinds))


def _kinds(tables: Sequence[Mapping[str, Any]]) -> dict[str, Kind]:
    """Kinds by name, those of later tables over those of earlier ones. RulebookError: a row that is none."""
    kinds = {}
    for name, row in ((name, row) for table in tables for name, row in table.items()):
        try:
            kinds[name] = msgspec.convert(row | {"name": name}, Kind)
        except (msgspec.ValidationError, TypeError) as error:
            raise RulebookError(f"kinds.toml: kind {name}: {_with_suggestion(str(error))}") from error
    return kinds


def _place(page: str) -> int:
    """Our pages in their order, then the user's: where a rule stands in its file changes nothing."""
    return PAGES.index(page) if page in PAGES else len(PAGES)


def unknown_rule(name: str, rulebook: Rulebook) -> RulebookError:
    """The error for a rule id that the book does not hold."""
    return RulebookError(f"no rule is called {name!r}{_near(name, rulebook.rules)}")


def _user_pages(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.toml")) if path.is_dir() else (path,)


def _lay_over(rows: dict[str, tuple[str, Any]], changes: Mapping[str, Any], kept: frozenset[str]) -> list[str]:
    """Lay the user's keys over the rows of rules, the keys of a way of looking one by one; what could not be laid."""
    faults = []
    for name, change in changes.items():
        if name not in rows:
            faults.append(f"settings: [rules.{name}]: no such rule{_near(name, rows)}")
        elif name in kept:
            faults.append(f"settings: [rules.{name}]: {KEPT}")
        elif not isinstance(rows[name][1], dict) or not isinstance(change, Mapping):
            faults.append(f"settings: [rules.{name}]: write a table of keys, such as severity = 'hint'")
        else:
            page, row = rows[name]
            rows[name] = page, row | dict(change) | _checks(row.get("check"), change.get("check"))
    return faults


def _checks(below: object, above: object) -> dict[str, Any]:
    """A `check` table over another; where one of them is no table of tables, the upper one as it is, to be refused."""
    both = (below, above)
    tables = [one for one in both if isinstance(one, dict) and all(isinstance(way, dict) for way in one.values())]
    if len(tables) == 2:
        return {"check": {way: tables[0].get(way, {}) | keys for way, keys in tables[1].items()}}
    return {} if above is None else {"check": above}


def _rule(name: str, page: str, entry: Entry, kinds: Mapping[str, Kind], statements: Mapping[str, Statement]) -> Rule:
    source = tuple(one for one in ([entry.source] if isinstance(entry.source, str) else entry.source) if one != OWN)
    if not IDENTIFIER.fullmatch(name):
        raise ValueError("an id is kebab-case: lower-case words with hyphens between")
    for key, words, known in (
        ("source", source, statements),
        ("kinds", entry.kinds, kinds),
        ("purposes", entry.purposes, dict.fromkeys(PURPOSES)),
        ("when", entry.when, CONDITIONS),
        ("alternatives", entry.alternatives, statements),
        ("severity", [entry.severity_.upper()], Severity.__members__),
        ("answer", [entry.answer] if entry.answer else [], dict.fromkeys(ANSWERS)),
        ("fix", [entry.fix] if entry.fix else [], FIXES),
        ("remedy", [entry.remedy] if entry.remedy else [], {remedy.value: remedy for remedy in Remedy}),
    ):
        for word in words:
            if word not in known:
                raise ValueError(f"{key}: {word!r} is not known{_near(word, known)}")
    try:
        entry.message.format(found="", value=0, limit=0, reader="", kind="")
    except (KeyError, IndexError, ValueError) as error:
        values = "{found}, {value}, {limit}, {reader} and {kind}"
        raise ValueError(f"message: {error}: it may hold {values}") from error
    return Rule(
        id=name,
        page=page,
        source=source,
        severity=Severity[entry.severity_.upper()],
        advice=entry.advice,
        why=entry.why,
        message=entry.message,
        kinds=tuple(entry.kinds or kinds),
        purposes=tuple(entry.purposes or PURPOSES),
        when=tuple(CONDITIONS[word] for word in entry.when),
        look=_look(entry.check),
        remedy=Remedy(entry.remedy) if entry.remedy else None,
        question=entry.question,
        answer=entry.answer,
        alternatives=tuple(entry.alternatives),
        halts=entry.halts or bool(entry.alternatives),
        any_language=not ANY_LANGUAGE.isdisjoint(entry.check),
        fix=replacing(entry.replace) if entry.replace else FIXES.get(entry.fix),
        bad=tuple(_example(one) for one in entry.bad),
        good=tuple(_example(one) for one in entry.good),
    )


def _example(one: str | Example) -> Example:
    return Example(text=one) if isinstance(one, str) else one


def _look(check: Mapping[str, Mapping[str, Any]]) -> Look | None:
    """The one way of looking that a `check` table names, with its arguments, each held against the way's signature."""
    if not check:
        return None
    if len(check) > 1:
        raise ValueError(f"check: one way of looking a rule, not {len(check)}: {', '.join(check)}")
    ((way, keys),) = check.items()
    if way not in CHECKS:
        raise ValueError(f"check: no way of looking is called {way!r}{_near(way, CHECKS)}")
    hints, needed = _schema(way)
    for key, value in keys.items():
        if key not in hints:
            raise ValueError(f"check.{way}: no key {key!r}{_near(key, hints)}")
        if not _fits(value, hints[key]):
            raise ValueError(f"check.{way}.{key}: {value!r} is not of type {hints[key]}")
    absent = [key for key in needed if key not in keys]
    if absent:
        raise ValueError(f"check.{way}: the key {absent[0]!r} is missing")
    return CHECKS[way](**keys)


@cache
def _schema(way: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The keys of a way of looking with their types, and those that must be there: its function's own signature."""
    hints = {key: hint for key, hint in get_type_hints(CHECKS[way]).items() if key != "return"}
    parameters = inspect.signature(CHECKS[way]).parameters.values()
    return hints, tuple(one.name for one in parameters if one.default is one.empty)


def _fits(value: object, hint: object) -> bool:
    if get_origin(hint) is list:
        return isinstance(value, list) and all(_fits(one, get_args(hint)[0]) for one in value)
    if get_args(hint):
        return any(_fits(value, one) for one in get_args(hint))
    if hint is float:
        return isinstance(value, int | float)
    return isinstance(hint, type) and isinstance(value, hint)


def _near(word: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(word, list(known), 1, 0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(sorted(known))}"


def _with_suggestion(error: str) -> str:
    unknown = re.search(r"unknown field `(\w+)`", error)
    fields = {field.encode_name: None for field in msgspec.structs.fields(Entry)}
    return f"{error}{_near(unknown[1], fields)}" if unknown else error


def _prints(rows: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, str]:
    """A digest of every rule, kind and of the word lists: of what they say, not of comments, spaces and order."""
    lists = {path.name: packs.table(path) for path in sorted(LEXICON.glob("*.toml"))}
    parts = {name: row for name, (_, row) in rows.items()} | {f"kind {name}": kind for name, kind in kinds.items()}
    return {name: digest(part) for name, part in {**parts, "lexicon": lists}.items()}


def digest(value: object) -> str:
    """The first eight hexadecimal digits of a value's SHA-256, its keys in order."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()[:8]
