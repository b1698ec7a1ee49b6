"""A chosen Model -> an Ask, embedded or not. The SDK stands behind `connection.py`, and nowhere else."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from time import perf_counter

import msgspec

from pipeline.domain import Ask, Prompt, Reply
from pipeline.errors import ModelUnavailable
from pipeline.models.catalogue import Model
from pipeline.models.chat import Answer, body, reply
from pipeline.models.connection import Connection, connect, endpoint_of
from pipeline.models.faults import place
from pipeline.models.fetch import Progress, adapter, pull
from pipeline.models.pace import Pace, estimate, silent
from pipeline.models.serving import Endpoint, serve


class _Listed(msgspec.Struct):
    id: str


class _List(msgspec.Struct):
    data: list[_Listed] = []


@contextmanager
def open_model(
    model: Model,
    *,
    way: str = "",
    on_progress: Progress | None = None,
    on_wait: Callable[[str], None] = silent,
    threads: int = 0,
) -> Iterator[Ask]:
    """Something to ask, ready when the context begins and gone when it ends; `on_wait` is that of its pace.

    `threads` is the embedded engine's share of the computer, 0 for all of it.

    It may be asked from several threads; leave the context when all of them have their answers (a thread pool inside
    the context sees to that), for the engine waits for its callers.
    """
    with ExitStack() as stack:
        if model.silent:
            yield lambda _: Reply("", model.name)
            return
        if model.embedded:
            model = msgspec.structs.replace(model, way=way or model.way)
            file = pull(model, on_progress)
            endpoint = stack.enter_context(serve(file, way=model.way, threads=threads, adapter=adapter(model)))
        else:
            endpoint = endpoint_of(model)
        yield stack.enter_context(open_at(endpoint, model, on_wait))


@contextmanager
def open_at(endpoint: Endpoint, model: Model, on_wait: Callable[[str], None] = silent) -> Iterator[Ask]:
    """The same, where somebody else already answers for the model: a server that is up, or a recording."""
    pace = Pace(model.requests_per_minute, model.tokens_per_minute, on_wait)
    with connect(model, endpoint, pace) as connection:
        yield partial(_ask, connection, model.id or first(connection))


def first(connection: Connection) -> str:
    """The first model that a local server lists, where the table names none."""
    model = connection.model
    if model.embedded:
        return model.name
    listed = connection.send("/models", _List).data
    if not listed:
        raise ModelUnavailable(f"{place(model)} lists no model: load one, or name it in [models.{model.name}] id")
    return listed[0].id


def _ask(connection: Connection, name: str, prompt: Prompt) -> Reply:
    """One question, one answer."""
    start, model = perf_counter(), connection.model
    content, turn = connection.request("/chat/completions", body(model, name, prompt), sum(estimate(prompt)))
    answer = connection.read(content, Answer)
    turn.tokens = answer.tokens_in + answer.tokens_out or turn.tokens
    return reply(answer, model, name, prompt.most_tokens, perf_counter() - start)
