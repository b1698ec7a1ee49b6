"""The subject line of an InMail or e-mail. Reading in, Hits out, all of part "subject"."""

import re
from collections.abc import Iterator

from pipeline.acts import Reading
from pipeline.domain import Hit, Look
from pipeline.lexicon import lexicon
from pipeline.phrases import Phrases
from pipeline.text import FIELD, Text, utf16

REPLIED = re.compile(r"(?:\s*(?:re|fw|fwd|aw|wg|antw|sv|tr)\s*(?:\[\d+\])?\s*(?::|\.\s))+", re.IGNORECASE)


def subject(*, fault: str, any_of: list[str] | None = None, most: int = 0) -> Look:
    """The subject has a fault that a reader sees before anything else.

    It is "missing", "long" (over `most` UTF-16 units), "over-limit" (of the kind), fits a pattern ("says"), "shouts"
    (capitals, "!!"), or opens like an answer ("false-reply": "RE:", "Fwd:").
    """
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
                start, end = reading.subject.start(match.first), reading.subject.end(match.last - 1)
                yield Hit(start, end, reading.draft.subject[start:end], part="subject")
                return
        elif fault == "shouts" and (_loud(reading.subject) or "!!" in line):
            yield Hit(0, len(line), line, part="subject")
        elif fault == "false-reply" and (opening := REPLIED.match(line)):
            yield Hit(0, opening.end(), opening.group().strip(), part="subject")

    return look


def _loud(text: Text) -> bool:
    """Two words of three letters or more in capitals, and none of that length in small letters; merge fields aside."""
    words = [
        text.written[i] for i, form in enumerate(text.forms) if len(form) > 2 and form[0] != FIELD and form.isalpha()
    ]
    return len(words) > 1 and all(map(str.isupper, words))
