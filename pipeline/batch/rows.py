"""The tables of the ledger, and how its nouns become rows and come back. SQL stands here and nowhere else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.batch.nouns import Decision, Message, Outcome, Place, Result, Used
from pipeline.domain import Reply

SCHEMA = 3
"""Number of the tables' form; a program reads its own number and lower ones, which it adds what is new to."""

TABLES = (
    """CREATE TABLE IF NOT EXISTS result (
        key TEXT PRIMARY KEY, outcome TEXT NOT NULL, kind TEXT NOT NULL, purpose TEXT NOT NULL,
        text_before TEXT NOT NULL, subject_before TEXT NOT NULL, text TEXT NOT NULL, subject TEXT NOT NULL,
        score_before INTEGER NOT NULL, score_after INTEGER NOT NULL,
        findings_before TEXT NOT NULL, findings_after TEXT NOT NULL, clean INTEGER NOT NULL, rules TEXT NOT NULL,
        model TEXT NOT NULL, way TEXT NOT NULL, calls INTEGER NOT NULL, tokens_in INTEGER NOT NULL,
        tokens_out INTEGER NOT NULL, seconds REAL NOT NULL, error TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS place (
        path TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (path, id)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS attempt (
        number INTEGER PRIMARY KEY, key TEXT NOT NULL, prompt TEXT NOT NULL, rules TEXT NOT NULL, way TEXT NOT NULL,
        answer TEXT NOT NULL, model TEXT NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL,
        seconds REAL NOT NULL, fault TEXT NOT NULL, again INTEGER NOT NULL DEFAULT 1, at TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS decision (
        key TEXT PRIMARY KEY, accepted INTEGER NOT NULL, text TEXT NOT NULL, subject TEXT NOT NULL,
        at TEXT NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS batch (
        name TEXT PRIMARY KEY, id TEXT NOT NULL DEFAULT '', model TEXT NOT NULL, base_url TEXT NOT NULL,
        tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, at TEXT NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS question (
        batch TEXT NOT NULL, key TEXT NOT NULL, prompt TEXT NOT NULL, rules TEXT NOT NULL, way TEXT NOT NULL,
        PRIMARY KEY (batch, prompt)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS question_prompt ON question (prompt)",
    "CREATE INDEX IF NOT EXISTS decision_text ON decision (text)",
    "CREATE INDEX IF NOT EXISTS attempt_prompt ON attempt (prompt)",
    "CREATE INDEX IF NOT EXISTS attempt_key ON attempt (key)",
)

_COLUMNS = (
    "key outcome kind purpose text_before subject_before text subject score_before score_after findings_before "
    "findings_after clean rules model way calls tokens_in tokens_out seconds error at"
).split()
RESULT = ", ".join(_COLUMNS)
"""The columns of a result, as `result` reads them."""
PUT_RESULT = f"INSERT OR REPLACE INTO result ({RESULT}) VALUES ({', '.join('?' * len(_COLUMNS))})"
PUT_IF_NEW = PUT_RESULT.replace("REPLACE", "IGNORE", 1)
PUT_PLACE = "INSERT OR REPLACE INTO place (path, id, key) VALUES (?, ?, ?)"
_PLACED = (
    f"SELECT place.path, place.id, {', '.join(f'result.{one}' for one in _COLUMNS)}, "
    "decision.key, decision.accepted, decision.text, decision.subject, decision.at "
    "FROM place JOIN result USING (key) LEFT JOIN decision USING (key) "
)
SELECT_PLACES = (
    _PLACED + "WHERE (:outcome = '' OR outcome = :outcome) AND path GLOB :path ORDER BY place.path, place.id"
)
SELECT_PLACE = _PLACED + "WHERE place.path = ? AND place.id = ?"
PUT_DECISION = "INSERT OR REPLACE INTO decision (key, accepted, text, subject, at) VALUES (?, ?, ?, ?, ?)"
SELECT_DECISION = "SELECT key, accepted, text, subject, at FROM decision WHERE key = ?"
SELECT_OWN = "SELECT 1 FROM decision WHERE text = ? AND subject = ? AND accepted"
PUT_ATTEMPT = (
    "INSERT INTO attempt (key, prompt, rules, way, answer, model, tokens_in, tokens_out, seconds, fault, at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SELECT_ANSWER = (
    "SELECT key, prompt, rules, way, answer, model, tokens_in, tokens_out, seconds, fault FROM attempt "
    "WHERE prompt = ? AND again ORDER BY number DESC LIMIT 1"
)
PUT_BATCH = "INSERT INTO batch (name, model, base_url, tokens_in, tokens_out, at) VALUES (?, ?, ?, ?, ?, ?)"
PUT_QUESTION = "INSERT INTO question (batch, key, prompt, rules, way) VALUES (?, ?, ?, ?, ?)"
SELECT_BATCHES = (
    "SELECT name, id, at, (SELECT count(*) FROM question WHERE batch = name), tokens_in, tokens_out FROM batch "
    "WHERE model = ? AND base_url = ? ORDER BY at"
)
SELECT_QUESTIONS = "SELECT key, prompt, rules, way FROM question WHERE batch = ?"
SELECT_CALLS = (
    "SELECT key, prompt, rules, way, answer, model, tokens_in, tokens_out, seconds, fault FROM attempt "
    "WHERE again AND key IN (?, (SELECT key FROM place WHERE path = ? AND id = ?)) ORDER BY number"
)
SELECT_PAST = (
    "SELECT (SELECT count(*) FROM result WHERE model = :model AND way = :way AND outcome != 'failed'), "
    "count(*), sum(tokens_in), sum(tokens_out), sum(seconds) FROM attempt WHERE model = :model AND way = :way"
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a model: for which key, the digest of the prompt, under which rules, and in which way."""

    key: str
    prompt: str
    rules: str
    way: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to a model that has ended: the question and its answer.

    `fault` is "" for an answer, else what the call came to instead.
    """

    question: Question
    reply: Reply
    fault: str = ""

    @property
    def paid(self) -> Used:
        """What it took."""
        return Used(1, self.reply.tokens_in, self.reply.tokens_out, self.reply.seconds)


@dataclass(frozen=True, slots=True)
class Sent:
    """Questions that went to a provider as one batch, and are not collected yet.

    `name` is ours, and stands in the batch itself; `id` the provider's, "" where we do not know whether it was created.
    `expected` is the most that its answers should take.
    """

    name: str
    id: str
    at: str
    expected: Used


class Placed(NamedTuple):
    """What came of the template at a place, and what was decided on it."""

    place: Place
    result: Result
    decision: Decision | None


def of_attempt(one: Attempt, now: str) -> tuple[object, ...]:
    """A call as the values of PUT_ATTEMPT."""
    reply = one.reply
    answered = (reply.text, reply.model, reply.tokens_in, reply.tokens_out, reply.seconds)
    return (*of_question(one.question), *answered, one.fault, now)


def of_question(one: Question) -> tuple[str, ...]:
    """A question as its columns."""
    return (one.key, one.prompt, one.rules, one.way)


def sent(row: Sequence[Any]) -> Sent:
    """A row of SELECT_BATCHES."""
    name, number, at, *expected = row
    return Sent(name, number, at, Used(*expected))


def of_decision(one: Decision, now: str) -> tuple[object, ...]:
    """A decision as the values of PUT_DECISION."""
    return (one.key, one.accepted, one.after.text, one.after.subject, now)


def decision(row: Sequence[Any]) -> Decision | None:
    """A row of SELECT_DECISION as a decision; None where its columns are empty."""
    key, accepted, text, subject, at = row
    return None if key is None else Decision(key, bool(accepted), Message(text, subject), at)


def placed(row: Sequence[Any]) -> Placed:
    """A row of SELECT_PLACES or SELECT_PLACE."""
    path, name, *rest = row
    return Placed(Place(path, name), result(rest[: len(_COLUMNS)]), decision(rest[len(_COLUMNS) :]))


def attempt(row: Sequence[Any]) -> Attempt:
    """A row of SELECT_ANSWER as a call."""
    key, prompt, rules, way, *reply, fault = row
    return Attempt(Question(key, prompt, rules, way), Reply(*reply), fault)


def of_result(one: Result, now: str) -> tuple[object, ...]:
    """A result as the values of PUT_RESULT."""
    messages = (one.before.text, one.before.subject, one.after.text, one.after.subject)
    found = (json.dumps(one.found), json.dumps(one.left), one.clean, one.rules)
    used = (one.used.calls, one.used.tokens_in, one.used.tokens_out, one.used.seconds)
    head = (one.key, one.outcome.value, one.kind, one.purpose)
    return (*head, *messages, one.score_before, one.score_after, *found, one.model, one.way, *used, one.error, now)


def result(row: Sequence[Any]) -> Result:
    """A row of the columns RESULT as a result."""
    one = dict(zip(_COLUMNS, row, strict=True))
    return Result(
        key=one["key"],
        outcome=Outcome(one["outcome"]),
        kind=one["kind"],
        purpose=one["purpose"],
        before=Message(one["text_before"], one["subject_before"]),
        after=Message(one["text"], one["subject"]),
        score_before=one["score_before"],
        score_after=one["score_after"],
        found=tuple(json.loads(one["findings_before"])),
        left=tuple(json.loads(one["findings_after"])),
        clean=bool(one["clean"]),
        rules=one["rules"],
        model=one["model"],
        way=one["way"],
        used=Used(one["calls"], one["tokens_in"], one["tokens_out"], one["seconds"]),
        error=one["error"],
        at=one["at"],
    )
