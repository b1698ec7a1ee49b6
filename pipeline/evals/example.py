"""`tactful eval init`: a small working suite goes into a folder: two cases, a page of rules, and how to go on."""

from importlib.resources import files
from pathlib import Path

from pipeline.errors import CaseError
from pipeline.files import write


def init(folder: Path) -> list[Path]:
    """Write the example; CaseError before anything is written if one of its files is there already."""
    source = files(__package__) / "example"
    names = ("cases/too-soon.toml", "cases/already-good.toml", "rules/house.toml", "README.md")
    there = [folder / name for name in names if (folder / name).exists()]
    if there:
        raise CaseError(f"{there[0]}: is there already: choose another folder with `tactful eval init DIR`")
    for name in names:
        write(folder / name, source.joinpath(*name.split("/")).read_text("utf-8"), parents=True)
    return [folder / name for name in names]
