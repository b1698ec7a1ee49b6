"""A string comes in; its words, sentences and counts go out as offsets. Knows language, but no message and no rule."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

FIELD = "\ue000"
"""The private-use character that stands for every character of a merge field (see fields.blank)."""

WORD = re.compile(
    rf"""{FIELD}+
    | https?://[^\s<>()\[\]]+[^\s<>()\[\].,;:!?'"] | www\.[^\s<>()]+[^\s<>().,;:!?'"]
    | [\w.+-]+@[\w-]+\.[\w.-]*\w
    | (?:[a-z0-9-]+\.)+(?:com|org|net|io|co|ai|dev|app|me|ly|eu|de|uk|fr|es|nl|info|biz)\b
      (?:/[^\s<>(),;]*[^\s<>(),;.!?])?
    | [€$£¥]?\d+(?:[.,:/]\d+)*[%€$£]?(?:[^\W\d_]+\b)?
    | [^\W_]+(?:['’\-‐][^\W_]+)*
    """,
    re.VERBOSE | re.IGNORECASE,
)
PLAIN_WORD = re.compile(rf"{FIELD}+|[€$£¥]?\d+(?:[.,:/]\d+)*[%€$£]?(?:[^\W\d_]+\b)?|[^\W_]+(?:['’\-‐][^\W_]+)*")
INNER_DOT = re.compile(r"[@/]|\.[a-zA-Z]")
"""Where a text holds none of these, it holds no link and no address, and PLAIN_WORD reads it as WORD does."""
LINK = re.compile(
    r"https?://|www\.|.+@.+\.|[a-z0-9-]+\.(?:com|org|net|io|co|ai|dev|app|me|ly|eu|de|uk|fr|es|nl|info|biz)(?:/|$)"
)
STOP = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|[\U0001f300-\U0001faff\u2600-\u27bf]\ufe0f?(?=\s+[A-ZÀ-Þ])|\n")
ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st no vs e.g i.e etc inc ltd co corp jr sr dept approx a.m p.m fig vol ph.d u.s u.k ext tel"
    " mt".split()
)
BULLET = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s")


class Sentence(NamedTuple):
    """A sentence as offsets into the text, and the half-open range of its words."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Text:
    """A text taken apart once: `written` are its words, `forms` the same in lower case, fields as FIELD.

    `places` says where each form stands, `sentence_of` in which sentence each word. Compared by identity, so that what
    is found in one can be kept.
    """

    raw: str
    written: tuple[str, ...]
    forms: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    sentence_of: tuple[int, ...]
    places: Mapping[str, list[int]]
    vocabulary: frozenset[str]

    def start(self, index: int) -> int:
        """Where a word starts."""
        return self._span(index)[0]

    def end(self, index: int) -> int:
        """Where a word ends."""
        return self._span(index)[1]

    def _span(self, index: int) -> tuple[int, int]:
        """Start and end of a word, sought sentence by sentence, and only where something is found."""
        sentence = self.sentences[self.sentence_of[index]]
        if sentence.first not in self._spans:
            words = _words(self.raw).finditer(self.raw, sentence.start, sentence.end)
            self._spans[sentence.first] = [match.span() for match in words]
        return self._spans[sentence.first][index - sentence.first]

    @cached_property
    def _spans(self) -> dict[int, list[tuple[int, int]]]:
        return {}

    def capital(self, index: int) -> bool:
        """Whether a word starts with a capital letter or is a merge field."""
        first = self.written[index][0]
        return first.isupper() or first == FIELD


def utf16(text: str) -> int:
    """Length in UTF-16 code units, line ends as one: what LinkedIn counts (three code bases agree, no page says so)."""
    return len(text.replace("\r\n", "\n").encode("utf-16-le", "surrogatepass")) // 2


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1; columns count code points."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


def is_link(form: str) -> bool:
    """Whether a word is a web or mail address."""
    return "." in form and LINK.match(form) is not None


@lru_cache(maxsize=1 << 14)
def stem(form: str) -> str:
    """A rough common form of an English word, so that "asked", "asking" and "asks" meet; good for comparing only."""
    word = form.removesuffix("'s")
    if len(word) <= 3 or not word.isalpha():
        return word
    for ending in ("ations", "ation", "ings", "ing", "ied", "ies", "ers", "er", "ed", "es", "s", "ly", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "sl" else word.removesuffix("i")


@lru_cache(512)
def parse(raw: str) -> Text:
    """Take a text apart. Merge fields must have been blanked (fields.blank), so that offsets still fit the text."""
    words = _words(raw).findall
    written: list[str] = []
    sentences = []
    begin = 0
    for end in _ends(raw):
        part = raw[begin:end]
        found = words(part)
        if found:
            start = begin + len(part) - len(part.lstrip())
            sentences.append(Sentence(start, begin + len(part.rstrip()), len(written), len(written) + len(found)))
            written += found
            begin = end
    forms = tuple(FIELD if word[0] == FIELD else word.lower().replace("’", "'") for word in written)
    places: dict[str, list[int]] = {}
    for i, form in enumerate(forms):
        if form in places:
            places[form].append(i)
        else:
            places[form] = [i]
    return Text(raw, tuple(written), forms, tuple(sentences), _numbers(sentences), places, frozenset(places))


def _words(raw: str) -> re.Pattern[str]:
    return WORD if INNER_DOT.search(raw) else PLAIN_WORD


def _numbers(sentences: Iterable[Sentence]) -> tuple[int, ...]:
    return tuple(number for number, sentence in enumerate(sentences) for _ in range(sentence.first, sentence.last))


def resentenced(text: Text, sentences: tuple[Sentence, ...]) -> Text:
    """The same words in other sentences."""
    return replace(text, sentences=sentences, sentence_of=_numbers(sentences))


def _ends(raw: str) -> Iterator[int]:
    for match in STOP.finditer(raw):
        if match.group() == "\n":
            if _breaks(raw, match.start()):
                yield match.end()
        elif not _abbreviated(raw, match):
            yield match.end()
    yield len(raw)


def _breaks(raw: str, newline: int) -> bool:
    """A line end closes a sentence unless the line is long and unfinished and goes on (hard-wrapped mail)."""
    line = raw[raw.rfind("\n", 0, newline) + 1 : newline].rstrip()
    following = raw[newline + 1 : newline + 4]
    wrapped = len(line) >= 50 and line[-1:] not in ".!?:…" and following[:1].strip() and not BULLET.match(following)
    return not wrapped


def _abbreviated(raw: str, match: re.Match[str]) -> bool:
    if match.group() != ".":
        return False
    word = raw[max(0, match.start() - 8) : match.start()].rsplit(None, 1)[-1:] or [""]
    token = word[0].lower().lstrip("(\"'")
    initial = len(token) == 1 and token.isalpha() and token not in {"i"} and word[0].isupper()
    return (token in ABBREVIATIONS or initial) and match.end() < len(raw)
