"""What tests share: the book, once; and the command, run in this process."""

import pytest

from pipeline import rulebook
from pipeline.domain import Rulebook
from tests.commands import folder, tactful

__all__ = ["folder", "tactful"]


@pytest.fixture(scope="session")
def book() -> Rulebook:
    """Our rulebook."""
    return rulebook.load()
