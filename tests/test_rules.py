"""The rules' own examples are their tests; and every rule has them, and every statement of the guides has a carrier."""

import pytest

from pipeline import rulebook
from pipeline.checks.history import always
from pipeline.domain import Example, Rule
from pipeline.review import draft_of
from pipeline.trials import finds

BOOK = rulebook.load()
CHECKED = [rule for rule in BOOK.rules.values() if rule.look]


@pytest.mark.parametrize(
    ("rule", "example"), [(rule, one) for rule in CHECKED for one in rule.bad], ids=lambda one: getattr(one, "id", "")
)
def test_bad_examples_are_found(rule: Rule, example: Example) -> None:
    """A rule finds its own bad examples."""
    assert finds(rule, example, BOOK), example.text


@pytest.mark.parametrize(
    ("rule", "example"), [(rule, one) for rule in CHECKED for one in rule.good], ids=lambda one: getattr(one, "id", "")
)
def test_good_examples_pass(rule: Rule, example: Example) -> None:
    """A rule lets its own good examples pass; and the rule applies to them, so that passing means something."""
    assert not finds(rule, example, BOOK), example.text


@pytest.mark.parametrize("rule", BOOK.rules.values(), ids=lambda rule: rule.id)
def test_every_rule_has_three_examples_of_each_sort(rule: Rule) -> None:
    """A rule with fewer than three bad or three good examples fails the suite, advice without a check excepted."""
    assert rule.look is None or (len(set(rule.bad)) >= 3 and len(set(rule.good)) >= 3)


@pytest.mark.parametrize("rule", [rule for rule in CHECKED if rule.question], ids=lambda rule: rule.id)
def test_every_question_has_an_answer_key(rule: Rule) -> None:
    """A question says which key of the brief its answer fills; not on the page of form, where it goes into the text."""
    assert rule.answer or rule.page == "form"


@pytest.mark.parametrize("rule", CHECKED, ids=lambda rule: rule.id)
def test_good_examples_are_under_the_rule(rule: Rule) -> None:
    """At least one good example meets the rule's kinds, purposes and circumstances; not where these alone decide."""
    assert rule.look.__qualname__ == always().__qualname__ or any(
        rule.applies(draft_of(one, rule, BOOK)) for one in rule.good
    )


@pytest.mark.parametrize("name", BOOK.statements)
def test_every_statement_is_carried_or_declined(name: str) -> None:
    """Each statement of the guides is carried by a rule, kind, purpose, brief key or the program, or is declined."""
    one = BOOK.statements[name]
    rules = [rule for rule in BOOK.rules.values() if name in rule.source]
    assert rules or one.kinds or one.purposes or one.brief or one.program or one.declined


@pytest.mark.parametrize("name", sorted({name for rule in BOOK.rules.values() for name in rule.source}))
def test_rules_name_real_statements(name: str) -> None:
    """A rule's source is a statement of guides.toml."""
    assert name in BOOK.statements


def test_there_are_at_least_45_rules() -> None:
    """The book is as large as promised."""
    assert len(BOOK.rules) >= 45
