"""What is no part of a message, and merge fields that were not kept. Reading in, Hits out."""

import re
from collections.abc import Iterator

from pipeline.acts import Reading
from pipeline.checks.fidelity.sources import new_lines
from pipeline.domain import Hit, Look
from pipeline.fields import changes
from pipeline.lexicon import lexicon
from pipeline.phrases import Phrases

LEFTOVER = re.compile(
    r"<<\d+>>|```|<\|[^|>]*\|>|</?(?:draft|message|rewrite|email|output|answer|user_input|instructions?)>"
    r"|^\s*subject\s*:|^#{1,3} |\*\*"
    r"|^\s*the (?:reader|sender)\b[^:.\n]{0,30}:|^\s*(?:the (?:draft|message)|what the reader gains|they met before):",
    re.IGNORECASE | re.MULTILINE,
)


def leaks(*, any_of: list[str]) -> Look:
    """What a model says about its work ("here is the rewritten message"), and fences, sentinels and tags left over."""
    said = Phrases({"": any_of}, lexicon())

    def look(reading: Reading) -> Iterator[Hit]:
        draft = reading.draft
        if draft.origin is None:
            return
        for found in LEFTOVER.finditer(draft.text):
            if found.group().strip() not in draft.first.text:
                yield Hit(found.start(), found.end(), found.group().strip())
        fresh = set(map(id, new_lines(reading)))
        for match in said.find(reading.text):
            if id(reading.labelled[match.sentence]) in fresh:
                start, end = reading.text.start(match.first), reading.text.end(match.last - 1)
                yield Hit(start, end, draft.text[start:end])

    return look


def merge_fields() -> Look:
    """A merge field of the draft that is lost, changed, doubled or moved out of its block, or one that is new.

    A subject may be written anew: it may leave out a field that the body has, and take up one of the draft's.
    """

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        draft, first = reading.draft, reading.draft.first
        for change in changes(first.text, draft.text):
            yield Hit(0, 0, change.raw, change.kind)
        for change in changes(first.subject, draft.subject):
            if change.raw not in (first.message if change.kind == "added" else draft.message):
                yield Hit(0, 0, change.raw, change.kind, part="subject")

    return look
