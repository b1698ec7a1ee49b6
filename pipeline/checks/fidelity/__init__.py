"""Whether a rewrite says only what the sender and the brief said: the ways of looking that speak of rewrites alone.

A sentence that stands in the user's own draft, word for word, is never questioned, and a user's own draft never is. All
of this compares words: it knows no logic, so a rewrite that stays near the draft's words passes, and what goes beyond
them is found.
"""

from pipeline.checks.fidelity.claims import claims
from pipeline.checks.fidelity.doubled import doubled
from pipeline.checks.fidelity.invented import invented
from pipeline.checks.fidelity.leaks import leaks, merge_fields
from pipeline.checks.fidelity.lost import lost
from pipeline.checks.fidelity.turned import turned
from pipeline.checks.fidelity.unsaid import unsaid

__all__ = ["claims", "doubled", "invented", "leaks", "lost", "merge_fields", "turned", "unsaid"]
