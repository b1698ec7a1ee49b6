"""Each format, read by a program that others use, or held against what its platform documents."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as Tree

import jsonschema
import pytest
from junitparser import JUnitXml
from sarif import loader

from pipeline.formats.documents import schema
from pipeline.formats.table import FORMATS
from tests.commands import Call

BAD = (
    "---\nkind: email\nsubject: 'RE: HELLO THERE'\n---\nDear Ana 😀,\n\nwe are the best <bakery> & more, 100% sure;"
    " could we have a call?\x0b Reply, today: yes\n"
)
GOOD = "Hi Ana, your talk on queue design changed how I page people. I run the night desk of a small host in Porto. "


@pytest.fixture
def told(folder: Path, tactful: Call) -> dict[str, str]:
    """What each format says of two files, one of them in a folder with a blank and a letter beyond ASCII."""
    (folder / "ü b").mkdir()
    (folder / "ü b" / "bad.md").write_text(BAD)
    (folder / "good.md").write_text(GOOD + "What would you do differently today? Thank you for your time.\n\nRui\n")
    names = ("good.md", "ü b/bad.md")
    return {form: tactful("check", "--format", form, *names).out for form in (*FORMATS, "brief", "full")}


def findings(told: dict[str, str]) -> list[dict[str, object]]:
    """The findings, as JSON lines have them."""
    return [json.loads(line) for line in told["jsonl"].splitlines()]


def test_all_formats_tell_the_same(told: dict[str, str]) -> None:
    """As many findings of the same rules in each."""
    rules = sorted(str(one["rule"]) for one in findings(told))
    assert len(rules) > 5
    assert sorted(one["rule"] for file in json.loads(told["json"])["files"] for one in file["findings"]) == rules
    assert sorted(one["ruleId"] for one in json.loads(told["sarif"])["runs"][0]["results"]) == rules
    assert sorted(one["check_name"] for one in json.loads(told["gitlab"])) == rules
    assert sorted(one["code"]["value"] for one in json.loads(told["rdjson"])["diagnostics"]) == rules
    assert sorted(str(one.get("source"))[8:] for one in Tree.fromstring(told["checkstyle"]).iter("error")) == rules
    assert sorted(re.findall(r"title=tactful ([\w-]+)::", told["github"])) == rules
    assert len(told["brief"].splitlines()) == len(rules)


def test_the_json_fits_its_schema(told: dict[str, str]) -> None:
    """The schema is sound, the document fits it, and one with a wrong key does not."""
    jsonschema.Draft202012Validator.check_schema(schema())
    document = json.loads(told["json"])
    jsonschema.validate(document, schema())
    document["files"][0]["score"] = "high"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())


def test_sarif_is_read_by_the_sarif_tools(told: dict[str, str], folder: Path) -> None:
    """Counts by level, and a place for each; columns count code points, as the log says."""
    (folder / "out.sarif").write_text(told["sarif"])
    read = loader.load_sarif_file(str(folder / "out.sarif"))
    wanted = {"error": 0, "warning": 0, "note": 0}
    for one in findings(told):
        wanted[{"hint": "note", "fatal": "error"}.get(str(one["severity"]), str(one["severity"]))] += 1
    records = read.get_records()
    assert {level: sum(one["Severity"] == level for one in records) for level in wanted} == wanted
    assert {one["Location"] for one in records} == {"%C3%BC%20b/bad.md"}
    assert sorted(int(one["Line"]) for one in records) == sorted(int(str(one["line"])) for one in findings(told))
    run = json.loads(told["sarif"])["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    for one in run["results"]:
        assert run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"]
        assert one["partialFingerprints"]["tactful/v1"]


def test_junit_is_read_by_a_parser(told: dict[str, str], folder: Path) -> None:
    """A suite a file; what is worse than a hint fails; a clean file passes one test."""
    (folder / "out.xml").write_text(told["junit"])
    suites = {suite.name: suite for suite in JUnitXml.fromfile(str(folder / "out.xml"))}
    assert set(suites) == {"good.md", "ü b/bad.md"}
    bad = [one for one in findings(told) if one["name"] == "ü b/bad.md"]
    assert suites["ü b/bad.md"].failures == sum(one["severity"] != "hint" for one in bad) > 0
    assert suites["ü b/bad.md"].tests == len(bad)
    assert suites["good.md"].failures == 0


def test_github_commands_can_be_taken_apart_again(told: dict[str, str]) -> None:
    """As the runner does it: `::command key=value,...::text`, percent signs for marks that would part it."""
    for line, one in zip(told["github"].splitlines(), findings(told), strict=True):
        found = re.fullmatch(r"::(notice|warning|error) ([^:]*)::(.*)", line)
        assert found
        keys = dict(pair.split("=", 1) for pair in found[2].split(","))
        assert keys["file"] == one["name"]
        assert int(keys["line"]) == one["line"]
        if "endColumn" in keys:
            assert int(keys["endColumn"]) >= int(keys["col"])
        text = found[3].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        assert text == f"{one['message']}. {one['advice']}"


def test_gitlab_has_one_fingerprint_each(told: dict[str, str]) -> None:
    """The keys that GitLab reads, its severities, and no fingerprint twice."""
    rows = json.loads(told["gitlab"])
    assert len({row["fingerprint"] for row in rows}) == len(rows)
    for row in rows:
        assert row["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert row["location"]["lines"]["begin"] >= 1


def test_rdjson_counts_bytes(told: dict[str, str]) -> None:
    """Columns are bytes of UTF-8 from 1, as the format has it; the end is exclusive."""
    lines = BAD.split("\n")
    rows = json.loads(told["rdjson"])["diagnostics"]
    spans = [(row["location"]["range"], one) for row, one in zip(rows, findings(told), strict=True)]
    checked = 0
    for span, one in spans:
        if one["part"] == "body" and "end" in span:
            line = lines[span["start"]["line"] - 1].encode()
            assert line[span["start"]["column"] - 1 : span["end"]["column"] - 1].decode() == one["found"]
            checked += 1
    assert checked >= 2


def test_checkstyle_is_sound_xml(told: dict[str, str]) -> None:
    """Even where a message holds what XML cannot."""
    files = {one.get("name") for one in Tree.fromstring(told["checkstyle"]).iter("file")}
    assert files == {"good.md", "ü b/bad.md"}


def test_statistics_count(folder: Path, tactful: Call) -> None:
    """The most frequent rule first, and a sum."""
    for name in ("a.md", "b.md"):
        (folder / name).write_text(BAD)
    told = tactful("check", "--statistics", ".")
    assert re.search(r"^ +2 in 2 +error +ask +premature-call$", told.out, re.MULTILINE)
    assert told.out.endswith("in 2 files, 0 of them clean\n")
    assert told.code == 1
