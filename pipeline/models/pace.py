"""A model's limits come in; each request waits for its turn, and all hold back when the server wishes.

One pace is shared by all threads that ask a model. It counts what was sent in the last minute, and the tokens of it:
first by an estimate, then by what the server says.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.domain import Prompt

WINDOW = 60.5
"""Seconds in which the limits hold: a minute, and half a second for requests that take unequal times to arrive."""
SLICE = 0.1
"""Seconds after which a waiting thread looks whether it is still to wait."""
CHARACTERS = 3.2
"""Characters a token, for estimates: our 95 recorded prompts for a whole message have 3.27 to 4.09."""


def silent(_: str) -> None:
    """Nobody is told of a wait, and nothing ends it."""


@dataclass(slots=True)
class Turn:
    """A request that was sent: when (monotonic seconds), and the tokens that count for it."""

    at: float
    tokens: int


@dataclass(slots=True)
class Pace:
    """Requests and tokens in any `window` of seconds, 0 for any number.

    `on_wait` is told why a thread waits, ten times a second; what it raises ends the wait.
    """

    requests: int = 0
    tokens: int = 0
    on_wait: Callable[[str], None] = silent
    window: float = WINDOW
    sent: deque[Turn] = field(default_factory=deque)
    held: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, tokens: int) -> Turn:
        """Wait until a request of so many tokens may go; one that is over the limit by itself goes alone."""
        while True:
            with self.lock:
                now = time.monotonic()
                left = self._left(now, tokens)
                if left <= 0:
                    turn = Turn(now, tokens)
                    self.sent.append(turn)
                    return turn
            self._wait(left, f"waiting {math.ceil(left)} s for the model's limit")

    def hold(self, seconds: float) -> None:
        """Let nobody send for so long."""
        with self.lock:
            self.held = max(self.held, time.monotonic() + seconds)

    def rest(self, seconds: float, why: str = "waiting to ask again") -> None:
        """Wait so long, this thread alone."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._wait(left, why)

    def _left(self, now: float, tokens: int) -> float:
        """Seconds until a request of so many tokens may go."""
        while self.sent and self.sent[0].at + self.window <= now:
            self.sent.popleft()
        until = self.held
        if self.requests and len(self.sent) >= self.requests:
            until = max(until, self.sent[-self.requests].at + self.window)
        over = sum(one.tokens for one in self.sent) + tokens - self.tokens if self.tokens else 0
        for one in self.sent:
            if over <= 0:
                break
            until, over = max(until, one.at + self.window), over - one.tokens
        return until - now

    def _wait(self, left: float, why: str) -> None:
        self.on_wait(why)
        time.sleep(min(left, SLICE))


def estimate(prompt: Prompt) -> tuple[int, int]:
    """Tokens in, estimated, and the most tokens out."""
    return math.ceil((len(prompt.system) + len(prompt.user)) / CHARACTERS), prompt.most_tokens
