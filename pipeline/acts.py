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
from itertools import takewhile
from pathlib import Path

import tomli

from pipeline.domain import Act, Draft
from pipeline.fields import Role, Scan, blank, scan
from pipeline.phrases import Lexicon, Match, Phrases
from pipeline.text import FIELD, Sentence, Text, Wording, parse, plain, sentenced, stem

MARKS = frozenset(",!:\n–—")
"""What stands behind a greeting without a word that greets."""
NO_GREETING = frozenset(
    "thanks thank congratulations congrats sorry welcome yes no re given regarding concerning unlike".split()
)
"""Words before a field that say something else than a greeting."""
CALLED = re.compile(r"(?i)dear(?: [^\W\d]+){1,3}(?=[,!:\n])")
"""A greeting of somebody by what they are: "Dear fellow baker,"."""
REST = re.compile(r"(?: [^\W\d]+){1,2}(?=[,!:][ \t]*\n)")
"""What else stands in the line of a greeting: "Good day dear webmaster,"."""
HEADS = re.compile(r"(?:[,!:;.—–-]|\n|$)")
LEXICON = Path(__file__).parent / "lexicon"
FOREIGN = 15
"""Small words of another language in every hundred from which on a message is not English; ours, by reading."""
LATIN_END = "\u024f"
"""The last letter of the Latin blocks of Unicode."""
HONORIFICS = frozenset("mr mrs ms dr prof st capt engr rev fr lt col sgt maj cllr".split())
SEEN = frozenset("saw seen watched heard read visited tasted".split())
"""What a sender did with a thing of the reader's."""
LONGEST_GREETING = 6
LONGEST_HAIL = 5
LONGEST_TITLE = 8
LONGEST_SIGNATURE = 8
BELOW = re.compile(r"(?i)p\.?\s?s\b|n\.?b\.?:?\s|(?:note|disclaimer):")
"""How a postscript begins."""
BARS = re.compile(r"[{}|]+")
"""What parts the wordings of a choice."""
LONGEST_ROLE = 5
"""Words of a line below a name."""


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
def lexicon() -> Lexicon:
    """The named word classes of lexicon/words.toml."""
    table = tomli.loads((LEXICON / "words.toml").read_text("utf-8"))
    return Lexicon({name: frozenset(words) for name, words in table.items()})


@cache
def _acts() -> Phrases:
    table = tomli.loads((LEXICON / "acts.toml").read_text("utf-8"))
    asks = table.pop("ask")
    return Phrases({**table, **{f"ask.{of}": patterns for of, patterns in asks.items()}}, lexicon())


@lru_cache(1 << 10)
def content(text: Text | Wording, first: int = 0, last: int | None = None) -> frozenset[str]:
    """The stems of the words that carry meaning: no function words, no fields, nothing under three letters."""
    common = lexicon()["common"]
    words = text.forms[first:last]
    return frozenset(stem(word) for word in words if len(word) > 2 and word not in common and word[0] != FIELD)


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
    reader = frozenset(f"{name} {plain(name)}".split())
    opening = _opening(text, reader, talk)
    text = sentenced(text.raw, _split_greeting(text, opening, reader, talk))
    by_sentence: dict[int, list[Match]] = {}
    for match in _acts().find(text):
        by_sentence.setdefault(match.sentence, []).append(match)
    known = known_of_reader(draft)
    last, below = _signature_from(text, draft), _postscript(text)
    labelled = tuple(
        _label(
            text,
            sentence,
            by_sentence.get(number, []),
            frozenset().union(*(tags for at, tags in spun if sentence.start <= at < sentence.end)),
            known,
            number == opening and _greeting_end(text, sentence, reader, talk) == sentence.last,
            last <= number < below or (number >= below and _quotes(text, sentence)),
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


def _greeting_end(text: Text, sentence: Sentence, reader: frozenset[str], talk: frozenset[int]) -> int:
    """The index behind the greeting's last word if the sentence opens with a greeting, else its first index.

    A greeting begins with a word that greets ("Hi Ana"), or is the reader's name, a title with names or merge fields
    alone before a mark ("Sofie,", "Mr. Brandl,", "{Hi|Hello} {first_name},"). `talk`: where choices of wordings stand
    that say more than a greeting.
    """
    words = lexicon()
    titled = text.forms[sentence.first] in words["title"] | words["esteem"]
    drawn = re.sub(r"(\w)\1{2,}", r"\1", text.forms[sentence.first])
    if hailed := _hailed(text, sentence, reader):
        return hailed
    if drawn == "dear" and (whom := CALLED.match(text.raw, text.start(sentence.first))):
        return next(i + 1 for i in range(sentence.first, sentence.last) if text.end(i) >= whom.end())
    if drawn not in words["greet"]:
        for last in range(sentence.first, min(sentence.last, sentence.first + (4 if titled else 3))):
            if not (text.forms[last] == FIELD or text.forms[last] in reader or (titled and text.capital(last))):
                break
            if text.start(last) in talk:
                break
            if text.raw[text.end(last) :].lstrip(" ")[:1] in MARKS:
                return last + 1
        return sentence.first
    last = sentence.first
    for i in range(sentence.first, min(sentence.last, sentence.first + LONGEST_GREETING)):
        greets = text.forms[i] in words["greet"] | words["addressee"] | reader
        named = i == sentence.first or greets or text.capital(i)
        if not named or text.forms[i] in {"i", "i'm", "i've", "i'd"}:
            break
        last = i + 1
        called = i + 1 < sentence.last and text.forms[i + 1] in reader | words["title"]
        goes_on = text.raw.startswith(", ", text.end(i)) and called
        short = text.forms[i] in HONORIFICS and text.raw.startswith(".", text.end(i))
        if HEADS.match(text.raw, text.end(i)) and not short and not goes_on:
            break
    if last > sentence.first and (more := REST.match(text.raw, text.end(last - 1))):
        last = min(sentence.last, last + len(more[0].split()))
    return last


def _hailed(text: Text, sentence: Sentence, reader: frozenset[str]) -> int:
    """The index behind a greeting of words that we do not know and the reader's name or a field, else 0.

    "Gidday Hana, ...", "Ey up Hana. ...", "Sat sri akal Hana ji, ...": what is said before the first mark.
    """
    words, first = lexicon(), sentence.first
    if text.forms[first] in reader | words["title"] or text.forms[first] == FIELD or not text.capital(first):
        return 0
    called = text.forms[first + 1 : first + 2]
    if called == (FIELD,) and text.forms[first] not in words["common"] | NO_GREETING:
        return (first + 2) * (text.raw[text.end(first + 1) :][:1] in {",", "!"})
    said = list(takewhile(lambda i: not HEADS.match(text.raw, text.end(i)), range(first, sentence.last)))
    stop = min(sentence.last, (said[-1] if said else first - 1) + 2)
    hail = text.forms[first:stop]
    tells = (words["common"] | words["me"] | words["you"] | NO_GREETING) - reader
    return stop * (1 < len(hail) <= LONGEST_HAIL and not reader.isdisjoint(hail) and tells.isdisjoint(hail))


def _opening(text: Text, reader: frozenset[str], talk: frozenset[int]) -> int:
    """The number of the sentence that may greet: the second where the first is a title on a line of its own."""
    first, second = (*text.sentences, None, None)[:2]
    if first is None or second is None or first.last - first.first > LONGEST_TITLE:
        return 0
    above = "\n" in text.raw[first.end : second.start] and text.raw[first.end - 1] not in ".?,"
    greets = text.forms[second.first] in lexicon()["greet"] | lexicon()["title"]
    return int(above and greets and _greeting_end(text, first, reader, talk) == first.first)


def _split_greeting(
    text: Text, opening: int, reader: frozenset[str], talk: frozenset[int]
) -> Iterator[tuple[int, int]]:
    """Where the sentences stand, with "Hi Ana," cut off from what follows it on the same line."""
    for number, sentence in enumerate(text.sentences):
        cut = _greeting_end(text, sentence, reader, talk) if number == opening else sentence.first
        if sentence.first < cut < sentence.last:
            end = text.end(cut - 1)
            while end < sentence.end and text.raw[end] in ",!:;.—–- ":
                end += 1
            yield sentence.start, end
            yield end, sentence.end
        else:
            yield sentence.start, sentence.end


def _signature_from(text: Text, draft: Draft) -> int:
    """The number of the first sentence of the signature; the number of sentences if there is none."""
    count = _postscript(text)
    own = frozenset(plain(draft.brief.sender.name.lower()).split())
    house = frozenset(draft.brief.sender.company.lower().replace(",", " ").split())
    number = count
    above, below = text.sentences[count - 2 : count] if count > 2 else (None, None)
    if above and below and _stands_below(text, below) and _signs(text, above, own, house):
        number -= 2
    while number > 1 and count - number < 4 and _signs(text, text.sentences[number - 1], own, house):
        number -= 1
    if 1 < number < count and _takes_leave(text, text.sentences[number - 1]):
        number -= 1
    return number


def _postscript(text: Text) -> int:
    """The number of the sentence that begins a postscript or quotes an older message below; else that of sentences."""
    starts = (
        i for i, one in enumerate(text.sentences) if i > 1 and (BELOW.match(text.raw, one.start) or _quotes(text, one))
    )
    return next(starts, len(text.sentences))


def _quotes(text: Text, sentence: Sentence) -> bool:
    """Whether a sentence stands in a line that mail programs mark as quoted."""
    return text.raw[text.raw.rfind("\n", 0, sentence.start) + 1 : sentence.end].startswith(">")


def _takes_leave(text: Text, sentence: Sentence) -> bool:
    """A short line that ends in a comma above the name, whatever it says: "Thanking you,", "With high esteem,"."""
    opens = sentence.start == 0 or text.raw[: sentence.start].endswith("\n")
    return opens and sentence.last - sentence.first <= LONGEST_SIGNATURE and text.raw[sentence.end - 1] == ","


def _stands_below(text: Text, sentence: Sentence) -> bool:
    """A last line such as "Second captain" or "Crew office, Tema": what a name above it is, no sentence."""
    forms = sentence.wording.forms
    return (
        len(forms) <= LONGEST_ROLE
        and text.raw[: sentence.start].endswith("\n")
        and text.raw[sentence.end - 1] not in ".?!"
        and (lexicon()["me"] | lexicon()["you"] | lexicon()["sign"]).isdisjoint(forms)
    )


def _signs(text: Text, sentence: Sentence, own: frozenset[str], house: frozenset[str]) -> bool:
    forms = sentence.wording.forms
    if len(forms) > LONGEST_SIGNATURE or text.raw[sentence.end - 1] in "?!":
        return False
    if not own.isdisjoint(map(plain, forms)) and len(forms) <= len(own) + 5 and lexicon()["me"].isdisjoint(forms):
        return True
    names = all(
        text.capital(i)
        or text.forms[i] in house
        or text.forms[i] in lexicon()["sign"]
        or text.forms[i] in {"from", "at", "of", "and", "the"}
        or "." in text.forms[i]
        for i in range(sentence.first, sentence.last)
    )
    opens_line = sentence.start == 0 or text.raw[: sentence.start].rstrip(" ").endswith(("\n", "/", "-", "–", "—"))
    return (
        names
        and (opens_line or text.raw[sentence.start] in "-–—/")
        and lexicon()["you"].isdisjoint(set(forms) - {"yours"})
    )
