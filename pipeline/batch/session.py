"""A project, a model and a ledger's folder come in; a bench to work on goes out, and is cleared behind."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline.batch.asking import Door, Meter
from pipeline.batch.claims import Claims
from pipeline.batch.keys import Recipe
from pipeline.batch.ledger import FOLDER, NAME, Ledger
from pipeline.batch.work import Bench
from pipeline.desk import Desk
from pipeline.domain import Ask
from pipeline.errors import SettingsError
from pipeline.settings import Settings


def home(settings: Settings, root: Path) -> Path:
    """The folder whose ledger is meant: that of the settings, else that of the library."""
    if settings.file:
        return Path(settings.file).parent
    return root if root.is_dir() else root.parent


def begun(settings: Settings, root: Path) -> Path:
    """The same, where a ledger is there already. SettingsError: there is none."""
    folder = home(settings, root)
    if not (folder / FOLDER / NAME).is_file():
        raise SettingsError(f"{folder / FOLDER / NAME}: no ledger yet: `tactful batch` begins one")
    return folder


@contextmanager
def bench(
    desk: Desk, recipe: Recipe, folder: Path, meter: Meter, opened: Callable[[ExitStack], Ask]
) -> Iterator[Bench]:
    """A bench over the ledger of a folder; `opened` opens the model when it is needed; its stack is closed last."""
    with ExitStack() as models, Ledger(folder) as ledger, Claims(ledger.path.parent) as claims:
        yield Bench(desk, recipe, ledger, claims, meter, Door(recipe.model, opened, models))
