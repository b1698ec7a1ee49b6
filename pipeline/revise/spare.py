"""A pruned draft that the rules rate low comes in; it goes out without the sentences that serve nothing in its brief.

Such drafts are pitches and life stories: mended sentence by sentence they stay what they are. What the sender wants and
knows stands in the brief, and a message of that alone is one that its reader can answer.
"""

from collections.abc import Sequence

from pipeline.domain import Act, Brief, Draft, Review, Rulebook
from pipeline.fields import blank
from pipeline.lexicon import content, lexicon
from pipeline.review import review as look
from pipeline.revise import facts, forms
from pipeline.revise.clauses import PRAISE
from pipeline.revise.fill import DECENT, OPT_OUT, to_stranger
from pipeline.revise.gate import MEETING, NAMES
from pipeline.revise.parts import FIGURE, ITEM, Part, drafted, less
from pipeline.revise.prune import PRICE
from pipeline.text import parse

SHARED = 2
"""Words of meaning that a sentence which serves the brief has in common with it, at least."""
MOST = 3
"""Sentences that stay, whatever the brief says, because senders tell something of themselves that can be checked."""
FEWEST = 2
"""Sentences of the sender's own that stay where none of these is among them."""
LONGEST = 30
"""Words of the longest of these, and of the longest sentence by which senders say who they are."""


def wordy(review: Review) -> bool:
    """Whether a long message to a stranger is rated low, and its brief says in plain words what it could be about."""
    draft, brief = review.draft, review.draft.brief
    low = to_stranger(draft) and review.score < DECENT
    return low and any(facts.facts_of_reader(brief)) and bool(forms.wishes(draft))


def spare(parts: tuple[Part, ...], draft: Draft, rulebook: Rulebook) -> tuple[Part, ...]:
    """The parts without those that serve nothing in the brief; what a rule of fidelity would miss stays."""
    short = [part for part in parts if len(part.text.split()) <= LONGEST]
    told = [part for part in short if _tells(part) and not _lists(part)][:MOST]
    who = [part for part in short if Act.WHO in part.acts and part.text.rstrip(".!?") in draft.text][:1]
    who = [part for part in who if not PRAISE.search(part.text)]
    if not told and not who:
        told = [part for part in short if part.own and not part.acts and not _lists(part)][:FEWEST]
    lost = _lost(parts, draft, rulebook)
    for part in [part for part in reversed(parts) if part not in (*who, *told) and not _serves(part, draft.brief)]:
        rest = less(parts, parts.index(part))
        if _lost(rest, draft, rulebook) <= lost:
            parts = rest
    return parts


def _serves(part: Part, brief: Brief) -> bool:
    """Whether a part greets, signs, opts out, holds a merge field, names a price, or says something of the brief.

    A question serves where it asks for the goal, a boast never.
    """
    if part.fixed or part.acts & {Act.GREETING, Act.SIGNATURE} or OPT_OUT.search(part.text):
        return True
    if _lists(part):
        return False
    text = parse(blank(part.text))
    boasts = not lexicon()["brag"].isdisjoint(text.forms)
    asks = Act.ASK in part.acts or part.text.endswith("?")
    meant = facts.words(brief.goal) if asks else facts.meant(brief)
    return not boasts and (PRICE.search(part.text) is not None or len(content(text) & meant) >= SHARED)


def _lists(part: Part) -> bool:
    """Whether a part is an item of a list, or the line that leads to one."""
    return ITEM.match(part.text) is not None or part.text.endswith(":")


def _tells(part: Part) -> bool:
    """Whether senders say of themselves, without praise, what can be checked: "I kept 60 goats near Ngaoundéré"."""
    forms = parse(blank(part.text)).forms
    named = FIGURE.search(part.text) is not None or any(name[0] != "I" for name in NAMES.findall(part.text))
    is_so = forms[0] in lexicon()["me"] and forms[1:2] not in (("will",), ("would",))
    return named and is_so and lexicon()["brag"].isdisjoint(forms) and not MEETING.search(part.text)


def _lost(parts: Sequence[Part], draft: Draft, rulebook: Rulebook) -> int:
    """How many findings of fidelity a message of these parts has; that it is empty so far is none of them."""
    found = look(drafted(draft, parts), rulebook).findings
    return sum(finding.rule.page == "fidelity" and finding.rule.id != "lost-message" for finding in found)
