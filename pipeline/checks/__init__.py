"""The ways of looking at a message: each a function whose keyword arguments are the schema of a rule's `check` table.

A way takes those arguments once, when the rulebook is loaded, and returns a Look: Reading in, Hits out. This table is
the only register; a new way is one module, one generator and one line here.
"""

from collections.abc import Callable, Mapping

from pipeline.checks import (
    conditions,
    details,
    fidelity,
    form,
    greetings,
    history,
    language,
    length,
    mentions,
    presence,
    subject,
)
from pipeline.domain import Draft, Look

CHECKS: Mapping[str, Callable[..., Look]] = {
    "phrases": language.phrases,
    "marks": language.marks,
    "capitals": language.capitals,
    "foreign": language.foreign,
    "emoji": language.emoji,
    "missing": presence.missing,
    "late": presence.late,
    "asks": presence.asks,
    "kinds_of_ask": presence.kinds_of_ask,
    "questions": presence.questions,
    "closed_questions": presence.closed_questions,
    "self_share": presence.self_share,
    "limit": length.limit,
    "band": length.band,
    "sentences": length.sentences,
    "grade": length.grade,
    "paragraphs": length.paragraphs,
    "blank": length.blank,
    "detail": details.detail,
    "unmentioned": details.unmentioned,
    "answered": mentions.answered,
    "greeting": greetings.greeting,
    "employer_only": mentions.employer_only,
    "gap": history.gap,
    "count": history.count,
    "adds_nothing": history.adds_nothing,
    "always": history.always,
    "fields": form.fields,
    "links": form.links,
    "subject": subject.subject,
    "invented": fidelity.invented,
    "claims": fidelity.claims,
    "unsaid": fidelity.unsaid,
    "turned": fidelity.turned,
    "lost": fidelity.lost,
    "merge_fields": fidelity.merge_fields,
    "leaks": fidelity.leaks,
    "doubled": fidelity.doubled,
}
"""Way of looking by the word that a rule's `check` table uses."""

CONDITIONS: Mapping[str, Callable[[Draft], bool]] = conditions.CONDITIONS
"""Circumstance by the word that a rule's `when` list uses."""

ANY_LANGUAGE = frozenset(
    {"foreign", "limit", "fields", "links", "merge_fields", "gap", "count", "always", "emoji", "marks"}
)
"""The ways of looking that read no English word: they alone judge a message in another language."""
