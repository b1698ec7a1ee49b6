"""What tests share: the book, once."""

import pytest

from pipeline import rulebook
from pipeline.domain import Rulebook


@pytest.fixture(scope="session")
def book() -> Rulebook:
    """Our rulebook."""
    return rulebook.load()
