"""Numbers and dates as written ("11", "eleven", "3.5 kg", "£40") come in; their values and what they count go out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from pipeline.lexicon import lexicon
from pipeline.text import FIELD, Text, Wording, is_link, stem

DIGITS = re.compile(r"\d+(?:[.,:/]\d+)*")
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety hundred"
SPELLED = {
    **{word: number for number, word in enumerate(ONES.split())},
    **{word: 10 * number for number, word in enumerate(TENS.split())},
    **{"eighteen": 18, "nineteen": 19, "thousand": 1000, "million": 1000000, "dozen": 12},
}
VAGUE = frozenset(["half", "dozens", "hundreds", "thousands", "millions", "double", "twice", "triple"])
"""Quantities without one value; they must stand in the source as words."""
DATES = frozenset(
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
    | {"january", "february", "april", "june", "july", "august", "september", "october", "november", "december"}
    | {"tomorrow", "tonight", "yesterday", "weekend", "noon", "midnight", "easter", "christmas", "fortnight"}
)
SHORT = {
    day[:3]: day
    for day in DATES
    if day.endswith(("day", "ary", "ber", "ust", "ril", "une", "uly")) and day[:3] not in {"sat", "sun", "yes"}
} | {"sept": "september"}
MONTHS = frozenset(day for day in DATES if day[-3:] in {"ary", "ber", "ril", "une", "uly", "ust"}) | {"march", "may"}
UNITS = {
    word: group.split()[0]
    for group in (
        "€ eur euro euros, $ usd dollar dollars, £ gbp pound pounds quid, ¥ jpy yen, chf franc francs, "
        "inr rupee rupees, sek krona kronor, czk koruna, pln zloty, cad, kes, cedi cedis, % percent, "
        "second seconds, minute minutes min mins, hour hours hr hrs, day days, night nights, week weeks, "
        "month months, year years yrs, am, pm, gram grams g, kg kilo kilos kilogram kilograms, "
        "tonne tonnes ton tons, litre litres liter liters, acre acres, degree degrees, metre metres meter meters m, "
        "km kilometre kilometres kilometers, mile miles, hectare hectares ha"
    ).split(", ")
    for word in group.split()
}


@dataclass(frozen=True, slots=True)
class Figure:
    """The number at word `index`: its value ("11", "46500"), its unit in one spelling, and the stems that follow it."""

    index: int
    value: str
    unit: str
    counts: tuple[str, ...]


@lru_cache(8192)
def value(form: str) -> str:
    """The value of a number, however it is written; "" for a word that is none."""
    if form[0] == FIELD or is_link(form):
        return ""
    digits = DIGITS.search(form)
    if digits is None:
        parts = form.split("-")
        return (
            str(sum(SPELLED[part] for part in parts))
            if all(part in SPELLED for part in parts)
            else form
            if form in VAGUE
            else ""
        )
    plain = re.sub(r"[.,](?=\d{3}(?!\d))", "", digits.group()).replace(",", ".").lstrip("0") or "0"
    return f"{plain}000" if form[digits.end() :] == "k" and plain.isdigit() else plain


@lru_cache(64)
def figures(text: Text) -> tuple[Figure, ...]:
    """Every number of a text, "one" and idioms such as "a line or two" left out."""
    return tuple(_figures(text))


def _figures(text: Text) -> Iterator[Figure]:
    for sentence in text.sentences:
        for i in range(sentence.first, sentence.last):
            number = value(text.forms[i])
            if number and text.forms[i] != "one" and not _idle(text, i):
                yield Figure(i, number, _unit(text, i, sentence.last), _counted(text, i, sentence.last))


@lru_cache(64)
def dates(text: Text) -> Mapping[int, str]:
    """The places of week-days, months and words such as "tomorrow", each with its full name ("november" for "Nov")."""
    return {sentence.first + i: full for sentence in text.sentences for i, full in _dates(sentence.wording)}


@lru_cache(1 << 9)
def _dates(words: Wording) -> tuple[tuple[int, str], ...]:
    bare = [form if form in DATES else form.removesuffix("'s").removesuffix("s") for form in words.forms]
    full = [SHORT.get(form, bare[i]) if words.capital(i) else bare[i] for i, form in enumerate(words.forms)]
    return tuple((i, name) for i, name in enumerate(full) if name in DATES)


def is_date(form: str) -> bool:
    """Whether a word alone names a day, a month or the like ("tuesdays", "tomorrow")."""
    return form in DATES or form.removesuffix("'s").removesuffix("s") in DATES


def _idle(text: Text, i: int) -> bool:
    around = (text.forms[i - 1] if i else "", text.forms[i + 1] if i + 1 < len(text.forms) else "")
    return text.forms[i].isalpha() and (
        "or" in around
        or around[1] in {"line", "lines", "word", "words", "sentence", "sentences"}
        or (around[0] == "the" and around[1] == "of")
        or around[0] == "us"
    )


def _unit(text: Text, i: int, stop: int) -> str:
    written = text.forms[i]
    around = {text.forms[i - 1] if i else "", text.forms[i + 1] if i + 1 < stop else ""}
    if not MONTHS.isdisjoint(around):
        return "of a month"
    for mark in re.findall(r"[€$£¥%]|[a-z]+$", written):
        if mark in UNITS and not written.isalpha():
            return UNITS[mark]
    if text.raw[text.end(i) : text.end(i) + 2].strip()[:1] in {"%", "€", "$", "£"}:
        return UNITS[text.raw[text.end(i) : text.end(i) + 2].strip()[:1]]
    if i + 1 < stop and text.forms[i + 1] in UNITS:
        return UNITS[text.forms[i + 1]]
    before = UNITS.get(text.forms[i - 1], "") if i else ""
    return before if before in {"€", "$", "£", "¥", "sek", "czk", "pln", "cad", "kes", "cedi", "chf", "inr"} else ""


def _counted(text: Text, i: int, stop: int) -> tuple[str, ...]:
    following = takewhile(lambda j: not value(text.forms[j]) and _joined(text, j), range(i + 1, min(i + 4, stop)))
    forms = (text.forms[j] for j in following)
    return tuple(stem(form) for form in forms if len(form) > 2 and form not in lexicon()["common"])


def _joined(text: Text, i: int) -> bool:
    """Whether no mark parts a word from the one before."""
    return text.raw[text.end(i - 1) : text.start(i)].strip(" \t€$£¥%") == ""
