"""Safe fixes: what they mend, that they change nothing else, and that `check --fix` writes files soundly."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import drafts
from pipeline.domain import Brief, Draft, FixClass, Person, Rulebook, Severity
from pipeline.fields import changes
from pipeline.fixing import fixed
from pipeline.review import review
from pipeline.rulebook import load
from tests.commands import Call

BOOK = load()
LONG = (
    "I read your column on street trees and counted those of our road. There are forty-one of nine kinds, and six are"
    " dead. The town has no money for new ones before next spring. A neighbour offered young limes from his nursery."
    " The school would plant them with the children. The trouble is the gas pipe, which runs where the roots would go."
    " Nobody can tell me how deep it lies. You wrote that your town drew a map of such pipes. I would love to know how"
    " that began. Whom did you ask first, and was it hard?"
)


def mended(text: str, kind: str = "message", subject: str = "", sender: str = "") -> Draft:
    """A draft after all safe fixes."""
    brief = Brief(to=Person(name="Ana"), sender=Person(name=sender))
    return fixed(Draft(text, BOOK.kinds[kind], brief, subject), BOOK)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Hi Ana, what a lovely kiln!! Which clay??", "Hi Ana, what a lovely kiln! Which clay?"),
        ("Hi Ana! Your kiln is lovely! I saw it! Which clay?", "Hi Ana! Your kiln is lovely. I saw it. Which clay?"),
        ("Hi Ana, PLEASE SEND me the name of your clay.", "Hi Ana, please send me the name of your clay."),
        ("Hi Ana, PLEASE SEND {{first_name}} in QGIS.", "Hi Ana, please send {{first_name}} in QGIS."),
        ("Hi Ana 🙂, your kiln 🔥 is lovely 🎉. Which clay?", "Hi Ana 🙂, your kiln is lovely. Which clay?"),
        ("Hi Ana, at this point in time we have nine looms.", "Hi Ana, now we have nine looms."),
        ("Hi Ana, due to the fact that it rains we wait.", "Hi Ana, because it rains we wait."),
    ],
)
def test_a_safe_fix_mends_what_was_found(before: str, after: str) -> None:
    """Marks, capitals, pictures and stock phrases; names, short forms and fields stay."""
    assert mended(before).text == after


def test_paragraphs_and_signature() -> None:
    """A wall of text gets empty lines between its sentences, and an e-mail the sender's name below."""
    after = mended(LONG, "email", "Street trees", "Jo Lee").text
    assert after.endswith("\n\nJo Lee")
    assert after.replace("\n\n", " ").removesuffix(" Jo Lee") == LONG
    assert after.count("\n\n") >= 3


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RE: your kiln", "Your kiln"),
        ("FW: RE: your kiln", "Your kiln"),
        ("PLEASE READ THIS NOW!!", "Please read this now!"),
        ("Your kiln", "Your kiln"),
    ],
)
def test_subjects(before: str, after: str) -> None:
    """No made-up answer and no shouting."""
    assert mended("Hi Ana, which clay?\n\nJo", "email", before).subject == after


def test_pictures_that_mark_a_list_become_its_dashes() -> None:
    """An item without a mark would be no item."""
    text = "Hi Ana, the same 3 things:\n\n\u274c Pipes\n\u274c Taps\n\u274c Drains\n\nWhich is worst?\n\nJo"
    assert "\n\n- Pipes\n- Taps\n- Drains\n\n" in mended(text).text


def test_a_flag_is_one_picture() -> None:
    """It has two signs, and half of it is none."""
    text = mended("Hi Ana, hello from Galle! \U0001f1f1\U0001f1f0\U0001f418 Which tea?\n\nJo").text
    assert "\U0001f1f1\U0001f1f0" in text
    assert "\U0001f418" not in text


def test_every_safe_rule_says_so(book: Rulebook) -> None:
    """The class of a rule follows from what it holds; errors of wording are never mended by a program alone."""
    safe = {rule.id for rule in book.rules.values() if rule.fix_class is FixClass.SAFE}
    assert safe == {
        "shouting", "exclamations", "doubled-marks", "impatient-marks", "emoji-heavy", "hashtags", "wall-of-text",
        "no-signature", "false-reply", "shouting-subject", "wordy",
    }  # fmt: skip
    assert book.rules["no-ask"].fix_class is FixClass.ASK
    assert book.rules["guilt"].fix_class is FixClass.LLM
    draft = Draft("Hi", book.kinds["message"], Brief(goal="learn which clay"))
    assert draft.fix_class(book.rules["no-ask"]) is FixClass.LLM


WORDS = st.sampled_from(
    "Hi Ana, HELLO PLEASE NOW!! you?? 🙂 🎉 {{first_name}} *|CITY|* [Name] {Hi|Hey} in order to DUE TO THE FACT THAT"
    " #wood #joy I'M QGIS {% if vip %} {% endif %} best!!! ...\n \n\n - ! ? ?! the kiln is yours. Jo".split(" ")
)


@settings(max_examples=300, deadline=None)
@given(
    text=st.lists(WORDS, min_size=1, max_size=40).map(" ".join),
    subject=st.lists(WORDS, max_size=5).map(" ".join),
    kind=st.sampled_from(sorted(BOOK.kinds)),
)
def test_fixing_costs_nothing_and_is_done_once(text: str, subject: str, kind: str) -> None:
    """Never a higher cost, no field touched, nothing fatal; and fixing twice is fixing once. The law of `--fix`."""
    if not text.strip():
        return
    draft = Draft(text, BOOK.kinds[kind], Brief(sender=Person(name="Jo Lee")), " ".join(subject.split()))
    after = fixed(draft, BOOK)
    assert review(after, BOOK).cost <= review(draft, BOOK).cost
    assert not changes(draft.message, after.message)
    assert fixed(after, BOOK).message == after.message
    told = review(replace(draft, origin=None).rewritten(after.text, after.subject), BOOK)
    assert all(one.rule.severity < Severity.FATAL for one in told.findings)


def test_the_drafts_of_the_evals_are_never_made_worse() -> None:
    """The same law on messages of people."""
    paths = sorted(Path("evals/readings").rglob("*.md"))
    for path in random.Random(1).sample([one for one in paths if one.name != "README.md"], 60):
        draft = drafts.draft(path.read_text("utf-8"), path.name, BOOK)
        after = fixed(draft, BOOK)
        assert review(after, BOOK).cost <= review(draft, BOOK).cost
        assert not changes(draft.message, after.message)


# ── Files ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

FRONT = '---\r\nkind: email\r\nsubject: "RE: READ THIS NOW!!"  # ours\r\nother: 1\r\n---\r\n'
BODY = "Dear Ana,\r\n\r\nWhat a lovely loaf!!  Which  flour??\r\n\r\nJo\r\n\r\n"


def test_a_file_is_mended_and_keeps_all_its_other_bytes(folder: Path, tactful: Call) -> None:
    """Line ends, spaces, comments and other keys stay; what cannot be mended is told, with its new place."""
    place = folder / "a.md"
    place.write_bytes((FRONT + BODY).encode())
    told = tactful("check", "--fix", "-q", "a.md")
    assert place.read_bytes().decode() == (FRONT + BODY).replace("RE: READ THIS NOW!!", "Read this now!").replace(
        "!!", "!"
    ).replace("??", "?")
    assert "1 files mended" in told.err
    assert "doubled-marks" not in told.out
    assert told.code == 1
    assert "mended" not in tactful("check", "--fix", "-q", "a.md").err
    assert [one.name for one in folder.iterdir()] == ["a.md"]


def test_a_diff_changes_nothing(folder: Path, tactful: Call) -> None:
    """A patch on stdout, findings on stderr."""
    place = folder / "a.md"
    place.write_text("Hi Ana, what a loaf!! Which flour?\n")
    told = tactful("check", "--diff", "-q", "a.md")
    assert told.out == (
        "--- a/a.md\n+++ b/a.md\n@@ -1 +1 @@\n-Hi Ana, what a loaf!! Which flour?\n+Hi Ana, what a loaf! Which flour?\n"
    )
    assert "a.md:1:1" in told.err
    assert place.read_text() == "Hi Ana, what a loaf!! Which flour?\n"


def test_stdin_comes_out_mended(tactful: Call) -> None:
    """As with ruff: the text on stdout, the findings on stderr."""
    told = tactful("check", "--fix", "-q", "-", stdin="Hi Ana, what a loaf!! Which flour?\n")
    assert told.out == "Hi Ana, what a loaf! Which flour?\n"
    assert "stdin:1:1" in told.err


def test_unsafe_fixes_rewrite_with_the_projects_model(folder: Path, tactful: Call) -> None:
    """The walk of `improve`, into the file; a project without a model still has code."""
    (folder / "tactful.toml").write_text('model = "none"\n')
    place = folder / "a.md"
    place.write_text("Hi Ana, your loaf of rye kept us alive in Oulu. I need an answer ASAP! Which flour is it?\n")
    assert tactful("check", "--fix", "-q", "a.md").out.count(" pressure:") == 1
    tactful("check", "--fix", "--unsafe-fixes", "-q", "a.md")
    assert "ASAP" not in place.read_text()
    assert "rye" in place.read_text()


def test_a_file_that_cannot_be_written_is_told_and_kept(folder: Path, tactful: Call) -> None:
    """The others go on; exit 2."""
    (folder / "a.md").write_text("Hi Ana, what a loaf!!\n")
    (folder / "b.md").write_bytes(b"Hi \xff")
    told = tactful("check", "--fix", "-q", "a.md", "b.md")
    assert told.code == 2
    assert "b.md: not UTF-8" in told.err
    assert (folder / "b.md").read_bytes() == b"Hi \xff"
    assert "!!" not in (folder / "a.md").read_text()


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--unsafe-fixes"], "--unsafe-fixes says which fixes --fix makes: give both"),
        (["--diff", "--format", "sarif"], "--diff writes a patch to stdout: give it without --format and --statistics"),
        (["--format", "sarf"], "--format 'sarf' is not known; did you mean 'sarif'?"),
        (["--add-baseline", "--fix"], "--add-baseline accepts all that is found"),
    ],
)
def test_flags_at_odds_are_told(words: list[str], fault: str, tactful: Call) -> None:
    """Before anything is read."""
    told = tactful("check", *words, "-")
    assert told.code == 2
    assert fault in told.err


def test_a_message_that_nobody_changed_invents_nothing() -> None:
    """Not where a field begins in the subject and ends in the body: each is read by itself."""
    draft = Draft("%}", BOOK.kinds["comment"], Brief(), "{% Ana,")
    assert all(one.rule.severity < Severity.FATAL for one in review(draft.rewritten(draft.text), BOOK).findings)


def test_a_broken_field_is_left_as_it_is() -> None:
    """Also where marks within it could be fewer: whoever wrote it has to close it."""
    draft = Draft("Hi Ana, how do you dry rye?", BOOK.kinds["email"], Brief(), "{% best!!!")
    assert fixed(draft, BOOK).subject == "{% best!!!"
