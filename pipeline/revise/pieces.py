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
from pipeline.prompting import choose, prompts_folder
from pipeline.review import review as look
from pipeline.revise import facts
from pipeline.revise.facts import Fact

SAMPLES = 3
"""Choices asked of the model for one gap: the first greedy, the others sampled."""
MOST_FACTS = 3
CLAUSE = re.compile(
    r"(?:,?\s+(?:and|but|so|because|as|therefore)\s+(?=(?:i|we|you|my|our|your|it|this|that|i'm|i'd|i've|would|please|could|can|let|there)\b)|\s*;\s+|\s+[—–-]\s+|,\s+(?=(?:i|we|my|our|please|could|can|let's)\b))",
    re.IGNORECASE,
)
LEANING = re.compile(r"(?:It|It's|This|That|That's|These|Those|They|Otherwise|If so|If not|Then)\b")
"""How a sentence begins that leans on the one before it; it goes when that one goes."""
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
    for remedy, act in ((Remedy.HOOK, Act.HOOK), (Remedy.WHO, Act.WHO), (Remedy.WHY, Act.WHY), (Remedy.VALUE, Act.VALUE), (Remedy.QUESTION, Act.ASK)):
        if any(finding.rule.remedy is remedy and finding.rule.question and finding.hit.end == 0 for finding in review.findings):
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
    end, dropped, gap = 0, False, ""
    for line in reading.labelled:
        start, stop = line.sentence.start, line.sentence.end
        gap, end = max(gap if dropped else "", review.draft.text[end:start], key=lambda one: one.count("\n")), stop
        found = [finding for finding in findings if finding.rule.remedy and _within(finding, line)]
        text = _mended(reading, line, found)
        fixed = any(start <= a and b <= stop for a, b in reading.scan.atoms)
        if text and dropped and not line.acts & {Act.SIGNATURE, Act.THANKS, Act.CLOSE}:
            text = "" if not fixed and LEANING.match(text) else _unorphaned(text)
        dropped = not text
        if text:
            yield Part(text, gap, line.acts, text == reading.says(line), fixed)


def _unorphaned(text: str) -> str:
    """A sentence without the "And" or "Also" that tied it to one that is gone."""
    freed = re.sub(r"^(?:And|Also|But|So|Then|Plus|Besides|Or)\b,?\s+(?=\w+\s\w+)", "", text)
    return freed[:1].upper() + freed[1:]


def _within(finding: Finding, line: Labelled) -> bool:
    hit = finding.hit
    return hit.part == "body" and hit.end > hit.start and line.sentence.start <= hit.start < line.sentence.end


def _mended(reading: Reading, line: Labelled, found: Sequence[Finding]) -> str:
    """The sentence without what its findings name; "" if nothing bearable is left; as it is if it holds a field."""
    text = reading.says(line)
    serious = [finding for finding in found if finding.rule.severity >= Severity.WARNING]
    removing = [finding for finding in serious if finding.rule.remedy in REMOVES]
    if removing and Act.GREETING not in line.acts and Act.SIGNATURE not in line.acts:
        text = _without(reading, line, removing)
    if any(finding.rule.remedy is Remedy.CALM for finding in found):
        text = _calm(text, reading.draft.source)
    return text


def _without(reading: Reading, line: Labelled, removing: Sequence[Finding]) -> str:
    """The clauses of a sentence that no finding touches, as a sentence; fields are never removed."""
    start, raw = line.sentence.start, reading.says(line)
    atoms = [(a - start, b - start) for a, b in reading.scan.atoms if line.sentence.start <= a < line.sentence.end]
    marks = [(finding.hit.start - start, finding.hit.end - start) for finding in removing]
    kept = []
    at = 0
    for cut in [*CLAUSE.finditer(raw), None]:
        end = cut.start() if cut else len(raw)
        faulty = any(a < end and b > at for a, b in marks)
        if not faulty or any(a < end and b > at for a, b in atoms):
            kept.append((at, end))
        at = cut.end() if cut else end
    if not kept or len(kept) == len(list(CLAUSE.finditer(raw))) + 1:
        return raw if kept else ""
    text = ", and ".join(raw[a:b].strip(" ,;") for a, b in kept)
    if atoms:
        return raw if len(text) < len(raw) and any(raw[a:b] not in text for a, b in atoms) else _sentence(text, raw)
    return _sentence(text, raw) if _stands(text) else ""


def _stands(text: str) -> bool:
    """Whether what is left of a sentence can stand alone: at least three words, the first of which can open one."""
    words = re.findall(r"[\w'’]+", text.lower())
    return len(words) >= 3 and words[0] in lexicon()["opens"]


def _sentence(text: str, raw: str) -> str:
    end = raw[-1] if raw[-1] in ".!?" else "."
    text = text.rstrip(" ,;.!?")
    return text[:1].upper() + text[1:] + ("." if end == "?" and text.split()[0].lower() in lexicon()["me"] else end)


def _calm(text: str, source: str) -> str:
    """A sentence without shouting: words in capitals made plain, rows of marks made one full stop or question mark."""
    text = re.sub(r"[!?]*\?[!?]*", "?", text)
    text = re.sub(r"!+", ".", text)
    words = re.sub(r"\b[A-ZÀ-Ý]{4,}\b", lambda found: found[0] if found[0].lower() in source.replace(found[0], "") else found[0].lower(), text)
    return words[:1].upper() + words[1:]


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
    known = [fact for fact in facts.facts_of_reader(draft.brief)][:MOST_FACTS]
    pruned = draft.first.text != draft.text and not read(draft).having(Act.ASK) and draft.kind.name not in {"reply", "comment"}
    for remedy, act, sentences in (
        (Remedy.GREETING, Act.GREETING, _greetings(draft)),
        (Remedy.HOOK, Act.HOOK, _hooks(known)),
        (Remedy.WHO, Act.WHO, _whos(draft)),
        (Remedy.WHY, Act.WHY, _whys(draft)),
        (Remedy.VALUE, Act.VALUE, _values(draft)),
        (Remedy.QUESTION, Act.ASK, _questions(draft, known)),
        (Remedy.THANKS, Act.THANKS, _thanks(draft)),
    ):
        if sentences and (remedy in wanted or (act is Act.ASK and pruned)):
            yield Gap(act, tuple(sentences))


def _filled(forms: Sequence[str], **values: str) -> list[str]:
    return [form.format(**values) for form in forms]


def _greetings(draft: Draft) -> list[str]:
    name = draft.brief.to.name.strip()
    first = name if re.match(r"(?i)(?:dr|prof|mr|mrs|ms)\b", name) else name.split(" ")[0]
    return [_forms()["greeting"]["name"].format(name=first)] if first else []  # type: ignore[attr-defined]


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
        choose(gap.act, draft, before, after, gap.sentences, seed=seed + number, temperature=0.0 if number == 0 else 1.0)
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


def _index(act: Act, parts: Sequence[Part]) -> int:
    """Where a sentence of an act belongs among the parts: greeting, hook, who, why, value, ask, thanks, signature."""
    order = [Act.GREETING, Act.HOOK, Act.WHO, Act.WHY, Act.VALUE, Act.ASK, Act.THANKS, Act.CLOSE, Act.SIGNATURE]
    rank = order.index(act)
    if act is Act.GREETING:
        return 0
    if act in {Act.HOOK, Act.WHO}:
        behind = {Act.GREETING, Act.HOOK} if act is Act.WHO else {Act.GREETING}
        return next((i for i, part in enumerate(parts) if not part.acts & behind), len(parts))
    later = set(order[rank + 1 :])
    at = len(parts)
    while at > 0 and parts[at - 1].acts & later and not parts[at - 1].acts & {Act.WHO, Act.WHY, Act.HOOK, Act.GREETING}:
        at -= 1
    return at


def _place(parts: tuple[Part, ...], sentence: str, act: Act, draft: Draft) -> tuple[Part, ...]:
    """The parts with a new sentence where its act belongs; a new greeting takes the old one's place."""
    at = _index(act, parts)
    gap = parts[at].gap if act is not Act.GREETING and 0 < at < len(parts) and parts[at - 1].acts & {Act.GREETING} else " "
    new = Part(sentence, gap if at else "", frozenset({act}), own=False)
    rest = list(parts[at:])
    if act is Act.GREETING and rest and Act.GREETING in rest[0].acts:
        if rest[0].fixed:
            return parts
        rest = rest[1:]
    if rest and at == 0:
        rest[0] = replace(rest[0], gap="\n\n" if "\n" in draft.text else " ")
    elif rest and rest[0].gap == gap and act in {Act.HOOK, Act.WHO} and "\n" in gap:
        rest[0] = replace(rest[0], gap=" ")
    return (*parts[:at], new, *rest)


# ── fit ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _fit(parts: tuple[Part, ...], draft: Draft, rulebook: Rulebook) -> tuple[Part, ...]:
    """The parts with the least needed left out, one by one, as long as that makes the message cheaper by the rules."""
    cost = look(_drafted(draft, parts), rulebook).cost
    while True:
        shorter = [(_need(part), i) for i, part in enumerate(parts) if _may_go(part)]
        for _, i in sorted(shorter):
            trial = tuple(_spaced([*parts[:i], *parts[i + 1 :]]))
            review = look(_drafted(draft, trial), rulebook)
            if review.cost < cost:
                parts, cost = trial, review.cost
                break
        else:
            return parts


def _may_go(part: Part) -> bool:
    return not part.fixed and not part.acts & {Act.GREETING, Act.SIGNATURE} and not re.search(r"\d", part.text)


def _need(part: Part) -> int:
    """How much a message needs a part; the lowest goes first. Sentences of no known act go before the sender's acts."""
    ranks = {Act.FILLER: 0, Act.PRESSURE: 0, Act.CLOSE: 2, Act.THANKS: 3, Act.WHO: 5, Act.VALUE: 6, Act.WHY: 7, Act.HOOK: 8, Act.ASK: 9}
    return max((ranks.get(act, 4) for act in part.acts), default=1)


# ── assemble ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _drafted(draft: Draft, parts: Sequence[Part]) -> Draft:
    text = "".join(part.gap + part.text for part in parts).strip()
    return draft.rewritten(re.sub(r"\n{3,}", "\n\n", text) if "\n\n\n" not in draft.text else text)


def _subject(review: Review) -> str:
    """The subject line: the sender's own unless a rule minds it and a fact of the reader or a topic makes a better one."""
    draft = review.draft
    if not any(finding.rule.remedy is Remedy.SUBJECT for finding in review.findings) or any(mark in draft.subject for mark in "{[<%*«"):
        return draft.subject
    for fact in facts.facts_of_reader(draft.brief):
        if fact.shape == "work":
            return _forms()["subject"]["work"][0].format(fact=fact.words)
        if fact.topic:
            return _forms()["subject"]["topic"][0].format(topic=fact.topic)
    return draft.subject
