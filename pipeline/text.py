"""A string comes in; its words, sentences and counts go out as offsets. Knows language, but no message and no rule."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise, repeat
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
STOP = re.compile(
    r"[.!?…]+(?![)\]]+[ \t]+[a-z])[\"'”’)\]]*(?=\s|$)|[\U0001f300-\U0001faff\u2600-\u27bf]\ufe0f?(?=\s+[A-ZÀ-Þ])|\n"
)
ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st no vs e.g i.e etc inc ltd co corp jr sr dept approx ca a.m p.m fig vol ph.d u.s u.k ext tel"
    " p.s p.p.s n.b mt capt col lt sgt maj gen engr ing rev fr cllr hon".split()
)
LONGEST_NAME = 3
"""Words of a last line that is the sender's name."""
BULLET = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s")


@dataclass(frozen=True, eq=False, slots=True)
class Wording:
    """The words of a sentence, whatever text it stands in: `written`, and `forms` in lower case, fields as FIELD.

    `spans` count from the sentence's start. Compared by identity, so that what is found in one can be kept for every
    text that has it: the candidates of a walk share nearly all of their sentences.
    """

    raw: str
    written: tuple[str, ...]
    forms: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    vocabulary: frozenset[str]

    def capital(self, index: int) -> bool:
        """Whether a word starts with a capital letter or is a merge field."""
        first = self.written[index][0]
        return first.isupper() or first == FIELD


class Sentence(NamedTuple):
    """A sentence as offsets into the text, the half-open range of its words, and these words."""

    start: int
    end: int
    first: int
    last: int
    wording: Wording


@dataclass(frozen=True, eq=False)
class Text:
    """A text taken apart once: the words of all its sentences, and in which sentence each stands (`sentence_of`).

    Compared by identity, so that what is found in one can be kept.
    """

    raw: str
    written: tuple[str, ...]
    forms: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    sentence_of: tuple[int, ...]
    vocabulary: frozenset[str]

    def start(self, index: int) -> int:
        """Where a word starts."""
        sentence = self.sentences[self.sentence_of[index]]
        return sentence.start + sentence.wording.spans[index - sentence.first][0]

    def end(self, index: int) -> int:
        """Where a word ends."""
        sentence = self.sentences[self.sentence_of[index]]
        return sentence.start + sentence.wording.spans[index - sentence.first][1]

    def capital(self, index: int) -> bool:
        """Whether a word starts with a capital letter or is a merge field."""
        sentence = self.sentences[self.sentence_of[index]]
        return sentence.wording.capital(index - sentence.first)


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


@lru_cache(512)
def plain(text: str) -> str:
    """A text without accents, so that "Joaquin" is "Joaquín"; symbols stay what they are ("Loom™")."""
    if text.isascii():
        return text
    parts = (char if unicodedata.category(char)[0] == "S" else unicodedata.normalize("NFKD", char) for char in text)
    return "".join(char for char in "".join(parts) if not unicodedata.combining(char))


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
    return sentenced(raw, pairwise((0, *_ends(raw))))


def sentenced(raw: str, spans: Iterable[tuple[int, int]]) -> Text:
    """A text whose sentences stand at these offsets, one behind the other; one without words belongs to the next."""
    sentences: list[Sentence] = []
    begin, count = -1, 0
    for start, end in spans:
        begin = start if begin < 0 else begin
        words = wording(raw[begin:end].strip())
        if words.forms:
            at = raw.index(words.raw, begin)
            sentences.append(Sentence(at, at + len(words.raw), count, count + len(words.forms), words))
            begin, count = -1, count + len(words.forms)
    said = [sentence.wording for sentence in sentences]
    return Text(
        raw,
        tuple(chain.from_iterable(words.written for words in said)),
        tuple(chain.from_iterable(words.forms for words in said)),
        tuple(sentences),
        tuple(chain.from_iterable(repeat(number, len(words.forms)) for number, words in enumerate(said))),
        frozenset().union(*(words.vocabulary for words in said)),
    )


@lru_cache(1 << 10)
def wording(raw: str) -> Wording:
    """The words of a sentence without blanks around it."""
    found = list((WORD if INNER_DOT.search(raw) else PLAIN_WORD).finditer(raw))
    written = tuple(match.group() for match in found)
    forms = tuple(FIELD if word[0] == FIELD else word.lower().replace("’", "'") for word in written)
    return Wording(raw, written, forms, tuple(match.span() for match in found), frozenset(forms))


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
    last = raw[newline + 1 :].split()
    if len(last) <= LONGEST_NAME and all(word[:1].isupper() for word in last):
        return True
    wrapped = len(line) >= 50 and line[-1:] not in ".!?:…" and following[:1].strip() and not BULLET.match(following)
    return not wrapped


def _abbreviated(raw: str, match: re.Match[str]) -> bool:
    if match.group() != ".":
        return False
    word = raw[max(0, match.start() - 8) : match.start()].rsplit(None, 1)[-1:] or [""]
    token = word[0].lower().lstrip("(\"'")
    initial = len(token) == 1 and token.isalpha() and token not in {"i"} and word[0].isupper()
    point = token.isdigit() and len(token) <= 2 and raw[match.end() :].lstrip(" ")[:1].islower()
    return (token in ABBREVIATIONS or initial or point) and match.end() < len(raw)
