"""Delimited files: any dialect is read as it was meant, and every byte outside a changed cell stays."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.drafts import LARGEST
from pipeline.errors import LibraryError
from pipeline.library import Change, Columns
from tests.library.conftest import Lawful, Read

CELL = st.text(st.sampled_from("ab ,;|\t\"'\\\n\réß{}%=+-@"), max_size=12)
ROWS = st.lists(st.tuples(CELL, CELL, CELL), max_size=5)
QUOTING = st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
CHANGES = st.dictionaries(st.integers(2, 6).map(lambda n: f"row {n}"), st.builds(Change, CELL, st.none() | CELL))


def made(rows: list[tuple[str, ...]], delimiter: str, end: str, quoting: int) -> str:
    """A file as Python's own writer makes it, which leaves line ends of another kind than its own bare."""
    quoting = quoting if end == "\r\n" else csv.QUOTE_ALL
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([("note", "Text", "subject"), *rows])
    return out.getvalue()


@given(ROWS, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n", "\r"]), QUOTING, ENCODINGS, CHANGES)
def test_the_laws(
    lawful: Lawful,
    read: Read,
    rows: list[tuple[str, ...]],
    delimiter: str,
    end: str,
    quoting: int,
    encoding: str,
    changes: dict[str, Change],
) -> None:
    """Whatever the delimiter, the line ends, the quoting and the encoding; the texts are those that were written."""
    data = made(rows, delimiter, end, quoting).encode(encoding)
    lawful("a.csv", data, changes)
    lawful("a.tsv", data, changes)
    texts = {f"row {n}": row[1] for n, row in enumerate(rows, 2)}
    for one in read("a.csv", data).templates:
        assert one.text == texts[one.id].replace("\r\n", "\n").replace("\r", "\n").strip("\n").rstrip()


@example(['"', "\n", "\n", "\n", ",", "a"], {"row 5": Change(",", None)})
@given(st.lists(st.sampled_from(['"', "a", ",", "\n", "\r", "\\", "'", " ", "ä", "text", "id"])), CHANGES)
def test_any_text_keeps_the_laws(read: Read, parts: list[str], changes: dict[str, Change]) -> None:
    """However broken a file is, it is written as it was; what is changed is read again, other rows stay bytes."""
    data = ("id,text\n" + "".join(parts)).encode()
    one = read("a.csv", data)
    assert one.rewritten({}) == data
    kept = {name: change for name, change in changes.items() if not one.refusal(name, change)}
    again = read("a.csv", one.rewritten(kept))
    texts = {message.id: message.text for message in again.templates}
    for name, change in kept.items():
        assert texts[name] == (change.text or "").replace("\r\n", "\n").replace("\r", "\n").strip("\n").rstrip()


def test_only_the_cell_changes(read: Read) -> None:
    """Order, quoting and spaces of the other cells, BOM, a trailing blank line: all as they were."""
    data = (
        "\ufeffid;kind;to.name;Body;x\r\n"
        'a;"email";Ana; "Hi, ""Ana"";\nwell?" ;=1+2\r\n'
        "b;message;;Hi Bo;'\r\n"
        ";message;Cy;Hi Cy;\r\n\r\n"
    ).encode()
    one = read("a.csv", data)
    assert [(m.id, m.text, m.line) for m in one.templates] == [
        ("a", 'Hi, "Ana";\nwell?', 2),
        ("b", "Hi Bo", 4),
        ("row 4", "Hi Cy", 5),
    ]
    assert one.templates[0].table == {"kind": "email", "to": {"name": "Ana"}}
    new = one.rewritten({"a": Change('Hi "A";\n\nso'), "b": Change("Hi; Bo"), "row 4": Change("Hi C")})
    assert new == data.replace(b' "Hi, ""Ana"";\nwell?" ', b'"Hi ""A"";\n\nso"').replace(
        b";Hi Bo;", b';"Hi; Bo";'
    ).replace(b";Hi Cy;", b";Hi C;")


DIALECTS = {
    "backslash": (b'id,text\n1,"a \\"b\\", c\\\\d"\n', 'a "b", c\\d'),
    "single quotes": (b"'id','text'\n'1','it''s, so'\n", "it's, so"),
    "told by sep=": (b"sep=^\nid^text\n1^a,b\n", "a,b"),
    "space behind the delimiter": (b'id, text\n1, "a, b"\n', "a, b"),
    "no quotes": (b'id\ttext\n1\t"a" b\n', '"a" b'),
    "one column": (b"text\nHi Ana, well\n", "Hi Ana, well"),
    "more delimiters at the end": (b"id,text,\n1,a,\n", "a"),
}


@pytest.mark.parametrize(("data", "text"), DIALECTS.values(), ids=DIALECTS)
def test_dialects(lawful: Lawful, read: Read, data: bytes, text: str) -> None:
    """Each is read as its writer meant it, and written in its own way."""
    one = read("a.csv", data)
    assert [message.text for message in one.templates] == [text]
    lawful("a.csv", data, {one.templates[0].id: Change("new words")})
    lawful("a.csv", data, {one.templates[0].id: Change('it\'s "new", or\n^ \\ not\t;')})


def test_bad_rows_are_one_fault_each(read: Read) -> None:
    """Every other row is still there, and the bad ones keep their bytes."""
    lines = [
        b"id,text,x",
        b"../x,Hi Ana,",
        b"short",
        b"a,Hi,x,y",
        b"../x,again,",
        b"u,Gr\xc3\xbc\xc3\x9fe,",
        b"l,Gr\xfc\xdfe,",
        b"n,a\0b,",
        b"c,a\x1bb,",
        b"big," + b"x" * 5_000_000 + b",",
        b'q,"open" quote,',
        b"f,{{ first_name,",
        b"=f,=SUM(A1),=1",
    ]
    one = read("a.csv", b"\n".join(lines))
    assert [message.id for message in one.templates] == ["../x", "u", "f", "=f"]
    faults = {int(fault.spot.rpartition(":")[2]): fault.message for fault in one.faults}
    for line, words in {
        3: "1 cells where the header has 3",
        4: "4 cells where the header has 3",
        5: "the id '../x' is taken by a row above",
        7: "not UTF-8 (byte 0xfc)",
        8: "control character (U+0000)",
        9: "control character (U+001B)",
        10: "over the limit of 1,000,000 bytes",
        11: "a quote that is not closed",
    }.items():
        assert words in faults.pop(line)
    assert not faults
    new = one.rewritten({"../x": Change("Dear Ana"), "f": Change("Hi")}).split(b"\n")
    assert new == [b"../x,Dear Ana," if n == 1 else b"f,Hi," if n == 11 else line for n, line in enumerate(lines)]
    assert LARGEST < 5_000_000


@pytest.mark.parametrize("sign", "=+-@")
def test_no_formula_is_made(read: Read, sign: str) -> None:
    """A new text that a spreadsheet would run is refused, unless the old one began so."""
    one = read("a.csv", b"id,text,subject\n1,Hi,\n2,=A1,\n")
    for text in (f"{sign}1+1", f"\n {sign}x"):
        with pytest.raises(LibraryError, match=r"a.csv:2: a spreadsheet would take .* for a formula"):
            one.rewritten({"1": Change(text)})
    with pytest.raises(LibraryError, match="for a formula"):
        one.rewritten({"1": Change(subject=f"{sign}1")})
    assert b"2,-A1," in one.rewritten({"2": Change("-A1")})


def test_no_column_is_the_text(read: Read) -> None:
    """One fault for the file, with its columns and the settings line; the settings then name it."""
    data = b"Nr;Wort\n1;Hi\n"
    (fault,) = read("a.csv", data).faults
    assert "none is the text among the columns 'Nr', 'Wort'" in fault.message
    assert read("a.csv", data, Columns(text="wort")).templates[0].text == "Hi"
    (fault,) = read("a.csv", b"").faults
    assert "text" in fault.message


def test_without_quotes_some_texts_are_refused(read: Read) -> None:
    """A file whose cells have no quotes takes no line ends."""
    one = read("a.tsv", b'id\ttext\n1\t"a" b\n')
    for text in ("a\tb", "a\nb", '"a"'):
        assert "have no quotes" in str(one.refusal("1", Change(text)))
    assert one.rewritten({"1": Change('b "a"')}) == b'id\ttext\n1\tb "a"\n'
