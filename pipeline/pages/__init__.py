"""The data of a report comes in; one HTML file that needs nothing else goes out: no server, no network.

evals.html, review.html   a page each: its own words, shapes and script
shared.css, shared.js     what the pages have in common
"""

import json
from importlib.resources import files
from typing import Any


def render(name: str, data: Any) -> str:  # noqa: ANN401  any JSON value
    """The page of this name over its data. A text in the data can neither end the script nor be read as HTML."""
    page = _read(f"{name}.html")
    told = json.dumps(data, ensure_ascii=True).replace("<", "\\u003c")
    for mark, text in (("/*STYLE*/", _read("shared.css")), ("/*SHARED*/", _read("shared.js")), ("/*DATA*/null", told)):
        page = page.replace(mark, text, 1)
    return page


def _read(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")
