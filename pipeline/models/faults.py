"""The SDK's errors and a model -> ours: what went wrong and what to do, in one line that never holds a key."""

import os

from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

from pipeline.errors import ModelError, ModelRefused, ModelUnavailable
from pipeline.models.catalogue import ANY_KEY, Model

LONGEST = 200
"""Letters of a server's words that are shown."""


def place(model: Model) -> str:
    """A model and where it answers, as faults name it."""
    return f"model {model.name}" + (f" at {model.base_url}" if model.base_url else "")


def line(said: str) -> str:
    """A server's words, on one line and short."""
    words = "".join(letter if letter.isprintable() else " " for letter in said).split()
    return " ".join(words)[:LONGEST]


def explain(error: OpenAIError, model: Model, key: str) -> ModelError:
    """The SDK's error as ours: what went wrong and what to do, in one line."""
    spot = place(model)
    if isinstance(error, APITimeoutError):
        return ModelUnavailable(
            f"{spot} did not answer within {model.read_timeout:g} s, {model.retries + 1} times; "
            f"is it still loading? [models.{model.name}] read_timeout gives it longer"
        )
    if isinstance(error, APIConnectionError):
        return ModelUnavailable(f"{spot} cannot be reached ({line(str(error.__cause__ or error))}); is it running?")
    if isinstance(error, APIStatusError):
        said = str(error).partition(" - ")[2] or "no reason given"
        return _explain_status(error, model, spot, line(said.replace(key, "***") if key else said))
    return ModelUnavailable(f"{spot}: {line(str(error))}")


def _explain_status(error: APIStatusError, model: Model, spot: str, said: str) -> ModelError:
    """By status; what a server says about a wrong key is never quoted, as it may hold part of the key."""
    status, headers = error.status_code, error.response.headers
    if error.code in ("content_filter", "content_policy_violation"):
        return ModelRefused(f"{spot} declined: {said}")
    if status in (401, 403):
        fault = f"does not accept the key ({status}); {_key_remedy(model)}"
    elif status == 404 and not error.request.url.path.endswith(("/chat/completions", "/models")):
        fault = f"has no {error.request.url.path} (404: {said}); is it a server with the Batch API, and the same key?"
    elif status == 404:
        named = model.id or model.name
        fault = f"has no model {named!r} (404: {said}); check the name, and whether the address should end in /v1"
    elif status == 429:
        wait = headers.get("retry-after", "")
        fault = f"takes no more requests now (429: {said}); try again {f'in {wait} s' if wait.isdigit() else 'later'}"
    elif 300 <= status < 400:
        to = line(headers.get("location", "another address"))
        fault = f"redirects to {to}; no draft was sent on: give the final address"
    elif status >= 500:
        fault = f"failed, also when asked again ({status}: {said}); try again later"
    else:
        fault = f"did not take the request ({status}: {said})"
    return ModelUnavailable(f"{spot} {fault}")


def _key_remedy(model: Model) -> str:
    if model.key_env:
        state = "check" if os.environ.get(model.key_env) else "set"
        return f"{state} {model.key_env}"
    return f'if it wants one, write key_env = "{ANY_KEY}" in [models.{model.name}] and set that variable'
