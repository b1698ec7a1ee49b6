"""What several commands take on their command line: options, and what they mean in this project."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from pipeline import desk as desks
from pipeline import drafts, settings
from pipeline.desk import Desk
from pipeline.domain import History, Rulebook
from pipeline.errors import BriefError, DraftError, SettingsError

if TYPE_CHECKING:
    from pipeline.models import Model
    from pipeline.models.fetch import Progress

RootArgument = Annotated[Path, typer.Argument(metavar="PATH", help="A folder of templates, or one file of them.")]
OnlyOption = Annotated[str, typer.Option("--only", help="Only files whose name or path is like this: 'sales/*.md'.")]
KindOption = Annotated[
    str,
    typer.Option("--kind", help="connection-note, message, inmail, follow-up, reply, comment, intro-request or email."),
]
TierOption = Annotated[str, typer.Option("--tier", help="Account tier: free or premium (connection notes).")]
PurposeOption = Annotated[
    str, typer.Option("--purpose", help="networking, advice, job-search, recruiting, partnership or sales.")
]
BriefOption = Annotated[
    Path | None, typer.Option("--brief", help="A TOML or YAML file with what you know: to, from, goal, history ...")
]
ModelOption = Annotated[
    str, typer.Option("--model", help="A name from `tactful models`, a .gguf file, or a name at --base-url.")
]
UrlOption = Annotated[str, typer.Option("--base-url", help="An OpenAI-compatible server.")]
WayOption = Annotated[str, typer.Option("--way", help="whole or pieces; the catalogue says which suits a model.")]
CandidatesOption = Annotated[
    int, typer.Option("--candidates", min=1, max=16, help="Samples a round; the best by score is kept.")
]
RoundsOption = Annotated[int, typer.Option("--rounds", min=1, max=8, help="Revisions at most.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the sampling.")]


def settings_here() -> settings.Settings:
    """The settings that hold in the folder that the user is in."""
    return settings.load(_here(), os.environ)


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise SettingsError("the folder that you are in is gone: change to another one") from error


def project() -> tuple[settings.Settings, Rulebook]:
    """The settings, and the rules that they make."""
    here = desks.opened(_here(), os.environ)
    return here.settings, here.book


def origins() -> Iterator[tuple[str, object, str]]:
    """Every setting that holds here: its dotted key, its value, and where it was said."""
    return settings.origins(Path.cwd(), os.environ)


def there(path: Path) -> Path:
    """A path that the user named, if something is there. DraftError otherwise."""
    if not path.exists():
        raise DraftError(f"{path}: no such file or folder: check its name")
    return path


def given(**values: object) -> dict[str, object]:
    """What was said; a flag that was left out says nothing."""
    return {key: value for key, value in values.items() if value}


def desk(said: dict[str, object], brief: Path | None) -> Desk:
    """What drafts are made with here: `said` by flags stands over their front matter, settings and brief file under."""
    chosen, book = project()
    under = (drafts.read_brief(brief, book),) if brief else ()
    return Desk(chosen, book, drafts.layer(drafts.FLAGS, said, book), under)


def people(to: str, facts: list[str] | None, profile: Path | None, sender: str, offer: str) -> dict[str, object]:
    """Reader and sender, as the flags tell of them."""
    pasted = drafts.read_text(profile, BriefError) if profile else ""
    reader = _person("to", to) | given(facts=facts, profile=pasted)
    return given(**{"to": reader, "from": _person("from", sender) | given(offer=offer)})


def _person(flag: str, text: str) -> dict[str, object]:
    parts = [part.strip() for part in text.split(",", 2)] if text else []
    if text and not parts[0]:
        raise BriefError(f"--{flag}: {text!r} has no name: write 'Name, role, company'")
    return given(**dict(zip(("name", "role", "company"), parts, strict=False)))


def past(pair: str) -> tuple[str, object]:
    """One key and value of the history, as the key's type has it: words stay words."""
    key, sign, value = (part.strip() for part in pair.partition("="))
    if not sign:
        raise BriefError(f"--history {pair!r}: write key=value, such as sent=1 or met='the spring fair'")
    words = {one.encode_name for one in msgspec.structs.fields(History) if one.type is str}
    if key in words:
        return key, value
    truth = {"true": True, "yes": True, "false": False, "no": False}
    return key, int(value) if value.isdecimal() and len(value) < 10 else truth.get(value.lower(), value)


def catalogue(chosen: settings.Settings) -> dict[str, Model]:
    """The models by name, with the project's own."""
    from pipeline.models import load

    return load(chosen.models)


def fetching(label: str) -> Progress:
    """A line on stderr that counts megabytes, on a terminal; one line without counting elsewhere."""
    shown = False

    def tell(done: int, total: int) -> None:
        nonlocal shown
        if sys.stderr.isatty():
            end = "\n" if done >= total else ""
            typer.echo(f"\rfetching {label}: {done / 1e6:.0f} of {total / 1e6:.0f} MB{end}", err=True, nl=False)
        elif not shown:
            typer.echo(f"fetching {label}, {total / 1e6:.0f} MB, once", err=True)
        shown = True

    return tell
