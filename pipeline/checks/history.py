"""What came before: days, counts, what a follow-up adds, and circumstances that alone decide. Reading in, Hits out."""

from collections.abc import Iterator

from pipeline.acts import Reading
from pipeline.domain import Act, Hit, Look
from pipeline.lexicon import content, lexicon
from pipeline.likely import likely
from pipeline.phrases import Phrases
from pipeline.text import parse, stem


def gap(*, least_days: int) -> Look:
    """A further message sooner than `least_days` days after the last one."""

    def look(reading: Reading) -> Iterator[Hit]:
        past = reading.draft.brief.history
        if past.sent and past.days_since is not None and past.days_since < least_days:
            yield Hit(0, 0, "", past.days_since, least_days)

    return look


def count(*, most: int) -> Look:
    """More than `most` messages have gone out without an answer, this one not counted."""

    def look(reading: Reading) -> Iterator[Hit]:
        sent = reading.draft.brief.history.sent
        if sent > most:
            yield Hit(0, 0, "", sent, most)

    return look


def adds_nothing(*, least_new: int, news: list[str]) -> Look:
    """A follow-up with fewer than `least_new` words of meaning besides courtesy, close and what was written before.

    So is one that presses where no sentence offers something or likely takes up the reader, and no pattern of `news`
    ("since then", "attached") fits.
    """
    tells = Phrases({"": news}, lexicon())

    def look(reading: Reading) -> Iterator[Hit]:
        before = content(parse(reading.draft.brief.history.earlier)) | frozenset(map(stem, lexicon()["courteous"]))
        idle = {Act.THANKS, Act.CLOSE, Act.PRESSURE, Act.FILLER}
        new: set[str] = set()
        for line in reading.body:
            if not line.acts & idle or line.acts & {Act.HOOK, Act.VALUE, Act.ASK}:
                new |= line.content - before
        fields = sum(field.name.lower() not in {"first_name", "firstname", "name"} for field in reading.scan.fields)
        presses = any(Act.PRESSURE in line.acts for line in reading.body)
        offers = any(Act.VALUE in line.acts and Act.PRESSURE not in line.acts for line in reading.body)
        brings = offers or likely(reading, Act.HOOK) or tells.find(reading.text)
        if len(new) + fields < least_new or (presses and not brings):
            yield Hit(0, 0, "", len(new), least_new)

    return look


def always() -> Look:
    """A hit wherever the rule applies: the rule's `when` list says it all."""

    def look(reading: Reading) -> Iterator[Hit]:
        yield Hit(0, 0)

    return look
