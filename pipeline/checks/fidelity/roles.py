"""Who did what: draft and rewrite come in, sentences that give one person's doing to the other go out."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from pipeline.acts import Labelled, Reading
from pipeline.checks.fidelity.sources import TALK, new_lines, parsed, sentence_hit
from pipeline.checks.figures import value
from pipeline.domain import Draft, Hit
from pipeline.lexicon import lexicon
from pipeline.phrases import Phrases
from pipeline.text import FIELD, Sentence, Text, stem

ME, YOU = "me", "you"
OTHER = {ME: YOU, YOU: ME}
SUBJECTS = {
    **dict.fromkeys(["i", "i'm", "i've", "i'd", "i'll", "we", "we're", "we've", "we'd", "we'll"], ME),
    **dict.fromkeys(["you", "you're", "you've", "you'd", "you'll"], YOU),
}
OWNERS = {"my": ME, "our": ME, "your": YOU}
BEFORE_YOU = frozenset(
    "that when what how why which where who whom if as because since and but so do did does would could have had can"
    " will were are while before after until".split()
)
"""Behind one of these, or at the start of a clause, "you" does something; elsewhere it may be done to."""
PASSING = frozenset(
    "who have has had am are was were be been do did does will would could can may might should not never also just"
    " still only really now then once already recently always often usually myself yourself both all".split()
)
"""What may stand between "you" and what you did."""
MODAL = frozenset("would could can may might will shall should i'd we'd you'd i'll we'll you'll".split())
REGARD = frozenset(
    map(
        stem,
        "see saw seen read hear heard notice noticed watch find found know knew learn understand think thought wonder"
        " like love enjoy want wish hope need wondering curious interested grateful glad happy sure sorry afraid mean"
        " look looking follow remember guess believe suspect feel try trying consider please use used buy".split(),
    )
)
"""What one does with the other's things without taking them: these prove nothing about whose they are."""
REACH = 9
OWN = "own "
"""Before a stem: the thing itself is somebody's ("my talk"), and not only a word of what they said."""
SUPPOSED = frozenset(["if", "should", "whether", "unless", "in"])
"""Behind one of these, nothing is claimed of anybody."""


def roles_turned(reading: Reading, origin: Reading, _: Phrases) -> Iterator[Hit]:
    """Sentences that say of the reader what the sender did, or the other way about."""
    sides = _sides(*_texts(origin.draft))
    for line in new_lines(reading):
        if not reading.says(line).endswith("?") and _turned(reading, line, sides):
            yield sentence_hit(reading, line)


def _turned(reading: Reading, line: Labelled, sides: Mapping[str, frozenset[str]]) -> bool:
    text = reading.text
    words = {stem(form) for form in line.forms}
    for start, at, side in _doings(text, line.sentence):
        other, form = frozenset([OTHER[side]]), text.forms[at]
        owns = text.forms[start] in OWNERS
        if sides.get(OWN + stem(form) if owns else stem(form)) == other and _tells(form):
            if any(OTHER[side] in sides.get(word, ()) for word in words - {stem(form)}):
                return True
        elif not owns and not _leaves_open(text, start, at):
            said = [sides.get(stem(text.forms[i])) for i in _clause(text, line.sentence, at)]
            if said.count(other) >= 2 and said.count(other) > said.count(frozenset([side])):
                return True
    return False


def _leaves_open(text: Text, start: int, at: int) -> bool:
    """Whether "I would ...", "I read ..." and the like claim no doing of their own."""
    return stem(text.forms[at]) in REGARD | TALK or not MODAL.isdisjoint(text.forms[start:at])


def _clause(text: Text, sentence: Sentence, at: int) -> Iterator[int]:
    """The words from a doing to the next mark or the next person."""
    for i in range(at, min(at + REACH, sentence.last)):
        if i > at and (
            text.forms[i] in lexicon()["me"] | lexicon()["you"] or text.raw[text.end(i - 1) : text.start(i)].strip()
        ):
            return
        yield i


def _doings(text: Text, sentence: Sentence) -> Iterator[tuple[int, int, str]]:
    """Where a sentence names a person, what that person does or owns, and who it is."""
    speaker = ""
    for i in range(sentence.first, sentence.last):
        form = text.forms[i]
        side = SUBJECTS.get(form) or OWNERS.get(form, "")
        if not side or (form == "you" and not _acts(text, sentence, i)):
            continue
        if i > sentence.first and text.forms[i - 1] in SUPPOSED:
            return
        if form in SUBJECTS:
            speaker = side
        elif speaker and speaker != side:
            continue
        at = next((j for j in range(i + 1, min(i + 5, sentence.last)) if not _passes(text, j)), -1)
        if at >= 0:
            yield i, at, side


def _acts(text: Text, sentence: Sentence, i: int) -> bool:
    before = text.raw[text.end(i - 1) : text.start(i)].strip() if i > sentence.first else "."
    return bool(before) or text.forms[i - 1] in BEFORE_YOU


def _passes(text: Text, i: int) -> bool:
    return text.forms[i] in PASSING or text.forms[i] in lexicon()["very"] or bool(value(text.forms[i]))


def _tells(form: str) -> bool:
    return len(form) > 2 and form[0] != FIELD and form not in lexicon()["common"] and stem(form) not in TALK


def _texts(draft: Draft) -> tuple[str, ...]:
    """What the sender says, what is said of the sender, of the reader and of both, and what the reader says."""
    brief, past = draft.brief, draft.brief.history
    said = (draft.first.text, past.earlier, brief.goal)
    of_me = (brief.sender.role, brief.sender.company, *brief.sender.facts, brief.sender.profile)
    of_you = (brief.to.role, brief.to.company, *brief.to.facts, brief.to.profile)
    of_both = (*brief.shared, brief.benefit, past.met)
    return tuple("\n\n".join(parts) for parts in (said, of_me, of_you, of_both, (past.received,)))


@lru_cache(64)
def _sides(said: str, of_me: str, of_you: str, of_both: str, received: str) -> Mapping[str, frozenset[str]]:
    """For each word, by its stem, whose it is: the sender's, the reader's or both."""
    found: dict[str, set[str]] = {}
    for text, own, alone in ((said, ME, ""), (of_me, ME, ME), (of_you, YOU, YOU), (received, YOU, "")):
        for word, side in _owned(parsed(text), own, alone):
            found.setdefault(word, set()).add(side)
    for form in parsed(of_both).vocabulary:
        found[stem(form)] = {ME, YOU}
    return {word: frozenset(there) for word, there in found.items()}


def _owned(text: Text, own: str, alone: str) -> Iterator[tuple[str, str]]:
    """Each word with the person named nearest before it; `alone` is whose words without a person are."""
    me, you = lexicon()["me"], lexicon()["you"]
    for sentence in text.sentences:
        forms = sentence.wording.forms
        named = {own for form in forms if form in me} | {OTHER[own] for form in forms if form in you}
        side = speaker = alone or (next(iter(named)) if len(named) == 1 else "")
        owned = 0
        for i, form in enumerate(forms, sentence.first):
            owned -= 1
            if form in me or form in you:
                side, owned = own if form in me else OTHER[own], 3 if form in OWNERS else 0
                if form in SUBJECTS and (form != "you" or _acts(text, sentence, i)):
                    speaker = side
            elif not _tells(form):
                owned = 0
            elif not side:
                yield from ((stem(form), ME), (stem(form), YOU))
            else:
                yield stem(form), side
                if owned > 0 or alone:
                    yield OWN + stem(form), side
                if speaker and owned <= 0:
                    yield stem(form), speaker
