"""Old and new figures of the same cases come in, one verdict a figure goes out: better, same, worse or too few.

Paired throughout: a case is held against itself, so that hard and easy cases do not blur each other. A figure has
moved when the mean of its differences reaches the figure's stated least effect, an exact one-sided sign test over the
cases that changed gives at most ALPHA, and a bootstrap interval of the mean leaves out zero. It is the same when the
interval lies within the least effect either side. Otherwise there are too few cases to tell. A hard figure needs no
statistics: one case that falls is a fall.
"""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.evals.figures import FIGURES, fallen, mean

ALPHA = 0.05
"""The chance of error that a verdict on one figure allows, one-sided: five changed cases must all point one way."""
RESAMPLES = 2000
SEED = 20261122
"""Of the bootstrap, so that the same figures give the same verdict."""

Row = Mapping[str, float]
"""The figures of one case, by name."""


class Word(StrEnum):
    """What can be said of a figure."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    TOO_FEW = "too few cases to tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one figure: means over the paired cases, how many rose and fell, and how sure that is.

    `change` is new less old, as the figure counts; `low` and `high` bound it (95 %); `p` is the sign test's.
    """

    figure: str
    word: Word
    pairs: int
    old: float
    new: float
    rose: int
    fell: int
    change: float = 0.0
    low: float = 0.0
    high: float = 0.0
    p: float = 1.0
    cases: tuple[str, ...] = ()

    @property
    def worse(self) -> bool:
        """Whether this verdict fails the run."""
        return self.word is Word.WORSE


def compare(old: Mapping[str, Row], new: Mapping[str, Row]) -> Iterator[Verdict]:
    """A verdict on every figure that is judged and that any case has on both sides, in the order of FIGURES."""
    for name, figure in FIGURES.items():
        pairs = {
            case: (was, row[name])
            for case, row in new.items()
            if name in row and (was := _old(name, old.get(case))) is not None
        }
        if figure.better and pairs:
            yield _verdict(name, pairs)


def _old(name: str, row: Row | None) -> float | None:
    """A figure as it was; a hard figure of a case that is new is held against what is faultless."""
    if row is not None and name in row:
        return row[name]
    figure = FIGURES[name]
    return (1.0 if figure.better == "up" else 0.0) if figure.hard and row is None else None


def _verdict(name: str, pairs: Mapping[str, tuple[float, float]]) -> Verdict:
    figure = FIGURES[name]
    worse = tuple(case for case, (was, now) in pairs.items() if fallen(name, was, now))
    better = tuple(case for case, (was, now) in pairs.items() if fallen(name, now, was))
    moves = [round(now - was, 6) for was, now in pairs.values()]
    change = mean(moves)
    low, high = interval(moves)
    gain, floor, top = (change, low, high) if figure.better == "up" else (-change, -high, -low)
    p_worse, p_better = sign_test(len(worse), len(better)), sign_test(len(better), len(worse))
    if figure.hard:
        word = Word.WORSE if worse else Word.BETTER if better else Word.SAME
    elif gain <= -figure.least and p_worse <= ALPHA and top < 0:
        word = Word.WORSE
    elif gain >= figure.least and p_better <= ALPHA and floor > 0:
        word = Word.BETTER
    elif -figure.least <= floor and top <= figure.least:
        word = Word.SAME
    else:
        word = Word.TOO_FEW
    return Verdict(
        figure=name,
        word=word,
        pairs=len(pairs),
        old=mean([was for was, _ in pairs.values()]),
        new=mean([now for _, now in pairs.values()]),
        rose=len(better),
        fell=len(worse),
        change=change,
        low=low,
        high=high,
        p=min(p_worse, p_better),
        cases=worse,
    )


def sign_test(falls: int, rises: int) -> float:
    """The chance that of `falls + rises` fair coins at least `falls` show tails (exact, one-sided); 1 without any."""
    tossed = falls + rises
    return sum(math.comb(tossed, k) for k in range(falls, tossed + 1)) / float(2**tossed)


def interval(moves: Sequence[float]) -> tuple[float, float]:
    """The percentile bootstrap interval (95 %) of the mean of some differences."""
    if not any(moves):
        return 0.0, 0.0
    chance, size = random.Random(SEED), len(moves)
    means = sorted(sum(chance.choices(moves, k=size)) / size for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]
