"""A rulebook comes in; the examples of its rules that come out wrong go out: how anybody's rules are tested."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.domain import Example, Rule, Rulebook
from pipeline.review import draft_of, review

LEAST = 3
"""Examples of each sort that a rule should have: one can be met by chance, and two by one idea."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What is wrong with a rule's examples: what was expected, and the example if it is one."""

    rule: Rule
    what: str
    text: str = ""

    def __str__(self) -> str:
        """The failure as one line."""
        quoted = f": {' '.join(self.text.split())}" if self.text else ""
        return f"{self.rule.page}: {self.rule.id}: {self.what}{quoted}"


def failures(rules: Iterable[Rule], rulebook: Rulebook) -> Iterator[Failure]:
    """Every example that a rule judges otherwise than its author, and every rule with too few; advice has none."""
    for rule in rules:
        if rule.look is None:
            continue
        for label, examples in (("bad", rule.bad), ("good", rule.good)):
            if len(set(examples)) < LEAST:
                yield Failure(rule, f"has {len(set(examples))} {label} examples: give at least {LEAST}")
        for one in rule.bad:
            if not finds(rule, one, rulebook):
                yield Failure(rule, "does not find this bad example", one.text)
        for one in rule.good:
            if finds(rule, one, rulebook):
                yield Failure(rule, "finds a fault in this good example", one.text)


def finds(rule: Rule, example: Example, rulebook: Rulebook) -> bool:
    """Whether a rule is among the findings of an example."""
    return any(one.rule.id == rule.id for one in review(draft_of(example, rule, rulebook), rulebook).findings)
