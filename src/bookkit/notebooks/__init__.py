"""Sphinx extension: student and instructor editions of the labs as Jupyter notebooks."""

from __future__ import annotations

from bookkit.notebooks.builder import setup

__all__ = ["setup"]
