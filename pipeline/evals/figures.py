"""A Run comes in, its figures go out. FIGURES is what is measured and why (figures.toml); measures.py says how."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Literal

import msgspec
import tomli

from pipeline.evals.measures import MEASURES
from pipeline.evals.run import Measured, Run


class Figure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One figure, as figures.toml describes it."""

    label: str
    unit: str
    better: Literal["up", "down", ""] = ""
    least: float = 0
    hard: bool = False
    why: str


FIGURES: Mapping[str, Figure] = msgspec.convert(
    tomli.loads((files(__package__) / "figures.toml").read_text("utf-8")), dict[str, Figure]
)
"""Every figure by name, in the order of reports."""


def measure(run: Run) -> dict[str, Measured]:
    """Every figure that a run has: some look only at what a model was asked, or at what changed."""
    found = {name: MEASURES[name](run) for name in FIGURES}
    return {name: one for name, one in found.items() if one is not None}


def fallen(name: str, old: float, new: float) -> bool:
    """Whether a figure of one case is worse than it was."""
    better = FIGURES[name].better
    return new < old if better == "up" else new > old if better == "down" else False


def mean(values: Sequence[float]) -> float:
    """The mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0
