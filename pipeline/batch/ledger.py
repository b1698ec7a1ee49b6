"""What was asked of a model and what came of each template go in, and come out again in any later run: SQLite, WAL.

Each call and each result is one transaction: a run that is killed loses only what was in flight. A call, which was paid
for, and a change are on disk before the run goes on, so that not even a power cut loses them; one may lose what changes
nothing, which the next run makes again for nothing. Several processes and threads may use one ledger. It lies in
`.tactful/` of the project and holds the texts of its templates, so the folder is its owner's alone and git leaves it
out.
"""

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipeline.batch import rows
from pipeline.batch.nouns import KNOWN, Decision, Message, Outcome, Place, Result, Used
from pipeline.batch.rows import Attempt, Placed, Question, Sent
from pipeline.errors import LedgerError

FOLDER, NAME = ".tactful", "ledger.db"
PAUSE = 0.02
"""Seconds between two tries to begin a ledger that another process begins as well."""
PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""


class Ledger:
    """An open ledger; use it as a context. Every method may be called from any thread, and raises LedgerError."""

    def __init__(self, home: Path) -> None:
        """Open the ledger of a project's folder, or begin one."""
        self.home = home.resolve()
        self.path = self.home / FOLDER / NAME
        self._lock = threading.Lock()
        with self._told():
            _make_room(self.path.parent)
            self._db = sqlite3.connect(self.path, PATIENCE, isolation_level=None, check_same_thread=False)
            _prepare(self._db, self.path)

    def __enter__(self) -> "Ledger":
        """The ledger itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it; what was written is on disk already."""
        with self._lock:
            self._db.close()

    # ── Results ──

    def result(self, key: str) -> Result | None:
        """What is known of a key, if it is settled: what failed is tried again."""
        with self._told(), self._lock:
            row = self._db.execute(f"SELECT {rows.RESULT} FROM result WHERE key = ?", (key,)).fetchone()
        found = rows.result(row) if row else None
        return found if found and found.outcome in KNOWN else None

    def keep(self, result: Result, place: Place, also: Result | None = None, calls: Sequence[Attempt] = ()) -> None:
        """Keep what came of a template; `also` is what is known by that of its new text, which needs no run of its own.

        `calls` are kept with it, where they were not kept as they ended. Answers that led to a failure are not given
        again: the next run asks anew.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._writing(sure=also is not None or bool(calls)) as db:
            db.executemany(rows.PUT_ATTEMPT, (rows.of_attempt(one, now) for one in calls))
            db.execute(rows.PUT_RESULT, rows.of_result(result, now))
            if also:
                db.execute(rows.PUT_IF_NEW, rows.of_result(also, now))
            db.execute(rows.PUT_PLACE, (place.path, place.id, result.key))
            if result.outcome is Outcome.FAILED:
                db.execute("UPDATE attempt SET again = 0 WHERE key = ? AND fault != ''", (result.key,))

    def see(self, place: Place, key: str) -> None:
        """Remember which key stands at a place now, where that has changed."""
        with self._told(), self._lock:
            row = self._db.execute("SELECT key FROM place WHERE path = ? AND id = ?", (place.path, place.id)).fetchone()
        if row is None or row[0] != key:
            with self._writing(sure=False) as db:
                db.execute(rows.PUT_PLACE, (place.path, place.id, key))

    def results(self, outcome: str = "", path: str = "") -> Iterator[Placed]:
        """Every place with what came of it, in the order of paths; `path` is a pattern with * and ?, "" takes all."""
        sql = rows.SELECT_PLACES
        with self._told(), self._lock:
            found = self._db.execute(sql, {"outcome": outcome, "path": path or "*"}).fetchall()
        return map(rows.placed, found)

    def at(self, place: Place) -> Placed | None:
        """What came of the template at a place."""
        with self._told(), self._lock:
            row = self._db.execute(rows.SELECT_PLACE, (place.path, place.id)).fetchone()
        return rows.placed(row) if row else None

    # ── Decisions ──

    def decide(self, decision: Decision) -> None:
        """Keep a decision; a later one on the same key replaces it."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._writing() as db:
            db.execute(rows.PUT_DECISION, rows.of_decision(decision, now))

    def decision(self, key: str) -> Decision | None:
        """What was decided on a key."""
        with self._told(), self._lock:
            row = self._db.execute(rows.SELECT_DECISION, (key,)).fetchone()
        return rows.decision(row) if row else None

    def accepted(self, message: Message) -> bool:
        """Whether somebody read this very message and accepted it: it is not rewritten again."""
        with self._told(), self._lock:
            return bool(self._db.execute(rows.SELECT_OWN, (message.text, message.subject)).fetchone())

    # ── Calls ──

    def answer(self, prompt: str) -> Attempt | None:
        """What a model once answered to a question, by the question's digest."""
        with self._told(), self._lock:
            row = self._db.execute(rows.SELECT_ANSWER, (prompt,)).fetchone()
        return rows.attempt(row) if row else None

    def calls(self, key: str, place: Place) -> list[Attempt]:
        """Calls whose answers work on a key may need again: its own, and those of the key last seen at its place."""
        with self._told(), self._lock:
            found = self._db.execute(rows.SELECT_CALLS, (key, place.path, place.id)).fetchall()
        return [rows.attempt(row) for row in found]

    def attempted(self, attempt: Attempt) -> None:
        """Keep a call that has ended, with its answer."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._writing() as db:
            db.execute(rows.PUT_ATTEMPT, rows.of_attempt(attempt, now))

    def past(self, way: str, model: str) -> tuple[int, Used]:
        """How many templates this model was to improve, and what it was paid for all of them together."""
        with self._told(), self._lock:
            row = self._db.execute(rows.SELECT_PAST, {"model": model, "way": way}).fetchone()
        return row[0], Used(*(value or 0 for value in row[1:]))

    # ── Batches at a provider ──

    def batches(self, model: str, base_url: str) -> list[Sent]:
        """What went to a model's provider and is not collected yet, the oldest first."""
        with self._told(), self._lock:
            return list(map(rows.sent, self._db.execute(rows.SELECT_BATCHES, (model, base_url)).fetchall()))

    def questions(self, name: str) -> list[Question]:
        """The questions of a batch."""
        with self._told(), self._lock:
            return [Question(*row) for row in self._db.execute(rows.SELECT_QUESTIONS, (name,)).fetchall()]

    def under_way(self, prompt: str) -> bool:
        """Whether a question, by its digest, is in a batch."""
        with self._told(), self._lock:
            return bool(self._db.execute("SELECT 1 FROM question WHERE prompt = ?", (prompt,)).fetchone())

    def send(self, one: Sent, model: str, base_url: str, questions: Iterable[Question]) -> None:
        """Keep what is about to be sent, before it is."""
        with self._writing() as db:
            used = (one.expected.tokens_in, one.expected.tokens_out)
            db.execute(rows.PUT_BATCH, (one.name, model, base_url, *used, one.at))
            db.executemany(rows.PUT_QUESTION, ((one.name, *rows.of_question(question)) for question in questions))

    def created(self, name: str, number: str) -> None:
        """Keep the provider's id of a batch."""
        with self._writing() as db:
            db.execute("UPDATE batch SET id = ? WHERE name = ?", (number, name))

    def collected(self, name: str, attempts: Sequence[Attempt] = ()) -> bool:
        """Keep the answers of a batch, which is over, all of them or none; False where another run has done so."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._writing() as db:
            if not db.execute("DELETE FROM batch WHERE name = ?", (name,)).rowcount:
                return False
            db.execute("DELETE FROM question WHERE batch = ?", (name,))
            db.executemany(rows.PUT_ATTEMPT, (rows.of_attempt(one, now) for one in attempts))
        return True

    @contextmanager
    def _writing(self, *, sure: bool = True) -> Iterator[sqlite3.Connection]:
        """A transaction; `sure` waits until it, and all before it, are on disk."""
        with self._told(), self._lock:
            self._db.execute(f"PRAGMA synchronous = {'FULL' if sure else 'NORMAL'}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Every fault of the file as one line with its remedy."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(f"{self.path}: {error}: {_remedy(str(error))}") from error


def _remedy(fault: str) -> str:
    if "full" in fault or "No space" in fault:
        return "make room on the disk and run again: finished work is kept"
    if "not a database" in fault or "malformed" in fault:
        return "it is damaged: move the file away, and the next run begins a new one"
    if "locked" in fault:
        return "another run has held it for too long: wait for that run, or end it"
    return "the project's folder must be one that you may write"


def _make_room(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", "utf-8")


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    """Make a new file ours; leave one of a newer program alone."""
    until = time.monotonic() + PATIENCE
    while True:  # two processes that begin a ledger at once: SQLite does not wait by itself where it changes the mode
        try:
            db.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(PAUSE)
    (schema,) = db.execute("PRAGMA user_version").fetchone()
    if schema > rows.SCHEMA:
        raise LedgerError(
            f"{path}: written by a newer tactful (schema {schema}): install that version, or move it away"
        )
    if schema == rows.SCHEMA:
        return
    db.execute("BEGIN IMMEDIATE")
    for statement in rows.TABLES:
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {rows.SCHEMA}")
    db.execute("COMMIT")
