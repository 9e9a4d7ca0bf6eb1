"""Fixtures for tests of what turns a ledger into pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_books import SmallBook


@pytest.fixture
def small_book(tmp_path: Path) -> SmallBook:
    """A small book with the small ledger."""
    return SmallBook(tmp_path)
