"""The training pairs: all keep the demands, and each demand refuses what breaks it."""

from collections import Counter
from pathlib import Path

import pytest

from training.check import HERE, Pair, faults, load

PAIRS = [pair for path in sorted((HERE / "pairs").glob("*.jsonl")) for pair in load(path)]
FACT = "fact: rebuilt the weir at Tomar with 12 pupils of {{school}}"
SAID = "sentence: We at {{school}} have only 3 places left, so can we talk today about the weir at Tomar?"


def test_every_pair_keeps_the_demands() -> None:
    """No fault in any file."""
    assert list(faults(PAIRS)) == []


def test_there_are_enough_of_each() -> None:
    """Thousands over all tasks, and none of the tasks starved."""
    tasks = Counter(pair.task for _, pair in PAIRS)
    assert sum(tasks.values()) >= 2500
    assert min(tasks.values()) >= 80


@pytest.mark.parametrize(
    ("task", "source", "target", "fault"),
    [
        ("hook", FACT, "I read how you rebuilt the dam at Tomar.", "not in the input: dam"),
        ("hook", FACT, "You rebuilt the weir at Tomar with 14 pupils.", "numbers that the input lacks: 14"),
        ("hook", FACT, "You rebuilt the weir at Braga.", "names that the input lacks: Braga"),
        ("hook", FACT, "You rebuilt the weir with pupils of {{town}}.", "merge fields that the input lacks: {{town}}"),
        ("hook", FACT, "How you rebuilt the weir at Tomar!", "an exclamation mark"),
        ("hook", FACT, "You rebuilt the weir at Tomar", "the wrong mark at its end"),
        ("question", "goal: hear how you rebuilt the weir", "I would like to hear how you rebuilt the weir.", "mark"),
        ("hook", FACT, "You rebuilt the weir at Tomar, " * 9 + "really.", "at most 220"),
        ("soften", f"fault: presses\n{SAID}", "Can we talk about the weir at Tomar?", "merge fields lost: {{school}}"),
        ("shorten", f"at most 5 words\n{SAID}", "We at {{school}} have 3 places left.", "longer than"),
        ("shorten", SAID, "We at {{school}} have places.", "longer than"),
        (
            "hook",
            "fact: wrote a note on packing lacquer boxes with ethafoam cradles",
            "I read your note on packing lacquer boxes with ethafoam cradles.",
            "words of an eval case",
        ),
    ],
)
def test_each_demand_refuses(task: str, source: str, target: str, fault: str) -> None:
    """One broken pair, one fault that names it."""
    pair = Pair(task=task, input=source, target=target)
    assert any(fault in line and line.startswith("x:1") for line in faults([("x:1", pair)]))


def test_a_good_pair_has_no_fault() -> None:
    """The same input with a target of its own words."""
    assert (
        list(faults([("x:1", Pair(task="hook", input=FACT, target="I read how you rebuilt the weir at Tomar."))])) == []
    )


def test_pairs_may_not_be_alike() -> None:
    """Two targets of nearly the same words, and too many that begin alike."""
    one = Pair(task="hook", input=FACT, target="I read how you rebuilt the weir at Tomar.")
    same = Pair(task="hook", input=FACT, target="I read how you rebuilt the weir of Tomar.")
    assert any("nearly the same as x:1" in line for line in faults([("x:1", one), ("x:2", same)]))
    words = ("weir", "pupils", "school", "Tomar")
    many = [
        (f"x:{i}", Pair(task="hook", input=FACT, target=f"I read about the {word}.")) for i, word in enumerate(words)
    ]
    assert any("4 of 4 targets begin with 'i read about'" in line for line in faults(many))


def test_a_line_that_is_no_pair_is_named(tmp_path: Path) -> None:
    """File and line."""
    (tmp_path / "bad.jsonl").write_text('{"task": "hook", "input": "a"}\n', "utf-8")
    with pytest.raises(ValueError, match=r"bad\.jsonl:1"):
        list(load(tmp_path / "bad.jsonl"))
