"""What a message says of its reader, held against what the brief knows of them. Reading in, Hits out."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from pipeline.acts import Labelled, Reading, content, known_of_reader, lexicon
from pipeline.domain import Act, Brief, Hit, Look
from pipeline.likely import likely
from pipeline.phrases import Match, Phrases
from pipeline.text import FIELD, Text, parse

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
BINDING = frozenset(
    {"on", "of", "about", "from", "in", "at", "with", "for", "where", "that", "which", "between", "against"}
)
"""Words that tie a thing of theirs to what it is about."""
WISHING = frozenset({"please", "would", "could", "can", "may", "will", "for", "kindly", "want", "need"})
"""Words of a sentence that speaks of what might be, and tells nothing of the reader."""
HOURS = frozenset({"good", "morning", "afternoon", "evening", "day"})
"""Words that greet only as "Good morning," and the like: "Good to hear ..." greets nobody."""
SHORT_NAMES = {
    "bob": "robert",
    "bill": "william",
    "peggy": "margaret",
    "ted": "edward",
    "jack": "john",
    "dick": "richard",
    "sasha": "alex",
    "kate": "catherine",
    "cathy": "katherine",
    "liz": "elizabeth",
    "beth": "elizabeth",
    "tony": "anthony",
    "betty": "elizabeth",
    "lena": "elena",
    "misha": "mikhail",
    "kolya": "nikolai",
    "pepe": "jose",
    "paco": "francisco",
    "nacho": "ignacio",
    "gosia": "malgorzata",
}
"""Short names that share no first letter with the long one, or that are common enough to be sure of."""


WITHIN = frozenset("in on at from of through behind with".split())
SAYS = frozenset("says said asks asked lists shows gives tells has counts names".split())
"""What a thing of theirs does that is quoted: "your page says"."""
NAMES = frozenset("name firstname lastname fname lname title salutation greeting company account date day".split())
"""What a merge field holds that every reader has."""
LONG = 5
"""Letters of a stem that is not shared by chance."""
GREETED = 7
"""Words within which a greeting names its reader."""


def detail() -> Look:
    """No sentence holds a detail of this reader: no hook, or hooks that name nothing."""

    def look(reading: Reading) -> Iterator[Hit]:
        lines = [line for line in reading.body if not _for_anyone(reading, line)]
        hooked = any(Act.HOOK in line.acts and _concrete(reading, line) for line in lines)
        early = any(_theirs(reading, line) or _tells(reading, line) for line in lines[:3])
        owned = any(_owned(line) or _trade(reading, line) for line in lines) or any(map(_of_fact(reading), lines[:1]))
        if not (hooked or early or owned or any(line in lines for line in _likely_hooks(reading))):
            yield Hit(0, 0)

    return look


def _concrete(reading: Reading, line: Labelled) -> bool:
    """A hook names something: a meaningful word, a name, a number or a merge field."""
    text, sentence = reading.text, line.sentence
    return bool(content(sentence.wording)) or any(
        text.forms[i] == FIELD
        or text.forms[i][0].isdigit()
        or (i > sentence.first and text.capital(i) and len(text.forms[i]) > 2)
        for i in range(sentence.first, sentence.last)
    )


def _theirs(reading: Reading, line: Labelled) -> bool:
    """An early sentence says "Your X ..." or "... your X on ...", and X is nothing that everyone has, as a profile."""
    forms, generic = line.forms, lexicon()["generic"]
    if line.acts & {Act.VALUE, Act.PRESSURE} or len(line.content) < 3:
        return False
    places = [i for i, form in enumerate(forms[:-2]) if form == "your" and generic.isdisjoint(forms[i + 1 : i + 3])]
    return any(i == 0 or not BINDING.isdisjoint(forms[i + 2 : i + 4]) for i in places)


def _owned(line: Labelled) -> bool:
    """A sentence says something of a thing of theirs that not everyone has: "I see your rubber floor goes white"."""
    forms, generic = line.forms, lexicon()["generic"]
    if line.acts & {Act.VALUE, Act.PRESSURE, Act.FILLER} or line.asks - {"opinion"} or len(line.content) < 3:
        return False
    return (line.asks == {"opinion"} or WISHING.isdisjoint(forms)) and any(
        form == "your"
        and generic.isdisjoint(forms[i + 1 : i + 3])
        and len(forms[i + 1]) > 3
        and (len(forms) > i + 3 or (len(forms) == i + 2 and forms[i - 1] in WITHIN))
        for i, form in enumerate(forms[:-1])
    )


def _of_fact(reading: Reading) -> Callable[[Labelled], bool]:
    """Whether a sentence that names neither us nor our house holds two words of what is known of the reader."""
    brief = reading.draft.brief
    facts, own = content(parse("\n".join(brief.to.facts))), content(parse(brief.sender.company))
    ours = lexicon()["me"]
    return lambda line: (
        len(line.content & facts) >= 2 and not own & line.content and ours.isdisjoint(set(line.forms) - {"us"})
    )


def _trade(reading: Reading, line: Labelled) -> bool:
    """A question about what the reader does: it names a word of their role."""
    role = content(parse(reading.draft.brief.to.role)) - lexicon()["generic"]
    return line.asks == {"opinion"} and bool(role & line.content)


def _tells(reading: Reading, line: Labelled) -> bool:
    """A sentence holds a field for what only this reader did ("In {recent_post} you"), or two of what they have."""
    fields = [one for one in reading.scan.fields if line.sentence.start <= one.start < line.sentence.end]
    own = [one for one in fields if not one.by_hand and NAMES.isdisjoint(_words_of(one.name))]
    spoken = not lexicon()["you"].isdisjoint(line.forms)
    return len(own) >= 2 or (spoken and any(not lexicon()["deeds"].isdisjoint(_words_of(one.name)) for one in fields))


def _words_of(name: str) -> list[str]:
    """What a merge field's name is made of: recentPost, recent_post, RECENT POST."""
    return re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())


def _likely_hooks(reading: Reading) -> Iterator[Labelled]:
    """The sentences that by their words likely speak of this reader, and not of what everyone has."""
    known = known_of_reader(reading.draft)
    for line in likely(reading, Act.HOOK):
        yours = [line.forms[i + 1 : i + 3] for i, form in enumerate(line.forms) if form == "your"]
        common = yours and not any(lexicon()["generic"].isdisjoint(words) for words in yours)
        asks = Act.ASK in line.acts and not line.content & known
        spoken = not lexicon()["you"].isdisjoint(line.forms)
        if spoken and not common and not asks and not line.acts & {Act.VALUE, Act.PRESSURE}:
            yield line


def _for_anyone(reading: Reading, line: Labelled) -> bool:
    """All that hooks is what everyone has ("your profile", "your CV"), or a bracket that nobody has filled."""
    hooks = [reading.text.forms[match.first : match.last] for match in line.matches if match.tag == "hook"]
    words = lexicon()["generic"] | lexicon()["cv"]
    common = hooks and all(
        one[0] == "your" and not words.isdisjoint(one[1:3]) and SAYS.isdisjoint(one[2:3]) for one in hooks if one
    )
    fields = [one for one in reading.scan.fields if line.sentence.start <= one.start < line.sentence.end]
    return bool(common) or any(one.by_hand for one in fields)


def unmentioned(*, fact: str, unless: list[str] | None = None, acts: list[str] | None = None) -> Look:
    """The brief holds something that the message does not use.

    The fact is "met", "shared", "offer" or "reader" (facts, profile). It counts as used where a pattern of `unless`
    fits, or where a sentence that asks for no favour performs one of `acts`. Of a fact about the reader at least two
    words of meaning must be there, names left aside; of the others, one.
    """
    spared = Phrases({"": unless or []}, lexicon())
    performing = frozenset(Act(act) for act in acts or ())
    least = 2 if fact == "reader" else 1

    def look(reading: Reading) -> Iterator[Hit]:
        told = (line for line in reading.labelled if not line.asks - {"opinion", "connect", "reply"})
        if any(performing & line.acts for line in told) or spared.find(reading.text):
            return
        if fact == "reader" and _filled_detail(reading):
            return
        facts = _facts(reading.draft.brief, fact)
        named = (
            content(parse(f"{reading.draft.brief.to.name} {reading.draft.brief.to.company}"))
            if fact == "reader"
            else frozenset()
        )
        known = [stems for one in facts if (stems := content(parse(one)) - named)]
        said = content(reading.text)
        if not known or any(len(said & stems) >= min(least, len(stems)) for stems in known):
            return
        if fact == "reader" and any(_touches(line, reading.draft.brief.to.facts) for line in reading.body):
            return
        if fact != "reader" or not any(_likely_hooks(reading)):
            yield Hit(0, 0, "; ".join(facts))

    return look


def _touches(line: Labelled, facts: Sequence[str]) -> bool:
    """A sentence to the reader shares a longer word with a fact of theirs: "Following your interview"."""
    spoken = not lexicon()["you"].isdisjoint(line.forms)
    return spoken and any(len(one) >= LONG for one in content(parse("\n".join(facts))) & line.content)


def _filled_detail(reading: Reading) -> bool:
    """An opening sentence about the reader holds a merge field: what is known of each of many stands there."""
    return any(
        FIELD in line.forms
        and (Act.HOOK in line.acts or _theirs(reading, line) or _tells(reading, line) or _yours(reading, line))
        for line in reading.body[:2]
    )


def _yours(reading: Reading, line: Labelled) -> bool:
    """A sentence says "your" right before a merge field."""
    forms = line.forms
    return ("your", FIELD) in pairwise(forms)


def _facts(brief: Brief, fact: str) -> tuple[str, ...]:
    if fact == "reader":
        return (*brief.to.facts, *brief.to.profile.splitlines())
    return {"met": (brief.history.met,), "shared": brief.shared, "offer": (brief.sender.offer,)}[fact]


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


def greeting(*, fault: str) -> Look:
    """The greeting is "missing", "impersonal" (no name where one is known or usual), or names "someone-else"."""

    def look(reading: Reading) -> Iterator[Hit]:
        lines = [line for line in reading.having(Act.GREETING) if _greets(reading, line)]
        if fault == "missing":
            if not lines and not _opens_with_name(reading) and not _named_at_once(reading):
                yield Hit(0, 0)
            return
        if fault == "impersonal" and _named_at_once(reading):
            return
        for line in lines:
            sentence = line.sentence
            words = [i for i in range(sentence.first, sentence.last) if reading.text.forms[i] not in lexicon()["greet"]]
            named = [i for i in words if reading.text.forms[i] not in lexicon()["addressee"]] + _behind_title(
                reading.text, sentence.last
            )
            wrong = (fault == "impersonal" and not named) or (fault == "someone-else" and _someone_else(reading, named))
            if wrong:
                yield Hit(sentence.start, sentence.end, reading.says(line).rstrip(",!: "))

    return look


def _greets(reading: Reading, line: Labelled) -> bool:
    """Whether this greets, and is not the first word of "Good to hear that ..."."""
    sentence, raw = line.sentence, reading.text.raw
    end = reading.text.end(sentence.last - 1)
    return (
        reading.text.forms[sentence.first] not in HOURS
        or raw[end : end + 1] in ",!:;.-–—\n"
        or raw[end : end + 2] in {" -", " –", " —"}
    )


def _named_at_once(reading: Reading) -> bool:
    """Whether the reader's name stands among the first words, whatever greets: "Peace be upon you, dear Dr Okoro"."""
    name = frozenset(reading.draft.brief.to.name.lower().split()) - lexicon()["title"] - lexicon()["esteem"]
    text, line_end = reading.text, reading.text.raw.find("\n") % (len(reading.text.raw) + 1)
    return any(text.forms[i] in name and text.start(i) < line_end for i in range(min(GREETED, len(text.forms))))


def _behind_title(text: Text, i: int) -> list[int]:
    """The name that a full stop cuts off from its title: "Dear Ms. Keogh"."""
    titled = 0 < i < len(text.forms) and text.forms[i - 1] in {"mr", "mrs", "ms", "dr", "prof", "mx", "st"}
    return [i] if titled and text.raw[text.end(i - 1)] == "." and text.capital(i) else []


def _opens_with_name(reading: Reading) -> bool:
    """The message begins with a name or a field and a mark: "Sofie, ..."."""
    text = reading.text
    last = next(
        (
            i
            for i in range(min(3, len(text.forms)))
            if not text.capital(i) or text.raw[text.end(i) : text.end(i) + 1] in ",!:-–—\n"
        ),
        -1,
    )
    return last >= 0 and text.capital(last) and text.raw[text.end(last) : text.end(last) + 1] in set(",!:-–—\n")


def _someone_else(reading: Reading, named: list[int]) -> bool:
    text, brief = reading.text, reading.draft.brief
    names = _plain(brief.to.name)
    known = names | _plain(brief.to.company) | _plain(brief.sender.name)
    greeted = {
        form
        for i in named
        if text.forms[i] != FIELD and "[" not in text.written[i]
        for form in _plain(text.forms[i])
        if len(form) > 2
    }
    if not names or not greeted or not known.isdisjoint(greeted):
        return False
    return not any(_short_for(one, name) for one in greeted for name in names)


@lru_cache(maxsize=1024)
def _plain(words: str) -> frozenset[str]:
    """Words without accents, joined names taken apart, so that "Joaquin" is "Joaquín"."""
    letters = unicodedata.normalize("NFKD", words.lower())
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    return frozenset(part for form in parse(bare).forms for part in form.removesuffix("'s").split("-"))


def _short_for(one: str, name: str) -> bool:
    """Whether a name may be the short form of another: the same first letter, or a known pair."""
    return one[:1] == name[:1] or name.startswith(SHORT_NAMES.get(one, name + "?")) or (len(one) > 3 and one in name)


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
