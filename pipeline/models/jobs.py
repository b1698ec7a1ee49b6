"""Questions for a server's Batch API come in; files and batches go out to it, and the answers come back.

What the guide at developers.openai.com/api/docs/guides/batch asks for (November 2026): a file of JSON lines, at most
50,000 requests and 200 MB, each with an id of its own, all to one endpoint and model. Answers come in any order, in an
output file and a file of errors, within 24 hours; what is not answered by then has expired and costs nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from pipeline.domain import Prompt, Reply
from pipeline.errors import EmptyReply, ModelError, ModelRefused, ModelUnavailable
from pipeline.models import chat
from pipeline.models.catalogue import Model
from pipeline.models.client import first
from pipeline.models.connection import AGAIN, Connection, connect, endpoint_of
from pipeline.models.faults import line, place
from pipeline.models.pace import Pace, silent

ENDPOINT = "/v1/chat/completions"
MARK = "tactful"
"""The key of a batch's metadata under which our name for it stands."""
PAGE = 100
"""Batches that are listed at a time: the most that a server takes."""
SKEW = 3600
"""Seconds that a server's clock may be behind ours."""
OVER = frozenset({"completed", "failed", "expired", "cancelled"})
"""States that a batch does not leave."""


class Fault(msgspec.Struct):
    """What a server says of a fault."""

    code: str | None = None
    message: str | None = None


class _Faults(msgspec.Struct):
    data: list[Fault] | None = None


class _Counts(msgspec.Struct):
    total: int = 0
    completed: int = 0
    failed: int = 0


class Job(msgspec.Struct):
    """As much of a batch as we read."""

    id: str
    status: str
    created_at: float = 0
    metadata: dict[str, str] | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    errors: _Faults | None = None
    request_counts: _Counts | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self.status in OVER

    @property
    def done(self) -> int:
        """Requests that have ended."""
        counts = self.request_counts or _Counts()
        return counts.completed + counts.failed

    @property
    def fault(self) -> Fault | None:
        """Why it was refused as a whole."""
        return next(iter((self.errors.data if self.errors else None) or []), None)


class _Jobs(msgspec.Struct):
    data: list[Job] = []
    has_more: bool = False


class _File(msgspec.Struct):
    id: str


class _Response(msgspec.Struct):
    status_code: int = 0
    body: msgspec.Raw = msgspec.Raw(b"{}")


class _Line(msgspec.Struct):
    custom_id: str
    response: _Response | None = None
    error: Fault | None = None


class _Refusal(msgspec.Struct):
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one request: a reply, or what it came to instead; `again`: it may be answered another time."""

    id: str
    reply: Reply
    error: ModelError | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Jobs:
    """The Batch API of a model's server; `name` is the model's name there. What goes wrong is a ModelError."""

    connection: Connection
    name: str

    def line(self, key: str, prompt: Prompt) -> bytes:
        """A question as a line of the file."""
        body = chat.body(self.connection.model, self.name, prompt)
        return msgspec.json.encode({"custom_id": key, "method": "POST", "url": ENDPOINT, "body": body}) + b"\n"

    def upload(self, lines: Iterable[bytes]) -> str:
        """The id of a file with these questions. It costs nothing, and the server forgets it by itself."""
        content, _ = self.connection.request("/files", {"purpose": "batch"}, file=b"".join(lines))
        return self.connection.read(content, _File).id

    def create(self, file: str, mark: str) -> Job:
        """Begin a batch; not sent again, for a request whose answer was lost may have begun it: see `find`."""
        wish = {"input_file_id": file, "endpoint": ENDPOINT, "completion_window": "24h", "metadata": {MARK: mark}}
        content, _ = self.connection.request("/batches", wish, once=True)
        return self.connection.read(content, Job)

    def find(self, mark: str, since: float) -> Job | None:
        """The batch with our mark that was begun at that time (seconds of the epoch) or later.

        Where a request that seemed lost has begun a second one, that is cancelled.
        """
        found = [job for job in self._listed(since) if (job.metadata or {}).get(MARK) == mark]
        for one in found[:-1]:
            if not one.over:
                self.connection.request(f"/batches/{one.id}/cancel", {})
        return found[-1] if found else None

    def job(self, number: str) -> Job:
        """How a batch stands."""
        return self.connection.send(f"/batches/{number}", Job)

    def answers(self, job: Job) -> Iterator[Answered]:
        """What came of the requests of a batch that is over, as far as it came to anything."""
        for file in filter(None, (job.output_file_id, job.error_file_id)):
            content, _ = self.connection.request(f"/files/{file}/content")
            for one in filter(bytes.strip, content.split(b"\n")):
                yield self._answered(self.connection.read(one, _Line))

    def _listed(self, since: float) -> Iterator[Job]:
        """The server's batches, the latest first."""
        after = ""
        while True:
            page = self.connection.send(f"/batches?limit={PAGE}{after}", _Jobs)
            yield from (job for job in page.data if job.created_at >= since - SKEW)
            if not page.has_more or not page.data or page.data[-1].created_at < since - SKEW:
                return
            after = f"&after={page.data[-1].id}"

    def _answered(self, one: _Line) -> Answered:
        model, status = self.connection.model, one.response.status_code if one.response else 0
        content = one.response.body if one.response else msgspec.Raw(b"{}")
        if status == 200:
            answer = self.connection.read(bytes(content), chat.Answer)
            try:
                return Answered(one.custom_id, chat.reply(answer, model, self.name, answer.tokens_out))
            except (EmptyReply, ModelRefused) as error:
                reply = Reply(str(error), self.name, answer.tokens_in, answer.tokens_out)
                return Answered(one.custom_id, reply, error)
        fault = one.error or self.connection.read(bytes(content), _Refusal).error or Fault()
        said = line(fault.message or fault.code or "no reason given")
        if fault.code in {"content_filter", "content_policy_violation"}:
            refused = ModelRefused(f"{place(model)} declined: {said}")
            return Answered(one.custom_id, Reply(str(refused)), refused)
        unavailable = ModelUnavailable(f"{place(model)} did not answer in a batch ({status or fault.code}: {said})")
        return Answered(one.custom_id, Reply(""), unavailable, not 400 <= status < 500 or status in AGAIN)


@contextmanager
def open_jobs(model: Model, on_wait: Callable[[str], None] = silent) -> Iterator[Jobs]:
    """The Batch API of a server's model, with its key, proxy and headers; `on_wait` is that of its pace."""
    pace = Pace(model.requests_per_minute, on_wait=on_wait)
    with connect(model, endpoint_of(model), pace) as connection:
        yield Jobs(connection, model.id or first(connection))
