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
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipeline.batch import rows
from pipeline.batch.nouns import KNOWN, Outcome, Place, Result, Used
from pipeline.batch.rows import Attempt
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

    def keep(self, result: Result, place: Place, also: Result | None = None) -> None:
        """Keep what came of a template; `also` is what is known by that of its new text, which needs no run of its own.

        Answers that led to a failure are not given again: the next run asks anew.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._writing(sure=also is not None) as db:
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

    def results(self, outcome: str = "", path: str = "") -> Iterator[tuple[Place, Result]]:
        """Every place with what came of it, in the order of paths; `path` is a pattern with * and ?, "" takes all."""
        sql = rows.SELECT_PLACES
        with self._told(), self._lock:
            found = self._db.execute(sql, {"outcome": outcome, "path": path or "*"}).fetchall()
        return ((Place(row[0], row[1]), rows.result(row[2:])) for row in found)

    # ── Calls ──

    def answer(self, prompt: str) -> Attempt | None:
        """What a model once answered to a question, by the question's digest."""
        with self._told(), self._lock:
            row = self._db.execute(rows.SELECT_ANSWER, (prompt,)).fetchone()
        return rows.attempt(row) if row else None

    def attempted(self, attempt: Attempt) -> None:
        """Keep a call that has ended, with its answer."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._writing(sure=True) as db:
            db.execute(rows.PUT_ATTEMPT, rows.of_attempt(attempt, now))

    def past(self, way: str, model: str) -> tuple[int, Used]:
        """How many templates this model was to improve, and what it was paid for all of them together."""
        with self._told(), self._lock:
            row = self._db.execute(rows.SELECT_PAST, {"model": model, "way": way}).fetchone()
        return row[0], Used(*(value or 0 for value in row[1:]))

    @contextmanager
    def _writing(self, *, sure: bool) -> Iterator[sqlite3.Connection]:
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
