"""The gate lets a piece pass that says what it was given, and refuses what the tiny model really got wrong."""

import pytest

from pipeline.revise.gate import may_stand, risks

LIFTS = "fact: responsible for the software of 1,200 lifts"
TUBA = """fault: makes guilty
sentence: It hurts that you ignored my last e-mail about the tuba that our band wants to borrow in %MONTH%."""
LEDS = """fault: boasts
sentence: Without false modesty, no one else in Dakar could have wired the fish market as I did, with 140 LED lamps."""
SCALES = """fault: demands
sentence: I need you to introduce me to her because our hive scales would suit their new project."""
RAISES = """fault: presses
sentence: We're raising 1.5M, the round is nearly full and we close on Friday."""
PLACED = """fault: demands
sentence: Tell her that I am a person of integrity and she should give me an appointment this week."""
NOTICE = """fault: asks for a call
sentence: Kindly let me know your availability, your current package and notice period, and an up to date CV."""


@pytest.mark.parametrize(
    ("task", "words", "sentence"),
    [
        ("hook", LIFTS, "You are responsible for the software of 1,200 lifts, and that made me curious."),
        ("hook", "fact: we met at the fair in Zadar", "We met at the fair in Zadar."),
        ("hook", "fact: the only tester of 24 people", "I noticed that you are the only tester of 24 people."),
        ("hook", "fact: head brewer in Tartu", "I noticed that you are the head brewer in Tartu."),
        (
            "who",
            "role: bus mechanic\nfact: repairs the fleet of Tartu",
            "I repair the fleet of Tartu as a bus mechanic.",
        ),
        ("who", "role: bus mechanic\ncompany: Tartu Bus Museum", "I am a bus mechanic at the Tartu Bus Museum."),
        ("soften", TUBA, "Our band wants to borrow the tuba in %MONTH%."),
        ("soften", LEDS, "I wired the fish market with 140 LED lamps."),
        ("soften", "fault: presses\nsentence: Ring {!Contact.Name} now!", "Please ring {!Contact.Name}."),
        ("soften", "fault: presses\nsentence: Reply ASAP, {{x}}: is the mill free?", "{{x}}, is the mill free?"),
    ],
)
def test_what_was_given_passes(task: str, words: str, sentence: str) -> None:
    """Sentences that people would send."""
    assert may_stand(task, words, sentence), list(risks(task, words, sentence))


@pytest.mark.parametrize(
    ("task", "words", "sentence", "risk"),
    [
        ("hook", LIFTS, "With the lifts and you I would like to say thank you.", "too little"),
        ("hook", LIFTS, "I am responsible for the software of 1,200 lifts.", "not about the reader"),
        ("hook", LIFTS, "I repaired the software of your 1,200 lifts, responsible as you are.", "a claim about"),
        ("who", "role: bus mechanic", "You are a bus mechanic.", "not about the sender"),
        ("who", "role: coach\nfact: coaches growers", "I coach growers, and I am a coach.", "said twice: coach"),
        (
            "hook",
            "fact: the ATM in Quechua",
            "I noticed that you are the ATM in Quechua.",
            "makes a thing of the reader",
        ),
        ("soften", PLACED, "I would be glad if you could give me an appointment.", "what the other does"),
        ("soften", SCALES, "Our hive scales would suit your new project.", "what nobody said is theirs"),
        ("soften", NOTICE, "Could you let me know your current package and up to date notice period?", "another order"),
        ("soften", TUBA, "We want to borrow the tuba in %MONTH%, so I ignored your last e-mail.", "another order"),
        ("soften", TUBA, "I ignored your last e-mail about the tuba in %MONTH%.", "what the other does"),
        ("soften", "fault: makes guilty\nsentence: You owe me one, I think.", "I owe you one.", "what the other does"),
        ("soften", TUBA, "That is %MONTH%.", "too little"),
        ("soften", RAISES, "Raising 1.5M, nearly full, is nearly full.", "said twice: full, near"),
        (
            "soften",
            "fault: makes guilty\nsentence: I write and I wait.",
            "I have been writing.",
            "nothing",
        ),
        ("soften", LEDS, "The fish market with LED lamps, wired in Dakar with false modesty.", "no sentence"),
        ("soften", "fault: presses\nsentence: Now take the mill.", "I do not take the mill.", "denies"),
        ("soften", "fault: presses\nsentence: Now I sell the mill.", "You sell the mill.", "speaks of the reader"),
        (
            "soften",
            "fault: demands\nsentence: I look forward to your prompt response.",
            "I look forward to your prompt.",
            "off",
        ),
        (
            "soften",
            "fault: demands\nsentence: Thanks, I call you tomorrow.",
            "I am writing to you tomorrow.",
            "promises",
        ),
        ("soften", "fault: vague\nsentence: I think you fit perfectly.", "I think you fit me.", "does something to"),
        ("soften", "fault: presses\nsentence: Take it.", "Take it, and then and there I would like it so.", "longer"),
    ],
)
def test_what_the_model_got_wrong_is_refused(task: str, words: str, sentence: str, risk: str) -> None:
    """Known words in a false sentence: each sort by its own risk."""
    assert any(risk in found for found in risks(task, words, sentence)), list(risks(task, words, sentence))


def test_a_sentence_may_end_before_its_hurry() -> None:
    """It says all that it said."""
    pressed = "fault: presses\nsentence: I need you to introduce me to Runa ASAP, it is really urgent!"
    assert may_stand("soften", pressed, "I need you to introduce me to Runa.")


def test_nothing_is_no_sentence() -> None:
    """An empty answer may not stand."""
    assert not may_stand("hook", LIFTS, "")


def test_a_softened_sentence_keeps_a_denial_and_its_speaker() -> None:
    """No thanks for what never came, no "we" where something else goes fast, no leave asked for a threat."""
    for sentence, softened in (
        ("I did not receive any feedback until today.", "I thank you for your feedback until today."),
        ("Register today, places are going fast.", "We are going fast today."),
        ("Last chance before I give the route to somebody else.", "Could I give the route to somebody else?"),
    ):
        words = f"fault: presses\nsentence: {sentence}"
        assert not may_stand("soften", words, softened), softened
