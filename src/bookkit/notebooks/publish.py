"""Puts the notebooks where readers find them: the student's beside the pages, the instructor's apart and executed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

TIMEOUT = 300


class NotebookError(RuntimeError):
    """A notebook that doesn't run, or a wheel that could not be made."""


def build_wheel(root: Path, folder: Path) -> Path:
    """Make the wheel of the teaching models.

    Raises
    ------
    NotebookError
        When hatchling fails; the message is its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.whl"):
        old.unlink()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise NotebookError(f"the wheel could not be built:\n{done.stderr or done.stdout}")
    return wheels[0]


def execute(path: Path, cache: Path, salt: str) -> None:
    """Run a notebook and keep its outputs in it; one that was run before, with the same models, is copied.

    Parameters
    ----------
    path : Path
        The notebook.
    cache : Path
        Folder of executed notebooks.
    salt : str
        Changes whenever the models do.

    Raises
    ------
    NotebookError
        When a cell fails; the message names notebook and cell.
    """
    known = cache / f"{hashlib.sha256(path.read_bytes() + salt.encode()).hexdigest()}.ipynb"
    if not known.is_file():
        notebook = nbformat.read(path, as_version=4)
        try:
            NotebookClient(notebook, timeout=TIMEOUT, resources={"metadata": {"path": str(path.parent)}}).execute()
        except CellExecutionError as error:
            raise NotebookError(f"{path.name}: a cell of the instructor's edition fails:\n{error}") from error
        cache.mkdir(parents=True, exist_ok=True)
        known.write_text(nbformat.writes(notebook), encoding="utf-8")
    shutil.copyfile(known, path)


def execute_all(paths: Sequence[Path], cache: Path, salt: str) -> None:
    """Run notebooks, as many at once as there are cores: each has a kernel of its own, and we only wait for it.

    Raises
    ------
    NotebookError
        See `execute`; the first notebook that fails is named, once the others have ended.
    """
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        list(threads.map(lambda path: execute(path, cache, salt), paths))


def copy_edition(source: Path, wheel: Path, target: Path) -> None:
    """Put an edition's notebooks and the wheel into a new folder."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy2(wheel, target)
    for path in source.glob("*.ipynb"):
        shutil.copy2(path, target)
