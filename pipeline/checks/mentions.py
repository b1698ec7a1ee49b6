"""What a message says of its reader, held against what the brief knows of them. Reading in, Hits out."""

from collections.abc import Iterator

from pipeline.acts import Labelled, Reading, content, lexicon
from pipeline.domain import Act, Hit, Look
from pipeline.phrases import Phrases
from pipeline.text import FIELD, parse


def detail() -> Look:
    """No sentence holds a detail of this reader: no hook, or hooks that name nothing."""

    def look(reading: Reading) -> Iterator[Hit]:
        if not any(_concrete(reading, line) for line in reading.having(Act.HOOK)):
            yield Hit(0, 0)

    return look


def _concrete(reading: Reading, line: Labelled) -> bool:
    """A hook names something: a meaningful word, a name, a number or a merge field."""
    text, sentence = reading.text, line.sentence
    return bool(content(text, sentence.first, sentence.last)) or any(
        text.forms[i] == FIELD or text.forms[i][0].isdigit() or (i > sentence.first and text.capital(i) and len(text.forms[i]) > 2)
        for i in range(sentence.first, sentence.last)
    )


def unmentioned(*, fact: str) -> Look:
    """The brief holds something that the message does not use: fact "met" or "shared"."""

    def look(reading: Reading) -> Iterator[Hit]:
        brief = reading.draft.brief
        said = content(reading.text)
        facts = (brief.history.met,) if fact == "met" else brief.shared
        if not any(said & content(parse(one)) for one in facts):
            yield Hit(0, 0, "; ".join(facts))

    return look


def answered(*, role: list[str], company: list[str], place: list[str], since: list[str], closed: list[str]) -> Look:
    """A question whose answer the brief or the pasted profile already holds.

    The patterns of `role`, `company`, `place` and `since` are questions; they hit where the brief knows that thing.
    A question that starts with one of `closed` hits where nearly all its words of meaning stand in one fact.
    """
    asked = Phrases({"role": role, "company": company, "place": place, "since": since}, lexicon())
    heads = frozenset(closed)

    def look(reading: Reading) -> Iterator[Hit]:
        to = reading.draft.brief.to
        profile = f"{to.profile}\n" + "\n".join(to.facts)
        if not (to.role or to.company or profile.strip()):
            return
        known = {
            "role": bool(to.role or to.profile),
            "company": bool(to.company or to.profile),
            "place": bool(to.profile) and any(word in profile.lower() for word in (" in ", "based", "lives", ", ")),
            "since": any(char.isdigit() for char in profile) and ("since" in profile.lower() or "year" in profile.lower() or "20" in profile),
        }
        hit = {match.sentence for match in asked.find(reading.text) if known[match.tag]}
        facts = [content(parse(line)) for line in (*to.facts, *to.profile.splitlines())]
        for number, line in enumerate(reading.labelled):
            if number in hit or _closed_and_known(reading, line, heads, facts):
                yield Hit(line.sentence.start, line.sentence.end, reading.says(line))

    return look


def _closed_and_known(reading: Reading, line: Labelled, heads: frozenset[str], facts: list[frozenset[str]]) -> bool:
    sentence = line.sentence
    if not reading.says(line).endswith("?") or reading.text.forms[sentence.first] not in heads:
        return False
    asked = content(reading.text, sentence.first, sentence.last)
    return len(asked) >= 2 and any(len(asked & fact) >= max(2, 0.8 * len(asked)) for fact in facts)


def greeting(*, fault: str) -> Look:
    """The greeting is "missing", "impersonal" (no name where one is known or usual), or names "someone-else"."""

    def look(reading: Reading) -> Iterator[Hit]:
        lines = reading.having(Act.GREETING)
        if fault == "missing":
            if not lines:
                yield Hit(0, 0)
            return
        for line in lines:
            sentence = line.sentence
            words = [i for i in range(sentence.first, sentence.last) if reading.text.forms[i] not in lexicon()["greet"]]
            named = [i for i in words if reading.text.forms[i] not in lexicon()["addressee"]]
            wrong = fault == "impersonal" and not named or fault == "someone-else" and _someone_else(reading, named)
            if wrong:
                yield Hit(sentence.start, sentence.end, reading.says(line).rstrip(",!: "))

    return look


def _someone_else(reading: Reading, named: list[int]) -> bool:
    text = reading.text
    known = frozenset(parse(reading.draft.brief.to.name).forms)
    greeted = {text.forms[i] for i in named if text.forms[i] != FIELD and "[" not in text.written(i)}
    return bool(known and greeted) and known.isdisjoint(greeted)


def employer_only(*, any_of: list[str]) -> Look:
    """The only thing said of the reader is where they work: a pattern fits, and no other hook is left."""
    employed = Phrases({"": any_of}, lexicon())

    def look(reading: Reading) -> Iterator[Hit]:
        found = list(employed.find(reading.text))
        if not found:
            return
        company = content(parse(reading.draft.brief.to.company))
        sentences = {match.sentence for match in found}
        others = [
            line
            for number, line in enumerate(reading.labelled)
            if number not in sentences
            and Act.HOOK in line.acts
            and content(reading.text, line.sentence.first, line.sentence.last) - company
        ]
        if not others:
            first = found[0]
            start, end = reading.text.starts[first.first], reading.text.ends[first.last - 1]
            yield Hit(start, end, reading.draft.text[start:end])

    return look
