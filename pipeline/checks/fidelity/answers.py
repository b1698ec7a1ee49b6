"""The plain yes or no of a message: a reading comes in, its answers and those that were turned go out."""

from collections.abc import Iterator, Sequence

from pipeline.acts import Reading
from pipeline.domain import Hit
from pipeline.text import Text


def answer_turned(reading: Reading, origin: Reading, after: Sequence[frozenset[tuple[str, bool]]]) -> Iterator[Hit]:
    """For replies: a no of which no denial is left, or a yes that is now regretted."""
    if reading.draft.kind.name != "reply":
        return
    sides = answers(origin), answers(reading)
    if (
        sides[0] == {"no"}
        and not any(denied and not word[0].isdigit() for said in after for word, denied in said)
        and not sides[1]
    ):
        yield Hit(0, 0, "no")
    elif sides[0] and sides[1] and sides[0].isdisjoint(sides[1]):
        yield Hit(0, 0, next(iter(sides[0])))
    elif sides[0] == {"yes"} and not {"unfortunately", "afraid", "unable", "decline", "sadly"}.isdisjoint(
        reading.text.vocabulary - origin.text.vocabulary
    ):
        yield Hit(0, 0, "yes")


def _says_no(text: Text, i: int) -> bool:
    """Whether "no" is the answer: "I have to say no", "it is a no from us"; not the reader's: "a no is fine"."""
    before, after = text.forms[max(0, i - 2) : i], text.forms[i + 1 : i + 2]
    return (before[-1:] == ("say",) and before[:1] == ("to",)) or (before == ("is", "a") and after[:1] != ("is",))


def answers(reading: Reading) -> set[str]:
    """The plain yes or no of a message: at the start of a sentence, behind "the answer is", before "you can come"."""
    text = reading.text
    found = {"no"} if any(_says_no(text, i) for i, form in enumerate(text.forms) if form == "no") else set()
    for line in reading.labelled:
        forms = [
            form
            for form in line.forms
            if form
            not in {
                "anyway",
                "well",
                "so",
                "and",
                "but",
                "the",
                "my",
                "answer",
                "is",
                "it's",
                "it",
                "that",
                "that's",
                "this",
                "one",
                "a",
            }
        ]
        follows = forms[1] if len(forms) > 1 else ""
        if forms[:1] == ["yes"] or (
            forms[:1] == ["no"]
            and follows
            not in {"need", "rush", "problem", "pressure", "worries", "hurry", "doubt", "matter", "one", "obligation"}
        ):
            found.add(forms[0])
    return found
