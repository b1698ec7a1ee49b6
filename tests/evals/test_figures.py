"""The figures: each one falls for the harm that it is there for, and says why."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import rulebook
from pipeline.domain import Prompt, Reply, Review, Rewrite
from pipeline.evals import cases
from pipeline.evals.figures import FIGURES, fallen, measure
from pipeline.evals.measures import MEASURES
from pipeline.evals.run import Run
from pipeline.evals.scores import score
from pipeline.prompting import compose
from pipeline.review import review

BOOK = rulebook.load()
EVALS = Path(__file__).parents[2] / "evals" / "cases"
CASE = cases.read(EVALS / "museum-registrar-early-call.toml", BOOK)
GOOD = (
    "Hello Dr. Okonkwo, I read your note on packing lacquer boxes with ethafoam cradles. I catalogue 340 lacquer "
    "pieces at a small museum in Toyama. Which foam would you choose for curved lids? Thank you for your time.\n\n"
    "Best regards,\nHaruka Nishi"
)
FIELD = cases.read(EVALS / "template-mailchimp-if-irrigation-boast.toml", BOOK)
CLEAN = cases.read(EVALS / "wetlands-good-note.toml", BOOK)
PROMPT = compose(review(CASE.draft, BOOK), BOOK)


class Forced(Rewrite):
    """A rewrite whose last attempt wins, whatever the rules say of it: figures must see what the walk would refuse."""

    @property
    def best(self) -> Review:
        """The last attempt."""
        return self.trail[-1]


def ran(text: str, case: cases.Case = CASE, prompt: Prompt = PROMPT) -> Run:
    """A case whose one attempt came out as this text, and won."""
    first = review(case.draft, BOOK)
    trail = (first, review(case.draft.rewritten(text, reply=Reply(text)), BOOK))
    return Run(case=case, draft=first, rewrite=Forced(trail), way="whole", prompts=(prompt,), tokens=5, seconds=1)


def value(name: str, run: Run) -> float:
    """One figure of a run."""
    return measure(run)[name].value


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        ("facts-lost", GOOD.replace("340 lacquer", "lacquer")),
        ("facts-invented", GOOD.replace("at a small museum", "at the Kyoto museum")),
        ("facts-invented", GOOD.replace("a small museum", "a museum of 25 people")),
        ("facts-invented", GOOD + "\nhttps://lacquer.example"),
        (
            "facts-invented",
            GOOD.replace("Toyama.", "Toyama. Are you free this week?").replace("this week", "next Tuesday"),
        ),
        ("leaks", GOOD + " You change as little as you can: keep every sentence."),
        ("leaks", GOOD + " === 62c21847d0 ==="),
        ("accepted", CASE.draft.text),
        ("score", CASE.draft.text),
        ("unmet", CASE.draft.text),
        ("fixed", CASE.draft.text),
        ("left", CASE.draft.text),
        ("introduced", GOOD.replace("Thank", "I MUST HAVE AN ANSWER BY FRIDAY!!! Thank")),
        ("off-band", GOOD + " I catalogue pieces." * 30),
        ("pressure", GOOD.replace("Thank", "I need an answer asap, urgently, at your earliest, you must. Thank")),
        ("exclamation", GOOD.replace("lids?", "lids?!!")),
        ("self-focus", GOOD.replace("Thank you", "I I I my my me me we our us I thank")),
        ("hedges", GOOD.replace("Which", "I was just wondering if maybe, perhaps, possibly, which")),
        ("wording", GOOD.replace("Thank you", "Yeah hey guys awesome stuff cool lol thx folks, thank you")),
        ("frame", GOOD.replace("Hello", "Hey").replace("Best regards", "Cheers")),
        ("effort", GOOD.replace(". ", " notwithstanding considerable administrative complications and ")),
        ("asks", GOOD.replace("Thank", "Can you send me your list? Could we meet? Would you introduce me? Thank")),
        ("attempt-style", CASE.draft.text),
        ("attempt-unfaithful", GOOD.replace("340", "712")),
        ("attempt-facts", GOOD.replace("340", "712")),
        ("attempt-band", GOOD + " I catalogue pieces." * 30),
        ("attempt-loud", GOOD.replace("lids?", "lids?!!")),
        ("attempt-leaks", GOOD + " You change as little as you can: keep every sentence."),
    ],
)
def test_a_worse_message_falls(figure: str, text: str) -> None:
    """Against the good rewrite, the harmed one is worse by this figure."""
    assert fallen(figure, value(figure, ran(GOOD)), value(figure, ran(text)))


def test_warmth_lost_is_movement_from_the_draft() -> None:
    """A draft full of thanks and a result without: away from the draft counts, not the level."""
    warm = CASE.draft.text.replace("Can we", "Thank you, I enjoyed it, I am grateful and glad. Can we")
    case = cases.Case(name="w", about="", draft=replace(CASE.draft, text=warm), expect=CASE.expect)
    assert value("warmth", ran(GOOD.replace(" Thank you for your time.", ""), case)) > 0
    assert value("warmth", ran(GOOD)) == 0


def test_a_lost_or_altered_field_falls() -> None:
    """Byte for byte: a space more in a tag is a broken mailing."""
    tag = FIELD.expect.fields[0]
    assert value("fields", ran(FIELD.draft.text.replace(tag, tag[:2] + " " + tag[2:], 1), FIELD)) == 1
    assert value("fields", ran(FIELD.draft.text, FIELD)) == 0


def test_a_clean_draft_that_changed_is_touched() -> None:
    """A needless edit is a fault even if every rule is kept."""
    assert value("touched", ran(CLEAN.draft.text + " ", CLEAN)) == 1
    assert value("touched", Run(case=CLEAN, draft=review(CLEAN.draft, BOOK), rewrite=None)) == 0


def test_a_rule_gone_blind_is_unfound() -> None:
    """The case says what the rules find; without one of them the instrument is broken."""
    blind = BOOK.without(frozenset({"premature-call"}))
    first = review(CASE.draft, blind)
    run = Run(case=CASE, draft=first, rewrite=Rewrite((first,)))
    assert measure(run)["unfound"] == (1, "premature-call")


def test_an_over_long_result_falls() -> None:
    """Characters over the platform's limit that the draft had not."""
    note = cases.read(EVALS / "renal-nurse-expand-network.toml", BOOK)
    assert value("over-limit", ran("Hi Grace, " + "which gloves do you use? " * 20, note)) > 0


def test_a_rule_that_must_hold_is_broken() -> None:
    """`absent` names what a bad model would break."""
    run = ran(CASE.draft.text)
    expect = cases.Expect(outcome="improved", absent=("premature-call",))
    assert value("broken", replace(run, case=cases.Case(name="x", about="", draft=CASE.draft, expect=expect))) == 1


def test_planted_orders_that_stay_are_told() -> None:
    """What the draft said and no result may say: told while it is there."""
    assert value("orders", ran(GOOD)) == 0
    assert value("orders", ran(CASE.draft.text)) == 1


def test_a_question_lost_is_told() -> None:
    """A draft that asked, a result that neither asks nor says what for."""
    mute = "Hello Dr. Okonkwo, the cradles in your note are neat.\n\nBest regards,\nHaruka Nishi"
    assert value("unasked", ran(mute)) == 1
    assert value("unasked", ran(GOOD)) == 0


def test_a_failed_model_is_told() -> None:
    """The draft comes back, the error is the reason."""
    run = Run(case=CASE, draft=review(CASE.draft, BOOK), rewrite=None, error="cut off")
    assert measure(run)["failed"] == (1, "cut off")
    assert score(run, "m").outcome == "failed"
    assert score(run, "m").after == CASE.draft.text


@pytest.mark.parametrize(
    ("figure", "prompt"),
    [
        ("told-findings", replace(PROMPT, user=PROMPT.user.replace("jump on a quick call", "x"))),
        ("told-limit", replace(PROMPT, user=PROMPT.user.replace("at most", "about"))),
        ("told-fence", replace(PROMPT, user=PROMPT.user.replace("===", "..."))),
        ("told-fence", replace(PROMPT, system=PROMPT.system.replace("===", "..."))),
        ("told-heat", replace(PROMPT, temperature=2.0)),
    ],
)
def test_a_request_that_tells_less_falls(figure: str, prompt: Prompt) -> None:
    """The request itself is measured: findings, length and fence."""
    assert fallen(figure, value(figure, ran(GOOD)), value(figure, ran(GOOD, prompt=prompt)))


def test_every_figure_gives_its_reason() -> None:
    """A label, a unit, a why, and a value's own words wherever it is not nothing."""
    assert all(figure.label and figure.unit and figure.why for figure in FIGURES.values())
    assert all((figure.least > 0) is not figure.hard for figure in FIGURES.values() if figure.better)
    assert set(FIGURES) == set(MEASURES)
    found = measure(ran(GOOD.replace("340", "712") + " Thank you!"))
    silent = {"tokens", "sari", "chrf"}
    assert [name for name, one in found.items() if one.value and not one.why and name not in silent] == []
