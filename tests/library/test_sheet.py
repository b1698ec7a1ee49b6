"""Workbooks: one cell is changed, every other member, cell, style and formula stays, and no formula is made."""

import io
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from pipeline.library import Change
from tests.library.conftest import Lawful, Read

TEXT = st.text(
    st.sampled_from("ab <>&\"'\n\t=+-@ä\U0001f642\ufffe_x0D") | st.characters(codec="utf-8", categories=("L", "P"))
)
CHANGES = st.dictionaries(st.integers(2, 5).map(lambda n: f"row {n}"), st.builds(Change, TEXT, st.none() | TEXT))
SHEET = "xl/worksheets/sheet1.xml"


def made(rows: Sequence[Sequence[object]], header: Sequence[str] = ("note", "Text", "subject")) -> bytes:
    """A workbook as openpyxl makes it, each string kept a string, with a style, a formula and a second sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(header)
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.value = value
            if isinstance(value, str) and not value.startswith("=SUM"):
                cell.data_type = "s"
            cell.font = Font(bold=True)
    sheet["H1"] = "=1+1"
    book.create_sheet("other")["A1"] = "text"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(data: bytes) -> dict[str, tuple[object, str, bool]]:
    """Value, type and style of every cell, as openpyxl reads them."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    found = {}
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                found[f"{sheet.title}!{cell.coordinate}"] = (cell.value, cell.data_type, cell.font.bold)
    return found


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.just("n"), TEXT.map(lambda text: f"x{text}".replace("\ufffe", "")), st.just("s")), max_size=4
    ),
    CHANGES,
)
def test_the_laws(lawful: Lawful, rows: list[tuple[str, str, str]], changes: dict[str, Change]) -> None:
    """Whatever the texts."""
    lawful("a.xlsx", made(rows), {key: change for key, change in changes.items() if int(key[4:]) <= len(rows) + 1})


def test_only_the_cell_changes(read: Read) -> None:
    """Other members keep their bytes, other cells their values, the cell its style; a formula stays one."""
    data = made([("one", "Hi Ana", "s"), ("two", "Hi Ana", "s"), ("=SUM(A1)", "Hi Cy", "s")])
    one = read("a.xlsx", data)
    assert [(m.id, m.text, m.line) for m in one.templates] == [
        ("row 2", "Hi Ana", 2),
        ("row 3", "Hi Ana", 3),
        ("row 4", "Hi Cy", 4),
    ]
    new = one.rewritten({"row 2": Change('=HYPERLINK("x")', "-1")})
    old_zip, new_zip = (zipfile.ZipFile(io.BytesIO(one)) for one in (data, new))
    assert new_zip.testzip() is None
    assert old_zip.namelist() == new_zip.namelist()
    for name in old_zip.namelist():
        assert (old_zip.read(name) == new_zip.read(name)) == (name != SHEET)
        old, now = old_zip.getinfo(name), new_zip.getinfo(name)
        assert (old.date_time, old.external_attr, old.compress_type) == (
            now.date_time,
            now.external_attr,
            now.compress_type,
        )
    before, after = cells(data), cells(new)
    assert before["Sheet!A4"][1] == "f"
    assert {key for key in before if before[key] != after[key]} == {"Sheet!B2", "Sheet!C2"}
    assert after["Sheet!B2"][0] == '=HYPERLINK("x")'
    assert b"<f>HYPERLINK" not in new_zip.read(SHEET)
    assert read("b.xlsx", new).templates[0].subject == "-1"
    assert all(after[key][2] for key in ("Sheet!B2", "Sheet!C2"))


def test_bad_rows_are_one_fault_each(read: Read) -> None:
    """A formula, a number, no text, a taken id, a control character, a text that is too long: the others go on."""
    rows: list[tuple[object, ...]] = [
        ("../x", "Hi"),
        ("f", "=SUM(A1)"),
        ("n", 7),
        ("e", None),
        ("../x", "again"),
        ("c", "a_x0000_b"),
        (None, None),
        (None, "{{ first_name"),
    ]
    one = read("a.xlsx", made(rows, ("id", "text")))
    assert [message.id for message in one.templates] == ["../x", "row 9"]
    faults = {int(fault.spot.rpartition(" ")[2]): fault.message for fault in one.faults}
    for row, words in {
        3: "a formula stands where a text is meant",
        4: "'7' is not text",
        5: "no text in this row",
        6: "the id '../x' is taken",
        7: "control character (U+0000)",
    }.items():
        assert words in faults.pop(row)
    assert not faults
    assert "a cell takes 32,767 characters" in str(one.refusal("../x", Change("x" * 40_000)))


def test_a_cell_formatted_in_parts_is_not_written(read: Read) -> None:
    """It is read and judged; writing would lose the formatting, so that is refused."""
    book = openpyxl.Workbook()
    book.active.append(["text"])
    book.active["A2"] = CellRichText("Hi ", TextBlock(InlineFont(b=True), "Ana"))
    out = io.BytesIO()
    book.save(out)
    one = read("a.xlsx", out.getvalue())
    assert one.templates[0].text == "Hi Ana"
    assert "formatted in parts" in str(one.refusal("row 2", Change("Hi Bo")))


def test_the_sheet_with_a_text_is_used(read: Read, lawful: Lawful) -> None:
    """Whatever sheet it is; none at all is one fault."""
    one = read("a.xlsx", made([], ("a", "b")))
    assert (len(one.templates), len(one.faults)) == (0, 0)
    book = openpyxl.Workbook()
    book.active.append(["a"])
    out = io.BytesIO()
    book.save(out)
    assert "none is the text among the columns 'a'" in read("a.xlsx", out.getvalue()).faults[0].message


@pytest.mark.parametrize("how", ["no zip", "empty", "cut", "other zip", "doctype", "tail"])
def test_what_is_no_workbook_is_one_fault(read: Read, how: str) -> None:
    """And its bytes stay."""
    good = made([("n", "Hi", "s")])
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("x", "y")
    evil = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(evil, "w") as archive:
        for name in old.namelist():
            inner = old.read(name)
            if name == "xl/workbook.xml":
                inner = b'<!DOCTYPE x [<!ENTITY a "b">]>' + inner[inner.index(b"<workbook") :]
            archive.writestr(name, inner)
    data = {
        "no zip": b"Hi",
        "empty": b"",
        "cut": good[: len(good) // 2],
        "other zip": other.getvalue(),
        "doctype": evil.getvalue(),
        "tail": good + b"tail",
    }[how]
    one = read("bad.xlsx", data)
    assert len(one.faults) == 1
    assert "save it as .xlsx" in one.faults[0].message
    assert one.rewritten({}) == data


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_broken_workbook_is_read_or_told(read: Read, at: int, byte: int) -> None:
    """Whichever byte is wrong, nothing is raised."""
    data = bytearray(made([("n", "Hi", "s")]))
    data[at % len(data)] = byte
    one = read("bad.xlsx", bytes(data))
    assert one.rewritten({}) == bytes(data)


def test_an_empty_cell_takes_a_subject(read: Read) -> None:
    """One that is there without a value is a place."""
    one = read("a.xlsx", made([("n", "Hi", ""), ("n", "Ho", None)]))
    new = one.rewritten({"row 2": Change(subject="s"), "row 3": Change(subject="=t")})
    assert [message.subject for message in read("b.xlsx", new).templates] == ["s", "=t"]
    assert cells(new)["Sheet!B3"][0] == "Ho"


SHARED = """<x:sst xmlns:x="urn:x"><x:si><x:t>text</x:t></x:si><x:si><x:t>Hi _x005F_x0041_ &amp; you</x:t>
<x:rPh><x:t>spoken</x:t></x:rPh></x:si><x:si><x:r><x:t>Hi </x:t></x:r><x:r><x:t>Ana</x:t></x:r></x:si></x:sst>"""
ROWS = """<?xml version="1.0"?><x:worksheet xmlns:x="urn:x"><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c></x:row>
<x:row r="3"><x:c r="A3" s="7" t="s" cm="1"><x:v>1</x:v></x:c></x:row><x:row r="4"><x:c t="s"><x:v>1</x:v></x:c></x:row>
<x:row r="5"><x:c t="s"><x:v>2</x:v></x:c></x:row><x:row r="6"><x:c t="s"/></x:row>
<x:row r="7"><x:c t="s"><x:v>9</x:v></x:c></x:row></x:sheetData></x:worksheet>"""


def shared(rows: str) -> bytes:
    """A workbook whose cells share their strings, with prefixes, as other programs write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", '<w xmlns:r="urn:r"><sheets><sheet name="a" r:id="r1"/></sheets></w>')
        archive.writestr("xl/_rels/workbook.xml.rels", '<w><Relationship Id="r1" Target="/xl/a.xml"/></w>')
        archive.writestr("xl/a.xml", rows)
        archive.writestr("xl/sharedStrings.xml", SHARED)
    return out.getvalue()


def test_a_shared_string_is_changed_in_one_cell_only(read: Read) -> None:
    """The cell gets a string of its own; the shared one, and the cells that keep it, stay."""
    (fault,) = read("a.xlsx", shared(ROWS)).faults
    assert "the cell's string '9' is missing" in fault.message
    assert fault.spot.endswith(" row 7")
    one = read("a.xlsx", shared(ROWS.replace("<x:v>9", "<x:v>0")))
    assert [message.text for message in one.templates] == ["Hi _x0041_ & you", "Hi _x0041_ & you", "Hi Ana", "text"]
    assert "formatted in parts" in str(one.refusal("row 5", Change("Hi")))
    new = one.rewritten({"row 3": Change("So _x0041_ <b>")})
    text = zipfile.ZipFile(io.BytesIO(new)).read("xl/a.xml").decode()
    cell = '<x:c r="A3" s="7" cm="1" t="inlineStr"><x:is>'
    cell += '<x:t xml:space="preserve">So _x005F_x0041_ &lt;b&gt;</x:t></x:is></x:c>'
    assert text == ROWS.replace("<x:v>9", "<x:v>0").replace('<x:c r="A3" s="7" t="s" cm="1"><x:v>1</x:v></x:c>', cell)
    assert [message.text for message in read("b.xlsx", new).templates][:2] == ["So _x0041_ <b>", "Hi _x0041_ & you"]
