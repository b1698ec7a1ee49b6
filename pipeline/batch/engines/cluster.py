"""The engine of many computers: jobs go out in parcels to workers without a ledger, results come back and are kept.

The ledger and its claims stay in this process. What it knows is not sent; a key that occurs several times is sent once.
A worker is told the calls that were paid for a template before, and hands back those that it made.
"""

import pickle
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from pipeline import __version__
from pipeline.batch import keys
from pipeline.batch.asking import Door, Meter, NoModel
from pipeline.batch.claims import PAUSE
from pipeline.batch.drafting import spot
from pipeline.batch.keys import Recipe
from pipeline.batch.nouns import Outcome, Result, Row, Task
from pipeline.batch.rows import Attempt
from pipeline.batch.work import Bench, Hand, Job, Made
from pipeline.desk import Desk
from pipeline.domain import Ask
from pipeline.errors import EngineError, PipelineError

PARCEL = 4
"""Jobs that a worker takes at once, and does again if it is killed."""
AHEAD = 3
"""Parcels under way for each worker: one that is done finds the next one at hand."""
TRIES = 4
"""Workers that may die of a parcel, before the run ends and names it."""

Told: TypeAlias = tuple[Job, list[Attempt]]
"""A job, and the calls that were paid for it before."""
Done: TypeAlias = tuple[str, Made, list[Attempt]]
"""The key of a job, what was made of it, and the calls that this took; a job without a result was not begun."""


class Pool(Protocol):
    """Workers somewhere: parcels go in, and come out when they are done, in any order. EngineError: they are lost."""

    def give(self, parcel: bytes) -> None:
        """Send a parcel to the next free worker."""

    def take(self) -> bytes:
        """Wait for the next parcel that is done."""

    def close(self) -> None:
        """End the workers; what is under way is lost."""


# ── The driver's side ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Cluster:
    """An Engine of `jobs` workers, begun when the first template needs one."""

    bench: Bench
    begin: Callable[[], Pool]
    jobs: int

    def __call__(self, tasks: Iterator[Task]) -> Iterator[Row]:
        """The rows of the tasks."""
        desk = _Counter(self.bench, self.begin)
        waiting: deque[Job | Row] = deque()
        try:
            for task in tasks:
                waiting.append(desk.look(task))
                while waiting and (len(waiting) > self.jobs * PARCEL * AHEAD or isinstance(waiting[0], Row)):
                    yield desk.row(waiting.popleft())
            while waiting:
                yield desk.row(waiting.popleft())
        finally:
            desk.close()


@dataclass(slots=True)
class _Counter:
    """Where jobs are handed out and results are kept: `here` waits to be sent, `out` is claimed and under way.

    `rows` are made and not yet taken. `failed` came to nothing: where their key occurs again, it is not tried again.
    """

    bench: Bench
    begin: Callable[[], Pool]
    pool: Pool | None = None
    here: list[Job] = field(default_factory=list)
    out: dict[str, Job] = field(default_factory=dict)
    sent: int = 0
    rows: dict[str, Row] = field(default_factory=dict)
    failed: dict[str, Result] = field(default_factory=dict)

    def look(self, task: Task) -> Job | Row:
        """A task's row, or its job, which is sent soon if nobody works on its key."""
        job = self.bench.look(task)
        if isinstance(job, Job):
            self._offer(job)
        return job

    def row(self, job: Job | Row) -> Row:
        """The row of a job, waited for."""
        while isinstance(job, Job):
            job = self._settled(job) or job
        return job

    def _settled(self, job: Job) -> Row | None:
        """The row of a job; None where something was done that brings it nearer."""
        if job.key in self.rows:
            return self.rows.pop(job.key)
        if job.key in self.failed:
            return Row(job.task, self.failed[job.key])
        if job.key not in self.out:
            known = self.bench.known(job)
            if known or self._offer(job):
                return known
        if self.out:
            self._take(job.key)
        else:  # another run works on it, and waits for nothing of ours
            time.sleep(PAUSE)
        return None

    def _offer(self, job: Job) -> bool:
        """Claim a job and lay it out to be sent; False where its key is under way, here or in another run."""
        if job.key in self.out or job.key in self.rows or job.key in self.failed:
            return False
        if not self.bench.claims.taken(job.key):
            return False
        if self.bench.ledger.result(job.key):
            self.bench.claims.let_go(job.key)
            return False
        self.out[job.key] = job
        self.here.append(job)
        if len(self.here) == PARCEL:
            self._send()
        return True

    def _send(self) -> None:
        self._opened().give(pickle.dumps([(job, self.bench.ledger.calls(job.key, job.place)) for job in self.here]))
        self.here.clear()
        self.sent += 1

    def _take(self, wanted: str) -> None:
        """Keep what the next parcel brings."""
        if self.here and (not self.sent or any(job.key == wanted for job in self.here)):
            self._send()
        done: list[Done] | PipelineError = pickle.loads(self._opened().take())
        if isinstance(done, PipelineError):
            raise done
        self.sent -= 1
        for key, made, calls in done:
            job = self.out[key]
            self.rows[key] = row = self.bench.kept(job, made, calls)
            for call in calls:
                self.bench.meter.count(call.paid)
            if row.result and row.outcome is Outcome.FAILED:
                self.failed[key] = row.result
                self.bench.meter.failed()
            self.bench.claims.let_go(key)
            del self.out[key]

    def _opened(self) -> Pool:
        self.pool = self.pool or self.begin()
        return self.pool

    def close(self) -> None:
        """Let go of everything."""
        if self.pool:
            self.pool.close()
        for key in self.out:
            self.bench.claims.let_go(key)


# ── The worker's side ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Notes:
    """What stands for the ledger while a worker is at one job: the calls that it was told of, and those it made."""

    known: dict[str, Attempt]
    made: list[Attempt] = field(default_factory=list)

    def answer(self, prompt: str) -> Attempt | None:
        """What the model once answered to a question, by the question's digest."""
        return self.known.get(prompt)

    def attempted(self, attempt: Attempt) -> None:
        """Keep a call that has ended."""
        self.known[attempt.question.prompt] = attempt
        self.made.append(attempt)


@dataclass(frozen=True, slots=True)
class Errand:
    """All that a worker on another computer needs besides parcels; `version` of the program that sends it."""

    desk: Desk
    recipe: Recipe
    version: str = __version__

    @property
    def fault(self) -> str:
        """Why this computer would come to other results than the sender's; "" where it does not."""
        own = keys.recipe(self.recipe.book, self.recipe.model, self.recipe.walk)
        if (own.fixed, __version__) == (self.recipe.fixed, self.version):
            return ""
        return (
            f"{socket.gethostname()} has another tactful than this computer, or another file of the model: "
            "install the same on every computer of the cluster"
        )


class Worker:
    """One of the workers; its model is opened for the first template that needs one, and then stays open."""

    def __init__(self, errand: Errand, stopped: Callable[[], bool]) -> None:
        """`stopped`: whether the run begins nothing more."""
        self.errand, self.stopped, self.fault = errand, stopped, errand.fault
        self.door = Door(errand.recipe.model, self._opened, ExitStack())

    def __call__(self, parcel: bytes, tries: int) -> bytes:
        """A parcel of jobs, done, or the PipelineError that ends the run; `tries` is 1 where no worker died of it."""
        told: list[Told] = pickle.loads(parcel)
        if self.fault or tries > TRIES:
            names = ", ".join(spot(job.task.path, job.task.template) for job, _ in told)
            killed = f"{TRIES} workers died of one of these: {names}: give a worker more memory, or leave them out"
            return pickle.dumps(EngineError(f"--engine ray: {self.fault or killed}"))
        try:
            return pickle.dumps([self._done(job, calls) for job, calls in told])
        except NoModel as error:
            return pickle.dumps(error.error)

    def _done(self, job: Job, calls: Iterable[Attempt]) -> Done:
        notes = Notes({call.question.prompt: call for call in calls})
        hand = Hand(self.errand.desk, self.errand.recipe, notes, Meter(), self.door)
        return job.key, Made() if self.stopped() else hand.make(job), notes.made

    def _opened(self, stack: ExitStack) -> Ask:
        from pipeline.models.client import open_model

        model = self.errand.recipe.model
        return stack.enter_context(open_model(model, way=model.way, threads=1))
