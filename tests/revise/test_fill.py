"""How much of a draft is mended: of a decent letter its errors and offences, of any other all that the rules find."""

import pytest

from pipeline import rulebook
from pipeline.acts import read
from pipeline.domain import Act, Brief, Draft, History, Person, Reply, Review
from pipeline.improve import WAYS, walk
from pipeline.revise import facts
from pipeline.revise.fill import place
from pipeline.revise.parts import spaced, written
from pipeline.revise.prune import kept

BOOK = rulebook.load()
ZOLTAN = Person(name="Zoltán", facts=("breeds queens that resist varroa", "judged the honey show in Debrecen"))
ASKS = "Which of your lines would you begin with in a wet valley?"
LETTER = (
    "Dear Zoltán,\n\nI keep 80 hives in Slovenia, third generation, and teach beekeeping at a school in Maribor. With "
    "my students I have a small test on varroa, two years now, with results that are not as good as your queens'. "
    "{asks}\n\nGreetings,\nMarija"
)


def improved(text: str, kind: str = "message", reader: Person = ZOLTAN, **brief: object) -> tuple[Review, Review]:
    """A draft's review and that of its rewrite, without a model."""
    about = Brief(to=reader, purpose="partnership", **brief)  # type: ignore[arg-type]
    done = walk(Draft(text, BOOK.kinds[kind], about), BOOK, lambda _: Reply(""), WAYS["pieces"])
    return done.original, done.best


def test_a_decent_letter_stays_as_it_is() -> None:
    """No thanks, hook or offer is added to a letter that only lacks what would be better still."""
    was, now = improved(LETTER.format(asks=ASKS), sender=Person(name="Marija", offer="two jars of forest honey"))
    assert not was.clean
    assert now.draft.text == was.draft.text


def test_a_decent_letter_loses_what_offends() -> None:
    """What takes the answer for granted and no more: every other sentence is the sender's, byte for byte."""
    _, now = improved(LETTER.format(asks=f"{ASKS} Your positive response will be highly appreciated!!!"))
    assert now.draft.text == LETTER.format(asks=ASKS)


def test_errors_of_a_decent_letter_are_mended() -> None:
    """A call that is asked for too early goes, with the sentence on how long it takes, and the goal comes instead."""
    text = LETTER.format(asks="Could we have a call next week? An hour or so should do.")
    was, now = improved(text, goal="hear which of your lines are the calmest")
    assert not was.passes
    assert now.passes
    assert now.draft.text == LETTER.format(asks="Which of your lines are the calmest?")


@pytest.mark.parametrize("brief", [{"history": History(met="in Debrecen")}, {}])
def test_what_lives_by_an_acquaintance_or_a_limit_is_mended_wholly(brief: dict[str, object]) -> None:
    """Where the two have met, and in a note, nothing that a rule finds is spared."""
    kind = "message" if brief else "connection-note"
    text = LETTER.format(asks=ASKS) if brief else "Hi Zoltán, I keep 80 hives. Which queens would you begin with?"
    was, now = improved(text, kind, **brief)
    assert was.score >= 65
    assert now.score > was.score


def test_an_accent_is_no_other_name() -> None:
    """A greeting ends behind the reader's name, typed without its accents and marks."""
    draft = Draft("hello mr zoltan i keep 80 hives", BOOK.kinds["message"], Brief(to=ZOLTAN))
    first = read(draft).labelled[0]
    assert (draft.text[: first.sentence.end], first.acts) == ("hello mr zoltan", {Act.GREETING})


@pytest.mark.parametrize(
    ("note", "opens"),
    [
        ("lost a load in March near Harrismith", False),
        ("went part-time after her second child", False),
        ("was laid off in spring", False),
        ("was fined over the drains", False),
        ("fired a kiln with olive stones", True),
        ("took over the bakery of her father", True),
        ("won something in Ghent?", False),
        ("runs a podcast, I think", False),
    ],
)
def test_nobody_is_greeted_with_a_loss(note: str, opens: bool) -> None:
    """A loss, a fault or a birth opens no message; by the model neither."""
    brief = Brief(to=Person(name="Ana", facts=(note,)))
    assert bool(list(facts.facts_of_reader(brief))) is opens
    assert bool(list(facts.notes_of_reader(brief))) is opens


def test_a_list_goes_with_the_line_that_leads_to_it() -> None:
    """Or "We sell:" would lead to nothing."""
    text = "Hi Zoltán, I keep 80 hives.\n\nWe sell:\n- Frames\n- Smokers\n\nCan we jump on a call this week?"
    _, now = improved(text, goal="hear which lines you keep")
    assert "I keep 80 hives. Which lines do you keep?" in now.draft.text


def test_thanks_alone_are_no_rewrite() -> None:
    """A letter that asks, rated low for what only its sender knows, comes back as it is."""
    text = "Hello Ana,\n\nare there any jobs in your team? I am a driver. Can you give me the job?\n\nJan"
    brief = Brief(to=Person(name="Ana"), purpose="job-search")
    done = walk(Draft(text, BOOK.kinds["message"], brief), BOOK, lambda _: Reply(""), WAYS["pieces"])
    assert done.original.score < 70
    assert done.best.draft.text == text


def test_what_is_new_stands_below_a_list_and_a_title() -> None:
    """An offer is no item of the list above it, and who writes is said behind the greeting, not above the title."""
    book = BOOK.kinds["email"]
    draft = Draft("Help needed!\n\nHi Ana,\n\nIt is one of these:\n\n1. A mill\n2. A barn\n\nJan", book)
    parts = tuple(spaced(tuple(kept(draft, ()))))
    offered = written(place(parts, "I'd be glad to send a plan.", Act.VALUE, draft))
    said = written(place(parts, "I'm Jan, a miller.", Act.WHO, draft))
    assert "2. A barn\n\nI'd be glad to send a plan.\n\nJan" in offered
    assert said.startswith("Help needed!\n\nHi Ana,\n\nI'm Jan, a miller. It is one")


@pytest.mark.parametrize("act", [Act.GREETING, Act.HOOK, Act.WHO])
def test_a_sentence_may_stand_first(act: Act) -> None:
    """Where nothing of the draft stands before it, whatever the sentence does."""
    draft = Draft("I keep bees. How do you keep yours?", BOOK.kinds["message"])
    parts = tuple(spaced(tuple(kept(draft, ()))))
    assert written(place(parts, "I'm Jan.", act, draft)) == f"I'm Jan. {draft.text}"


def test_a_reply_thanks_behind_the_greeting() -> None:
    """Before anything is said of what was asked."""
    draft = Draft("Salam Ana,\n\nYou keep goats from your trees? We put them in the trees.\n\nJan", BOOK.kinds["reply"])
    parts = tuple(spaced(tuple(kept(draft, ()))))
    said = written(place(parts, "Thank you for your message.", Act.THANKS, draft))
    assert said.startswith("Salam Ana,\n\nThank you for your message. You keep goats")


def test_behind_a_new_greeting_a_sentence_goes_on() -> None:
    """In small letters, as one line."""
    draft = Draft("Your gearbox film cost me an hour. Would you mend one?", BOOK.kinds["connection-note"])
    parts = tuple(spaced(tuple(kept(draft, ()))))
    assert written(place(parts, "Hi Teo,", Act.GREETING, draft)).startswith("Hi Teo, your gearbox")


def test_somebody_named_something_was_not_named() -> None:
    """Of "named her boat Gull" the reader is who did it."""
    fact = facts.fact_of("named her boat Gull", "Ana")
    assert fact
    assert fact.words == "named your boat Gull"
    was = facts.fact_of("named baker of the year", "Ana")
    assert was
    assert was.words == "were named baker of the year"


def test_two_sentences_do_not_begin_alike() -> None:
    """Of two hooks the one that the draft's own sentence does not echo."""
    text = (
        "Dear Zoltán,\n\nI am writing for the Thursday job in your yard. May I come for one afternoon? If somebody has "
        "it already, I thank you for reading.\n\nMarija"
    )
    conserves = Person(name="Zoltán", facts=("is conserving a set of miners' union banners",))
    _, now = improved(text, kind="email", reader=conserves)
    assert "banners. I am writing for" in now.draft.text
    assert "I am writing to you" not in now.draft.text


def test_an_ask_for_an_answer_alone_is_no_ask() -> None:
    """What is really asked for stays, though a rule would rather have something else."""
    text = "Hello Marit, I have milked for 6 years. Please do you have work for me? Please help me with an answer."
    _, now = improved(text, kind="connection-note", reader=Person(name="Marit"), sender=Person(name="Ionut"))
    assert "work for me?" in now.draft.text


def test_a_wish_to_connect_is_an_ask() -> None:
    """What stands before it goes all the same where a rule cannot bear it."""
    text = "Hi,\n\nI came across your profile and I would like to connect. Answer me ASAP! I run a night desk.\n\nRui"
    _, now = improved(text, kind="message")
    assert "I would like to connect." in now.draft.text
    assert "came across" not in now.draft.text


def test_who_comments_is_said_behind_the_comment() -> None:
    """It begins with the post."""
    draft = Draft("Four trucks without a fitter! Good luck with that.", BOOK.kinds["comment"])
    parts = tuple(spaced(tuple(kept(draft, ()))))
    assert (
        written(place(parts, "I'm Jan.", Act.WHO, draft))
        == "Four trucks without a fitter! I'm Jan. Good luck with that."
    )


def test_a_question_stands_before_the_wait_for_its_answer() -> None:
    """Nobody looks forward to hearing and then asks."""
    draft = Draft("Hi Ana, I keep bees. I look forward to hearing from you.\n\nJan", BOOK.kinds["message"])
    parts = tuple(spaced(tuple(kept(draft, ()))))
    assert "How do you feed yours? I look forward" in written(place(parts, "How do you feed yours?", Act.ASK, draft))


def test_the_picture_of_a_greeting_goes_with_it() -> None:
    """Where a new one takes its place."""
    text = "Hello lovely! \U0001f338\n\nI'm Jan, a miller. How do you mill yours?"
    _, now = improved(text, reader=Person(name="Rupert Odell"))
    assert now.draft.text.startswith("Hi Rupert,\n\nI'm Jan")


def test_a_rival_leaves_its_paragraph() -> None:
    """What stood behind it does not run into the list above."""
    draft = Draft(
        "Hi Ana,\n\nI have two keynotes:\n1. Rye\n2. On mills\n\nCould you tell me which? Dinner is included.\n\nJan",
        BOOK.kinds["message"],
        Brief(to=Person(name="Ana"), goal="be invited to speak at the fair"),
    )
    parts = tuple(spaced(tuple(kept(draft, ()))))
    said = written(place(parts, "I'd like to be invited to speak at the fair.", Act.ASK, draft))
    assert "2. On mills\n\nDinner is included." in said
