"""Cases and a model come in, scores or stale cases go out: by replay, live, recorded anew, or by new rules alone.

In replay nothing calls out: every answer comes from the case's cassette, over the same client that asks a model, and a
request that was not recorded is a stale case. Replays run in several processes: cassettes open at once in threads
would take each other's requests.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from pipeline.domain import Ask, Draft, Prompt, Reply, Rewrite, Rulebook
from pipeline.errors import CaseError, ModelError, StaleCassette
from pipeline.evals import cassettes, fingerprints, tape
from pipeline.evals.cases import Case
from pipeline.evals.cassettes import Cassette
from pipeline.evals.run import Run
from pipeline.evals.scores import Score, Stale, score, together
from pipeline.improve import ROUNDS, improver, run
from pipeline.models import Model, path
from pipeline.models.client import open_at, open_model
from pipeline.models.serving import Endpoint
from pipeline.review import review

WALK = {"rounds": ROUNDS, "candidates": 1, "seed": 0}
"""How the evals walk: as `tactful improve` does where nothing else is said."""
STEP = 1000
"""Between the seeds of repeated runs: more than a walk ever adds to its own."""


@dataclass(frozen=True, slots=True)
class Suite:
    """What a run holds fixed: the rules, the folder of cassettes, today's date, and the model that must have them all.

    Another model is held to what was recorded of it: its cases without a cassette are not stale, they are not its.
    """

    book: Rulebook
    cassettes: Path
    today: date
    first: str

    def cassette(self, case: Case, model: Model) -> Path:
        """Where a case's cassette lies."""
        return cassettes.file_of(self.cassettes, model.name, case.name)

    def covers(self, case: Case, model: Model) -> bool:
        """Whether a case is meant to be replayed with a model."""
        return model.name == self.first or self.cassette(case, model).is_file()


@dataclass(slots=True)
class Listener:
    """An Ask that remembers what went through it."""

    ask: Ask
    prompts: list[Prompt] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    def __call__(self, prompt: Prompt) -> Reply:
        """Ask, and remember."""
        self.prompts.append(prompt)
        reply = self.ask(prompt)
        self.replies.append(reply)
        return reply


def _walked(case: Case, suite: Suite, model: Model, ask: Ask, seed: int = 0) -> Run:
    """A case walked with something to ask; a model's error is the run's, anything else stops."""
    listener, start = Listener(ask), perf_counter()
    rewrite, error = None, ""
    try:
        rewrite = run(improver(suite.book, listener, model.way, **{**WALK, "seed": WALK["seed"] + seed}), case.draft)
    except ModelError as fault:
        error = str(fault)
    return Run(
        case=case,
        draft=rewrite.original if rewrite else review(case.draft, suite.book),
        rewrite=rewrite,
        way=model.way,
        prompts=tuple(sorted(listener.prompts, key=lambda one: (one.seed, one.user))),
        asked=bool(listener.prompts),
        error=error,
        tokens=sum(reply.tokens_in + reply.tokens_out for reply in listener.replies),
        seconds=perf_counter() - start if listener.prompts else 0.0,
    )


# ── Replay ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Played(NamedTuple):
    """What a replay came to: a score or why there is none, answers never asked for, fingerprints that differ."""

    result: Score | Stale
    unplayed: int = 0
    changed: tuple[str, ...] = ()


def replay(case: Case, model: Model, suite: Suite) -> Played:
    """A case by its cassette. Nothing is sent; what the cassette does not hold makes the case stale."""
    place = suite.cassette(case, model)
    if not place.is_file():
        return Played(Stale(case.name, model.name, "no cassette"))
    recorded = cassettes.load(place)
    now = fingerprints.prints(case.draft, suite.book, model, WALK)
    changed = tuple(fingerprints.changed(recorded.prints, now))
    if recorded.model_file != model.digest:
        return Played(Stale(case.name, model.name, "recorded with another model file", changed))
    if recorded.way != model.way:
        return Played(Stale(case.name, model.name, f"recorded in the {recorded.way} way", changed))
    endpoint = Endpoint(tape.base_of(recorded))
    try:
        with tape.replaying(recorded) as player, open_at(endpoint, tape.asking_from(recorded, model)) as ask:
            done = replace(_walked(case, suite, model, ask), seconds=recorded.seconds)
            return Played(score(done, model.name), player.unplayed, changed)
    except StaleCassette as stale:
        return Played(Stale(case.name, model.name, str(stale), changed))


# ── Rescoring ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def rescore(case: Case, model: Model, suite: Suite) -> Score | Stale:
    """Old messages under the rules of today: what the recorded walk made, reviewed anew. Nothing is asked."""
    place = suite.cassette(case, model)
    if not place.is_file():
        return Stale(case.name, model.name, "no cassette")
    recorded = cassettes.load(place)
    turns: list[Draft] = [
        case.draft.rewritten(turn.text, turn.subject, None if turn.mended else Reply("")) for turn in recorded.turns
    ]
    trail = tuple(review(draft, suite.book) for draft in (case.draft, *turns))
    rewrite = None if recorded.error else Rewrite(trail)
    done = Run(
        case=case,
        draft=trail[0],
        rewrite=rewrite,
        way=model.way,
        asked=bool(recorded.exchanges),
        error=recorded.error,
        tokens=sum(exchange.tokens for exchange in recorded.exchanges),
        seconds=recorded.seconds,
    )
    return score(done, model.name)


# ── A real model ──────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def asking(model: Model) -> Iterator[Ask]:
    """The model itself, its file held against the hash that the catalogue has."""
    _check_file(model)
    with open_model(model, way=model.way) as ask:
        yield ask


def live(case: Case, model: Model, suite: Suite, ask: Ask, repeat: int = 1) -> Score:
    """A case with the model itself, nothing recorded; `repeat` runs with their own seeds count as their mean."""
    runs = [_walked(case, suite, model, ask, STEP * number) for number in range(repeat)]
    return together([score(one, model.name) for one in runs])


def record(case: Case, model: Model, suite: Suite, ask: Ask) -> Score:
    """A case with the model itself; what was asked and answered becomes its cassette."""
    with tape.recording() as recorder:
        done = _walked(case, suite, model, ask)
    exchanges = recorder.take()
    turns = done.rewrite.trail[1:] if done.rewrite else ()
    cassette = Cassette(
        case=case.name,
        model=model.name,
        model_id=exchanges[0].body["model"] if exchanges else model.id or model.name,
        model_file=model.digest,
        way=model.way,
        engine=fingerprints.engine(model),
        recorded=suite.today,
        seconds=round(done.seconds, 1),
        error=done.error,
        prints=dict(fingerprints.prints(case.draft, suite.book, model, WALK)),
        turns=[
            cassettes.Turn(subject=one.draft.subject, text=one.draft.text, mended=one.draft.reply is None)
            for one in turns
        ],
        exchanges=exchanges,
    )
    cassettes.save(cassette, suite.cassette(case, model))
    return score(replace(done, seconds=cassette.seconds), model.name)


def _check_file(model: Model) -> None:
    """A file of the user's against the hash that the catalogue tells."""
    place = path(model) if model.path and model.sha256 else None
    if place is None or not place.is_file():
        return
    with place.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != model.sha256:
        raise CaseError(f"{place}: its SHA-256 begins {found[:12]}, and {model.name} is {model.sha256[:12]}")


def recorded_models(folder: Path, catalogue: Mapping[str, Model]) -> list[Model]:
    """The models of the catalogue that have cassettes in a folder."""
    return [model for name, model in catalogue.items() if (folder / name).is_dir()]
