"""The files of a folder: what is found, and what must not be used."""

import os
from pathlib import Path

import pytest

from pipeline.library import Columns, Fault, find, open_volume


def told(found: list[Path | Fault]) -> dict[str, str]:
    """The faults by the name of their file."""
    return {Path(one.spot).name: one.message for one in found if isinstance(one, Fault)}


def test_files_come_sorted(tmp_path: Path) -> None:
    """Those that hold templates, from every folder but the hidden ones."""
    for name in ("b/x.md", "a.txt", "b/a.liquid", ".git/x.md", ".tactful/x.md", "b/picture.png", "b/.x.md", "~$a.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Hi")
    assert list(find(tmp_path)) == [tmp_path / name for name in ("a.txt", "b/a.liquid", "b/x.md")]
    assert list(find(tmp_path / "a.txt")) == [tmp_path / "a.txt"]
    (fault,) = find(tmp_path / "none")
    assert "no such file or folder" in str(fault)


def test_links(tmp_path: Path) -> None:
    """One that leads out, to nothing or onto itself is told; one inside is passed by, its target is found."""
    out = tmp_path / "out"
    root = tmp_path / "root"
    for folder in (out, root, root / ".hidden"):
        folder.mkdir()
    for path in (out / "a.md", root / "a.md", root / ".hidden" / "a.md"):
        path.write_text("Hi")
    for name, target in {
        "out.md": out / "a.md",
        "folder": out,
        "inside.md": root / "a.md",
        "nothing.md": root / "x",
        "loop.md": root / "loop.md",
        "hidden.md": root / ".hidden" / "a.md",
    }.items():
        (root / name).symlink_to(target)
    found = list(find(root))
    assert [one for one in found if isinstance(one, Path)] == [root / "a.md"]
    faults = told(found)
    assert set(faults) == {"out.md", "folder", "nothing.md", "loop.md", "hidden.md"}
    assert "leads out of the folder" in faults["out.md"]
    assert "leads out of the folder" in faults["folder"]


def test_names_that_differ_in_case_only(tmp_path: Path) -> None:
    """Neither is used: on another system one would stand over the other."""
    for name in ("note.md", "Note.md", "other.md"):
        (tmp_path / name).write_text("Hi")
    if len(list(tmp_path.iterdir())) < 3:
        pytest.skip("this file system does not tell case")
    found = list(find(tmp_path))
    assert set(told(found)) == {"note.md", "Note.md"}
    assert found[-1] == tmp_path / "other.md"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    """A file and a folder without permission are told, the others are found."""
    (tmp_path / "a.md").write_text("Hi")
    (tmp_path / "b.md").write_text("Hi")
    (tmp_path / "c").mkdir()
    (tmp_path / "b.md").chmod(0)
    (tmp_path / "c").chmod(0)
    found = list(find(tmp_path))
    (tmp_path / "c").chmod(0o700)
    assert set(told(found)) == {"b.md", "c"}
    assert tmp_path / "a.md" in found


def test_what_is_no_library(tmp_path: Path) -> None:
    """Another ending, a folder, a file that is gone: one fault each."""
    (tmp_path / "folder.md").mkdir()
    for name, words in (("a.png", "must end in"), ("gone.md", "No such file"), ("folder.md", "Is a directory")):
        (fault,) = open_volume(tmp_path / name, Columns()).faults
        assert words in fault.message
