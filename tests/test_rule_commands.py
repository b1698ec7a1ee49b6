"""Rules of anybody's: packs, skeletons, their examples, their pages; and the settings, explained and described."""

import json
import shutil
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest

from pipeline import rulebook
from pipeline.errors import RulebookError
from pipeline.formats import handbook
from pipeline.schemas import settings_schema
from tests.commands import Call

PAGE = """
[brand-named]
source = "own"
severity = "error"
advice = "Name no brand."
why = "It sells."
message = "'{found}' is a brand"
check.phrases.any_of = ["@brands rocks?"]
bad = ["Hi Ana, acme rocks.", "Hi Ana, zenith it is.", "Buy Acme rocks now."]
good = ["Hi Ana, we make brooms.", "Hi Ana, zeniths are high.", "Dear Bo, hello to you."]
"""
KIND = """
[voicemail]
label = "voice mail"
limits.any = { most = 500, source = "our own", verified_on = "2026-11-23" }
band = { unit = "words", least = 10, most = 60, source = "our own" }
"""


def pack(folder: Path) -> Path:
    """A pack with a page, a kind and a class of words."""
    folder.mkdir()
    (folder / "brands.toml").write_text(PAGE)
    (folder / "words.toml").write_text('brands = ["Acme", "zenith"]\n')
    (folder / "kinds.toml").write_text(KIND)
    return folder


def test_a_pack_brings_rules_kinds_and_words(folder: Path, tactful: Call) -> None:
    """A folder that settings name: its rule finds, its kind can be meant, its words are known to its patterns alone."""
    pack(folder / "acme")
    (folder / "tactful.toml").write_text('packs = ["acme"]\n')
    assert (
        "1:9: error brand-named: 'zenith' is a brand" in tactful("check", "-q", "-", stdin="Hi Ana, zenith it is.").out
    )
    told = tactful("check", "--json", "--kind", "voicemail", "-", stdin="Hi Ana, hello to you.")
    (row,) = json.loads(told.out)["files"]
    assert (row["kind"], row["length"]["limit"]) == ("voicemail", 500)
    assert tactful("rules", "test", "acme").code == 0
    assert "1 rules, 6 examples, 0 failures" in tactful("rules", "test", "acme").err


def test_an_installed_package_can_be_a_pack(folder: Path, tactful: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its import name; none of its code is run."""
    pack(folder / "lib")
    package = folder.parent / "site" / "acme_tone"
    package.parent.mkdir()
    shutil.move(folder / "lib", package)
    (package / "__init__.py").write_text("raise SystemExit('code of a pack was run')\n")
    monkeypatch.syspath_prepend(str(package.parent))
    (folder / "tactful.toml").write_text('packs = ["acme_tone"]\n')
    assert "brand-named" in tactful("check", "-q", "-", stdin="Hi Ana, zenith it is.").out
    assert "acme_tone" not in sys.modules


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("words.toml", 'brands = "acme"\n', "brands: write a list of words"),
        ("words.toml", 'brands = ["two words"]\n', "'two words' is not one word"),
        ("kinds.toml", "[x]\nlabel = 1\n", "kind x"),
        ("a.toml", "[x\n", "a.toml: not sound TOML"),
        ("note.txt", "", "no pack: put pages of rules"),
    ],
)
def test_a_broken_pack_is_told(name: str, text: str, fault: str, tmp_path: Path) -> None:
    """File, key and remedy."""
    (tmp_path / name).write_text(text)
    with pytest.raises(RulebookError) as caught:
        rulebook.load(folders=[tmp_path])
    assert fault in str(caught.value)


def test_a_pack_that_is_nowhere_is_told(folder: Path, tactful: Call) -> None:
    """With where it was looked for."""
    (folder / "tactful.toml").write_text('packs = ["nowhere"]\n')
    told = tactful("check", "-", stdin="Hi")
    assert told.code == 2
    assert "packs: 'nowhere' is no folder seen from" in told.err


def test_a_new_rule_works_as_it_stands(folder: Path, tactful: Call) -> None:
    """The skeleton passes its own examples; what is changed wrongly fails, with the example."""
    told = tactful("rules", "new", "no-jargon", "--to", "style")
    assert told.code == 0
    assert 'write into tactful.toml: pages = ["style"]' in told.err
    assert tactful("rules", "test", "style").code == 0
    assert tactful("rules", "new", "no-jargon", "--to", "style").code == 2
    assert "kebab-case" in tactful("rules", "new", "No Jargon").err
    page = folder / "style" / "no-jargon.toml"
    page.write_text(page.read_text().replace("how do you keep your ink", "which phrases that tell do you know"))
    told = tactful("rules", "test", "style")
    assert told.code == 1
    assert "no-jargon: finds a fault in this good example: Dear Ms Sato, which phrases that tell" in told.out
    page.write_text(page.read_text().replace('  "Hi Ana, the words tell nothing here.",\n', ""))
    assert "has 2 good examples: give at least 3" in tactful("rules", "test", "style").out


def test_our_own_rules_pass(folder: Path, tactful: Call) -> None:
    """`rules test` without a place runs the examples of all rules that hold here."""
    del folder
    assert tactful("rules", "test").code == 0


def test_the_pages_of_our_rules_are_current() -> None:
    """A page for each rule in pipeline/rulebook/pages: `tactful rules pages pipeline/rulebook/pages` writes them."""
    place = Path(rulebook.__file__).parent / "pages"
    made = handbook.pages(rulebook.load())
    assert {one.name: one.read_text("utf-8") for one in place.glob("*.md")} == made


def test_a_page_that_is_not_current_is_told(folder: Path, tactful: Call) -> None:
    """A changed page, a missing one, and one of a rule that is gone."""
    assert tactful("rules", "pages", "docs").code == 0
    assert tactful("rules", "pages", "docs", "--check").code == 0
    (folder / "docs" / "guilt.md").write_text("mine\n")
    (folder / "docs" / "bait.md").unlink()
    (folder / "docs" / "gone.md").write_text("mine\n")
    told = tactful("rules", "pages", "docs", "--check")
    assert told.code == 1
    assert [line.split(":")[0] for line in told.out.splitlines()] == ["docs/bait.md", "docs/guilt.md", "docs/gone.md"]
    assert "gone.md: no page of a rule" in tactful("rules", "pages", "docs").err
    assert (folder / "docs" / "gone.md").read_text() == "mine\n"


SETTINGS = """
kind = "email"
ignore = { boast = "our readers ask for prizes" }
require_reason = true
[rules.guilt]
severity = "warning"
[[paths]]
match = ["notes/*"]
kind = "comment"
[models.mine]
base_url = "http://127.0.0.1:1/v1"
[library]
to.name = "Name"
"""


def test_the_settings_are_explained(folder: Path, tactful: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with its value, and the file and line, the variable or the default that said it."""
    (folder / "tactful.toml").write_text(SETTINGS)
    monkeypatch.setenv("TACTFUL_MODEL", "none")
    told = tactful("config").out.replace(f"{folder}/", "")
    for line in (
        'kind = "email"  # tactful.toml:2',
        'ignore.boast = "our readers ask for prizes"  # tactful.toml:3',
        'rules.guilt.severity = "warning"  # tactful.toml:6',
        'paths = [{"match": ["notes/*"], "kind": "comment"}]  # tactful.toml:7',
        'model = "none"  # TACTFUL_MODEL',
        'tier = ""  # default',
    ):
        assert line in told.splitlines()


def test_the_schema_of_the_settings(folder: Path, tactful: Call) -> None:
    """Sound; takes what the program takes and refuses what it refuses."""
    (folder / "tactful.toml").write_text(SETTINGS)
    schema = json.loads(tactful("config", "--schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads(SETTINGS), schema)
    assert schema == json.loads(json.dumps(settings_schema(rulebook.load())))
    for wrong in ("kindd = 1", 'kind = "emial"', "[rules.bost]\noff = true", "[[paths]]\nkind = 'email'", "model = 1"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(tomllib.loads(wrong), schema)
        (folder / "tactful.toml").write_text(wrong)
        assert tactful("check", "-", stdin="Hi").code == 2
