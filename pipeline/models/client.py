"""A chosen Model -> an Ask: the only door to the openai SDK, embedded or not.

The SDK reads addresses, keys and headers from the environment. Here each is given, so that a request goes where the
model's table says and carries what this page says. Proxies are the user's to set for remote servers; a loopback server
is asked directly, and a redirect is reported, never followed. The SDK's own retries are used: after time-outs, broken
connections, 408, 409, 429 and 5xx, with a growing pause or the server's Retry-After (up to two minutes).
"""

import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

import httpx2
import msgspec
from openai import APIConnectionError, APIStatusError, APITimeoutError, Omit, OpenAI, OpenAIError, RequestOptions

from pipeline.domain import Ask, Prompt, Reply
from pipeline.errors import EmptyReply, ModelError, ModelRefused, ModelUnavailable
from pipeline.models.catalogue import ANY_KEY, Model
from pipeline.models.fetch import Progress, adapter, pull
from pipeline.models.serving import Endpoint, serve

Read = TypeVar("Read")

LONGEST = 200


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message = msgspec.field(default_factory=_Message)
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Answer(msgspec.Struct):
    """As much of a chat completion as we read; what a server leaves out is empty."""

    choices: list[_Choice] = []
    usage: _Usage | None = None
    model: str | None = None


class _Listed(msgspec.Struct):
    id: str


class _List(msgspec.Struct):
    data: list[_Listed] = []


class _Client(OpenAI):
    """The SDK's client with our headers only: its own would take in OPENAI_CUSTOM_HEADERS and describe the computer."""

    @property
    def default_headers(self) -> dict[str, str | Omit]:
        return {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "tactful"}


@contextmanager
def open_model(model: Model, *, way: str = "", on_progress: Progress | None = None, threads: int = 0) -> Iterator[Ask]:
    """Something to ask, ready when the context begins and gone when it ends; `threads` is the embedded engine's share.

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
            endpoint = Endpoint(model.base_url, _key(model))
        yield stack.enter_context(open_at(endpoint, model))


@contextmanager
def open_at(endpoint: Endpoint, model: Model) -> Iterator[Ask]:
    """The same, where somebody else already answers for the model: a server that is up, or a recording."""
    with _connect(model, endpoint) as client:
        yield partial(_ask, client, model, model.id or _first(client, model))


def _key(model: Model) -> str:
    """The key that the table names; a provider's key must be there, ours may be left out."""
    key = os.environ.get(model.key_env, "").strip() if model.key_env else ""
    if not key and model.key_env not in ("", ANY_KEY):
        raise ModelUnavailable(f"model {model.name} needs a key: set {model.key_env}, or choose another model")
    if not (key.isascii() and key.isprintable()):
        raise ModelUnavailable(f"model {model.name}: {model.key_env} holds characters that no key has")
    return key


def _connect(model: Model, endpoint: Endpoint) -> OpenAI:
    try:
        return _Client(
            base_url=endpoint.base_url,
            api_key=endpoint.key,
            admin_api_key="",
            organization="",
            project="",
            webhook_secret="",
            max_retries=model.retries,
            timeout=httpx2.Timeout(model.read_timeout, connect=model.connect_timeout),
            http_client=httpx2.Client(trust_env=model.remote, follow_redirects=False, verify=_trust(endpoint.base_url)),
        )
    except (ImportError, OSError, ValueError, httpx2.InvalidURL) as error:
        raise ModelUnavailable(f"{_place(model)}: its address, proxy or certificate is not usable: {error}") from error


def _trust(base_url: str) -> ssl.SSLContext | bool:
    """The system's certificates for https; none at all, and so 40 ms less, where nothing is encrypted."""
    return True if base_url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _first(client: OpenAI, model: Model) -> str:
    """The first model that a local server lists, where the table names none."""
    if model.embedded:
        return model.name
    listed = _send(client, model, "/models", None, _List).data
    if not listed:
        raise ModelUnavailable(f"{_place(model)} lists no model: load one, or name it in [models.{model.name}] id")
    return listed[0].id


def _ask(client: OpenAI, model: Model, name: str, prompt: Prompt) -> Reply:
    """One question, one answer."""
    start = perf_counter()
    answer = _send(client, model, "/chat/completions", _body(model, name, prompt), _Answer)
    usage = answer.usage or _Usage()
    return Reply(
        text=_text(answer, model, prompt),
        model=model.name if model.embedded else answer.model or name,
        tokens_in=usage.prompt_tokens or 0,
        tokens_out=usage.completion_tokens or 0,
        seconds=perf_counter() - start,
    )


def _body(model: Model, name: str, prompt: Prompt) -> dict[str, Any]:
    """The request: the table's extras first, so that they never replace what the prompt says."""
    body: dict[str, Any] = {**model.extra, model.token_limit: prompt.most_tokens, "model": name}
    body["messages"] = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
    if model.steerable:
        body |= {"temperature": prompt.temperature, "seed": prompt.seed}
    if model.grammar and prompt.grammar:
        body["grammar"] = prompt.grammar
    return body


def _text(answer: _Answer, model: Model, prompt: Prompt) -> str:
    """The text of a finished answer; a refusal, a cut or silence is an error and says which."""
    choice = answer.choices[0] if answer.choices else _Choice()
    if choice.message.refusal or choice.finish_reason == "content_filter":
        said = _line(choice.message.refusal or "its content filter stopped the answer")
        raise ModelRefused(f"{_place(model)} declined: {said}")
    if choice.finish_reason == "length":
        raise EmptyReply(f"{_place(model)}: the answer was cut off at its limit of {prompt.most_tokens} tokens")
    if not (text := (choice.message.content or "").strip()):
        raise EmptyReply(f"{_place(model)} answered with nothing")
    return text


def _send(client: OpenAI, model: Model, path: str, body: Mapping[str, Any] | None, kind: type[Read]) -> Read:
    """Post the body, or get if there is none, and read the answer; every fault becomes one line of ours."""
    options: RequestOptions = {} if client.api_key else {"headers": {"Authorization": Omit()}}
    try:
        if body is None:
            response = client.get(path, cast_to=httpx2.Response, options=options)
        else:
            response = client.post(path, cast_to=httpx2.Response, body=body, options=options)
        return msgspec.json.decode(response.content, type=kind)
    except OpenAIError as error:
        raise _explain(error, model, client.api_key) from error
    except msgspec.MsgspecError as error:
        raise ModelUnavailable(f"{_place(model)}: what answers there is not an OpenAI-like server ({error})") from error


def _explain(error: OpenAIError, model: Model, key: str) -> ModelError:
    """The SDK's error as ours: what went wrong and what to do, in one line."""
    place = _place(model)
    if isinstance(error, APITimeoutError):
        return ModelUnavailable(
            f"{place} did not answer within {model.read_timeout:g} s, {model.retries + 1} times; "
            f"is it still loading? [models.{model.name}] read_timeout gives it longer"
        )
    if isinstance(error, APIConnectionError):
        return ModelUnavailable(f"{place} cannot be reached ({_line(str(error.__cause__ or error))}); is it running?")
    if isinstance(error, APIStatusError):
        said = str(error).partition(" - ")[2] or "no reason given"
        return _explain_status(error, model, place, _line(said.replace(key, "***") if key else said))
    return ModelUnavailable(f"{place}: {_line(str(error))}")


def _explain_status(error: APIStatusError, model: Model, place: str, said: str) -> ModelError:
    """By status; what a server says about a wrong key is never quoted, as it may hold part of the key."""
    status, headers = error.status_code, error.response.headers
    if error.code in ("content_filter", "content_policy_violation"):
        return ModelRefused(f"{place} declined: {said}")
    if status in (401, 403):
        fault = f"does not accept the key ({status}); {_key_remedy(model)}"
    elif status == 404:
        named = model.id or model.name
        fault = f"has no model {named!r} (404: {said}); check the name, and whether the address should end in /v1"
    elif status == 429:
        wait = headers.get("retry-after", "")
        fault = f"takes no more requests now (429: {said}); try again {f'in {wait} s' if wait.isdigit() else 'later'}"
    elif 300 <= status < 400:
        to = _line(headers.get("location", "another address"))
        fault = f"redirects to {to}; no draft was sent on: give the final address"
    elif status >= 500:
        fault = f"failed, also when asked again ({status}: {said}); try again later"
    else:
        fault = f"did not take the request ({status}: {said})"
    return ModelUnavailable(f"{place} {fault}")


def _key_remedy(model: Model) -> str:
    if model.key_env:
        state = "check" if os.environ.get(model.key_env) else "set"
        return f"{state} {model.key_env}"
    return f'if it wants one, write key_env = "{ANY_KEY}" in [models.{model.name}] and set that variable'


def _place(model: Model) -> str:
    return f"model {model.name}" + (f" at {model.base_url}" if model.base_url else "")


def _line(said: str) -> str:
    """A server's words, on one line and short."""
    words = "".join(letter if letter.isprintable() else " " for letter in said).split()
    return " ".join(words)[:LONGEST]
