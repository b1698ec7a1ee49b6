"""What a message says of its reader, and what it leaves unsaid that the brief knows. Reading in, Hits out."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from pipeline.acts import Labelled, Reading, known_of_reader
from pipeline.domain import Act, Brief, Hit, Look
from pipeline.lexicon import content, lexicon
from pipeline.likely import likely
from pipeline.phrases import Phrases
from pipeline.text import FIELD, parse

BINDING = frozenset(
    {"on", "of", "about", "from", "in", "at", "with", "for", "where", "that", "which", "between", "against"}
)
"""Words that tie a thing of theirs to what it is about."""
WISHING = frozenset({"please", "would", "could", "can", "may", "will", "for", "kindly", "want", "need"})
"""Words of a sentence that speaks of what might be, and tells nothing of the reader."""
WITHIN = frozenset("in on at from of through behind with".split())
"""Words before a thing of theirs that ends a sentence: "in your choir"."""
SAYS = frozenset("says said asks asked lists shows gives tells has counts names".split())
"""What a thing of theirs does that is quoted: "your page says"."""
NAMES = frozenset("name firstname lastname fname lname title salutation greeting company account date day".split())
"""What a merge field holds that every reader has."""
LONG = 5
"""Letters of a stem that is not shared by chance."""


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
    meant = bool(reading.draft.brief.to.name) or any(not one.by_hand for one in reading.scan.fields)
    fields = [one for one in reading.scan.fields if line.sentence.start <= one.start < line.sentence.end]
    return bool(common) or (meant and any(one.by_hand for one in fields))


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
