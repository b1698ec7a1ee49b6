"""Limits a minute: no window holds more, what was guessed is set right, and one told thread holds back all."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from pipeline.models import Model
from pipeline.models.client import open_model
from pipeline.models.connection import connect
from pipeline.models.pace import CHARACTERS, Pace, estimate
from pipeline.models.serving import Endpoint
from tests.models.test_client import PROMPT, FakeServer, at, failed, said, server

__all__ = ["server"]
WINDOW = 0.8
HALF = WINDOW / 2
"""What a server can be sure to see on a busy computer, where a request may take a while to arrive."""


class Ended(Exception):
    """What a test ends a wait with."""


def most(moments: list[float], window: float) -> int:
    """The most moments in any window of so many seconds."""
    return max(sum(start <= one < start + window for one in moments) for start in moments)


def asked(server: FakeServer, model: Model, pace: Pace, times: int, tokens: int = 0) -> None:
    """Ask so often, from eight threads that share a pace."""
    with connect(model, Endpoint(server.base_url), pace) as connection, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: connection.request("/chat/completions", {}, tokens), range(times)))


def test_no_window_holds_more_requests(server: FakeServer) -> None:
    """Eight threads, five requests a window, as the server counts them; and no more waiting than that takes."""
    server.turns = [said("Hi")]
    asked(server, at(server), Pace(requests=5, window=WINDOW), 16)
    moments = [one.at for one in server.sent]
    assert len(moments) == 16
    assert most(moments, HALF) == 5
    assert max(moments) - min(moments) >= 3 * WINDOW - HALF


def test_no_window_holds_more_turns() -> None:
    """The same to the letter, as the pace itself counts, and with no more waiting than that takes."""
    pace = Pace(requests=5, window=WINDOW)
    with ThreadPoolExecutor(8) as pool:
        moments = sorted(turn.at for turn in pool.map(lambda _: pace.turn(0), range(16)))
    assert most(moments, WINDOW) == 5
    assert 3 * WINDOW <= moments[-1] - moments[0] < 5 * WINDOW


def test_tries_have_their_turn_too(server: FakeServer) -> None:
    """What is asked again counts as a request."""
    server.turns = [failed(503, "oops", retry_after_ms="1"), failed(503, "oops", retry_after_ms="1"), said("Hi")]
    asked(server, at(server), Pace(requests=1, window=WINDOW), 1)
    assert most([one.at for one in server.sent], HALF) == 1
    assert len(server.sent) == 3


def test_a_failed_try_takes_no_tokens(server: FakeServer) -> None:
    """The second try need not wait for the window of the first."""
    server.turns = [failed(503, "oops", retry_after_ms="1"), said("Hi")]
    asked(server, at(server), Pace(tokens=100, window=30, on_wait=_end_long), 1, tokens=90)
    assert len(server.sent) == 2


def test_no_window_holds_more_tokens(server: FakeServer) -> None:
    """Sixteen requests of 100 tokens at 450 tokens a window: four in each."""
    server.turns = [said("Hi")]
    asked(server, at(server), Pace(tokens=450, window=WINDOW), 10, tokens=100)
    assert most([one.at for one in server.sent], HALF) == 4


def test_tokens_are_what_came_back() -> None:
    """A guess that was too high makes room as soon as it is set right."""
    pace = Pace(tokens=100, window=30, on_wait=_end)
    turn = pace.turn(90)
    with pytest.raises(Ended):
        pace.turn(20)
    turn.tokens = 16
    assert pace.turn(84).tokens == 84
    with pytest.raises(Ended):
        pace.turn(1)


def test_a_reply_sets_its_guess_right(server: FakeServer) -> None:
    """Two questions fit into a limit that holds the guess for one: the server counted 16 tokens for the first."""
    server.turns = [said("Hi")]
    guess = sum(estimate(PROMPT))
    model = msgspec.structs.replace(at(server), tokens_per_minute=guess + 16)
    with open_model(model, on_wait=_end) as ask:
        ask(PROMPT)
        ask(PROMPT)
        with pytest.raises(Ended):
            ask(PROMPT)


def test_what_is_over_the_limit_by_itself_goes_alone() -> None:
    """Else it would never go."""
    pace = Pace(tokens=100, window=0.2)
    start = time.monotonic()
    pace.turn(500)
    assert time.monotonic() - start < 0.1
    pace.turn(1)
    assert time.monotonic() - start >= 0.2


def test_one_told_thread_holds_back_all(server: FakeServer) -> None:
    """After a 429 with Retry-After nobody asks before that time; what was under way is answered."""
    server.turns = [failed(429, "slow down", Retry_After="1"), said("Hi")]
    replies: list[str] = []

    def go_on(ask: Callable[..., object]) -> None:
        for _ in range(4):
            ask(PROMPT)
            replies.append("Hi")

    with open_model(at(server)) as ask, ThreadPoolExecutor(4) as pool:
        first = pool.submit(go_on, ask)
        while not server.sent:
            time.sleep(0.01)
        time.sleep(0.2)
        for _ in range(3):
            pool.submit(go_on, ask)
        first.result()
    moments = sorted(one.at for one in server.sent)
    assert len(replies) == 16
    assert len(moments) == 17
    assert moments[1] - moments[0] >= 1


@pytest.mark.parametrize("turn", [failed(429, "slow down", Retry_After="60"), failed(503, "oops", Retry_After="60")])
def test_a_wait_ends_when_it_is_told_to(server: FakeServer, turn: object) -> None:
    """After a tenth of a second at most, in each thread; what is raised comes out."""
    server.turns = [turn]  # type: ignore[list-item]
    stop = threading.Event()

    def heed(why: str) -> None:
        assert why.startswith("waiting ")
        if stop.is_set():
            raise Ended

    with open_model(at(server), on_wait=heed) as ask, ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(ask, PROMPT) for _ in range(2)]
        time.sleep(0.5)
        assert not any(one.done() for one in waiting)
        stop.set()
        start = time.monotonic()
        for one in waiting:
            with pytest.raises(Ended):
                one.result()
        assert time.monotonic() - start < 1
    assert 1 <= len(server.sent) <= 2


def test_the_guess_is_no_less_than_what_models_count() -> None:
    """Characters by the ratio, rounded up, and every token that may be answered."""
    assert estimate(PROMPT) == (-(-len(PROMPT.system + PROMPT.user) * 10 // int(CHARACTERS * 10)), 99)


def _end_long(why: str) -> None:
    if "limit" in why:
        raise Ended


def _end(_: str) -> None:
    raise Ended
