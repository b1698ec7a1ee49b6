"""A model, its address and key -> a connection, the only door to the openai SDK: it sends, reads, and asks again.

The SDK reads addresses, keys and headers from the environment. Here each is given, so that a request goes where the
model's table says and carries what this page says. Proxies are the user's to set for remote servers; a loopback server
is asked directly, and a redirect is reported, never followed.

After time-outs, broken connections, 408, 409, 429 and 5xx a request is sent again, as the SDK would: after the server's
Retry-After (up to two minutes) or a growing pause. It is done here, so that each try has its turn in the pace, a 429
holds back all threads and not only the one that was told, and the end of a run ends the wait.
"""

import os
import random
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx2
import msgspec
from openai import APIConnectionError, APIStatusError, Omit, OpenAI, OpenAIError, RequestOptions

from pipeline.errors import ModelUnavailable
from pipeline.models.catalogue import ANY_KEY, Model
from pipeline.models.faults import explain, place
from pipeline.models.pace import Pace, Turn
from pipeline.models.serving import Endpoint

Read = TypeVar("Read")

LONGEST_WAIT = 120.0
"""Seconds of Retry-After that are waited; where a server asks for more, the user decides."""
FIRST_PAUSE, LAST_PAUSE = 0.5, 8.0
"""Seconds of the first pause between two tries, which doubles, and of the longest; up to a quarter less, by chance."""
AGAIN = frozenset({408, 409, 429})
"""What is asked again besides every status from 500."""


class _Client(OpenAI):
    """The SDK's client with our headers only: its own would take in OPENAI_CUSTOM_HEADERS and describe the computer."""

    @property
    def default_headers(self) -> dict[str, str | Omit]:
        return {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "tactful"}


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection to one model's server, for any number of threads. What goes wrong is a ModelError, on one line."""

    model: Model
    pace: Pace
    client: OpenAI

    def send(self, path: str, kind: type[Read], body: Mapping[str, Any] | None = None) -> Read:
        """Post the body, or get if there is none, and read the answer."""
        return self.read(self.request(path, body)[0], kind)

    def read(self, content: bytes, kind: type[Read]) -> Read:
        """An answer as we read it."""
        try:
            return msgspec.json.decode(content, type=kind)
        except msgspec.MsgspecError as error:
            raise ModelUnavailable(
                f"{place(self.model)}: what answers there is not an OpenAI-like server ({error})"
            ) from error

    def request(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        tokens: int = 0,
        *,
        file: bytes = b"",
        once: bool = False,
    ) -> tuple[bytes, Turn]:
        """What comes back, and the turn that it took, in which so many tokens were set aside.

        A `file` goes beside the body, as a form. `once`: it is sent again only after a 429, when nothing was done.
        """
        tries = 0
        while True:
            turn = self.pace.turn(tokens)
            try:
                return self._once(path, body, file), turn
            except OpenAIError as error:
                turn.tokens = 0
                full = isinstance(error, APIStatusError) and error.status_code == 429
                pause = _pause(error, tries) if tries < self.model.retries and (full or not once) else None
                if pause is None:
                    raise explain(error, self.model, self.client.api_key) from error
                tries += 1
                if full:
                    self.pace.hold(pause)
                else:
                    self.pace.rest(pause)

    def _once(self, path: str, body: Mapping[str, Any] | None, file: bytes) -> bytes:
        headers: dict[str, str | Omit] = {} if self.client.api_key else {"Authorization": Omit()}
        if body is None:
            options = RequestOptions(headers=headers)
            return self.client.get(path, cast_to=httpx2.Response, options=options).content
        form = [("file", ("questions.jsonl", file, "application/jsonl"))] if file else None
        options = RequestOptions(headers=headers | ({"Content-Type": "multipart/form-data"} if file else {}))
        return self.client.post(path, cast_to=httpx2.Response, body=body, options=options, files=form).content


@contextmanager
def connect(model: Model, endpoint: Endpoint, pace: Pace) -> Iterator[Connection]:
    """A connection to where a model answers, closed when the context ends; nothing is sent yet."""
    try:
        client = _Client(
            base_url=endpoint.base_url,
            api_key=endpoint.key,
            admin_api_key="",
            organization="",
            project="",
            webhook_secret="",
            max_retries=0,
            timeout=httpx2.Timeout(model.read_timeout, connect=model.connect_timeout),
            http_client=httpx2.Client(trust_env=model.remote, follow_redirects=False, verify=_trust(endpoint.base_url)),
        )
    except (ImportError, OSError, ValueError, httpx2.InvalidURL) as error:
        raise ModelUnavailable(f"{place(model)}: its address, proxy or certificate is not usable: {error}") from error
    with client:
        yield Connection(model, pace, client)


def endpoint_of(model: Model) -> Endpoint:
    """Where a server's model answers, and the key that its table names; a provider's must be there, ours may be out."""
    key = os.environ.get(model.key_env, "").strip() if model.key_env else ""
    if not key and model.key_env not in ("", ANY_KEY):
        raise ModelUnavailable(f"model {model.name} needs a key: set {model.key_env}, or choose another model")
    if not (key.isascii() and key.isprintable()):
        raise ModelUnavailable(f"model {model.name}: {model.key_env} holds characters that no key has")
    return Endpoint(model.base_url, key)


def _trust(base_url: str) -> ssl.SSLContext | bool:
    """The system's certificates for https; none at all, and so 40 ms less, where nothing is encrypted."""
    return True if base_url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


# ── Asking again ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _pause(error: OpenAIError, tries: int) -> float | None:
    """Seconds to wait before a request that failed so often is sent again; None where it is not."""
    growing: float = min(FIRST_PAUSE * 2**tries, LAST_PAUSE) * random.uniform(0.75, 1)
    if isinstance(error, APIConnectionError):
        return growing
    if not isinstance(error, APIStatusError):
        return None
    headers = error.response.headers
    wish = headers.get("x-should-retry")
    if wish == "false" or (wish != "true" and error.status_code not in AGAIN and error.status_code < 500):
        return None
    wait = _retry_after(headers)
    if wait > LONGEST_WAIT:
        return None
    return wait if wait > 0 else growing


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that a server wants us to wait: in milliseconds, in seconds or as a date; 0 where it says nothing."""
    for name, share in (("retry-after-ms", 1000), ("retry-after", 1)):
        with suppress(KeyError, ValueError):
            return float(headers[name]) / share
    with suppress(KeyError, ValueError):
        return parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time()
    return 0.0
