"""A template of a library comes in, a Draft goes out; a new message comes in, the change of the template goes out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline import drafts
from pipeline.batch.nouns import Message
from pipeline.desk import Desk
from pipeline.domain import Draft
from pipeline.errors import BriefError, DraftError
from pipeline.library import Change, Template


def drafted(desk: Desk, path: Path, template: Template) -> Draft:
    """The draft of a template. DraftError or BriefError names its place: no text, too long, an unclosed field."""
    name = spot(path, template)
    if len(template.text) > drafts.LARGEST:
        raise DraftError(f"{name}: over the limit of {drafts.LARGEST:,} characters: no message is that long")
    table: dict[str, Any] = dict(template.table)
    if template.subject:
        table["subject"] = template.subject
    try:
        said = drafts.layer(name, table, desk.book, strict=False)
        made = desk.draft(template.text, name, said, str(path))
    except (DraftError, BriefError) as error:
        raise type(error)(_told(str(error), template)) from error
    if made.text != template.text:
        raise DraftError(_told(f"{name}: begins like front matter or a subject: begin with the message", template))
    above = max(1, template.line) - 1
    marks = tuple(replace(one, line=one.line + above if one.line else 0) for one in made.ignores)
    return replace(made, line=made.line + above, ignores=marks)


def change(template: Template, after: Message) -> Change:
    """What to write into a template so that it holds the new message; a new subject only where there is a place."""
    new = after.subject if template.has_subject and after.subject != template.subject else None
    return Change(after.text, new)


def changed(template: Template, new: Change) -> Template:
    """The template as it is read again after a change was written."""
    text = template.text if new.text is None else new.text
    return replace(template, text=text, subject=template.subject if new.subject is None else new.subject)


def spot(path: Path, template: Template) -> str:
    """The place of a template, as an error or a finding names it."""
    row = f":{template.line}" if template.line > 1 else ""
    return f"{path}{row}" if row or not template.id else f"{path} {shown(template.id)}"


def shown(name: str) -> str:
    """An id on one short line: it may hold anything."""
    words = "".join(letter if letter.isprintable() else " " for letter in name).split()
    line = " ".join(words)
    return line if len(line) <= 60 else f"{line[:57]}..."


def _told(fault: str, template: Template) -> str:
    """A fault with the id of its template, where the file holds several."""
    name = shown(template.id)
    return f"{fault} (template {name})" if name and name not in fault else fault
