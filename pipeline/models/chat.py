"""A Prompt -> the body of a chat completion; what a server answers to it -> a Reply, or the error that it comes to."""

from typing import Any

import msgspec

from pipeline.domain import Prompt, Reply
from pipeline.errors import EmptyReply, ModelRefused
from pipeline.models.catalogue import Model
from pipeline.models.faults import line, place
from pipeline.tables import ready


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message = msgspec.field(default_factory=_Message)
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@ready
class Answer(msgspec.Struct):
    """As much of a chat completion as we read; what a server leaves out is empty."""

    choices: list[_Choice] = []
    usage: _Usage = msgspec.field(default_factory=_Usage)
    model: str | None = None

    @property
    def tokens_in(self) -> int:
        """Tokens of the question."""
        return self.usage.prompt_tokens or 0

    @property
    def tokens_out(self) -> int:
        """Tokens of the answer."""
        return self.usage.completion_tokens or 0


def body(model: Model, name: str, prompt: Prompt) -> dict[str, Any]:
    """The request: the table's extras first, so that they never replace what the prompt says."""
    asked: dict[str, Any] = {**model.extra, model.token_limit: prompt.most_tokens, "model": name}
    asked["messages"] = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
    if model.steerable:
        asked |= {"temperature": prompt.temperature, "seed": prompt.seed}
    if model.grammar and prompt.grammar:
        asked["grammar"] = prompt.grammar
    return asked


def reply(answer: Answer, model: Model, name: str, limit: int, seconds: float = 0.0) -> Reply:
    """A finished answer; a refusal, a cut at the `limit` of tokens or silence is an error and says which."""
    choice = answer.choices[0] if answer.choices else _Choice()
    if choice.message.refusal or choice.finish_reason == "content_filter":
        said = line(choice.message.refusal or "its content filter stopped the answer")
        raise ModelRefused(f"{place(model)} declined: {said}")
    if choice.finish_reason == "length":
        raise EmptyReply(f"{place(model)}: the answer was cut off at its limit of {limit} tokens")
    if not (text := (choice.message.content or "").strip()):
        raise EmptyReply(f"{place(model)} answered with nothing")
    return Reply(
        text, model.name if model.embedded else answer.model or name, answer.tokens_in, answer.tokens_out, seconds
    )
