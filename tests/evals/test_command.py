"""`tactful eval` as its users meet it: exits, lists, files, and a whole life of a suite against a local server."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
import yaml

from pipeline.evals.baseline import load
from tests.models.test_client import FakeServer, said, server

__all__ = ["server"]

ROOT = Path(__file__).parents[2]
FEW = ("museum-registrar", "wetlands", "eel-fisher")
SHUT = """import socket
def refuse(*args, **kwargs):
    raise OSError("sockets are shut")
socket.socket.connect = socket.socket.connect_ex = socket.socket.bind = socket.getaddrinfo = refuse
"""


def tactful(*words: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own."""
    told = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **env}
    command = [sys.executable, "-m", "pipeline", *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=told, capture_output=True, text=True, check=False)


def test_the_suite_replays_with_sockets_shut_and_says_the_same_twice(tmp_path: Path) -> None:
    """Every case, no socket, exit 0, and two runs give the same bytes in every form."""
    (tmp_path / "sitecustomize.py").write_text(SHUT, "utf-8")
    out = [{name: tmp_path / f"{turn}.{name}" for name in ("junit", "markdown", "html")} for turn in "ab"]
    runs = [
        tactful(
            "eval", "--json", *(word for name, place in files.items() for word in (f"--{name}", place)),
            PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}",
        )
        for files in out
    ]  # fmt: skip
    assert [(one.returncode, one.stderr) for one in runs] == [(0, "")] * 2
    assert runs[0].stdout == runs[1].stdout
    assert all(out[0][name].read_bytes() == out[1][name].read_bytes() for name in out[0])
    document = json.loads(runs[0].stdout)
    assert document["schema"] == 1
    assert sum(len(one["cases"]) for one in document["models"].values()) >= 160
    tests = Xml.fromstring(out[0]["junit"].read_text("utf-8")).findall(".//testcase")
    assert len(tests) > 160


def test_the_shut_socket_is_shut(tmp_path: Path) -> None:
    """The same shutter stops a run that wants a model: it would have been noticed."""
    (tmp_path / "sitecustomize.py").write_text(SHUT, "utf-8")
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    done = tactful("eval", "--live", "--model", "ollama", "museum", PYTHONPATH=path)
    assert done.returncode == 3
    assert "ollama" in done.stderr


def test_a_changed_template_makes_an_exact_list_stale(tmp_path: Path) -> None:
    """Exit 4; every case that the template speaks in, and no other; what changed is named."""
    (tmp_path / "whole").mkdir()
    system = (ROOT / "prompts" / "whole" / "system.j2").read_text("utf-8")
    (tmp_path / "whole" / "system.j2").write_text(system.replace("You edit", "You mend"), "utf-8")
    done = tactful("eval", "--stale", "--prompts", tmp_path)
    lines = [line for line in done.stdout.splitlines() if line.startswith("stale")]
    whole = [model for model, rows in load(ROOT / "evals" / "baseline.json").models.items() if model != "smollm2-135m"]
    asked = {
        f"{path.parent.name}/{path.stem}"
        for model in whole
        for path in (ROOT / "evals" / "cassettes" / model).glob("*.yaml")
        if yaml.load(path.read_text("utf-8").replace("!lines", ""), yaml.CSafeLoader)["exchanges"]
    }
    assert done.returncode == 4
    assert {line.split()[1].rstrip(":") for line in lines} == asked
    assert all("template whole/system.j2" in line and "You mend" in line for line in lines)


def test_a_rule_of_one_kind_stales_no_other(tmp_path: Path) -> None:
    """A new error for comments, which whole prompts quote: stale comments, and nothing else."""
    (tmp_path / "house.toml").write_text(
        '[no-umbrella]\nsource = "B-end"\nseverity = "error"\nadvice = "Say nothing of umbrellas."\nwhy = "w"\n'
        'message = "{found}"\nkinds = ["comment"]\ncheck.phrases.any_of = ["umbrella"]\n',
        "utf-8",
    )
    stale = tactful("eval", "--stale", "--rules", tmp_path)
    kinds = tactful("eval", "--stale", "--rules", tmp_path, "--kind", "comment")
    assert stale.returncode == kinds.returncode == 4
    assert stale.stdout == kinds.stdout
    others = [word for kind in ("reply", "email", "message") for word in ("--kind", kind)]
    assert tactful("eval", "--stale", "--rules", tmp_path, *others).stdout == "nothing is stale\n"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--cases", "nowhere"), 2, "tactful eval init"),
        (("no-such-case",), 2, "no case is called 'no-such-case'"),
        (("--kind", "letter"), 2, "'letter' is not known"),
        (("--kind", "comment", "museum"), 2, "no case fits"),
        (("--record", "--live"), 2, "choose one of"),
        (("--stale", "--rescore"), 2, "--stale goes alone"),
        (("--repeat", "3"), 2, "--repeat goes with --live"),
        (("--bless", "--live"), 2, "--bless does not go with --live"),
        (("--bless", "--rescore"), 2, "--bless does not go with --rescore"),
        (("--rules", "nowhere"), 2, "nowhere"),
        (("--prompts", "nowhere"), 2, "no such folder"),
        (("--model", "gpt-99"), 3, "is not known"),
        (("museum", "--html", "/nonexistent/x.html"), 2, "/nonexistent/x.html: cannot be written"),
        (("doctor", "--cases", "nowhere"), 2, "tactful eval init"),
    ],
)
def test_what_cannot_be_done_is_told(words: tuple[str, ...], status: int, told: str) -> None:
    """One line that names the remedy, nothing on stdout."""
    done = tactful("eval", *words)
    assert (done.returncode, done.stdout) == (status, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


GOOD = (
    "Hi Wanjiru, I read your report on maize stores in Kitui. I repair silos in Embu. "
    "Which seals would you use at altitude? Thank you for your time.\n\nBest regards,\nMutua"
)
BAD = GOOD.replace("Embu", "Nairobi")


def test_the_life_of_a_suite(server: FakeServer, tmp_path: Path) -> None:
    """init, record, bless, replay, a prompt changes: stale; record what is stale; the model gets worse: it fell."""
    server.turns = [said(GOOD)]
    (tmp_path / "tactful.toml").write_text(
        f'model = "mine"\n[models.mine]\nbase_url = "{server.base_url}"\nid = "big-1"\nretries = 0\n', "utf-8"
    )
    (tmp_path / "prompts" / "whole").mkdir(parents=True)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return tactful("eval", *words, "--rules", "evals/rules", "--prompts", "prompts", cwd=tmp_path)

    assert tactful("eval", "init", cwd=tmp_path).returncode == 0
    assert "is there already" in tactful("eval", "init", cwd=tmp_path).stderr
    unrecorded = run()
    assert unrecorded.returncode == 4
    assert unrecorded.stdout.count("no cassette") == 2
    assert run("--record").returncode == 0
    blessed = run("--bless")
    assert blessed.returncode == 0
    assert "accepted  mine/too-soon: new, improved" in blessed.stdout
    assert (run().returncode, tactful("eval", "doctor", "--rules", "evals/rules", cwd=tmp_path).returncode) == (0, 0)

    user = (ROOT / "prompts" / "whole" / "user.j2").read_text("utf-8")
    (tmp_path / "prompts" / "whole" / "user.j2").write_text(user.replace("The message:", "Your message:"), "utf-8")
    stale = run()
    assert stale.returncode == 4
    assert [line for line in stale.stdout.splitlines() if line.startswith("stale")] == [
        "stale  mine/too-soon: the request differs: recorded 'The message:', now 'Your message:' "
        "(changed: template whole/user.j2)"
    ]
    sent = len(server.sent)
    assert run("--record", "--stale").returncode == 0
    assert len(server.sent) == sent + 1
    assert run().returncode == 0

    server.turns = [said("Hi Wanjiru, I", finish="length")]
    fell = run("--record", "too-soon")
    assert fell.returncode == 1
    assert "no usable answer: 0 -> 1 cases" in fell.stdout
    rescored = run("--rescore")
    assert rescored.returncode == 1
    again = run("--bless")
    assert "too-soon: improved -> failed" in again.stdout
    assert run().returncode == 0


def test_repeats_are_shown_as_their_mean(server: FakeServer, tmp_path: Path) -> None:
    """Live, three runs with three seeds: one score a case, the three values as its reason; nothing is recorded."""
    server.turns = [said(GOOD), said(BAD), said(BAD), said(GOOD)]
    (tmp_path / "tactful.toml").write_text(
        f'model = "mine"\n[models.mine]\nbase_url = "{server.base_url}"\nid = "big-1"\nretries = 0\n', "utf-8"
    )
    tactful("eval", "init", cwd=tmp_path)
    done = tactful("eval", "--live", "--repeat", "3", "--json", "too-soon", cwd=tmp_path)
    (case,) = json.loads(done.stdout)["models"]["mine"]["cases"]
    assert case["figures"]["score"]["why"].startswith("3 runs: ")
    assert len({sent.body["seed"] for sent in server.sent}) >= 3
    assert not (tmp_path / "evals" / "cassettes").exists()


def test_the_markdown_shows_what_changed(tmp_path: Path) -> None:
    """A rule that finds more: verdicts by name, and messages before and after where they changed."""
    place = tmp_path / "comment.md"
    (tmp_path / "house.toml").write_text(
        '[no-thanks-please]\nsource = "B-end"\nseverity = "error"\nadvice = "Do not thank."\nwhy = "w"\n'
        'message = "{found}"\nremedy = "drop"\ncheck.phrases.any_of = ["thank you", "thanks"]\n',
        "utf-8",
    )
    done = tactful("eval", "--rules", tmp_path, "--model", "smollm2-135m", "--markdown", place)
    text = place.read_text("utf-8")
    assert done.returncode in (1, 4)
    assert text.startswith("## ❌" if done.returncode == 1 else "## ⏳")
    assert len(text) < 65_536
    for part in ("<details><summary>", "**draft**", "**accepted**", "**now**", "| **worse** |", "fixed: "):
        assert part in text
