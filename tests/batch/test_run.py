"""A run in place over a folder with a scripted model: what is asked, what is kept, what is written, what is left."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from pipeline import rulebook
from pipeline.acts import read
from pipeline.batch import keys, run, session, stops
from pipeline.batch.asking import Meter, NoModel
from pipeline.batch.choice import Choice
from pipeline.batch.engines.threads import Threads
from pipeline.batch.nouns import Outcome, Row
from pipeline.batch.write import InPlace
from pipeline.desk import Desk
from pipeline.domain import Brief, Draft, Prompt, Reply
from pipeline.drafts import Header
from pipeline.errors import EmptyReply, ModelUnavailable
from pipeline.fields import changes
from pipeline.library import Columns, Fault
from pipeline.models.chat import Answer
from pipeline.models.client import open_model
from pipeline.revise import forms
from pipeline.revise.forms import Forms
from pipeline.settings import Settings
from tests.batch.yard import (
    BETTER,
    BOOK,
    MODEL,
    WALK,
    Scripted,
    answer,
    elsewhere,
    go,
    library,
    outcomes,
    scripted,
    template,
    texts,
)


def rows(some: list[Row | Fault]) -> list[Row]:
    """The rows without faults of files."""
    return [one for one in some if isinstance(one, Row)]


def test_a_second_run_asks_nothing_and_changes_nothing(tmp_path: Path) -> None:
    """What was improved is known by its new text too."""
    library(tmp_path, 12)
    first, second = Scripted(), Scripted()
    before = texts(tmp_path)
    done = go(tmp_path, first)
    after = texts(tmp_path)
    assert outcomes(done).count("improved") == 10
    assert outcomes(done).count("clean") == 2
    assert first.asked
    assert after != before
    again = go(tmp_path, second)
    assert second.asked == []
    assert not any(row.fresh for row in rows(again))
    assert texts(tmp_path) == after
    assert [one.task.path for one in rows(again)] == sorted(one.task.path for one in rows(again))


def test_threads_read_only_structs_that_are_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run's threads read is of the types that `tables.ready` is on: any other may end the process."""
    read: set[object] = set()

    def spied(name: str, module: ModuleType) -> None:
        plain = getattr(module, name)

        def spy(value: object, kind: object = None, **named: object) -> object:
            if threading.current_thread() is not threading.main_thread():
                read.add(kind or named["type"])
            return plain(value, **({"type": kind} | named))

        monkeypatch.setattr(module, name, spy)

    spied("convert", msgspec)
    spied("decode", msgspec.json)
    forms.load.cache_clear()
    with scripted() as served, open_model(served.model) as ask:
        go(library(tmp_path / "whole", 6), ask)
        go(library(tmp_path / "pieces", 6), ask, model=msgspec.structs.replace(served.model, way="pieces"))
    assert read == {Answer, Brief, Forms, Header}


def test_fields_stay(tmp_path: Path) -> None:
    """Every merge field of every template is where it was in name and number."""
    library(tmp_path, 12)
    before = {name: text.decode() for name, text in texts(tmp_path).items()}
    go(tmp_path, Scripted())
    for name, text in texts(tmp_path).items():
        assert not changes(before[name], text.decode())


def test_an_edited_rule_runs_only_its_own_templates(tmp_path: Path) -> None:
    """A rule of the user's for e-mails: edited, it makes e-mails run again and nothing else."""
    library(tmp_path / "library", 12, lambda number: "email" if number % 3 == 0 else "message")
    page = tmp_path / "ours.toml"
    page.write_text(RULE.replace("WORD", "ferries"), "utf-8")
    go(tmp_path / "library", Scripted(), book=rulebook.load([page]))
    again = go(tmp_path / "library", Scripted(), book=rulebook.load([page]))
    assert not any(row.fresh for row in rows(again))
    page.write_text(RULE.replace("WORD", "barges"), "utf-8")
    edited = go(tmp_path / "library", Scripted(), book=rulebook.load([page]))
    assert {row.result.kind for row in rows(edited) if row.fresh and row.result} == {"email"}
    assert sum(row.fresh for row in rows(edited)) == 4


RULE = """
[no-such-word]
source = "B-end"
severity = "hint"
advice = "Leave the word out"
why = "a test"
message = "'{found}' is named"
kinds = ["email"]
check.phrases.any_of = ["WORD"]
bad = ["The WORD are here."]
good = ["Nothing is here."]
"""


@pytest.mark.parametrize("other", [{"seed": 1}, {"rounds": 1}, {"candidates": 2}])
def test_another_sampling_is_another_result(tmp_path: Path, other: dict[str, int]) -> None:
    """Seed, rounds and candidates are part of the key."""
    library(tmp_path, 2)
    go(tmp_path, Scripted())
    assert all(row.fresh for row in rows(go(tmp_path, Scripted(), walk={**WALK, **other})))


def test_equal_templates_are_worked_on_once(tmp_path: Path) -> None:
    """The same message in two files costs the calls of one."""
    one = library(tmp_path / "one", 1)
    alone = Scripted()
    text = texts(one)["part-00/000.md"]
    go(one, alone)
    for name in "abcdef":
        (tmp_path / "six").mkdir(exist_ok=True)
        (tmp_path / "six" / f"{name}.md").write_bytes(text)
    six = Scripted()
    done = go(tmp_path / "six", six, jobs=6)
    assert len(six.asked) == len(alone.asked)
    assert outcomes(done) == ["improved"] * 6


def test_a_hard_finding_keeps_the_file_as_it_is(tmp_path: Path) -> None:
    """What still has an error is refused and not written."""
    library(tmp_path, 1)
    before = texts(tmp_path)
    done = go(tmp_path, lambda _: Reply("Hi {{first_name}}, answer ASAP! I came across your profile. {{signature}}"))
    assert outcomes(done) == ["refused"]
    assert texts(tmp_path) == before


def test_a_failure_is_one_row_and_is_tried_again(tmp_path: Path) -> None:
    """The others go on; the next run asks for the failed one alone."""
    library(tmp_path, 6)

    def moody(prompt: Prompt) -> Reply:
        if "rivers" in prompt.user:
            raise EmptyReply("nothing came")
        return answer(prompt)

    done = go(tmp_path, moody)
    assert outcomes(done).count("failed") == 1
    assert outcomes(done).count("improved") == 4
    second = Scripted()
    again = go(tmp_path, second)
    assert sum(row.fresh for row in rows(again)) == 1
    assert "failed" not in outcomes(again)
    assert all("rivers" in prompt.user for prompt in second.asked)


def test_too_many_failures_stop_the_run(tmp_path: Path) -> None:
    """The rest is left, and the meter says why."""

    def broken(_: Prompt) -> Reply:
        raise ModelUnavailable("gone")

    library(tmp_path, 12)
    meter = Meter(failures=2)
    done = outcomes(go(tmp_path, broken, meter=meter, jobs=1))
    assert done.count("failed") == 2
    assert done.count("left") == 10
    assert "failed on 2" in meter.why


def test_a_model_that_cannot_be_opened_ends_the_run(tmp_path: Path) -> None:
    """No template is reported as failed for it."""

    def shut(_: object) -> None:
        raise ModelUnavailable("no such file")

    library(tmp_path, 3)
    meter = Meter()
    with (
        session.bench(Desk(Settings(), BOOK), keys.recipe(BOOK, MODEL, WALK), tmp_path, meter, shut) as bench,
        pytest.raises(NoModel, match="no such file"),
    ):
        list(run.rows(Choice(tmp_path, Columns()).parts(), Threads(bench.work, meter), InPlace(bench.claims)))


def test_clean_libraries_open_no_model(tmp_path: Path) -> None:
    """What needs no mending asks nothing."""
    library(tmp_path, 5)
    for name in ("000", "001", "002"):
        (tmp_path / "part-00" / f"{name}.md").unlink()
    (tmp_path / "part-01" / "003.md").unlink()
    asked = Scripted()
    assert outcomes(go(tmp_path, asked)) == ["clean"]
    assert asked.asked == []


def test_a_budget_stops_and_the_next_run_goes_on(tmp_path: Path) -> None:
    """Calls that were paid are not paid again; together the runs ask what one run would."""
    whole = Scripted()
    go(library(tmp_path / "whole", 10), whole)
    folder = library(tmp_path / "parts", 10)
    one = answer(whole.asked[0])
    parts, runs = Scripted(), 0
    while True:
        meter = Meter(tokens=3 * (one.tokens_in + one.tokens_out))
        done = outcomes(go(folder, parts, meter=meter, jobs=2))
        runs += 1
        if "left" not in done:
            break
        assert "budget" in meter.why
    assert runs > 3
    assert sorted(prompt.user for prompt in parts.asked) == sorted(prompt.user for prompt in whole.asked)
    assert texts(folder) == texts(tmp_path / "whole")


def test_money_is_counted_by_the_price(tmp_path: Path) -> None:
    """US dollars a million tokens, in and out."""
    meter = Meter(dollars=0.0001, price=(1.0, 2.0))
    done = outcomes(go(library(tmp_path, 10), Scripted(), meter=meter, jobs=1))
    assert "left" in done
    assert 0.0001 <= meter.spent < 0.002


def test_ctrl_c_drains(tmp_path: Path) -> None:
    """What is under way is finished and written; the rest is left, and the next run goes on."""
    library(tmp_path, 10)
    meter, told = Meter(), []

    def interrupting(prompt: Prompt) -> Reply:
        if not meter.interrupted and not told:
            os.kill(os.getpid(), signal.SIGINT)
            while not told:
                pass
        return answer(prompt)

    with stops.heeded(meter, told.append):
        done = outcomes(go(tmp_path, interrupting, meter=meter, jobs=1))
    assert (done[0], set(done[1:])) == ("improved", {"left"})
    assert len(told) == 1
    assert "left" not in outcomes(go(tmp_path, Scripted()))


@pytest.mark.parametrize("what", [["10"], ["two"]], ids=["killed ten times", "two at once"])
def test_disturbed_runs_come_to_the_same(what: list[str]) -> None:
    """Killed at random moments, or beside another run: the same texts and results, and no call paid twice."""
    assert "paid twice" in elsewhere("tests.batch.kill", *what)


def test_rows_come_in_order(tmp_path: Path) -> None:
    """However long single templates take."""
    library(tmp_path, 9)
    done = rows(go(tmp_path, Scripted(), jobs=8))
    assert [row.task.path for row in done] == sorted(row.task.path for row in done)
    assert {row.outcome for row in done} <= {Outcome.IMPROVED, Outcome.CLEAN}


def test_a_subject_without_a_place_does_not_count(tmp_path: Path) -> None:
    """An e-mail whose file has no subject: what is kept and judged is what can be written."""
    text = template(0, "email")
    (tmp_path / "mail.md").write_text(text, "utf-8")

    def writes_a_subject(_: Prompt) -> Reply:
        return Reply("Subject: Your post on tides\n\n" + BETTER.format(topic="tides", thanks=""))

    (row,) = rows(go(tmp_path, writes_a_subject))
    assert row.result
    assert row.result.after.subject == ""
    assert "missing-subject" in row.result.left
    assert "Subject:" not in (tmp_path / "mail.md").read_text("utf-8")


def test_reading_in_threads() -> None:
    """What was taken apart last is each thread's own."""
    drafts = [Draft(f"Hi Ana, note {number}.", BOOK.kinds["message"]) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda draft: read(draft).draft, drafts * 20))
    assert found == drafts * 20
