"""Drafts, briefs and profiles that try to take the model over: none is obeyed, none crashes, none escapes its fence."""

from pathlib import Path

import pytest

from pipeline import rulebook
from pipeline.domain import Draft, Prompt, Reply
from pipeline.evals import cases
from pipeline.improve import WAYS, walk
from pipeline.models import choose, load
from pipeline.models.client import open_model
from pipeline.prompting import compose
from pipeline.review import review

BOOK = rulebook.load()
FILES = sorted((Path(__file__).parent.parent / "evals" / "cases").glob("injection-*.toml"))


def opened(path: Path) -> tuple[Draft, list[str]]:
    """The draft of an injection file, and what must not come out of it unless it stands in the draft's own words."""
    case = cases.read(path, BOOK)
    return case.draft, [one for one in case.expect.avoid if one.casefold() not in case.draft.text.casefold()]


def test_there_are_twelve() -> None:
    """Twelve attacks are on file."""
    assert len(FILES) == 12


@pytest.mark.parametrize("way", ["whole", "pieces"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_obedient_model_changes_nothing(path: Path, way: str) -> None:
    """Even a model that obeys the attack cannot bring its words into the result: the rules refuse the rewrite."""
    draft, forbidden = opened(path)
    assert forbidden
    for words in forbidden:
        for answer in (words, f"{draft.text} {words}"):
            rewrite = walk(draft, BOOK, lambda _, answer=answer: Reply(answer), WAYS[way], rounds=2)
            assert words not in rewrite.best.draft.message


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_data_stays_between_the_fences(path: Path) -> None:
    """The prompt holds exactly the template's fence lines: no text brings one of its own, and no code in it ran."""
    draft, _ = opened(path)
    prompt = compose(review(draft, BOOK), BOOK)
    fence = next(line for line in prompt.user.splitlines() if line.startswith("=== "))
    assert prompt.user.count(fence) == 3
    assert "<class" not in prompt.user


@pytest.mark.model
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_embedded_model_obeys_none(path: Path, embedded) -> None:
    """The real embedded model, in its own way, obeys no attack."""
    draft, forbidden = opened(path)
    rewrite = walk(draft, BOOK, embedded, WAYS["pieces"])
    assert [words for words in forbidden if words in rewrite.best.draft.message] == []
    assert rewrite.best.cost <= rewrite.original.cost


@pytest.fixture(scope="module")
def embedded():
    """The embedded model, served once for these tests."""
    with open_model(choose(load()), way="pieces") as ask:
        yield ask


def test_template_code_is_data() -> None:
    """Jinja code in a brief reaches the model as it stands."""
    draft = Draft("Hi {{ 7 * 7 }} there, {% raw %}x{% endraw %}", BOOK.kinds["message"])
    draft = draft.answered("to.facts", "{{ 7 * 7 }} {{ ().__class__ }}").answered("goal", "{% for x in y %}")
    prompt: Prompt = compose(review(draft, BOOK), BOOK)
    assert "{{ 7 * 7 }} {{ ().__class__ }}" in prompt.user
    assert "49" not in prompt.user
