"""The pieces way: a Review comes in, and a Draft goes out in which every sentence is the sender's or one we vouch for.

For small models: code keeps, drops and assembles sentences; the model only chooses among sentences that code can vouch
for (forms.toml), and the rules choose among the assembled messages.

    prune    drop what no rule can bear, keep every other sentence of the sender byte for byte
    fill     for each act that is now missing, the sentences that the brief allows; the model chooses, several times
    fit      leave out the least needed sentences until the message is short enough

A sentence that holds a merge field is never dropped: fields survive byte for byte, or the rewrite is refused.
"""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.domain import Act, Ask, Draft, Remedy, Reply, Review, Rulebook
from pipeline.review import review as look
from pipeline.revise import forms
from pipeline.revise.fill import choices, gaps, place
from pipeline.revise.fit import fit
from pipeline.revise.parts import drafted
from pipeline.revise.prune import kept, prune
from pipeline.revise.subject import subject_of


def revise(review: Review, rulebook: Rulebook, ask: Ask, *, seed: int, sample: int) -> Draft:
    """The next draft: pruned, filled by the model's choices, and fitted; the cheapest of the variants by the rules."""
    draft, parts = review.draft, prune(review)
    replies: list[Reply] = []
    for gap in gaps(drafted(draft, parts), rulebook):
        sentences, answers = choices(gap, parts, draft, ask, seed + 10 * sample)
        replies += answers
        parts = min(
            (place(parts, sentence, gap.act, draft) for sentence in sentences),
            key=lambda placed: look(drafted(draft, fit(placed, draft, rulebook)), rulebook).cost,
            default=parts,
        )
    made = drafted(draft, fit(parts, draft, rulebook))
    return replace(made, subject=subject_of(look(made, rulebook)), reply=_total(replies))


def _total(replies: Sequence[Reply]) -> Reply:
    """All choices of one revision as one reply, for the account of tokens and seconds."""
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
