"""What the commands share of the terminal: whether it shows colour."""

import os
import sys

import typer

from pipeline import report


def paint() -> report.Paint:
    """Colour on a terminal that shows it, unless NO_COLOR is set (no-color.org)."""
    colourless = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    return report.plain if colourless else typer.style
