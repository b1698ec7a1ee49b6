"""The catalogue: what can be named, what a user may add, and where a key may go."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ModelUnavailable, SettingsError
from pipeline.models import DEFAULT, choose, load


def test_nothing_named_means_the_embedded_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no name the model on this computer is meant, whatever keys and addresses the environment holds."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-lying-about")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://example.com/v1")
    model = choose(load())
    assert (model.name, model.embedded, model.remote, model.way) == (DEFAULT, True, False, "pieces")


def test_each_of_our_models_says_what_it_is() -> None:
    """Every table of ours has a label and a card of its own; only the embedded one and its bare twin hold a file."""
    for name, model in load().items():
        assert model.name == name
        assert model.label
        assert 2 <= len(model.card.strip().splitlines()) <= 9
        assert bool(model.file) == name.startswith(DEFAULT)


def test_the_adapter_belongs_to_the_pieces_way_of_the_default() -> None:
    """It is loaded there and nowhere else, and recordings made without it are another model's."""
    ours = load()
    tuned, bare = ours[DEFAULT], ours[f"{DEFAULT}-bare"]
    assert tuned.tuned
    assert tuned.file == bare.file
    assert tuned.digest != bare.digest
    assert choose(ours, way="whole").tuned is None
    assert bare.tuned is None


def test_only_providers_are_remote() -> None:
    """Of our endpoints only OpenAI is another computer; the servers are on loopback."""
    assert [name for name, model in load().items() if model.remote] == ["openai"]


@pytest.mark.parametrize(
    ("host", "remote"),
    [
        ("localhost", False),
        ("127.0.0.1", False),
        ("127.8.9.1", False),
        ("[::1]", False),
        ("127.0.0.1.example.com", True),
        ("localhost.example.com", True),
        ("10.0.0.5", True),
        ("0.0.0.0", True),
        ("example.com", True),
    ],
)
def test_remote_is_what_is_not_loopback(host: str, remote: bool) -> None:
    """A draft stays on this computer only at localhost, 127/8 and ::1."""
    assert choose(load(), "m", f"http://{host}:8080/v1").remote is remote


def test_a_base_url_takes_any_name_but_only_our_key() -> None:
    """A catalogue name at another address is just a name there: the provider's key variable does not go with it."""
    model = choose(load(), "openai", "https://example.com/v1")
    assert (model.id, model.base_url, model.key_env) == ("openai", "https://example.com/v1", "TACTFUL_API_KEY")
    assert model.way == "whole"


def test_the_way_can_be_overridden() -> None:
    """The catalogue's way is a default; another word is refused."""
    assert choose(load(), way="whole").way == "whole"
    with pytest.raises(SettingsError, match="pieces or whole"):
        choose(load(), way="parts")


def test_a_gguf_file_is_a_model(tmp_path: Path) -> None:
    """A file that exists runs in-process in the whole way; one that does not is named."""
    place = tmp_path / "mine.gguf"
    place.write_bytes(b"GGUF")
    model = choose(load(), str(place))
    assert (model.path, model.way, model.embedded, model.grammar) == (str(place), "whole", True, True)
    with pytest.raises(ModelUnavailable, match="no such file"):
        choose(load(), str(tmp_path / "other.gguf"))


def test_an_unknown_name_lists_the_known_and_the_likely() -> None:
    """A typing error comes back with what was probably meant and all that can be named, in one line."""
    with pytest.raises(ModelUnavailable) as caught:
        choose(load(), "olama")
    assert "did you mean ollama?" in str(caught.value)
    assert all(name in str(caught.value) for name in load())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "base_url", ["example.com/v1", "ftp://example.com", "http://", "http://a:b@x/v1", "http://x:p/"]
)
def test_an_address_that_is_none_is_a_setting_fault(base_url: str) -> None:
    """--base-url is checked before anything is sent; a key inside it is refused."""
    with pytest.raises(SettingsError, match="--base-url"):
        choose(load(), "m", base_url)


def test_a_base_url_needs_a_name() -> None:
    """An address alone does not say which model."""
    with pytest.raises(SettingsError, match="--model NAME"):
        choose(load(), "", "http://127.0.0.1:1/v1")


def test_a_users_table_adds_a_model_and_changes_an_endpoint() -> None:
    """[models.NAME] adds a name; under one of our endpoint names it replaces only the keys that it gives."""
    mine = {"mine": {"base_url": "http://127.0.0.1:9/v1", "way": "pieces"}, "openai": {"id": "gpt-next"}}
    models = load(mine)
    assert models["mine"].way == "pieces"
    assert (models["openai"].id, models["openai"].key_env) == ("gpt-next", "OPENAI_API_KEY")


FAULTS: list[tuple[Mapping[str, Any], str]] = [
    ({"base_ur": "http://x/v1"}, r"\[models.mine\] base_ur: unknown key, did you mean base_url"),
    ({"base_url": "http://127.0.0.1/v1", "read_timeout": "long"}, r"\[models.mine\] read_timeout: Expected `float`"),
    ({"base_url": "http://127.0.0.1/v1", "way": "part"}, r"\[models.mine\] way: Invalid enum value 'part'"),
    ({"base_url": "http://example.com/v1"}, r"\[models.mine\]: id: name the model"),
    ({"base_url": "nowhere", "id": "m"}, r"\[models.mine\]: base_url: 'nowhere' is no address"),
    ({}, "exactly one of base_url, path and file"),
    ({"base_url": "http://127.0.0.1/v1", "path": "x.gguf"}, "exactly one of base_url, path and file"),
    ({"name": "x", "path": "x.gguf"}, "name: unknown key"),
    (
        {"base_url": "http://example.com", "id": "m", "key_env": "AWS_SECRET_ACCESS_KEY"},
        "key_env: Expected `str` matching",
    ),
    ({"base_url": "http://example.com", "id": "m", "key_env": "OPENAI_API_KEY"}, "OPENAI_API_KEY goes only to"),
]


@pytest.mark.parametrize(("table", "fault"), FAULTS)
def test_a_fault_names_table_key_and_remedy(table: Mapping[str, Any], fault: str) -> None:
    """What is wrong in a user's table is said with its place, in one line."""
    with pytest.raises(SettingsError, match=fault) as caught:
        load({"mine": table})
    assert "\n" not in str(caught.value)


def test_all_faulty_tables_are_told_at_once() -> None:
    """A user mends their tables in one go."""
    with pytest.raises(SettingsError) as caught:
        load({"one": 3, "two": {"pat": "x.gguf"}})
    assert re.search(r"\[models.one\].*\[models.two\] pat", str(caught.value))


def test_the_default_cannot_be_turned_into_a_remote_model() -> None:
    """A table under the embedded model's name could send drafts away unasked; it is refused."""
    with pytest.raises(SettingsError, match="embedded model"):
        load({DEFAULT: {"base_url": "https://example.com/v1", "id": "m"}})


def test_a_providers_key_stays_with_its_address() -> None:
    """Changing the address of a provider's table does not take the key along."""
    with pytest.raises(SettingsError, match=r"OPENAI_API_KEY goes only to https://api\.openai\.com"):
        load({"openai": {"base_url": "https://example.com/v1"}})


def test_naming_models_costs_no_heavy_import() -> None:
    """`import pipeline.models` and a look at the catalogue load neither the SDK nor the engine."""
    program = "import sys, pipeline.models as m; m.load(); print({'openai', 'httpx2', 'xllamacpp'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
