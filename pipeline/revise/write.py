"""Pieces come in, sentences that a small model is to write; what it wrote of them and may stand goes out."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pipeline.domain import Ask, Reply
from pipeline.errors import EmptyReply
from pipeline.prompting import piece
from pipeline.revise.gate import faults

SAMPLES = 3
"""Sentences asked for each piece: the first greedy, the others sampled."""
WARMTH = 0.7
"""Temperature of the sampled ones."""
AT_ONCE = 4
"""Requests under way together: the engine's slots."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence to write: its task ("hook", "question", "soften" ...), and the words that it is to be made of."""

    task: str
    words: str


@dataclass(slots=True)
class Writer:
    """A model at work on one revision: what it wrote of each piece so far, and its replies for the account."""

    ask: Ask
    seed: int
    written: dict[Piece, tuple[str, ...]] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)

    def write(self, pieces: Iterable[Piece]) -> None:
        """Have all these pieces written at once; a piece that was written already is not asked for again."""
        new = [one for one in dict.fromkeys(pieces) if one not in self.written]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            replies = list(pool.map(self._ask, [(one, number) for one in new for number in range(SAMPLES)]))
        self.replies += replies
        for i, one in enumerate(new):
            said = dict.fromkeys(reply.text.strip() for reply in replies[i * SAMPLES : (i + 1) * SAMPLES])
            self.written[one] = tuple(text for text in said if text and not any(faults(one.task, one.words, text)))

    def sentences(self, pieces: Iterable[Piece]) -> tuple[str, ...]:
        """What was written of these pieces and may stand, the surest first."""
        return tuple(dict.fromkeys(text for one in pieces for text in self.written.get(one, ())))

    def _ask(self, asked: tuple[Piece, int]) -> Reply:
        one, number = asked
        try:
            return self.ask(piece(one.task, one.words, seed=self.seed + number, temperature=WARMTH if number else 0.0))
        except EmptyReply:
            return Reply("")
