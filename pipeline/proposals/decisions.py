"""The decisions that the page of a review saves come in as a file; decisions on what the ledger knows go out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from pipeline.batch.ledger import Ledger
from pipeline.batch.nouns import Decision, Message, Place
from pipeline.errors import DraftError
from pipeline.library import Fault

LARGEST = 200_000_000
"""Bytes of the largest file of decisions that is read."""


class _Saved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One decision as the page saves it; `text` and `subject` are the message to write, where it is to be written."""

    path: str
    id: str
    key: str
    verdict: Literal["accept", "reject"]
    text: str = ""
    subject: str = ""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: Literal[1]
    decisions: tuple[_Saved, ...]


def read(path: Path, ledger: Ledger) -> Iterator[Decision | Fault]:
    """The decisions of a file; a Fault for each that is about something else than the ledger holds now.

    DraftError: the file cannot be read, or is none of ours.
    """
    try:
        with path.open("rb") as file:
            saved = msgspec.json.decode(file.read(LARGEST), type=_File)
    except OSError as error:
        raise DraftError(f"{path}: {error.strerror}: name the file that the page saved") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DraftError(f"{path}: not the decisions of a review ({error}): save them from the page again") from error
    return (_decision(one, ledger) for one in saved.decisions)


def _decision(one: _Saved, ledger: Ledger) -> Decision | Fault:
    spot = f"{one.path} {one.id}".strip()
    found = ledger.at(Place(one.path, one.id))
    if not found or found.result.key != one.key:
        return Fault(spot, "not what the ledger holds now: make the page again with `tactful review --html`")
    if one.verdict == "reject":
        return Decision(one.key, accepted=False, after=found.result.before)
    if not one.text.strip():
        return Fault(spot, "an accepted message without text: write it, or reject it")
    return Decision(one.key, accepted=True, after=Message(one.text, one.subject))
