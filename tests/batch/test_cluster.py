"""The engine of many computers with its workers in this process: what is sent, what is kept, and what ends a run."""

import pickle
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import msgspec
import pytest

from pipeline.batch.asking import Door, Meter
from pipeline.batch.engines.cluster import TRIES, Cluster, Errand, Pool, Worker
from pipeline.batch.engines.threads import Threads
from pipeline.batch.ledger import FOLDER, NAME, Ledger
from pipeline.batch.nouns import Place, Row
from pipeline.batch.work import Bench, Job
from pipeline.domain import Ask
from pipeline.errors import EngineError, ModelUnavailable
from pipeline.models import Model
from pipeline.models.client import open_model
from tests.batch.kill import results
from tests.batch.yard import WALK, Served, go, library, outcomes, scripted, template, texts


@pytest.fixture
def served() -> Iterator[Served]:
    """The scripted model."""
    with scripted() as one:
        yield one


class Mixed:
    """A pool of one worker here, whose parcels come back last first; everything goes through pickle, as over Ray."""

    def __init__(self, errand: Errand, meter: Meter) -> None:
        self.worker = Worker(errand, lambda: meter.draining)
        self.parcels: list[bytes] = []
        self.given: list[Job] = []

    def give(self, parcel: bytes) -> None:
        """Lay it down."""
        self.given += [job for job, _ in pickle.loads(parcel)]
        self.parcels.append(parcel)

    def take(self) -> bytes:
        """Do the last one."""
        return self.worker(self.parcels.pop(), 1)

    def close(self) -> None:
        """The model is closed."""
        self.worker.door.stack.close()


POOLS: list[Mixed] = []


def mixed(bench: Bench) -> Cluster:
    """An engine over such a pool; it is the last one of POOLS when it is begun."""

    def begin() -> Pool:
        POOLS.append(Mixed(Errand(bench.desk, bench.recipe), bench.meter))
        return POOLS[-1]

    return Cluster(bench, begin, 2)


def untouched(bench: Bench) -> Cluster:
    """An engine that needs no worker."""

    def begin() -> Pool:
        raise AssertionError("a worker was wanted")

    return Cluster(bench, begin, 2)


def calls(folder: Path) -> list[tuple[object, ...]]:
    """The calls that the ledger knows, but for times and their order."""
    with sqlite3.connect(folder / FOLDER / NAME) as db:
        found = db.execute("SELECT key, prompt, answer, tokens_in, tokens_out, fault FROM attempt").fetchall()
    db.close()
    return sorted(found)


def test_the_same_as_threads(tmp_path: Path, served: Served) -> None:
    """Files, rows, results and calls are those of the threads, however parcels come back."""
    for name in ("threads", "cluster"):
        library(tmp_path / name, 50)
        (tmp_path / name / "part-01" / "unclosed.md").write_text("Hi {{first_name, hello.", "utf-8")
    one, two = Meter(), Meter()
    wanted = go(tmp_path / "threads", _never, model=served.model, meter=one, engine=_threads(served))
    made = go(tmp_path / "cluster", _never, model=served.model, meter=two, engine=mixed)
    assert outcomes(made) == outcomes(wanted)
    assert outcomes(made).count("improved") == 40
    assert texts(tmp_path / "cluster") == texts(tmp_path / "threads")
    assert results(tmp_path / "cluster") == results(tmp_path / "threads")
    assert calls(tmp_path / "cluster") == calls(tmp_path / "threads")
    assert (one.used.calls, one.used.tokens) == (two.used.calls, two.used.tokens)
    again = go(tmp_path / "cluster", _never, model=served.model, engine=untouched)
    assert not any(row.fresh for row in again if isinstance(row, Row))


def _never(_: object) -> None:
    raise AssertionError("the driver asks nothing itself")


def _threads(served: Served) -> Callable[[Bench], Threads]:
    """Threads whose door opens the served model, as the command does it."""

    def engine(bench: Bench) -> Threads:
        def opened(stack: ExitStack) -> Ask:
            return stack.enter_context(open_model(served.model))

        assert isinstance(bench.source, Door)
        return Threads(replace(bench, source=replace(bench.source, opened=opened)).work, bench.meter)

    return engine


def test_equal_templates_are_sent_once(tmp_path: Path, served: Served) -> None:
    """The same message in six files costs one job; each file is written."""
    for name in "abcdef":
        (tmp_path / f"{name}.md").write_text(template(0), "utf-8")
    done = go(tmp_path, _never, model=served.model, engine=mixed)
    assert len(POOLS[-1].given) == 1
    assert outcomes(done) == ["improved"] * 6
    assert [isinstance(row, Row) and row.fresh for row in done] == [True] + [False] * 5
    assert len(set(texts(tmp_path).values())) == 1


def test_a_failure_is_not_tried_again_in_its_run(tmp_path: Path, served: Served) -> None:
    """Nor where its key occurs again; the next run tries it."""
    for name in "abc":
        (tmp_path / f"{name}.md").write_text(template(0), "utf-8")
    gone = msgspec.structs.replace(served.model, base_url="http://127.0.0.1:1/v1", retries=0)
    meter = Meter()
    assert outcomes(go(tmp_path, _never, model=gone, meter=meter, engine=mixed)) == ["failed"] * 3
    assert meter.misses == 1
    assert outcomes(go(tmp_path, _never, model=gone, engine=mixed)) == ["failed"] * 3


def test_a_budget_stops_and_the_next_run_goes_on(tmp_path: Path, served: Served) -> None:
    """Calls that came back are not paid again; together the runs ask what one run would."""
    go(library(tmp_path / "whole", 20), _never, model=served.model, engine=mixed)
    whole, runs = sorted(served.asked), 0
    served.asked.clear()
    folder = library(tmp_path / "parts", 20)
    while True:
        meter = Meter(tokens=1500)
        done = outcomes(go(folder, _never, model=served.model, meter=meter, engine=mixed))
        runs += 1
        if "left" not in done:
            break
        assert "budget" in meter.why
    assert runs > 2
    assert sorted(served.asked) == whole
    assert texts(folder) == texts(tmp_path / "whole")


def test_a_worker_is_told_what_was_paid_before(tmp_path: Path, served: Served) -> None:
    """The first call of a template, made by a run that had no tokens for the second, is not made again."""
    go(library(tmp_path / "whole", 1), _never, model=served.model, engine=mixed)
    whole = list(served.asked)
    assert len(whole) > 1
    served.asked.clear()
    folder = library(tmp_path / "parts", 1)
    first = go(folder, _never, model=served.model, meter=Meter(tokens=1), engine=_threads(served))
    assert (outcomes(first), len(served.asked)) == (["left"], 1)
    go(folder, _never, model=served.model, engine=mixed)
    assert served.asked == whole
    assert calls(folder) == calls(tmp_path / "whole")


def test_calls_are_found_by_key_and_by_place(tmp_path: Path, served: Served) -> None:
    """After an edited walk the place's key is another one: what it paid for is told all the same."""
    folder = library(tmp_path, 1)
    go(folder, _never, model=served.model, walk={**WALK, "rounds": 1}, engine=mixed)
    before = len(served.asked)
    with Ledger(folder) as ledger:
        known = ledger.calls("another key", Place("part-00/000.md", ""))
        assert len(known) == before
        assert ledger.calls("another key", Place("elsewhere.md", "")) == []
        assert ledger.calls(known[0].question.key, Place("elsewhere.md", "")) == known


def test_ctrl_c_leaves_what_is_not_begun(tmp_path: Path, served: Served) -> None:
    """Rows that came back are kept, the rest is left, and the next run goes on."""
    meter = Meter()

    class Stopped(Mixed):
        def take(self) -> bytes:
            done = super().take()
            meter.interrupt()
            return done

    def engine(bench: Bench) -> Cluster:
        return Cluster(bench, lambda: Stopped(Errand(bench.desk, bench.recipe), meter), 2)

    folder = library(tmp_path / "parts", 20)
    done = outcomes(go(folder, _never, model=served.model, meter=meter, engine=engine))
    assert 0 < len(done) - done.count("left") < 20
    assert "left" not in outcomes(go(folder, _never, model=served.model, engine=mixed))
    go(library(tmp_path / "whole", 20), _never, model=served.model, engine=mixed)
    assert texts(folder) == texts(tmp_path / "whole")


def test_a_model_that_cannot_be_opened_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is not set: one error, no failed template."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    model = Model(name="far", base_url="https://api.openai.com/v1", id="x", key_env="OPENAI_API_KEY")
    with pytest.raises(ModelUnavailable, match="set OPENAI_API_KEY"):
        go(library(tmp_path, 3), _never, model=model, engine=mixed)


def test_another_program_on_a_worker_ends_the_run(tmp_path: Path, served: Served) -> None:
    """Other code or other prompts come to other results: they do not get into the ledger."""

    def engine(bench: Bench) -> Cluster:
        return Cluster(bench, lambda: Mixed(Errand(bench.desk, bench.recipe, "0.0.1"), bench.meter), 2)

    with pytest.raises(EngineError, match="install the same on every computer"):
        go(library(tmp_path, 3), _never, model=served.model, engine=engine)
    assert served.asked == []


def test_a_parcel_that_kills_is_named(tmp_path: Path, served: Served) -> None:
    """After some workers the run ends, instead of going on for ever."""

    class Deadly(Mixed):
        def take(self) -> bytes:
            assert isinstance(pickle.loads(self.worker(self.parcels[0], TRIES)), list)
            return self.worker(self.parcels.pop(), TRIES + 1)

    def engine(bench: Bench) -> Cluster:
        return Cluster(bench, lambda: Deadly(Errand(bench.desk, bench.recipe), bench.meter), 2)

    with pytest.raises(EngineError, match=r"part-00/000\.md:5"):
        go(library(tmp_path, 1), _never, model=served.model, engine=engine)


def _run(folder: Path, model: Model) -> None:
    go(folder, _never, model=model, engine=mixed)


def test_two_runs_at_once_share_the_work(tmp_path: Path) -> None:
    """Together they ask what one would, and neither waits for ever, whatever each has claimed."""
    with scripted(pause=0.01) as served:
        go(library(tmp_path / "one", 24), _never, model=served.model, engine=mixed)
        whole = sorted(served.asked)
        served.asked.clear()
        folder = library(tmp_path / "both", 24)
        both = [get_context("fork").Process(target=_run, args=(folder, served.model)) for _ in range(2)]
        for process in both:
            process.start()
        for process in both:
            process.join(60)
        assert [process.exitcode for process in both] == [0, 0]
        assert sorted(served.asked) == whole
    assert texts(folder) == texts(tmp_path / "one")
    assert results(folder) == results(tmp_path / "one")
