"""Settings: where they are found, what wins, and how a fault is told."""

from pathlib import Path

import pytest

from pipeline.domain import Brief, Draft, Person, Rulebook
from pipeline.errors import SettingsError
from pipeline.settings import Settings, load


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder."""
    return tmp_path


def fault(project: Path, text: str, name: str = "tactful.toml") -> str:
    """What is said of a settings file."""
    (project / name).write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(project, {})
    assert str(project / name) in str(caught.value)
    return str(caught.value).replace(f"{project}/", "")


def test_without_a_file_nothing_is_set(project: Path) -> None:
    """No file, no environment: the defaults, which name no model."""
    assert load(project, {}) == Settings()


def test_a_key_for_a_model_chooses_none(project: Path) -> None:
    """OPENAI_API_KEY and its like in the environment set nothing; TACTFUL_MODEL and TACTFUL_BASE_URL do."""
    keys = {"OPENAI_API_KEY": "sk", "OPENAI_BASE_URL": "http://x", "OPENAI_MODEL": "x", "TACTFUL_API_KEY": "sk"}
    assert load(project, keys) == Settings()
    named = load(project, {"TACTFUL_MODEL": "ollama", "TACTFUL_BASE_URL": "http://127.0.0.1:1/v1"})
    assert (named.model, named.base_url) == ("ollama", "http://127.0.0.1:1/v1")


def test_the_nearest_file_holds_and_the_environment_wins(project: Path) -> None:
    """tactful.toml of the folder or the nearest above it; TACTFUL_MODEL over it; rule pages are seen from it."""
    (project / "tactful.toml").write_text('model = "openai"\npages = ["house.toml"]\nkind = "email"\n')
    inner = project / "a" / "b"
    inner.mkdir(parents=True)
    assert load(inner, {}).model == "openai"
    assert load(inner, {"TACTFUL_MODEL": "ollama"}).model == "ollama"
    assert load(inner, {}).rule_pages == (project / "house.toml",)
    assert load(inner, {}).defaults() == {"kind": "email"}
    (project / "a" / "tactful.toml").write_text('model = "vllm"\n')
    assert load(inner, {}).model == "vllm"


def test_pyproject_holds_settings_too(project: Path) -> None:
    """[tool.tactful] counts; a pyproject.toml without it does not end the search."""
    (project / "pyproject.toml").write_text('[tool.tactful]\nkind = "reply"\n')
    inner = project / "a"
    inner.mkdir()
    (inner / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert load(inner, {}).kind == "reply"


def test_every_unknown_key_is_named_with_its_line(project: Path) -> None:
    """A key that is none is told with line and suggestion, all at once."""
    said = fault(project, 'kind = "email"\nmodle = "x"\n\n[ruls.guilt]\noff = true\n').splitlines()
    assert said[0] == "tactful.toml:2: unknown key 'modle'; did you mean 'model'?"
    assert said[1] == "tactful.toml:4: unknown key 'ruls'; did you mean 'rules'?"
    assert "known: model, base_url, way" in fault(project, "zzz = 1\n")
    assert fault(project, 'file = "x"\n').startswith("tactful.toml:1: unknown key 'file'")


def test_a_wrong_value_is_told_with_its_line(project: Path) -> None:
    """Type and choice of a setting, in tactful.toml and in pyproject.toml."""
    assert fault(project, "\nmodel = 3\n") == "tactful.toml:2: model: write text, not a whole number"
    assert fault(project, 'way = "hole"\n') == "tactful.toml:1: way: 'hole' is not known; did you mean 'whole'?"
    assert fault(project, "[rules]\nguilt = 3\n").startswith("tactful.toml:1: rules")
    (project / "tactful.toml").unlink()
    said = fault(project, "[tool.black]\nkind = 1\n[tool.tactful]\nkind = 1\n", "pyproject.toml")
    assert said == "pyproject.toml:4: kind: write text, not a whole number"
    assert "write a table" in fault(project, "[tool]\ntactful = 1\n", "pyproject.toml")


def test_a_broken_file_is_told(project: Path) -> None:
    """No TOML, no UTF-8: file, line or byte, and the remedy."""
    assert fault(project, "model = openai\n").startswith("tactful.toml:1: broken TOML: ")
    (project / "tactful.toml").write_bytes(b'model = "\xfc"\n')
    with pytest.raises(SettingsError, match=r"byte offset 9: save the file as UTF-8"):
        load(project, {})


def test_a_listed_reader_is_marked_whatever_the_case(book: Rulebook) -> None:
    """The do-not-contact list is compared without case; a draft without a reader is on no list."""
    chosen = Settings(do_not_contact=("Ana Duarte", ""))
    draft = Draft("Hi", book.kinds["message"], Brief(to=Person(name=" ANA duarte")))
    assert chosen.marked(draft).brief.do_not_contact
    assert not chosen.marked(Draft("Hi", book.kinds["message"])).brief.do_not_contact


def test_an_empty_file_marks_the_project(project: Path) -> None:
    """Ledger and relative places go by its folder, though it sets nothing."""
    (project / "tactful.toml").write_text("", "utf-8")
    assert load(project, {}) == Settings(file=str(project / "tactful.toml"))
