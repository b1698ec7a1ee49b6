"""JSON and JSON lines: spacing, key order and escapes of the rest stay, and a changed string is read again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.library import Change, Columns
from tests.library.conftest import Lawful, Read

TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Z")) | st.sampled_from('\n\r\t"\\/'))
OBJECT = st.fixed_dictionaries(
    {"text": TEXT}, optional={"subject": TEXT, "to": st.fixed_dictionaries({"name": TEXT}), "x": st.none() | TEXT}
)
OBJECTS = st.lists(OBJECT, max_size=4)
CHANGES = st.dictionaries(st.integers(1, 4).map(lambda n: f"row {n}"), st.builds(Change, TEXT, st.none() | TEXT))
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])


@given(OBJECTS, st.none() | st.integers(0, 3), st.booleans(), ENCODINGS, CHANGES)
def test_the_laws(
    lawful: Lawful,
    read: Read,
    objects: list[dict[str, object]],
    indent: int | None,
    escaped: bool,
    encoding: str,
    changes: dict[str, Change],
) -> None:
    """Whatever the spacing, the escapes and the encoding, as one list or as lines."""
    whole = json.dumps(objects, indent=indent, ensure_ascii=escaped).encode(encoding)
    lines = "\r\n".join(json.dumps(one, ensure_ascii=escaped) for one in objects).encode(encoding)
    for name, data in (("a.json", whole), ("a.jsonl", lines)):
        one = read(name, data)
        assert len(one.templates) == len(objects) - sum(1 for fault in one.faults if "row" in fault.spot)
        lawful(name, data, {key: change for key, change in changes.items() if key in one.index})


@given(st.text(st.sampled_from('{}[]",:\\u0123 textid\n\x00ä')))
def test_any_text_is_read_or_told(read: Read, text: str) -> None:
    """Nothing is raised, and it is written as it was."""
    for name in ("a.json", "a.jsonl"):
        for data in (text.encode(), text.encode("latin-1")):
            assert read(name, data).rewritten({}) == data


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_whatever_is_json_is_no_broken_json(read: Read, value: object) -> None:
    """Our scanner takes what Python's takes."""
    assert not any("broken" in fault.message for fault in read("a.json", json.dumps(value).encode()).faults)


def test_only_the_literal_changes(read: Read) -> None:
    """Spacing, key order, numbers and escapes of other strings stay; a changed string is escaped as it was."""
    first = b'{"x" : 1.0e0,"Body":"Hi\\r\\n\\u00e4 \\/ ","to":{"name":"\\u0041na"}}'
    data = b"[ " + first + b',\r\n {"body":"Gr\xc3\xbc\xc3\x9fe"}]\r\n'
    one = read("a.json", data)
    assert [(m.id, m.text, m.line) for m in one.templates] == [("row 1", "Hi\nä /", 1), ("row 2", "Grüße", 2)]
    assert one.templates[0].table == {"to": {"name": "Ana"}}
    new = one.rewritten({"row 1": Change("ö\n/"), "row 2": Change("ö\n")})
    assert new == data.replace(b"Hi\\r\\n\\u00e4 \\/ ", b"\\u00f6\\r\\n\\/ ").replace("Grüße".encode(), "ö".encode())


SHAPES = {
    "list of objects": ('[{"id": "a", "text": "Hi"}]', {"a": "Hi"}),
    "list of texts": ('["Hi", "Ho"]', {"row 1": "Hi", "row 2": "Ho"}),
    "ids of objects": ('{"a": {"text": "Hi"}, "b": {"text": "Ho"}}', {"a": "Hi", "b": "Ho"}),
    "ids of texts": ('{"a": "Hi", "message": "Ho"}', {"a": "Hi", "message": "Ho"}),
    "one object": ('{"text": "Hi", "layout": "x"}', {"": "Hi"}),
    "one object of ours": ('{"body": "Hi", "kind": "email", "to": {"name": "Ana"}}', {"": "Hi"}),
    "a number for an id": ('[{"id": 7, "text": "Hi"}]', {"7": "Hi"}),
    "a path for an id": ('[{"id": "../x", "text": "Hi"}]', {"../x": "Hi"}),
}


@pytest.mark.parametrize(("data", "texts"), SHAPES.values(), ids=SHAPES)
def test_shapes(lawful: Lawful, read: Read, data: str, texts: dict[str, str]) -> None:
    """Lists and objects, of objects and of texts."""
    assert {message.id: message.text for message in read("a.json", data.encode()).templates} == texts
    lawful("a.json", data.encode(), {key: Change('Dear "you"') for key in texts})


def test_bad_rows_are_one_fault_each(read: Read) -> None:
    """A line that cannot be used leaves the others as they are."""
    rows = {
        b'{"id": "a", "text": "Hi"}': "",
        b'{"id": "a", "text": "Ho"}': "the id 'a' is taken",
        b'{"text": "Hi"': "broken JSON: a comma or closing bracket is missing (line 1, column 14)",
        b'{"text": 7}': "'text' is not text",
        b'{"note": "Hi"}': "none is the text among the keys 'note'",
        b'{"text": "Hi", "text": "Ho"}': "this key stands twice",
        b'{"text": "Gr\xfc\xdfe"}': "not UTF-8 (byte 0xfc)",
        b'{"text": "a\\u0000b"}': "control character (U+0000)",
        b'{"text": "a\0b"}': "broken JSON: invalid control character",
        b'{"text": "\\ud800"}': "control character (U+D800)",
        b'{"text": "' + b"x" * 5_000_000 + b'"}': "over the limit",
        b"7": "not an object with a text",
        b"[" * 5000: "too many brackets",
        b'{"text": "{{ first_name"}': "",
    }
    one = read("a.jsonl", b"\n".join(rows))
    assert [message.text for message in one.templates] == ["Hi", "{{ first_name"]
    faults = {int(fault.spot.rpartition(":")[2]): fault.message for fault in one.faults}
    for number, words in enumerate(rows.values(), 1):
        assert words in faults.pop(number, "")
    assert not faults
    new = one.rewritten({"a": Change("Dear"), "row 14": Change("you")}).split(b"\n")
    assert new[1:13] == list(rows)[1:13]
    whole = read(
        "a.json",
        b"["
        + b",\n".join(row for row in rows if b"[[" not in row and b'Hi"' not in row[-5:] and b"\0" not in row)
        + b"]",
    )
    assert len(whole.templates) == 3 - 1


def test_one_fault_for_a_file_without_texts(read: Read) -> None:
    """Not one a row; and the settings name the key."""
    data = b'{"wort": "a"}\n{"wort": "b"}\n'
    (fault,) = read("a.jsonl", data).faults
    assert "none is the text among the keys 'wort'" in fault.message
    assert len(read("a.jsonl", data, Columns(text="Wort")).templates) == 2
    deep = read("a.json", b'[{"content": {"body": "Hi"}, "to.name": "Ana"}]', Columns(text="content.body"))
    assert (deep.templates[0].text, deep.templates[0].table) == ("Hi", {"to": {"name": "Ana"}})
    for broken in (b"", b"7", b"[1,]", b'{"a"}', b"\xff\xfe\0"):
        assert len(read("a.json", broken).faults) == 1
