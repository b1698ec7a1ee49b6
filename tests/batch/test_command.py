"""`tactful batch` and `tactful ledger` as a user meets them: what is written where, exit status, faults on one line."""

import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pyarrow import parquet

from pipeline.batch.ledger import Ledger
from pipeline.batch.nouns import Decision, Message, Place
from pipeline.errors import LedgerError
from tests.batch.yard import library, template, texts
from tests.commands import COMMAND, Call
from tests.models.test_client import FakeServer, Turn, failed, said, server
from tests.test_cli import on_terminal

__all__ = ["server"]
NONE = ("--model", "none")


def in_place(tactful: Call, place: Path) -> dict[str, bytes]:
    """What --in-place makes of a copy of a folder."""
    copy = place.parent / "in-place-copy"
    shutil.copytree(place, copy, ignore=shutil.ignore_patterns(".tactful"))
    tactful("batch", copy, "--in-place", *NONE)
    made = texts(copy)
    shutil.rmtree(copy)
    return made


def test_without_a_model(tactful: Call, folder: Path) -> None:
    """A library is improved by the rules alone; the second run knows it all, and writes nothing."""
    library(folder / "lib", 6)
    first = tactful("batch", "lib", "--in-place", *NONE, "--json")
    table = json.loads(first.out)
    assert (table["schema"], len(table["templates"])) == (1, 6)
    assert table["summary"]["outcomes"] == {"improved": 5, "clean": 1}
    assert table["summary"]["written"] == 5
    after = texts(folder / "lib")
    second = json.loads(tactful("batch", "lib", "--in-place", *NONE, "--json").out)
    assert (second["summary"]["known"], second["summary"]["calls"], second["summary"]["written"]) == (6, 0, 0)
    assert texts(folder / "lib") == after
    assert (folder / "lib" / ".tactful" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("program", [["git", "apply"], ["patch", "-p1"]], ids=lambda words: words[0])
def test_a_patch_does_what_in_place_does(tactful: Call, folder: Path, program: list[str]) -> None:
    """Also where lines end in CR LF, the last line does not end, names hold spaces, and letters are not ASCII."""
    library(folder / "lib", 6)
    for name, text in {
        "with space.md": template(1).encode(),
        "dos.md": template(2).replace("\n", "\r\n").encode(),
        "no end.md": template(3).rstrip("\n").encode(),
        "größe.md": template(0).replace("tides", "Größe").encode(),
    }.items():
        (folder / "lib" / name).write_bytes(text)
    wanted = in_place(tactful, folder / "lib")
    before = texts(folder / "lib")
    told = tactful("batch", "lib", "--diff", *NONE)
    assert texts(folder / "lib") == before
    assert "templates" in told.err
    subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
    subprocess.run(program, cwd=folder, input=os.fsencode(told.out), check=True, capture_output=True)
    made = texts(folder / "lib")
    assert made == wanted
    assert made != before
    assert b"\r\n" in made["dos.md"]
    assert not made["no end.md"].endswith(b"\n")


def test_out_holds_the_whole_library(tactful: Call, folder: Path) -> None:
    """What changed, and what did not; mode bits too; the library itself stays."""
    library(folder / "lib", 6)
    (folder / "lib" / "part-00" / "000.md").chmod(0o640)
    before = texts(folder / "lib")
    wanted = in_place(tactful, folder / "lib")
    tactful("batch", "lib", "--out", "better", *NONE)
    assert texts(folder / "lib") == before
    assert texts(folder / "better") == wanted
    assert stat.S_IMODE((folder / "better" / "part-00" / "000.md").stat().st_mode) == 0o640
    one = tactful("batch", "lib/part-00/000.md", "--out", "one.md", *NONE)
    assert one.code == 0
    assert (folder / "one.md").read_bytes() == wanted["part-00/000.md"]


BAD = {
    "unclosed.md": b"Hi {{first_name, I came across your profile.\n",
    "key.md": b"---\nkindd: email\n---\nHi Ana.\n",
    "kind.md": b"---\nkind: telegram\n---\nHi Ana.\n",
    "empty.md": b"---\nkind: message\n---\n",
    "binary.md": b"\x89PNG\r\n\x1a\n\0\0",
    "huge.md": b"x" * 5_000_000,
    "rows.csv": (
        b"id,text,kind,to.name,to.facts\n"
        b'ok,"Hi {{first_name}}, I came across your profile. Answer ASAP!",message,Ana,wrote a post on tides\n'
        b"short\n"
        b'twice,"Hi Ana, one.",message,Ana,\n'
        b'twice,"Hi Ana, two.",message,Ana,\n'
        b'wrong,"Hi Ana, three.",telegram,Ana,\n'
        b'../../etc/passwd,"Hi Ana, what did you measure first?",message,Ana,\n'
    ),
    "no-text.csv": b"a,b\n1,2\n",
}


def test_bad_input_is_one_row_each_and_the_run_goes_on(tactful: Call, folder: Path) -> None:
    """Every fault names its place; the good templates beside it are improved; exit 1."""
    library(folder / "lib", 3)
    for name, data in BAD.items():
        (folder / "lib" / name).write_bytes(data)
    (folder / "lib" / "Case.md").write_text(template(0), "utf-8")
    (folder / "lib" / "case.md").write_text(template(0), "utf-8")
    (folder / "secret.md").write_text("Hi Ana, secret.", "utf-8")
    (folder / "lib" / "out.md").symlink_to(folder / "secret.md")
    shut = folder / "lib" / "shut.md"
    shut.write_text(template(1), "utf-8")
    shut.chmod(0o444)
    before = texts(folder / "lib")
    told = tactful("batch", "lib", "--in-place", *NONE)
    assert told.code == 1, told
    lines = told.out.splitlines()
    for name in (*BAD, "Case.md", "case.md", "out.md", "shut.md"):
        assert any(name in line and ": fault: " in line for line in lines), (name, lines)
    assert sum("rows.csv" in line and ": fault: " in line for line in lines) >= 3
    assert not any("Traceback" in line for line in (*lines, told.err))
    after = texts(folder / "lib")
    assert {name for name in before if after[name] != before[name]} == {
        "part-00/000.md",
        "part-00/001.md",
        "part-00/002.md",
        "rows.csv",
    }
    assert (folder / "secret.md").read_text("utf-8") == "Hi Ana, secret."
    assert stat.S_IMODE(shut.stat().st_mode) == 0o444
    out = tactful("batch", "lib", "--out", "better", *NONE)
    assert out.code == 1
    assert "unclosed.md" not in texts(folder / "better")


def test_findings_only(tactful: Call, folder: Path) -> None:
    """--check needs neither model nor ledger."""
    library(folder / "lib", 3)
    told = tactful("batch", "lib", "--check")
    assert told.code == 1
    assert "lib/part-00/000.md:5:22: error form-letter-opener" in told.out
    assert not (folder / "lib" / ".tactful").exists()
    found = json.loads(tactful("batch", "lib", "--check", "--json", "--only", "000.md").out)["templates"]
    assert [one["name"] for one in found] == ["lib/part-00/000.md"]
    shutil.rmtree(folder / "lib" / "part-00")
    (folder / "lib" / "clean.md").write_text(template(4), "utf-8")
    assert tactful("batch", "lib", "--check").code == 0


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        ([], "give exactly one of"),
        (["--diff", "--in-place"], "give exactly one of"),
        (["--check", "--out", "x"], "give exactly one of"),
        (["--diff", "--json"], "both write to stdout"),
        (["--out", "lib/inside"], "lies in the library itself"),
        (["--out", "lib"], "lies in the library itself"),
        (["--in-place", "--budget-usd", "5"], "has no price"),
        (["--in-place", "--only", "*.nothing"], "no templates in files whose name is like '*.nothing'"),
        (["--in-place", "--model", "no-such"], "is not known"),
    ],
)
def test_usage_is_refused_before_anything_is_done(tactful: Call, folder: Path, args: list[str], fault: str) -> None:
    """One line, exit 2 or 3 for a model, and no file is touched."""
    library(folder / "lib", 1)
    before = texts(folder / "lib")
    told = tactful("batch", "lib", *(() if "--model" in args else NONE), *args)
    assert told.code in {2, 3}
    assert fault in told.err
    assert len(told.err.splitlines()) == 1
    assert texts(folder / "lib") == before


def test_nothing_is_there(tactful: Call, folder: Path) -> None:
    """A path that is not there, an empty folder, and no ledger."""
    assert "no such file or folder" in tactful("batch", "missing", "--check").err
    (folder / "empty").mkdir()
    assert tactful("batch", "empty", "--check").code == 2
    assert "no ledger yet" in tactful("ledger").err


def test_an_estimate_sends_nothing(tactful: Call, folder: Path, server: FakeServer) -> None:
    """What would be done; nothing is asked, nothing is written."""
    library(folder / "lib", 10)
    before = texts(folder / "lib")
    (folder / "tactful.toml").write_text(
        f'[models.ours]\nbase_url = "{server.base_url}"\nid = "x"\nprice_in = 1.0\nprice_out = 2.0\n', "utf-8"
    )
    told = tactful("batch", "lib", "--estimate", "--model", "ours", "--json")
    guess = json.loads(told.out)["estimate"]
    assert told.code == 0
    assert (guess["files"], guess["templates"], guess["settled"], guess["to_do"]) == (10, 10, 2, 8)
    assert guess["calls"] > 0
    assert guess["usd"] > 0
    assert server.sent == []
    assert texts(folder / "lib") == before
    tactful("batch", "lib", "--diff", *NONE)
    known = json.loads(tactful("batch", "lib", "--estimate", *NONE, "--json").out)["estimate"]
    assert (known["known"], known["to_do"], known["calls"]) == (10, 0, 0)


def test_a_model_that_fails_is_exit_3(tactful: Call, folder: Path, server: FakeServer) -> None:
    """Each failure is a row; the ledger shows it; the next run asks again and is well."""
    library(folder / "lib", 2)
    (folder / "tactful.toml").write_text(
        f'[models.ours]\nbase_url = "{server.base_url}"\nid = "x"\nretries = 0\n', "utf-8"
    )
    server.turns = [failed(400, "bad")]
    told = tactful("batch", "lib", "--in-place", "--model", "ours", "--jobs", "1")
    assert told.code == 3
    assert "lib/part-00/000.md:5: failed: " in told.out
    assert "failed" in tactful("ledger", "--outcome", "failed").out
    server.turns = [
        said("Hi {{first_name}}, your post on tides stayed with me. What would you change? {{signature}}"),
    ]
    again = tactful("batch", "lib", "--in-place", "--model", "ours", "--jobs", "1")
    assert again.code in {0, 1}


def test_the_ledger_shows_and_filters(tactful: Call, folder: Path) -> None:
    """By outcome and path, for readers and as JSON."""
    library(folder / "lib", 6)
    (folder / "tactful.toml").write_text('model = "none"\n', "utf-8")
    tactful("batch", "lib", "--in-place")
    assert (folder / ".tactful" / "ledger.db").is_file()
    assert len(tactful("ledger").out.splitlines()) == 6
    assert len(tactful("ledger", "--outcome", "clean").out.splitlines()) == 1
    some = json.loads(tactful("ledger", "--path", "lib/part-01/*", "--json").out)["templates"]
    assert [one["path"] for one in some] == [f"lib/part-01/{name:03}.md" for name in (3, 4, 5)]
    assert some[0]["before"]["text"] != some[0]["after"]["text"]
    assert "known: improved" in tactful("ledger", "--outcome", "x").err


def test_a_ledger_that_cannot_be_used_is_told(tactful: Call, folder: Path) -> None:
    """Damaged, or of a newer program: one line with a remedy, and it is left alone."""
    library(folder / "lib", 1)
    place = folder / "lib" / ".tactful" / "ledger.db"
    place.parent.mkdir()
    place.write_bytes(b"this is no database at all" * 100)
    told = tactful("batch", "lib", "--in-place", *NONE)
    assert (told.code, len(told.err.splitlines())) == (2, 1)
    assert "move the file away" in told.err
    place.unlink()
    tactful("batch", "lib", "--in-place", *NONE)
    with sqlite3.connect(place) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert "newer tactful" in tactful("ledger", "lib").err


def test_columns_of_the_settings(tactful: Call, folder: Path) -> None:
    """[library] says which column is the text; only that cell changes."""
    (folder / "tactful.toml").write_text(
        'model = "none"\n[library]\ntext = "Body EN"\nkind = "Channel"\nto.facts = "Known"\n', "utf-8"
    )
    head, tail = b"\xef\xbb\xbfKey;Body EN;Channel;Known;Note\r\na;", b';message;wrote a post on tides;"x ""y"""\r\n'
    (folder / "all.csv").write_bytes(head + b'"Hi {{first_name}}, I came across your profile. Answer ASAP!"' + tail)
    told = tactful("batch", "all.csv", "--in-place")
    assert told.code in {0, 1}, told
    made = (folder / "all.csv").read_bytes()
    assert made.startswith(head + b'"Hi {{first_name}}, ')
    assert b"post on tides" in made.removesuffix(tail)
    assert made.endswith(tail)


def test_a_limit_and_quiet(tactful: Call, folder: Path) -> None:
    """The first two templates alone; nothing is said where all is well."""
    library(folder / "lib", 6)
    before = texts(folder / "lib")
    told = tactful("batch", "lib", "--in-place", "--limit", "2", "--quiet", *NONE)
    assert (told.out, told.err, told.code) == ("", "", 0)
    after = texts(folder / "lib")
    assert [name for name in before if before[name] != after[name]] == ["part-00/000.md", "part-00/001.md"]


def test_a_full_disk_ends_the_run_and_loses_nothing(tactful: Call, folder: Path) -> None:
    """One line with the remedy; with room again the run goes on."""
    library(folder / "lib", 9)
    before = texts(folder / "lib")
    with Ledger(folder / "lib") as ledger:
        pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
        ledger._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(LedgerError, match="make room on the disk and run again"):
            ledger.see(Place("x" * 400_000, ""), "key")
    assert texts(folder / "lib") == before
    assert tactful("batch", "lib", "--in-place", *NONE).code == 0


def test_progress_is_shown_on_a_terminal_only(tactful: Call, folder: Path) -> None:
    """A line that counts; the summary below it."""
    library(folder / "lib", 6)
    code, shown = on_terminal("batch", folder / "lib", "--in-place", *NONE)
    assert code == 0, shown
    assert " done, " in shown
    assert "6 templates: 5 improved, 1 clean; 0 faults" in shown
    assert " done, " not in tactful("batch", "lib", "--in-place", *NONE).err


def test_ctrl_c_twice_ends_at_once(folder: Path, server: FakeServer) -> None:
    """Exit status 130 while the model still thinks; what was finished is kept."""
    library(folder / "lib", 6)
    (folder / "tactful.toml").write_text(f'[models.ours]\nbase_url = "{server.base_url}"\nid = "x"\n', "utf-8")
    server.turns = [replace(said("Hi {{first_name}}. {{signature}}"), after=5.0)]
    command = [*COMMAND, "batch", "lib", "--in-place", "--model", "ours"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not server.sent:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.stderr
        assert "press Ctrl-C again" in process.stderr.readline()
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert time.monotonic() - begun < 3


@pytest.mark.parametrize("turn", [said("Hi {{first_name}}."), failed(429, "slow down", Retry_After="100")])
def test_ctrl_c_ends_a_wait_for_the_models_limit(folder: Path, server: FakeServer, turn: Turn) -> None:
    """Of a minute, or as long as the server wishes: what waits is left, and the run ends as always."""
    library(folder / "lib", 6)
    (folder / "tactful.toml").write_text(
        f'[models.ours]\nbase_url = "{server.base_url}"\nid = "x"\nrequests_per_minute = 1\n', "utf-8"
    )
    server.turns = [turn]
    command = [*COMMAND, "batch", "lib", "--in-place", "--model", "ours", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not server.sent:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        out, _ = process.communicate(timeout=20)
        assert time.monotonic() - begun < 5
    assert process.returncode == 130
    assert json.loads(out)["summary"]["outcomes"]["left"] == 6
    assert len(server.sent) == 1


def test_flags_win_over_the_tables_limits(tactful: Call, folder: Path, server: FakeServer) -> None:
    """--rpm 0 lifts the table's limit: nothing waits a minute."""
    library(folder / "lib", 4)
    (folder / "tactful.toml").write_text(
        f'[models.ours]\nbase_url = "{server.base_url}"\nid = "x"\nrequests_per_minute = 1\n', "utf-8"
    )
    server.turns = [said("Hi {{first_name}}, your post stayed with me. What would you change? {{signature}}")]
    begun = time.monotonic()
    tactful("batch", "lib", "--in-place", "--model", "ours", "--rpm", "0", "--tpm", "1000000")
    assert time.monotonic() - begun < 20
    assert len(server.sent) > 3


def test_a_wait_is_shown_on_a_terminal(folder: Path, server: FakeServer) -> None:
    """Why nothing comes, and for how long."""
    library(folder / "lib", 1)
    (folder / "tactful.toml").write_text(f'[models.ours]\nbase_url = "{server.base_url}"\nid = "x"\n', "utf-8")
    server.turns = [failed(429, "slow down", Retry_After="2"), said("Hi {{first_name}}, what now? {{signature}}")]
    _, shown = on_terminal("batch", folder / "lib", "--in-place", "--model", "ours")
    assert "waiting 2 s for the model's limit" in shown
    assert "waiting 1 s for the model's limit" in shown


FACTS = "wrote a post on tides"
ASAP = "Hi {{first_name}}, I came across your profile. I need an answer ASAP! {{signature}}"
LIBRARIES = {
    "a.csv": f'id,text,to.name,to.facts\none,"{ASAP}",Ana,{FACTS}\n',
    "b.tsv": f"id\ttext\tto.name\tto.facts\none\t{ASAP}\tAna\t{FACTS}\n",
    "c.jsonl": f'{{"id": "one", "text": "{ASAP}", "to": {{"name": "Ana", "facts": ["{FACTS}"]}}}}\n',
    "d.json": f'[{{"id": "one",  "text": "{ASAP}", "to": {{"name": "Ana", "facts": ["{FACTS}"]}}}}]\n',
    "e.yaml": f"# ours\none:\n  text: '{ASAP}'\n  to: {{name: Ana, facts: [{FACTS}]}}\n",
    "f.md": f"---\nto: {{name: Ana, facts: [{FACTS}]}}\n---\n{ASAP}\n",
}


def test_every_format_is_rewritten_alike(tactful: Call, folder: Path) -> None:
    """The same message in six formats is worked on once, and each file changes in its text alone."""
    (folder / "lib").mkdir()
    for name, data in LIBRARIES.items():
        (folder / "lib" / name).write_text(data, "utf-8")
    table = json.loads(tactful("batch", "lib", "--in-place", *NONE, "--json").out)
    rows = table["templates"]
    assert [Path(row["path"]).name for row in rows] == list(LIBRARIES)
    assert len({row["key"] for row in rows}) == 1
    new = rows[0]["after"]["text"]
    assert new != ASAP
    assert texts(folder / "lib") == {name: data.replace(ASAP, new).encode() for name, data in LIBRARIES.items()}
    assert json.loads(tactful("batch", "lib", "--in-place", *NONE, "--json").out)["summary"]["known"] == 6


def test_rows_as_a_file(tactful: Call, folder: Path) -> None:
    """JSON lines and Parquet hold what --json shows, faults too, and nothing else is left beside them."""
    library(folder / "lib", 6)
    (folder / "lib" / "unclosed.md").write_bytes(BAD["unclosed.md"])
    first = json.loads(tactful("batch", "lib", "--out", "better", *NONE, "--json").out)["templates"][0]
    with Ledger(folder / "lib") as kept:
        kept.decide(Decision(first["key"], accepted=True, after=Message("Hi {{first_name}}, a word of mine.")))
    for name in ("rows.jsonl", "rows.parquet"):
        shown = json.loads(tactful("batch", "lib", "--out", "better", *NONE, "--json", "--results", name).out)
        place = folder / name
        lines = place.read_text("utf-8").splitlines() if place.suffix == ".jsonl" else []
        rows = [json.loads(line) for line in lines] or parquet.read_table(place).to_pylist()
        assert [{key: row.get(key) for key in one} for one, row in zip(shown["templates"], rows, strict=True)] == (
            shown["templates"]
        )
        assert rows[0]["decision"]["text"] == "Hi {{first_name}}, a word of mine."
        assert rows[-1]["fault"]
    assert sorted(path.name for path in folder.iterdir()) == ["better", "lib", "rows.jsonl", "rows.parquet"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("rows.csv", "ends in .jsonl or .parquet"),
        ("lib/rows.jsonl", "lies in the library itself"),
        ("missing/rows.jsonl", "cannot be written: No such file or directory"),
    ],
)
def test_a_place_for_rows_that_cannot_be(tactful: Call, folder: Path, name: str, fault: str) -> None:
    """One line, exit 2, and no template is touched."""
    library(folder / "lib", 1)
    before = texts(folder / "lib")
    told = tactful("batch", "lib", "--in-place", *NONE, "--results", name)
    assert (told.code, len(told.err.splitlines())) == (2, 1)
    assert fault in told.err
    assert texts(folder / "lib") == before


def test_rows_of_a_run_that_breaks_are_no_file(
    tactful: Call, folder: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there before stays."""
    library(folder / "lib", 1)
    (folder / "rows.jsonl").write_text("before", "utf-8")
    (folder / "tactful.toml").write_text(
        f'[models.ours]\nbase_url = "{server.base_url}"\nid = "x"\nkey_env = "OUR_API_KEY"\n', "utf-8"
    )
    monkeypatch.delenv("OUR_API_KEY", raising=False)
    assert tactful("batch", "lib", "--in-place", "--model", "ours", "--results", "rows.jsonl").code == 3
    assert (folder / "rows.jsonl").read_text("utf-8") == "before"
    assert sorted(path.name for path in folder.glob("*rows*")) == ["rows.jsonl"]


@pytest.mark.parametrize("module", ["ray", "pyarrow"])
def test_ray_that_is_not_installed(tactful: Call, folder: Path, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """One line with the remedy; without Arrow there is no Parquet either. The threads need neither."""
    library(folder / "lib", 1)
    monkeypatch.setitem(sys.modules, module, None)
    told = tactful("batch", "lib", "--in-place", *NONE, "--engine", "ray")
    assert (told.code, len(told.err.splitlines())) == (2, 1)
    assert "python -m pip install 'tactful[ray]'" in told.err
    if module == "pyarrow":
        assert "'tactful[ray]'" in tactful("batch", "lib", "--diff", *NONE, "--results", "rows.parquet").err
    assert tactful("batch", "lib", "--in-place", *NONE).code == 0
