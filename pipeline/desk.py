"""A text and its name come in, a Draft goes out, with all that project, command line and brief file say of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline import drafts, rulebook, settings
from pipeline.domain import Draft, Rulebook
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """What every message of a run is drafted with: the project, and what is said over and under each."""

    settings: Settings
    book: Rulebook
    over: drafts.Layer = drafts.NOTHING
    under: tuple[drafts.Layer, ...] = ()

    def draft(self, text: str, name: str, said: drafts.Layer = drafts.NOTHING, path: str = "") -> Draft:
        """The draft of a text; `said` is what a library tells of it, `path` its file where that is not its name.

        Lowest to highest: settings, those of the path, brief file, what the library says, front matter, flags.
        DraftError or BriefError as `drafts.draft`.
        """
        chosen = self.settings
        here = drafts.layer(chosen.file, chosen.defaults_of(path or name), self.book)
        draft = drafts.draft(text, name, self.book, over=self.over, under=(here, *self.under, said))
        return chosen.marked(draft)


def opened(folder: Path, environment: Mapping[str, str]) -> Desk:
    """The desk of a project: the settings that hold in a folder, and the rules that they make."""
    chosen = settings.load(folder, environment)
    return Desk(chosen, rulebook.load(chosen.rule_pages, chosen.rules, chosen.folders))
