"""A rewrite and its case come in; what it lost, invented or leaked goes out.

A second witness: it shares no line with the rules of pipeline/checks, so that no single change blinds both. It looks
at less (what the case says must stay, digits, links, capitals, the prompt's own words) and never guesses.
"""

import re
from collections.abc import Iterator, Sequence

from pipeline.domain import Draft, Prompt
from pipeline.evals.cases import Case

NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
LINK = re.compile(r"(?i)https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.\w+")
NAME = re.compile(r"(?<![.!?:…\n\"“”'’(\[*\-–—>]\s)(?<![.!?:…\n])(?<=[\w,;)’'\"”]\s)[^\W\d_a-z]\w*(?:[-'’]\w+)*")
MARK = re.compile(
    r"[\ue000-\uf8ff]|⟦|⟧|=== [0-9a-f]{10} ===|<\|[^|]*\|>|</?think>"
    r"|(?m:^(?:The (?:reader|sender|draft|message)|Kind|Length)\b.*?:)"
)
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
RUN = 6
"""Words of a prompt in a row from which on a message says them after it."""


def lost_facts(case: Case, result: Draft) -> Iterator[str]:
    """The words that the case says every rewrite keeps, and this one does not."""
    said = _folded(result.message)
    return (word for word in case.expect.keep if _folded(word) not in said)


def invented_facts(case: Case, result: Draft) -> Iterator[str]:
    """Digits, links, and capitalised words in the middle of a sentence that neither draft nor brief holds."""
    source = _folded(f"{case.draft.source}\n{case.draft.kind.label}")
    known = set(re.findall(r"\w+", source))
    text = result.message
    for pattern in (NUMBER, LINK):
        yield from (found for found in pattern.findall(text) if _folded(found).rstrip(".,") not in source)
    for found in NAME.findall(text):
        if (
            found not in {"I", "I'd", "I'm", "I've", "I'll", "I’d", "I’m"}
            and not {part for part in re.findall(r"\w+", _folded(found)) if len(part) > 1} <= known
        ):
            yield found
    before = _folded(case.draft.message)
    yield from (word for word in case.expect.avoid if _folded(word) in _folded(text) and _folded(word) not in before)


def kept_orders(case: Case, result: Draft) -> Iterator[str]:
    """What the case says must not be said, and the draft said, and the rewrite says still."""
    before, after = _folded(case.draft.message), _folded(result.message)
    return (word for word in case.expect.avoid if _folded(word) in before and _folded(word) in after)


def changed_fields(case: Case, result: Draft) -> Iterator[str]:
    """The merge fields of the case that are not there byte for byte as often as in the draft."""
    before, after = case.draft.message, result.message
    return (one for one in case.expect.fields if before.count(one) != after.count(one))


def leaked(case: Case, result: Draft, prompts: Sequence[Prompt], templates: Sequence[str]) -> Iterator[str]:
    """Marks of the prompt's frame, and RUN or more words in a row of the prompt's own that draft and brief lack.

    Its own words are those of the system prompt and of the templates between their tags; the data that a prompt
    quotes is the sender's, and the sentences that a grammar admits are meant to be said.
    """
    text = result.message
    yield from (found for found in MARK.findall(text) if found not in case.draft.source)
    said = _runs(text) - _runs(case.draft.source)
    for own in (*(prompt.system for prompt in prompts), *(part for one in templates for part in TAG.split(one))):
        if shared := said & _runs(own):
            yield min(shared)


def _runs(text: str) -> set[str]:
    words = re.findall(r"\w+", text.casefold())
    return {" ".join(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("\u2019", "'").split())
