"""A rulebook comes in; a page of Markdown for each rule goes out, and an index of them."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

import msgspec

from pipeline.domain import PURPOSES, Example, FixClass, Rule, Rulebook, Severity

CLASSES = {
    FixClass.SAFE: "a program alone (`check --fix`)",
    FixClass.LLM: "a rewrite, held against the rules again (`improve`)",
    FixClass.ASK: "only the sender, who is asked for what is missing",
}


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """How right a rule is on labelled messages of one half: what it found rightly, wrongly, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """The share of findings that are right; None where nothing was found."""
        found = self.right + self.wrong
        return self.right / found if found else None

    @property
    def recall(self) -> float | None:
        """The share of faults that were found; None where there are none."""
        faults = self.right + self.missed
        return self.right / faults if faults else None

    @property
    def lintscore(self) -> float | None:
        """Recall times precision squared, 0 to 1: a false alarm costs more than a miss (after proselint)."""
        if self.precision is None or self.recall is None:
            return None
        return self.recall * self.precision**2


@cache
def measured() -> Mapping[str, Mapping[str, Measured]]:
    """The figures of our own rules by half ("develop", "confirm") and id, as `poe precision` wrote them."""
    place = files("pipeline") / "rulebook" / "precision.json"
    return msgspec.json.decode(place.read_bytes(), type=dict[str, dict[str, Measured]]) if place.is_file() else {}


def pages(rulebook: Rulebook) -> dict[str, str]:
    """Every page by its file name: README.md, and ID.md for each rule."""
    return {
        "README.md": _joined(_index(rulebook)),
        **{f"{rule.id}.md": _joined(_page(rule, rulebook)) for rule in rulebook.rules.values()},
    }


def _joined(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _index(rulebook: Rulebook) -> Iterator[str]:
    yield "# The rules"
    yield ""
    yield "Written by `tactful rules pages`; change the rulebook, not these pages."
    yield ""
    yield "| rule | page | severity | fix | advice |"
    yield "|---|---|---|---|---|"
    for rule in rulebook.rules.values():
        severity = rule.severity.name.lower()
        yield f"| [{rule.id}]({rule.id}.md) | {rule.page} | {severity} | {rule.fix_class} | {rule.advice} |"


def _page(rule: Rule, rulebook: Rulebook) -> Iterator[str]:
    yield f"# {rule.id}"
    yield ""
    yield f"{rule.severity.name.capitalize()}, page *{rule.page}*. {rule.advice}"
    yield ""
    yield f"**Why.** {rule.why}"
    yield ""
    kinds, purposes = (
        _all_of(rule.kinds, rulebook.kinds, "every kind"),
        _all_of(rule.purposes, PURPOSES, "every purpose"),
    )
    yield f"**Speaks of** {kinds}; {purposes}."
    yield ""
    yield f"**Says** “{rule.message}”."
    yield ""
    yield f"**Mended by** {CLASSES[rule.fix_class]}."
    if rule.question:
        yield f"The sender is asked: “{rule.question}”"
    yield ""
    yield f"**The model is told** “{rule.advice}”"
    yield ""
    for name in rule.source:
        said = rulebook.statements[name]
        yield f"**Source** {name}, {said.guide}: {said.heading}. {said.says}"
        yield ""
    yield from _figures(rule)
    for label, examples in (("Found", rule.bad), ("Passes", rule.good)):
        if examples:
            yield f"## {label}"
            yield ""
            for one in examples:
                yield from _quoted(one)
    yield "## Switching it off"
    yield ""
    if rule.severity is Severity.FATAL:
        yield "It cannot be: it keeps a rewrite true to its draft."
        return
    yield f"In a line of a message: `<!-- tactful: ignore {rule.id}: the reason -->`. In a project, in `tactful.toml`:"
    yield ""
    yield f"    [rules.{rule.id}]"
    yield '    off = true                 # or severity = "hint"'


def _figures(rule: Rule) -> Iterator[str]:
    rows = [(half, table[rule.id]) for half, table in measured().items() if rule.id in table]
    if rows:
        yield "| labelled messages | right | wrong | missed | precision | recall | lintscore |"
        yield "|---|---|---|---|---|---|---|"
        for half, one in rows:
            shares = (one.precision, one.recall, one.lintscore)
            yield f"| {half} | {one.right} | {one.wrong} | {one.missed} | {' | '.join(map(_share, shares))} |"
        yield ""


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _quoted(example: Example) -> Iterator[str]:
    if example.subject:
        yield f"    Subject: {example.subject}"
        yield "    "
    yield from (f"    {line}".rstrip() for line in example.text.splitlines())
    yield ""


def _all_of(names: tuple[str, ...], known: Mapping[str, object] | tuple[str, ...], every: str) -> str:
    return every if set(names) == set(known) else ", ".join(names)
