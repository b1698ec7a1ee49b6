"""A goal as it is jotted down becomes a question that can be asked, or nothing at all."""

import pytest

from pipeline.domain import Brief, Person
from pipeline.revise.goals import clause, of, question
from pipeline.revise.sender import offer_of

QUESTIONS = {
    "ask how you keep the starter steady": "How do you keep the starter steady?",
    "ask how you got the night shift to trust the sheet": "How did you get the night shift to trust the sheet?",
    "ask whether you would consider a tax role": "Would you consider a tax role?",
    "find out if the canteen contract is still open": "Is the canteen contract still open?",
    "ask when a decision on the post may come": "When may a decision on the post come?",
    "ask how the divers were trained to count": "How were the divers trained to count?",
    "ask who looks after the lifts at your blocks": "Who looks after the lifts at your blocks?",
    "ask which certificate was worth the money": "Which certificate was worth the money?",
    "ask how she keeps the yeast alive": "How do you keep the yeast alive?",
    "ask if her shop is open": "Is your shop open?",
    "ask if he has seed left for April": "Do you have seed left for April?",
    "would she try twelve bowls for a month": "Would you try twelve bowls for a month?",
    "ask her to pass a note to the judge": "Would you pass a note to the judge?",
    "does the gel leave anything in silk": "Does the gel leave anything in silk?",
    "ask if the slot is still open, show the new scene": "Is the slot still open?",
    "ask how she keeps the yeast alive, then offer a jar": "How do you keep the yeast alive?",
    "is a sample any use for her test": "Is a sample any use for your test?",
}
LEFT = [
    "hear which natural dyes your customers come back for",
    "compare how we each price windows",
    "ask if he leaves the lip thicker or trusts the profile",
    "learn which of their arrangements can be borrowed",
    "ask if battery changes slow down your second shift",
    "ask what the team looks for in a portfolio",
    "do a joint event",
]


@pytest.mark.parametrize(("goal", "said"), QUESTIONS.items())
def test_a_goal_is_asked(goal: str, said: str) -> None:
    """Inverted, and said to the reader where it speaks of them."""
    assert question(goal) == said


@pytest.mark.parametrize("goal", LEFT)
def test_what_code_cannot_turn_is_left(goal: str) -> None:
    """No question rather than a broken one: two verbs, "they", a noun that looks like a verb."""
    assert question(goal) == ""


def test_a_wish_that_is_no_question_is_said_as_one() -> None:
    """What reads well behind "I'd like to", and nothing that speaks of others."""
    assert clause("compare how we each price windows") == "compare how we each price windows"
    assert clause("ask if he still opens the valves by hand") == "ask if you still open the valves by hand"
    assert clause("learn which of their arrangements can be borrowed") == ""
    assert clause("sell him the oven") == ""


def test_a_goal_is_said_to_its_reader_or_not_at_all() -> None:
    """What names them or is a plan about them cannot be said to them; what moves them to do something can be asked."""
    baker = Person(name="Mele Tupou", role="head baker", company="Korst Bakery")
    said = {
        "ask how you keep bees": "ask how you keep bees",
        "get Mele to introduce us": "",
        "get the bakery to test our bags": "ask you to test our bags",
        "get him to a first review": "",
        "sell her two bags": "",
        "get him to look at our plan": "ask you to look at our plan",
        "get the nurses to fill in a form": "",
        "hear if you still bake rye / see the mill": "hear if you still bake rye",
    }
    assert {goal: of(Brief(to=baker, goal=goal)) for goal in said} == said


def test_a_note_to_oneself_is_said_to_nobody() -> None:
    """It is no sentence."""
    assert of(Brief(goal="know why no answer and get interview")) == ""


def test_a_goal_may_speak_of_the_sender() -> None:
    """Who wants to finish his book is not who has the pictures."""
    assert clause("see the depot photographs so he can finish his history") == ""
    assert clause("ask whether he may send a notice for her board") == ""
    assert (
        question("find out if my father is in the accident book, he died 1911") == "Is my father in the accident book?"
    )
    assert question("ask whether part time would make her think again") == "Would part time make you think again?"
    judge = Person(name="Perpetua Odhwera", role="retired judge")
    assert of(Brief(to=judge, goal="find an experienced judge to guide him")) == ""
    assert clause("ask how he finished his history") == "ask how you finished your history"


def test_her_before_the_is_no_owner() -> None:
    """Somebody is told something."""
    assert clause("ask her the way to the mill") == "ask you the way to the mill"


@pytest.mark.parametrize(
    ("offer", "shape"),
    [
        ("send you our list", "act"),
        ("our list of questions", "thing"),
        ("photos of the pipes", "thing"),
        ("fleet tracking", "ware"),
    ],
)
def test_what_sort_of_thing_is_offered(offer: str, shape: str) -> None:
    """Nobody shares fleet tracking: it is offered."""
    assert offer_of(offer)[0] == shape
