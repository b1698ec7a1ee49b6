"""A sentence that may shout comes in; it goes out with capitals made plain, rows of marks made one, no pictures."""

import re

from pipeline.checks.language import EMOJI, shouts
from pipeline.fields import mask, restore

SHOUTED = 4
"""Letters from which on a word in capitals is shouted and not an abbreviation."""


def calm(text: str) -> str:
    """A sentence without shouting; merge fields stay as they are."""
    masked = mask(text)
    quiet = re.sub(r"[!?]*\?[!?]*", "?", masked.text)
    quiet = re.sub(r"\s*[(\[]!+[)\]]|\s*!+(?=[)\]])", "", quiet)
    quiet = re.sub(r"\s*!+(?=\s+[a-z])", ",", quiet)
    quiet = re.sub(r"\s*!+", ".", quiet)
    loud = {word for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", quiet) if shouts(word, 2)}
    if any(len(word) >= SHOUTED for word in loud):
        for word in loud:
            quiet = re.sub(rf"(?<![\w<]){re.escape(word)}(?![\w>])", word.lower(), quiet)
    opens = masked.text[:1].isupper() or quiet[:1] != masked.text[:1]
    return restore(quiet[:1].upper() + quiet[1:] if opens else quiet, masked)


def bare(text: str, *, sentence: bool = True) -> str:
    """A text without emoji and without the hashtags at its end; merge fields stay as they are.

    A `sentence` that ended in a picture ends in a full stop.
    """
    masked = mask(text)
    plain = re.sub(
        r"(?:\s*#[\w]+)+\s*$", "", re.sub(rf"[ \t]+(?:{EMOJI.pattern})+(?=[.,!?])|{EMOJI.pattern}", "", masked.text)
    )
    plain = re.sub(r"[ \t]{2,}", " ", plain).strip()
    stop = "." if sentence and plain[-1:].isalnum() and not masked.text.rstrip().endswith(plain[-1]) else ""
    return restore(plain + stop, masked)
