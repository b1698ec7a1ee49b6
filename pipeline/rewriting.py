"""A draft and its project come in; a Rewrite by the model that is meant goes out: for one message at a time."""

from collections.abc import Callable, Mapping

from pipeline.desk import Desk
from pipeline.domain import Draft, Rewrite
from pipeline.models import Model, choose, load
from pipeline.review import review
from pipeline.settings import Settings

Progress = Callable[[int, int], None]


def meant(settings: Settings, name: str = "", base_url: str = "", way: str = "") -> Model:
    """The model that is meant; a catalogue's name from a command means that entry, whatever address is set."""
    known = load(settings.models)
    address = base_url or ("" if name in known else settings.base_url)
    return choose(known, name or settings.model, address, way or settings.way)


def rewritten(
    draft: Draft,
    desk: Desk,
    model: Model | None = None,
    walk: Mapping[str, int] | None = None,
    on_progress: Progress | None = None,
) -> tuple[Rewrite, str]:
    """The walk over one draft, and the name of the model; a draft with nothing to mend starts none.

    Without `model` the project's own is meant. ModelErrors as `open_model`.
    """
    first = review(draft, desk.book)
    if first.settled:
        return Rewrite((first,)), ""
    from pipeline.improve import improver, run  # noqa: PLC0415  a message that is clean loads no engine
    from pipeline.models.client import open_model  # noqa: PLC0415

    chosen = model or meant(desk.settings)
    with open_model(chosen, way=chosen.way, on_progress=on_progress) as ask:
        return run(improver(desk.book, ask, chosen.way, **(walk or {})), draft), chosen.name
