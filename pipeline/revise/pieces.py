"""The pieces way: a Review comes in, and a Draft goes out in which every sentence is the sender's or one we vouch for.

For small models: code keeps, drops and assembles sentences. The model writes single ones, of words that it is given;
what says more than these words is refused (gate), and the rules choose among what may stand.

    prune    drop what no rule can bear, keep every other sentence of the sender byte for byte
    soften   of a sentence that loses something, what a model leaves of it, where that costs less
    spare    of a draft that is rated low, only what its brief is about, where that costs hardly more
    fill     for each act that is now missing, the sentences that the brief allows, by form or by the model
    fit      leave out the least needed sentences, until the message is short enough

A sentence that holds a merge field is never dropped: fields survive byte for byte, or the rewrite is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.acts import read
from pipeline.domain import Act, Ask, Draft, Finding, Remedy, Reply, Review, Rulebook, Severity
from pipeline.fields import blank
from pipeline.lexicon import content
from pipeline.review import review as look
from pipeline.revise import forms
from pipeline.revise.fill import BOUND, Gap, due, gaps, place
from pipeline.revise.fit import fit, size
from pipeline.revise.parts import Part, drafted, written
from pipeline.revise.prune import faulty, kept, prune
from pipeline.revise.spare import spare, wordy
from pipeline.revise.subject import subject_of
from pipeline.revise.write import Writer
from pipeline.text import parse, stem

GRACE = 5
"""What a message of the brief alone may cost more than one with all that the rules can bear: two hints, no fault."""

ALIKE = 3
"""Words by which two sentences begin alike."""
ANSWER = frozenset(map(stem, "help answer reply respond response write message know hear back".split()))
"""Words of meaning of a request for nothing but an answer."""
MANY = 3
"""Sentences for one gap from which on the first good one is taken."""


def revise(review: Review, rulebook: Rulebook, ask: Ask, *, seed: int, sample: int) -> Draft:
    """The next draft: pruned, softened, filled and fitted; of all variants the cheapest by the rules."""
    draft, writer = review.draft, Writer(ask, seed + 10 * sample)
    review = replace(review, findings=due(review, rulebook))
    faults = {at: (piece, wrong) for at, piece, wrong in faulty(review)}
    writer.write(piece for piece, _ in faults.values())
    softer = {
        at: [sentence for sentence in writer.sentences([piece]) if not any(_still(one, sentence) for one in wrong)]
        for at, (piece, wrong) in faults.items()
    }
    instead = _softened(review, rulebook, softer)
    parts = prune(review, instead)
    made, anew = _made(parts, draft, rulebook, writer), False
    if _asks(draft) and not _asks(made.draft):
        parts = prune(replace(review, findings=tuple(_asking_nothing(review))), instead)
        made = _made(parts, draft, rulebook, writer)
    if any(one.rule.severity >= Severity.FATAL for one in made.findings):
        parts = prune(replace(review, findings=tuple(filter(_is_error, review.findings))), instead)
        made = _made(parts, draft, rulebook, writer)
    if wordy(review):
        brief = _made(spare(parts, draft, rulebook), draft, rulebook, writer)
        anew = _asks(brief.draft) and brief.cost <= made.cost + GRACE
        made = brief if anew else made
    return replace(made.draft, subject=subject_of(made, anew=anew), reply=_total(writer.replies))


def _asks(draft: Draft) -> bool:
    """Whether a message asks for something, and not for an answer alone."""
    asks = read(draft).having(Act.ASK)
    return any(line.content - ANSWER or ANSWER.isdisjoint(map(stem, line.sentence.wording.forms)) for line in asks)


def _asking_nothing(review: Review) -> Iterator[Finding]:
    """The findings outside what the draft asks for: an ask too early is better than none, an insult is no ask."""
    asks = [line.sentence for line in read(review.draft).having(Act.ASK)]
    for one in review.findings:
        insults = one.rule.remedy is Remedy.DROP and _is_error(one)
        if insults or not any(ask.start <= one.hit.start < ask.end for ask in asks):
            yield one


def _is_error(one: Finding) -> bool:
    return one.rule.severity >= Severity.ERROR


def _made(parts: tuple[Part, ...], draft: Draft, rulebook: Rulebook, writer: Writer) -> Review:
    """The review of a message of some parts, what it lacks filled in (a courtesy alone is no lack), short enough."""
    missing = list(gaps(drafted(draft, parts), rulebook))
    if draft.kind.name not in BOUND and {gap.act for gap in missing} == {Act.THANKS} and written(parts) == draft.text:
        missing = []
    writer.write(piece for gap in missing for piece in gap.pieces)
    for gap in missing:
        parts = _filled(parts, gap, draft, rulebook, writer)
    return look(drafted(draft, fit(parts, draft, rulebook)), rulebook)


def _still(wrong: str, sentence: str) -> bool:
    """Whether a sentence says all the words of meaning that were wrong."""
    words = content(parse(blank(wrong)))
    return bool(words) and words <= content(parse(blank(sentence)))


def _softened(review: Review, rulebook: Rulebook, written_for: Mapping[int, Sequence[str]]) -> dict[int, str]:
    """Whose place a model's sentences take, one after the other: where the message costs less by it, or keeps more."""
    chosen: dict[int, str] = {}
    for at, sentences in written_for.items():
        options = [chosen, *({**chosen, at: sentence} for sentence in sentences)]
        chosen = min(options, key=lambda option: _worth(prune(review, option), review.draft, rulebook))
    return chosen


def _filled(parts: tuple[Part, ...], gap: Gap, draft: Draft, rulebook: Rulebook, writer: Writer) -> tuple[Part, ...]:
    """The parts with the cheapest of a gap's sentences in their place.

    Of many that mend the gap and break nothing in a message that is short enough, the first will do: a review is what a
    walk takes its time for.
    """
    sentences = list(dict.fromkeys((*gap.sentences, *writer.sentences(gap.pieces))))
    sentences = [one for one in sentences if not _begins_alike(one, parts)] or sentences
    options = [place(parts, sentence, gap.act, draft) for sentence in sentences] or [parts]
    if len(options) == 1:
        return options[0]
    now = look(drafted(draft, parts), rulebook)
    mended = now.cost - sum(one.rule.severity for one in now.findings if one.rule.remedy is gap.remedy)
    sizes: list[tuple[int, float]] = []
    for option in options:
        sizes.append(size(option, draft, rulebook))
        if len(options) >= MANY and sizes[-1][0] <= mended and sizes[-1][1] <= 0:
            break
    return options[sizes.index(min(sizes))]


def _begins_alike(sentence: str, parts: Sequence[Part]) -> bool:
    """Whether a sentence begins as one of the parts does: "I am writing to you because ... I am writing for ..."."""
    return any(
        sentence.split()[:ALIKE] == part.text.split()[:ALIKE] for part in parts if len(part.text.split()) > ALIKE
    )


def _worth(parts: Sequence[Part], draft: Draft, rulebook: Rulebook) -> tuple[int, int]:
    """What a message costs, then how little it keeps of the sender's words: the less of either, the better."""
    before, after = (content(parse(blank(text))) for text in (draft.text, written(parts)))
    return look(drafted(draft, parts), rulebook).cost, -len(before & after)


def _total(replies: Sequence[Reply]) -> Reply:
    """All that was written for one revision as one reply, for the account of tokens and seconds."""
    return Reply(
        " / ".join(reply.text for reply in replies),
        replies[-1].model if replies else "",
        sum(reply.tokens_in for reply in replies),
        sum(reply.tokens_out for reply in replies),
        sum(reply.seconds for reply in replies),
    )


def mark_gaps(review: Review) -> Review:
    """The same message with a bracket to fill by hand wherever only the sender knows what is missing (`--gaps`)."""
    draft, parts = review.draft, tuple(kept(review.draft, ()))
    reader = draft.brief.to.name or "the reader"
    asked = {finding.rule.remedy for finding in review.findings if finding.rule.question and finding.hit.end == 0}
    for remedy, act in (
        (Remedy.HOOK, Act.HOOK),
        (Remedy.WHO, Act.WHO),
        (Remedy.WHY, Act.WHY),
        (Remedy.VALUE, Act.VALUE),
        (Remedy.QUESTION, Act.ASK),
    ):
        if remedy in asked:
            parts = place(parts, forms.load().gap[remedy].format(reader=reader), act, draft)
    return replace(review, draft=drafted(draft, parts))
