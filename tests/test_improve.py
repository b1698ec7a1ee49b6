"""Laws of the walk: it ends, it never returns something worse, it leaves clean drafts alone, it keeps merge fields."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import rulebook
from pipeline.domain import Brief, Draft, History, Person, Prompt, Reply
from pipeline.errors import EmptyReply
from pipeline.fields import changes
from pipeline.improve import WAYS, improver, run, walk
from pipeline.review import review

BOOK = rulebook.load()
CLEAN = Draft(
    "Hi Ana, your talk on queue design changed how I page people. I run the night desk at a small host in Porto. "
    "What would you do differently today?\n\nThank you for your time,\nRui",
    BOOK.kinds["message"],
    Brief(to=Person(name="Ana")),
)
CLUMSY = Draft(
    "Hi {{first_name}}, I came across your profile. I need an answer ASAP! Can we hop on a quick call tomorrow? "
    "{{signature}}",
    BOOK.kinds["message"],
    Brief(to=Person(facts=("wrote a post on tide tables",))),
)
SENTENCES = st.sampled_from(
    [
        "Hi Ana,",
        "I came across your profile.",
        "Your talk on tide tables stayed with me.",
        "I need an answer ASAP!!!",
        "You never replied.",
        "I run a bakery in Graz.",
        "Can we hop on a call tomorrow?",
        "What would you do differently?",
        "Thank you for your time.",
        "{{first_name}}",
        "{% if x %}",
        "Hello{% endif %}",
        "*|FNAME|*",
        "{Hi|Hello}",
        "We have 14 growers.",
        "No, we do not.",
        "Best regards,\nIda",
        "https://example.com/a",
        "[Name]",
    ]
)
TEXTS = st.lists(SENTENCES, min_size=1, max_size=9).map(" ".join)
ANSWERS = st.one_of(TEXTS, st.text(max_size=200))


def scripted(answers: list[str]):
    """A model that says these things in turn, the last one for ever; and the list of what it was asked."""
    asked: list[Prompt] = []

    def ask(prompt: Prompt) -> Reply:
        asked.append(prompt)
        return Reply(answers[min(len(asked), len(answers)) - 1])

    return ask, asked


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=TEXTS,
    answers=st.lists(ANSWERS, min_size=1, max_size=4),
    way=st.sampled_from(["whole", "pieces"]),
    kind=st.sampled_from(sorted(BOOK.kinds)),
)
def test_never_worse_and_fields_intact(text: str, answers: list[str], way: str, kind: str) -> None:
    """Whatever a model answers, the result costs no more than the draft, and its merge fields are the draft's own."""
    draft = Draft(text, BOOK.kinds[kind])
    ask, _ = scripted(answers)
    rewrite = walk(draft, BOOK, ask, WAYS[way])
    assert rewrite.best.cost <= rewrite.original.cost
    assert not changes(draft.message, rewrite.best.draft.message)


@settings(max_examples=30, deadline=None)
@given(answers=st.lists(ANSWERS, min_size=1, max_size=4), rounds=st.integers(1, 4), candidates=st.integers(1, 3))
def test_bounded(answers: list[str], rounds: int, candidates: int) -> None:
    """The whole way asks at most rounds times candidates."""
    ask, asked = scripted(answers)
    rewrite = walk(CLUMSY, BOOK, ask, WAYS["whole"], rounds=rounds, candidates=candidates)
    assert len(asked) <= rounds * candidates
    assert len(rewrite.trail) <= rounds + 1


def test_clean_draft_is_left_alone() -> None:
    """A clean draft costs no call and comes back as it was."""
    ask, asked = scripted(["anything"])
    for way in WAYS.values():
        rewrite = walk(CLEAN, BOOK, ask, way)
        assert rewrite.original.clean, [finding.message for finding in rewrite.original.findings]
        assert (rewrite.changed, asked) == (False, [])


def test_stops_when_clean() -> None:
    """The walk asks no more once a message is clean."""
    draft = Draft(
        "Hi Ana, I came across your profile.",
        CLEAN.kind,
        Brief(to=Person(name="Ana", facts=("gave a talk on queue design",))),
    )
    good = CLEAN.text.replace("night desk at a small host in Porto", "profile")
    rewrite = walk(
        draft,
        BOOK.without(frozenset(BOOK.rules) - {"form-letter-opener"}),
        scripted([good])[0],
        WAYS["whole"],
        rounds=5,
    )
    assert (len(rewrite.trail), rewrite.best.clean) == (2, True)


def test_stops_on_repetition() -> None:
    """A model that repeats itself is not asked a third time."""
    ask, asked = scripted(["Hi, I came across your profile!!"])
    walk(CLUMSY, BOOK, ask, WAYS["whole"], rounds=8)
    assert len(asked) == 2


def test_keeps_the_best_not_the_last() -> None:
    """A second answer that is worse than the first does not replace it."""
    better = "Hi {{first_name}}, your post on tide tables stayed with me. What would you do differently? {{signature}}"
    rewrite = walk(CLUMSY, BOOK, scripted([better, "{{first_name}} CALL ME NOW!!!! {{signature}}"])[0], WAYS["whole"])
    assert rewrite.best.draft.text == better


def test_lost_field_is_refused() -> None:
    """A rewrite without one of the draft's fields is never returned, however polite."""
    rewrite = walk(
        CLUMSY,
        BOOK,
        scripted(["Hi, your post on tide tables stayed with me. What would you do differently?"])[0],
        WAYS["whole"],
    )
    assert "{{first_name}}" in rewrite.best.draft.text


def test_model_error_reaches_the_caller() -> None:
    """An error of the model is not swallowed."""

    def ask(_: Prompt) -> Reply:
        raise EmptyReply("nothing came")

    with pytest.raises(EmptyReply, match=r"^nothing came$"):
        walk(CLUMSY, BOOK, ask, WAYS["whole"])


def test_verdict_starts_no_rewrite() -> None:
    """Where the guides say not to send, no model is asked."""
    ask, asked = scripted(["x"])
    brief = Brief(to=Person(name="Ana"), history=History(sent=2, days_since=9, asked_to_stop=True))
    rewrite = walk(Draft("Hi Ana, why no answer?", BOOK.kinds["follow-up"], brief), BOOK, ask, WAYS["whole"])
    assert rewrite.original.verdict
    assert (rewrite.changed, asked) == (False, [])


def test_best_of_candidates() -> None:
    """Of several candidates the cheapest by the rules is kept."""
    better = "Hi {{first_name}}, your post on tide tables stayed with me. What would you do differently? {{signature}}"
    rewrite = walk(
        CLUMSY,
        BOOK,
        scripted(["nonsense {{first_name}} {{signature}} ASAP", better, "x"])[0],
        WAYS["whole"],
        rounds=1,
        candidates=3,
    )
    assert rewrite.best.draft.text == better


def test_tracing_is_kept_out(monkeypatch) -> None:
    """With LANGSMITH_TRACING set, a run works and opens no connection (tests refuse sockets beyond loopback)."""
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "ls-none")
    rewrite = run(improver(BOOK, scripted(["Hi {{first_name}} {{signature}}"])[0], "whole"), CLUMSY)
    assert rewrite.original.draft == CLUMSY

    assert not [
        thread.name
        for thread in threading.enumerate()
        if "langsmith" in thread.name.lower() or "tracing" in thread.name.lower()
    ]


def test_review_of_the_same_text_is_the_same() -> None:
    """Reviewing is a function: twice the same draft, twice the same findings."""
    first, second = review(CLUMSY, BOOK), review(CLUMSY, BOOK)
    assert [finding.message for finding in first.findings] == [finding.message for finding in second.findings]
