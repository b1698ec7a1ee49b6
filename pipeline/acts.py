"""A draft comes in; its sentences go out, each labelled with the acts it performs: greeting, hook, who, why, ask ...

Most rules are short statements over this Reading. Labels come from the patterns of lexicon/acts.toml, from where a
sentence stands, and, for hooks, from the words that it shares with what the brief knows of the reader.
"""

import re
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import tomli

from pipeline.domain import Act, Draft
from pipeline.fields import Role, Scan, blank, scan
from pipeline.frame import greeting_end, opening_of, postscript, quotes, signature_from, split_greeting
from pipeline.lexicon import LEXICON, content, lexicon
from pipeline.phrases import Match, Phrases
from pipeline.text import FIELD, Sentence, Text, parse, plain, sentenced

FOREIGN = 15
"""Small words of another language in every hundred from which on a message is not English; ours, by reading."""
LATIN_END = "\u024f"
"""The last letter of the Latin blocks of Unicode."""
SEEN = frozenset("see saw seen watched heard hear read visited tasted noticed notice learned learnt".split())
"""What a sender did with a thing of the reader's."""
BARS = re.compile(r"[{}|]+")
"""What parts the wordings of a choice."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence with its acts; `asks` says of what ("call", "referral", "opinion"), `matches` what gave it away."""

    sentence: Sentence
    acts: frozenset[Act]
    asks: frozenset[str]
    matches: tuple[Match, ...]

    @property
    def forms(self) -> tuple[str, ...]:
        """Its words in lower case."""
        return self.sentence.wording.forms

    @property
    def content(self) -> frozenset[str]:
        """The stems of its words that carry meaning."""
        return content(self.sentence.wording)

    def match(self, tag: str) -> Match | None:
        """The first match of an act or of "ask.OF" in this sentence."""
        return next((match for match in self.matches if match.tag == tag), None)


@dataclass(frozen=True, eq=False)
class Reading:
    """A draft taken apart: merge fields, words, labelled sentences. Everything that a check may look at.

    Compared by identity, so that what is found in one can be kept.
    """

    draft: Draft
    scan: Scan
    text: Text
    labelled: tuple[Labelled, ...]

    @cached_property
    def body(self) -> tuple[Labelled, ...]:
        """The sentences between greeting and signature."""
        return tuple(line for line in self.labelled if not line.acts & {Act.GREETING, Act.SIGNATURE})

    @cached_property
    def subject(self) -> Text:
        """The subject line taken apart."""
        return parse(blank(self.draft.subject, scan(self.draft.subject)))

    @cached_property
    def origin(self) -> "Reading":
        """The draft that the user brought, taken apart; this very reading where it is the one."""
        return self if self.draft.origin is None else read(self.draft.origin)

    @cached_property
    def foreign(self) -> bool:
        """Whether the message is in another language than English, which our rules of wording cannot judge.

        It takes words to say so: more than half of the letters in another script, or at least FOREIGN small words of
        another language in every hundred and twice as many as English ones. Shorter or mixed messages are read as
        English.
        """
        distant = sum(letter > LATIN_END and letter != FIELD and letter.isalpha() for letter in self.text.raw)
        if distant > 10 and distant > sum(map(str.isalpha, self.text.raw)) // 2:
            return True
        words = [form for form in self.text.forms if form[0].isalpha()]
        other, own = (sum(form in words_of for form in words) for words_of in (lexicon()["foreign"], _english()))
        return len(words) >= 6 and 100 * other >= FOREIGN * len(words) and other > 2 * own

    def having(self, act: Act) -> tuple[Labelled, ...]:
        """The sentences that perform an act."""
        return tuple(line for line in self.labelled if act in line.acts)

    def asking(self, of: str) -> tuple[Labelled, ...]:
        """The sentences that ask for something ("call", "job" ...)."""
        return tuple(line for line in self.labelled if of in line.asks)

    def says(self, line: Labelled) -> str:
        """A sentence as the sender wrote it."""
        return self.draft.text[line.sentence.start : line.sentence.end]


@cache
def _english() -> frozenset[str]:
    return lexicon()["common"] | frozenset("a an i to of in on is at by be it as or if we do no so my he am up".split())


@cache
def _acts() -> Phrases:
    table = tomli.loads((LEXICON / "acts.toml").read_text("utf-8"))
    asks = table.pop("ask")
    return Phrases({**table, **{f"ask.{of}": patterns for of, patterns in asks.items()}}, lexicon())


class _Recent(threading.local):
    """What a thread took apart last: a walk holds candidate after candidate against one and the same draft."""

    def __init__(self) -> None:
        self.readings: deque[Reading] = deque(maxlen=8)


RECENT = _Recent()


def read(draft: Draft) -> Reading:
    """Take a draft apart and label its sentences; the same Draft object gives the same Reading for a while."""
    for reading in RECENT.readings:
        if reading.draft is draft:
            return reading
    reading = _read(draft)
    RECENT.readings.append(reading)
    return reading


def _read(draft: Draft) -> Reading:
    marks = scan(draft.text)
    text = parse(blank(draft.text, marks))
    spun = list(_spun(marks))
    talk = frozenset(at for at, tags in spun if tags)
    name = draft.brief.to.name.lower()
    reader = frozenset(f"{name} {plain(name)}".replace(".", "").split()) - lexicon()["title"]
    opening = opening_of(text, reader, talk)
    text = sentenced(text.raw, split_greeting(text, opening, reader, talk))
    by_sentence: dict[int, list[Match]] = {}
    for match in _acts().find(text):
        by_sentence.setdefault(match.sentence, []).append(match)
    known = known_of_reader(draft)
    last, below = signature_from(text, draft.brief), postscript(text)
    labelled = tuple(
        _label(
            text,
            sentence,
            by_sentence.get(number, []),
            frozenset().union(*(tags for at, tags in spun if sentence.start <= at < sentence.end)),
            known,
            number == opening and greeting_end(text, sentence, reader, talk) == sentence.last,
            last <= number < below or (number >= below and quotes(text, sentence)),
        )
        for number, sentence in enumerate(text.sentences)
    )
    return Reading(draft, marks, text, labelled)


def _spun(marks: Scan) -> Iterator[tuple[int, frozenset[str]]]:
    """Where each choice of wordings stands, and the tags of what some wording of it does."""
    for one in marks.fields:
        if one.role is Role.SPIN:
            tags = frozenset(match.tag for match in _acts().find(parse(BARS.sub(" . ", one.raw))))
            yield one.start, tags | ({"ask.opinion"} if "?" in one.raw else set())


@lru_cache(256)
def known_stems(facts: str) -> frozenset[str]:
    """The stems of the words of meaning in what a brief says."""
    return content(parse(facts))


def known_of_reader(draft: Draft) -> frozenset[str]:
    """The stems of what the brief knows of the reader: facts, role, company, what both share, what came before."""
    brief = draft.brief
    own = known_stems("\n".join((brief.sender.name, brief.sender.company)))
    past = brief.history
    facts = "\n".join(
        (*brief.to.facts, brief.to.profile, brief.to.role, brief.to.company, *brief.shared, past.met, past.received)
    )
    return known_stems(facts) - own if facts.strip() else frozenset()


def _label(
    text: Text,
    sentence: Sentence,
    found: list[Match],
    spun: frozenset[str],
    known: frozenset[str],
    greets: bool,
    signs: bool,
) -> Labelled:
    if greets:
        return Labelled(sentence, frozenset({Act.GREETING}), frozenset(), ())
    if signs:
        return Labelled(sentence, frozenset({Act.SIGNATURE}), frozenset(), tuple(found))
    tags = {match.tag for match in found} | spun
    asks = {tag[4:] for tag in tags if tag.startswith("ask.")}
    acts = {Act(tag) for tag in tags if not tag.startswith("ask.")}
    raw = text.raw[sentence.start : sentence.end]
    if raw.rstrip("\"')”").endswith("?") and not asks:
        asks.add("opinion")
    if asks:
        acts.add(Act.ASK)
    forms = sentence.wording.forms
    if known and len(content(sentence.wording) & known) >= 2 and not (lexicon()["you"] | SEEN).isdisjoint(forms):
        acts.add(Act.HOOK)
    if Act.FILLER in acts and Act.HOOK in acts and len(content(sentence.wording)) < 3:
        acts.discard(Act.HOOK)
    return Labelled(sentence, frozenset(acts), frozenset(asks), tuple(found))
