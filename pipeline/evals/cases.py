"""Case files come in, Cases go out: a draft with its brief, and what must hold of whatever becomes of it.

One TOML file a case; the file's name is the case's name. Every fault is told with file, line, key and remedy.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pipeline import drafts, tables
from pipeline.domain import Draft, Rulebook
from pipeline.errors import CaseError, PipelineError
from pipeline.evals.tone import MEASURES

Outcome = Literal["improved", "untouched", "held"]
Count = Annotated[int, Meta(ge=0)]


class Expect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must hold. Some of it is hard, a model's weakness is no excuse there: one case that falls fails the run.

    Hard are `finds`, `keep`, `fields`, `absent`, what `avoid` names and the draft does not say, and that a draft which
    is to be untouched or held comes back as it was. All else is judged over many cases.

    outcome   improved: a better message comes out; untouched: the draft is good, byte for byte the same comes out;
              held: the guides (or its language) say that no rewriting helps, the draft is handed back as it is
    finds     rules that the draft breaks: they hold the rules themselves to account
    fixed     rules of `finds` that the rewrite no longer breaks
    absent    rules that the rewrite must not break
    keep      words of the draft that every rewrite holds, as they stand (letter case aside)
    avoid     words that no rewrite may hold (letter case aside): planted orders, what was never said
    fields    merge fields, byte for byte as often in the rewrite as in the draft
    least, most   the length of the rewrite in UTF-16 code units; `most` 0 means the platform's limit alone
    tone      which way a measure of tone must not fail to go: "down", "up" or "level"
    references    good rewrites by a human hand, for SARI and chrF
    """

    outcome: Outcome
    finds: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    least: Count = 0
    most: Count = 0
    tone: Mapping[str, Literal["down", "up", "level"]] = {}
    references: tuple[str, ...] = ()


class CaseFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case as it stands in its file; `brief` takes what front matter of a draft takes."""

    about: str
    text: str
    expect: Expect
    brief: dict[str, Any] = {}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case, ready for the walk."""

    name: str
    about: str
    draft: Draft
    expect: Expect


def load(folder: Path, book: Rulebook) -> tuple[Case, ...]:
    """The cases of a folder, by name. CaseError lists every fault of every file."""
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise CaseError(f"{folder}: no cases here: a case is a .toml file; `tactful eval init` writes an example")
    cases, faults = [], []
    for path in paths:
        try:
            cases.append(read(path, book))
        except PipelineError as error:
            faults.append(str(error))
    if faults:
        raise CaseError("\n".join(faults))
    return tuple(cases)


def read(path: Path, book: Rulebook) -> Case:
    """One case. CaseError, BriefError or DraftError: what is wrong in the file."""
    text = drafts.read_text(path, CaseError)
    table = tables.parse(text, "toml", str(path), CaseError)

    def spot(key: str) -> str:
        return f"{path}:{tables.line_of(text, key)}"

    file = tables.convert(table, CaseFile, spot, CaseError)
    brief = drafts.layer(str(path), file.brief, book, text)
    draft = drafts.draft(file.text, str(path), book, over=brief)
    faults = [f"{spot('expect')}: {fault}" for fault in _faults(file.expect, draft, book)]
    if faults:
        raise CaseError("\n".join(faults))
    return Case(name=path.stem, about=file.about, draft=draft, expect=file.expect)


def _faults(expect: Expect, draft: Draft, book: Rulebook) -> Iterator[str]:
    """What a case expects that cannot be: unknown rules and measures, words to keep that the draft does not hold."""
    known = tuple(book.rules)
    for key in ("finds", "fixed", "absent"):
        for rule in getattr(expect, key):
            if rule not in known:
                yield f"{key}: no rule is called {rule!r}{tables.near(rule, known)}"
    yield from (
        f"fixed: {rule!r} is not among finds: what the draft does not break cannot be mended"
        for rule in expect.fixed
        if rule not in expect.finds
    )
    yield from (
        f"tone: no measure is called {measure!r}{tables.near(measure, MEASURES)}"
        for measure in expect.tone
        if measure not in MEASURES
    )
    for word in expect.keep:
        if word.casefold() not in draft.message.casefold():
            yield f"keep: the draft does not hold {word!r}"
    for word in expect.fields:
        if word not in draft.message:
            yield f"fields: the draft does not hold {word!r}, byte for byte"
    if expect.outcome != "improved" and expect.fixed:
        yield f"fixed: a draft that is {expect.outcome} is not mended"


def chosen(cases: Sequence[Case], names: Sequence[str], kinds: Sequence[str], purposes: Sequence[str]) -> list[Case]:
    """The cases that the filters leave; CaseError for a name that no case has. A name may be the start of several."""
    unknown = [name for name in names if not any(case.name.startswith(name) for case in cases)]
    if unknown:
        raise CaseError(f"no case is called {unknown[0]!r}{tables.near(unknown[0], [case.name for case in cases])}")
    return [
        case
        for case in cases
        if (not names or case.name.startswith(tuple(names)))
        and (not kinds or case.draft.kind.name in kinds)
        and (not purposes or case.draft.brief.purpose in purposes)
    ]
