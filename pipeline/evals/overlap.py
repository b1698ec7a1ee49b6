"""Texts come in, how far they agree goes out: word edits, and SARI and chrF against references of a human hand.

SARI follows Xu et al. 2016 (arithmetic mean over n-grams of 1 to 4 words of F1 of keeping, F1 of adding and precision
of deleting), chrF follows Popović 2015 (character n-grams of 1 to 6, spaces left out, recall twice as heavy). Both are
diagnostics: a copied draft overlaps well with anything.
"""

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

ORDER_WORDS, ORDER_LETTERS, BETA = 4, 6, 2


def words(text: str) -> list[str]:
    """The words and marks of a text, in lower case."""
    return re.findall(r"\w+(?:['’]\w+)*|[^\w\s]", text.lower())


def edits(before: str, after: str) -> float:
    """The share of words that went or came, of all words of both texts: 0 nothing, 100 nothing in common."""
    old, new = before.split(), after.split()
    kept = sum(block.size for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return 100 - 200 * kept / (len(old) + len(new)) if old or new else 0.0


def sari(source: str, output: str, references: Sequence[str]) -> float:
    """SARI, 0 to 100, of a rewrite against its source and references."""
    wanted = [words(text) for text in references]
    parts = [_sari_of(size, words(source), words(output), wanted) for size in range(1, ORDER_WORDS + 1)]
    return 100 * sum(sum(part) / 3 for part in parts) / len(parts)


def _sari_of(size: int, source: list[str], output: list[str], references: list[list[str]]) -> tuple[float, ...]:
    count = len(references)
    src = Counter({gram: number * count for gram, number in _grams(source, size).items()})
    out = Counter({gram: number * count for gram, number in _grams(output, size).items()})
    ref = sum((_grams(one, size) for one in references), Counter[tuple[str, ...]]())
    kept, should_keep = src & out, src & ref
    keep = _f1(_share(kept & should_keep, kept), _share(kept & should_keep, should_keep))
    gone, should_go = src - out, src - ref
    delete = _share(gone & should_go, gone)
    added, should_add = set(out) - set(src), set(ref) - set(src)
    right = len(added & should_add)
    add = _f1(right / len(added) if added else 1.0, right / len(should_add) if should_add else 1.0)
    return keep, delete, add


def _grams(tokens: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1))


def _share(part: Counter[tuple[str, ...]], whole: Counter[tuple[str, ...]]) -> float:
    """The mean share of each gram of the whole that the part holds; 1 where there is nothing to share."""
    return sum(part[gram] / whole[gram] for gram in whole) / len(whole) if whole else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def chrf(output: str, references: Sequence[str]) -> float:
    """chrF2, 0 to 100, of a rewrite against the reference that is nearest to it."""
    return max((_chrf(output, reference) for reference in references), default=0.0)


def _chrf(output: str, reference: str) -> float:
    said, wanted = ("".join(text.split()) for text in (output, reference))
    precision: list[float] = []
    recall: list[float] = []
    for size in range(1, ORDER_LETTERS + 1):
        ours, theirs = _grams(said, size), _grams(wanted, size)
        if ours and theirs:
            shared = sum((ours & theirs).values())
            precision.append(shared / sum(ours.values()))
            recall.append(shared / sum(theirs.values()))
    if not precision:
        return 0.0
    p, r = sum(precision) / len(precision), sum(recall) / len(recall)
    return 100 * (1 + BETA**2) * p * r / (BETA**2 * p + r) if p + r else 0.0
