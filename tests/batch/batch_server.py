"""A server with the Batch API on loopback, as strict as the real one: files, batches, and what both refuse.

A batch takes a step each time somebody looks at it. What it answered is counted in `paid`, by the request's id: that is
the money. `upset` and `moment` let a test fail a request, or kill who asks.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.batch import yard
from tests.loopback import Answer, Request, serving

ENDPOINTS = {"/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/completions", "/v1/moderations"}
OVER = {"failed", "expired", "cancelled", "completed"}
STEPS = ("validating", "in_progress", "in_progress", "finalizing", "completed")
Body = dict[str, Any]


class Refused(Exception):
    """A status and an error, as the API gives it."""

    def __init__(self, status: int, message: str, code: str = "", **headers: str) -> None:
        """Headers have underscores for hyphens."""
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


def chat(body: Body) -> tuple[int, Body]:
    """What the scripted model of the yard answers."""
    return 200, {"object": "chat.completion", "model": body["model"], **yard.chat(body)}


def error(status: int, message: str, code: str = "") -> tuple[int, Body]:
    """A request of a batch that failed."""
    return status, {"error": {"message": message, "type": "error", "code": code or None}}


@dataclass
class Batch:
    """A batch, its requests and how far it is."""

    id: str
    file: str
    metadata: dict[str, str]
    created_at: int
    total: int = 0
    step: int = 0
    status: str = "validating"
    errors: list[Body] = field(default_factory=list)
    output: str | None = None
    bad: str | None = None

    @property
    def shown(self) -> Body:
        """As the API shows it."""
        done = self.total if self.status == "completed" else 0
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "status": self.status,
            "input_file_id": self.file,
            "output_file_id": self.output,
            "error_file_id": self.bad,
            "created_at": self.created_at,
            "metadata": self.metadata or None,
            "errors": {"object": "list", "data": self.errors} if self.errors else None,
            "request_counts": {"total": self.total, "completed": done, "failed": 0},
        }


@dataclass
class BatchServer:
    """The state of the server; `asked` holds every request that came, `refused` what it said no to.

    `answers`: what a model comes to. `expires`: whether a request is not answered in time. `judge`: a fault of a whole
    file. `upset` may raise Refused or wait before a request is served, and `moment` is told before and after.
    """

    base_url: str = ""
    answers: Callable[[Body], tuple[int, Body]] = chat
    expires: Callable[[str], bool] = lambda _: False
    judge: Callable[[list[Body]], Body | None] = lambda _: None
    upset: Callable[[str, str], None] = lambda *_: None
    moment: Callable[[str, str, str], None] = lambda *_: None
    most: int = 50_000
    steps: tuple[str, ...] = STEPS
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    paid: Counter[str] = field(default_factory=Counter)
    asked: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def serve(self, method: str, target: str, kind: str, data: bytes) -> bytes:
        """The answer to a request."""
        place = urlsplit(target)
        path, query = place.path.removeprefix("/v1"), {key: one[-1] for key, one in parse_qs(place.query).items()}
        self.moment(method, path, "before")
        with self.lock:
            self.asked.append((method, path))
            self.upset(method, path)
            made = self._made(method, path.strip("/").split("/"), query, kind, data)
        self.moment(method, path, "after")
        return made if isinstance(made, bytes) else json.dumps(made).encode()

    def finish(self) -> None:
        """Let time go by: every batch comes to its end, whether somebody looks at it or not, and is paid."""
        for batch in self.batches.values():
            while batch.status not in OVER:
                self._go_on(batch)

    def _made(self, method: str, words: list[str], query: dict[str, str], kind: str, data: bytes) -> Body | bytes:
        match method, words:
            case "POST", ["files"]:
                return self._upload(kind, data)
            case "GET", ["files", name, "content"] if name in self.files:
                return self.files[name][1]
            case "POST", ["batches"]:
                return self._create(json.loads(data))
            case "GET", ["batches"]:
                return self._list(query)
            case "GET", ["batches", name] if name in self.batches:
                self._go_on(self.batches[name])
                return self.batches[name].shown
            case "POST", ["batches", name, "cancel"] if name in self.batches:
                if self.batches[name].status not in {"validating", "in_progress"}:
                    raise Refused(409, f"cannot cancel a batch that is {self.batches[name].status}")
                self.batches[name].status = "cancelled"
                return self.batches[name].shown
        raise Refused(404, f"no such thing: {method} {'/'.join(words)}")

    def _upload(self, kind: str, data: bytes) -> Body:
        if not kind.startswith("multipart/form-data; boundary="):
            raise Refused(400, "send a multipart form")
        parts = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + data).get_payload()
        form = {one.get_param("name", header="content-disposition"): one.get_payload(decode=True) for one in parts}
        if form.get("purpose") != b"batch":
            raise Refused(400, f"purpose {form.get('purpose')!r} is not 'batch'")
        if len(form["file"]) > 200_000_000:
            raise Refused(413, "the file is larger than 200 MB")
        name = f"file-{len(self.files)}"
        self.files[name] = ("batch", form["file"])
        return {"id": name, "object": "file", "purpose": "batch", "bytes": len(form["file"])}

    def _create(self, wish: Body) -> Body:
        if unknown := set(wish) - {
            "input_file_id",
            "endpoint",
            "completion_window",
            "metadata",
            "output_expires_after",
        }:
            raise Refused(400, f"unknown parameters: {unknown}")
        if wish["endpoint"] not in ENDPOINTS or wish["completion_window"] != "24h":
            raise Refused(400, "wrong endpoint or completion_window")
        if self.files.get(wish["input_file_id"], ("", b""))[0] != "batch":
            raise Refused(400, "no such file, or its purpose is not 'batch'")
        metadata = wish.get("metadata") or {}
        if len(metadata) > 16 or any(len(key) > 64 or len(one) > 512 for key, one in metadata.items()):
            raise Refused(400, "metadata is too large")
        batch = Batch(f"batch_{len(self.batches)}", wish["input_file_id"], metadata, int(time.time()))
        self.batches[batch.id] = batch
        return batch.shown

    def _list(self, query: dict[str, str]) -> Body:
        limit = int(query.get("limit", "20"))
        if not 1 <= limit <= 100:
            raise Refused(400, "limit must be from 1 to 100")
        every = list(reversed(self.batches.values()))
        if "after" in query:
            every = every[[one.id for one in every].index(query["after"]) + 1 :]
        page = every[: min(limit, 3)]
        return {"object": "list", "data": [one.shown for one in page], "has_more": len(every) > len(page)}

    def _go_on(self, batch: Batch) -> None:
        """One step further; the file is judged at the first, the answers are there at the last."""
        if batch.status in OVER:
            return
        lines = [json.loads(one) for one in self.files[batch.file][1].splitlines()]
        if not batch.step:
            batch.errors = list(self._faults(lines))
            batch.total = len(lines)
        batch.step += 1
        batch.status = "failed" if batch.errors else self.steps[min(batch.step, len(self.steps) - 1)]
        if batch.status == "completed":
            self._complete(batch, lines)

    def _faults(self, lines: list[Body]) -> Iterator[Body]:
        seen: set[str] = set()
        if not 1 <= len(lines) <= self.most:
            yield {
                "code": "too_many_tasks",
                "message": f"{len(lines)} requests; the limit is {self.most}",
                "line": None,
            }
        for number, one in enumerate(lines, 1):
            if set(one) != {"custom_id", "method", "url", "body"} or not 0 < len(one["custom_id"]) <= 64:
                yield {"code": "invalid_request", "message": "wrong keys", "line": number}
            elif one["custom_id"] in seen:
                yield {"code": "duplicate_custom_id", "message": "this custom_id is there already", "line": number}
            elif (one["method"], one["url"]) != ("POST", "/v1/chat/completions"):
                yield {"code": "invalid_url", "message": "not the endpoint of the batch", "line": number}
            elif one["body"]["model"] != lines[0]["body"]["model"] or one["body"].get("stream"):
                yield {"code": "mismatched_model", "message": "one model a batch", "line": number}
            seen.add(one["custom_id"])
        if fault := self.judge(lines):
            yield fault

    def _complete(self, batch: Batch, lines: list[Body]) -> None:
        good, bad = [], []
        for one in lines:
            name = one["custom_id"]
            made: Body = {"id": f"batch_req_{name[:6]}", "custom_id": name, "response": None, "error": None}
            if self.expires(name):
                batch.status = "expired"
                bad.append(made | {"error": {"code": "batch_expired", "message": "not executed in time"}})
                continue
            status, body = self.answers(one["body"])
            made["response"] = {"status_code": status, "request_id": "req", "body": body}
            (good if status == 200 else bad).append(made)
            self.paid[name] += status == 200
        for some in (good, bad):
            random.Random(1).shuffle(some)
        batch.output = self._kept(good) if good else None
        batch.bad = self._kept(bad) if bad else None

    def _kept(self, lines: list[Body]) -> str:
        name = f"file-{len(self.files)}"
        self.files[name] = ("batch_output", "".join(f"{json.dumps(one)}\n" for one in lines).encode())
        return name


@contextmanager
def running(server: BatchServer) -> Iterator[BatchServer]:
    """The server on a free loopback port while the context lasts."""

    def answer(request: Request) -> Answer:
        try:
            return Answer(
                server.serve(request.method, request.path, request.headers.get("content-type", ""), request.data)
            )
        except Refused as refused:
            server.refused.append(str(refused))
            _, body = error(refused.status, str(refused), refused.code)
            headers = {name.replace("_", "-"): value for name, value in refused.headers.items()}
            return Answer(json.dumps(body).encode(), refused.status, headers=headers)

    with serving(answer) as server.base_url:
        yield server
