"""Words of meaning that come from nowhere. Reading in, Hits out."""

from collections.abc import Iterator

from pipeline.acts import Reading, lexicon
from pipeline.checks.fidelity.sources import content_of, courteous, forms_of, new_lines, plain, sentence_hit, stems_of
from pipeline.domain import Hit, Look
from pipeline.text import is_link, stem


def claims(*, most: int, most_in_question: int) -> Look:
    """A sentence with more than `most` words of meaning that come from nowhere.

    That is neither from the draft, nor from the brief, nor from lexicon "courteous"; words are compared by stem.
    """

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        known = stems_of(reading.draft.source) | courteous()
        for line in new_lines(reading):
            new = {
                word
                for word in content_of(reading, line)
                if plain(word) not in known and not set(map(stem, word.split("-"))) <= known
            }
            new -= {stem(word) for word in lexicon()["no"]}
            new -= {stem(word) for word in forms_of(reading, line) if is_link(word)}
            if len(new) > (most_in_question if reading.says(line).endswith("?") else most):
                yield sentence_hit(reading, line, ", ".join(sorted(new)))

    return look
