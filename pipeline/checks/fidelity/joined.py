"""Words that the source says apart: a rewrite comes in, its statements that join them go out."""

from collections.abc import Iterator, Mapping

from pipeline.acts import Reading
from pipeline.checks.fidelity.clauses import FINER, clauses, held, parts_of, telling
from pipeline.checks.fidelity.sources import new_lines, sentence_hit
from pipeline.domain import Act, Hit
from pipeline.phrases import Phrases

MANY = 5
"""Of so many words that a clause has from the source, one may come from another of its sentences."""


def words_joined(reading: Reading, origin: Reading, _: Phrases) -> Iterator[Hit]:
    """Statements with a clause whose words stand in the source, but no sentence and no fact has them together."""
    parts = parts_of(origin.draft)
    for line in new_lines(reading):
        if reading.says(line).endswith("?") or line.acts & {Act.GREETING, Act.SIGNATURE}:
            continue
        for clause in clauses(reading.text, line.sentence, FINER):
            forms = {reading.text.forms[i]: reading.text.capital(i) for i in clause if telling(reading.text.forms[i])}
            if len(forms) > 1 and _apart(forms, parts):
                yield sentence_hit(reading, line, " ".join(sorted(forms)))
                break


def _apart(forms: Mapping[str, bool], parts: tuple[frozenset[str], ...]) -> bool:
    """Whether no part holds the words that any part holds; of many, one may be missing that is no name."""
    places = {form: {i for i, part in enumerate(parts) if held(form, part)} for form in forms}
    known = {form: there for form, there in places.items() if there}
    missing = [[form for form, there in known.items() if i not in there] for i in range(len(parts))]
    return bool(known) and not any(
        not gone or (len(gone) == 1 and len(known) >= MANY and not forms[gone[0]]) for gone in missing
    )
