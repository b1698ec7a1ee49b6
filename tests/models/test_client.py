"""Asking an endpoint: what is sent, what is read, and how every fault is told."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import msgspec
import pytest

from pipeline.domain import Prompt, Reply
from pipeline.errors import EmptyReply, ModelError, ModelRefused, ModelUnavailable
from pipeline.models import Model, choose, load
from pipeline.models.client import open_model
from tests.loopback import Answer, Request, serving

PROMPT = Prompt("Be brief.", "Rewrite this.", grammar='root ::= "Hi"', most_tokens=99, temperature=0.3, seed=7)


@dataclass
class Turn:
    """One answer: its status, body (a dict as JSON, a string as HTML), headers, and how long it takes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0


@dataclass
class Sent:
    """One request as it came in, and when (monotonic seconds)."""

    path: str
    headers: Mapping[str, str]
    body: Any
    at: float = field(default_factory=time.monotonic)


@dataclass
class FakeServer:
    """The address, the answers still to give (the last one stays), and the requests so far."""

    base_url: str
    turns: list[Turn] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)


def said(text: str | None, finish: str = "stop", refusal: str | None = None) -> Turn:
    """A chat completion as the OpenAI API gives it."""
    message = {"role": "assistant", "content": text, "refusal": refusal}
    usage = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    return Turn(body={"id": "c1", "object": "chat.completion", "model": "big-1", "choices": [choice], "usage": usage})


def failed(status: int, message: str, code: str = "", **headers: str) -> Turn:
    """An error as the OpenAI API gives it; underscores in header names stand for hyphens."""
    body = {"error": {"message": message, "type": "error", "code": code or None}}
    return Turn(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server on a free loopback port, gone after the test."""
    fake = FakeServer("")

    def answer(request: Request) -> Answer:
        fake.sent.append(Sent(request.path, request.headers, json.loads(request.data) if request.data else None))
        turn = fake.turns.pop(0) if len(fake.turns) > 1 else fake.turns[0]
        time.sleep(turn.after)
        if isinstance(turn.body, str):
            return Answer(turn.body.encode(), turn.status, "text/html", turn.headers)
        return Answer(json.dumps(turn.body).encode(), turn.status, headers=turn.headers)

    with serving(answer) as fake.base_url:
        yield fake


def ask(model: Model, prompt: Prompt = PROMPT) -> Reply:
    """Open, ask once, close."""
    with open_model(model) as asked:
        return asked(prompt)


def at(server: FakeServer, **changes: object) -> Model:
    """A model at the server, as --base-url makes it."""
    return msgspec.structs.replace(choose({}, "big", server.base_url), **changes)


def fault(server: FakeServer, kind: type[ModelError], *turns: Turn, **changes: object) -> str:
    """The one line in which asking ends."""
    server.turns = list(turns)
    with pytest.raises(kind) as caught:
        ask(at(server, **changes))
    line = str(caught.value)
    assert "\n" not in line
    assert "big" in line
    return line


def test_an_answer_becomes_a_reply(server: FakeServer) -> None:
    """Text, the server's model name and the token counts come back; the text is stripped."""
    server.turns = [said(" Hi Ana. \n")]
    reply = ask(at(server))
    assert (reply.text, reply.model, reply.tokens_in, reply.tokens_out) == ("Hi Ana.", "big-1", 11, 5)
    assert 0 < reply.seconds < 10


def test_what_is_sent_is_the_prompt_and_how_to_sample(server: FakeServer) -> None:
    """Two messages, the limit, temperature and seed; no grammar where the server is not known to take one."""
    server.turns = [said("Hi")]
    ask(at(server))
    assert server.sent[0].path == "/v1/chat/completions"
    assert server.sent[0].body == {
        "model": "big",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Rewrite this."}],
        "max_tokens": 99,
        "temperature": 0.3,
        "seed": 7,
    }


def test_a_table_says_what_its_server_takes(server: FakeServer) -> None:
    """Grammar, the name of the limit, no steering, and extras come from the table; extras never replace the prompt."""
    server.turns = [said("Hi")]
    flags = {"grammar": True, "token_limit": "max_completion_tokens", "steerable": False}
    ask(at(server, **flags, extra={"top_p": 0.9, "messages": []}))
    body = server.sent[0].body
    assert (body["grammar"], body["max_completion_tokens"], body["top_p"]) == ('root ::= "Hi"', 99, 0.9)
    assert len(body["messages"]) == 2
    assert not {"max_tokens", "temperature", "seed"} & set(body)


def test_the_environment_changes_no_request(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No OPENAI_ variable moves a request, adds a header or a key, and a request does not describe the computer."""
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Team: sk-secret\nHost: example.com\nAuthorization: Bearer sk-secret")
    server.turns = [said("Hi")]
    ask(at(server))
    headers = server.sent[0].headers
    sdk = {"x-stainless-retry-count", "x-stainless-read-timeout"}
    basic = {"host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent"}
    assert set(headers) == basic | sdk
    assert headers["user-agent"] == "tactful"
    assert "sk-secret" not in str(server.sent)


def test_our_own_key_goes_to_the_given_address(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """TACTFUL_API_KEY is sent with --base-url, without the line break that a shell may add; OPENAI_API_KEY is not."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-theirs")
    monkeypatch.setenv("TACTFUL_API_KEY", "sk-ours\n")
    server.turns = [said("Hi")]
    ask(at(server))
    assert server.sent[0].headers["authorization"] == "Bearer sk-ours"
    assert "sk-theirs" not in str(server.sent)


def test_a_providers_missing_key_is_told_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without OPENAI_API_KEY the openai table asks nobody."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="set OPENAI_API_KEY"):
        ask(load()["openai"])


def test_a_key_that_is_none_is_told(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key with letters that no header can carry ends in a line, not in a traceback."""
    monkeypatch.setenv("TACTFUL_API_KEY", "sk-“quoted”")
    assert "TACTFUL_API_KEY" in fault(server, ModelUnavailable, said("Hi"))
    assert not server.sent


def test_a_proxy_never_sees_a_loopback_request(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxy settings hold for remote servers only."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server.turns = [said("Hi")]
    assert ask(at(server)).text == "Hi"


def test_a_remote_request_takes_the_users_proxy(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is not loopback is asked through the proxy that the user set."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", server.base_url.removesuffix("/v1"))
    monkeypatch.setenv("http_proxy", server.base_url.removesuffix("/v1"))
    server.turns = [said("Hi")]
    assert ask(choose({}, "big", "http://nowhere.invalid/v1")).text == "Hi"
    assert server.sent[0].path == "http://nowhere.invalid/v1/chat/completions"


def test_a_redirect_is_told_and_not_followed(server: FakeServer) -> None:
    """A draft goes to the address that the user gave and to no other."""
    line = fault(server, ModelUnavailable, Turn(307, {}, {"Location": "http://elsewhere.invalid/v1"}))
    assert "redirects to http://elsewhere.invalid/v1" in line
    assert len(server.sent) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_names_its_variable_and_not_the_key(
    server: FakeServer, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The remedy is the variable; what the server echoes is not shown; nothing is tried twice."""
    monkeypatch.setenv("TACTFUL_API_KEY", "sk-ours")
    line = fault(server, ModelUnavailable, failed(status, "Incorrect key sk-ours"))
    assert "check TACTFUL_API_KEY" in line
    assert "sk-ours" not in line
    assert len(server.sent) == 1


def test_a_key_that_a_server_echoes_is_not_shown(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in other faults the key is taken out of the server's words."""
    monkeypatch.setenv("TACTFUL_API_KEY", "sk-ours")
    line = fault(server, ModelUnavailable, failed(400, "bad header\nBearer sk-ours"))
    assert "bad header Bearer ***" in line


def test_no_such_model_and_a_bad_request_are_told(server: FakeServer) -> None:
    """404 speaks of the name and the address, 400 quotes the server; neither is tried twice."""
    assert "has no model 'big'" in fault(server, ModelUnavailable, failed(404, "no such model"))
    assert "(400: seed is not supported)" in fault(server, ModelUnavailable, failed(400, "seed is not supported"))
    assert len(server.sent) == 2


def test_a_rate_limit_waits_as_told_and_then_succeeds(server: FakeServer) -> None:
    """429 with Retry-After is asked again after that time, with the same body."""
    server.turns = [failed(429, "slow down", Retry_After="1"), said("Hi")]
    start = time.perf_counter()
    assert ask(at(server)).text == "Hi"
    assert 1 <= time.perf_counter() - start < 3
    assert server.sent[0].body == server.sent[1].body


def test_server_faults_are_asked_again_with_growing_pauses(server: FakeServer) -> None:
    """500, 500, 200 is an answer; the second pause is longer than the first."""
    server.turns = [failed(500, "oops"), failed(503, "oops"), said("Hi")]
    start = time.perf_counter()
    assert ask(at(server)).text == "Hi"
    assert time.perf_counter() - start > 0.5 * 0.75 + 1.0 * 0.75
    assert len(server.sent) == 3


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502])
def test_retries_end(server: FakeServer, status: int) -> None:
    """After three more tries the fault is told."""
    line = fault(server, ModelUnavailable, failed(status, "quota is used up", Retry_After="0.01"))
    assert str(status) in line
    assert "quota is used up" in line
    assert len(server.sent) == 4


def test_a_very_long_wait_is_told_at_once(server: FakeServer) -> None:
    """Where a server asks for more than two minutes, the user decides."""
    assert "try again in 3600 s" in fault(server, ModelUnavailable, failed(429, "later", Retry_After="3600"))
    assert len(server.sent) == 1


@pytest.mark.parametrize(
    ("wish", "tries"),
    [({"x_should_retry": "false"}, 1), ({"Retry_After": "Thu, 01 Jan 2099 00:00:00 GMT"}, 1), ({}, 4)],
)
def test_a_server_may_say_whether_to_ask_again(server: FakeServer, wish: dict[str, str], tries: int) -> None:
    """With a header of its own, or by a date that is too far away; without a word it is asked again after pauses."""
    assert "429" in fault(server, ModelUnavailable, failed(429, "no money left", **wish))
    assert len(server.sent) == tries


@pytest.mark.parametrize("name", ["retry_after_ms", "Retry_After", "date"])
def test_a_wait_in_milliseconds_or_until_a_date(server: FakeServer, name: str) -> None:
    """Retry-After has three spellings."""
    date = formatdate(time.time() + 3, usegmt=True)
    wish = {"retry_after_ms": {"retry_after_ms": "2100"}, "Retry_After": {"Retry_After": "2.1"}}
    server.turns = [failed(429, "slow down", **wish.get(name, {"Retry_After": date})), said("Hi")]
    assert ask(at(server)).text == "Hi"
    assert 1.5 <= server.sent[1].at - server.sent[0].at < 4


def test_a_refusal_is_a_refusal(server: FakeServer) -> None:
    """A refusal in the message, a content filter at its end or an error code that says so: ModelRefused."""
    assert "I cannot help" in fault(server, ModelRefused, said(None, refusal="I cannot help"))
    assert "content filter" in fault(server, ModelRefused, said("Hi, I", finish="content_filter"))
    assert "policy" in fault(server, ModelRefused, failed(400, "against policy", code="content_filter"))


def test_an_empty_or_cut_answer_is_no_reply(server: FakeServer) -> None:
    """Nothing, only spaces, no choice at all, or an end at the limit, which is named: EmptyReply."""
    for turn in (said(None), said(" \n"), Turn(body={"choices": []}), Turn(body={})):
        assert "answered with nothing" in fault(server, EmptyReply, turn)
    assert "limit of 99 tokens" in fault(server, EmptyReply, said("Hi, I wan", finish="length"))


@pytest.mark.parametrize("body", ["<html>Welcome</html>", [1], {"choices": "none"}])
def test_another_kind_of_server_is_told(server: FakeServer, body: object) -> None:
    """A web page or other JSON with status 200 is not an answer, and no traceback either."""
    assert "not an OpenAI-like server" in fault(server, ModelUnavailable, Turn(body=body))


def test_a_slow_server_is_told_with_its_limit(server: FakeServer) -> None:
    """The read time-out of the table holds, for each of the tries."""
    line = fault(server, ModelUnavailable, Turn(body={}, after=0.5), read_timeout=0.1, retries=1)
    assert "within 0.1 s, 2 times" in line
    assert len(server.sent) == 2


def test_a_server_that_is_not_there_is_told() -> None:
    """A closed port is one line."""
    model = msgspec.structs.replace(choose({}, "big", "http://127.0.0.1:9/v1"), retries=0)
    with pytest.raises(ModelUnavailable, match=r"big at http://127.0.0.1:9/v1 cannot be reached .* is it running\?"):
        ask(model)


def test_a_local_table_without_id_takes_the_first_that_is_listed(server: FakeServer) -> None:
    """For Ollama and its like no name is needed; a server with no model says so."""
    server.turns = [Turn(body={"object": "list", "data": [{"id": "qwen"}, {"id": "other"}]}), said("Hi")]
    ask(at(server, id=""))
    assert (server.sent[0].path, server.sent[1].body["model"]) == ("/v1/models", "qwen")
    assert "lists no model" in fault(server, ModelUnavailable, Turn(body={"data": []}), id="")


@pytest.mark.parametrize("proxy", ["nonsense://x", "http://x:port"])
def test_a_proxy_setting_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """A broken proxy variable is one line, not a traceback."""
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(ModelUnavailable, match="proxy"):
        ask(choose({}, "big", "http://nowhere.invalid/v1"))


def test_no_model_is_silent() -> None:
    """The model that is none starts nothing and sends nothing: it answers every prompt with no words."""
    assert ask(choose(load(), "none")).text == ""
