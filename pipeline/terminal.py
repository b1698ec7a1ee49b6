"""What the commands share of the terminal: whether it shows colour, the user's editor, and how a help page ends."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

from pipeline import report
from pipeline.errors import SettingsError

if TYPE_CHECKING:
    from typer._click import Context


def paint() -> report.Paint:
    """Colour on a terminal that shows it, unless NO_COLOR is set (no-color.org)."""
    colourless = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    return report.plain if colourless else typer.style


def complain(error: object) -> None:
    """An error on stderr, each line under the program's name."""
    for line in str(error).splitlines():
        typer.echo(f"tactful: {line}", err=True)


def say_what_is_expected() -> None:
    """What to do where the program waits for a message on a terminal."""
    if sys.stdin.isatty():
        typer.echo("Write or paste the message, then press Ctrl-D on a new line.", err=True)


def edited(text: str) -> str:
    """The text as the user leaves it in their editor. SettingsError: the editor cannot be started, or failed."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")
    with tempfile.TemporaryDirectory(prefix="tactful-") as room:
        place = Path(room, "message.md")
        place.write_text(text, "utf-8")
        try:
            subprocess.run([*shlex.split(editor), str(place)], check=True)
            return place.read_text("utf-8")
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise SettingsError(f"editor {editor!r}: {error}: set EDITOR to a command that edits a file") from error


def group(unsaid: str) -> type[TyperGroup]:
    """A group whose first word may be an argument or an option instead of a command: then `unsaid` is meant."""

    class Group(TyperGroup):
        def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
            known = bool(args) and args[0] in self.commands
            return super().parse_args(ctx, args if known else [unsaid, *args])

    return Group


def examples(*commands: str, above: Sequence[str] = ()) -> str:
    """The end of a help page, other lines above the examples; a mark keeps the lines of a paragraph as they are."""
    paragraphs = (above, ("Examples:", *(f"  tactful {command}" for command in commands)))
    return "\n\n".join("\n".join(("\b", *lines)) for lines in paragraphs if lines)
