"""Files: written whole, or not at all and told so."""

from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.files import write


def test_it_writes_and_replaces(tmp_path: Path) -> None:
    """The folders are made where that is wanted; nothing but the file is left."""
    place = tmp_path / "a" / "b.txt"
    for text in ("old\n", "new: é\n"):
        write(place, text, parents=True)
    assert place.read_text("utf-8") == "new: é\n"
    assert list(place.parent.iterdir()) == [place]


def test_a_failed_write_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there stays as it was, and what was half done goes."""
    place = tmp_path / "c.yaml"
    place.write_text("old", "utf-8")

    def broken(*_: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(SettingsError, match="no space"):
        write(place, "new")
    assert place.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize(("place", "parents"), [("none/a.txt", False), ("file/a.txt", True), ("", False)])
def test_what_cannot_be_written_is_told(tmp_path: Path, place: str, *, parents: bool) -> None:
    """No folder, a file for a folder, a folder for a file: the path and the remedy."""
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError) as told:
        write(tmp_path / place, "new", parents=parents)
    assert str(told.value).startswith(f"{tmp_path / place}: cannot be written: ")
    assert str(told.value).endswith("name a place in a folder that is there and that you may write")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
