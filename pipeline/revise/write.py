"""Pieces come in, sentences that a small model is to write; what it wrote of them and may stand goes out."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pipeline.domain import Ask, Reply
from pipeline.errors import EmptyReply
from pipeline.prompting import piece
from pipeline.revise.gate import may_stand

SAMPLES = 2
"""Sentences that are sampled for a piece whose surest one may not stand."""
WARMTH = 0.4
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
        self._take([(one, 0) for one in new])
        self._take([(one, number) for one in new if not self.written[one] for number in range(1, SAMPLES + 1)])

    def _take(self, asked: Sequence[tuple[Piece, int]]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            replies = list(pool.map(self._ask, asked))
        self.replies += replies
        for (one, _), reply in zip(asked, replies, strict=True):
            sound = (reply.text.strip(),) if may_stand(one.task, one.words, reply.text.strip()) else ()
            self.written[one] = tuple(dict.fromkeys((*self.written.get(one, ()), *sound)))

    def sentences(self, pieces: Iterable[Piece]) -> tuple[str, ...]:
        """What was written of these pieces and may stand, the surest first."""
        return tuple(dict.fromkeys(text for one in pieces for text in self.written.get(one, ())))

    def _ask(self, asked: tuple[Piece, int]) -> Reply:
        one, number = asked
        try:
            return self.ask(piece(one.task, one.words, seed=self.seed + number, temperature=WARMTH if number else 0.0))
        except EmptyReply:
            return Reply("")
