"""Which column is what: by the settings, or by its name."""

import pytest

from pipeline.errors import LibraryError, SettingsError
from pipeline.library import Columns, columns
from pipeline.library.mapping import KEYS, flat, found, nested, table


def test_obvious_names_are_found() -> None:
    """Whatever their case, and with a space, dot or underscore in them."""
    parts = found(Columns(), ["ID", "Body", "Subject", "To Name", "from_role", "history.days_since", "notes"])
    assert parts == {
        "text": "Body",
        "subject": "Subject",
        "id": "ID",
        "to.name": "To Name",
        "from.role": "from_role",
        "history.days_since": "history.days_since",
    }


def test_the_settings_win() -> None:
    """A named column is taken, dotted or nested; the rest is still found."""
    one = columns({"text": "Nachricht", "to.name": "Wer", "from": {"name": "Ich"}})
    assert found(one, ["text", "nachricht", "Wer", "Ich", "kind"]) == {
        "text": "nachricht",
        "to.name": "Wer",
        "from.name": "Ich",
        "kind": "kind",
    }


def test_no_text_is_told_with_the_line_to_write() -> None:
    """The columns that there are, and the settings line."""
    with pytest.raises(LibraryError, match=r"'a', 'b'.*tactful.toml: \[library\] text = \"a\""):
        found(Columns(), ["a", "b"])
    with pytest.raises(LibraryError, match="no 'x' among the columns none"):
        found(Columns(text="x"), [])
    with pytest.raises(LibraryError, match="two columns are named 'text'"):
        found(Columns(), ["text", "text"])


def test_a_wrong_setting_is_told() -> None:
    """A key that is none, and a value of the wrong type."""
    with pytest.raises(SettingsError, match=r"tactful.toml: library: unknown key 'to.nane'; did you mean 'to.name'\?"):
        columns({"to": {"nane": "x"}}, "tactful.toml")
    with pytest.raises(SettingsError, match="write text, not a whole number"):
        columns({"text": 3}, "tactful.toml")


def test_cells_become_what_a_brief_wants() -> None:
    """Lists, numbers and switches by their key; what is none of it stays text; nothing said is left out."""
    parts = {key: key for key in KEYS}
    values = {"text": "Hi", "to.facts": "one; two;", "history.sent": "2", "filled": "No", "history.applied": "perhaps"}
    assert table(parts, {**values, "goal": "", "shared": ["x"], "history.days_since": 3}) == {
        "to": {"facts": ["one", "two"]},
        "history": {"sent": 2, "applied": "perhaps", "days_since": 3},
        "filled": False,
        "shared": ["x"],
    }


def test_flat_and_nested() -> None:
    """Each undoes the other, three deep."""
    assert nested(flat({"a": 1, "to": {"name": "x"}})) == {"a": 1, "to": {"name": "x"}}
    assert flat({"a": {"b": {"c": {"d": 1}}}}) == {"a.b.c": {"d": 1}}
