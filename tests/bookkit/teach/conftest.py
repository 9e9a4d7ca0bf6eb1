"""Fixtures for tests of lessons."""

from conftest_teach import lessons

__all__ = ["lessons"]
