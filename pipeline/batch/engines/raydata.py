"""Parcels of jobs come in and go out done: over Ray Data, on a cluster of its own or the one that RAY_ADDRESS names.

The only door to Ray. A data set without an end reads parcels from an actor that holds them until they are done, and a
pool of actors maps them; so the model is opened once in each, however large the library is. A worker that died is
started again by Ray, and its parcel is given out anew.
"""

import asyncio
import logging
import os
import secrets
import socket
import tempfile
import threading
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.batch.asking import Meter
from pipeline.batch.engines.cluster import Errand, Worker
from pipeline.errors import EngineError

ADDRESS = "RAY_ADDRESS"
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing of ours is told to Ray's makers
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # what becomes of workers would go to stdout, among the results
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # a hint on graphics cards
}
ALONE = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # the one way to make it listen on the loopback address alone
    "RAY_AUTH_MODE": "token",
    "RAY_worker_niceness": "0",  # the share of the computer that threads have; at Ray's own 15 a busy one starves it
}
"""For a cluster of our own: other computers and other users of this one find no door."""
STORE = 2**28
"""Bytes of Ray's shared memory: parcels are small."""
LONGEST, SHORT = 20, "/tmp"
"""Characters of the name of a folder for temporary files, and the one to take where it has more.

A socket's name has 103 on some systems, and Ray's are long.
"""
REACHED = 10.0
"""Seconds in which a cluster must answer."""
TOLD = 160
"""Characters of Ray's own words in an error."""
LOOK = 0.2
"""Seconds between two looks whether the run begins nothing more."""


def installed() -> bool:
    """Whether Ray Data can be imported; nothing is."""
    return bool(find_spec("ray") and find_spec("pyarrow"))


def address() -> str:
    """The cluster that is to be joined; "" for one of our own."""
    named = os.environ.get(ADDRESS, "")
    return "" if named == "local" else named


class Shelf:
    """An actor that holds parcels, by number, until they are done; then an empty one stands for each."""

    def __init__(self) -> None:
        self.parcels: dict[int, bytes] = {}
        self.more = asyncio.Condition()
        self.tries: Counter[int] = Counter()
        self.ended = False

    async def put(self, number: int, parcel: bytes) -> None:
        """Lay a parcel down."""
        async with self.more:
            self.parcels[number] = parcel
            self.more.notify_all()

    async def get(self, number: int) -> bytes:
        """A parcel, waited for. It stays, so that a reader that died can begin again."""
        async with self.more:
            await self.more.wait_for(lambda: number in self.parcels)
            return self.parcels[number]

    async def begun(self, number: int) -> int:
        """How often a worker has begun with a parcel, this time included."""
        self.tries[number] += 1
        return self.tries[number]

    async def drop(self, number: int) -> None:
        """A parcel is done."""
        self.parcels[number] = b""
        del self.tries[number]

    async def stop(self) -> None:
        """The run begins nothing more."""
        self.ended = True

    async def stopped(self) -> bool:
        """Whether the run begins nothing more."""
        return self.ended


class RayPool:
    """A Pool of `jobs` Ray actors, each with a core and a model of its own. EngineError: no cluster, or it is lost."""

    def __init__(self, errand: Errand, jobs: int, meter: Meter) -> None:
        """Start a cluster of `jobs` cores, or join one; `meter` says when the run begins nothing more."""
        place = tempfile.gettempdir()
        place = place if len(place) <= LONGEST else SHORT
        self.room = tempfile.TemporaryDirectory(prefix="tactful-", dir=place, ignore_cleanup_errors=True)
        self.ray = _started(jobs, self.room.name)
        self.shelf = self.ray.remote(num_cpus=0)(Shelf).remote()
        self.meter, self.closed = meter, threading.Event()
        self.numbers, self.under_way = count(), set[int]()
        self.done = self._run(errand, jobs)
        threading.Thread(target=self._watch, name="batch-stop", daemon=True).start()

    def give(self, parcel: bytes) -> None:
        """Send a parcel to the next free worker."""
        number = next(self.numbers)
        self.under_way.add(number)
        self.shelf.put.remote(number, parcel)

    def take(self) -> bytes:
        """Wait for the next parcel that is done."""
        try:
            number, parcel = next(one for one in self.done if one[0] in self.under_way)
        except self.ray.exceptions.UserCodeException:
            raise
        except (self.ray.exceptions.RayError, StopIteration) as error:
            raise EngineError(
                f"--engine ray: the workers were lost ({_line(error)}): every computer of the cluster needs the same "
                "tactful[ray] and room for a model in each core; run again, finished work is kept"
            ) from error
        self.under_way.discard(number)
        self.shelf.drop.remote(number)
        return parcel

    def close(self) -> None:
        """End the workers, and the cluster if it is ours."""
        self.closed.set()
        self.done.close()
        self.ray.shutdown()
        self.room.cleanup()

    def _watch(self) -> None:
        while not self.closed.wait(LOOK):
            if self.meter.draining:
                self.shelf.stop.remote()
                return

    def _run(self, errand: Errand, jobs: int) -> Generator[tuple[int, bytes]]:
        """Every parcel that is done, with its number."""
        from ray.data import ActorPoolStrategy, read_datasource

        read = read_datasource(_source(self.shelf), override_num_blocks=1, num_cpus=0)
        mapped = read.map_batches(
            _Mapper,
            fn_constructor_args=(errand, self.shelf),
            batch_size=1,
            compute=ActorPoolStrategy(size=jobs),
            num_cpus=1,
        )
        for bundle in mapped.iter_internal_ref_bundles():
            for entry in bundle.blocks:
                for row in self.ray.get(entry.ref).to_pylist():
                    yield row["number"], row["parcel"]


class _Mapper:
    """A worker, as Ray Data calls it: a block is one parcel."""

    def __init__(self, errand: Errand, shelf: Any) -> None:
        import ray

        self.get, self.shelf = ray.get, shelf
        self.worker = Worker(errand, lambda: self.get(shelf.stopped.remote()))

    def __call__(self, block: dict[str, Any]) -> dict[str, Any]:
        """The parcel, done; an empty one was done already, and its reader began again."""
        (number,), (parcel,) = block["number"], block["parcel"]
        done = self.worker(parcel, self.get(self.shelf.begun.remote(int(number)))) if parcel else parcel
        return {"number": [number], "parcel": [done]}


def _source(shelf: Any) -> Any:
    """The shelf as a source of blocks, one parcel each."""
    import ray
    from ray.data import Datasource, ReadTask
    from ray.data.block import BlockAccessor, BlockMetadata

    def read() -> Iterator[Any]:
        for number in count():
            parcel = ray.get(shelf.get.remote(number))
            yield BlockAccessor.batch_to_block({"number": [number], "parcel": [parcel]})

    class Source(Datasource):  # type: ignore[misc]  # Ray is no typed package
        def estimate_inmemory_data_size(self) -> None:
            return None

        def get_read_tasks(self, parallelism: int, *_: object, **_more: object) -> list[ReadTask]:
            del parallelism
            return [ReadTask(read, BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None))]

    return Source()


def _started(jobs: int, room: str) -> Any:
    """Ray, connected to the cluster that is meant."""
    named = address()
    os.environ.update(QUIET)
    if not named:
        os.environ.update(ALONE, RAY_AUTH_TOKEN=secrets.token_hex(32))
    import ray
    import ray.data

    own = {"num_cpus": jobs, "object_store_memory": STORE, "_temp_dir": room, "include_dashboard": False}
    start = partial(ray.init, named or "local", log_to_driver=False, logging_level=logging.CRITICAL)
    try:
        _answers(named)
        with _hushed():
            start() if named else start(**own)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        what = f"{ADDRESS}={named}: no cluster to join" if named else "Ray does not start here"
        raise EngineError(f"--engine ray: {what} ({_line(error)}): mend that, or use --engine threads") from error
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = 1  # bytes: every parcel goes on at once, as a block of its own
    return ray


def _answers(named: str) -> None:
    """OSError where nobody listens at a cluster's address: Ray itself would try for minutes."""
    place = urlsplit(named if "://" in named else f"//{named}")
    if place.hostname and place.port:
        socket.create_connection((place.hostname, place.port), REACHED).close()


def _line(error: Exception) -> str:
    """The last line of an error, as far as it tells: Ray puts traces above it, and guesses behind it."""
    lines = str(error).strip().splitlines()
    return lines[-1].strip()[:TOLD] if lines else type(error).__name__


@contextmanager
def _hushed() -> Iterator[None]:
    """Nothing on stderr meanwhile: Ray's own core writes there past every setting. Its faults are exceptions too."""
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
