"""A run's model as an Ask for one template: finished calls are never paid again, budgets hold, and a stop is a stop.

What the memory of a run has an answer to is answered from there: the ledger, or what a worker on another computer was
told of it. Everything else is counted before it is sent, and kept as soon as it has come back.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from pipeline.batch.keys import Recipe
from pipeline.batch.nouns import Used
from pipeline.batch.rows import Attempt, Question
from pipeline.domain import Ask, Prompt, Reply
from pipeline.errors import EmptyReply, ModelError, ModelRefused
from pipeline.models import Model

FAULTS: dict[str, type[ModelError]] = {one.__name__: one for one in (EmptyReply, ModelRefused)}
"""Failures that are an answer all the same: they were paid for, and the same question comes to the same."""


Source: TypeAlias = Callable[[Question, Prompt], Reply]
"""Where answers come from that the ledger does not have."""


class Stopped(Exception):
    """The run takes no more calls: the template that asks is left for the next run."""


@dataclass(slots=True)
class Meter:
    """What a run has spent so far, held against its budgets; `why` it takes no more work, "" while it does.

    `tokens`, `dollars` and `failures` are the most that are taken, 0 for any; `misses` counts failed templates.
    `interrupted`: by the user. `draining`: no new template is begun. `closed`: no new call is made either.
    """

    tokens: int = 0
    dollars: float = 0.0
    price: tuple[float, float] = (0.0, 0.0)
    failures: int = 0
    misses: int = 0
    used: Used = field(default_factory=Used)
    why: str = ""
    closed: bool = False
    interrupted: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def draining(self) -> bool:
        """Whether the run begins nothing new."""
        return bool(self.why)

    @property
    def spent(self) -> float:
        """US dollars so far, by the model's price a million tokens in and out."""
        return self.used.cost(self.price)

    def stop(self, why: str, *, close: bool = False) -> None:
        """Begin nothing new, for the first reason that was given; `close` refuses the next calls too."""
        self.why, self.closed = self.why or why, self.closed or close

    def interrupt(self) -> None:
        """Begin nothing new, as the user wishes."""
        self.interrupted = True
        self.stop("stopped by you")

    def heed(self) -> None:
        """End a wait where the run begins nothing new."""
        if self.draining:
            raise Stopped

    def failed(self) -> None:
        """Count a template that the model failed on."""
        with self.lock:
            self.misses += 1
            if self.failures and self.misses >= self.failures:
                self.stop(f"the model failed on {self.misses} templates", close=True)

    def affords(self, used: Used) -> bool:
        """Whether the budgets last for so much more."""
        after = self.used + used
        return (not self.tokens or after.tokens <= self.tokens) and (
            not self.dollars or after.cost(self.price) <= self.dollars
        )

    def count(self, used: Used) -> None:
        """Add a call that has ended; a budget that it uses up closes the run."""
        with self.lock:
            self.used += used
            if self.tokens and self.used.tokens >= self.tokens:
                self.stop(f"the budget of {self.tokens:,} tokens is used up", close=True)
            if self.dollars and self.spent >= self.dollars:
                self.stop(f"the budget of {self.dollars:g} US dollars is used up", close=True)


@dataclass(slots=True)
class Door:
    """The run's one model, opened when the first template needs it; leave with `stack` when all have their answers."""

    model: Model
    opened: Callable[[ExitStack], Ask]
    stack: ExitStack
    ask: Ask | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, _: Question, prompt: Prompt) -> Reply:
        """Ask it, opened if it is not yet."""
        with self.lock:
            if self.ask is None:
                try:
                    self.ask = self.opened(self.stack)
                except ModelError as error:
                    raise NoModel(error) from error
        return self.ask(prompt)


class NoModel(Exception):
    """The model cannot be opened at all: no template can be worked on."""

    def __init__(self, error: ModelError) -> None:
        """`error` is what the user is told."""
        super().__init__(str(error))
        self.error = error


class Memory(Protocol):
    """What knows the calls that have ended: the ledger, or what stands for it where there is none."""

    def answer(self, prompt: str) -> Attempt | None:
        """What the model once answered to a question, by the question's digest."""

    def attempted(self, attempt: Attempt) -> None:
        """Keep a call that has ended."""


@dataclass(slots=True)
class Asking:
    """An Ask for one template; `used` is what was paid for it now, `whole` includes what earlier runs paid."""

    ask: Source
    recipe: Recipe
    memory: Memory
    meter: Meter
    key: str
    rules: str
    used: Used = field(default_factory=Used)
    whole: Used = field(default_factory=Used)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, prompt: Prompt) -> Reply:
        """The ledger's answer if it has one, else the model's."""
        model = self.recipe.model
        question = Question(self.key, self.recipe.prompt(prompt), self.rules, model.way)
        if model.silent:
            return self.ask(question, prompt)
        known = self.memory.answer(question.prompt)
        if known is None:
            if self.meter.closed:
                raise Stopped
            known = self._asked(question, prompt)
        with self.lock:
            self.whole += known.paid
        if known.fault:
            raise FAULTS[known.fault](known.reply.text)
        return known.reply

    def _asked(self, question: Question, prompt: Prompt) -> Attempt:
        """The model's answer, kept before anybody reads it."""
        try:
            reply, fault = self.ask(question, prompt), ""
        except (EmptyReply, ModelRefused) as error:
            reply, fault = Reply(str(error)), type(error).__name__
        attempt = Attempt(question, replace(reply, model=self.recipe.model.name), fault)
        self.memory.attempted(attempt)
        paid = attempt.paid
        self.meter.count(paid)
        with self.lock:
            self.used += paid
        return attempt
