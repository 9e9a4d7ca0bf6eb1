"""Fixtures for tests of the PDF builder."""

from conftest_typst import press

__all__ = ["press"]
