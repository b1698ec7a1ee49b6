"""What of a draft stays, and what a model is given to mend."""

from dataclasses import replace

from pipeline import rulebook
from pipeline.domain import Draft, Review
from pipeline.fixing import fixed
from pipeline.review import review
from pipeline.revise.parts import ended
from pipeline.revise.prune import faulty, kept, prune

BOOK = rulebook.load()
PUSHES = "Can we jump on a call this week?"


def reviewed(text: str) -> Review:
    """A message to somebody of whom nothing is known."""
    return review(Draft(text, BOOK.kinds["message"]), BOOK)


def given(text: str) -> list[str]:
    """The sentences that a model may mend."""
    return [piece.words.rpartition("sentence: ")[2] for _, piece, _ in faulty(reviewed(text))]


def test_a_postscript_is_not_softened() -> None:
    """It stands below the name, and a model makes a sentence of the letter of it."""
    assert given(f"Hi Ana, I run a mill in Lublin. {PUSHES}\n\nJan") == [PUSHES]
    assert given(f"Hi Ana, I run a mill in Lublin.\n\nJan\n\nPS: {PUSHES}") == []


def test_what_leads_to_a_list_or_gives_a_reason_takes_it_along() -> None:
    """A reason explains what is gone, and the items of a list were what was pressed for."""
    was = reviewed(
        "Hi Ana, call me today, as I have the bank on Monday.\n\nPlease reply today with:\n- your CV\n- a date\n\nJan"
    )
    numbered = reviewed("Hi Ana, I run a mill.\n\nPlease reply today with:\n1. your CV\n2. a date\n\nJan")
    assert [part.text for part in kept(numbered.draft, numbered.findings)] == ["Hi Ana,", "I run a mill.", "Jan"]
    assert [part.text for part in kept(was.draft, was.findings)] == ["Hi Ana,", "Jan"]


def test_what_tells_asks_nothing() -> None:
    """Of a statement with a question behind it the statement stays, as one."""
    was = reviewed(
        "Hi Ana, lambing is coming fast so let's get 20 mins in the diary this week, does Thursday work?\n\nJan"
    )
    assert [part.text for part in kept(was.draft, was.findings)] == ["Hi Ana,", "lambing is coming fast.", "Jan"]


def test_of_a_call_nothing_stays() -> None:
    """Neither the call that was pressed for nor the one that takes its place."""
    was = reviewed("Hi Ana, call me today on my mobile or reply with your number and I will call you.\n\nJan")
    assert [part.text for part in kept(was.draft, was.findings)] == ["Hi Ana,", "Jan"]


def test_a_list_with_pictures_stays_a_list() -> None:
    """A picture at the head of a line marks an item, and a dash does so as well."""
    was = reviewed("Hi Ana, we sell:\n\n🐝 Mated queens\n🍯 Honey in jars\n\nWhich lines do you keep?")
    assert [part.text for part in kept(was.draft, was.findings)][2:4] == ["- Mated queens", "- Honey in jars"]


def test_a_picture_behind_a_line_makes_the_next_no_item() -> None:
    """Only one at the head of a line does; and nothing is left before a full stop."""
    was = reviewed("Hi Ana! I loved your rye 🎉🎉🎉\nI know your stall in Lublin 🚀🚀. How do you dry rye?\n\nJan")
    said = [part.text for part in kept(was.draft, was.findings)]
    assert said[1:3] == ["I loved your rye.", "I know your stall in Lublin."]


def test_what_hangs_on_a_verb_goes_with_it() -> None:
    """Nobody says "That something good will come of it" by itself."""
    was = reviewed("Hi Ana, I am sure you will answer me and that something good will come of it.\n\nJan")
    assert [part.text for part in kept(was.draft, was.findings)] == ["Hi Ana,", "Jan"]


def test_an_item_that_says_nothing_any_more_loses_its_number() -> None:
    """Neither a bare "2." is left, nor the picture that ended a sentence which is gone."""
    was = reviewed(
        "Hi Ana,\n\nCan we jump on a call? 😊\n\nI noticed two things:\n1. You are busy\n2. You hate growth\n\nJo"
    )
    gone = [one for one in was.findings if one.hit.found in {"jump on a call", "hate growth"}]
    parts = [part.text for part in prune(replace(was, findings=tuple(gone)))]
    assert len(gone) == 2
    assert parts == ["Hi Ana,", "I noticed two things:", "1.", "You are busy", "Jo"]


def test_clauses_that_stay_together_stay_as_they_stood() -> None:
    """A new "and" stands only where one between two is gone."""
    was = reviewed(
        "Hi Ana, I ran the guild after my late husband and I moved here, and we are the leading provider of looms, and "
        "I teach weaving.\n\nJan"
    )
    said = " ".join(part.text for part in prune(was))
    assert "after my late husband and I moved here, and I teach weaving." in said


def test_a_picture_that_goes_leaves_a_full_stop() -> None:
    """Where it parted two sentences."""
    was = Draft("🚀 Hi Ana, I met you at the fair ✨ Let's talk looms 🎉", BOOK.kinds["message"])
    assert fixed(was, BOOK).text == "🚀 Hi Ana, I met you at the fair. Let's talk looms"


def said(text: str) -> str:
    """What stays of a message to somebody of whom nothing is known."""
    return " ".join(part.text for part in prune(reviewed(text)))


def test_what_points_to_a_clause_that_is_gone_goes_with_it() -> None:
    """The word was about the profile."""
    left = said(
        "Hi Ana, I am a turner. Check my profile today, I have nice work there, and I am open to orders.\n\nJan"
    )
    assert "there" not in left


def test_a_list_that_lost_its_end_has_an_and() -> None:
    """And a question of when goes with the call that it was about."""
    left = said(
        "Hi Ana, please send me your plan, your permit, two references and your availability for a call today or "
        "tomorrow.\n\nJan"
    )
    assert "your permit and two references." in left
    assert "free" not in said(
        "Hi Ana, I mill oats. Can we jump on a call this week? Are you free Tues or Thurs?\n\nJan"
    )


def test_a_picture_ends_a_sentence() -> None:
    """No full stop stands behind it."""
    assert ended("I am open to orders 👍", "I am open to orders, call me today 👍") == "I am open to orders 👍"
    assert ended("I mill oats", "I mill oats, call me today 👍") == "I mill oats."


def test_hurry_goes_and_what_was_hurried_stays() -> None:
    """The data are still needed, and why is still said."""
    was = reviewed("Hi Ana, I need the data of your paper very urgently, the link is dead. Which file is it?")
    assert [part.text for part in kept(was.draft, was.findings)][
        1
    ] == "I need the data of your paper, the link is dead."


def test_which_day_goes_with_the_call() -> None:
    """There is no day to confirm any more."""
    was = reviewed(
        "Hi Ana, I was in Linz. Could we have a call on Thursday or Friday? Please confirm which day.\n\nJan"
    )
    assert [part.text for part in kept(was.draft, was.findings)] == ["Hi Ana,", "I was in Linz.", "Jan"]


def test_guesses_go_together() -> None:
    """Where one of them goes, and so does what picks one by its number; what the sender says besides stays."""
    was = reviewed(
        "Hi Ana, I haven't heard back so I'm guessing it's one of these:\n\n1. You're busy\n2. You had no time\n"
        "3. You've been eaten by a tiger\n\nJust reply with 1, 2 or 3! Our mill grinds rye for 2 neighbours.\n\nJan"
    )
    assert [part.text for part in kept(was.draft, was.findings)] == [
        "Hi Ana,",
        "Our mill grinds rye for 2 neighbours.",
        "Jan",
    ]


def test_what_is_left_of_an_advertisement_goes_with_it() -> None:
    """A heap of nouns says nothing without what it was said of; a wish with "to" does."""
    was = reviewed(
        "Hey Ana! Call me today on my mobile. Private sector, great pay, no nights. Happy to send the plan, "
        "a table and a map.\n\nTam"
    )
    texts = [part.text for part in kept(was.draft, was.findings)]
    assert "Private sector, great pay, no nights." not in texts
    assert "Happy to send the plan, a table and a map." in texts


def test_who_would_be_there_goes_with_the_meeting() -> None:
    """There is no "there" any more."""
    was = reviewed("Hi Ana, I run a mill. I've put 30 mins in for Thursday at 2. Bring your deputy there too.\n\nJan")
    assert [part.text for part in kept(was.draft, was.findings)] == ["Hi Ana,", "I run a mill.", "Jan"]
