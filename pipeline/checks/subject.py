"""The subject line of an InMail or e-mail. Reading in, Hits out, all of part "subject"."""

from collections.abc import Iterator

from pipeline.acts import Reading, lexicon
from pipeline.domain import Hit, Look
from pipeline.phrases import Phrases
from pipeline.text import utf16


def subject(*, fault: str, any_of: list[str] | None = None, most: int = 0) -> Look:
    """The subject is "missing", "long" (over `most` UTF-16 units), "over-limit" (of the kind), or fits a pattern ("says")."""
    wanted = Phrases({"": any_of or []}, lexicon())

    def look(reading: Reading) -> Iterator[Hit]:
        line, kind = reading.draft.subject.strip(), reading.draft.kind
        size = utf16(line)
        if fault == "missing" and not line and kind.subject:
            yield Hit(0, 0, part="subject")
        elif fault == "long" and size > most:
            yield Hit(0, len(line), line, size, most, "subject")
        elif fault == "over-limit" and kind.subject and size > kind.subject.most:
            yield Hit(0, len(line), line, size, kind.subject.most, "subject")
        elif fault == "says" and line:
            for match in wanted.find(reading.subject):
                start, end = reading.subject.starts[match.first], reading.subject.ends[match.last - 1]
                yield Hit(start, end, reading.draft.subject[start:end], part="subject")
                return
        elif fault == "shouts" and len(line) > 5 and (line.isupper() or "!!" in line):
            yield Hit(0, len(line), line, part="subject")

    return look
