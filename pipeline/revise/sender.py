"""What a brief says of the sender comes in; who writes and what is offered go out, fit to be said."""

import re

from pipeline.domain import Brief
from pipeline.lexicon import lexicon
from pipeline.revise.facts import LONGEST, Fact, is_role, lowered
from pipeline.revise.verbs import base_of, bases, did
from pipeline.text import parse

SHARED = re.compile(
    r"(?i)(?:an?|the|my|our|one|two|three|four|five|ten|some|free|\d+|notes|samples|contacts|photo(?:graph)?s|pictures"
    r"|drawings|scans|data|recordings|introductions)\b"
)
"""How an offer begins that can be shared; wares and services are offered."""


def offer_of(offer: str) -> tuple[str, str]:
    """An offer as (shape, words): "act" for "send you our list", "thing" for "our list", "ware" for "rope", else ""."""
    text = re.sub(r"(?i)^(?:(?:i|we)\s+)?(?:can|could|would|will)\s+", "", offer.strip().rstrip("."))
    first = text.split(" ", 1)[0].lower()
    if " " not in text or (not lexicon()["me"].isdisjoint({first}) and first not in {"my", "our"}):
        return "", text
    if first in lexicon()["give"] | bases():
        return "act", lowered(text)
    return ("thing" if SHARED.match(text) else "ware"), lowered(text)


def who_of(brief: Brief) -> tuple[str, dict[str, str]] | None:
    """The form of forms.toml for a sentence that says who writes, and its values; None if the brief does not tell."""
    one, role = brief.sender, brief.sender.role.strip()
    role = _with_article(lowered(role)) if is_role(role) else ""
    name = "" if one.name.lower().startswith("the ") else one.name
    house = one.company if one.company[:1].isupper() or re.match(r"(?:the|an?|our|my)\b", one.company) else ""
    values = {"name": name, "role": role, "company": house}
    for form in ("name-role-company", "name-role", "name-company", "role-company", "role"):
        if all(values[part] for part in form.split("-")):
            return form, values
    for line in one.facts:
        fact = _own_fact(line)
        if fact:
            return fact.shape, {"fact": fact.words}
    return None


def _with_article(role: str) -> str:
    if re.match(r"(?i)(?:a|an|the|head|chief|founder|co-founder|owner|director|ceo|cto|managing|co-owner)\b", role):
        return role
    vowel = role[0] in "AEFHILMNORSX" if role[:2].isupper() else role[0].lower() in "aeiou"
    return f"{'an' if vowel else 'a'} {role}"


def _own_fact(line: str) -> Fact | None:
    text = lowered(line.strip().rstrip("."))
    words = parse(text).forms
    if not 2 <= len(words) <= LONGEST:
        return None
    base = base_of(words[0]) if words[0] != "is" else "am"
    if base and base != "are":
        return Fact("does", f"{base} {text.partition(' ')[2]}")
    return Fact("did", text) if words[0] in did() else None
