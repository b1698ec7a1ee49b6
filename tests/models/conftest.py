"""A local server that answers as it is told, and keeps what it was sent."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Turn:
    """One answer: its status, body (a dict as JSON, a string as HTML), headers, and how long it takes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0


@dataclass
class Sent:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: Any


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

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            fake.sent.append(Sent(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            turn = fake.turns.pop(0) if len(fake.turns) > 1 else fake.turns[0]
            time.sleep(turn.after)
            html = isinstance(turn.body, str)
            data = turn.body.encode() if html else json.dumps(turn.body).encode()
            self.send_response(turn.status)
            self.send_header("Content-Type", "text/html" if html else "application/json")
            self.send_header("Content-Length", str(len(data)))
            for name, value in turn.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        fake.base_url = f"http://127.0.0.1:{http.server_port}/v1"
        try:
            yield fake
        finally:
            http.shutdown()
            thread.join()
