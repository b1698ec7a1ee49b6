"""The walk: a Draft comes in, a Rewrite goes out. Review, revise, review again; keep the cheapest; stop in bounds.

Repair is not a second path: the first rewrite and the third repair are the same step with different findings.
"""

from typing import Protocol

from langchain_core.runnables import Runnable, RunnableLambda
from langsmith import tracing_context

from pipeline.domain import Ask, Draft, Review, Rewrite, Rulebook
from pipeline.fixing import fixed
from pipeline.review import review
from pipeline.revise import pieces, whole

ROUNDS = 3
"""Revisions at most: published repair loops gain 85 % of three rounds' gain in two (Self-Refine, 2023)."""


class Revise(Protocol):
    """One way to make the next draft: sample 0 is the model's surest answer, others are drawn with their own seeds."""

    def __call__(self, review: Review, rulebook: Rulebook, ask: Ask, *, seed: int, sample: int) -> Draft:
        """The next draft."""


WAYS: dict[str, Revise] = {"whole": whole.revise, "pieces": pieces.revise}
"""Way of revising by the name that the catalogue uses."""


def walk(
    draft: Draft, rulebook: Rulebook, ask: Ask, way: Revise, *, rounds: int = ROUNDS, candidates: int = 1, seed: int = 0
) -> Rewrite:
    """Improve a draft in at most `rounds` revisions of `candidates` samples each.

    What a program can mend alone is mended first, before a token is spent; it is also the last resort. The walk stops
    when the message is clean, when the guides say not to send it, when a round brings nothing new, or when the rounds
    are used up. A clean draft costs no call and stays as it is. ModelErrors are the caller's.
    """
    trail = [review(draft, rulebook)]
    seen = {draft.message}
    mended = draft if trail[0].settled else fixed(draft, rulebook)
    if mended.message != draft.message:
        trail.append(review(draft.rewritten(mended.text, mended.subject), rulebook))
        seen.add(mended.message)
    first = len(trail)
    while len(trail) - first < rounds and not Rewrite(tuple(trail)).best.settled:
        latest = Rewrite(tuple(trail)).best
        samples = [
            way(latest, rulebook, ask, seed=seed + 100 * (len(trail) - first + 1), sample=sample)
            for sample in range(candidates)
        ]
        new = [sample for sample in samples if sample.message not in seen]
        if not new:
            break
        seen |= {sample.message for sample in new}
        trail.append(min((review(sample, rulebook) for sample in new), key=lambda one: one.cost))
    return Rewrite(tuple(trail))


def improver(
    rulebook: Rulebook, ask: Ask, way: str, *, rounds: int = ROUNDS, candidates: int = 1, seed: int = 0
) -> Runnable[Draft, Rewrite]:
    """The walk as a Runnable, for one note, a batch or an eval. Run it with `run`, which keeps every tracer out."""

    def improve(draft: Draft) -> Rewrite:
        return walk(draft, rulebook, ask, WAYS[way], rounds=rounds, candidates=candidates, seed=seed)

    return RunnableLambda(improve)


def run(runnable: Runnable[Draft, Rewrite], draft: Draft) -> Rewrite:
    """Invoke with tracing off: LANGSMITH_TRACING in the environment would post the draft to a third party."""
    with tracing_context(enabled=False):
        return runnable.invoke(draft)
