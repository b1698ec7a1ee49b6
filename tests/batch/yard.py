"""What the tests of the batch share: a library on disk, a scripted model, and a run of it."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from pipeline import rulebook
from pipeline.batch import keys, run, session
from pipeline.batch.asking import Meter
from pipeline.batch.choice import Choice
from pipeline.batch.engines.post import Post
from pipeline.batch.engines.rounds import Rounds
from pipeline.batch.engines.threads import Threads
from pipeline.batch.nouns import Row
from pipeline.batch.work import Bench
from pipeline.batch.write import InPlace
from pipeline.desk import Desk
from pipeline.domain import Ask, Prompt, Reply, Rulebook
from pipeline.library import Columns, Fault
from pipeline.models import Model
from pipeline.models.jobs import open_jobs
from pipeline.models.pace import silent
from pipeline.settings import Settings
from tests.loopback import Answer, Request, serving

BOOK = rulebook.load()
MODEL = Model(name="scripted", base_url="http://127.0.0.1:1/v1", way="whole")
WALK = {"rounds": 3, "candidates": 1, "seed": 0}
CLEAN = (
    "Hi Ana, your post on {topic} changed how I page people. I run the night desk at a small host in Porto. "
    "What would you do differently today?\n\nThank you for your time,\nRui\n"
)
BETTER = "Hi {{{{first_name}}}}, your post on {topic} stayed with me. What would you change?{thanks} {{{{signature}}}}"
DEFAULTS = Settings()
TOPICS = "tides rivers bridges harbours orchards looms kilns glaciers quarries lanterns ferries meadows".split()


def template(number: int, kind: str = "message") -> str:
    """A clumsy template with a brief of its own; every fifth needs no mending."""
    topic = TOPICS[number % len(TOPICS)] + ("" if number < len(TOPICS) else f" {number}")
    head = f"---\nkind: {kind}\nto: {{name: Ana, facts: [wrote a post on {topic}]}}\n---\n"
    if number % 5 == 4:
        return f"---\nkind: {kind}\nto: {{name: Ana}}\n---\n{CLEAN.format(topic=topic)}"
    return f"{head}Hi {{{{first_name}}}}, I came across your profile. I need an answer ASAP! {{{{signature}}}}\n"


def library(folder: Path, number: int, kind: Callable[[int], str] = lambda _: "message") -> Path:
    """A folder of templates, three to a folder inside it."""
    for one in range(number):
        place = folder / f"part-{one // 3:02}" / f"{one:03}.md"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(template(one, kind(one)), "utf-8")
    return folder


class Scripted:
    """A model that writes of the post that the prompt tells of, in two rounds; `asked` holds every prompt."""

    def __init__(self) -> None:
        self.asked: list[Prompt] = []
        self.lock = threading.Lock()

    def __call__(self, prompt: Prompt) -> Reply:
        """Answer, and remember."""
        with self.lock:
            self.asked.append(prompt)
        return answer(prompt)


def answer(prompt: Prompt) -> Reply:
    """The better message; the second answer to the same template is better still."""
    found = re.search(r"post on ([a-z]+(?: \d+)?)", prompt.user)
    topic = found[1] if found else "tides"
    second = f"post on {topic} stayed" in prompt.user
    thanks = " Thank you for reading this." if second else ""
    text = (
        f"Hi {{{{first_name}}}}, your post on {topic} stayed with me. What would you change?{thanks} {{{{signature}}}}"
    )
    return Reply(text, "scripted", len(prompt.user) // 4, len(text) // 4, 0.01)


def go(
    folder: Path,
    ask: Ask,
    *,
    book: Rulebook = BOOK,
    model: Model = MODEL,
    walk: Mapping[str, int] = WALK,
    meter: Meter | None = None,
    jobs: int = 4,
    settings: Settings = DEFAULTS,
    engine: Callable[[Bench], run.Engine] | None = None,
) -> list[Row | Fault]:
    """A run in place over a folder, with its ledger in it, by threads or another engine."""
    meter = meter or Meter()
    recipe = keys.recipe(book, model, walk)
    with session.bench(Desk(settings, book), recipe, folder, meter, lambda _: ask) as bench:
        parts = Choice(folder, Columns()).parts()
        works = engine(bench) if engine else Threads(bench.work, meter, jobs)
        return list(run.rows(parts, works, InPlace(bench.claims)))


def chat(body: dict[str, Any]) -> dict[str, Any]:
    """The scripted model's answer to a chat completion's body, in the shape of one."""
    reply = answer(Prompt(*(one["content"] for one in body["messages"])))
    usage = {"prompt_tokens": reply.tokens_in, "completion_tokens": reply.tokens_out}
    choice = {"index": 0, "message": {"role": "assistant", "content": reply.text}, "finish_reason": "stop"}
    return {"choices": [choice], "usage": usage}


@dataclass(frozen=True, slots=True)
class Served:
    """The scripted model behind a loopback address; `asked` holds the user's part of prompts."""

    model: Model
    asked: list[str]


@contextmanager
def scripted(pause: float = 0.0) -> Iterator[Served]:
    """The scripted model, served while the context lasts; `pause` seconds before each answer."""
    asked: list[str] = []

    def reply(request: Request) -> Answer:
        body = json.loads(request.data)
        asked.append(body["messages"][1]["content"])
        time.sleep(pause)
        return Answer(json.dumps(chat(body)).encode())

    with serving(reply) as base_url:
        yield Served(msgspec.structs.replace(MODEL, base_url=base_url, id="scripted"), asked)


def elsewhere(module: str, *args: str) -> str:
    """What a module prints that is run as a program of its own; it must end well, without a warning."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", module, *args],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def by_post(
    folder: Path,
    base_url: str,
    *,
    meter: Meter | None = None,
    on_wait: Callable[[str], None] = silent,
    changed: Callable[[Post], None] = lambda _: None,
    told: list[str] | None = None,
) -> list[Row | Fault]:
    """The same over the Batch API of a server; `changed` may set up the post, `told` takes what it tells."""
    meter = meter or Meter()
    model = msgspec.structs.replace(MODEL, base_url=base_url, id="big")
    recipe = keys.recipe(BOOK, model, WALK)
    with (
        session.bench(Desk(DEFAULTS, BOOK), recipe, folder, meter, lambda _: answer) as bench,
        ExitStack() as stack,
    ):
        opened = cache(lambda: stack.enter_context(open_jobs(model, on_wait)))
        post = Post(recipe, bench.ledger, bench.claims, meter, opened, ([] if told is None else told).append, 0.01)
        changed(post)
        engine = Rounds(replace(bench, source=post).work, post, meter)
        return list(run.rows(Choice(folder, Columns()).parts(), engine, InPlace(bench.claims)))


def outcomes(rows: list[Row | Fault]) -> list[str]:
    """What came of each row, in order."""
    return ["fault" if isinstance(row, Fault) or row.outcome is None else str(row.outcome) for row in rows]


def texts(folder: Path) -> dict[str, bytes]:
    """Every file of a library, but those of the ledger; left-overs of writing are among them."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".tactful" not in path.parts
    }
