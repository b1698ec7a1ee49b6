"""The nouns of a batch: what came of a template, where it stands, and what one call to a model took."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipeline.library import Change, Fault, Template


class Outcome(StrEnum):
    """What came of a template.

    HELD: the guides say not to send it, or it is not English. REFUSED: an error is left, so nothing is written.
    REJECTED: it was improved, and somebody who read that decided against it. FAILED: the model gave no usable answer.
    LEFT: the run ended before. The next run tries the last two again.
    """

    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    CLEAN = "clean"
    HELD = "held"
    REFUSED = "refused"
    REJECTED = "rejected"
    FAILED = "failed"
    LEFT = "left"


KNOWN = frozenset({Outcome.IMPROVED, Outcome.UNCHANGED, Outcome.CLEAN, Outcome.HELD, Outcome.REFUSED})
"""Outcomes that the ledger answers with: the same template under the same rules and model comes to the same again."""


@dataclass(frozen=True, slots=True)
class Message:
    """A text with its subject ("" for none)."""

    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """What a model was paid for: calls, tokens in and out, seconds that the calls took together."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        """Tokens in and out."""
        return self.tokens_in + self.tokens_out

    @property
    def json(self) -> dict[str, Any]:
        """What was used, as JSON values."""
        tokens = {"in": self.tokens_in, "out": self.tokens_out}
        return {"calls": self.calls, "tokens": tokens, "seconds": round(self.seconds, 3)}

    def cost(self, price: tuple[float, float]) -> float:
        """US dollars, by a price a million tokens in and out."""
        return (self.tokens_in * price[0] + self.tokens_out * price[1]) / 1e6

    def __add__(self, other: "Used") -> "Used":
        return Used(
            self.calls + other.calls,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one key: the message before and after, scores of 100, the ids of the rules found before and left.

    `clean`: nothing worse than a hint is left. `way`: how the model was to be asked, "" where there was nothing to ask.
    `used`: what its calls took, whichever run paid for them. `error`: what a failure said. `at`: UTC, ISO 8601.
    """

    key: str
    outcome: Outcome
    kind: str
    purpose: str
    before: Message
    after: Message
    score_before: int
    score_after: int
    found: tuple[str, ...]
    left: tuple[str, ...]
    clean: bool
    rules: str
    model: str
    way: str
    used: Used
    error: str = ""
    at: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing remains to be done by hand."""
        return self.outcome is Outcome.IMPROVED or (self.outcome in {Outcome.CLEAN, Outcome.UNCHANGED} and self.clean)


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided who read an improved message; `after` is what may be written, edited or not.

    `key` is that of the result. `at`: UTC, ISO 8601.
    """

    key: str
    accepted: bool
    after: Message
    at: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a template stands: its file as the ledger names it (from the project's folder), and its id in the file."""

    path: str
    id: str


@dataclass(frozen=True, slots=True)
class Task:
    """One template of a file that is to be worked on."""

    path: Path
    template: Template


@dataclass(frozen=True, slots=True)
class Row:
    """What the run reports of one template: its result, or why it has none.

    `fault`: it cannot be read. Neither result nor fault: it is left for the next run. `fresh`: made now, not known from
    the ledger. `decision`: what was decided on it. `change`: what is to be written. `used`: what was paid for it now.
    """

    task: Task
    result: Result | None = None
    decision: Decision | None = None
    fault: Fault | None = None
    change: Change | None = None
    fresh: bool = False
    used: Used = Used()

    @property
    def text(self) -> str:
        """The text as it stands in the library after the run, if the file can be written."""
        old = self.task.template.text
        return old if self.change is None or self.change.text is None else self.change.text

    @property
    def outcome(self) -> Outcome | None:
        """What came of the template; None for one that cannot be read."""
        if self.fault:
            return None
        if self.decision and not self.decision.accepted:
            return Outcome.REJECTED
        return self.result.outcome if self.result else Outcome.LEFT
