"""How a message greets: whether, whom, and by which name. Reading in, Hits out."""

from collections.abc import Iterator
from functools import lru_cache

from pipeline.acts import Labelled, Reading
from pipeline.domain import Act, Hit, Look
from pipeline.lexicon import lexicon
from pipeline.text import FIELD, Text, parse, plain

HOURS = frozenset({"good", "morning", "afternoon", "evening", "day"})
"""Words that greet only as "Good morning," and the like: "Good to hear ..." greets nobody."""
SHORT_NAMES = {
    "bob": "robert",
    "bill": "william",
    "peggy": "margaret",
    "ted": "edward",
    "jack": "john",
    "dick": "richard",
    "sasha": "alex",
    "kate": "catherine",
    "cathy": "katherine",
    "liz": "elizabeth",
    "beth": "elizabeth",
    "tony": "anthony",
    "betty": "elizabeth",
    "lena": "elena",
    "misha": "mikhail",
    "kolya": "nikolai",
    "pepe": "jose",
    "paco": "francisco",
    "nacho": "ignacio",
    "gosia": "malgorzata",
}
"""Short names that share no first letter with the long one, or that are common enough to be sure of."""
GREETED = 7
"""Words within which a greeting names its reader."""


def greeting(*, fault: str) -> Look:
    """The greeting is "missing", "impersonal" (no name where one is known or usual), or names "someone-else"."""

    def look(reading: Reading) -> Iterator[Hit]:
        lines = [line for line in reading.having(Act.GREETING) if _greets(reading, line)]
        if fault == "missing":
            if not lines and not _opens_with_name(reading) and not _named_at_once(reading):
                yield Hit(0, 0)
            return
        if fault == "impersonal" and _named_at_once(reading):
            return
        for line in lines:
            sentence = line.sentence
            words = [i for i in range(sentence.first, sentence.last) if reading.text.forms[i] not in lexicon()["greet"]]
            nobody = lexicon()["addressee"] | lexicon()["title"] | lexicon()["esteem"]
            named = [i for i in words if reading.text.forms[i] not in nobody]
            named = [i for i in named if not _plain_word(reading, sentence.first, i)]
            named += _behind_title(reading.text, sentence.last)
            wrong = (fault == "impersonal" and not named) or (fault == "someone-else" and _someone_else(reading, named))
            if wrong:
                yield Hit(sentence.start, sentence.end, reading.says(line).rstrip(",!: "))

    return look


def _plain_word(reading: Reading, first: int, i: int) -> bool:
    """Whether a word in small letters behind "Dear" or "Good" is what somebody is ("Dear translator"), not a name."""
    text, names = reading.text, _plain(reading.draft.brief.to.name)
    small = text.capital(first) and text.forms[i] != FIELD and text.written[i].islower()
    return small and not any(_short_for(one, name) for one in _plain(text.forms[i]) for name in names)


def _greets(reading: Reading, line: Labelled) -> bool:
    """Whether this greets, and is not the first word of "Good to hear that ..."."""
    sentence, raw = line.sentence, reading.text.raw
    end = reading.text.end(sentence.last - 1)
    return (
        reading.text.forms[sentence.first] not in HOURS
        or raw[end : end + 1] in ",!:;.-–—\n"
        or raw[end : end + 2] in {" -", " –", " —"}
    )


def _named_at_once(reading: Reading) -> bool:
    """Whether the reader's name stands among the first words, whatever greets: "Peace be upon you, dear Dr Okoro"."""
    name = frozenset(reading.draft.brief.to.name.lower().split()) - lexicon()["title"] - lexicon()["esteem"]
    text, line_end = reading.text, reading.text.raw.find("\n") % (len(reading.text.raw) + 1)
    return any(text.forms[i] in name and text.start(i) < line_end for i in range(min(GREETED, len(text.forms))))


def _behind_title(text: Text, i: int) -> list[int]:
    """The name that a full stop cuts off from its title: "Dear Ms. Keogh"."""
    titled = 0 < i < len(text.forms) and text.forms[i - 1] in {"mr", "mrs", "ms", "dr", "prof", "mx", "st"}
    return [i] if titled and text.raw[text.end(i - 1)] == "." and text.capital(i) else []


def _opens_with_name(reading: Reading) -> bool:
    """The message begins with a name or a field and a mark: "Sofie, ..."."""
    text = reading.text
    last = next(
        (
            i
            for i in range(min(3, len(text.forms)))
            if not text.capital(i) or text.raw[text.end(i) : text.end(i) + 1] in ",!:-–—\n"
        ),
        -1,
    )
    return last >= 0 and text.capital(last) and text.raw[text.end(last) : text.end(last) + 1] in set(",!:-–—\n")


def _someone_else(reading: Reading, named: list[int]) -> bool:
    text, brief = reading.text, reading.draft.brief
    names = _plain(brief.to.name)
    known = names | _plain(brief.to.company) | _plain(brief.sender.name)
    greeted = {
        form
        for i in named
        if text.forms[i] != FIELD and "[" not in text.written[i]
        for form in _plain(text.forms[i])
        if len(form) > 2
    }
    if not names or not greeted or not known.isdisjoint(greeted):
        return False
    return not any(_short_for(one, name) for one in greeted for name in names)


@lru_cache(maxsize=1024)
def _plain(words: str) -> frozenset[str]:
    """Words without accents, joined names taken apart, so that "Joaquin" is "Joaquín"."""
    return frozenset(part for form in parse(plain(words.lower())).forms for part in form.removesuffix("'s").split("-"))


def _short_for(one: str, name: str) -> bool:
    """Whether a name may be the short form of another: the same first letter, or a known pair."""
    return one[:1] == name[:1] or name.startswith(SHORT_NAMES.get(one, name + "?")) or (len(one) > 3 and one in name)
