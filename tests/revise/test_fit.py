"""What may go where a message is too long, and what stays to the last."""

from pipeline import rulebook
from pipeline.domain import Brief, Draft, Person, Reply
from pipeline.improve import WAYS, walk
from pipeline.models import choose, load
from pipeline.models.client import open_model
from pipeline.revise.fit import leans

BOOK = rulebook.load()
ORLA = Person(name="Orla Quirke", facts=("shoes race horses at the Curragh", "wrote a post on thin hoof walls"))
SENDER = Person(name="Milan Petrović", facts=("40 horses a month",))


def fitted(text: str, **brief: object) -> str:
    """A connection note as it comes back without a model; its platform takes 200 units."""
    about = Brief(**{"to": ORLA, "sender": SENDER, "purpose": "networking", **brief})  # type: ignore[arg-type]
    draft = Draft(text, BOOK.kinds["connection-note"], about, tier="free")
    best = walk(draft, BOOK, lambda _: Reply(""), WAYS["pieces"]).best
    assert best.passes
    return best.draft.text


def test_a_question_stays_though_another_sentence_sounds_like_one() -> None:
    """A note over its limit gives up what it tells before what it asks."""
    asks = "Do you go by street or by the hour people are home?"
    text = (
        'Hello {{ contact.first_name | default: "master" }}, for my thesis in Győr I follow how sweeps order the '
        f"day's houses. You posted a round of {{{{ round.houses }}}} houses by bicycle. {asks}"
    )
    said = fitted(text, to=Person(), purpose="advice", goal="learn how chimney sweeps plan a day's round")
    assert asks in said


def test_clauses_go_before_sentences() -> None:
    """Each sentence keeps its main clause, and the sender the name alone, where that is enough."""
    said = fitted(
        "Dear Orla, I read your post on thin hoof walls twice on Sunday. I shoe 40 horses a month near Novi Sad, and "
        "we are having the same trouble in every dry summer. Would be glad to be connected and maybe compare notes on "
        "nailing light shoes. "
        "Srdačan pozdrav, Milan"
    )
    assert said == (
        "Dear Orla, I read your post on thin hoof walls twice on Sunday. I shoe 40 horses a month near Novi Sad. "
        "Would be glad to be connected and maybe compare notes on nailing light shoes. Milan"
    )


def test_what_says_much_stays_before_what_says_little() -> None:
    """Courtesies and remarks go first, figures and what the brief is about stay."""
    offer = "Farrier's job near Kildare from May, €31 an hour, own van."
    said = fitted(
        f"Orla, {offer} Saw your post on thin hoof walls. Great stuff altogether. Any interest, or are you staying put "
        "at the Curragh? A yes or a no is grand. No worries at all if this is not for you. Have a lovely week. Milan",
        goal="ask whether she would move for a farrier's job in Kildare",
    )
    assert offer in said
    assert "Any interest, or are you staying put" in said
    assert "lovely week" not in said


def test_what_leans_on_a_sentence_goes_with_it() -> None:
    """What "They are" speaks of would be gone."""
    said = fitted(
        "Dear Orla, I read your post on thin hoof walls twice on Sunday. Our stables stand at the foot of hills that "
        "the wind dries for weeks and weeks on end. They are old. How do you keep thin walls whole in summer? Milan"
    )
    assert "They are old" not in said
    assert "How do you keep thin walls whole in summer?" in said


def test_a_hidden_seller_is_named_in_a_decent_note_too() -> None:
    """Restraint spares style, not who pays for the message."""
    brief = Brief(
        to=Person(), sender=Person(name="Paloma", role="casting agent", company="Marea"), purpose="recruiting"
    )
    text = "Hi {{first_name}}, how do sunshine and a stage in {{port}} sound?"
    draft = Draft(text, BOOK.kinds["connection-note"], brief)
    with open_model(choose(load(), "none")) as ask:
        done = walk(draft, BOOK, ask, WAYS["pieces"])
    assert done.original.score >= 65
    assert "a casting agent at Marea" in done.best.draft.text


def test_a_decent_note_is_given_no_other_ask() -> None:
    """What it wishes for is enough: the sender's own sentences stay in the place of the brief's goal."""
    said = fitted(
        "Hi Orla, somebody at our forge showed me your post on thin hoof walls, 31 replies is a lot! I shoe ponies in "
        "Novi Sad and I start with a stud in spring. I'd like to follow what you do and maybe ask you sometimes about "
        "nails. Milan",
        goal="compare notes on ponies",
    )
    assert "I shoe ponies in Novi Sad" in said
    assert "compare notes" not in said


def test_an_offer_of_more_stays_with_what_it_offers_more_of() -> None:
    """The aside and what stands behind the name go before the sentence that the question is about."""
    said = fitted(
        "Orla, your free course on thin hoof walls got me through the exam that I failed twice. In lesson 7 the angle "
        "should be 50, not 500, I believe (I cut a very odd hoof before I noticed). Shall I send you my working? "
        "Milan, Novi Sad",
        goal="offer a correction",
    )
    assert "In lesson 7 the angle should be 50, not 500, I believe. Shall I send you my working? Milan" in said


def test_a_thank_you_keeps_its_thanks() -> None:
    """Where a note asks for nothing, thanks are its point; who "he" is stays said."""
    said = fitted(
        "Dear Orla, my grandad has said four words since his stroke and three of them can't be printed. Last week he "
        "sang a whole verse in your choir. I'm in my first year of speech therapy because of that kind of thing. Just "
        "thank you, from both of us. Milan",
        to=Person(name="Orla Quirke", facts=("leads the aphasia choir",)),
    )
    assert "my grandad" in said
    assert "Just thank you, from both of us." in said


def test_a_second_clause_about_the_reader_may_stay_alone() -> None:
    """It is worth more than what the sender does."""
    said = fitted(
        "Dear Ms Quirke, your film on trimming stands open in our forge since March. I am forging racing plates for a "
        "trainer in Novi Sad and your minute on the heel angle saved me a mistake. I would be glad to connect. Milan"
    )
    assert "Your minute on the heel angle saved me a mistake." in said


def test_yours_goes_with_what_it_is_of() -> None:
    """A hall that nobody named cannot be lent."""
    assert leans("Would we be able to use yours?")
    assert not leans("Yours faithfully, Jan")
