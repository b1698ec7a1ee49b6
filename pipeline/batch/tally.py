"""Rows and faults of a run come in; counts, the progress line, the summary and the exit status go out."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pipeline.batch.across import Note
from pipeline.batch.asking import Meter
from pipeline.batch.nouns import Outcome, Row
from pipeline.library import Fault


@dataclass(slots=True)
class Tally:
    """What a run has come to so far; `total` templates are expected, 0 where nobody counted."""

    meter: Meter
    total: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    faults: int = 0
    known: int = 0
    bad: int = 0
    notes: int = 0
    start: float = field(default_factory=time.monotonic)

    def take(self, row: Row | Fault) -> None:
        """Count a row or a fault."""
        if isinstance(row, Fault) or row.outcome is None:
            self.faults += 1
            return
        self.outcomes[row.outcome] += 1
        if row.result:
            self.known += not row.fresh
            self.bad += not row.result.good

    def note(self, note: Note) -> None:
        """Count a note on the library."""
        self.notes += 1
        self.bad += note.remains

    @property
    def done(self) -> int:
        """Templates that came to something."""
        return self.outcomes.total() - self.outcomes[Outcome.LEFT]

    @property
    def exit_code(self) -> int:
        """0 good, 1 something remains, 3 the model failed."""
        if self.outcomes[Outcome.FAILED]:
            return 3
        return 1 if self.bad or self.faults or self.outcomes[Outcome.LEFT] else 0

    def progress(self) -> str:
        """One short line: done, left, outcomes, tokens, tokens a second, money so far and to come, time left."""
        seconds, used = time.monotonic() - self.start, self.meter.used
        left = max(0, self.total - self.done - self.faults)
        fresh = self.done - self.known
        parts = [f"{self.done} done", f"{left} left"]
        parts += [f"{self.outcomes[one]} {one}" for one in (Outcome.IMPROVED, Outcome.REFUSED) if self.outcomes[one]]
        if used.calls:
            parts.append(f"{used.tokens:,} tokens ({used.tokens / max(seconds, 0.001):,.0f}/s)")
        if any(self.meter.price):
            whole = self.meter.spent * (1 + left / max(1, fresh))
            parts.append(f"${self.meter.spent:.2f} of about ${whole:.2f}")
        if fresh and left:
            parts.append(f"about {clock(left * seconds / fresh)} to go")
        return ", ".join(parts)

    def json(self, written: int) -> dict[str, Any]:
        """The summary as JSON values."""
        counts = {str(one): number for one, number in self.outcomes.items()}
        return {
            "outcomes": counts,
            "faults": self.faults,
            "notes": self.notes,
            "known": self.known,
            "written": written,
            **self.meter.used.json,
            "usd": round(self.meter.spent, 4) if any(self.meter.price) else None,
            "seconds": round(time.monotonic() - self.start, 3),
            "stopped": self.meter.why,
        }

    def lines(self, written: int, verb: str) -> list[str]:
        """The summary; so many files were written, or what the verb says."""
        seconds, used = time.monotonic() - self.start, self.meter.used
        noted = f"; {plural(self.notes, 'note')} on the library" if self.notes else ""
        counted = ", ".join(f"{self.outcomes[one]} {one}" for one in Outcome if self.outcomes[one]) or "none"
        money = f", {self.meter.spent:.4f} US dollars" if any(self.meter.price) else ""
        rate = f" ({used.tokens / max(seconds, 0.001):,.0f} a second)" if used.tokens else ""
        return [
            f"{plural(self.outcomes.total(), 'template')}: {counted}; {plural(self.faults, 'fault')}{noted}",
            f"{self.known} known from the ledger; {plural(used.calls, 'call')}, {used.tokens:,} tokens{rate}{money}; "
            f"{plural(written, 'file')} {verb}; {clock(seconds)}",
            *([f"stopped: {self.meter.why}; run again to go on"] if self.meter.why else []),
        ]


def plural(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def clock(seconds: float) -> str:
    """Seconds as a reader says them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
