"""What senders do not want to hear of: in comments, front matter, settings and flags; and what the marks deserve."""

from pathlib import Path

import pytest

from pipeline import drafts
from pipeline.domain import Prompt, Reply, Rulebook
from pipeline.improve import walk
from pipeline.review import review
from pipeline.revise import pieces
from tests.commands import Call

BOAST = (
    "Hi Ana, your talk on queues helped our night desk.\n\nWe are the best host in Porto.\nWhat would you try first?\n"
)


def found(text: str, book: Rulebook) -> list[str]:
    """The rules that are told of a text."""
    return [one.rule.id for one in review(drafts.draft(text, "a.md", book), book).findings]


def test_the_boast_is_found_unless_it_is_ignored(book: Rulebook) -> None:
    """The control for all that follows."""
    assert "boast" in found(BOAST, book)


@pytest.mark.parametrize(
    "mark",
    [
        "<!-- tactful: ignore boast -->",
        "<!-- tactful: ignore boast: she asked for our prizes -->",
        "<!--tactful:ignore small-talk,boast-->",
        "{# tactful: ignore boast #}",
        "{{!-- tactful: ignore boast: why not --}}",
        "{% comment %} tactful: ignore boast {% endcomment %}",
    ],
)
@pytest.mark.parametrize("place", ["above", "behind"])
def test_a_comment_hides_a_finding_of_its_line_or_the_next(mark: str, place: str, book: Rulebook) -> None:
    """Alone on its line it speaks of the next one with words, else of its own; in any comment that is never sent."""
    line = "We are the best host in Porto."
    text = BOAST.replace(line, f"{mark}\n\n{line}" if place == "above" else f"{line} {mark}")
    assert "boast" not in found(text, book)
    assert "boast" in found(text.replace("tactful", "careful"), book)


def test_a_comment_says_nothing_of_other_lines(book: Rulebook) -> None:
    """A mark elsewhere hides nothing."""
    assert "boast" in found(BOAST.replace("What would", "<!-- tactful: ignore boast -->\nWhat would"), book)


@pytest.mark.parametrize("mark", ["<!-- tactful: ignore-message boast: agreed -->"])
def test_a_mark_for_the_whole_message_may_stand_anywhere(mark: str, book: Rulebook) -> None:
    """Above the greeting, too, which stays the greeting."""
    for text in (f"{mark}\n{BOAST}", f"{BOAST}{mark}\n"):
        assert "boast" not in found(text, book)
        assert "missing-greeting" not in found(text, book)


@pytest.mark.parametrize("said", ["ignore: [boast]", "ignore:\n  boast: she asked for our prizes"])
def test_front_matter_hides_in_the_whole_message(said: str, book: Rulebook) -> None:
    """A list of rules, or a table with reasons."""
    assert "boast" not in found(f"---\n{said}\n---\n{BOAST}", book)


def test_what_is_about_the_whole_message_is_ignored_in_its_first_line(book: Rulebook) -> None:
    """A finding without words stands at the beginning."""
    assert "no-ask" in found("Hi Ana, your talk on queues helped our night desk.", book)
    assert "no-ask" not in found("<!-- tactful: ignore no-ask -->\nHi Ana, your talk on queues helped us.", book)


def test_settings_flags_and_paths_hide(folder: Path, tactful: Call) -> None:
    """Each of them; the settings of a path speak of its files alone."""
    (folder / "sales").mkdir()
    for name in ("a.md", "sales/a.md"):
        (folder / name).write_text(BOAST)
    assert tactful("check", "-q", "a.md").out.count(" boast:") == 1
    assert tactful("check", "-q", "a.md", "--ignore", "boast").out.count(" boast:") == 0
    (folder / "tactful.toml").write_text(
        '[[paths]]\nmatch = ["sales/*"]\nignore = { boast = "asked for" }\nkind = "email"\n'
    )
    told = tactful("check", "-q", ".").out
    assert "a.md:3:1: warning boast" in told.replace("sales/a.md", "")
    assert "sales/a.md:3:1: warning boast" not in told
    assert "sales/a.md:subject:1: error missing-subject" in told
    (folder / "tactful.toml").write_text('ignore = { boast = "our readers ask for prizes" }\n')
    assert " boast:" not in tactful("check", "-q", ".").out


def test_a_mark_that_hides_nothing_is_a_finding(folder: Path, tactful: Call) -> None:
    """With its place, and the rule that was probably meant; what settings ignore is for many files and is none."""
    (folder / "a.md").write_text(BOAST.replace("We are", "<!-- tactful: ignore guilt, boost -->\nWe are"))
    (folder / "tactful.toml").write_text('ignore = ["watched"]\n')
    told = tactful("check", "-q", "a.md")
    assert "a.md:3:1: warning unused-ignore: 'guilt' is ignored here and nothing of it is found\n" in told.out
    assert "'boost' is ignored here and nothing of it is found; did you mean 'boast'?" in told.out
    assert "watched" not in told.out
    (folder / "b.md").write_text(f"---\nkind: message\nignore:\n  guilt: not here\n---\n{BOAST}")
    assert "b.md:6:1: warning unused-ignore: 'guilt'" in tactful("check", "-q", "b.md").out


def test_a_reason_can_be_required(folder: Path, tactful: Call) -> None:
    """`require_reason`: marks, front matter, flags and settings alike."""
    bare, said = "<!-- tactful: ignore boast -->\nWe are", "<!-- tactful: ignore boast: she asked -->\nWe are"
    (folder / "a.md").write_text(BOAST.replace("We are", bare))
    assert "ignore-without-reason" not in tactful("check", "-q", "a.md").out
    (folder / "tactful.toml").write_text("require_reason = true\n")
    assert "a.md:3:1: warning ignore-without-reason: 'boast'" in tactful("check", "-q", "a.md").out
    (folder / "a.md").write_text(BOAST.replace("We are", said))
    assert "ignore-without-reason" not in tactful("check", "-q", "a.md").out


def test_a_fidelity_rule_cannot_be_ignored(book: Rulebook) -> None:
    """What keeps a rewrite true to its draft is no matter of taste."""
    draft = drafts.draft(f"---\nignore: [invented-number]\n---\n{BOAST}", "a.md", book)
    assert "invented-number" in [
        one.rule.id for one in review(draft.rewritten(draft.text.replace("best host", "host of 900")), book).findings
    ]


def test_a_rewrite_keeps_what_is_ignored_and_the_mark(book: Rulebook) -> None:
    """The boast stays, byte for byte with its comment; without the mark it goes."""
    mark = "<!-- tactful: ignore boast: she asked -->"
    marked = BOAST.replace("We are", f"{mark}\nWe are").replace("first?", "first?? I need an answer ASAP!")
    for text, stays in ((marked, True), (marked.replace(f"{mark}\n", ""), False)):
        draft = drafts.draft(text, "a.md", book)
        best = walk(draft, book, _silent, pieces.revise).best.draft.text
        assert "ASAP" not in best
        assert (f"{mark}\nWe are the best host in Porto." in best) is stays
        assert ("the best host in Porto" in best) is stays


def _silent(prompt: Prompt) -> Reply:
    """A model that says nothing."""
    del prompt
    return Reply("")
