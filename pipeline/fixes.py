"""A draft and what was found in it come in; the draft without it goes out: the fixes that a program may make alone.

Each is mechanical and changes nothing that the message says: marks, capitals, white space, a phrase for its short form.
Whether a fix is kept is decided in `fixing`, which holds it against the rules; merge fields are hidden from all of it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from pipeline.acts import read
from pipeline.checks.language import EMOJI, shouts
from pipeline.checks.subject import REPLIED
from pipeline.domain import Draft, Fix, Hit
from pipeline.fields import mask, restore

SHORTEST = 2
"""Letters from which on a word in capitals is made small once one is known to shout."""
SENTENCES = 3
"""Sentences to a paragraph."""
WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
STOPS = re.compile(r"(?:\A|[.!?:]\s+|\n\s*)\Z")
"""What stands before a word that begins a sentence."""
TAGS = re.compile(r"(?:\s*#\w+)+\s*\Z")
MARKER = re.compile(rf"(?m:^)[ \t]*(?:{EMOJI.pattern})+[ \t]*(?=\w)")
"""A picture that a line begins with."""
LIST = re.compile(rf"(?:{MARKER.pattern}.*(?:\n|\Z)){{2,}}")
"""Lines that each begin with a picture: the items of a list."""
LAST = re.compile(r"[.!?,;:)\"”']\Z")


def _body(edit: Callable[[str], str]) -> Fix:
    """A fix of the body's words; merge fields are sentinels meanwhile."""

    def fix(draft: Draft, hit: Hit) -> Draft:
        del hit
        masked = mask(draft.text)
        return replace(draft, text=restore(edit(masked.text), masked))

    return fix


def _subject(edit: Callable[[str], str]) -> Fix:
    """A fix of the subject's words."""

    def fix(draft: Draft, hit: Hit) -> Draft:
        del hit
        masked = mask(draft.subject)
        return replace(draft, subject=restore(edit(masked.text), masked))

    return fix


def _single(text: str) -> str:
    """Each row of marks as one mark; a row that asks goes on asking."""
    return re.sub(r"[!?]{2,}", lambda row: "?" if "?" in row[0] else "!", text)


def _calm(text: str) -> str:
    """Exclamation marks but the first as full stops; a row of marks counts as one."""
    head, mark, rest = _single(text).partition("!")
    return head + mark + rest.replace("!", ".")


def _small(text: str) -> str:
    """Plain words in capitals as small ones, with a capital where a sentence begins; names and short forms stay."""

    def lowered(word: re.Match[str]) -> str:
        if not shouts(word[0], SHORTEST):
            return word[0]
        plain = word[0].lower()
        opens = STOPS.search(text, 0, word.start()) or plain == "i" or plain.startswith(("i'", "i’"))
        return plain.capitalize() if opens else plain

    return WORDS.sub(lowered, text)


def _one_picture(text: str) -> str:
    """The first emoji alone, and no double blank where others stood; those that mark a list become its dashes."""
    text = LIST.sub(lambda found: MARKER.sub("- ", found[0]), text)
    first = EMOJI.search(text)
    if not first:
        return text
    rest = re.sub(rf"(?<=\w)[ \t]*(?:{EMOJI.pattern})+(?=\s+[A-ZÀ-Þ])", ".", text[first.end() :])
    return text[: first.end()] + re.sub(rf"[ \t]*(?:{EMOJI.pattern})", "", rest)


def _untagged(text: str) -> str:
    """Without the hashtags at the end."""
    return TAGS.sub("", text)


def _first_answer(line: str) -> str:
    """A subject that does not open like an answer."""
    bare = REPLIED.sub("", line, count=1).strip()
    return bare[:1].upper() + bare[1:]


def _quiet(line: str) -> str:
    """A subject in ordinary letters with single marks."""
    return _single(_small(line))


def _in_paragraphs(draft: Draft, hit: Hit) -> Draft:
    """An empty line after every few sentences of a long paragraph."""
    inside = [one for one in read(draft).text.sentences if hit.start <= one.start < hit.end]
    text = draft.text
    for number in range(len(inside) - len(inside) % SENTENCES or len(inside), 0, -SENTENCES):
        if number < len(inside) and not text[inside[number - 1].end : inside[number].start].strip(" "):
            text = f"{text[: inside[number - 1].end]}\n\n{text[inside[number].start :]}"
    return replace(draft, text=text)


def _signed(draft: Draft, hit: Hit) -> Draft:
    """The sender's name below the message, where the brief has it."""
    del hit
    name = draft.brief.sender.name
    if not name:
        return draft
    stop = "" if LAST.search(draft.text) or not draft.text[-1:].isalnum() else "."
    return replace(draft, text=f"{draft.text}{stop}\n\n{name}")


def replacing(words: Mapping[str, str]) -> Fix:
    """A fix that puts a short form in the place of the phrase that was found, where the rule knows one."""

    def fix(draft: Draft, hit: Hit) -> Draft:
        short = words.get(" ".join(hit.found.lower().split()))
        if short is None or hit.part != "body":
            return draft
        opens = hit.found[:1].isupper()
        short = short[:1].upper() + short[1:] if opens else short
        return replace(draft, text=draft.text[: hit.start] + short + draft.text[hit.end :])

    return fix


FIXES: Mapping[str, Fix] = {
    "single-marks": _body(_single),
    "one-exclamation": _body(_calm),
    "small-letters": _body(_small),
    "one-emoji": _body(_one_picture),
    "no-hashtags": _body(_untagged),
    "paragraphs": _in_paragraphs,
    "signature": _signed,
    "own-subject": _subject(_first_answer),
    "quiet-subject": _subject(_quiet),
}
"""Fix by the word that a rule's `fix` key uses."""
