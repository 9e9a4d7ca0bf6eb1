"""Runs the labs before MyST-NB reads them: side by side into its cache, where it would run one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)


def fill_cache(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Put the outputs of all notebooks to be read into MyST-NB's cache.

    A notebook that fails is left to MyST-NB, which runs it again and reports the cell.
    """
    config = getattr(env, "mystnb_config", None)
    if config is None or config.execution_mode != "cache":
        return
    cache = get_cache(config.execution_cache_path or ".jupyter_cache")
    waiting = list(_not_run_yet(env, docnames, cache))
    if len(waiting) < 2:
        return

    def run(lab: tuple[Path, NotebookNode]) -> ExecutionResult:
        path, notebook = lab
        return single_nb_execution(
            notebook, cwd=str(path.parent), timeout=config.execution_timeout,
            allow_errors=config.execution_allow_errors,
        )  # fmt: skip

    logger.info("running %d notebooks side by side", len(waiting))
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # each has a kernel of its own, and we only wait for it
        for (path, notebook), result in zip(waiting, threads.map(run, waiting), strict=True):
            if result.err is None:
                bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": result.time})
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def _not_run_yet(
    env: BuildEnvironment, docnames: Iterable[str], cache: JupyterCacheAbstract
) -> Iterator[tuple[Path, NotebookNode]]:
    """Yield the notebooks among documents that the cache doesn't hold; those with options of their own are left out."""
    for docname in docnames:
        path = Path(env.doc2path(docname))
        text = path.read_text(encoding="utf-8")
        reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
        if reader is None:
            continue
        notebook = reader.read(text)
        if env.mystnb_config.metadata_key in notebook.metadata:
            continue
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            yield path, notebook
