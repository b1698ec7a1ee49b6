"""Words that the source says apart: a rewrite comes in, its statements that join them go out."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from pipeline.acts import Reading
from pipeline.checks.fidelity.beyond import idle
from pipeline.checks.fidelity.clauses import FINER, clauses, held, means, parts_of, telling
from pipeline.checks.fidelity.sources import TALK, new_lines, sentence_hit
from pipeline.domain import Act, Hit
from pipeline.lexicon import lexicon
from pipeline.phrases import Phrases
from pipeline.text import FIELD, Wording, stem

MANY = 5
"""Of so many words that a clause has from the source, one may come from another of its sentences."""

AHEAD = frozenset("because as since given".split())
BESIDE = AHEAD | {"who", "which", "where"}
"""A clause that begins with one of these tells something more by the way."""


def words_joined(reading: Reading, origin: Reading, _: Phrases) -> Iterator[Hit]:
    """Statements with a clause whose words stand in the source, but no sentence and no fact has them together."""
    parts = parts_of(origin)
    for line in new_lines(reading):
        found = None if line.acts & {Act.GREETING, Act.SIGNATURE} else _joined(line.sentence.wording, parts)
        if found is not None:
            yield sentence_hit(reading, line, found)


@lru_cache(1 << 9)
def _joined(words: Wording, parts: tuple[frozenset[str], ...]) -> str | None:
    """What a sentence joins that no part has together, "" for a clause by the way; None for nothing."""
    for clause in clauses(words, FINER):
        forms = {words.forms[i]: words.capital(i) for i in clause if telling(words.forms[i])}
        if not words.raw.endswith("?") and len(forms) > 1 and _apart(forms, parts):
            return " ".join(sorted(forms))
    beside = (clause for clause in clauses(words) if words.forms[clause[0]] in (BESIDE if clause[0] else AHEAD))
    return "" if any(_unheard([words.forms[i] for i in clause], parts) for clause in beside) else None


def _unheard(forms: list[str], parts: tuple[frozenset[str], ...]) -> bool:
    """Whether a clause beside the main one has words that no part of the source has together."""
    words = [form for form in forms if means(form) and form not in lexicon()["no"] and stem(form) not in TALK | idle()]
    return bool(words) and FIELD not in forms and not any(all(held(word, part) for word in words) for part in parts)


def _apart(forms: Mapping[str, bool], parts: tuple[frozenset[str], ...]) -> bool:
    """Whether no part holds the words that any part holds; of many, one may be missing that is no name."""
    places = {form: {i for i, part in enumerate(parts) if held(form, part)} for form in forms}
    known = {form: there for form, there in places.items() if there}
    missing = [[form for form, there in known.items() if i not in there] for i in range(len(parts))]
    return bool(known) and not any(
        not gone or (len(gone) == 1 and len(known) >= MANY and not forms[gone[0]]) for gone in missing
    )
