"""Sentences that a rewrite says twice. Reading in, Hits out."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from pipeline.acts import Labelled, Reading
from pipeline.checks.fidelity.sources import folded, sentence_hit
from pipeline.domain import Act, Hit, Look


def doubled() -> Look:
    """Two sentences that say the same with nearly the same words, or a second greeting, where the draft has none."""

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        had = set(_twice(reading.origin).values())
        for number, said in _twice(reading).items():
            if said not in had:
                yield sentence_hit(reading, reading.labelled[number])

    return look


@lru_cache(16)
def _twice(reading: Reading) -> Mapping[int, str]:
    found: dict[int, str] = {}
    before: list[tuple[str, bool, frozenset[str]]] = []
    for number, line in enumerate(reading.labelled):
        said, forms = line.content, line.forms
        whole, asks = folded(reading.says(line)), reading.says(line).endswith("?")
        greets = number > 0 and forms[0] in {"hi", "hello", "dear", "hey"} and _greets(reading, line)
        same = any(
            whole == other
            or (
                asks == asked
                and min(len(said), len(words)) >= 4
                and len(said & words) >= 0.85 * min(len(said), len(words))
            )
            for other, asked, words in before
        )
        if greets or (same and len(forms) > 2 and Act.SIGNATURE not in line.acts):
            found[number] = whole
        before.append((whole, asks, said))
    return found


def _greets(reading: Reading, line: Labelled) -> bool:
    """A sentence that opens like a second greeting: "Hello Lin, ...", "Dear all"."""
    second = min(line.sentence.first + 1, line.sentence.last - 1)
    return Act.GREETING in reading.labelled[0].acts and (
        len(line.forms) <= 3 or reading.text.raw[reading.text.end(second) :].startswith((",", "!"))
    )
