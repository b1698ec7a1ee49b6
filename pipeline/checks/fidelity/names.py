"""Capitalised words of a rewrite come in; those that are names of nobody in draft or brief go out."""

from collections.abc import Iterator
from functools import cache

from pipeline.acts import Reading, lexicon
from pipeline.checks.fidelity.sources import courteous, plain, stems_of, word_hit
from pipeline.checks.figures import dates
from pipeline.domain import Act, Hit
from pipeline.text import FIELD, Sentence, Text, is_link, stem


@cache
def _ordinary() -> frozenset[str]:
    """Every word of the lexicon: what may open a sentence with a capital and is nobody's name."""
    return frozenset(stem(word) for words in lexicon().classes.values() for word in words)


def strange_names(text: Text, known: Text) -> Iterator[int]:
    """The places of names that a known text has not."""
    stems = stems_of(known.raw)
    dated = dates(text)
    for sentence in text.sentences:
        for i in range(sentence.first, sentence.last):
            form = plain(text.forms[i])
            if form[0] == FIELD or not text.capital(i) or is_link(form) or not form[0].isalpha() or i in dated:
                continue
            if (
                form in lexicon()["innocent"]
                or form in {"mr", "mrs", "ms", "miss"}
                or form in lexicon()["sign"]
                or {stem(part) for part in (form, *form.split("-"))} & stems
            ):
                continue
            if (i > sentence.first and not _begins(text, i)) or (
                stem(form) not in _ordinary() and _like_a_name(text, sentence, i)
            ):
                yield i


def signed_by_another(reading: Reading) -> Iterator[Hit]:
    """Words in the signature that are neither the draft's nor the sender's, even if the brief has them elsewhere."""
    draft, text = reading.draft, reading.text
    stems = stems_of(f"{draft.first.text}\n{draft.brief.sender.words}") | courteous()
    for line in reading.having(Act.SIGNATURE):
        for i in range(line.sentence.first, line.sentence.last):
            form = plain(text.forms[i])
            if form[0].isalpha() and form not in lexicon()["common"] and len(form) > 2 and stem(form) not in stems:
                yield word_hit(text, i, "body")


def _begins(text: Text, i: int) -> bool:
    """A capital behind a full stop, a colon, a dash or an opening quotation mark begins a sentence of its own."""
    return text.raw[: text.start(i)].rstrip()[-1:] in set('.!?:–—"“‘•-*') and stem(plain(text.forms[i])) in _ordinary()


def _like_a_name(text: Text, sentence: Sentence, i: int) -> bool:
    """Of words that open a sentence: one that stands alone (a signature), or before a name or what people do."""
    following = text.forms[i + 1] if i + 1 < sentence.last else ""
    return (
        not following
        or text.forms[i].endswith("'s")
        or text.capital(i + 1)
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
