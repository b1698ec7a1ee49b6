"""Cassettes: what is kept of a talk with a model, and that nothing but the same question gets the same answer."""

import socket
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import rulebook
from pipeline.domain import Prompt
from pipeline.errors import CaseError, StaleCassette
from pipeline.evals import cassettes, running, tape
from pipeline.evals.cassettes import Cassette, Exchange, Turn
from pipeline.evals.scores import Score, Stale
from pipeline.models import Model
from pipeline.models.client import open_at
from pipeline.models.serving import Endpoint
from tests.evals.test_figures import BOOK, CASE, CLEAN, GOOD
from tests.models.test_client import FakeServer, said, server

__all__ = ["server"]

KEY = "sk-" + "a" * 20


@pytest.fixture
def suite(tmp_path: Path) -> running.Suite:
    """Cassettes in a folder of the test's."""
    return running.Suite(BOOK, tmp_path / "cassettes", date(2026, 11, 22), "big")


@pytest.fixture
def model(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model of the whole way at a local address, behind a key."""
    monkeypatch.setenv("TACTFUL_API_KEY", KEY)
    return Model(name="big", base_url=server.base_url, id="big-1", key_env="TACTFUL_API_KEY", retries=0)


def recorded(server: FakeServer, model: Model, suite: running.Suite, answer: str = GOOD) -> Path:
    """The museum case, recorded with an answer."""
    server.turns = [said(answer)]
    with running.asking(model) as ask:
        running.record(CASE, model, suite, ask)
    return suite.cassette(CASE, model)


def test_a_recording_says_it_again_without_a_socket(
    server: FakeServer, model: Model, suite: running.Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replay gives the same score as the recording, and opens no socket at all."""
    server.turns = [said(GOOD)]
    with running.asking(model) as ask:
        first = running.record(CASE, model, suite, ask)
    sent = len(server.sent)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    again = running.replay(CASE, model, suite)
    assert again.result == first
    assert again.unplayed == 0
    assert (first.outcome, first.values["facts-lost"]) == ("improved", 0)
    assert len(server.sent) == sent


def test_it_holds_nothing_of_machine_or_key(server: FakeServer, model: Model, suite: running.Suite) -> None:
    """No key, header, host, port, id or hour; the headers did go out."""
    text = recorded(server, model, suite).read_text("utf-8")
    assert server.sent[0].headers["authorization"] == f"Bearer {KEY}"
    for secret in (KEY, "uthorization", "127.0.0.1", server.base_url.rpartition(":")[2], "user-agent", "c1", "http:"):
        assert secret not in text
    table = yaml.safe_load(text)
    assert set(table["exchanges"][0]) == {"method", "path", "body", "status", "answer"}
    assert set(table["exchanges"][0]["answer"]) == {"choices", "usage", "object"}


def test_it_reads_well(server: FakeServer, model: Model, suite: running.Suite) -> None:
    """The messages stand over several lines; no line holds an escaped line break."""
    text = recorded(server, model, suite).read_text("utf-8")
    assert "content: |-" in text
    assert "\\n" not in text
    assert "The draft:" in [line.strip() for line in text.splitlines()]


@pytest.mark.parametrize(
    ("change", "said_of_it"),
    [
        ({"text": CASE.draft.text.replace("340", "341")}, "341"),
        ({"filled": False, "text": CASE.draft.text + " Thanks!"}, "Thanks!"),
    ],
)
def test_another_question_gets_no_answer(
    server: FakeServer, model: Model, suite: running.Suite, change: dict[str, Any], said_of_it: str
) -> None:
    """A draft that is one word different is stale, and the difference is told."""
    recorded(server, model, suite)
    done = running.replay(msgspec.structs.replace(CASE, draft=replace(CASE.draft, **change)), model, suite)
    assert isinstance(done.result, Stale)
    assert said_of_it in done.result.why
    assert "case" in done.result.changed


def test_path_and_sampling_must_fit_too(server: FakeServer, model: Model, suite: running.Suite) -> None:
    """The body holds the sampling, so another temperature is another question; so is another path."""
    kept = cassettes.load(recorded(server, model, suite))
    asked = kept.exchanges[0].body["messages"]
    prompt = Prompt(asked[0]["content"], asked[1]["content"], temperature=0.0, seed=100)
    quiet = tape.asking_from(kept, model)
    for path, question, fits in (
        ("/v1", prompt, True),
        ("/v1", replace(prompt, temperature=0.1), False),
        ("/v2", prompt, False),
    ):
        with open_at(Endpoint(tape.PLACE + path), quiet) as ask:
            if fits:
                with tape.replaying(kept):
                    assert ask(question).text == GOOD
            else:
                with pytest.raises(StaleCassette), tape.replaying(kept):
                    ask(question)


def test_another_file_or_way_is_stale(server: FakeServer, model: Model, suite: running.Suite) -> None:
    """The same questions, but another model's answers: not to be trusted."""
    recorded(server, model, suite)
    other = msgspec.structs.replace(model, sha256="0" * 64)
    way = msgspec.structs.replace(model, way="pieces")
    assert running.replay(CASE, other, suite).result.why == "recorded with another model file"
    assert running.replay(CASE, way, suite).result.why == "recorded in the whole way"
    assert running.replay(CASE, msgspec.structs.replace(model, name="none"), suite).result.why == "no cassette"


def test_a_cut_answer_is_recorded_as_it_was(server: FakeServer, model: Model, suite: running.Suite) -> None:
    """The model's failure is part of the recording: in replay it fails again, and says why."""
    server.turns = [said("Hello Dr.", finish="length")]
    with running.asking(model) as ask:
        running.record(CASE, model, suite, ask)
    again = running.replay(CASE, model, suite).result
    assert isinstance(again, Score)
    assert again.outcome == "failed"
    assert "cut off" in again.error
    assert again.values["failed"] == 1
    assert again.after.strip() == CASE.draft.text.strip()


def test_new_rules_judge_old_answers(server: FakeServer, model: Model, suite: running.Suite, tmp_path: Path) -> None:
    """A rescore asks nothing and needs no matching request: a rule of the user's finds what was said long ago."""
    recorded(server, model, suite)
    page = tmp_path / "house.toml"
    page.write_text(
        '[no-foam]\nsource = "B-end"\nseverity = "error"\nadvice = "Say nothing of foam."\nwhy = "w"\n'
        'message = "{found}"\ncheck.phrases.any_of = ["foam"]\n',
        "utf-8",
    )
    sent = len(server.sent)
    strict = replace(suite, book=rulebook.load([page]))
    assert "no-foam" in running.rescore(CASE, model, strict).introduced
    again = running.rescore(CASE, model, suite)
    assert again.introduced == ()
    assert again.values["tokens"] == running.replay(CASE, model, suite).result.values["tokens"] > 0
    assert len(server.sent) == sent


ODD = st.text(st.characters(codec="utf-8", exclude_characters="\r\x85\u2028\u2029\ufeff"), max_size=60)


@settings(max_examples=200)
@given(subject=ODD, text=ODD, told=st.lists(ODD, max_size=4))
def test_every_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, subject: str, text: str, told: list[str]
) -> None:
    """Trailing spaces, quotation marks, control characters, emoji: what is saved is what is loaded."""
    kept = Cassette(
        case="c",
        model="m",
        model_id="m",
        model_file="",
        way="whole",
        engine="e",
        recorded=date(2026, 1, 2),
        seconds=1.5,
        prints={"kind": "00000000"},
        turns=[Turn(subject=subject, text=text)],
        exchanges=[
            Exchange(
                method="POST",
                path="/v1/chat/completions",
                body={"messages": [{"content": "\n".join(told)}], "n": 1},
                status=200,
                answer={"choices": [text]},
            )
        ],
    )
    place = tmp_path_factory.mktemp("c") / "c.yaml"
    cassettes.save(kept, place)
    assert cassettes.load(place) == kept


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    """Name and remedy, for YAML that is broken and for YAML of another shape."""
    place = tmp_path / "c.yaml"
    for text in ("a: [", "a: 1", "\x00"):
        place.write_text(text, "utf-8")
        with pytest.raises(CaseError, match=r"c\.yaml: not a cassette.*--record c"):
            cassettes.load(place)


def test_the_hosts_are_not_matched(server: FakeServer, model: Model, suite: running.Suite) -> None:
    """The embedded server's port changes at every start: a recording holds none and asks for none."""
    recorded(server, model, suite)
    elsewhere = msgspec.structs.replace(model, base_url="http://127.0.0.1:9/v1")
    assert isinstance(running.replay(CASE, elsewhere, suite).result, Score)


def test_drafts_that_need_no_model_have_an_empty_recording(model: Model, suite: running.Suite) -> None:
    """A clean draft is asked nothing, and its recording says so."""

    def nobody(_: Prompt) -> None:
        raise AssertionError("asked")

    done = running.record(CLEAN, model, suite, nobody)
    assert done.outcome == "untouched"
    assert cassettes.load(suite.cassette(CLEAN, model)).exchanges == []
