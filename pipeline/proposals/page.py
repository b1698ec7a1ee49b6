"""What runs made of a library comes in; the JSON values of the page on which people look at it go out."""

from collections.abc import Iterable
from typing import Any

from pipeline import __version__
from pipeline.batch.across import Across
from pipeline.batch.drafting import spot
from pipeline.batch.lines import note_line, placed_json
from pipeline.batch.nouns import Task
from pipeline.batch.rows import Placed
from pipeline.batch.work import change
from pipeline.domain import Rulebook
from pipeline.library import Fault
from pipeline.proposals.proposal import Proposal


def page_json(library: str, some: Iterable[Proposal | Task | Fault], book: Rulebook) -> dict[str, Any]:
    """The page's data: every template that a run came to, how many it did not, faults, and notes on the library."""
    templates, faults, across, left = [], [], Across(), 0
    for one in some:
        if isinstance(one, Fault):
            faults.append(str(one))
            continue
        left += isinstance(one, Task)
        task = one if isinstance(one, Task) else one.task
        new = change(task.template, one.result, one.decision) if isinstance(one, Proposal) else None
        across.take(spot(task.path, task.template), task.template.text, (new and new.text) or task.template.text)
        if isinstance(one, Proposal):
            templates.append({**placed_json(Placed(one.place, one.result, one.decision)), "written": one.written})
    return {
        "version": __version__,
        "library": library,
        "templates": templates,
        "left": left,
        "faults": faults,
        "notes": [note_line(note).removeprefix("library: ") for note in across.notes()],
        "rules": {one.id: {"why": one.why, "severity": one.severity.name.lower()} for one in book.rules.values()},
    }
