"""Questions that nobody has answered come in; they go out as batches, and their answers come into the ledger.

A run may be killed at any moment, and the next one pays for nothing again:

- Before anything is sent, the ledger holds our name for the batch and its questions. The name also stands in the batch.
- Killed before the batch was begun: the provider's list has no batch of that name, so its questions are asked anew.
- Killed while it was begun, or before its id was written down: the list has it, and its id is kept now.
- Killed while it was under way or its answers came: it is looked at again. Answers are kept in one transaction, all or
  none, which also takes the batch off; of two runs that collect it, one keeps them.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pipeline.batch.asking import FAULTS, Meter, Stopped
from pipeline.batch.claims import Claims
from pipeline.batch.keys import Recipe, digest
from pipeline.batch.ledger import Ledger
from pipeline.batch.nouns import Used
from pipeline.batch.rows import Attempt, Question, Sent
from pipeline.domain import Prompt, Reply
from pipeline.errors import ModelUnavailable
from pipeline.models.jobs import Job, Jobs
from pipeline.models.pace import estimate

REQUESTS, BYTES = 50_000, 100_000_000
"""The most that goes into one file: the guide allows so many requests, and twice the bytes; a file is in memory."""
SHARE = 0.5
"""Of the usual price: "50 % lower costs" (developers.openai.com/api/docs/guides/batch, November 2026)."""
TRIES = 3
"""Batches in which a question may go unanswered before its template fails."""
KEPT = 30 * 86400
"""Seconds after which a provider has deleted the files of a batch, so that it is given up."""
PAUSE, LONGEST, GROWTH = 1.0, 60.0, 1.5
"""Seconds between two looks at a batch: the first, the last, and by how much they grow."""
PATIENCE = 5
"""Looks in a row that may fail, each already tried again, before the run ends."""
QUEUE_FULL = "token_limit_exceeded"
"""What a provider says where a batch does not fit into the tokens that it keeps in its queue."""


@dataclass(slots=True)
class Post:
    """A Source that answers nothing at once: it notes the question, and `round` sends what was noted.

    `opened` opens the Batch API when it is needed. `tell` is told what goes out. `missed`: what each question came to
    in this run instead of an answer.
    """

    recipe: Recipe
    ledger: Ledger
    claims: Claims
    meter: Meter
    opened: Callable[[], Jobs]
    tell: Callable[[str], None]
    pause: float = PAUSE
    most: int = REQUESTS
    noted: dict[str, tuple[Question, Prompt]] = field(default_factory=dict)
    missed: dict[str, list[str]] = field(default_factory=dict)

    def __call__(self, question: Question, prompt: Prompt) -> Reply:
        """Note the question: its template waits."""
        missed = self.missed.get(question.prompt, [])
        if len(missed) >= TRIES:
            raise ModelUnavailable(missed[-1])
        self.noted[question.prompt] = question, prompt
        raise Stopped

    def round(self) -> None:
        """Send what was noted, and come back when a batch is over. Stopped: the run ends; what was sent goes on."""
        jobs = self.opened()
        with self.claims.held(digest([self._where, "post"])):
            self._settle(jobs)
            self._send_noted(jobs)
        self.noted.clear()
        self._await(jobs)

    @property
    def under_way(self) -> list[Sent]:
        """What is not collected yet."""
        return self.ledger.batches(*self._where)

    @property
    def _where(self) -> tuple[str, str]:
        return self.recipe.model.name, self.recipe.model.base_url

    # ── Out ──

    def _settle(self, jobs: Jobs) -> None:
        """Find out what became of batches of which a run that was killed knew no more."""
        for one in self.under_way:
            begun = datetime.fromisoformat(one.at).timestamp()
            if time.time() - begun > KEPT:
                self.ledger.collected(one.name)
            elif not one.id:
                self._known(one, jobs.find(one.name, begun))

    def _known(self, one: Sent, job: Job | None) -> None:
        if job:
            self.ledger.created(one.name, job.id)
        else:
            self.ledger.collected(one.name)

    def _send_noted(self, jobs: Jobs) -> None:
        new = [one for key, one in self.noted.items() if not (self.ledger.under_way(key) or self.ledger.answer(key))]
        some = list(self._affordable(new))
        if new and not some and not self.under_way:
            self.meter.stop("the budget may not last for the next question", close=True)
        for part in _parts(
            ((question, prompt, jobs.line(question.prompt, prompt)) for question, prompt in some), self.most
        ):
            self._send(jobs, part)
            if self.most < REQUESTS:
                return

    def _affordable(self, some: Iterable[tuple[Question, Prompt]]) -> Iterator[tuple[Question, Prompt]]:
        """As many questions as the budgets last for, if every answer is as long as it may be."""
        whole = sum((one.expected for one in self.under_way), Used())
        for question, prompt in some:
            whole += Used(1, *estimate(prompt))
            if not self.meter.affords(whole):
                return
            yield question, prompt

    def _send(self, jobs: Jobs, part: "list[tuple[Question, Prompt, bytes]]") -> None:
        """One batch, known to the ledger before it is sent, and as soon as it was."""
        at = datetime.now(UTC).isoformat()
        name = digest([*self._where, at, sorted(question.prompt for question, _, _ in part)])
        expected = sum((Used(1, *estimate(prompt)) for _, prompt, _ in part), Used())
        one = Sent(name, "", at, expected)
        self.ledger.send(one, *self._where, (question for question, _, _ in part))
        job = self._begun(jobs, one, jobs.upload(line for _, _, line in part))
        self.ledger.created(name, job.id)
        self.tell(
            f"{len(part):,} questions went out as {job.id}; Ctrl-C leaves them there, and the next run collects them"
        )

    def _begun(self, jobs: Jobs, one: Sent, file: str) -> Job:
        """A batch that is begun once: where an answer was lost, it is looked for before it is begun again."""
        tries = self.recipe.model.retries
        while True:
            try:
                return jobs.create(file, one.name)
            except ModelUnavailable:
                if not tries:
                    raise
            tries -= 1
            jobs.connection.pace.rest(self.pause)
            if found := jobs.find(one.name, datetime.fromisoformat(one.at).timestamp()):
                return found

    # ── Back ──

    def _await(self, jobs: Jobs) -> None:
        """Look at what is under way, less and less often, until something of it is over."""
        pause, misses = self.pause, 0
        while waiting := [one for one in self.under_way if one.id]:
            done = 0
            try:
                looked = [(one, jobs.job(one.id)) for one in waiting]
            except ModelUnavailable:
                misses += 1
                if misses > PATIENCE:
                    raise
            else:
                misses, done = 0, sum(job.done for _, job in looked)
                over = [pair for pair in looked if pair[1].over]
                for pair in over:
                    self._collect(jobs, *pair)
                if over:
                    return
            whole = sum(one.expected.calls for one in waiting)
            jobs.connection.pace.rest(pause, f"{done:,} of {whole:,} questions answered in batches")
            pause = min(pause * GROWTH, LONGEST)

    def _collect(self, jobs: Jobs, one: Sent, job: Job) -> None:
        """Keep the answers of a batch that is over; note what came to none."""
        questions = {question.prompt: question for question in self.ledger.questions(one.name)}
        attempts: list[Attempt] = []
        missed = Counter[str]()
        reasons: dict[str, str] = {}
        for answered in jobs.answers(job):
            question = questions.get(answered.id)
            fault = type(answered.error).__name__ if answered.error else ""
            if question and (not fault or fault in FAULTS):
                reply = replace(answered.reply, model=self.recipe.model.name)
                attempts.append(Attempt(question, reply, fault))
                del questions[answered.id]
            elif question:
                missed[answered.id], reasons[answered.id] = 1 if answered.again else TRIES, str(answered.error)
        if not self.ledger.collected(one.name, attempts):
            return
        for attempt in attempts:
            self.meter.count(attempt.paid)
        if job.fault and job.fault.code == QUEUE_FULL and len(questions) > 1:
            self.most = max(1, len(questions) // 2)
            return
        ended = f"model {self.recipe.model.name}: {job.id} {_ended(job)}"
        for key in questions:
            self.missed.setdefault(key, []).extend([reasons.get(key, ended)] * max(1, missed[key]))


def _ended(job: Job) -> str:
    """How a batch ended that left a question without an answer."""
    said = f" ({job.fault.message or job.fault.code})" if job.fault else ""
    return f"ended as {job.status}{said}, without an answer to this question"


def _parts(
    lines: Iterable[tuple[Question, Prompt, bytes]], most: int
) -> Iterator[list[tuple[Question, Prompt, bytes]]]:
    """What goes into one file each."""
    part: list[tuple[Question, Prompt, bytes]] = []
    size = 0
    for one in lines:
        if part and (len(part) == most or size + len(one[2]) > BYTES):
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one[2])
    if part:
        yield part
