"""The pieces way, for small models: code keeps, drops and assembles sentences; the model only chooses among sentences
that code can vouch for (prompts/pieces/forms.toml), and the rules choose among the assembled messages.

    prune    drop what no rule can bear, keep every other sentence of the sender byte for byte
    fill     for each act that is now missing, the sentences that the brief allows; the model chooses, several times
    fit      leave out the least needed sentences until the message is short enough

A sentence that holds a merge field is never dropped: fields survive byte for byte, or the rewrite is refused.
"""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

import tomli

from pipeline.acts import Labelled, Reading, lexicon, read
from pipeline.domain import Act, Ask, Draft, Finding, Remedy, Reply, Review, Rulebook, Severity
from pipeline.fields import mask, restore, scan
from pipeline.phrases import EVERYDAY
from pipeline.prompting import choose, prompts_folder
from pipeline.review import review as look
from pipeline.revise import facts
from pipeline.revise.facts import Fact

SAMPLES = 3
"""Choices asked of the model for one gap: the first greedy, the others sampled."""
MOST_FACTS = 3
SUBJECT = 60
"""Characters of the longest subject that a question makes."""
SHOUTED = 4
"""Letters from which on a word in capitals is shouted and not an abbreviation."""
CLAUSE = re.compile(
    r"(?:,?\s+(?:and|but|so|because|as|therefore)\s+(?=(?:only|just|i|we|you|my|our|your|it|this|that|i'm|i'd|i've|would|please|could|can|let|there)\b)|\s*;\s+|\s+[—–-]\s+|,\s+(?=(?:i|we|my|our|please|could|can|let's)\b))",
    re.IGNORECASE,
)
MEETING = re.compile(r"(?i)\b(?:call|meeting|demo|slot|thursday|monday|tuesday|wednesday|friday|\d+ ?min)\b")
THAT = re.compile(r"\s+that\s+(?=(?:\d+|the|a|an|we|our|there)\b)")
"""Where what somebody is said to see or know begins: it can stand alone."""
OPT_OUT = re.compile(r"(?i)unsubscribe|opt out|stop these|to stop|you receive this")
LEANING = re.compile(r"(?:It|It's|This|That|That's|These|Those|They|Otherwise|If so|If not|Then)\b")
"""How a sentence begins that leans on the one before it; it goes when that one goes."""
PRODUCT = re.compile(r"(?i)\b(?:solution|platform|product|software|app|tool|service|system)\b")
PRAISE = re.compile(
    r"(?i)\b(?:(?:market|industry|world|award|best in)[- ])?(?:leading|winning|class|renowned|premier|dynamic|impressive|esteemed|"
    r"prestigious|exciting|amazing|innovative|world-class|best-in-class|cutting-edge)\s+(?=[a-z])"
)
"""Adjectives of praise: what they stand before is as well without them."""
FIGURE = re.compile(r"\d")
"""A sentence with a figure holds something to keep: only an error takes it away."""
REMOVES = frozenset({Remedy.DROP, Remedy.CUT, Remedy.QUESTION})


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence of the next draft, the white space before it, and the acts it performs; `own` if it is the sender's."""

    text: str
    gap: str
    acts: frozenset[Act]
    own: bool = True
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """An act that is missing, and the sentences that may perform it."""

    act: Act
    sentences: tuple[str, ...]


def revise(review: Review, rulebook: Rulebook, ask: Ask, *, seed: int, sample: int) -> Draft:
    """The next draft: pruned, filled by the model's choices, and fitted; the cheapest of the variants by the rules."""
    parts = _prune(review)
    replies: list[Reply] = []
    for gap in _gaps(_drafted(review.draft, parts), rulebook):
        variants = []
        for sentence in _choices(gap, parts, review.draft, ask, seed + 10 * sample, replies):
            placed = _place(parts, sentence, gap.act, review.draft)
            variants.append((look(_drafted(review.draft, _fit(placed, review.draft, rulebook)), rulebook).cost, placed))
        if variants:
            parts = min(variants, key=lambda variant: variant[0])[1]
    parts = _fit(parts, review.draft, rulebook)
    draft = _drafted(review.draft, parts)
    return replace(draft, subject=_subject(look(draft, rulebook)), reply=_total(replies))


def mark_gaps(review: Review) -> Review:
    """The same message with a bracket to fill by hand wherever only the sender knows what is missing (`--gaps`)."""
    draft = review.draft
    parts = tuple(_parts(review, ()))
    reader = draft.brief.to.name or "the reader"
    for remedy, act in (
        (Remedy.HOOK, Act.HOOK),
        (Remedy.WHO, Act.WHO),
        (Remedy.WHY, Act.WHY),
        (Remedy.VALUE, Act.VALUE),
        (Remedy.QUESTION, Act.ASK),
    ):
        if any(
            finding.rule.remedy is remedy and finding.rule.question and finding.hit.end == 0
            for finding in review.findings
        ):
            parts = _place(parts, str(_forms()["gap"][remedy]).format(reader=reader), act, draft)
    return replace(review, draft=_drafted(draft, parts))


def _total(replies: Sequence[Reply]) -> Reply:
    """All choices of one revision as one reply, for the account of tokens and seconds."""
    return Reply(
        " / ".join(reply.text for reply in replies),
        replies[-1].model if replies else "",
        sum(reply.tokens_in for reply in replies),
        sum(reply.tokens_out for reply in replies),
        sum(reply.seconds for reply in replies),
    )


# ── prune ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _prune(review: Review) -> tuple[Part, ...]:
    return tuple(_spaced(list(_parts(review, review.findings))))


def _parts(review: Review, findings: Sequence[Finding]) -> Iterator[Part]:
    """The sentences of a draft, each mended of the findings that it holds; what none can bear is left out."""
    reading = read(review.draft)
    end, dropped, gap = 0, "", ""
    for line in reading.labelled:
        start, stop = line.sentence.start, line.sentence.end
        gap, end = max(gap if dropped else "", review.draft.text[end:start], key=lambda one: one.count("\n")), stop
        found = [finding for finding in findings if finding.rule.remedy and _within(finding, line)]
        text = _mended(reading, line, found)
        fixed = any(start <= a and b <= stop for a, b in reading.scan.atoms)
        if text and dropped and not line.acts & {Act.SIGNATURE, Act.THANKS, Act.CLOSE}:
            text = _freed(text, dropped, review.draft.brief.sender.company, fixed)
        dropped = "" if text else reading.says(line)
        if text:
            yield Part(text, gap, line.acts, text == reading.says(line), fixed)


def _freed(text: str, gone: str, company: str, fixed: bool) -> str:
    """A sentence whose predecessor is gone, freed from it: "And" and "Also" taken off, "It" named where it was the sender's
    product, "" where it leans on what is gone and holds no merge field."""
    if company and text.startswith("It ") and PRODUCT.search(gone):
        return f"{company} {text[3:]}"
    if not fixed and (LEANING.match(text) or (MEETING.search(text) and MEETING.search(gone))):
        return ""
    free = re.sub(r"^(?:And|Also|But|So|Then|Plus|Besides|Or)\b,?\s+(?=\w+\s\w+)", "", text)
    return free[:1].upper() + free[1:]


def _within(finding: Finding, line: Labelled) -> bool:
    hit = finding.hit
    return hit.part == "body" and hit.end > hit.start and line.sentence.start <= hit.start < line.sentence.end


def _mended(reading: Reading, line: Labelled, found: Sequence[Finding]) -> str:
    """The sentence without what its findings name; "" if nothing bearable is left; as it is if it holds a field."""
    text = reading.says(line)
    if not line.acts & {Act.GREETING, Act.SIGNATURE}:
        removing = [finding for finding in found if _removes(finding, text)]
        reason = [finding for finding in found if finding.rule.remedy is Remedy.WHY]
        if removing:
            text = _without(reading, line, removing)
        elif reason and not _atoms(reading, line):
            text = next(iter(_whys(reading.draft)), text)
    if any(finding.rule.remedy is Remedy.CALM for finding in found):
        text = _calm(text)
    return text


def _removes(finding: Finding, text: str) -> bool:
    """Whether a finding takes its sentence or clause away; one that only cuts words spares a sentence with figures."""
    spared = finding.rule.remedy is Remedy.CUT and finding.rule.severity < Severity.ERROR and FIGURE.search(text)
    return finding.rule.remedy in REMOVES and not spared


def _atoms(reading: Reading, line: Labelled) -> list[tuple[int, int]]:
    """The merge fields and blocks of a sentence, as offsets into it."""
    start = line.sentence.start
    return [(a - start, b - start) for a, b in reading.scan.atoms if start <= a < line.sentence.end]


def _without(reading: Reading, line: Labelled, removing: Sequence[Finding]) -> str:
    """The clauses of a sentence that no finding touches, as a sentence; fields are never removed."""
    start, raw, atoms = line.sentence.start, reading.says(line), _atoms(reading, line)
    marks = [(finding.hit.start - start, finding.hit.end - start) for finding in removing]
    if all(len(PRAISE.sub("", raw[a:b]).split()) <= 2 and PRAISE.search(raw[a:b] + " x") for a, b in marks):
        return _plainer(raw, marks)
    kept = []
    at = 0
    for cut in [*CLAUSE.finditer(raw), None]:
        end = cut.start() if cut else len(raw)
        faulty = any(a < end and b > at for a, b in marks)
        if not faulty or any(a < end and b > at for a, b in atoms):
            kept.append((at, end))
        at = cut.end() if cut else end
    if not kept and not atoms and marks and (found := THAT.search(raw)) and all(b <= found.start() for _, b in marks):
        return _sentence(raw[found.end() :], raw)
    if not kept or len(kept) == len(list(CLAUSE.finditer(raw))) + 1:
        return raw if kept else ""
    text = ", and ".join(raw[a:b].strip(" ,;") for a, b in kept)
    if atoms:
        return raw if len(text) < len(raw) and any(raw[a:b] not in text for a, b in atoms) else _sentence(text, raw)
    return _sentence(text, raw) if kept[0][0] == 0 and len(text.split()) > 2 or _stands(text) else ""


def _plainer(raw: str, marks: Sequence[tuple[int, int]]) -> str:
    """A sentence without its adjectives of praise, "a" and "an" made to fit."""
    for a, b in sorted(marks, reverse=True):
        stop = min(len(raw), b + 2)
        raw = raw[:a] + PRAISE.sub("", raw[a:stop]) + raw[stop:]
    raw = re.sub(r"\b([Aa])n (?=[^aeiouAEIOU\W])", r"\1 ", raw)
    raw = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", raw)
    return raw[:1].upper() + raw[1:]


def _stands(text: str) -> bool:
    """Whether what is left of a sentence can stand alone: it opens as sentences do and is long enough to hold a verb."""
    words = re.findall(r"[\w'’]+", text.lower())
    opens = bool(words) and (words[0] in lexicon()["opens"] or words[0].isdigit())
    return opens and len(words) >= (3 if words[0] in lexicon()["me"] and words[0] not in {"my", "our"} else 5)


def _sentence(text: str, raw: str) -> str:
    end = raw[-1] if raw[-1] in ".!?" else "."
    text = text.rstrip(" ,;.!?")
    return text[:1].upper() + text[1:] + ("." if end == "?" and text.split()[0].lower() in lexicon()["me"] else end)


def _calm(text: str) -> str:
    """A sentence without shouting: words in capitals made plain, rows of marks made one; merge fields stay as they are."""
    masked = mask(text)
    calm = re.sub(r"[!?]*\?[!?]*", "?", masked.text)
    calm = re.sub(r"\s*!+", ".", calm)
    loud = {word for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", calm) if word.isupper() and len(word) > 1}
    shouted = any(len(word) >= SHOUTED for word in loud)
    for word in loud if shouted else ():
        if word.lower() not in lexicon()["acronym"] and (
            len(word) >= SHOUTED or word.lower() in lexicon()["common"] | EVERYDAY
        ):
            calm = re.sub(rf"(?<![\w<]){re.escape(word)}(?![\w>])", word.lower(), calm)
    return restore(calm[:1].upper() + calm[1:], masked)


def _spaced(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts with sound white space between them where sentences have gone."""
    for number, part in enumerate(parts):
        if number == 0:
            yield replace(part, gap="")
        elif not part.gap:
            yield replace(part, gap=" ")
        else:
            yield part


# ── fill ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _forms() -> dict[str, dict[str, list[str]]]:
    return tomli.loads(prompts_folder().joinpath("pieces", "forms.toml").read_text("utf-8"))


def _gaps(draft: Draft, rulebook: Rulebook) -> Iterator[Gap]:
    """What is missing now, in the order in which a message is built, with the sentences that the brief allows."""
    review = look(draft, rulebook)
    wanted = {finding.rule.remedy for finding in review.findings}
    known = list(facts.facts_of_reader(draft.brief))[:MOST_FACTS]
    wanted |= set(_lost_acts(draft))
    for remedy, act, sentences in (
        (Remedy.GREETING, Act.GREETING, _greetings(draft)),
        (Remedy.HOOK, Act.HOOK, _hooks(known)),
        (Remedy.WHO, Act.WHO, _whos(draft)),
        (Remedy.WHY, Act.WHY, _whys(draft) if draft.kind.name != "reply" else _forms()["decline"]["any"]),
        (Remedy.VALUE, Act.VALUE, _values(draft)),
        (Remedy.QUESTION, Act.ASK, _questions(draft, known)),
        (Remedy.THANKS, Act.THANKS, _thanks(draft)),
    ):
        new = tuple(sentence for sentence in sentences if sentence not in draft.text)
        if new and remedy in wanted:
            yield Gap(act, new)


def _lost_acts(draft: Draft) -> Iterator[Remedy]:
    """What the user's draft did and the pruned one does no longer: give a reason, ask something that is easy to answer."""
    before, now = read(draft.first), read(draft)
    easy = {"introduction"} if draft.kind.name == "intro-request" else {"opinion", "connect"}
    if draft.kind.name != "reply" and before.having(Act.ASK) and not any(line.asks & easy for line in now.labelled):
        yield Remedy.QUESTION
    if draft.kind.name != "reply" and before.having(Act.WHY) and not now.having(Act.WHY):
        yield Remedy.WHY
    if draft.kind.name == "reply" and not now.body and not lexicon()["no"].isdisjoint(before.text.forms):
        yield Remedy.WHY


def _filled(forms: Sequence[str], **values: str) -> list[str]:
    return [form.format(**values) for form in forms]


def _greetings(draft: Draft) -> list[str]:
    """A greeting by name, in the sender's own register: "Dear" stays "Dear", a title keeps the family name."""
    words = draft.brief.to.name.split()
    if not words:
        return []
    title = words[0].rstrip(".").lower() in lexicon()["title"]
    formal = title or draft.text.lower().startswith(("dear", "respected"))
    name = f"{words[0]} {words[-1]}" if title and len(words) > 1 else draft.brief.to.name if formal else words[0]
    return [str(_forms()["greeting"]["formal" if formal else "plain"]).format(name=name)]


def _hooks(known: Sequence[Fact]) -> list[str]:
    return [sentence for fact in known for sentence in _filled(_forms()["hook"][fact.shape], fact=fact.words)]


def _whos(draft: Draft) -> list[str]:
    who = facts.sender_who(draft.brief)
    return [str(_forms()["who"][who[0]]).format(**who[1])] if who else []


def _whys(draft: Draft) -> list[str]:
    clause = facts.goal_clause(draft.brief.goal)
    if clause:
        return _filled(_forms()["why"]["goal"], goal=clause)
    return list(_forms()["why"]["connect"]) if draft.kind.name == "connection-note" else []


def _values(draft: Draft) -> list[str]:
    if not draft.brief.sender.offer:
        return []
    shape, offer = facts.offer_of(draft.brief.sender.offer)
    return _filled(_forms()["value"][shape], offer=offer)


def _questions(draft: Draft, known: Sequence[Fact]) -> list[str]:
    """Open questions, the most particular first: the goal itself, then what follows the hook, then the purpose's own."""
    forms, text = _forms()["question"], draft.text
    direct = facts.goal_question(draft.brief.goal)
    if direct:
        return [direct]
    clause = facts.goal_clause(draft.brief.goal)
    if clause and clause not in text:
        return _filled(_forms()["why"]["goal"][:2], goal=clause)
    hooked = [fact for fact in known if fact.words in text]
    after = [sentence for fact in hooked for sentence in forms.get(fact.shape, [])]
    about = [sentence for fact in hooked if fact.topic for sentence in _filled(forms["topic"], topic=fact.topic)]
    return [*after, *about] or list(forms.get(draft.kind.name) or forms[draft.brief.purpose])


def _thanks(draft: Draft) -> list[str]:
    return list(_forms()["thanks"].get(draft.kind.name, _forms()["thanks"]["any"]))


def _choices(gap: Gap, parts: Sequence[Part], draft: Draft, ask: Ask, seed: int, replies: list[Reply]) -> list[str]:
    """The sentences that the model chose, each once, most chosen first. Hooks and questions are worth a choice; where one
    sentence does, or only its courtesy differs, the rules choose alone."""
    if len(gap.sentences) == 1 or gap.act not in {Act.HOOK, Act.ASK}:
        return list(gap.sentences)
    before, after = _around(gap.act, parts)
    prompts = [
        choose(
            gap.act, draft, before, after, gap.sentences, seed=seed + number, temperature=0.0 if number == 0 else 1.0
        )
        for number in range(SAMPLES)
    ]
    with ThreadPoolExecutor(SAMPLES) as pool:
        answers = list(pool.map(ask, prompts))
    replies += answers
    chosen = [answer.text.strip() for answer in answers if answer.text.strip() in gap.sentences]
    return sorted(dict.fromkeys(chosen), key=lambda sentence: -chosen.count(sentence))


def _around(act: Act, parts: Sequence[Part]) -> tuple[str, str]:
    at = _index(act, parts)
    return "".join(part.gap + part.text for part in parts[:at]), "".join(part.gap + part.text for part in parts[at:])


def _index(act: Act, parts: Sequence[Part], opening: bool = False) -> int:
    """Where a sentence of an act belongs among the parts: greeting, hook, who, why, value, ask, thanks, signature."""
    order = [Act.GREETING, Act.HOOK, Act.WHO, Act.WHY, Act.VALUE, Act.ASK, Act.THANKS, Act.CLOSE, Act.SIGNATURE]
    rank = order.index(act)
    if act is Act.GREETING:
        return 0
    if act is Act.THANKS and opening:
        return next((i for i, part in enumerate(parts) if Act.GREETING not in part.acts), len(parts))
    if act in {Act.HOOK, Act.WHO}:
        behind = {Act.GREETING, Act.HOOK, Act.FILLER} if act is Act.WHO else {Act.GREETING, Act.FILLER}
        return next((i for i, part in enumerate(parts) if not part.acts or part.acts - behind), len(parts))
    later = set(order[rank + 1 :])
    at = len(parts)
    while (
        at > 0
        and (parts[at - 1].acts & later or OPT_OUT.search(parts[at - 1].text))
        and not parts[at - 1].acts & {Act.WHO, Act.HOOK, Act.GREETING}
    ):
        at -= 1
    return at


def _place(parts: tuple[Part, ...], sentence: str, act: Act, draft: Draft) -> tuple[Part, ...]:
    """The parts with a new sentence where its act belongs; a new greeting takes the old one's place."""
    at = _index(act, parts, draft.kind.name == "reply")
    gap = (
        parts[at].gap
        if act is not Act.GREETING and 0 < at < len(parts) and parts[at - 1].acts & {Act.GREETING}
        else " "
    )
    new = Part(sentence, gap if at else "", frozenset({act}), own=False)
    rest = list(parts[at:])
    if act is Act.GREETING and rest and Act.GREETING in rest[0].acts:
        if rest[0].fixed:
            return parts
        rest = rest[1:]
    if rest and at == 0:
        rest[0] = replace(rest[0], gap="\n\n" if "\n" in draft.text else " ")
    elif (
        rest
        and rest[0].gap == gap
        and at
        and Act.GREETING in parts[at - 1].acts
        and "\n" in gap
        and Act.SIGNATURE not in rest[0].acts
    ):
        rest[0] = replace(rest[0], gap=" ")
    if rest and rest[0].own and not rest[0].fixed:
        rest[0] = replace(rest[0], text=rest[0].text[:1].upper() + rest[0].text[1:])
    return (*parts[: at - 1], *(_ended(part) for part in parts[at - 1 : at] if at), new, *rest) if at else (new, *rest)


def _ended(part: Part) -> Part:
    """A part that something new follows, closed by a full stop if it has none."""
    open_end = part.text[-1:].isalnum() and not part.acts & {Act.GREETING, Act.SIGNATURE} and not part.fixed
    return replace(part, text=f"{part.text}.") if open_end else part


# ── fit ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _fit(parts: tuple[Part, ...], draft: Draft, rulebook: Rulebook) -> tuple[Part, ...]:
    """The parts with the least needed left out, one by one, while the message is too long and it gets better by it."""
    size = _size(parts, draft, rulebook)
    while size[1] > 0:
        trials = [
            (_size(trial := _less(parts, i), draft, rulebook), _need(part), trial)
            for i, part in enumerate(parts)
            if _may_go(part)
        ]
        smaller = min(trials, key=lambda trial: trial[:2], default=None)
        if smaller is None or smaller[0] >= size:
            break
        size, _, parts = smaller
    return parts


def _less(parts: Sequence[Part], i: int) -> tuple[Part, ...]:
    """The parts without one of them; a paragraph break before it stays."""
    rest = list(parts[i + 1 :])
    if rest and parts[i].gap.count("\n") > rest[0].gap.count("\n"):
        rest[0] = replace(rest[0], gap=parts[i].gap)
    return tuple(_spaced([*parts[:i], *rest]))


def _size(parts: Sequence[Part], draft: Draft, rulebook: Rulebook) -> tuple[int, float]:
    """What a message costs without its being too long, and by how much it is: the less of either, the better."""
    review = look(_drafted(draft, parts), rulebook)
    long = [
        finding
        for finding in review.findings
        if finding.rule.remedy is Remedy.SHORTEN and finding.rule.severity > Severity.HINT
    ]
    excess = sum(float(finding.hit.value) - float(finding.hit.limit) for finding in long if finding.hit.limit)
    return review.cost, excess


def _may_go(part: Part) -> bool:
    return (
        not part.fixed and not part.acts & {Act.GREETING, Act.SIGNATURE} and not (part.own and FIGURE.search(part.text))
    )


def _need(part: Part) -> float:
    """How much a message needs a part; the lowest goes first. The sender's own sentences count for more than ours."""
    ranks = {
        Act.FILLER: 0,
        Act.PRESSURE: 0,
        Act.CLOSE: 1,
        Act.THANKS: 1,
        Act.WHO: 5,
        Act.VALUE: 6,
        Act.WHY: 7,
        Act.HOOK: 8,
        Act.ASK: 9,
    }
    return max((ranks.get(act, 4) for act in part.acts), default=2) + 2.5 * part.own


# ── assemble ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _drafted(draft: Draft, parts: Sequence[Part]) -> Draft:
    text = "".join(part.gap + part.text for part in parts).strip()
    return draft.rewritten(re.sub(r"\n{3,}", "\n\n", text) if "\n\n\n" not in draft.text else text)


def _subject(review: Review) -> str:
    """The subject line: the sender's own unless a rule minds it; else from a fact of the reader, or from the goal."""
    draft, forms = review.draft, _forms()["subject"]
    minded = [finding for finding in review.findings if finding.hit.part == "subject" and finding.rule.remedy]
    calm = {finding.rule.remedy for finding in minded} & {Remedy.CALM}
    if not minded or scan(draft.subject).fields or len(minded) == len(calm):
        return _calm(draft.subject).rstrip(".") if calm else draft.subject
    for fact in facts.facts_of_reader(draft.brief):
        key = fact.shape if fact.shape in forms else "topic" if fact.topic else ""
        if key:
            return forms[key][0].format(fact=fact.words, topic=fact.topic)
    question = facts.goal_question(draft.brief.goal)
    return question if 0 < len(question) <= SUBJECT else draft.subject
