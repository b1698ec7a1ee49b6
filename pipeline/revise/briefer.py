"""A sentence comes in; what stays of it without its asides and its later clauses goes out, all of it its own words."""

import re
from collections.abc import Iterator

from pipeline.revise.clauses import stands, tells
from pipeline.revise.parts import complete, ended

ASIDE = re.compile(
    r"(?i)\s*\([^()]*\)|,?\s+(?:ha(?:ha)+|lol|to be (?:honest|fair|frank)|if I may)\b(?=\s*[,.!?]|$)"
    r"|(?:^|(?<=[.,] ))(?:to be honest|honestly|frankly|also|besides),\s+|\b(?:really|actually|honestly|basically)\s+"
)
"""What a sentence says beside its point."""
OTHER = r"(?:i|we|you|he|she|it|they|there|this|that|my|our|your|his|her|its|their|the|maybe|perhaps)"
AUX = r"(?:would|could|can|will|want|wish|hope|have|has|had|am|are|is|was|were|do|does|did|should)"
LATER = re.compile(
    rf"(?i),?\s+and\s+(?={OTHER}\b|{AUX}\b|(?:for|in) (?:my|our)\b)|\s*;\s+|\s+[—–-]\s+"
    rf"|,?\s+because\s+(?={OTHER}\b)|,?\s+(?:since|as)\s+(?=(?:i|we|you|he|she|it|they|there)\b)"
    rf"|,\s+(?:so|which|where|who)\s+|,\s+or\s+(?={AUX}\b)|,\s+if\s+(?=you\b)|,?\s+and (?:maybe|perhaps)\s+"
    r"|,?\s+and\s+(?=(?:who|what|when|where|how|which|why)\b[^?]*\?)"
    r"|(?<!thing)(?<!question)(?<!this)(?<!these)(?<!following)(?<!way):\s+(?!.*\?)"
    r"|(?-i:(?P<name>\b[A-Z][\w’'-]+)),\s+(?=an?\s)"
)
"""Where what a sentence goes on to say begins; no "but", "unless" or "only": without these it would say more."""
RULES = re.compile(
    r"(?i)\b(?:hop(?:e|ed|ing)|wish|think|thought|believe|guess|suppose|feel|felt|hear[ds]?|read|sa(?:y|id)|tell|told"
    r"|know|see|saw|if|whether|that|how|when|where|what|who|why|which|would|could|should|might|may|like|want)\b"
)
"""What may rule a second clause as well: "I hope the frost is over and your trees are fine" claims nothing of trees."""
YOURS = re.compile(r"(?i)your\b")
"""How a second clause begins that may be worth more than the first: it is about what is the reader's."""
POINTS = re.compile(r"(?i)\b(?:same|too|also|it|this|that|them|there|both|so)\b")
"""What points to the clause before."""
LEAST = 4
"""Words of a clause that can stand alone."""


def briefer(text: str) -> Iterator[str]:
    """The briefer sentences, in no order: how it begins, or its second clause where that says something alone."""
    plain = ASIDE.sub("", text)
    plain = plain[:1].upper() + plain[1:] if text[:1].isupper() else plain
    if plain != text:
        yield plain
    for later in LATER.finditer(plain):
        head = plain[: later.end("name") if later["name"] else later.start()].rstrip(" ,;")
        if len(head.split()) >= LEAST and tells(head) and complete(f"{head}.") and head.count("(") == head.count(")"):
            yield ended(head, plain)
            rest = plain[later.end() :]
            rest = rest[:1].upper() + rest[1:]
            alone = YOURS.match(rest) and stands(rest) and not POINTS.search(rest)
            if later[0].strip(" ,") == "and" and alone and not RULES.search(head):
                yield rest
