"""The tables of the ledger, and how its nouns become rows and come back. SQL stands here and nowhere else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.batch.nouns import Message, Outcome, Result, Used
from pipeline.domain import Reply

SCHEMA = 1
"""Number of the tables' form; a program reads its own number and lower ones."""

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
SELECT_PLACES = (
    f"SELECT place.path, place.id, {', '.join(f'result.{one}' for one in _COLUMNS)} "
    "FROM place JOIN result USING (key) WHERE (:outcome = '' OR outcome = :outcome) AND path GLOB :path "
    "ORDER BY place.path, place.id"
)
PUT_ATTEMPT = (
    "INSERT INTO attempt (key, prompt, rules, way, answer, model, tokens_in, tokens_out, seconds, fault, at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SELECT_ANSWER = (
    "SELECT key, prompt, rules, way, answer, model, tokens_in, tokens_out, seconds, fault FROM attempt "
    "WHERE prompt = ? AND again ORDER BY number DESC LIMIT 1"
)
SELECT_CALLS = (
    "SELECT key, prompt, rules, way, answer, model, tokens_in, tokens_out, seconds, fault FROM attempt "
    "WHERE again AND key IN (?, (SELECT key FROM place WHERE path = ? AND id = ?)) ORDER BY number"
)
SELECT_PAST = (
    "SELECT (SELECT count(*) FROM result WHERE model = :model AND way = :way AND outcome != 'failed'), "
    "count(*), sum(tokens_in), sum(tokens_out), sum(seconds) FROM attempt WHERE model = :model AND way = :way"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to a model that has ended: for which key, with which question, under which rules, and its answer.

    `fault` is "" for an answer, else what the call came to instead.
    """

    key: str
    prompt: str
    rules: str
    way: str
    reply: Reply
    fault: str = ""


def of_attempt(one: Attempt, now: str) -> tuple[object, ...]:
    """A call as the values of PUT_ATTEMPT."""
    reply = one.reply
    answered = (reply.text, reply.model, reply.tokens_in, reply.tokens_out, reply.seconds)
    return (one.key, one.prompt, one.rules, one.way, *answered, one.fault, now)


def attempt(row: Sequence[Any]) -> Attempt:
    """A row of SELECT_ANSWER as a call."""
    key, prompt, rules, way, *reply, fault = row
    return Attempt(key, prompt, rules, way, Reply(*reply), fault)


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
