"""Greetings of templates, choices of wordings, and where a signature begins."""

import pytest

from pipeline import rulebook
from pipeline.acts import read
from pipeline.domain import Act, Brief, Draft, Person
from pipeline.revise.calm import calm

KIND = rulebook.load().kinds["message"]


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("Hi Ana,\n\nHow do you cut it?\n\nThanking you,\nPradeep", "Thanking you,"),
        ("Hi Ana,\n\nHow do you cut it?\n\nWith high esteem,\nFerenc Balogh", "With high esteem,"),
        ("Hi Ana,\n\nHow do you cut it?\n\nRodrigo Antimán\nSecond captain", "Rodrigo Antimán"),
        ("Hi Ana, how do you cut it?\n\nPip xx", "Pip xx"),
        (
            "Hi Ana,\n\nHow do you cut it?\n\nWith warmest warmest wishes and huge admiration for all you do,\n\nPip",
            "With warmest warmest wishes and huge admiration for all you do,",
        ),
        ("Hi Ana,\n\nI wait for your answer with the whole of my heart in my hand,\nLuciana", "Luciana"),
        ("Hi Ana,\n\nHow do you cut it?\n\nYours aye\nAlec Dunsire", "Yours aye"),
    ],
)
def test_where_it_begins(text: str, signed: str) -> None:
    """The first sentence that is labelled as signature."""
    reading = read(Draft(text, KIND))
    assert reading.says(reading.having(Act.SIGNATURE)[0]) == signed


def test_a_short_line_without_a_name_below_is_none() -> None:
    """A comma alone takes no leave."""
    reading = read(Draft("Hi Ana,\n\nAs you know,\nwe cut it by hand. How do you cut it?", KIND))
    assert not reading.having(Act.SIGNATURE)


@pytest.mark.parametrize("text", ["Mr. Brandl, we buy clay.", "Distinguished Professor Lindqvist,\n\nwe buy clay."])
def test_a_title_with_a_name_greets(text: str) -> None:
    """And so nothing is put before it."""
    assert read(Draft(text, KIND)).having(Act.GREETING)


@pytest.mark.parametrize(
    ("text", "greeting"),
    [
        ("Good day, Mrs Grażyna, I run a mill.", "Good day, Mrs Grażyna"),
        ("Hello, Grażyna, I run a mill.", "Hello, Grażyna"),
        ("Good day, we run a mill.", "Good day"),
        ("Dear Mrs. Nowak, I run a mill.", "Dear Mrs. Nowak"),
        ("Good day Sir Capt. Nowak,\n\nI run a mill.", "Good day Sir Capt. Nowak"),
    ],
)
def test_a_name_behind_a_comma_is_greeted_too(text: str, greeting: str) -> None:
    """So that nobody is greeted twice: "Good day," and a name are one greeting."""
    reading = read(Draft(text, KIND, Brief(to=Person(name="Grażyna Nowak"))))
    assert reading.says(reading.labelled[0]).rstrip(",") == greeting
    assert reading.labelled[0].acts == {Act.GREETING}


def test_a_title_may_stand_above_the_greeting() -> None:
    """So that nobody is greeted twice; a greeting above another line that greets is the only one."""
    for title in ("A joint open day", "Wanted: a miller!"):
        assert _acts(f"{title}\n\nDear Ana,\n\nI run a mill. Which days suit you?")[1] == {"greeting"}
    assert [acts for acts in _acts("Hi Ana\nHello from Oslo. Which days suit you?") if "greeting" in acts] == [
        {"greeting"}
    ]


def test_what_the_sender_saw_of_the_reader_is_a_hook() -> None:
    """Also where it is not called theirs: the brief knows it as theirs."""
    brief = Brief(to=Person(name="Ana", facts=("planted a pear wall at Vaubrun",)))
    reading = read(Draft("Hi Ana, I saw the pear wall at Vaubrun. I run a mill.", KIND, brief))
    assert [Act.HOOK in line.acts for line in reading.labelled] == [False, True, False]


def _acts(text: str) -> list[set[str]]:
    return [{str(act) for act in line.acts} for line in read(Draft(text, KIND)).labelled]


def test_greetings_of_templates() -> None:
    """A greeting is one whatever stands behind its comma, and in whatever language it greets; "Given {x}," is none."""
    for greeting in ("{Hi|Hello} {{first_name}},", "Kaixo {{ name }},", "{{first_name}},"):
        first, second, *_ = _acts(f"{greeting} {{I saw|I read}} it. What now?")
        assert (first, "greeting" in second) == ({"greeting"}, False)
    assert _acts("Given {{company}}, I have news. What now?")[0] != {"greeting"}


def test_what_a_choice_of_wordings_does() -> None:
    """Thanks and questions count, though no rule reads one wording alone."""
    _, thanks, ask = _acts("{{name}}, {many thanks for it|thank you}! {Is it good?|What do you think?}")
    assert ("thanks" in thanks, "ask" in ask) == (True, True)


@pytest.mark.parametrize(
    ("loud", "quiet"),
    [
        ("We are in the top 3% globally (!!).", "We are in the top 3% globally."),
        ("A workbook (worth £299!!) is yours!!", "A workbook (worth £299) is yours."),
        ("The town's bakery!!! best prices", "The town's bakery, best prices"),
        ("Really?!?!", "Really?"),
        ("We NEED your QGIS maps NOW", "We need your QGIS maps now"),
        ("TOTALLY wrong, PAYE is due", "Totally wrong, PAYE is due"),
        ("Our PAYE and SWAT teams use QGIS", "Our PAYE and SWAT teams use QGIS"),
    ],
)
def test_calm(loud: str, quiet: str) -> None:
    """A row of marks leaves a sentence that reads; plain words alone are shouted, not what abbreviates or names."""
    assert calm(loud) == quiet


@pytest.mark.parametrize(
    ("text", "greets"),
    [
        ("Ey up Hana. We mend toasters.", "Ey up Hana."),
        ("Sat sri akal Hana ji, I mend harmoniums.", "Sat sri akal Hana ji,"),
        ("Dear translator, we have a book for you.", "Dear translator,"),
        ("Good day dear webmaster,\n\nwe sell articles.", "Good day dear webmaster,"),
        ("Hana. Drone surveyor, from Leeds.", "Hana."),
        ("Hana - we mend toasters.", "Hana -"),
        ("Madam,\n\nwe mend toasters.", "Madam,"),
        ("Most esteemed Madam Sir, we mend toasters.", "Most esteemed Madam Sir,"),
        ("Dear Hana (if I may!),\n\nwe mend toasters.", "Dear Hana (if I may!),"),
    ],
)
def test_a_hail_greets(text: str, greets: str) -> None:
    """Words that we do not know before the reader's name, or what somebody is behind "Dear"."""
    reading = read(Draft(text, KIND, Brief(to=Person(name="Hana Novak"))))
    assert reading.says(reading.having(Act.GREETING)[0]) == greets


@pytest.mark.parametrize("text", ["Lovely talk yesterday, Hana!", "Your looms, Hana, are known here.", "Thanks Hana."])
def test_what_says_something_is_no_hail(text: str) -> None:
    """The reader's name alone makes no greeting."""
    assert not read(Draft(f"{text} We weave.", KIND, Brief(to=Person(name="Hana Novak")))).having(Act.GREETING)


def test_a_name_signs_without_its_accents() -> None:
    """As its owner types it, or as the brief does."""
    brief = Brief(sender=Person(name="Gulsen Aktas"))
    reading = read(Draft("Hi Ana, how do you cut it? With thanks, Gülşen", KIND, brief))
    assert reading.having(Act.SIGNATURE)


def test_a_title_of_the_reader_is_no_name() -> None:
    """Its full stop ends no greeting."""
    reading = read(Draft("Hi Dr. {{last_name}}, we mend boats.", KIND, Brief(to=Person(name="Dr Hana Novak"))))
    assert reading.says(reading.having(Act.GREETING)[0]) == "Hi Dr. {{last_name}},"


def test_a_line_that_proposes_something_signs_nothing() -> None:
    """Though the sender's name ends it."""
    brief = Brief(sender=Person(name="Cerys Penhallt"))
    reading = read(Draft("Hi Ana, we make cheese. How do you cut yours? Anyway lets connect xx Cerys", KIND, brief))
    assert not reading.having(Act.SIGNATURE)
    assert reading.asking("connect")


def test_a_postscript_is_one_sentence_with_its_mark() -> None:
    """So that both go where one goes."""
    reading = read(Draft("Hi Ana,\n\nHow do you cut it?\n\nJo\n\nP.S. If you do not cut it, who does?", KIND))
    assert reading.says(reading.labelled[-1]) == "P.S. If you do not cut it, who does?"
