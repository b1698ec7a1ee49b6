"""A talk with a model is recorded, or said again: the only door to vcrpy.

A request is answered only where method, path and body are the recorded ones; nothing is ever sent in replay.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from vcr import VCR
from vcr.cassette import Cassette as Tape
from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.record_mode import RecordMode
from vcr.request import Request

from pipeline.errors import StaleCassette
from pipeline.evals.cassettes import Cassette, Exchange
from pipeline.models import Model

PLACE = "http://model"
"""The host of every replayed request: no such host exists, and a cassette holds none."""
MATCH = ("method", "path", "body")
TYPE = {"Content-Type": "application/json"}
KEPT = ("choices", "error", "usage", "object", "data")
"""Keys of an answer that are kept; the others tell of the machine or of the hour."""
CHOICE = ("finish_reason", "index", "message")
SHOWN = 60
"""Characters of a differing line that are shown."""
FENCE = re.compile(r"=== [0-9a-f]{10} ===")


# ── Recording ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Recorder:
    """What is recorded of one case; `take` makes the cassette of it."""

    tape: Tape

    def take(self) -> list[Exchange]:
        """The exchanges, free of everything that another run or machine would have otherwise, in a stable order."""
        pairs = zip(self.tape.requests, self.tape.responses, strict=True)
        found = [_exchange(request, response) for request, response in pairs]
        asked = list(dict.fromkeys(json.dumps(_questions(one), sort_keys=True) for one in found))
        return sorted(found, key=lambda one: (asked.index(json.dumps(_questions(one), sort_keys=True)), _seed(one)))


@contextmanager
def recording() -> Iterator[Recorder]:
    """Whatever is asked inside the context goes out as ever, and is recorded."""
    recorder = VCR(record_mode=RecordMode.ALL, match_on=MATCH)
    recorder.register_persister(_Unkept())
    with recorder.use_cassette("recording") as tape:
        yield Recorder(tape)


class _Unkept:
    """vcrpy's place for files, where we write our own."""

    def __init__(self, exchanges: Sequence[Exchange] = ()) -> None:
        self.exchanges = exchanges

    def load_cassette(self, cassette_path: object, serializer: object) -> tuple[list[Request], list[dict[str, Any]]]:
        """The exchanges as vcrpy has them."""
        return [_request(one) for one in self.exchanges], [_response(one) for one in self.exchanges]

    def save_cassette(self, cassette_path: object, cassette_dict: object, serializer: object) -> None:
        """Nothing: `save` writes what the walk made of the answers too."""


def _exchange(request: Request, response: Mapping[str, Any]) -> Exchange:
    answer = json.loads(response["body"]["string"] or b"null")
    if isinstance(answer, dict):
        answer = {key: answer[key] for key in KEPT if key in answer}
        if "choices" in answer:
            answer["choices"] = [{key: one[key] for key in CHOICE if key in one} for one in answer["choices"]]
        usage = answer.get("usage") or {}
        answer["usage"] = {key: usage[key] for key in ("prompt_tokens", "completion_tokens") if key in usage}
    return Exchange(
        method=request.method,
        path=request.path,
        body=json.loads(request.body or b"null"),
        status=response["status"]["code"],
        answer=answer,
    )


def _questions(exchange: Exchange) -> object:
    return exchange.body.get("messages") if isinstance(exchange.body, dict) else None


def _seed(exchange: Exchange) -> int:
    seed: object = exchange.body.get("seed") if isinstance(exchange.body, dict) else 0
    return seed if isinstance(seed, int) else 0


# ── Replay ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _request(exchange: Exchange) -> Request:
    body = None if exchange.body is None else json.dumps(exchange.body).encode()
    return Request(exchange.method, PLACE + exchange.path, body, dict(TYPE))


def _response(exchange: Exchange) -> dict[str, Any]:
    return {
        "status": {"code": exchange.status, "message": ""},
        "headers": {key: [value] for key, value in TYPE.items()},
        "body": {"string": json.dumps(exchange.answer).encode()},
    }


@dataclass(slots=True)
class Player:
    """A replay under way."""

    tape: Tape

    @property
    def unplayed(self) -> int:
        """Recorded exchanges that nobody asked for."""
        return int(len(self.tape) - self.tape.play_count)


@contextmanager
def replaying(cassette: Cassette) -> Iterator[Player]:
    """Whatever is asked inside the context is answered from the cassette, or is a StaleCassette."""
    player = VCR(record_mode=RecordMode.NONE, match_on=MATCH)
    player.register_persister(_Unkept(cassette.exchanges))
    with player.use_cassette(cassette.case) as tape:
        try:
            yield Player(tape)
        except CannotOverwriteExistingCassetteException as unknown:
            raise StaleCassette(_difference(unknown)) from unknown


def _difference(unknown: CannotOverwriteExistingCassetteException) -> str:
    """The first place in which the request differs from the recorded one that is most like it."""
    new = _lines(unknown.failed_request)
    recorded = [_lines(one) for one in unknown.cassette.requests]
    if not recorded:
        return "the walk asks the model, and nothing was recorded"
    nearest = max(recorded, key=lambda lines: len(set(lines) & set(new)))
    gone = next((line for line in nearest if line not in new), "")
    come = next((line for line in new if line not in nearest), "")
    same = next((i for i, (old, now) in enumerate(zip(gone, come, strict=False)) if old != now), 0)
    at = max(0, same - SHOWN // 2)
    return f"the request differs: recorded {_short(gone, at)}, now {_short(come, at)}"


def _lines(request: Request) -> list[str]:
    """What a request says, line by line; a fence is a digest of what it holds, and says nothing of its own."""
    body = json.loads(request.body or b"{}")
    said = [line for message in body.pop("messages", []) for line in message["content"].splitlines()]
    said += str(body.pop("grammar", "")).splitlines()
    said += [f"{key} = {value}" for key, value in sorted(body.items())]
    return [FENCE.sub("===", line) for line in (f"path = {request.path}", *said)]


def _short(line: str, at: int) -> str:
    """A piece of a line from an offset on."""
    if not line:
        return "no such line"
    piece = line[at : at + SHOWN]
    return repr(f"{'...' if at else ''}{piece}{'...' if at + SHOWN < len(line) else ''}")


def asking_from(cassette: Cassette, model: Model) -> Model:
    """The model as it was asked when the cassette was recorded: never retried, for a recording does not change."""
    return msgspec.structs.replace(model, id=cassette.model_id, retries=0)


def base_of(cassette: Cassette) -> str:
    """The address to which a replayed model is asked: the recorded path at a host that does not exist."""
    path = cassette.exchanges[0].path if cassette.exchanges else "/v1/chat/completions"
    return PLACE + path.removesuffix("/chat/completions").removesuffix("/models")
