"""A text and its name come in, a Draft goes out, with all that project, command line and brief file say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    layers: dict[tuple[int, ...], drafts.Layer] = field(default_factory=dict, compare=False)

    def draft(self, text: str, name: str, said: drafts.Layer = drafts.NOTHING, path: str = "") -> Draft:
        """The draft of a text; `said` is what a library tells of it, `path` its file where that is not its name.

        Lowest to highest: settings, those of the path, brief file, what the library says, front matter, flags.
        DraftError or BriefError as `drafts.draft`.
        """
        some = self.settings.speaking_of(path or name)
        if some not in self.layers:
            self.layers[some] = drafts.layer(self.settings.file, self.settings.defaults(some), self.book)
        under = (self.layers[some], *self.under, said)
        return self.settings.marked(drafts.draft(text, name, self.book, over=self.over, under=under))


def opened(folder: Path, environment: Mapping[str, str]) -> Desk:
    """The desk of a project: the settings that hold in a folder, and the rules that they make."""
    chosen = settings.load(folder, environment)
    return Desk(chosen, rulebook.load(chosen.rule_pages, chosen.rules, chosen.folders))
