"""What a walked case leaves to be measured: its reviews, what was asked for it, and what it took."""

from dataclasses import dataclass
from typing import NamedTuple

from pipeline.domain import Prompt, Review, Rewrite, Severity
from pipeline.evals.cases import Case


class Measured(NamedTuple):
    """A value and where it comes from, in words."""

    value: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A case after its walk: its draft reviewed, the rewrite (None where the model failed), and what was asked."""

    case: Case
    draft: Review
    rewrite: Rewrite | None
    way: str = ""
    prompts: tuple[Prompt, ...] = ()
    asked: bool = True
    error: str = ""
    tokens: int = 0
    seconds: float = 0.0

    @property
    def result(self) -> Review:
        """What the user would be handed: the draft itself where the model failed."""
        return self.rewrite.best if self.rewrite else self.draft

    @property
    def mended(self) -> Review | None:
        """What the first prompt speaks of: the draft with what a program mends alone. None where the model failed."""
        trail = self.rewrite.trail if self.rewrite else ()
        return next((one for one in trail[1:2] if one.draft.reply is None), trail[0]) if trail else None

    @property
    def attempt(self) -> Review | None:
        """The model's first attempt, before the rules chose; a copy of the draft is one. None where it made none."""
        if not self.rewrite or not (self.rewrite.attempts or self.asked):
            return None
        return (*self.rewrite.attempts, self.rewrite.trail[-1])[0]

    @property
    def outcome(self) -> str:
        """What became of it: improved, unchanged (no rewrite was better), untouched, held, or failed."""
        if not self.rewrite:
            return "failed"
        if self.rewrite.changed:
            return "improved"
        before = self.rewrite.original
        return "held" if before.verdict else "untouched" if before.clean else "unchanged"

    @property
    def fixed(self) -> tuple[str, ...]:
        """Rules that the draft broke and the result keeps; here and below, hints do not count."""
        after = _broken(self.result)
        return tuple(name for name in _broken(self.draft) if name not in after)

    @property
    def left(self) -> tuple[str, ...]:
        """Rules that both break."""
        before = _broken(self.draft)
        return tuple(name for name in _broken(self.result) if name in before)

    @property
    def introduced(self) -> tuple[str, ...]:
        """Rules that the draft kept and the result breaks."""
        before = _broken(self.draft)
        return tuple(name for name in _broken(self.result) if name not in before)


def _broken(review: Review) -> tuple[str, ...]:
    """The rules worse than a hint that a message breaks, each once."""
    return tuple(dict.fromkeys(one.rule.id for one in review.findings if one.rule.severity > Severity.HINT))
