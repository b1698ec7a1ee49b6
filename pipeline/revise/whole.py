"""The whole way: one prompt, and the model returns the whole message. For capable models."""

from pipeline.domain import Ask, Draft, Review, Rulebook
from pipeline.prompting import apply, compose

WARMTH = 0.7
"""Temperature of every candidate after the first, which is greedy."""


def revise(review: Review, rulebook: Rulebook, ask: Ask, *, seed: int, sample: int) -> Draft:
    """The model's own next draft; sample 0 is greedy, the others are sampled with their own seeds."""
    prompt = compose(review, rulebook, temperature=WARMTH if sample else 0.0, seed=seed + sample)
    return apply(review.draft, ask(prompt))
