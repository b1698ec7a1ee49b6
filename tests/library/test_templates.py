"""Three hundred templates of teams, in eight languages, rewritten in place: their fields, read by others' parsers.

Files and fields are read here without any code of ours: by PyYAML, csv and json, and by python-liquid, Jinja and
spintax-core where a language has a parser, else by its own brackets.
"""

import csv
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import jinja2
import liquid
import pytest
import spintax_core
import yaml

from tests.commands import Call

HOME = Path(__file__).parent.parent.parent / "evals" / "templates"


def _liquid(text: str) -> Iterable[str]:
    """Every tag and output of a Liquid template, as python-liquid prints it."""
    nodes = liquid.Environment().from_string(text).nodes
    return [str(node) for node in nodes if type(node).__name__ != "ContentNode"]


def _jinja(text: str) -> Iterable[str]:
    """Every tag, output and comment of a Jinja template, as its lexer cuts it."""
    jinja2.Environment().parse(text)
    tag = ""
    for _, kind, value in jinja2.Environment().lex(text):
        tag = tag + value if kind != "data" else tag
        if kind.endswith("_end"):
            yield tag
            tag = ""


def _spintax(text: str) -> Iterable[str]:
    """Every choice of a spintax template that stands in no other, with all that is in it."""
    assert not spintax_core.validate(text)
    return [repr(node) for node in spintax_core.parse(text).nodes if type(node).__name__ == "EnumerationNode"]


def _by(pattern: str) -> Callable[[str], Iterable[str]]:
    return re.compile(pattern).findall


FIELDS: dict[str, Callable[[str], Iterable[str]]] = {
    "handlebars": _by(r"\{\{[^{}]+\}\}"),
    "jinja": _jinja,
    "liquid": _liquid,
    "mailchimp": _by(r"\*\|[^|*]+\|\*"),
    "salesforce": _by(r"\{![^{}]+\}"),
    "single-brace": _by(r"\{\w+\}"),
    "spintax": _spintax,
    "square": _by(r"\[[^\[\]]+\]|%[A-Z_]+%"),
}
"""What reads the fields of each language."""


def messages(place: Path) -> dict[str, dict[str, str]]:
    """The messages of a library as they are stored, each as a table with a text, by file or id."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(place.iterdir()):
        if path.suffix == ".csv":
            with path.open(encoding="utf-8", newline="") as file:
                found |= {row["id"]: row for row in csv.DictReader(file)}
        elif path.suffix == ".yaml":
            found |= {row["id"]: row for row in yaml.safe_load(path.read_text("utf-8"))}
        elif path.suffix == ".jsonl":
            found |= {row["id"]: row for row in map(json.loads, path.read_text("utf-8").splitlines())}
        elif path.is_file():
            _, front, text = path.read_text("utf-8").split("---\n", 2)
            found[path.name] = yaml.safe_load(front) | {"text": text}
    return found


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_survives(tactful: Call, folder: Path, name: str) -> None:
    """Text and subject hold the same fields as often as before, all else is as it was; a second run does nothing."""
    place = folder / name
    shutil.copytree(HOME / name, place)
    before = messages(place)
    assert len(before) >= 37
    first = json.loads(tactful("batch", name, "--in-place", "--model", "none", "--json").out)
    after = messages(place)
    assert first["summary"]["faults"] == 0
    assert list(after) == list(before)
    changed = [key for key in before if before[key]["text"] != after[key]["text"]]
    assert 4 <= len(changed) == first["summary"]["outcomes"]["improved"]
    for key in changed:
        old, new = before[key], after[key]
        assert Counter(FIELDS[name](new["text"])) == Counter(FIELDS[name](old["text"])), key
        assert Counter(FIELDS[name](new.get("subject") or "")) == Counter(FIELDS[name](old.get("subject") or "")), key
    for key, old in before.items():
        assert after[key] == old | {part: after[key][part] for part in ("text", "subject") if part in old}, key
    again = json.loads(tactful("batch", name, "--in-place", "--model", "none", "--json").out)["summary"]
    assert (again["known"], again["calls"], again["written"]) == (len(before), 0, 0)


def test_eight_languages_three_hundred_templates() -> None:
    """As many as were promised, no two alike, and each read as what it is."""
    texts = {name: [one["text"] for one in messages(HOME / name).values()] for name in FIELDS}
    assert sum(map(len, texts.values())) >= 300
    assert len({" ".join(text.split()) for some in texts.values() for text in some}) == sum(map(len, texts.values()))
    for name, some in texts.items():
        assert all(list(FIELDS[name](text)) for text in some), name
