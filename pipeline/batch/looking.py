"""The files of a library come in, what the rules find in each template goes out; no model and no ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline import report
from pipeline.batch.across import Across
from pipeline.batch.choice import Choice
from pipeline.batch.drafting import drafted, shown, spot
from pipeline.batch.lines import row_json, row_lines
from pipeline.batch.nouns import Task
from pipeline.desk import Desk
from pipeline.domain import Review
from pipeline.errors import BriefError, DraftError
from pipeline.library import Fault
from pipeline.review import review


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in one template, or the fault that stands for it."""

    found: Review | Fault
    task: Task | None = None

    @property
    def good(self) -> bool:
        """Whether nothing worse than a hint was found."""
        return isinstance(self.found, Review) and self.found.clean

    def compare(self, across: Across) -> None:
        """Hold the message against the rest of its library; a fault is none."""
        if self.task:
            text = self.task.template.text
            across.take(spot(self.task.path, self.task.template), text, text)

    def lines(self, paint: report.Paint) -> Iterator[str]:
        """One line a finding."""
        if isinstance(self.found, Fault):
            yield from row_lines(self.found)
        elif self.task:
            name = shown(self.task.template.id)
            for line in report.brief_lines(self.found, str(self.task.path), paint):
                yield f"{line} (template {name})" if name else line

    @property
    def json(self) -> dict[str, Any]:
        """The review as JSON values, or the fault."""
        if isinstance(self.found, Fault) or not self.task:
            return row_json(self.found) if isinstance(self.found, Fault) else {}
        return report.review_json(self.found, str(self.task.path)) | {"id": self.task.template.id}


def findings(choice: Choice, desk: Desk) -> Iterator[Look]:
    """Every template and fault of a library, in order."""
    for part in choice.parts():
        if isinstance(part, Fault):
            yield Look(part)
            continue
        yield from map(Look, part.volume.faults)
        for template in part.templates:
            task = Task(part.volume.path, template)
            try:
                draft = drafted(desk, task.path, template)
            except (DraftError, BriefError) as error:
                yield Look(Fault.of(error))
            else:
                yield Look(review(draft, desk.book), task)
