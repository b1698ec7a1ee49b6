"""The engine over the Batch API: the same texts as with threads, nothing paid twice, and how it fails."""

import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pipeline.batch.asking import Meter, NoModel
from pipeline.batch.engines import post as posts
from pipeline.batch.engines.post import Post
from pipeline.batch.ledger import FOLDER, NAME, Ledger
from pipeline.batch.nouns import Used
from pipeline.batch.rows import Attempt, Question, Sent
from pipeline.batch.stops import heeded
from pipeline.domain import Prompt, Reply
from pipeline.errors import ModelUnavailable
from pipeline.models.jobs import Jobs, open_jobs
from tests.batch.batch_server import BatchServer, Body, Refused, chat, error, running
from tests.batch.yard import MODEL, Scripted, by_post, elsewhere, go, library, outcomes, texts
from tests.commands import COMMAND, Call


@pytest.fixture
def server() -> Iterator[BatchServer]:
    """A server with the Batch API, gone after the test; it must never have had to refuse a thing unasked."""
    with running(BatchServer()) as one:
        yield one


def uploads(server: BatchServer) -> list[int]:
    """How many requests each uploaded file held."""
    return [len(data.splitlines()) for purpose, data in server.files.values() if purpose == "batch"]


def twice(server: BatchServer) -> list[str]:
    """What was paid more than once, when every batch has come to its end."""
    server.finish()
    return [name for name, times in server.paid.items() if times > 1]


def test_the_same_as_with_threads(tmp_path: Path, server: BatchServer) -> None:
    """The same texts, each question once; a second run sends nothing."""
    asked = Scripted()
    go(library(tmp_path / "threads", 12), asked)
    done = by_post(library(tmp_path / "post", 12), server.base_url)
    assert texts(tmp_path / "post") == texts(tmp_path / "threads")
    assert outcomes(done).count("improved") == 10
    assert server.paid.total() == len(server.paid) == len(asked.asked)
    assert server.refused == []
    assert len(server.batches) < 5
    before = len(server.asked)
    again = by_post(tmp_path / "post", server.base_url)
    assert outcomes(again) == ["unchanged" if one == "improved" else one for one in outcomes(done)]
    assert len(server.asked) == before


def test_a_file_holds_no_more_than_it_may(tmp_path: Path, server: BatchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """By bytes; one batch for each file, all under way at once."""
    monkeypatch.setattr(posts, "BYTES", 10_000)
    library(tmp_path, 9)
    by_post(tmp_path, server.base_url)
    sizes = [len(data) for purpose, data in server.files.values() if purpose == "batch"]
    assert len(sizes) > 3
    assert all(size <= 10_000 for size in sizes)
    assert twice(server) == []


def test_a_window_of_templates(tmp_path: Path, server: BatchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more templates are under way than a batch takes, and the rows keep their order."""
    monkeypatch.setattr("pipeline.batch.engines.rounds.REQUESTS", 3)
    server.most = 3
    done = by_post(library(tmp_path / "post", 9), server.base_url)
    go(library(tmp_path / "threads", 9), Scripted())
    assert texts(tmp_path / "post") == texts(tmp_path / "threads")
    assert max(uploads(server)) == 3
    assert outcomes(done).count("left") == 0


def test_what_expired_is_asked_again(tmp_path: Path, server: BatchServer) -> None:
    """With what was answered kept, and paid once; what expires time and again fails with the reason."""
    seen: set[str] = set()

    def once(name: str) -> bool:
        late = name not in seen and int(name, 16) % 2 == 0
        seen.add(name)
        return late

    server.expires = once
    go(library(tmp_path / "threads", 9), Scripted())
    by_post(library(tmp_path / "post", 9), server.base_url)
    assert texts(tmp_path / "post") == texts(tmp_path / "threads")
    assert any(one.status == "expired" for one in server.batches.values())
    assert twice(server) == []
    before = len(server.batches)
    server.expires = lambda _: True
    done = by_post(library(tmp_path / "late", 2), server.base_url, meter=Meter())
    (error,) = {row.result.error for row in done if row.result}  # type: ignore[union-attr]
    assert outcomes(done) == ["failed", "failed"]
    assert "batch_expired: not executed in time" in error
    assert len(server.batches) == before + posts.TRIES
    server.expires = lambda _: False
    assert "failed" not in outcomes(by_post(tmp_path / "late", server.base_url))


def test_requests_that_fail(tmp_path: Path, server: BatchServer) -> None:
    """A fault that will stay fails its template at once, one that may pass is asked again, a refusal is an answer."""
    tries: list[str] = []

    def moody(body: Body) -> tuple[int, Body]:
        user = body["messages"][1]["content"]
        if "post on rivers" in user:
            tries.append("rivers")
            return error(400, "too long", "context_length_exceeded")
        if "post on bridges" in user and tries.count("bridges") < 1:
            tries.append("bridges")
            return error(503, "overloaded")
        if "post on harbours" in user:
            return error(400, "against policy", "content_filter")
        status, made = chat(body)
        if "post on tides" in user:
            made["choices"][0]["finish_reason"] = "length"
        return status, made

    server.answers = moody
    done = by_post(library(tmp_path, 4), server.base_url)
    assert outcomes(done) == ["failed", "failed", "improved", "failed"]
    errors = [row.result.error for row in done if row.result]  # type: ignore[union-attr]
    assert "cut off at its limit" in errors[0]
    assert "(400: too long)" in errors[1]
    assert "declined: against policy" in errors[3]
    assert tries == ["rivers", "bridges"]
    assert twice(server) == []


def test_a_file_that_is_refused_as_a_whole(tmp_path: Path, server: BatchServer) -> None:
    """Three times, then its templates fail and say why; nothing was paid."""
    server.judge = lambda _: {"code": "model_not_found", "message": "no such model in batches", "line": 1}
    done = by_post(library(tmp_path, 2), server.base_url)
    assert outcomes(done) == ["failed", "failed"]
    assert "ended as failed (no such model in batches)" in done[0].result.error  # type: ignore[union-attr]
    assert len(server.batches) == posts.TRIES
    assert not server.paid


def test_a_full_queue_takes_smaller_batches(tmp_path: Path, server: BatchServer) -> None:
    """Where a batch does not fit into the provider's queue it is halved, one at a time, and nobody fails."""
    full = {"code": "token_limit_exceeded", "message": "enqueued token limit reached", "line": None}
    server.judge = lambda lines: full if len(lines) > 2 else None
    done = by_post(library(tmp_path, 9), server.base_url)
    assert set(outcomes(done)) == {"improved", "clean"}
    assert max(len(data.splitlines()) for name, (_, data) in server.files.items() if "output" not in name) == 8
    assert twice(server) == []


def test_budgets_hold_before_anything_is_sent(tmp_path: Path, server: BatchServer) -> None:
    """What may cost more than is left is not sent; the runs together pay for each question once."""
    go(library(tmp_path / "threads", 6), Scripted())
    folder = library(tmp_path / "post", 6)
    nothing = Meter(tokens=500)
    assert "improved" not in outcomes(by_post(folder, server.base_url, meter=nothing))
    assert "may not last" in nothing.why
    assert not server.files
    runs = 0
    while True:
        meter = Meter(tokens=5000)
        done = outcomes(by_post(folder, server.base_url, meter=meter))
        assert meter.used.tokens <= 5000
        runs += 1
        if "left" not in done:
            break
    assert runs > 1
    assert twice(server) == []
    assert texts(folder) == texts(tmp_path / "threads")


def test_money_too(tmp_path: Path, server: BatchServer) -> None:
    """US dollars by the meter's price."""
    meter = Meter(dollars=0.01, price=(1.0, 4.0))
    done = outcomes(by_post(library(tmp_path, 9), server.base_url, meter=meter))
    assert "left" in done
    assert 0 < meter.spent <= 0.01


def test_too_many_failures_stop_the_run(tmp_path: Path, server: BatchServer) -> None:
    """The rest is left."""
    server.answers = lambda _: error(400, "no")
    meter = Meter(failures=2)
    done = outcomes(by_post(library(tmp_path, 9), server.base_url, meter=meter))
    assert (done.count("failed"), done.count("left"), done.count("clean")) == (2, 6, 1)
    assert "failed on 2" in meter.why


@pytest.mark.parametrize("lost", ["answer", "request"])
def test_a_lost_answer_begins_nothing_twice(tmp_path: Path, server: BatchServer, lost: str) -> None:
    """Where the server fails before or after it began a batch, that is looked for before another is begun."""
    failures = iter([True])

    def after(method: str, path: str, when: str) -> None:
        if (method, path, when) == ("POST", "/batches", "after" if lost == "answer" else "before") and next(
            failures, False
        ):
            raise Refused(502, "bad gateway")

    server.moment = after
    go(library(tmp_path / "threads", 3), Scripted())
    by_post(library(tmp_path / "post", 3), server.base_url)
    assert texts(tmp_path / "post") == texts(tmp_path / "threads")
    assert server.refused == ["bad gateway"]
    assert twice(server) == []
    marks = [one.metadata["tactful"] for one in server.batches.values()]
    assert len(set(marks)) == len(marks)


def test_one_begun_twice_is_cancelled(tmp_path: Path, server: BatchServer) -> None:
    """Where a lost request came late and both began a batch, the earlier one goes on and the other is stopped."""
    begun: list[str] = []

    def doubled(method: str, path: str, when: str) -> None:
        if (method, path, when) == ("POST", "/batches", "after") and not begun:
            first = next(reversed(server.batches.values()))
            late = server._create({"input_file_id": first.file, "endpoint": "/v1/chat/completions"} | WISH)
            server.batches[late["id"]].metadata = first.metadata
            begun.extend([first.id, late["id"]])
            raise Refused(502, "bad gateway")

    server.moment = doubled
    by_post(library(tmp_path, 3), server.base_url)
    assert server.batches[begun[0]].status == "completed"
    assert server.batches[begun[1]].status == "cancelled"
    assert twice(server) == []


WISH = {"completion_window": "24h"}


def test_a_server_that_is_away_for_a_while(tmp_path: Path, server: BatchServer) -> None:
    """429 with Retry-After and faults are waited out, also while a batch is looked at."""
    answers = iter([429, 200, 429, 200, 500, 200, 503, 503])

    def upset(_: str, __: str) -> None:
        if (status := next(answers, 200)) != 200:
            raise Refused(status, "not now", retry_after_ms="20")

    server.upset = upset
    done = by_post(library(tmp_path, 3), server.base_url)
    assert outcomes(done) == ["improved"] * 3
    assert len(server.refused) == 5
    assert twice(server) == []


def test_a_server_that_stays_away_ends_the_run(tmp_path: Path, server: BatchServer) -> None:
    """With one line; the batch is collected by the next run."""
    library(tmp_path, 3)

    def upset(_: str, path: str) -> None:
        if path.startswith("/batches/"):
            raise Refused(500, "gone", retry_after_ms="1")

    server.upset = upset
    with pytest.raises(NoModel, match="failed, also when asked again"):
        by_post(tmp_path, server.base_url)
    server.upset = lambda *_: None
    assert outcomes(by_post(tmp_path, server.base_url)) == ["improved"] * 3
    assert twice(server) == []


def test_a_server_without_the_batch_api(tmp_path: Path, server: BatchServer) -> None:
    """Is told as that, and not as a model that is missing."""

    def upset(_: str, __: str) -> None:
        raise Refused(404, "not found")

    server.upset = upset
    with pytest.raises(NoModel, match=r"has no /v1/files .* is it a server with the Batch API"):
        by_post(library(tmp_path, 1), server.base_url)


def test_ctrl_c_leaves_the_batch(tmp_path: Path, server: BatchServer) -> None:
    """The run ends at once and says so; the next one collects and pays for nothing again."""
    server.steps = ("validating", *["in_progress"] * 300, "completed")
    library(tmp_path, 3)
    meter, told = Meter(), list[str]()

    def interrupt() -> None:
        while len(server.asked) < 5:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with heeded(meter, told.append):
        done = by_post(
            tmp_path,
            server.base_url,
            meter=meter,
            told=told,
            on_wait=lambda _: meter.heed(),
        )
    assert outcomes(done) == ["left"] * 3
    assert any("went out as batch_0" in one for one in told)
    assert told[-1] == "still under way at scripted: batch_0; run again to collect it"
    server.steps = ("validating", "completed")
    assert outcomes(by_post(tmp_path, server.base_url)) == ["improved"] * 3
    assert twice(server) == []


def test_a_batch_of_long_ago_is_given_up(tmp_path: Path, server: BatchServer) -> None:
    """Its files are deleted by then: its questions are asked again."""
    library(tmp_path, 1)

    def stop(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        by_post(tmp_path, server.base_url, on_wait=stop)
    with sqlite3.connect(tmp_path / FOLDER / NAME) as db:
        db.execute("UPDATE batch SET at = '2026-01-01T00:00:00+00:00', id = 'batch_gone'")
    db.close()
    assert outcomes(by_post(tmp_path, server.base_url)) == ["improved"]


def test_answers_are_kept_by_one_run_only(tmp_path: Path) -> None:
    """Who comes second is told so, and adds nothing."""
    question = Question("k", "p", "r", "whole")
    with Ledger(tmp_path) as ledger:
        ledger.send(Sent("b", "", "2026-11-22T00:00:00+00:00", Used(1, 2, 3)), "m", "http://x", [question])
        assert ledger.under_way("p")
        assert [ledger.collected("b", [Attempt(question, Reply("Hi"))]) for _ in range(2)] == [True, False]
        assert (ledger.under_way("p"), ledger.questions("b"), ledger.batches("m", "http://x")) == (False, [], [])
        answered = ledger.answer("p")
        assert answered
        assert answered.reply.text == "Hi"
    with sqlite3.connect(tmp_path / FOLDER / NAME) as db:
        assert db.execute("SELECT count(*) FROM attempt").fetchall() == [(1,)]
    db.close()


def test_a_ledger_of_an_older_program_is_kept(tmp_path: Path, server: BatchServer) -> None:
    """Without the tables of the batches it is read, and they are added."""
    library(tmp_path, 3)
    go(tmp_path, Scripted())
    with sqlite3.connect(tmp_path / FOLDER / NAME) as db:
        db.executescript("DROP TABLE batch; DROP TABLE question; PRAGMA user_version = 2")
    db.close()
    with Ledger(tmp_path) as ledger:
        assert len(list(ledger.results())) == 3
        assert ledger.batches("scripted", "") == []
    assert not any(row.fresh for row in go(tmp_path, Scripted()))  # type: ignore[union-attr]


def test_killed_at_every_moment() -> None:
    """Before and after each request and each write: the same texts and results, and nothing paid twice."""
    assert "none paid twice" in elsewhere("tests.batch.kill_rounds", "9")


# ── The command ───────────────────────────────────────────────────────────────────────────────────────────────────────

ENGINE = ("--engine", "batch-api", "--model", "ours")


def settings(folder: Path, server: BatchServer) -> None:
    """A model with a price at the server."""
    (folder / "tactful.toml").write_text(
        f'[models.ours]\nbase_url = "{server.base_url}"\nid = "x"\nprice_in = 2.0\nprice_out = 4.0\n', "utf-8"
    )


def test_the_command_pays_half(tactful: Call, folder: Path, server: BatchServer) -> None:
    """In the estimate and in what was spent."""
    library(folder / "lib", 6)
    settings(folder, server)
    server.steps = ("validating", "completed")
    full = json.loads(tactful("batch", "lib", "--estimate", "--model", "ours", "--json").out)["estimate"]
    half = json.loads(tactful("batch", "lib", "--estimate", *ENGINE, "--json").out)["estimate"]
    assert half["usd"] == pytest.approx(full["usd"] / 2, abs=1e-4)
    assert "in batches of up to 24 hours" in tactful("batch", "lib", "--estimate", *ENGINE).out
    told = tactful("batch", "lib", "--in-place", *ENGINE, "--json")
    summary = json.loads(told.out)["summary"]
    assert summary["outcomes"] == {"improved": 5, "clean": 1}
    assert summary["usd"] == pytest.approx((summary["tokens"]["in"] + summary["tokens"]["out"] * 2) / 1e6, abs=1e-4)
    assert "5 questions went out as batch_0" in told.err
    assert "went out" not in tactful("batch", "lib", "--in-place", *ENGINE).err


def test_only_servers_have_it(tactful: Call, folder: Path) -> None:
    """The embedded model and none at all are refused, on one line, before anything is done."""
    library(folder / "lib", 1)
    for name in ("smollm2-135m", "none"):
        told = tactful("batch", "lib", "--in-place", "--engine", "batch-api", "--model", name)
        assert (told.code, len(told.err.splitlines())) == (2, 1)
        assert "has no Batch API" in told.err
    assert not (folder / "lib" / ".tactful").exists()


def test_ctrl_c_and_the_other_engine(folder: Path, tactful: Call, server: BatchServer) -> None:
    """The command ends within a second or so, with 130; a run with threads says what is under way."""
    library(folder / "lib", 3)
    settings(folder, server)
    server.steps = ("validating", *["in_progress"] * 999)
    command = [*COMMAND, "batch", "lib", "--in-place", *ENGINE]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while len(server.asked) < 4:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        _, told = process.communicate(timeout=20)
        assert time.monotonic() - begun < 5
    assert process.returncode == 130
    assert "still under way at ours: batch_0; run again to collect it" in told
    other = tactful("batch", "lib", "--in-place", "--model", "ours")
    assert "still under way at ours: batch_0; --engine batch-api collects what is paid for" in other.err
    server.steps = ("validating", "completed")
    assert tactful("batch", "lib", "--in-place", *ENGINE).code in {0, 1}
    assert twice(server) == []


def test_two_runs_at_once_send_each_question_once(folder: Path, server: BatchServer) -> None:
    """While one sends, the other waits, though it would send the same; then either collects, and one keeps it."""
    library(folder / "lib", 6)
    settings(folder, server)
    server.steps = ("validating", "completed")
    second = threading.Event()

    def linger(method: str, path: str, when: str) -> None:
        if (method, path, when) == ("POST", "/files", "before"):
            if server.asked:
                second.set()
            else:
                server.asked.append(("POST", "begun"))
                second.wait(8)

    server.moment = linger
    command = [*COMMAND, "batch", "lib", "--in-place", *ENGINE]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [one.communicate(timeout=90) for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    assert twice(server) == []
    with sqlite3.connect(folder / FOLDER / NAME) as db:
        answered = [row[0] for row in db.execute("SELECT prompt FROM attempt").fetchall()]
    db.close()
    assert len(answered) == len(set(answered)) == len(server.paid)
    assert all(b"stayed with me" in text or b"changed how" in text for text in texts(folder / "lib").values())


def same_ids(jobs: Jobs) -> Jobs:
    """The Batch API, where every question has one id."""

    class Same(Jobs):
        def line(self, key: str, prompt: Prompt) -> bytes:
            return Jobs.line(self, key[:0] + "same", prompt)

    return Same(jobs.connection, jobs.name)


def test_two_questions_under_one_id_would_be_refused(server: BatchServer, tmp_path: Path) -> None:
    """The control: the server sees it, and the template says so."""

    def worse(post: Post) -> None:
        opened = post.opened
        post.opened = lambda: same_ids(opened())

    done = by_post(library(tmp_path, 2), server.base_url, changed=worse)
    assert "this custom_id is there already" in done[0].result.error  # type: ignore[union-attr]


LINE = b'{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"x","messages":[]}}\n'


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (LINE + LINE, "duplicate_custom_id"),
        (LINE.replace(b"/v1/chat", b"/v1/other"), "invalid_url"),
        (LINE + LINE.replace(b'"x"', b'"y"').replace(b'"a"', b'"b"'), "mismatched_model"),
        (b"".join(LINE.replace(b'"a"', b'"%d"' % number) for number in range(4)), "too_many_tasks"),
        (LINE, ""),
    ],
)
def test_the_server_judges_files_as_the_real_one(server: BatchServer, file: bytes, code: str) -> None:
    """The control: what must not be in a file fails the batch, and a sound file does not."""
    server.most = 3
    with open_jobs(msgspec.structs.replace(MODEL, base_url=server.base_url, id="x")) as jobs:
        job = jobs.create(jobs.upload([file]), "mark")
        job = jobs.job(job.id)
        assert (job.fault.code if job.fault else "") == code
        assert job.over is bool(code)


def test_the_server_judges_requests_as_the_real_one(server: BatchServer) -> None:
    """The control: another purpose, endpoint or file, and a page that is too long, are refused."""
    with open_jobs(msgspec.structs.replace(MODEL, base_url=server.base_url, id="x", retries=0)) as jobs:
        file, wish = jobs.upload([LINE]), {"completion_window": "24h", "endpoint": "/v1/chat/completions"}
        for path, body, fault in (
            ("/batches", wish | {"input_file_id": file, "endpoint": "/v1/edits"}, "wrong endpoint"),
            ("/batches", wish | {"input_file_id": "file-9"}, "no such file"),
            ("/batches", wish | {"input_file_id": file, "metadata": {"x" * 65: ""}}, "too large"),
            ("/batches?limit=101", None, "from 1 to 100"),
        ):
            with pytest.raises(ModelUnavailable, match=fault):
                jobs.connection.request(path, body)
        with pytest.raises(ModelUnavailable, match="is not 'batch'"):
            jobs.connection.request("/files", {"purpose": "assistants"}, file=LINE)
