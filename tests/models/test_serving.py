"""The embedded engine: silent, reachable with its key only, gone after use."""

import os
import socket
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.domain import Prompt
from pipeline.errors import ModelUnavailable
from pipeline.models import choose, load, pull
from pipeline.models.client import open_model
from pipeline.models.serving import Endpoint, cores, serve

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def tasks() -> int:
    """The threads of this process, the engine's included, where the system tells them."""
    listed = Path("/proc/self/task")
    return len(list(listed.iterdir())) if listed.is_dir() else threading.active_count()


DAMAGED = [b"", b"GGUF", b"GGUF\x03\x00\x00\x00" + bytes(range(256)) * 64, b"PK\x03\x04", b"GGUF" + b"\xff" * 4096]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_file_that_does_not_load_is_told(tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    """Empty, cut, foreign or damaged: one line with the file, nothing printed, and the process lives."""
    place = tmp_path / "bad.gguf"
    place.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"bad.gguf: (not a GGUF file|the engine cannot load it)"), serve(place):
        pass
    assert capfd.readouterr() == ("", "")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """No file, one line."""
    with pytest.raises(ModelUnavailable, match="No such file"), serve(tmp_path / "none.gguf"):
        pass


def test_a_key_is_not_printed() -> None:
    """An endpoint in a log or a traceback does not show its key."""
    assert "s3cret" not in repr(Endpoint("http://127.0.0.1:1/v1", "s3cret"))


def test_cores_are_at_least_one_and_never_more_than_the_system_has() -> None:
    """The engine gets real cores only."""
    assert 1 <= cores() <= (os.cpu_count() or 1)


@pytest.mark.model
def test_the_embedded_model_answers_end_to_end(capfd: pytest.CaptureFixture[str]) -> None:
    """Fetch, serve, ask with a grammar, from several threads: the grammar holds, and nothing is printed."""
    prompt = Prompt(
        "You write one short question.", "Ask about bees.", grammar='root ::= "What " [a-z ]{5,40} "?"', most_tokens=40
    )
    with open_model(choose(load())) as ask:
        reply = ask(prompt)
        with ThreadPoolExecutor(4) as pool:
            more = list(pool.map(ask, [prompt] * 4))
    for each in (reply, *more):
        assert each.text.startswith("What ")
        assert each.text.endswith("?")
    assert reply.model == "smollm2-135m"
    assert reply.tokens_in > 0
    assert reply.tokens_out > 0
    assert capfd.readouterr() == ("", "")


def use_and_fail(place: Path) -> int:
    """Serve, knock without the key, and leave by an error; the port that was used."""
    port = 0
    with suppress(ZeroDivisionError), serve(place) as endpoint:
        port = int(endpoint.base_url.removeprefix("http://127.0.0.1:").removesuffix("/v1"))
        with pytest.raises(urllib.error.HTTPError, match="401") as refused:
            DIRECT.open(f"{endpoint.base_url}/chat/completions", data=b"{}")
        refused.value.close()
        _ = 1 / 0
    return port


@pytest.mark.model
def test_the_engine_wants_its_key_and_leaves_nothing_behind() -> None:
    """Nothing is answered without the random key; after use, also on error, port and threads are gone."""
    place = pull(choose(load()))
    left: list[int] = []
    for _ in range(3):
        port = use_and_fail(place)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 1)
        left.append(tasks())
    assert left[0] == left[1] == left[2]


@pytest.mark.model
def test_an_engine_that_nobody_asked_stops() -> None:
    """Leaving at once is as safe as leaving later: an engine that is stopped while it starts must not hang."""
    place = pull(choose(load()))
    for _ in range(10):
        with serve(place):
            pass
