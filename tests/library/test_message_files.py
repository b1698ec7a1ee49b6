"""A file that is one message: its front matter, line ends and encoding stay, and the new text is read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.drafts import LARGEST
from pipeline.errors import LibraryError
from pipeline.library import Change
from tests.library.conftest import Lawful, Read

TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")) | st.sampled_from("\n\r\t{}%,;"))
FRONT = st.sampled_from(
    ["", "---\nkind: email\n---\n", '+++\r\nkind = "email"\r\n+++\r\n\r\n', "Subject: Tides\n\n", "\n\n"]
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])


@given(FRONT, TEXT, ENCODINGS, TEXT, st.none() | TEXT)
def test_the_laws(lawful: Lawful, front: str, text: str, encoding: str, new: str, subject: str | None) -> None:
    """Whatever the text, the encoding and the line ends."""
    lawful("a.md", (front + text).encode(encoding, "replace"), {"": Change(new, subject and " ".join(subject.split()))})


@given(st.binary(max_size=200), TEXT)
def test_any_bytes(lawful: Lawful, read: Read, data: bytes, new: str) -> None:
    """Any bytes are a message or a fault, and a message keeps the laws."""
    one = read("a.txt", data)
    assert one.rewritten({}) == data
    if one.templates:
        lawful("a.txt", data, {"": Change(new)})


def test_only_the_text_changes(read: Read) -> None:
    """Front matter, comment, blank lines, line ends and the missing last one stay."""
    data = b"\xef\xbb\xbf---\r\nkind: email  # ours\r\nsubject: Tides\r\n---\r\n\r\nHi Ana,\r\n\r\nall well?  \r\n\r\n"
    one = read("a.j2", data)
    (message,) = one.templates
    assert (message.text, message.subject, message.line) == ("Hi Ana,\n\nall well?", "Tides", 6)
    assert message.table["kind"] == "email"
    new = one.rewritten({"": Change("Dear Ana,\nwell?\n")})
    assert new == data.replace(b"Hi Ana,\r\n\r\nall well?", b"Dear Ana,\r\nwell?")


def test_a_subject_above_the_text(read: Read) -> None:
    """It is told apart from the text, and changed in its place."""
    one = read("a.txt", b"Subject: Tides \n\nHi Ana\n")
    (message,) = one.templates
    assert (message.subject, message.text, message.has_subject, message.line) == ("Tides", "Hi Ana", True, 3)
    assert one.rewritten({"": Change("Hi Bo", "Ebb")}) == b"Subject: Ebb \n\nHi Bo\n"
    assert one.rewritten({"": Change(subject="Ebb")}) == b"Subject: Ebb \n\nHi Ana\n"


FRONTS = {
    "yaml": ("---\r\nkind: email\r\nsubject: Tïdes # ours\r\nto: {name: Ana}\r\n---\r\nHi", "Tïdes"),
    "yaml block": ("---\nsubject: >-\n  Tides\nkind: email\n---\n\nHi\n", "Tides"),
    "toml": ('+++\nkind = "email"\nsubject = "T\\u0069des"  # ours\n[to]\nname = "Ana"\n+++\n\nHi\n', "Tides"),
    "toml plain": ("+++\nsubject='Tides'\n+++\nHi\n", "Tides"),
}


@pytest.mark.parametrize(("data", "old"), FRONTS.values(), ids=FRONTS)
@given(new=TEXT)
def test_a_subject_in_front_matter(lawful: Lawful, read: Read, data: str, old: str, new: str) -> None:
    """It is changed in its place; every other key stays as it is written."""
    one = read("a.md", data.encode())
    assert (one.templates[0].subject, one.templates[0].text, one.templates[0].has_subject) == (old, "Hi", True)
    subject = " ".join(new.split()) or "x"
    lawful("a.md", data.encode(), {"": Change("Ho", subject)})
    assert read("a.md", one.rewritten({"": Change("Ho", subject)})).templates[0].subject == subject


def test_a_subject_without_a_place_in_front_matter(read: Read) -> None:
    """One that is no plain text on one line, or in a table, is read where it can be, and not changed."""
    for data in ('+++\nsubject = """\nTides"""\n+++\nHi', "---\nsubject: 2024\n---\nHi", "---\nx: 1\n---\nHi"):
        one = read("a.md", data.encode())
        assert "no place for a subject" in str(one.refusal("", Change("Hi", "Ebb")))


FAULTS = {
    "mixed encodings": ("Grüße".encode() + "Grüße".encode("cp1252"), "not UTF-8 (byte 0xfc): save the whole file as"),
    "too large": (b"x" * (LARGEST + 1), "over the limit of 1,000,000 bytes"),
    "NUL": (b"Hi\0Ana", "a control character (U+0000) in the text: remove it"),
    "control character": (b"Hi\x1bAna", "a control character (U+001B) in the text"),
    "broken UTF-16": (b"\xff\xfeH\0i", "broken UTF-16 at byte offset 4"),
    "broken front matter": (b"---\nkind: [\n---\nHi", "broken YAML"),
    "open front matter": (b"---\nkind: email\n\nHi", "front matter without an end"),
}


@pytest.mark.parametrize(("data", "words"), FAULTS.values(), ids=FAULTS)
def test_a_file_that_cannot_be_used_is_one_fault(read: Read, data: bytes, words: str) -> None:
    """Nothing is raised, no template is made, and the file's bytes are still there."""
    one = read("bad.md", data)
    (fault,) = one.faults
    assert words in str(fault)
    assert "bad.md" in fault.spot
    assert not one.templates
    assert "\n" not in str(fault)


def test_an_unclosed_field_is_judged_later(read: Read) -> None:
    """A reader knows no merge fields."""
    assert read("a.liquid", b"{{ first_name").templates[0].text == "{{ first_name"


REFUSED = {
    "empty": (Change(" \n"), "the new text is empty"),
    "control": (Change("Hi\0"), r"control character \(U\+0000\)"),
    "large": (Change("ä" * LARGEST), "over the limit"),
    "no place": (Change("Hi", "Tides"), "no place for a subject"),
    "subject above": (Change("Subject: x\n\nHi"), "would be read otherwise"),
    "front matter": (Change("---\nkind: email\n---\nHi"), "would be read as front matter"),
    "encoding": (Change("Hi → Ana"), r"the encoding of this file has no '→' \(U\+2192\): save the file as UTF-8"),
}


@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED)
def test_a_change_that_does_not_fit_is_refused(read: Read, change: Change, words: str) -> None:
    """What would not be read again as it was meant is an error with file and remedy, before or at writing."""
    one = read("a.txt", "Grüße".encode("cp1252"))
    with pytest.raises(LibraryError, match=words) as caught:
        one.rewritten({"": change})
    assert str(one.refusal("", change)) == str(caught.value)
    assert one.refusal("", Change("Hi")) is None
    with pytest.raises(LibraryError, match="no template 'x' in this file"):
        one.rewritten({"x": Change("Hi")})
