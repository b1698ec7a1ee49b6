"""What is measured of the rules on labelled messages, and whether the figures that stand are those of today's rules."""

import json
from pathlib import Path

import pytest

from pipeline import desk
from pipeline.domain import Severity
from pipeline.formats.handbook import Measured, measured
from pipeline.likely import models
from tests import precision
from tests.precision import Label, agreement, judged, labels, measure
from training.acts import ACTS

OWN = desk.opened(precision.ROOT, {})
ENOUGH, SURE = 10, 0.9
"""Findings from which on a rule's precision says something, and what an error needs of it."""
CALLS = "Hi Ana, I sell boats in Pau. Can we jump on a quick call tomorrow?"


def folder(tmp_path: Path, *rows: Label) -> Path:
    """A folder of one's own with the same message for each label."""
    (tmp_path / "messages").mkdir()
    for row in rows:
        (tmp_path / "messages" / f"{row.message}.md").write_text(f"---\nkind: message\n---\n{CALLS}\n", "utf-8")
    lines = [
        json.dumps({"message": row.message, "half": row.half, "good": row.good, "rules": row.rules}) for row in rows
    ]
    (tmp_path / "labels.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def row(name: str, *rules: str, good: bool = False) -> Label:
    """A label of the develop half."""
    return Label(message=name, half="develop", good=good, rules=rules)


def test_what_is_found_rightly_wrongly_and_missed(tmp_path: Path) -> None:
    """Counted by message and rule; on good messages what is found wrongly is a false finding."""
    home = folder(tmp_path, row("a", "premature-call"), row("b", good=True), row("c", "premature-call", "boast"))
    tally = measure(home, "develop", OWN)
    assert tally.measured()["premature-call"] == Measured(right=2, wrong=1)
    assert tally.measured()["boast"] == Measured(missed=1)
    assert tally.false_on_good[OWN.book.rules["premature-call"].severity] >= 1
    assert measure(home, "confirm", OWN).messages == 0


def test_what_does_not_apply_is_no_fault(tmp_path: Path) -> None:
    """A reader may name a rule that does not speak of this kind of message."""
    assert "false-reply" not in measure(folder(tmp_path, row("a", "false-reply")), "", OWN).measured()


def test_shares() -> None:
    """Precision, recall, and a lintscore in which a false alarm costs more than a miss."""
    one = Measured(right=8, wrong=2, missed=8)
    assert (one.precision, one.recall, one.lintscore) == (0.8, 0.5, pytest.approx(0.32))
    fewer_alarms, fewer_misses = Measured(right=8, missed=10), Measured(right=8, wrong=10)
    assert (fewer_alarms.lintscore or 0) > (fewer_misses.lintscore or 0)


def test_agreement_is_of_labels_that_both_gave() -> None:
    """Two of three labels in common are four of six given."""
    pair = Label(message="a", half="", good=True, rules=(), readings=(("x", "y", "z"), ("x", "y", "w")))
    assert agreement([pair]) == pytest.approx(2 / 3)
    assert agreement([row("a")]) == 0.0


def test_every_label_names_a_message_and_a_rule() -> None:
    """No half shares a message with the other, and at least half of the messages are good ones."""
    known = set(OWN.book.rules)
    marked = labels(precision.LABELLED)
    assert len({one.message for one in marked}) == len(marked)
    assert all((precision.LABELLED / "messages" / f"{one.message}.md").is_file() for one in marked)
    assert {rule for one in marked for rule in one.rules} <= known
    assert sum(one.good for one in marked) * 2 >= len(marked)


def test_the_figures_stand_as_they_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """Of the develop half: whoever changes a rule measures it again."""
    assert precision.main(["--check"]) == 0, capsys.readouterr().out


def test_figures_that_stand_otherwise_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The check fails where a figure differs, and writes nothing."""
    stands = tmp_path / "precision.json"
    stands.write_text("{}\n", "utf-8")
    monkeypatch.setattr(precision, "RESULT", stands)
    assert precision.main(["--check"]) == 1
    assert stands.read_text("utf-8") == "{}\n"


def test_an_error_deserves_to_be_one() -> None:
    """A rule that is often wrong may be a warning or a hint."""
    often_wrong = [
        (name, half)
        for half, table in measured().items()
        for name, one in table.items()
        if OWN.book.rules[name].severity >= Severity.ERROR
        and one.right + one.wrong >= ENOUGH
        and (one.precision or 0) < SURE
    ]
    assert often_wrong == []


def test_the_sheet_has_every_rule_that_a_reader_judges() -> None:
    """With what it says, and one message that it finds."""
    said = "\n".join(precision.sheet(OWN.book))
    assert all(f"- {rule.id} (" in said for rule in judged(OWN.book))


def test_the_model_of_acts_is_the_one_that_the_script_fits() -> None:
    """One model for each act that it names, with the bound that it sets."""
    assert {act: model.least for act, model in models().items()} == ACTS
