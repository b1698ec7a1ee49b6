"""What goes beyond the source in everyday words: clauses, the reader's things and promises that nobody spoke of."""

from functools import cache, lru_cache

from pipeline.checks.fidelity.clauses import clauses, means
from pipeline.checks.fidelity.words import LEAST, kin, variants
from pipeline.lexicon import lexicon
from pipeline.text import FIELD, Wording, plain, stem

CIVIL = frozenset(
    "please would could glad happy pleased grateful curious interested wonder wondering welcome sorry hope wish if let"
    " thank thanks understand fine appreciate like kind enough plenty whenever afraid luck sound sounds ask asking"
    " question write writing gladly happily unsure".split()
)
"""A sentence with one of these asks, thanks, wishes or leaves free, and may use the words of courtesy."""
IDLE = (
    "send something anything little new news no yes search greetings wishes free reading moment fit suit answer reply"
    " none better otherwise course all-right alright ok okay right worry rush hurry matter bit back here there always"
    " time"
)
"""A clause of these alone claims nothing: "but you are free to say no", "a yes or a no is enough"."""
MODAL = frozenset("i'll we'll i'd we'd".split())
PASSING = frozenset("will can could would gladly also be happy glad to only love like just then of course even".split())
GIVEN = frozenset(
    map(
        stem,
        "give send offer answer connect tell share show ask hear learn understand appreciate welcome introduce wonder"
        " know write say read reply thank see find talk speak add mention explain discuss compare want need hope not"
        " never get very really much most be rather prefer too so understand leave forward pass put keep call"
        " think".split(),
    )
)
"""What a sender may do in a letter without the draft saying so."""


def bare(words: Wording, own: frozenset[str], stems: frozenset[str]) -> set[str]:
    """The words of a clause of which no word stands in the source, unless it thanks, greets or sends."""
    for clause in clauses(words):
        forms = [words.forms[i] for i in clause]
        telling = {form for form in forms if means(form) and stem(form) not in idle()}
        free = not telling or not CIVIL.isdisjoint(forms) or FIELD in forms
        if not free and not any(known_as(form, own, stems) for form in forms if means(form)):
            return telling
    return set()


@cache
def idle() -> frozenset[str]:
    """The stems of the words that alone claim nothing."""
    return frozenset(map(stem, (*IDLE.split(), *lexicon()["courteous"], *lexicon()["sign"])))


def owned(forms: tuple[str, ...], own: frozenset[str], stems: frozenset[str]) -> set[str]:
    """What a sentence calls the reader's, and neither draft nor brief has."""
    behind = (forms[i + 1] for i, form in enumerate(forms[:-1]) if form == "your")
    return {
        form
        for form in behind
        if means(form)
        and form[0].isalpha()
        and stem(form) not in idle()
        and form not in lexicon()["generic"]
        and not known_as(form, own, stems)
    }


def promised(forms: tuple[str, ...], stems: frozenset[str]) -> set[str]:
    """What the sender says to do now or soon, and the source has no such doing."""
    found = set()
    for i, form in enumerate(forms[:-1]):
        if form in MODAL or (form in {"i", "we"} and forms[i + 1] in {"will", "can", "could"}):
            verb = next((other for other in forms[i + 1 :] if other not in PASSING), "")
            if verb and verb[0].isalpha() and stem(verb) not in GIVEN and not known_as(verb, stems, stems):
                found.add(verb)
    return found


@lru_cache(1 << 10)  # each entry holds its sets: of a few drafts
def known_as(form: str, known: frozenset[str], source: frozenset[str]) -> bool:
    """Whether a word, its parts between hyphens, its two halves or a word of its family are known."""
    word = stem(plain(form))
    return (
        word in known
        or ("-" in form and all(len(part) < 3 or stem(part) in known for part in plain(form).split("-")))
        or any(word[:i] in known and word[i:] in known for i in range(LEAST, len(word) - LEAST + 1))
        or not known.isdisjoint(variants(plain(form)))
        or (len(word) >= LEAST and any(kin(word, other) for other in source))
    )
