"""The speed of `eval`. Bar: the replay of all recorded cases at most 10 s."""

import sys
from collections.abc import Iterator

from tests.bench.timing import seconds, tool


def bars() -> Iterator[bool]:
    """The replay, beside what its imports alone take."""
    modules, replay = seconds(
        [sys.executable, "-c", "import openai, langchain_core.runnables, vcr"], [tool("tactful"), "eval"]
    )
    ratio = f"importing the SDK, langchain-core and vcrpy alone {modules:.2f} s; ratio {replay / modules:.1f}"
    print(f"replay of the evals    {replay:.2f} s, bar 10; {ratio}")
    yield replay <= 10
