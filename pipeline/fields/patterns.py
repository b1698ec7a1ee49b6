"""A regular expression comes in as it is written; it goes out compiled when it is first used, and not before."""

import re
from collections.abc import Callable
from functools import cached_property


class Pattern:
    """A compiled pattern's methods; who meets no template never waits for one to be compiled."""

    def __init__(self, source: str, flags: int = 0) -> None:
        self._source, self._flags = source, flags

    @cached_property
    def match(self) -> Callable[..., re.Match[str] | None]:
        """`match` of the compiled pattern: text, and where to begin and end."""
        return re.compile(self._source, self._flags).match

    @cached_property
    def search(self) -> Callable[..., re.Match[str] | None]:
        """`search` of the compiled pattern: text, and where to begin and end."""
        return re.compile(self._source, self._flags).search

    @cached_property
    def fullmatch(self) -> Callable[..., re.Match[str] | None]:
        """`fullmatch` of the compiled pattern: text, and where to begin and end."""
        return re.compile(self._source, self._flags).fullmatch
