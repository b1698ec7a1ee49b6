"""`tactful review`: proposals are read, decided on the terminal or on the page, kept, and written when applied."""

import json
import os
import pty
import shutil
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.batch.yard import library, texts
from tests.commands import COMMAND, Call
from tests.test_cli import read_terminal

NONE = ("--model", "none")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture
def proposed(tactful: Call, folder: Path) -> Path:
    """A library of six templates, five of which a run would improve; nothing is written yet."""
    library(folder / "lib", 6)
    tactful("batch", "lib", "--diff", *NONE)
    return folder / "lib"


def ledger(tactful: Call) -> dict[str, dict[str, object]]:
    """The ledger's templates by the name of their file."""
    return {one["path"]: one for one in json.loads(tactful("ledger", "lib", "--json").out)["templates"]}


def improved(tactful: Call) -> dict[str, str]:
    """What the run proposes, by file."""
    rows = ledger(tactful)
    return {name: one["after"]["text"] for name, one in rows.items() if one["outcome"] == "improved"}  # type: ignore[index]


def bodies(place: Path) -> dict[str, str]:
    """The messages of a library, by file."""
    return {name: data.decode().split("---\n", 2)[2].strip("\n") for name, data in texts(place).items()}


def walk(*args: str | Path, keys: str) -> tuple[int, str]:
    """The command on a pseudo-terminal, a key pressed whenever it waits for one; exit code and all that was shown."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "NO_COLOR": "1"}
    command = [*COMMAND, "review", *map(str, args)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown, pressed = b"", 0
        while chunk := read_terminal(ours):
            shown += chunk
            if shown.count(b"[q]uit") > pressed < len(keys):
                while process.poll() is None and termios.tcgetattr(ours)[3] & termios.ICANON:
                    time.sleep(0.005)
                os.write(ours, keys[pressed].encode())
                pressed += 1
        os.close(ours)
    return process.returncode, shown.decode().replace("\r\n", "\n")


# ── On the terminal ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_accept_edit_reject_skip(tactful: Call, proposed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each key does what it says; --apply writes what was accepted, and later runs hold to every decision."""
    before, wanted = bodies(proposed), improved(tactful)
    first, second, third, fourth, fifth = sorted(wanted)
    monkeypatch.setenv("EDITOR", "sed -i 's/Hi /Dear /'")
    code, shown = walk(proposed, keys="aearsq")
    assert code == 0, shown
    assert "1 of 5  " + first in shown
    assert "edited by you" in shown
    assert "3 of 5 decided" in shown
    assert bodies(proposed) == before
    told = tactful("review", "lib", "--apply")
    assert (told.code, told.err.strip()) == (0, "2 messages accepted, 2 files written, 0 faults")
    edited = wanted[second].replace("Hi ", "Dear ")
    assert bodies(proposed) == before | {first: wanted[first], second: edited}
    assert tactful("review", "lib", "--apply").err.startswith("0 messages accepted, 0 files written")
    rest = json.loads(tactful("batch", "lib", "--in-place", *NONE, "--json").out)
    assert bodies(proposed) == before | {
        first: wanted[first],
        second: edited,
        fourth: wanted[fourth],
        fifth: wanted[fifth],
    }
    by_file = {Path(one["path"]).relative_to("lib").as_posix(): one["outcome"] for one in rest["templates"]}
    assert (by_file[third], by_file[fourth]) == ("rejected", "improved")
    assert by_file[second] != "improved"


def test_a_walk_goes_back_and_ends_anywhere(tactful: Call, proposed: Path) -> None:
    """What was decided before the end is kept; a second look changes it; the next walk shows the rest alone."""
    code, shown = walk(proposed, keys="rrbaxq")
    assert (code, "2 of 5 decided" in shown) == (0, True), shown
    assert "[a]ccept" in shown
    decided = {name: one["decision"] for name, one in ledger(tactful).items() if one["decision"]}
    assert [one["accepted"] for _, one in sorted(decided.items())] == [False, True]  # type: ignore[index]
    _, rest = walk(proposed, keys="q")
    assert "1 of 3" in rest
    _, again = walk(proposed, "--again", keys="q")
    assert "1 of 5" in again


def test_an_edit_that_loses_a_field_says_so(tactful: Call, proposed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's word stands, but not unseen."""
    monkeypatch.setenv("EDITOR", "sed -i 's/{{first_name}}/Ana/'")
    _, shown = walk(proposed, keys="eq")
    assert "merge field lost: {{first_name}}" in shown
    monkeypatch.setenv("EDITOR", "no-such-editor")
    code, shown = walk(proposed, keys="e")
    assert (code, "set EDITOR" in shown) == (2, True)


def test_a_template_that_changed_is_no_proposal(tactful: Call, proposed: Path) -> None:
    """What was decided on another text is not written over the new one."""
    walk(proposed, keys="aaaaa")
    some = sorted(improved(tactful))[0]
    place = proposed / some
    place.write_text(place.read_text("utf-8").replace("ASAP", "today"), "utf-8")
    mine = place.read_bytes()
    assert tactful("review", "lib", "--apply").err.startswith("4 messages accepted, 4 files written")
    assert place.read_bytes() == mine


# ── Bad input ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_errors(tactful: Call, folder: Path, proposed: Path) -> None:
    """Each says what to do: no terminal, no ledger, two ways at once, decisions of something else."""
    assert "--html" in tactful("review", "lib").err
    (folder / "other").mkdir()
    assert "no ledger yet" in tactful("review", "other").err
    assert tactful("review", "lib", "--apply", "--html", "a.html").code == 2
    for text in ("", "[]", '{"schema": 2, "decisions": []}', '{"schema": 1, "decisions": [{"path": "x"}]}'):
        (folder / "d.json").write_text(text, "utf-8")
        told = tactful("review", "lib", "--decisions", "d.json")
        assert (told.code, told.err.count("\n")) == (2, 1), told
    name, one = sorted(ledger(tactful).items())[0]
    row = {"path": name, "id": "", "key": one["key"], "verdict": "accept", "text": "", "subject": ""}
    lines = [row, row | {"key": "0" * 32, "text": "Hi"}, row | {"path": "gone.md", "text": "Hi"}]
    (folder / "d.json").write_text(json.dumps({"schema": 1, "decisions": lines}), "utf-8")
    told = tactful("review", "lib", "--decisions", "d.json")
    assert (told.code, told.out.count("\n")) == (1, 3)
    assert "0 decisions taken, 3 not" in told.err


# ── On the page ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One headless Chromium."""
    if BROWSER is None:
        pytest.skip("no Chromium here: install the system's package `chromium`")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def opened(browser: Browser, place: Path, said: list[str], **view: object) -> Page:
    """The page; whatever it logs or fetches is in `said`."""
    page = browser.new_page(**view)  # type: ignore[arg-type]
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if request.url != place.as_uri() else None)
    page.goto(place.as_uri())
    return page


@pytest.mark.enable_socket
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_shows_filters_and_fits(
    tactful: Call, folder: Path, proposed: Path, browser: Browser, width: int, scheme: str
) -> None:
    """On a phone and on a desk; nothing is fetched, nothing overflows, and texts are texts, whatever they hold."""
    (proposed / "bad.md").write_text("Hi <img src=x onerror=alert(1)></script>, I need it ASAP!!! {{sig}}\n", "utf-8")
    tactful("batch", "lib", "--diff", *NONE)
    assert tactful("review", "lib", "--html", "r.html").code == 0
    said: list[str] = []
    page = opened(browser, folder / "r.html", said, viewport={"width": width, "height": 800}, color_scheme=scheme)
    cards = page.locator("#cards > article")
    waiting = cards.count()
    page.select_option("#show", "")
    assert cards.count() == 7 > waiting >= 5
    page.select_option("#outcome", "clean")
    assert cards.count() == 1
    page.select_option("#outcome", "")
    page.fill("#text", "part-01/003")
    assert cards.count() == 1
    assert cards.first.locator("del").count()
    assert cards.first.locator("ins").count()
    page.fill("#text", "")
    page.select_option(
        "#rule", "urgency" if page.locator("#rule option[value=urgency]").count() else "no-reader-detail"
    )
    assert 1 <= cards.count() < 7
    assert page.locator(".charts svg rect").count() >= 20
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    page.close()


@pytest.mark.enable_socket
def test_what_the_page_saves_is_taken(tactful: Call, folder: Path, proposed: Path, browser: Browser) -> None:
    """Accepted, edited and rejected by mouse and by key; saved, taken, applied; the page made anew shows it."""
    before, wanted = bodies(proposed), improved(tactful)
    first, second, third, *_ = sorted(wanted)
    tactful("review", "lib", "--html", "r.html")
    said: list[str] = []
    page = opened(browser, folder / "r.html", said)
    card = {name: page.locator("article", has=page.locator("h3", has_text=name)) for name in wanted}
    card[first].get_by_role("button", name="Accept").click()
    card[second].get_by_role("button", name="Edit").click()
    card[second].get_by_label("The message").fill("Hi {{first_name}}, mine.\n{{signature}}")
    card[second].get_by_role("button", name="Accept this").click()
    page.keyboard.press("j")
    page.keyboard.press("r")
    assert page.inner_text("#state") == "2 accepted, 1 rejected, 2 to decide"
    with page.expect_download() as saved:
        page.click("#save")
    saved.value.save_as(folder / "d.json")
    assert said == [] or all(one.startswith("blob:") for one in said)
    page.close()
    assert tactful("review", "lib", "--decisions", "d.json").code == 0
    tactful("review", "lib", "--apply")
    new = {first: wanted[first], second: "Hi {{first_name}}, mine.\n{{signature}}"}
    assert bodies(proposed) == before | new
    assert ledger(tactful)[third]["decision"]["accepted"] is False  # type: ignore[index]
    tactful("review", "lib", "--html", "r.html")
    page = opened(browser, folder / "r.html", said)
    assert page.inner_text("#state") == "0 accepted, 1 rejected, 2 to decide"
    page.select_option("#show", "reject")
    assert page.locator("#cards > article").count() == 1
    page.close()
