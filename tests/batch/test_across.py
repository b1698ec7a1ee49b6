"""Notes on a library as a whole: what is one, what is none, and that comparisons grow no faster than the library."""

import json
from pathlib import Path

from pipeline.batch.across import Across, Law, Note
from pipeline.batch.sketches import NEAR, ORDERS, SIZE, WINDOW, Sketch, groups, likeness, sketch
from pipeline.fields import scan
from tests.batch.test_command import NONE
from tests.batch.yard import CLEAN, TOPICS
from tests.commands import Call

THINGS = "boats walls songs seeds ropes lamps wheels stoves".split()
LONG = (
    "Hi {{first_name}}, your talk on the old harbour cranes made me rethink how we store ours over winter. We run three"
    " small yards near the river mouth and lose about a month each spring to rust on the upper bearings. Which part of"
    " your method would you try first on machines of that age?"
)


def text(number: int) -> str:
    """A message like no other: every word but the field is drawn by its number."""
    pool = [f"{topic}{thing}" for topic in TOPICS for thing in THINGS]
    return "Hi {{first_name}}, " + " ".join(
        f"{pool[(number * step + step * step) % len(pool)]}{number}" for step in range(3, 33)
    )


def noted(*texts: str | tuple[str, str]) -> list[Note]:
    """The notes on messages, which stand at "0", "1" ...; a pair is a text before and after."""
    across = Across()
    for number, one in enumerate(texts):
        across.take(str(number), *((one, one) if isinstance(one, str) else one))
    return list(across.notes())


def told(*texts: str | tuple[str, str]) -> list[tuple[Law, tuple[str, ...], bool]]:
    """Law, places and weight of each note."""
    return [(note.law, note.places, note.remains) for note in noted(*texts)]


def test_a_library_without_such_faults_gives_no_note() -> None:
    """Also where messages share a greeting, and where all were rewritten."""
    assert told(*(text(number) for number in range(50))) == []
    assert told(*((text(number), f"{text(number)} Thank you.") for number in range(50))) == []
    assert told() == []


def test_nearly_the_same() -> None:
    """Another case, another field and one other word make no other message; another sentence does."""
    near = LONG.replace("{{first_name}}", "{{last_name}}").replace("river", "RIVER").replace("spring", "summer")
    far = LONG.partition("Which")[0] + "Would you look at the drawings of ours and tell me what you would leave out?"
    assert told(LONG, text(1), near, far) == [(Law.ALIKE, ("0", "2"), False)]
    assert told("{{body}}", "{{other}}", "", "") == []


def test_messages_that_converge() -> None:
    """Apart before and near after remains to be done; near before and after is but a hint; apart after is nothing."""
    near = LONG.replace("spring", "summer")
    assert told((text(1), LONG), text(2), (text(3), near)) == [(Law.CONVERGED, ("0", "2"), True)]
    assert told((text(1), LONG), LONG) == [(Law.CONVERGED, ("0", "1"), True)]
    assert told((LONG, near), LONG) == [(Law.ALIKE, ("0", "1"), False)]
    assert told((LONG, text(1)), LONG) == []


def test_no_field_where_most_have_one() -> None:
    """Not where half have none, nor in a library of three."""
    bare = [text(number).replace("{{first_name}}", "there") for number in range(9)]
    assert told(text(10), bare[1], text(11), text(12)) == [(Law.FIELDLESS, ("1",), False)]
    assert told(text(10), bare[1], text(11), bare[2]) == []
    assert told(text(10), bare[1], text(11)) == []


def test_no_fallback_where_others_have_one() -> None:
    """A field that is tested first needs none, nor does one without a fallback anywhere, or in another syntax."""
    given = text(1).replace("{{first_name}}", "{{first_name | default: 'there'}}")
    tested = text(2).replace("{{first_name}}", "{% if first_name %}{{first_name}}{% endif %}")
    other = text(3).replace("{{first_name}}", "*|first_name|*".upper().replace("FIRST_NAME", "FNAME"))
    assert told(given, text(4), tested, other) == [(Law.BARE, ("1",), False)]
    assert "{{first_name}} has no fallback" in noted(given, text(4))[0].message


def test_one_field_in_two_spellings() -> None:
    """In one syntax a program leaves one of them empty; two may be for two programs; by hand it is no matter."""
    camel, percent, hand = (
        text(number).replace("{{first_name}}", field)
        for number, field in ((2, "{{firstName}}"), (3, "%FIRSTNAME%"), (4, "[First Name]"))
    )
    assert told(text(0), camel, text(1)) == [(Law.SPELT, ("1",), True)]
    assert told(text(0), text(1), percent) == [(Law.SPELT, ("2",), False)]
    assert told(text(0), text(1).replace("{{", "{{{").replace("}}", "}}}"), hand) == []
    statement = text(5).replace("{{first_name}}", "{% if firstName %}you{% endif %}")
    assert told(text(0), text(1), statement) == [(Law.SPELT, ("2",), True)]


def test_comparisons_grow_as_the_library_does() -> None:
    """Of 2,000 messages, alike or not or half, each is compared with few; the pairs that are near are found."""
    shapes = (text, lambda _: LONG, lambda number: f"{text(number)} {LONG}", lambda number: text(number // 2))
    for shape in shapes:
        calls = 0

        def counted(one: Sketch, other: Sketch) -> float:
            nonlocal calls
            calls += 1
            return likeness(one, other)

        across = Across(counted)
        for number in range(2_000):
            across.take(str(number), shape(number), shape(number))
        list(across.notes())
        assert calls <= ORDERS * WINDOW * 2_000, shape
    halves = [f"{text(number // 2)} {'now' if number % 2 else 'then'} {LONG}" for number in range(400)]
    assert list(groups([sketch(scan(one)) for one in halves])) == [[one, one + 1] for one in range(0, 400, 2)]


def test_likeness_of_long_texts_is_near_that_of_all_shingles() -> None:
    """A sketch of a part of the shingles tells what the whole would."""
    words = [f"w{number}" for number in range(1_000)]
    one, other = (sketch(scan(" ".join(some))) for some in (words, [*words[:900], "x", "y"]))
    assert len(one) == SIZE
    assert abs(likeness(one, other) - 898 / 1_000) < 0.1
    assert NEAR <= likeness(one, one) == 1


def test_a_user_sees_the_notes(tactful: Call, folder: Path) -> None:
    """Under --check and after a run, counted, in JSON with every place, and in the exit status."""
    (folder / "lib").mkdir()
    for name, field, topic in (("a", "{{name}}", "tides"), ("b", "{{Name}}", "looms"), ("c", "{{name}}", "tides")):
        good = CLEAN.format(topic=topic).replace("Ana", field)
        (folder / "lib" / f"{name}.md").write_text(f"---\nto: {{name: Ana}}\n---\n{good}", "utf-8")
    checked = tactful("batch", "lib", "--check")
    assert checked.code == 1
    assert "library: hint near-duplicates: 3 messages are nearly the same" in checked.out
    assert "library: error two-spellings: one field in several spellings: {{name}} (2), {{Name}} (1)" in checked.out
    assert ", at lib/b.md:4: spell it as in {{name}}" in checked.out.splitlines()[-1]
    run = tactful("batch", "lib", "--out", "better", *NONE)
    assert run.code == 1
    assert "; 2 notes on the library" in run.out
    table = json.loads(tactful("batch", "lib", "--out", "better", *NONE, "--json").out)
    assert table["summary"]["notes"] == 2
    assert [(note["law"], note["places"], note["remains"]) for note in table["notes"]] == [
        ("near-duplicates", ["lib/a.md:4", "lib/b.md:4", "lib/c.md:4"], False),
        ("two-spellings", ["lib/b.md:4"], True),
    ]
    (folder / "lib" / "b.md").unlink()
    quiet = tactful("batch", "lib", "--check", "--quiet")
    assert quiet.code == 0
    assert "library: " not in quiet.out
