"""What `batch` costs beside the engine: the embedded model's tokens a second, through it and straight.

Bar: at least 95 % of what the same requests come to that are sent straight to the same engine, as many at a time, with
plain HTTP and none of our code between. In each turn a run over the same templates with a fresh ledger is timed, and
then exactly the prompts that it sent; the median of the turns' ratios counts. The processor's seconds of both, the
engine's with them, stand beside it: they say what a run costs where other programs take the machine's time.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from pipeline import rulebook
from pipeline.batch import keys, run, session
from pipeline.batch.asking import Meter
from pipeline.batch.choice import Choice
from pipeline.batch.engines.threads import Threads
from pipeline.batch.nouns import Row
from pipeline.batch.write import Out
from pipeline.desk import Desk
from pipeline.domain import Ask, Prompt, Reply
from pipeline.library import Columns
from pipeline.models import Model, choose, load, pull
from pipeline.models.client import open_at
from pipeline.models.fetch import adapter
from pipeline.models.serving import Endpoint, serve
from pipeline.settings import Settings

READINGS = Path(__file__).parents[2] / "evals" / "readings"
TURNS = 7
JOBS = 4
"""Templates, and straight requests, at a time: the default of `--jobs`, and the engine's slots."""
MOST = 28
"""Templates of the run, of those readings that need the model."""
BAR = 0.95


class Heard:
    """An Ask that keeps the prompts that go through it."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.prompts: list[Prompt] = []

    def __call__(self, prompt: Prompt) -> Reply:
        """Ask on."""
        self.prompts.append(prompt)
        return self.ask(prompt)


def drafts(folder: Path) -> Path:
    """The readings' drafts in one folder."""
    folder.mkdir()
    for path in sorted(READINGS.glob("*/*.md")):
        shutil.copyfile(path, folder / f"{path.parent.name}-{path.name}")
    return folder


def batch(library: Path, model: Model, ask: Ask) -> list[Row]:
    """A run over a library with a ledger that knows nothing yet."""
    with tempfile.TemporaryDirectory() as home:
        book, meter = rulebook.load(), Meter()
        recipe = keys.recipe(book, model, {"rounds": 3, "candidates": 1, "seed": 0})
        with session.bench(Desk(Settings(), book), recipe, Path(home), meter, lambda _: ask) as bench:
            out = Out(bench.claims, lambda path: Path(home, "out", path.name), Path(home))
            parts = Choice(library, Columns()).parts()
            return [row for row in run.rows(parts, Threads(bench.work, meter, JOBS), out) if isinstance(row, Row)]


def straight(prompts: list[Prompt], model: Model, endpoint: Endpoint) -> int:
    """Send prompts as they are, JOBS at a time; the tokens that they come to, in and out."""
    head = {"Authorization": f"Bearer {endpoint.key}"}
    with httpx2.Client(headers=head, timeout=300, trust_env=False) as client, ThreadPoolExecutor(JOBS) as pool:

        def post(prompt: Prompt) -> int:
            body = {
                **model.extra,
                "model": model.name,
                "max_tokens": prompt.most_tokens,
                "temperature": prompt.temperature,
                "seed": prompt.seed,
                "messages": [
                    {"role": "system", "content": prompt.system},
                    {"role": "user", "content": prompt.user},
                ],
            }
            if prompt.grammar:
                body["grammar"] = prompt.grammar
            answer = client.post(f"{endpoint.base_url}/chat/completions", json=body).raise_for_status().json()
            return int(answer["usage"]["total_tokens"])

        return sum(pool.map(post, prompts))


def bars() -> Iterator[bool]:
    """The run and its prompts, in turn."""
    model = choose(load({}), "", "", "")
    with (
        tempfile.TemporaryDirectory() as home,
        serve(pull(model), way=model.way, adapter=adapter(model)) as endpoint,
        open_at(endpoint, model) as ask,
    ):
        unsaid = batch(drafts(Path(home, "all")), model, lambda _: Reply(""))
        asking = [row.task.path for row in unsaid if row.used.calls]
        library = Path(home, "library")
        library.mkdir()
        for path in asking[:: max(1, len(asking) // MOST)][:MOST]:
            shutil.copyfile(path, library / path.name)
        turns = []
        for _ in range(TURNS):
            heard = Heard(ask)
            start, busy = time.perf_counter(), time.process_time()
            batch(library, model, heard)
            middle, later = time.perf_counter(), time.process_time()
            tokens = straight(heard.prompts, model, endpoint)
            ours, theirs = middle - start, time.perf_counter() - middle
            turns.append(
                (theirs / ours, tokens / ours, tokens / theirs, (time.process_time() - later) / (later - busy))
            )
    ratio, ours, theirs, seconds = map(statistics.median, zip(*turns, strict=True))
    each = ", ".join(f"{turn[0]:.2f}" for turn in sorted(turns))
    print(f"tokens, batch          {ours:.0f} a second, straight {theirs:.0f}; ratio {ratio:.2f} of {each}; bar {BAR}")
    print(f"                       ratio of the processor's seconds {seconds:.2f}")
    yield ratio >= BAR
