"""The frame of a message: where its greeting ends, where its signature, postscript and quoted mail begin."""

import re
from collections.abc import Iterator
from itertools import takewhile

from pipeline.domain import Brief
from pipeline.lexicon import lexicon
from pipeline.text import FIELD, Sentence, Text, plain

MARKS = frozenset(",!:\n–—")
"""What stands behind a greeting without a word that greets."""
ALONE = re.compile(r"\.(?=\s)|\s-(?=\s)")
"""What else stands behind a name that greets: "Gareth. Our drones ...", "Ngozi - we met ..."."""
NO_GREETING = frozenset(
    "thanks thank congratulations congrats sorry welcome yes no re given regarding concerning unlike".split()
)
"""Words before a field that say something else than a greeting."""
CALLED = re.compile(r"(?i)dear(?: [^\W\d]+){1,3}(?=[,!:\n])")
"""A greeting of somebody by what they are: "Dear fellow baker,"."""
REST = re.compile(r"(?: [^\W\d]+){1,2}(?=[,!:][ \t]*\n)| \([^()\n]{1,40}\)(?=[,!:])")
"""What else stands in the line of a greeting: "Good day dear webmaster,"."""
HEADS = re.compile(r"(?:[,!:;.—–-]|\n|$)")
HONORIFICS = frozenset("mr mrs ms dr prof st capt engr rev fr lt col sgt maj cllr".split())
LONGEST_GREETING = 6
LONGEST_HAIL = 5
LONGEST_TITLE = 8
LONGEST_SIGNATURE = 8
LONGEST_LEAVE = 14
"""Words of a line that begins "With warmest wishes and ..."."""
LETS = frozenset({"let", "lets", "let's"})
BELOW = re.compile(r"(?i)p\.?\s?s\b|n\.?b\.?:?\s|(?:note|disclaimer):")
"""How a postscript begins."""
LONGEST_ROLE = 5
"""Words of a line below a name."""


def greeting_end(text: Text, sentence: Sentence, reader: frozenset[str], talk: frozenset[int]) -> int:
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
            form = text.forms[last]
            known = form in words["esteem"] | words["title"] or text.capital(last)
            if not (form == FIELD or form in reader or (titled and known)):
                break
            if text.start(last) in talk:
                break
            alone = text.forms[last] in reader and ALONE.match(text.raw, text.end(last))
            if alone or text.raw[text.end(last) :].lstrip(" ")[:1] in MARKS:
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


def opening_of(text: Text, reader: frozenset[str], talk: frozenset[int]) -> int:
    """The number of the sentence that may greet: the second where the first is a title on a line of its own."""
    first, second = (*text.sentences, None, None)[:2]
    if first is None or second is None or first.last - first.first > LONGEST_TITLE:
        return 0
    above = "\n" in text.raw[first.end : second.start] and text.raw[first.end - 1] not in ".?,"
    greets = text.forms[second.first] in lexicon()["greet"] | lexicon()["title"]
    return int(above and greets and greeting_end(text, first, reader, talk) == first.first)


def split_greeting(text: Text, opening: int, reader: frozenset[str], talk: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Where the sentences stand, with "Hi Ana," cut off from what follows it on the same line."""
    for number, sentence in enumerate(text.sentences):
        cut = greeting_end(text, sentence, reader, talk) if number == opening else sentence.first
        if sentence.first < cut < sentence.last:
            end = text.end(cut - 1)
            while end < sentence.end and text.raw[end] in ",!:;.—–- ":
                end += 1
            yield sentence.start, end
            yield end, sentence.end
        else:
            yield sentence.start, sentence.end


def signature_from(text: Text, brief: Brief) -> int:
    """The number of the first sentence of the signature; the number of sentences if there is none."""
    count = postscript(text)
    own = frozenset(plain(brief.sender.name.lower()).split())
    house = frozenset(brief.sender.company.lower().replace(",", " ").split())
    number = count
    above, below = text.sentences[count - 2 : count] if count > 2 else (None, None)
    if above and below and _stands_below(text, below) and _signs(text, above, own, house):
        number -= 2
    while number > 1 and count - number < 4 and _signs(text, text.sentences[number - 1], own, house):
        number -= 1
    if 1 < number < count and _takes_leave(text, text.sentences[number - 1]):
        number -= 1
    return number


def postscript(text: Text) -> int:
    """The number of the sentence that begins a postscript or quotes an older message below; else that of sentences."""
    starts = (
        i for i, one in enumerate(text.sentences) if i > 1 and (BELOW.match(text.raw, one.start) or quotes(text, one))
    )
    return next(starts, len(text.sentences))


def quotes(text: Text, sentence: Sentence) -> bool:
    """Whether a sentence stands in a line that mail programs mark as quoted."""
    return text.raw[text.raw.rfind("\n", 0, sentence.start) + 1 : sentence.end].startswith(">")


def _takes_leave(text: Text, sentence: Sentence) -> bool:
    """A short line above the name: one that ends in a comma, whatever it says, or that begins with "Yours"."""
    opens = sentence.start == 0 or text.raw[: sentence.start].endswith("\n")
    opening = text.forms[sentence.first]
    short = sentence.last - sentence.first <= (LONGEST_LEAVE if opening == "with" else LONGEST_SIGNATURE)
    yours = opening == "yours" and text.raw[sentence.end - 1].isalpha()
    return opens and short and (yours or text.raw[sentence.end - 1] == ",")


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
    says = lexicon()["me"] | LETS
    if not own.isdisjoint(map(plain, forms)) and len(forms) <= len(own) + 5 and says.isdisjoint(forms):
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
