"""The linear model of acts: what it sees, what it says, and what the rules make of it."""

from pipeline import rulebook
from pipeline.acts import read
from pipeline.domain import Act, Brief, Draft, Person
from pipeline.likely import Model, certainty, features, likely, models
from pipeline.review import review

BOOK = rulebook.load()
BRIEF = Brief(to=Person(name="Ana Ruiz", facts=("bakes rye in Lublin",)), sender=Person(role="miller", company="Kolo"))


def drafted(text: str, kind: str = "message") -> Draft:
    """A message to Ana."""
    return Draft(text, BOOK.kinds[kind], BRIEF)


def found(text: str, kind: str = "message") -> set[str]:
    """The rules that a message breaks."""
    return {one.rule.id for one in review(drafted(text, kind), BOOK).findings}


def test_what_it_sees() -> None:
    """Words and pairs of words, beginning and end, place, whom it speaks of, what the brief knows; no raw figures."""
    reading = read(
        drafted("Hi Ana, you bake 40 loaves of rye in {{town}}. We mill at Kolo. How long do you let it rise?")
    )
    first, second, third = (set(features(reading, line)) for line in reading.body)
    assert {"w:rye", "w:<number>", "w:<field>", "b:you bake", "1:you", "place:0", "me0you1", "known:2"} <= first
    assert {"own", "place:1", "me1you0", "length:1"} <= second
    assert {"ends:?", "place:last", "act:ask"} <= third
    assert not any("40" in name for name in first)


def test_certainty_is_a_sum_of_weights() -> None:
    """Half where nothing speaks for or against; surer with each feature that does, and never beyond 0 and 1."""
    model = Model(0.5, {"bias": 0.0, "w:rye": 2.0, "w:call": -50.0})
    assert certainty(model, ["w:oats"]) == 0.5
    assert 0.5 < certainty(model, ["w:rye"]) < certainty(model, ["w:rye", "w:rye"]) < 1
    assert 0 < certainty(model, ["w:call"]) < 1e-6


def test_only_acts_with_a_model_are_likely() -> None:
    """And never what greets or signs."""
    reading = read(drafted("Hi Ana, I mill rye by the river. Thanks, Jo"))
    assert likely(reading, Act.SIGNATURE) == ()
    assert all(line in reading.body for act in models() for line in likely(reading, act))


def test_what_is_likely_there_is_not_missing() -> None:
    """No pattern knows how this trade is told, or this farewell; the same message without them lacks both."""
    told = "Dear Ana,\n\nFor thirty years a tailor in Herat, now in Leeds. Which flour holds best?"
    assert "no-sender" not in found(told)
    assert "no-sender" in found("Dear Ana,\n\nWhich flour holds best?")
    leave = "Dear Ana,\n\nWe mill rye. Which flour holds best? If you are busy, leave it be."
    assert "no-close" not in found(leave, "email")
    assert "no-close" in found("Dear Ana,\n\nWe mill rye. Which flour holds best?", "email")


def test_what_everyone_has_is_no_detail() -> None:
    """Also where the model takes it for one: "your background", a bracket that nobody filled."""
    assert "no-reader-detail" in found("Hi Ana, your background is very impressive. We sell ovens.")
    assert "no-reader-detail" in found("Hi Ana, I read your post on [topic]. We sell ovens.")
    assert "no-reader-detail" not in found("Hi Ana, your rye sat in our window all week. We sell ovens.")
