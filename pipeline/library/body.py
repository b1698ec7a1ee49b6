"""A value of a library as it stands comes in; the message in it goes out, and the value with another message in it."""

import re
from dataclasses import dataclass

from pipeline.drafts import LARGEST

LINE_END = re.compile(r"\r\n|\r|\n")
HEAD = re.compile(
    r"(?P<before>[\r\n]*Subject:[ \t]*)(?P<subject>\S[^\r\n]*?)(?P<gap>[ \t]*(?:\r\n|\r|\n)\s*[\r\n])(?=\S)"
)
"""A subject that stands above its text, as `improve` prints it (see drafts.SUBJECT)."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Body:
    """A value taken apart: `before` and `after` are what stands around the text and is never changed.

    `own` says that the subject has a place of its own elsewhere; else `subject` is the one above the text, or None.
    """

    value: str
    before: str
    text: str
    after: str
    own: bool = False
    subject: str | None = None
    gap: str = ""

    @classmethod
    def of(cls, value: str, own: bool = False) -> "Body":
        """A value taken apart."""
        head = None if own else HEAD.match(value)
        start = head.end() if head else len(value) - len(value.lstrip("\r\n"))
        end = max(start, len(value.rstrip()))
        before, subject, gap = head.group("before", "subject", "gap") if head else (value[:start], None, "")
        return cls(value, before, LINE_END.sub("\n", value[start:end]), value[end:], own, subject, gap)

    def written(self, text: str, subject: str | None) -> str:
        """The value with another text, in the line ends of the old, and another subject where one stands above it."""
        above = "" if self.subject is None else f"{self.subject if subject is None else subject}{self.gap}"
        ends = LINE_END.search(self.value)
        return f"{self.before}{above}{text.replace(chr(10), ends[0] if ends else chr(10))}{self.after}"


def tidy(text: str) -> str:
    """A text as a reader gives it: line ends are LF, no blank lines around it, no spaces at its end."""
    return LINE_END.sub("\n", text).strip("\n").rstrip()


def unfit(text: str) -> str:
    """Why a text is none that a message can have, with the remedy; "" where it is one."""
    if len(text) > LARGEST or len(text.encode("utf-8", "replace")) > LARGEST:
        return f"a text over the limit of {LARGEST:,} bytes: give one message"
    if found := CONTROL.search(text):
        return f"a control character (U+{ord(found[0]):04X}) in the text: remove it"
    return ""
