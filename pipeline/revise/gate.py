"""A piece and a sentence come in; what the sentence may not say goes out, nothing if it may stand.

`faults` are demands that the training pairs keep as well (training/check.py): the tiny model learns nothing that is
refused here. `risks` are what it gets wrong all the same, with none but known words: who does what to whom, half a
fact, clauses in another order.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from pipeline.checks.fidelity.vocabulary import vocabulary
from pipeline.checks.figures import value
from pipeline.fields import blank, scan
from pipeline.lexicon import content, lexicon
from pipeline.revise.facts import is_role, lowered
from pipeline.revise.parts import complete
from pipeline.text import FIELD, Text, parse, stem

LONGEST = 220
"""Characters of a piece: one sentence."""
NAMES = re.compile(r"(?<=[a-z,;] )[A-Z][\w'-]+")
"""Words with a capital that no sentence begins with."""
MOST = re.compile(r"at most (\d+) words\n")
KEPT = {"hook": 0.6, "who": 0.5, "soften": 0.2}
"""The share of its words of meaning that a sentence must keep, by task: those that the program asks for."""
ORDERED = {"hook": 0.7, "soften": 0.65}
"""The share of its words of meaning that must stand in the order in which they were given, by task."""
NEW = frozenset(map(stem, "hear know learn tell write wrote".split()))
"""Words of meaning that a softened sentence may have although the sender's has them not: those of a plain request."""
NEAR = 3
"""Words between a pronoun and what is said of it."""
MORE = 3
"""Words by which a softened sentence may be longer."""
WISHES = frozenset(
    "saw see noticed notice came write wrote writing wanted would wondered wonder turn am learned learnt had".split()
)
"""What "I" may do in a hook: notice, wonder and write; anything else would be a claim about the sender."""
ASKS = re.compile(r"(?i)(?:could|would|can|may|i would|i'd|please)\b")
"""How a request begins: it may speak of both where the sender's sentence commands."""
REQUESTS = re.compile(r"(?i)(?:could|would|can|please)\b")
"""How one asks the reader to do something."""
LEAVE = re.compile(r"(?i)(?:could|can|may|might) (?:i|we)\b")
"""How one asks for leave."""
OFFERS = re.compile(r"(?i)\b(?:would|could|can|will|do) you (?:like|want|wish|love|be)\b")
"""What asks the reader what they would like."""
WISHED = re.compile(r"(?i)\bi(?:['’]d| would) (?:like|love|be glad) to\b")
"""A wish of the sender's."""
HASTE = frozenset(map(stem, "asap urgently immediately today tomorrow tonight soon quickly promptly".split()))
"""Words that press, and that a sentence may end without."""
PROMISES = re.compile(r"(?i)\bwrit(?:e|ing)\b.*\b(?:tomorrow|tonight|later|soon|again|next|\w+day)\b")
"""What says that the sender will write once more."""
MEETING = re.compile(
    r"(?i)\b(?:calls?|meet|meetings?|demos?|slots?|zoom|skype|phone|calendar|diary|mon(?:day)?|tue(?:s|sday)?"
    r"|wed(?:s|nesday)?|thu(?:rs?|rsday)?|fri(?:day)?|this week|next week|\d+ ?-?min(?:ute)?s?)\b"
)
"""Words of a meeting that is to be fixed."""
TURNED = {
    "no": "denies what the sender does not",
    "me": "speaks of the sender, who did not",
    "your": "gives the reader what nobody said is theirs",
    "thank": "thanks for what nobody thanked for",
}
"""Lists of the lexicon that a softened sentence has a word of although the sender's has none, and what that does."""
THING = re.compile(r"\b[Yy]ou are (?:an?|the) ((?!only\b)[^,.]+)")
"""What a hook says that the reader is."""
IS = re.compile(r"(?i)(?:an? )?(?:is|are|was|the only|one of|ceo|c[tfo]o|pi|postdoc|phd|[mv]p|gp|mayor|member|judge)\b")
"""How a note begins that says what the reader is."""
OTHERS = frozenset("he she they him her them his their he's she's they're".split())
"""Words that point to neither sender nor reader."""
OBJECT = frozenset({"me", "us"})
OURS = OBJECT | {"my", "our", "mine", "ours"}
VERBS = frozenset("is are was were has have do does did can could may might will would".split())
"""Words that tell a sentence from a heap of nouns, unless a relative clause has them."""


def may_stand(task: str, words: str, sentence: str) -> bool:
    """Whether a sentence has neither faults nor risks."""
    return bool(sentence) and not any(faults(task, words, sentence)) and not any(risks(task, words, sentence))


def faults(task: str, words: str, sentence: str) -> Iterator[str]:
    """What a sentence has that its words lack, and what else it does wrong, a line each."""
    unknown = sorted(word for word in stems(sentence) - stems(words) - _allowed() if len(word) > 2)
    if unknown:
        yield f"not in the input: {', '.join(unknown)}"
    if numbers := _numbers(sentence) - _numbers(words):
        yield f"numbers that the input lacks: {', '.join(sorted(numbers.elements()))}"
    if names := [name for name in NAMES.findall(sentence) if name not in words and name[0] != "I"]:
        yield f"names that the input lacks: {', '.join(names)}"
    if strange := [field for field in _fields(sentence) if field not in words]:
        yield f"merge fields that the input lacks: {', '.join(strange)}"
    yield from _unlike_the_sentence(task, words, sentence)
    if not sentence.endswith("?" if task == "question" else (".", "?", "…")):
        yield "the wrong mark at its end"
    if "!" in blank(sentence):
        yield "an exclamation mark"
    if len(sentence) > LONGEST:
        yield f"{len(sentence)} characters, at most {LONGEST}"


def _unlike_the_sentence(task: str, words: str, sentence: str) -> Iterator[str]:
    """For the tasks that mend a sentence: fields of it that are gone, words beyond the number that is allowed."""
    if task in ("soften", "shorten"):
        lost = [field for field in _fields(words.partition("sentence: ")[2]) if field not in sentence]
        if lost:
            yield f"merge fields lost: {', '.join(lost)}"
    if task == "shorten":
        most = MOST.match(words)
        if not most or len(sentence.split()) > int(most[1]):
            yield "longer than the input's 'at most N words'"


def risks(task: str, words: str, sentence: str) -> Iterator[str]:
    """Signs that a sentence of known words says something else, a line each."""
    mends = task == "soften"
    given = words.rpartition("sentence: ")[2] if mends else re.sub(r"(?m)^\w+: ", "", words)
    before, after = _meaning(given), _meaning(sentence)
    if len(before & after) < KEPT[task] * len(before):
        yield "too little of what it is made of"
    if task in ORDERED and _disordered(task, given, sentence):
        yield "in another order"
    if task == "hook":
        yield from _hook_risks(given, sentence)
    if task == "who" and (_speaks("you", sentence) or not _speaks("me", sentence)):
        yield "not about the sender"
    if twice := _twice(sentence) - (frozenset() if task == "who" else _twice(given)):
        yield f"said twice: {', '.join(sorted(twice))}"
    if mends:
        yield from _turned(given, sentence)
    if "asks for a call" in words and MEETING.search(sentence):
        yield "still asks for a call"


def _hook_risks(given: str, sentence: str) -> Iterator[str]:
    """Signs that a hook is not about the reader, or says of the sender what nobody knows."""
    forms = _text(sentence).forms
    ours = given.startswith(("we ", "both "))
    if any(a in lexicon()["you"] - lexicon()["your"] and b.endswith("ing") for a, b in pairwise(forms)):
        yield "a verb without its helper"
    if lexicon()["you"].isdisjoint(forms) and not ours:
        yield "not about the reader"
    if (thing := THING.search(sentence)) and not IS.match(given) and not is_role(lowered(thing[1])):
        yield f"makes a thing of the reader: {thing[1]}"
    if any(a == b for a, b in pairwise(form.strip(",") for form in forms)):
        yield "a word twice"
    if WISHED.search(sentence):
        yield "wishes for something that nobody asked about"
    claims = [b for a, b in pairwise(forms) if a in lexicon()["i"] and b not in WISHES and not ours]
    if claims:
        yield f"a claim about the sender: {claims[0]}"


def _twice(text: str) -> frozenset[str]:
    """The words of meaning that a sentence has more than once, names aside: "a bus mechanic at the Bus Museum"."""
    said = Counter(stem(form) for form in _text(text).forms)
    names = {stem(name.lower()) for name in NAMES.findall(text)}
    return frozenset(word for word in _meaning(text) - names if said[word] > 1)


def _speaks(who: str, text: str) -> bool:
    return not lexicon()[who].isdisjoint(_text(text).forms)


def _disordered(task: str, before: str, after: str) -> bool:
    """Whether the words of meaning stand in another order than they were given, or a later one right before another."""
    order = [stem(form) for form in _text(before).forms]
    found = [(i, stem(form)) for i, form in enumerate(_text(after).forms) if stem(form) in _meaning(before)]
    steps = [(order.index(b) - order.index(a), j - i) for (i, a), (j, b) in pairwise(found)]
    turned = task == "soften" and any(way < 0 and near == 1 for way, near in steps)
    return turned or sum(way >= 0 for way, _ in steps) < ORDERED[task] * len(steps)


def _turned(before: str, after: str) -> Iterator[str]:
    """Signs that a softened sentence is not the sender's: new words, other persons, no sentence at all."""
    had, has = _text(before).forms, _text(after).forms
    if new := _meaning(after) - _meaning(before) - NEW:
        yield f"new words: {', '.join(sorted(new))}"
    whose, now = _persons(had), _persons(has)
    if swapped := sorted(word for word in whose.keys() & now.keys() if whose[word].isdisjoint(now[word])):
        yield f"says of one what the other does: {', '.join(swapped)}"
    if lexicon()["you"].isdisjoint(had) and not lexicon()["you"].isdisjoint(has) and not ASKS.match(after):
        yield "speaks of the reader, the sender does not"
    if OFFERS.search(after) and not OFFERS.search(before):
        yield "asks what the reader would like, the sender says what the sender would"
    if _denied(had) & _meaning(after) and lexicon()["no"].isdisjoint(has):
        yield "grants what the sender denies"
    for said, turned in TURNED.items():
        if lexicon()[said].isdisjoint(had) and not lexicon()[said].isdisjoint(has):
            yield turned
    if not OBJECT.isdisjoint(has) and OURS.isdisjoint(had) and not REQUESTS.match(after):
        yield "does something to the sender, who did not say so"
    yield from _misshapen(before, after)


def _misshapen(before: str, after: str) -> Iterator[str]:
    """Signs that a softened sentence is none, asks where the sender tells, or goes on for longer."""
    had, has = _text(before).forms, _text(after).forms
    if LEAVE.match(after) and not before.rstrip().endswith("?"):
        yield "asks leave for what the sender says"
    if not complete(after):
        yield "says nothing by itself"
    if has == had[: len(has)] and content(_text(before), len(has), len(has) + 1) - HASTE:
        yield "breaks off"
    if PROMISES.search(after) and not PROMISES.search(before):
        yield "promises to write, the sender does not"
    if len(has) > len(had) + MORE:
        yield "longer than the sender's"
    told = {form for relative, form in pairwise(("", *has)) if relative not in {"that", "which", "who"}}
    if told.isdisjoint(VERBS) and has[0] not in lexicon()["me"] | lexicon()["greet"] | {
        "please",
        "thank",
        has[0] * (has[0] == had[0]),
    }:
        yield "no sentence"


def _denied(forms: Sequence[str]) -> frozenset[str]:
    """The stems of the words that follow closely on a denial."""
    denials = [i for i, form in enumerate(forms) if form in lexicon()["no"]]
    return frozenset(stem(form) for i in denials for form in forms[i + 1 : i + 1 + NEAR] if len(form) > 2)


def _persons(forms: Sequence[str]) -> dict[str, set[str]]:
    """Of whom each word is said: "me", "you" or others, by the nearest word before it that names one of them."""
    found: dict[str, set[str]] = {}
    for i, form in enumerate(forms):
        before = [who for one in forms[max(0, i - NEAR) : i] if (who := _person(one))]
        if before and len(form) > 2 and not _person(form):
            found.setdefault(stem(form), set()).add(before[-1])
    return found


def _person(form: str) -> str:
    """Whom a word points to: "me", "you", "others", or nobody: ""."""
    return next((who for who in ("me", "you") if form in lexicon()[who]), "others" if form in OTHERS else "")


def _text(text: str) -> Text:
    return parse(blank(text))


def _meaning(text: str) -> frozenset[str]:
    return content(_text(text))


def stems(text: str) -> frozenset[str]:
    """The stems of a text's words, merge fields and figures aside."""
    forms = (form for form in parse(blank(text)).forms if form[0] != FIELD)
    return frozenset(stem(part) for form in forms for part in (form, *form.split("-")) if part[:1].isalpha())


def _numbers(text: str) -> Counter[str]:
    return Counter(found for form in parse(blank(text)).forms if (found := value(form)) not in ("", "1"))


def _fields(text: str) -> Iterable[str]:
    return [field.raw for field in scan(text).fields]


@cache
def _allowed() -> frozenset[str]:
    return vocabulary().courteous | frozenset(map(stem, lexicon()["common"] | lexicon()["courteous"]))
