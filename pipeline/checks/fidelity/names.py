"""Capitalised words of a rewrite come in; those that are names of nobody in draft or brief go out."""

from collections.abc import Iterator
from functools import cache, lru_cache

from pipeline.acts import Reading
from pipeline.checks.fidelity.sources import courteous, stems_of, word_hit
from pipeline.checks.figures import dates
from pipeline.domain import Act, Hit
from pipeline.lexicon import lexicon
from pipeline.text import FIELD, Text, Wording, is_link, plain, stem


@cache
def _ordinary() -> frozenset[str]:
    """Every word of the lexicon: what may open a sentence with a capital and is nobody's name."""
    return frozenset(stem(word) for words in lexicon().classes.values() for word in words)


def strange_names(text: Text, known: Text) -> Iterator[int]:
    """The places of names that a known text has not."""
    stems, dated = stems_of(known.raw), dates(text)
    for sentence in text.sentences:
        strange = (sentence.first + i for i in _strange(sentence.wording, stems))
        yield from (i for i in strange if i not in dated)


@lru_cache(1 << 9)
def _strange(words: Wording, stems: frozenset[str]) -> tuple[int, ...]:
    return tuple(i for i in range(len(words.forms)) if words.capital(i) and _is_strange(words, i, stems))


def _is_strange(words: Wording, i: int, stems: frozenset[str]) -> bool:
    """Whether a word with a capital is a name, and its stem is none of these."""
    form = plain(words.forms[i])
    if form[0] == FIELD or is_link(form) or not form[0].isalpha():
        return False
    if (
        form in lexicon()["innocent"]
        or form in {"mr", "mrs", "ms", "miss"}
        or form in lexicon()["sign"]
        or {stem(part) for part in (form, *form.split("-"))} & stems
    ):
        return False
    return (i > 0 and not _begins(words, i)) or (stem(form) not in _ordinary() and _like_a_name(words, i))


def signed_by_another(reading: Reading) -> Iterator[Hit]:
    """Words in the signature that are neither the draft's nor the sender's, even if the brief has them elsewhere."""
    draft, text = reading.draft, reading.text
    stems = stems_of(f"{draft.first.text}\n{draft.brief.sender.words}") | courteous()
    for line in reading.having(Act.SIGNATURE):
        for i in range(line.sentence.first, line.sentence.last):
            form = plain(text.forms[i])
            if form[0].isalpha() and form not in lexicon()["common"] and len(form) > 2 and stem(form) not in stems:
                yield word_hit(text, i, "body")


def _begins(words: Wording, i: int) -> bool:
    """A capital behind a full stop, a colon, a dash or an opening quotation mark begins a sentence of its own."""
    before = words.raw[: words.spans[i][0]].rstrip()[-1:]
    return before in set('.!?:–—"“‘•-*') and stem(plain(words.forms[i])) in _ordinary()


def _like_a_name(words: Wording, i: int) -> bool:
    """Of words that open a sentence: one that stands alone (a signature), or before a name or what people do."""
    following = words.forms[i + 1] if i + 1 < len(words.forms) else ""
    return (
        not following
        or words.forms[i].endswith("'s")
        or words.capital(i + 1)
        or following
        in {
            "is",
            "was",
            "has",
            "had",
            "and",
            "told",
            "said",
            "suggested",
            "thinks",
            "says",
            "also",
            "uses",
            "used",
            "will",
            "would",
        }
        or following in lexicon()["did"]
    )
