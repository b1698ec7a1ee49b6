"""The cases: how wide they reach, and how a wrong one is refused."""

from collections import Counter
from pathlib import Path

import pytest

from pipeline import rulebook
from pipeline.checks import CONDITIONS
from pipeline.errors import CaseError
from pipeline.evals import cases
from pipeline.fields import scan

FOLDER = Path(__file__).parents[2] / "evals" / "cases"
BOOK = rulebook.load()
CASES = cases.load(FOLDER, BOOK)
GOOD = """
about = "a stock opener"
text = "Hi Ana, I came across your profile. I tune pianos in Porto. What is hardest about old uprights? Thank you, Rui"
[brief]
kind = "message"
from = { name = "Rui" }
[expect]
outcome = "improved"
finds = ["form-letter-opener"]
keep = ["Porto"]
"""


def test_they_reach_wide() -> None:
    """All kinds, all purposes, a dozen syntaxes of merge fields, and the drafts that nobody may touch."""
    assert len(CASES) >= 120
    kinds, purposes = (
        Counter(case.draft.kind.name for case in CASES),
        Counter(case.draft.brief.purpose for case in CASES),
    )
    assert set(kinds) == set(BOOK.kinds)
    assert min(kinds.values()) >= 10
    assert min(purposes.values()) >= 15
    assert len({field.syntax for case in CASES for field in scan(case.draft.message).fields}) >= 12
    names = [case.name.partition("-")[0] for case in CASES]
    assert sum(case.expect.outcome == "untouched" for case in CASES) >= 15
    assert names.count("injection") + names.count("nonsense") >= 8
    assert sum("not-english" in case.expect.finds for case in CASES) >= 4


def test_every_rule_has_a_case() -> None:
    """Each rule that looks at drafts is found in a case; each of rewrites is named by one as not to break."""
    found = {name for case in CASES for name in case.expect.finds}
    absent = {name for case in CASES for name in case.expect.absent}
    rewritten = CONDITIONS["rewritten"]
    looking = [rule for rule in BOOK.rules.values() if rule.look]
    assert [rule.id for rule in looking if rule.id not in (absent if rewritten in rule.when else found)] == []


def test_no_two_are_alike() -> None:
    """No two cases share a text, and each says what it is about."""
    assert len({case.draft.text for case in CASES}) == len({case.about for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("outcome", "outcom", "unknown field `outcom`"),
        ('"improved"', '"better"', "better"),
        ("form-letter-opener", "form-leter-opener", "did you mean 'form-letter-opener'"),
        ('["Porto"]', '["Lisbon"]', "keep: the draft does not hold 'Lisbon'"),
        ('keep = ["Porto"]', 'fields = ["{{x}}"]', "fields: the draft does not hold '{{x}}'"),
        ('keep = ["Porto"]', 'tone = { warmt = "up" }', "did you mean 'warmth'"),
        ('keep = ["Porto"]', 'fixed = ["guilt"]', "'guilt' is not among finds"),
        ('kind = "message"', 'kind = "mesage"', "did you mean 'message'"),
        ('about = "a stock opener"', 'about = "a stock opener', "broken TOML"),
        ('text = "Hi', 'text = "Hi {{name', "{{name"),
    ],
)
def test_a_wrong_case_is_told_with_its_file(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Every fault names the file and the remedy."""
    assert old in GOOD
    (tmp_path / "one.toml").write_text(GOOD.replace(old, new, 1), "utf-8")
    with pytest.raises(CaseError, match=r"one\.toml") as told:
        cases.load(tmp_path, BOOK)
    assert said in str(told.value)


def test_all_wrong_cases_are_told_at_once(tmp_path: Path) -> None:
    """Two wrong files give two lines, and an empty folder says how to begin."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text("about = 1", "utf-8")
    with pytest.raises(CaseError) as told:
        cases.load(tmp_path, BOOK)
    assert len(str(told.value).splitlines()) == 2
    with pytest.raises(CaseError, match="eval init"):
        cases.load(tmp_path / "none", BOOK)


def test_cases_are_chosen_by_name_kind_and_purpose(tmp_path: Path) -> None:
    """A name may be a beginning; a wrong one says which was meant."""
    assert [case.name for case in cases.chosen(CASES, ["museum-registrar"], (), ())] == ["museum-registrar-early-call"]
    assert {case.draft.kind.name for case in cases.chosen(CASES, (), ["reply"], ["sales"])} == {"reply"}
    with pytest.raises(CaseError, match="did you mean 'museum-registrar-early-call'"):
        cases.chosen(CASES, ["museum-registar-early-call"], (), ())
