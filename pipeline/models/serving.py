"""A GGUF file -> an OpenAI-compatible server in this process: silent, on a free loopback port, gone after use."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from pipeline.errors import ModelUnavailable

SLOTS = {"pieces": 4, "whole": 2}
CONTEXT = {"pieces": 2048, "whole": 8192}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask, and the key that opens it ("" for none); the key is left out of any print."""

    base_url: str
    key: str = field(default="", repr=False)


class _Server(Protocol):
    """As much of the engine's server as we use; it stops when the last reference goes."""

    listening_address: str

    def handle_metrics(self) -> object: ...


@contextmanager
def serve(path: Path, *, way: str = "pieces", threads: int = 0, adapter: Path | None = None) -> Iterator[Endpoint]:
    """Serve the file: as many slots as `way` can use, `threads` 0 for one per physical core, an adapter over it."""
    for file in filter(None, (path, adapter)):
        _check_magic(file)
    key = secrets.token_urlsafe(24)
    server = _start(path, key, way, threads or cores(), adapter)
    try:
        yield Endpoint(f"{server.listening_address}/v1", key)
    finally:
        del server


def cores() -> int:
    """The physical cores that this process may use: hyper-threads and cores beyond a container's share only slow it."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    topology = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
    physical = {_read(Path(topology.format(number))) or str(number) for number in allowed}
    quota, _, period = _read(Path("/sys/fs/cgroup/cpu.max")).partition(" ")
    share = int(quota) // int(period) if quota.isdigit() and period.isdigit() and int(period) else len(physical)
    return max(1, min(len(physical), share))


def _read(place: Path) -> str:
    try:
        return place.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _check_magic(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise ModelUnavailable(f"model file {path}: {error.strerror}") from error
    if start != b"GGUF":
        raise ModelUnavailable(f"model file {path}: not a GGUF file (it begins with {start!r})")


def _start(path: Path, key: str, way: str, threads: int, adapter: Path | None) -> _Server:
    # GNU OpenMP reads this when the engine is loaded. By default a waiting thread spins for long, and two engines on
    # one computer stall each other: 20 s for a sentence on 2 cores, 1 s with short spins, 0.2 s alone either way.
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")
    try:
        xllamacpp = import_module("xllamacpp")
    except ImportError as error:
        raise ModelUnavailable(f"the embedded engine does not start here ({error}); use --base-url") from error
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)] if adapter else []
    params.verbosity = -1
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
    params.ui, params.endpoint_slots, params.endpoint_metrics = False, False, True
    params.n_parallel = SLOTS[way]
    params.n_threads_http = SLOTS[way] + 2
    params.n_ctx = CONTEXT[way] * SLOTS[way]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.cache_prompt, params.cache_ram_mib = True, 0
    params.enable_reasoning = 0
    try:
        server = cast(_Server, xllamacpp.Server(params))
    except RuntimeError as error:
        raise ModelUnavailable(
            f"model file {path}: the engine cannot load it: damaged, of a kind it does not know, or larger than memory"
        ) from error
    # The engine's loop starts a moment after its port opens, and an engine that is stopped before that hangs for ever;
    # this question is answered by the loop, so from here on it can be stopped.
    server.handle_metrics()
    return server
