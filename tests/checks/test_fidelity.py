"""Honest rewrites of real drafts pass the page fidelity, and planted inventions of many sorts are found by it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import tomli

from pipeline import rulebook
from pipeline.domain import Draft, Finding, Severity
from pipeline.evals import cases
from pipeline.review import review

HERE = Path(__file__).parent
BOOK = rulebook.load()
ROWS: Mapping[str, Any] = tomli.loads((HERE / "fidelity.toml").read_text("utf-8"))
HONEST: Mapping[str, Mapping[str, str]] = ROWS["honest"]
PLANTED: list[Mapping[str, str]] = ROWS["planted"]
CASES = HERE.parents[1] / "evals" / "cases"


def findings(name: str, text: str, subject: str) -> list[Finding]:
    """What the page fidelity finds in a rewrite of a case's draft."""
    draft = cases.read(CASES / f"{name}.toml", BOOK).draft
    found = review(draft.rewritten(text, subject), BOOK).findings
    return [finding for finding in found if finding.rule.page == "fidelity"]


@pytest.mark.parametrize("name", HONEST)
def test_honest_rewrites_pass(name: str) -> None:
    """A rewrite in the words of draft and brief, with courtesy added, breaks no rule of fidelity."""
    found = findings(name, HONEST[name]["text"], HONEST[name]["subject"])
    assert not [
        f"{finding.rule.id}: {finding.message}" for finding in found if finding.rule.severity > Severity.WARNING
    ]


@pytest.mark.parametrize("row", PLANTED, ids=[f"{row['draft']}-{row['sort'].replace(' ', '-')}" for row in PLANTED])
def test_planted_inventions_are_found(row: Mapping[str, str]) -> None:
    """One planted change is enough for a rule that forbids sending."""
    honest = HONEST[row["draft"]]
    assert row["old"] in honest["text"]
    found = findings(row["draft"], honest["text"].replace(row["old"], row["new"]), honest["subject"])
    assert any(finding.rule.severity > Severity.WARNING for finding in found)


@pytest.mark.parametrize("row", ROWS["freer"], ids=lambda row: row["draft"])
def test_freer_rewrites_pass(row: Mapping[str, str]) -> None:
    """Honest rewrites that choose their own words pass as well."""
    found = findings(row["draft"], row["text"], HONEST[row["draft"]]["subject"])
    assert [finding.rule.id for finding in found if finding.rule.severity > Severity.WARNING] == []


@pytest.mark.parametrize("row", ROWS["untrue"], ids=lambda row: row["draft"])
def test_untrue_rewrites_are_found(row: Mapping[str, str]) -> None:
    """Rewrites with an invention in words of their own are found."""
    found = findings(row["draft"], row["text"], HONEST[row["draft"]]["subject"])
    assert any(finding.rule.severity > Severity.WARNING for finding in found)


def test_there_are_enough_of_both() -> None:
    """Forty honest rewrites, one a draft, and sixty planted inventions of many sorts."""
    assert len(HONEST) >= 40
    assert len(PLANTED) >= 60
    assert len({row["sort"] for row in PLANTED}) >= 25


def test_a_symbol_is_no_part_of_a_name() -> None:
    """Else nothing could be changed in a message that is signed with a trade mark."""
    draft = Draft("Hi Ana, your loom is a wonder!!\n\nJo\nNorth Looms | Weaving With Purpose™", BOOK.kinds["email"])
    rewrite = draft.rewritten(draft.text.replace("!!", "."))
    assert not [one for one in review(rewrite, BOOK).findings if one.rule.severity >= Severity.FATAL]
