"""A draft comes in, and goes out with every safe fix that makes it better by the rules (`check --fix`, `improve`)."""

from collections.abc import Iterator
from dataclasses import replace

from pipeline.domain import Draft, Review, Rulebook
from pipeline.fields import changes
from pipeline.review import review


def fixed(draft: Draft, rulebook: Rulebook) -> Draft:
    """The draft after all safe fixes; itself where none helps.

    A fix is kept where no merge field changes, not even a broken one, and where the message then costs less by the
    rules, held against the text before it: so no figure is lost, and fixing twice is fixing once.
    """
    now = review(draft, rulebook)
    while better := next(_better(now, rulebook), None):
        now = better
    return now.draft


def _better(now: Review, rulebook: Rulebook) -> Iterator[Review]:
    for finding in now.findings:
        mended = finding.rule.fix(now.draft, finding.hit) if finding.rule.fix else now.draft
        sound = mended.text.strip() and not changes(now.draft.message, mended.message)
        if mended.message != now.draft.message and sound:
            step = replace(now.draft, origin=None).rewritten(mended.text, mended.subject)
            if review(step, rulebook).cost < now.cost:
                yield review(mended, rulebook)
