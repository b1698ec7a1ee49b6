"""What the commands share of the terminal: whether it shows colour, and how a help page ends."""

import os
import sys
from collections.abc import Sequence

import typer

from pipeline import report


def paint() -> report.Paint:
    """Colour on a terminal that shows it, unless NO_COLOR is set (no-color.org)."""
    colourless = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    return report.plain if colourless else typer.style


def examples(*commands: str, above: Sequence[str] = ()) -> str:
    """The end of a help page, other lines above the examples; a mark keeps the lines of a paragraph as they are."""
    paragraphs = (above, ("Examples:", *(f"  tactful {command}" for command in commands)))
    return "\n\n".join("\n".join(("\b", *lines)) for lines in paragraphs if lines)
