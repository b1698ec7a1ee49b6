"""Whether a rewrite says only what the sender and the brief said. Reading in, Hits out; none on a user's own draft.

A sentence that stands in the user's own draft, word for word, is never questioned. All of this compares words: it knows
no synonyms and no logic, so a rewrite that stays near the draft's words passes, and what goes beyond them is found.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from pipeline.acts import Labelled, Reading, content, lexicon
from pipeline.checks.figures import dates, figures, value
from pipeline.domain import Act, Draft, Hit, Look
from pipeline.fields import blank, changes
from pipeline.phrases import Phrases
from pipeline.text import FIELD, Sentence, Text, is_link, parse, stem

LEFTOVER = re.compile(
    r"<<\d+>>|```|<\|[^|>]*\|>|</?(?:draft|message|rewrite|email|output|answer|user_input|instructions?)>"
    r"|^\s*subject\s*:|^#{1,3} |\*\*"
    r"|^\s*the (?:reader|sender)\b[^:.\n]{0,30}:|^\s*(?:the (?:draft|message)|what the reader gains|they met before):",
    re.IGNORECASE | re.MULTILINE,
)

TALK = frozenset(
    map(stem, ["ask", "asked", "write", "writing", "wrote", "written", "answer", "reply", "thank", "mention"])
)
"""Talking about the talk: "don't ask" and "thank you for asking" contradict nothing."""


# ── What both sides of the comparison share ───────────────────────────────────────────────────────────────────────────


@cache
def _parsed(text: str) -> Text:
    return parse(blank(text))


@cache
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(part) for form in _parsed(_plain(text)).forms for part in (form, *form.split("-")))


@cache
def _plain(text: str) -> str:
    """Without accents, so that "Joaquin" is "Joaquín"."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


@cache
def _courteous() -> frozenset[str]:
    return frozenset(stem(word) for name in ("courteous", "sign", "greet") for word in lexicon()[name])


@cache
def _ordinary() -> frozenset[str]:
    """Every word of the lexicon: what may open a sentence with a capital and is nobody's name."""
    return frozenset(stem(word) for words in lexicon().classes.values() for word in words)


def _folded(words: str) -> str:
    return " ".join(words.lower().replace("’", "'").rstrip(".!?,;: ").split())


def _own(reading: Reading) -> tuple[Labelled, ...]:
    """The sentences of a rewrite that do not stand in the user's draft as they are."""
    first = reading.draft.first
    origin = reading.origin
    whole, sentences = _folded(first.text), {_folded(origin.says(line)) for line in origin.labelled}
    return tuple(
        line
        for line in reading.labelled
        if (said := _folded(reading.says(line))) not in sentences and (len(said.split()) < 5 or said not in whole)
    )


def _forms(reading: Reading, line: Labelled) -> tuple[str, ...]:
    return reading.text.forms[line.sentence.first : line.sentence.last]


def _content(reading: Reading, line: Labelled) -> frozenset[str]:
    return content(reading.text, line.sentence.first, line.sentence.last)


def _hit(reading: Reading, line: Labelled, found: str = "") -> Hit:
    return Hit(line.sentence.start, line.sentence.end, reading.says(line), found)


def _word(text: Text, i: int, part: str) -> Hit:
    return Hit(text.start(i), text.end(i), text.written[i], part="subject" if part == "subject" else "body")


# ── Invented ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def invented(*, what: str) -> Look:
    """A "number" (also one that now counts something else), "date", "link" or "name" of neither draft nor brief."""
    strange = {"number": _numbers, "date": _dates, "link": _links, "name": _names}[what]

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        known = _parsed(reading.draft.source)
        for text, part in ((reading.text, "body"), (reading.subject, "subject")):
            for i in strange(text, known):
                yield _word(text, i, part)
        if what == "name":
            yield from _signed_by_another(reading)

    return look


def _numbers(text: Text, known: Text) -> Iterator[int]:
    sources = list(figures(known))
    values = {value(form) for form in known.forms}
    for figure in figures(text):
        same = [one for one in sources if one.value == figure.value]
        others = {word for one in sources if one.value != figure.value for word in one.counts[:2]}
        counted = {word for one in same for word in one.counts}
        units = {one.unit for one in same if one.unit}
        if text.forms[figure.index] in known.vocabulary and not same:
            continue
        if (
            figure.value not in values
            or (figure.unit and units and figure.unit not in units)
            or (figure.unit in {"€", "$", "£", "¥"} and not units)
            or (figure.counts and counted and figure.counts[0] not in counted and figure.counts[0] in others)
        ):
            yield figure.index


def _dates(text: Text, known: Text) -> Iterator[int]:
    there = set(dates(known).values())
    return (i for i, name in dates(text).items() if name not in there)


def _links(text: Text, known: Text) -> Iterator[int]:
    there = {_bare(form) for form in known.forms if is_link(form)}
    return (i for i, form in enumerate(text.forms) if is_link(form) and _bare(form) not in there)


def _bare(link: str) -> str:
    return re.sub(r"^https?://|^www\.|^https?://www\.", "", link).rstrip("/")


def _names(text: Text, known: Text) -> Iterator[int]:
    stems = _stems(known.raw)
    dated = dates(text)
    for sentence in text.sentences:
        for i in range(sentence.first, sentence.last):
            form = _plain(text.forms[i])
            if form[0] == FIELD or not text.capital(i) or is_link(form) or not form[0].isalpha() or i in dated:
                continue
            if (
                form in lexicon()["innocent"]
                or form in lexicon()["sign"]
                or {stem(part) for part in (form, *form.split("-"))} & stems
            ):
                continue
            if (i > sentence.first and not _begins(text, i)) or (
                stem(form) not in _ordinary() and _like_a_name(text, sentence, i)
            ):
                yield i


def _signed_by_another(reading: Reading) -> Iterator[Hit]:
    """Words in the signature that are neither the draft's nor the sender's, even if the brief has them elsewhere."""
    draft, text = reading.draft, reading.text
    stems = _stems(f"{draft.first.text}\n{draft.brief.sender.words}") | _courteous()
    for line in reading.having(Act.SIGNATURE):
        for i in range(line.sentence.first, line.sentence.last):
            form = _plain(text.forms[i])
            if form[0].isalpha() and form not in lexicon()["common"] and len(form) > 2 and stem(form) not in stems:
                yield _word(text, i, "body")


def _begins(text: Text, i: int) -> bool:
    """A capital behind a full stop, a colon, a dash or an opening quotation mark begins a sentence of its own."""
    return text.raw[: text.start(i)].rstrip()[-1:] in set('.!?:–—"“‘•-*') and stem(_plain(text.forms[i])) in _ordinary()


def _like_a_name(text: Text, sentence: Sentence, i: int) -> bool:
    """Of words that open a sentence: one that stands alone (a signature), or before a name or what people do."""
    following = text.forms[i + 1] if i + 1 < sentence.last else ""
    return (
        not following
        or text.forms[i].endswith("'s")
        or text.capital(i + 1)
        or following
        in {
            "is",
            "was",
            "has",
            "had",
            "and",
            "told",
            "said",
            "suggested",
            "thinks",
            "says",
            "also",
            "uses",
            "used",
            "will",
            "would",
        }
        or following in lexicon()["did"]
    )


def claims(*, most: int, most_in_question: int) -> Look:
    """A sentence with more than `most` words of meaning that come from nowhere.

    That is neither from the draft, nor from the brief, nor from lexicon "courteous"; words are compared by stem.
    """

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        known = _stems(reading.draft.source) | _courteous()
        for line in _own(reading):
            new = {
                word
                for word in _content(reading, line)
                if _plain(word) not in known and not set(map(stem, word.split("-"))) <= known
            }
            new -= {stem(word) for word in lexicon()["no"]}
            new -= {stem(word) for word in _forms(reading, line) if is_link(word)}
            if len(new) > (most_in_question if reading.says(line).endswith("?") else most):
                yield _hit(reading, line, ", ".join(sorted(new)))

    return look


def unsaid(
    *, any_of: list[str], unless: list[str] | None = None, by_word: bool = False, excused_by: list[str] | None = None
) -> Look:
    """A pattern fits a sentence of the rewrite, and not the draft, nor what the brief says of the sender.

    With `by_word` the very words must stand in the source. `excused_by` are brief keys ("met", "shared", "offer",
    "benefit") that allow it in a sentence which uses a word of theirs.
    """
    wanted = Phrases({pattern: [pattern] for pattern in any_of}, lexicon())
    spared = Phrases({"": unless or []}, lexicon())

    def look(reading: Reading) -> Iterator[Hit]:
        draft = reading.draft
        found = list(wanted.find(reading.text)) if draft.origin is not None else []
        if not found:
            return
        held = content(_parsed("\n".join(_holds(draft, key) for key in excused_by or ())))
        brief, past = draft.brief, draft.brief.history
        ours = "\n".join(
            (
                draft.first.text,
                *brief.sender.facts,
                brief.sender.offer,
                *brief.shared,
                brief.benefit,
                past.met,
                past.earlier,
                brief.goal,
            )
        )
        said = set() if by_word else {match.tag for match in wanted.find(_parsed(ours))}
        excused = {match.sentence for match in spared.find(reading.text)}
        own, source = set(map(id, _own(reading))), _parsed(draft.source).vocabulary
        seen: set[int] = set()
        for match in found:
            line = reading.labelled[match.sentence]
            if (
                held & _content(reading, line)
                or match.tag in said
                or match.sentence in excused | seen
                or id(line) not in own
                or Act.SIGNATURE in line.acts
            ):
                continue
            if by_word and source.issuperset(reading.text.forms[match.first : match.last]):
                continue
            seen.add(match.sentence)
            start, end = reading.text.start(match.first), reading.text.end(match.last - 1)
            yield Hit(start, end, draft.text[start:end])

    return look


def _holds(draft: Draft, key: str) -> str:
    brief = draft.brief
    return {
        "offer": brief.sender.offer,
        "benefit": brief.benefit,
        "shared": "\n".join(brief.shared),
        "met": brief.history.met,
    }[key]


# ── Turned round ──────────────────────────────────────────────────────────────────────────────────────────────────────


def turned(*, what: str, idle: list[str] | None = None) -> Look:
    """A sentence that turns one of the draft round.

    "polarity": yes and no, done and not done; `idle` are patterns such as "no rush" that deny nothing.
    "roles": what the sender did is said of the reader, or the other way about.
    """
    harmless = Phrases({"": idle or []}, lexicon())
    find = {"polarity": _polarity_turned, "roles": _roles_turned}[what]

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is not None:
            yield from find(reading, reading.origin, harmless)

    return look


def _polarity_turned(reading: Reading, origin: Reading, harmless: Phrases) -> Iterator[Hit]:
    before, after = _said(origin, harmless), _said(reading, harmless)
    own = set(map(id, _own(reading)))
    for number, line in enumerate(reading.labelled):
        if id(line) not in own or line.acts & {Act.GREETING, Act.SIGNATURE}:
            continue
        twins = [
            i
            for i, other in enumerate(origin.labelled)
            if len(_content(reading, line) & _content(origin, other)) >= 2 or _short(reading, line, origin, other)
        ]
        there = {pair for i in twins for pair in before[i]}
        for word, denied in sorted(after[number]):
            counted = any(map(str.isdigit, word)) and not denied
            if (word, not denied) in there and (word, denied) not in there and not counted:
                yield _hit(reading, line, word)
                break
    yield from _answer_turned(reading, origin, before, after)


def _short(reading: Reading, line: Labelled, origin: Reading, other: Labelled) -> bool:
    said, there = _content(reading, line), _content(origin, other)
    return len(said & there) == 1 and min(len(said), len(there)) <= 2


def _answer_turned(
    reading: Reading, origin: Reading, before: list[set[tuple[str, bool]]], after: list[set[tuple[str, bool]]]
) -> Iterator[Hit]:
    """For replies: a no of which no denial is left, or a yes that is now regretted."""
    if reading.draft.kind.name != "reply":
        return
    sides = _answers(origin), _answers(reading)
    if (
        sides[0] == {"no"}
        and not any(denied and not word[0].isdigit() for said in after for word, denied in said)
        and not sides[1]
    ):
        yield Hit(0, 0, "no")
    elif sides[0] and sides[1] and sides[0].isdisjoint(sides[1]):
        yield Hit(0, 0, next(iter(sides[0])))
    elif sides[0] == {"yes"} and not {"unfortunately", "afraid", "unable", "decline", "sadly"}.isdisjoint(
        reading.text.vocabulary - origin.text.vocabulary
    ):
        yield Hit(0, 0, "yes")


def _answers(reading: Reading) -> set[str]:
    """The plain yes or no of a message: at the start of a sentence, behind "the answer is", before "you can come"."""
    found = set()
    for line in reading.labelled:
        forms = [
            form
            for form in _forms(reading, line)
            if form not in {"anyway", "well", "so", "and", "but", "the", "my", "answer", "is", "it's", "a"}
        ]
        follows = forms[1] if len(forms) > 1 else ""
        if forms[:1] == ["yes"] or (
            forms[:1] == ["no"]
            and follows
            not in {"need", "rush", "problem", "pressure", "worries", "hurry", "doubt", "matter", "one", "obligation"}
        ):
            found.add(forms[0])
    return found


def _said(reading: Reading, harmless: Phrases) -> list[set[tuple[str, bool]]]:
    """For each sentence its words of meaning and numbers, each with whether it is denied.

    In a clause with a "not" that is the first word behind it; its other words are left out, for nobody can say.
    """
    text, rows = reading.text, []
    quiet = {i for match in harmless.find(text) for i in range(match.first, match.last)}
    for line in reading.labelled:
        pairs: set[tuple[str, bool]] = set()
        for clause in _clauses(text, line.sentence):
            denials = [i for i in clause if i not in quiet and _denies(text, i)]
            words = [i for i in clause if _means(text.forms[i])]
            if denials:
                behind = [next((i for i in words if at < i <= at + 5), -1) for at in denials]
                pairs |= {(_sense(text.forms[i]), True) for i in behind if i >= 0}
            else:
                pairs |= {(_sense(text.forms[i]), False) for i in words}
        rows.append({(word, denied) for word, denied in pairs if word not in TALK})
    return rows


def _clauses(text: Text, sentence: Sentence) -> Iterator[list[int]]:
    clause: list[int] = []
    for i in range(sentence.first, sentence.last):
        gap = text.raw[text.end(i - 1) : text.start(i)] if i > sentence.first else ""
        if clause and (
            any(mark in gap for mark in ",.;:–—(") or text.forms[i] in {"but", "and", "because", "so", "as", "since"}
        ):
            yield clause
            clause = []
        clause.append(i)
    yield clause


def _denies(text: Text, i: int) -> bool:
    form = text.forms[i]
    return form in lexicon()["no"] or form in lexicon()["denies"] or (form == "should" and text.forms[i - 1] == "why")


def _means(form: str) -> bool:
    return (
        form in lexicon()["deed"]
        or bool(value(form))
        or (len(form) > 2 and form[0] != FIELD and form not in lexicon()["common"] and form not in lexicon()["no"])
    )


def _sense(form: str) -> str:
    return value(form) or stem(form)


def _roles_turned(reading: Reading, origin: Reading, _: Phrases) -> Iterator[Hit]:
    brief, draft = reading.draft.brief, reading.draft
    me, you = lexicon()["me"], lexicon()["you"]
    own_lines = [line for line in origin.labelled if you.isdisjoint(_forms(origin, line))]
    said_of_me = frozenset().union(*(_content(origin, line) for line in own_lines)) | content(
        _parsed(brief.sender.words)
    )
    lines_of_you = [line for line in origin.labelled if not you.isdisjoint(_forms(origin, line))]
    said_to_you = frozenset().union(*(_content(origin, line) for line in lines_of_you))
    theirs = content(_parsed("\n".join((*brief.to.facts, brief.to.role, brief.to.profile, brief.goal))))
    only_me = (
        said_of_me
        - theirs
        - said_to_you
        - content(_parsed("\n".join((*brief.shared, brief.benefit, draft.brief.history.received))))
    )
    only_you = theirs - said_of_me - content(_parsed("\n".join((*brief.shared, brief.goal, brief.benefit))))
    for line in _own(reading):
        said = _content(reading, line)
        asks = reading.says(line).endswith("?")
        if (_does(reading, line, me, only_you) and len(said & only_you) >= 2 and not asks) or (
            _does(reading, line, you, only_me) and len(said & only_me) >= 2 and not asks and Act.VALUE not in line.acts
        ):
            yield _hit(reading, line)


def _does(reading: Reading, line: Labelled, who: frozenset[str], words: frozenset[str]) -> bool:
    """Whether "I" or "my" ("you", "your") is followed at once by one of these words, or by a doing and then by one."""
    forms = [form for form in _forms(reading, line) if form not in lexicon()["very"]]
    doing = lexicon()["did"] | lexicon()["do"]
    for i, form in enumerate(forms[:-1]):
        behind = [stem(word) for word in forms[i + 1 : i + 5]]
        if (
            form in who
            and form not in {"us", "me"}
            and (behind[0] in words or (forms[i + 1] in doing and not words.isdisjoint(behind[1:])))
        ):
            return True
    return False


# ── Lost, leaked, doubled ─────────────────────────────────────────────────────────────────────────────────────────────


def lost(*, what: str) -> Look:
    """What the draft says and the rewrite no longer does, as one hit.

    "answers" (figures, dates, links and the yes that answer the message received), "figures" (those of what is
    offered), "name" (the sender's, where it was signed) or "message" (nearly all of it).
    """
    find = {"answers": _lost_answers, "figures": _lost_figures, "name": _lost_name, "message": _lost_message}[what]

    def look(reading: Reading) -> Iterator[Hit]:
        gone = list(dict.fromkeys(find(reading, reading.origin))) if reading.draft.origin is not None else []
        if gone:
            yield Hit(0, 0, ", ".join(gone))

    return look


def _missing(reading: Reading, origin: Reading, line: Labelled) -> Iterator[str]:
    """The figures, dates and links of a sentence of the draft that stand nowhere in the rewrite."""
    text, now = origin.text, reading.text
    kept, days = {value(form) for form in now.forms}, set(dates(now).values())
    within = range(line.sentence.first, line.sentence.last)
    yield from (text.written[f.index] for f in figures(text) if f.index in within and f.value not in kept)
    yield from (text.written[i] for i, name in dates(text).items() if i in within and name not in days)
    yield from (text.written[i] for i in within if is_link(text.forms[i]) and text.forms[i] not in now.vocabulary)


def _lost_answers(reading: Reading, origin: Reading) -> Iterator[str]:
    brief = reading.draft.brief
    received = {value(form) for form in _parsed(brief.history.received).forms} - {""}
    asked = content(_parsed(f"{brief.history.received}\n{brief.goal}"))
    for line in origin.labelled:
        forms = _forms(origin, line)
        story = not lexicon()["past"].isdisjoint(forms) and not lexicon()["me"].isdisjoint(forms)
        dated = any(line.sentence.first <= i < line.sentence.last for i in dates(origin.text))
        money = any(
            f.unit in {"€", "$", "£", "cedi", "pln", "kes", "sek", "czk"}
            for f in figures(origin.text)
            if line.sentence.first <= f.index < line.sentence.last
        )
        if (line.acts & {Act.PRESSURE, Act.SIGNATURE} and not dated) or story:
            continue
        if (
            dated
            or money
            or asked & _content(origin, line)
            or not lexicon()["you"].isdisjoint(forms)
            or (line.sentence.last - line.sentence.first > 2 and lexicon()["me"].isdisjoint(forms))
        ):
            yield from (
                gone
                for gone in _missing(reading, origin, line)
                if value(gone.lower()) not in received and not _year(gone, dated)
            )
    if (
        (plain := _answers(origin))
        and not _answers(reading)
        and plain == {"yes"}
        and {"glad", "gladly", "happy", "pleased", "welcome", "course", "love"}.isdisjoint(reading.text.vocabulary)
    ):
        yield "yes"


def _year(written: str, dated: bool) -> bool:
    return not dated and re.fullmatch(r"(?:19|20)\d\d", written) is not None


def _lost_figures(reading: Reading, origin: Reading) -> Iterator[str]:
    for line in origin.labelled:
        if Act.VALUE in line.acts and not line.acts & {Act.PRESSURE, Act.FILLER}:
            yield from (gone for gone in _missing(reading, origin, line) if not _year(gone, dated=False))


def _lost_name(reading: Reading, origin: Reading) -> Iterator[str]:
    name = frozenset(_parsed(_plain(reading.draft.brief.sender.name)).forms)
    signed = frozenset(
        form
        for line in origin.having(Act.SIGNATURE)
        for form in _forms(origin, line)
        if form[0] != FIELD and form.isalpha()
    )
    signed -= lexicon()["sign"] | lexicon()["common"]
    there = name & _parsed(_plain(origin.draft.text)).vocabulary or signed
    if there and there.isdisjoint(_parsed(_plain(reading.draft.text)).vocabulary):
        yield " ".join(word.capitalize() for word in sorted(there))


def _lost_message(reading: Reading, origin: Reading) -> Iterator[str]:
    idle = {Act.FILLER, Act.PRESSURE, Act.ASK, Act.THANKS, Act.CLOSE}
    before = frozenset().union(*(_content(origin, line) for line in origin.body if not line.acts & idle))
    kept = content(origin.text) & content(reading.text)
    emptied = len(before) >= 4 and len(kept) < 2
    if emptied or (len(origin.text.forms) >= 12 and len(reading.text.forms) < 5):
        yield " ".join(origin.draft.text.split()[:12])


def leaks(*, any_of: list[str]) -> Look:
    """What a model says about its work ("here is the rewritten message"), and fences, sentinels and tags left over."""
    said = Phrases({"": any_of}, lexicon())

    def look(reading: Reading) -> Iterator[Hit]:
        draft = reading.draft
        if draft.origin is None:
            return
        for found in LEFTOVER.finditer(draft.text):
            if found.group().strip() not in draft.first.text:
                yield Hit(found.start(), found.end(), found.group().strip())
        own = set(map(id, _own(reading)))
        for match in said.find(reading.text):
            if id(reading.labelled[match.sentence]) in own:
                start, end = reading.text.start(match.first), reading.text.end(match.last - 1)
                yield Hit(start, end, draft.text[start:end])

    return look


def doubled() -> Look:
    """Two sentences that say the same with nearly the same words, or a second greeting, where the draft has none."""

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        had = set(_twice(reading.origin).values())
        for number, said in _twice(reading).items():
            if said not in had:
                yield _hit(reading, reading.labelled[number])

    return look


def _twice(reading: Reading) -> dict[int, str]:
    found: dict[int, str] = {}
    before: list[tuple[str, frozenset[str]]] = []
    for number, line in enumerate(reading.labelled):
        said, forms = _content(reading, line), _forms(reading, line)
        folded = _folded(reading.says(line))
        greets = number > 0 and forms[0] in {"hi", "hello", "dear", "hey"} and _greets(reading, line)
        same = any(
            folded == other
            or (min(len(said), len(words)) >= 4 and len(said & words) >= 0.85 * min(len(said), len(words)))
            for other, words in before
        )
        if greets or (same and len(forms) > 2 and Act.SIGNATURE not in line.acts):
            found[number] = folded
        before.append((folded, said))
    return found


def _greets(reading: Reading, line: Labelled) -> bool:
    """A sentence that opens like a second greeting: "Hello Lin, ...", "Dear all"."""
    second = min(line.sentence.first + 1, line.sentence.last - 1)
    return Act.GREETING in reading.labelled[0].acts and (
        len(_forms(reading, line)) <= 3 or reading.text.raw[reading.text.end(second) :].startswith((",", "!"))
    )


def merge_fields() -> Look:
    """A merge field of the draft that is lost, changed, doubled or moved out of its block, or one that is new.

    A subject may be written anew: it may leave out a field that the body has, and take up one of the draft's.
    """

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        draft, first = reading.draft, reading.draft.first
        for change in changes(first.text, draft.text):
            yield Hit(0, 0, change.raw, change.kind)
        for change in changes(first.subject, draft.subject):
            if change.raw not in (first.message if change.kind == "added" else draft.message):
                yield Hit(0, 0, change.raw, change.kind, part="subject")

    return look
