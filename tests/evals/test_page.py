"""The HTML page in a real browser: it opens, filters, shows a case, and says nothing on its console."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.evals.test_command import tactful

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium here: install the system's package `chromium`"),
    pytest.mark.enable_socket,
]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the whole suite."""
    place = tmp_path_factory.mktemp("page") / "evals.html"
    tactful("eval", "--html", place)
    return place


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One headless Chromium."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_it_opens_filters_and_shows(browser: Browser, page_file: Path, width: int, scheme: str) -> None:
    """On a phone and on a desk, light and dark; nothing is fetched from elsewhere and nothing overflows."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    cards = page.locator("#cases > details")
    everything = cards.count()
    assert everything >= 160
    page.select_option("#kind", "reply")
    page.select_option("#model", "smollm2-135m")
    replies = cards.count()
    assert 10 <= replies < everything
    page.fill("#text", "eel-fisher")
    assert cards.count() == 1
    assert page.inner_text("#count").startswith("1 of ")
    cards.first.locator("summary").click()
    cards.first.locator("pre").first.wait_for()
    assert cards.first.locator("pre").count() >= 2
    assert cards.first.locator("del, ins").count() > 0
    assert cards.first.locator("table tr").count() > 20
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, paper = (page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("color", "backgroundColor"))
    assert contrast(ink, paper) >= 7
    assert page.locator("#chart svg rect").count() >= 16
    assert (said, asked) == ([], [page_file.as_uri()])
    page.close()


def test_a_case_can_be_linked(browser: Browser, page_file: Path) -> None:
    """The address of a case opens it."""
    page = browser.new_page()
    page.goto(f"{page_file.as_uri()}#smollm2-135m/museum-registrar-early-call")
    page.wait_for_selector("details[open] .texts")
    assert "Toyama" in page.inner_text("details[open]")
    page.close()


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 counts it; 7 is its highest demand of a text."""

    def light(colour: str) -> float:
        parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        return sum(
            weight * (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4)
            for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True)
        )

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)
