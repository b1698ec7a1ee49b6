"""Tables: TOML and YAML as a user writes them, and every fault with its line."""

import subprocess
import sys

import pytest

from pipeline import tables
from pipeline.domain import Brief
from pipeline.errors import BriefError

BROKEN = {
    "toml, no value": ("toml", 'goal = "x"\nkind =', 2, "broken TOML"),
    "toml, no quotes": ("toml", "kind = message", 1, "mend or quote"),
    "toml, too deep": ("toml", "a = " + "[" * 100_000, 1, "too many brackets"),
    "yaml, a colon": ("yaml", "goal: x\nto: y: z", 2, "quote text that holds ': '"),
    "yaml, a tab": ("yaml", "to:\n\tname: Ana", 2, "indent with spaces"),
    "yaml, open bracket": ("yaml", "shared: [a, b", 1, "broken YAML"),
    "yaml, no such day": ("yaml", "days_since: 2024-13-45", 1, "quote what is meant as text"),
    "yaml, bell": ("yaml", "goal: x\nto: \x07", 2, "U+0007"),
    "yaml, too deep": ("yaml", "[" * 100_000, 1, "too many brackets"),
    "yaml, a list": ("yaml", "- a\n- b", 1, "a table of keys"),
    "yaml, a word": ("yaml", "hello", 1, "a table of keys"),
    "yaml, code": ("yaml", "!!python/object/apply:os.system ['true']", 1, "broken YAML"),
}


@pytest.mark.parametrize(("syntax", "text", "line", "words"), BROKEN.values(), ids=BROKEN)
def test_broken_text_is_one_line_with_its_place(syntax: str, text: str, line: int, words: str) -> None:
    """Whatever is wrong with a text, the error names file and line and says what to do, on one line."""
    with pytest.raises(BriefError) as caught:
        tables.parse(text, syntax, "b", BriefError)
    said = str(caught.value)
    assert said.startswith(f"b:{line}: ")
    assert words in said
    assert "\n" not in said


def test_lines_count_from_the_files_top() -> None:
    """A table below other lines is told with the lines of the file."""
    with pytest.raises(BriefError, match=r"^b:7: "):
        tables.parse("kind = message", "toml", "b", BriefError, 6)


def test_an_empty_key_says_nothing() -> None:
    """In YAML a key left for later is as if it were not there, also inside."""
    assert tables.parse("tier:\nto:\n  name:\n  role: x\n", "yaml", "b", BriefError) == {"to": {"role": "x"}}


LINES = {
    "yaml": ("kind: x\nfrom:\n  name: Ola\nto:\n  name: 3\n", "to.name", 5),
    "yaml, on one line": ("goal: to: x\nto: {role: x, name: 3}\n", "to.name", 2),
    "toml table": ('[from]\nname = "Ola"\n\n[to]\nname = 3\n', "to.name", 5),
    "toml dots": ('from.name = "Ola"\nto.name = 3\n', "to.name", 2),
    "toml table in a table": ("[rules.guilt]\noff = true\n[rules.pressure]\noff = 1\n", "rules.pressure.off", 4),
    "quoted": ('"kind": 3\n', "kind", 1),
    "a word in a value": ("goal: about to: do\nhistory:\n  sent: many\n", "history.sent", 3),
    "nowhere": ("a: 1\n", "b", 1),
}


@pytest.mark.parametrize(("text", "key", "line"), LINES.values(), ids=LINES)
def test_a_key_has_its_line(text: str, key: str, line: int) -> None:
    """A dotted key is found under its own table, not under the first that has such a key."""
    assert tables.line_of(text, key) == line


WRONG = {
    "a word for a number": ({"history": {"sent": "many"}}, "history.sent: write a whole number, not text"),
    "a number for a word": ({"goal": 3}, "goal: write text, not a whole number"),
    "a word for a table": ({"to": "Ana"}, "to: write a table, not text"),
    "a word for a list": ({"to": {"facts": "x"}}, "to.facts: write a list, not text"),
    "a number in a list": ({"shared": ["x", 3]}, "shared[1]: write text, not a whole number"),
    "no such word": ({"to": {"seniority": "boss"}}, "to.seniority: 'boss' is not known; known: student, junior, peer"),
    "nearly a word": ({"to": {"seniority": "senor"}}, "did you mean 'senior'?"),
    "a number or nothing": ({"history": {"days_since": "x"}}, "write a whole number or nothing, not text"),
}


@pytest.mark.parametrize(("table", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_told_plainly(table: dict[str, object], words: str) -> None:
    """A value of the wrong type is told with its key and in words of no programming language."""
    with pytest.raises(BriefError) as caught:
        tables.convert(table, Brief, lambda key: f"at {key}", BriefError)
    assert words in str(caught.value)
    assert "`" not in str(caught.value)


RACE = """
import importlib, json, os, sys, threading
import msgspec

sys.setswitchinterval(1e-6)
struct = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])
text = json.dumps(dict.fromkeys(struct.__struct_encode_fields__))
gate = threading.Barrier(8)

def first():
    gate.wait()
    try:
        msgspec.json.decode(text, type=struct)
    except msgspec.ValidationError:
        pass

def race():
    threads = [threading.Thread(target=first) for _ in range(8)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    os._exit(0)

children = [os.fork() or race() for _ in range(60)]
sys.exit(sum(os.waitpid(one, 0)[1] != 0 for one in children))
"""


@pytest.mark.parametrize("struct", ["pipeline.models.chat.Answer", "pipeline.drafts.Brief"])
def test_threads_may_be_the_first_to_read_a_struct(struct: str) -> None:
    """Eight threads at once, in sixty processes: without `ready` some die."""
    run = subprocess.run([sys.executable, "-c", RACE, *struct.rsplit(".", 1)], timeout=60, check=False)
    assert run.returncode == 0
