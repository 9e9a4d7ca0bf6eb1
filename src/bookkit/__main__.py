"""Runs the command line as ``python -m bookkit``."""

from bookkit.cli import app

app(prog_name="python -m bookkit")
