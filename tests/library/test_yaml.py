"""YAML libraries: comments, anchors, order and styles stay, and a changed string is read again."""

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.library import Change, Columns
from tests.library.conftest import Lawful, Read

WORDS = st.text(
    st.sampled_from("ab:#-|>'\"\\&*!%@`{}[],? \n\t=äß→\U0001f642\x85\u2028\xa0")
    | st.characters(codec="utf-8", categories=("L", "P"))
)
LINES = st.lists(
    st.sampled_from(["Hi Ana,", "", "  so: # x", "- it's", "long words " * 9 + "end", "{{ name }}", "ä\t→"]), max_size=6
).map("\n".join)
TEXT = WORDS | LINES
STYLES = st.sampled_from([None, "'", '"', "|", ">"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
CHANGES = st.dictionaries(st.sampled_from(["row 1", "row 2", "row 3"]), st.builds(Change, TEXT, st.none() | TEXT))


@example(["\xa0"], None, True, "utf-8", "\n", {"row 1": Change(":", None)})
@given(st.lists(TEXT, max_size=3), STYLES, st.booleans(), ENCODINGS, st.sampled_from(["\n", "\r\n"]), CHANGES)
def test_the_laws(
    lawful: Lawful, texts: list[str], style: str | None, flow: bool, encoding: str, end: str, changes: dict[str, Change]
) -> None:
    """Whatever the style, between brackets or not, in each encoding and with each line end."""
    rows = [{"note": "x", "text": text, "subject": "s"} for text in texts]
    made = yaml.dump(rows, default_style=style, allow_unicode=True, default_flow_style=flow, sort_keys=False)
    data = made.replace("\n", end).encode(encoding)
    lawful("a.yaml", data, {key: change for key, change in changes.items() if int(key[4:]) <= len(texts)})


@given(st.text(st.sampled_from("ab:#-|>'\"&*!%@{}[],? \n\x00ä\t")))
def test_any_text_is_read_or_told(read: Read, text: str) -> None:
    """Nothing is raised, and it is written as it was."""
    for data in (text.encode(), f"- text: {text}\n".encode(), text.encode("latin-1")):
        assert read("a.yml", data).rewritten({}) == data


LIBRARY = """\
# ours
- id: a   # first
  kind: message
  to: {name: Ana, facts: [one, two]}
  text: &hi |   # literal
    Hi Ana,

      well?

  subject: 'It''s'  # quoted
- id: b
  text: >-
      Dear Bo, this is a long line of words that was
      folded by hand.

      Bye
  # between
  subject: plain words   # here
- {id: c, text: Hi Cy, subject: "x"}
- id: d
  text: one line
  more: *x
""".replace("  more: *x\n", "")


def test_only_the_strings_change(read: Read, lawful: Lawful) -> None:
    """Each in its own style, and every comment where it was."""
    one = read("a.yaml", LIBRARY.encode())
    assert [(m.id, m.line, m.subject) for m in one.templates] == [
        ("a", 5, "It's"),
        ("b", 12, "plain words"),
        ("c", 19, "x"),
        ("d", 21, ""),
    ]
    assert one.templates[0].table == {"kind": "message", "to": {"name": "Ana", "facts": ["one", "two"]}}
    changes = {
        "a": Change("Dear Ana,\n\n# so: it is", "That's"),
        "b": Change("Dear Bo, these are other words that are longer than a line was before.\nBye bye", "a: b"),
        "c": Change("Hi Cy, you", "it's"),
        "d": Change("two\n\nlines"),
    }
    expected = (
        LIBRARY.replace("Hi Ana,\n\n      well?", "Dear Ana,\n\n    # so: it is")
        .replace("'It''s'", "'That''s'")
        .replace(
            "this is a long line of words that was\n      folded by hand.\n\n      Bye",
            "these are other words that are longer than\n      a line was before.\n\n      Bye bye",
        )
        .replace("plain words", "a: b")
        .replace("Hi Cy", '"Hi Cy, you"')
        .replace('"x"', '"it\'s"')
        .replace("one line", "|-\n    two\n\n    lines")
        .replace("subject: a: b", 'subject: "a: b"')
    )
    assert one.rewritten(changes).decode() == expected
    lawful("a.yaml", LIBRARY.encode(), changes)


SHAPES = {
    "object of texts": ("a: Hi\nb: |\n  Ho\n", {"a": "Hi", "b": "Ho"}),
    "object of objects": ("a:\n  text: Hi\n", {"a": "Hi"}),
    "documents": ("---\ntext: Hi\n---\ntext: Ho\n...\n", {"row 1": "Hi", "row 2": "Ho"}),
    "one object": ("text: Hi\nlayout: x\n", {"": "Hi"}),
    "list of texts": ("- Hi\n-   Ho\n", {"row 1": "Hi", "row 2": "Ho"}),
    "merged keys": ("- &x {kind: email, text: Hi}\n- <<: *x\n  text: Ho\n", {"row 2": "Ho"}),
    "tagged": ("- text: !!str 5\n", {"row 1": "5"}),
    "indented": ("- id: a\n  text: |2\n      Hi\n    Ho\n", {"a": "  Hi\nHo"}),
    "kept end": ("- text: |+\n    Hi\n\n\n- text: Ho\n", {"row 1": "Hi", "row 2": "Ho"}),
    "no end": ("- text: |\n    Hi", {"row 1": "Hi"}),
}


@pytest.mark.parametrize(("data", "texts"), SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("new", ["you", "  two\n\n lines: #\n", "'\"{", "- x"])
def test_shapes(lawful: Lawful, read: Read, data: str, texts: dict[str, str], new: str) -> None:
    """Lists, objects and documents, of objects and of texts."""
    assert {message.id: message.text for message in read("a.yaml", data.encode()).templates} == texts
    lawful("a.yaml", data.encode(), {key: Change(new) for key in texts})


FAULTS = {
    "broken": ("- text: [\n", "broken YAML"),
    "control": ("- text: a\0b\n", "control character (U+0000, line 1)"),
    "shared": ("- text: &x Hi\n- text: *x\n", "by an anchor (&)"),
    "twice": ("- text: Hi\n  text: Ho\n", "stands twice"),
    "no text": ("- note: Hi\n- note: Ho\n", "none is the text among the keys 'note'"),
    "a list": ("- text: [Hi]\n", "'text' is not text"),
    "a number": ("- text: 5\n", "'text' is not text"),
    "a field taken for an object": ("- text: {{ name }}\n", "'text' is not text"),
    "a type": ("- text: !x Hi\n", "a value of the type '!x'"),
    "an escape": ('- text: "a\\x1bb"\n', "control character (U+001B)"),
    "large": (f"- text: {'x' * 5_000_000}\n", "over the limit"),
    "a scalar": ("Hi\n", "no templates"),
    "nothing": ("", "no templates"),
    "holds itself": ("&a [*a]\n", "not an object"),
    "deep": ("[" * 200_000, "too many brackets"),
    "deep lists": ("- " * 50_000 + "x", "too many brackets"),
}


@pytest.mark.parametrize(("data", "words"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_used_is_one_fault(read: Read, data: str, words: str) -> None:
    """With the line and a remedy; a text that is a field without quotes among them."""
    one = read("a.yaml", data.encode())
    assert len(one.faults) == 1
    assert any(word in one.faults[0].message for word in words.split("|"))
    assert not one.templates
    assert one.rewritten({}) == data.encode()


def test_other_rows_go_on(read: Read) -> None:
    """A bad item is one fault with its line; the id is a label; no encoding but Unicode is YAML."""
    one = read("a.yaml", b"- id: ../x\n  text: Hi\n- id: ../x\n  text: Ho\n- 5\n- text: '{{ name'\n")
    assert [message.id for message in one.templates] == ["../x", "row 4"]
    assert [fault.spot.rpartition(":")[2] for fault in one.faults] == ["3", "5"]
    assert "not UTF-8 (byte 0xfc)" in read("a.yaml", b"- text: Gr\xfc\xdfe\n").faults[0].message
    assert read("a.yaml", b"- wort: Hi\n", Columns(text="wort")).templates[0].text == "Hi"
