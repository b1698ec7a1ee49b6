"""Harms that change no request, and harmless changes: done in a copy in every test run; `poe sabotage` does all."""

import pytest

from tests import sabotage

QUICK = ("one kind", "faithful", "clean draft")
CHANGES = [one for one in sabotage.HARMS if any(word in one.name for word in QUICK)] + list(sabotage.HARMLESS)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name.replace(" ", "-"))
def test_harm_is_caught_and_the_harmless_is_green(change: sabotage.Change) -> None:
    """The right figure falls for a harm; nothing falls, and nothing is stale, for what is harmless."""
    row, sound = sabotage.judge(change, record=False)
    assert sound, row


def test_the_table_is_wide_enough() -> None:
    """A dozen harms or more, four harmless changes or more, each harm with the figures that must catch it."""
    assert len(sabotage.HARMS) >= 12
    assert all(harm.caught_by for harm in sabotage.HARMS)
    assert len(sabotage.HARMLESS) >= 4


def test_the_page_holds_a_row_for_each() -> None:
    """The table in evals/README.md was made by the command, of these very changes, and none was missed."""
    page = sabotage.PAGE.read_text("utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.count(" | ") == 5]
    said = {row[0].removeprefix("| "): row[4] for row in rows}
    for harm in sabotage.HARMS:
        assert said[harm.name] == "caught"
    for change in sabotage.HARMLESS:
        assert said[change.name] == "green"
