"""Drafts: what is read from a file, and what wins over what."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import drafts
from pipeline.domain import Draft, Rulebook
from pipeline.drafts import FLAGS, LARGEST, Layer, decode, draft, layer, read_brief, read_text, split
from pipeline.errors import BriefError, DraftError, PipelineError

UNREADABLE = {
    "Latin-1": ("Grüße".encode("latin-1"), "byte 0xfc at offset 2: save the file as UTF-8"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0", "binary file (byte 0x00 at offset 8)"),
    "UTF-16": ("Hi".encode("utf-16"), "UTF-16, not UTF-8 (byte 0xff at offset 0)"),
    "too large": (b"x" * (LARGEST + 1), "over the limit of 1,000,000 bytes"),
}


@pytest.mark.parametrize(("data", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_text_names_the_byte(data: bytes, words: str) -> None:
    """Another encoding, a binary or too large file is told with place and remedy, as the error that was asked for."""
    for error in (DraftError, BriefError):
        with pytest.raises(error) as caught:
            decode(data, "note.md", error)
        assert str(caught.value).startswith("note.md: ")
        assert words in str(caught.value)


def test_text_is_text() -> None:
    """A byte order mark goes, and every kind of line end becomes one; the largest size is still read."""
    assert decode("\ufeffä\r\nb\rc\n".encode(), "x") == "ä\nb\nc\n"
    assert len(decode(b"x" * LARGEST, "x")) == LARGEST


def test_a_file_that_cannot_be_opened_names_itself(tmp_path: Path) -> None:
    """Missing, a folder, a link onto itself, a name that is too long or has line ends: one short line."""
    loop = tmp_path / "loop.md"
    loop.symlink_to(loop)
    for path, words in (
        (tmp_path / "none.md", "no such file"),
        (tmp_path, "a folder where one file is meant"),
        (loop, "a file that you may read"),
        (tmp_path / ("x" * 400), "name a file that you may read"),
        (tmp_path / "Hi Ana,\nhow are you?", r"Ana, how are you\?: no such file"),
    ):
        with pytest.raises(DraftError, match=words) as caught:
            read_text(path)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 300


def fault_of(call: Callable[[], object]) -> str:
    """What a call stops with, if it does, by an error of ours."""
    try:
        call()
    except PipelineError as error:
        return str(error)
    return ""


@given(st.binary(max_size=300))
def test_any_bytes_are_a_text_or_one_line(data: bytes) -> None:
    """No bytes crash the reader."""
    assert "\n" not in fault_of(lambda: decode(data, "x"))


@given(st.text(max_size=300), st.sampled_from(["", "---\n", "+++\n", "---\nkind: message\n---\n", "+++\nto = "]))
def test_any_text_is_a_draft_or_one_line(book: Rulebook, text: str, start: str) -> None:
    """No text crashes front matter, brief or merge fields."""
    assert "\n" not in fault_of(lambda: draft(start + text, "x", book))


def test_front_matter_comes_in_two_syntaxes(book: Rulebook) -> None:
    """YAML between ---, TOML between +++: the same draft; its line is that of the text in the file."""
    yaml = draft("---\nkind: email\nsubject: Tides\nto:\n  name: Ana\n---\n\nHi Ana.\n", "x", book)
    toml = draft('+++\nkind = "email"\nsubject = "Tides"\n[to]\nname = "Ana"\n+++\nHi Ana.\n', "x", book)
    assert (yaml.kind.name, yaml.subject, yaml.brief.to.name, yaml.text) == ("email", "Tides", "Ana", "Hi Ana.")
    assert (toml.kind, toml.subject, toml.brief, toml.text) == (yaml.kind, yaml.subject, yaml.brief, yaml.text)
    assert (yaml.line, toml.line) == (8, 7)


def test_front_matter_without_an_end_is_told() -> None:
    """A header that is opened and never closed is not taken for the message."""
    for text in ("---\nkind: message\n\nHi", '+++\nkind = "message"\n\nHi'):
        with pytest.raises(BriefError, match=r"^x:1: front matter without an end: put a line of"):
            split(text, "x")
    assert split("---\nHi Ana, all well?", "x") == ({}, "---\nHi Ana, all well?", 1)


FAULTS = {
    "kind": ("---\ngoal: x\nkind: mesage\n---\nHi", "x:3: kind: 'mesage' is not known; did you mean 'message'?"),
    "tier": ("---\ntier: gold\n---\nHi", "x:2: tier: 'gold' is not known; known: free, premium"),
    "purpose": ("---\npurpose: salez\n---\nHi", "x:2: purpose: 'salez' is not known; did you mean 'sales'?"),
    "key": ("---\nkind: message\npurpos: sales\n---\nHi", "x:3: unknown key 'purpos'; did you mean 'purpose'?"),
    "inner key": ("---\nto:\n  nane: Ana\n---\nHi", "x:3: unknown key 'to.nane'; did you mean 'name'?"),
    "type": ("---\nhistory:\n  sent: many\n---\nHi", "x:3: history.sent: write a whole number, not text"),
    "subject": ("---\nsubject: 2024\n---\nHi", "x:2: subject: write text, not a whole number"),
    "filled": ("---\nfilled: x\n---\nHi", "x:2: filled: write true or false, not text"),
    "reader": ("---\nto: Ana\n---\nHi", "x:2: to: write a table, not text"),
    "field": ("---\nkind: message\n---\n\nHi {{first_name, hello", "x:5:4: "),
    "field in the subject": ("---\nkind: email\nsubject: Hi {{name\n---\nHi", "x:subject:1:4: "),
    "block": ("Hi {% if x %}Ana", "x:1:4: "),
    "empty": ("", "x: no text to look at: write the message"),
    "blank": (" \n\t\n", "x: no text to look at: write the message"),
    "empty below": ("---\nkind: message\n---\n", "x: no text to look at: write the message below the front matter"),
}


@pytest.mark.parametrize(("text", "words"), FAULTS.values(), ids=FAULTS)
def test_a_fault_in_a_draft_names_line_and_remedy(book: Rulebook, text: str, words: str) -> None:
    """What is wrong in front matter or text is one line that begins with file and line."""
    with pytest.raises((DraftError, BriefError)) as caught:
        draft(text, "x", book)
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


def test_other_tools_keys_are_left_alone(book: Rulebook) -> None:
    """A static site's `layout` or `date` in front matter is no fault; only a key that is nearly ours is one."""
    assert draft("---\nlayout: post\ndate: 2026-01-02\n---\nHi Ana", "x", book).text == "Hi Ana"


def test_nearer_wins(book: Rulebook) -> None:
    """Flags over front matter over brief file over settings; tables are merged key by key."""
    text = "---\nkind: follow-up\npurpose: sales\nto:\n  name: Ana\n  role: cook\n---\nHi"
    under = (
        layer("tactful.toml", {"kind": "comment", "tier": "premium", "purpose": "advice"}, book),
        layer("b.toml", {"kind": "reply", "goal": "x", "to": {"name": "Bo", "company": "Ost"}}, book),
    )
    one = draft(text, "x", book, over=layer(FLAGS, {"to": {"name": "Cleo"}}, book), under=under)
    assert (one.kind.name, one.brief.purpose, one.brief.goal) == ("follow-up", "sales", "x")
    assert (one.brief.to.name, one.brief.to.role, one.brief.to.company) == ("Cleo", "cook", "Ost")
    assert draft("Hi", "x", book, under=under).kind.name == "reply"
    assert draft("Hi", "x", book, under=under[:1]).kind.name == "comment"
    assert draft("Hi", "x", book).kind.name == "message"


def test_an_accounts_tier_fits_every_kind(book: Rulebook) -> None:
    """A premium account is no fault for a kind without tiers: the kind has one limit for all."""
    premium = layer(FLAGS, {"tier": "premium"}, book)
    assert draft("Hi", "x", book, over=premium).tier == "any"
    note = layer(FLAGS, {"tier": "premium", "kind": "connection-note"}, book)
    assert draft("Hi", "x", book, over=note).tier == "premium"


def test_each_layer_tells_its_own_place(book: Rulebook, tmp_path: Path) -> None:
    """A fault in a brief file or a flag is told there, not in the draft that was to use it."""
    with pytest.raises(BriefError, match=r"^--purpose: "):
        layer(FLAGS, {"purpose": "x"}, book)
    for name, text, words in (
        ("b.toml", 'goal = "x"\n[history]\nsent = "many"\n', "b.toml:3: history.sent"),
        ("b.yaml", "goal: x\nkindd: message\n", "b.yaml:2: unknown key 'kindd'; did you mean 'kind'?"),
        ("c.yaml", "layout: x\n", "c.yaml:1: unknown key 'layout'"),
        ("c.toml", "kind = \n", "c.toml:1: broken TOML"),
        ("b.txt", "", "a brief is a .toml, .yaml or .yml file"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(BriefError) as caught:
            read_brief(tmp_path / name, book)
        assert words in str(caught.value)


def test_a_printed_subject_is_read_again(book: Rulebook) -> None:
    """What `improve` prints for an e-mail, subject first, is that e-mail; a kind without subject keeps its text."""
    text = "Subject: Tide tables\n\nHi Ana.\n"
    email = draft(text, "x", book, over=layer(FLAGS, {"kind": "email"}, book))
    assert (email.subject, email.text, email.line) == ("Tide tables", "Hi Ana.", 3)
    assert draft(text, "x", book).text == text.strip()
    named = draft(text, "x", book, over=layer(FLAGS, {"kind": "email", "subject": "Other"}, book))
    assert (named.subject, named.text) == ("Other", text.strip())


def test_a_connection_note_may_be_empty_if_its_brief_says_so(book: Rulebook) -> None:
    """An invitation without words is one, where front matter says that it is meant."""
    assert draft("---\nkind: connection-note\n---\n", "x", book).text == ""


def test_an_empty_layer_says_nothing(book: Rulebook) -> None:
    """A draft without any layer is a message as it stands."""
    one = draft("Hi Ana", "x", book, over=Layer(), under=(Layer(),))
    assert one == Draft("Hi Ana", book.kinds["message"], tier="any")
    assert drafts.NOTHING.spot("kind") == ""
