"""Questions that the brief answers, and reasons that lie in an employer. Reading in, Hits out."""

from collections.abc import Iterator

from pipeline.acts import Labelled, Reading
from pipeline.domain import Act, Hit, Look
from pipeline.lexicon import content, lexicon
from pipeline.phrases import Match, Phrases
from pipeline.text import parse

SCHOOLING = frozenset(
    {
        "university",
        "college",
        "school",
        "studied",
        "degree",
        "diploma",
        "graduated",
        "graduate",
        "bsc",
        "msc",
        "ba",
        "ma",
        "mba",
        "phd",
    }
    | {"bachelor", "master"}
)
"""Words of a profile that say where somebody learned."""
OPENING = frozenset(
    {"still", "yet", "again", "enough", "or", "both", "ever", "would", "could", "better", "worse", "easier", "harder"}
)
"""Words that make a yes-or-no question one that no profile answers."""


def answered(
    *, role: list[str], company: list[str], place: list[str], since: list[str], study: list[str], closed: list[str]
) -> Look:
    """A question whose answer the brief or the pasted profile already holds.

    The patterns of `role`, `company`, `place`, `since` and `study` are questions; they hit where the brief knows that
    thing. A question that starts with one of `closed` hits where all its words of meaning stand in one fact.
    """
    asked = Phrases({"role": role, "company": company, "place": place, "since": since, "study": study}, lexicon())
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
            "since": any(char.isdigit() for char in profile)
            and ("since" in profile.lower() or "year" in profile.lower() or "20" in profile),
            "study": not SCHOOLING.isdisjoint(parse(profile).forms),
        }
        hit = {match.sentence for match in asked.find(reading.text) if known[match.tag]}
        facts = [content(parse(line)) for line in (*to.facts, *to.profile.splitlines())]
        for number, line in enumerate(reading.labelled):
            if number in hit or _closed_and_known(reading, line, heads, facts) or _looked_up(reading, line, facts):
                yield Hit(line.sentence.start, line.sentence.end, reading.says(line))

    return look


def _looked_up(reading: Reading, line: Labelled, facts: list[frozenset[str]]) -> bool:
    """A question after a date or a number ("when is", "how many") whose words of meaning all stand in the profile."""
    forms = line.forms
    if not reading.says(line).endswith("?") or not (
        forms[0] in {"when", "since"} or forms[:2] in {("how", "many"), ("how", "much")}
    ):
        return False
    asked = line.content
    return len(asked) >= 2 and asked <= frozenset().union(*facts)


def _closed_and_known(reading: Reading, line: Labelled, heads: frozenset[str], facts: list[frozenset[str]]) -> bool:
    sentence = line.sentence
    first = sentence.first + (reading.text.forms[sentence.first] in {"and", "so", "also", "but"})
    forms = reading.text.forms[first : sentence.last]
    if not reading.says(line).endswith("?") or not forms or forms[0] not in heads or not OPENING.isdisjoint(forms):
        return False
    asked = content(reading.text, first, sentence.last)
    return len(asked) >= 2 and any(asked <= fact for fact in facts)


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
            if number not in sentences and Act.HOOK in line.acts and line.content - company
        ]
        ends = {match.sentence: match.last for match in found}
        beside = [
            line
            for number, line in enumerate(reading.labelled)
            if any(_starts(one, "hook", ends.get(number)) for one in line.matches)
        ]
        if not others and not beside:
            first = found[0]
            start, end = reading.text.start(first.first), reading.text.end(first.last - 1)
            yield Hit(start, end, reading.draft.text[start:end])

    return look


def _starts(match: Match, tag: str, behind: int | None) -> bool:
    return behind is not None and match.tag == tag and match.first >= behind
