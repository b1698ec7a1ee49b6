"""The names of themes come in, none for all of them; a line for each bar goes out, and exit 1 where one is missed."""

import sys
from collections.abc import Callable, Iterator, Mapping

from tests.bench import check, evals, loop, rows, tokens

THEMES: Mapping[str, Callable[[], Iterator[bool]]] = {
    "check": check.bars,
    "evals": evals.bars,
    "tokens": tokens.bars,
    "loop": loop.bars,
    "rows": rows.bars,
}
BATCH = ("tokens", "loop", "rows")
"""The themes that `batch` stands for."""


def main(words: list[str]) -> int:
    """Run the themes and say which bars hold."""
    names = [name for word in words or THEMES for name in (BATCH if word == "batch" else (word,))]
    if unknown := [name for name in names if name not in THEMES]:
        print(f"no theme {', '.join(unknown)}; known: {', '.join(THEMES)}, batch", file=sys.stderr)
        return 2
    held = [bar for name in names for bar in THEMES[name]()]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
