"""The first code cell of a notebook: it installs the models from the wheel beside the notebook, or from its address."""

from __future__ import annotations

from sphinx.config import Config

TEMPLATE = """# Setup. Installs the teaching models once; run it first.
import importlib.util
import subprocess
import sys
from pathlib import Path

if importlib.util.find_spec({package!r}) is None:
    wheels = [str(path) for path in sorted(Path().glob({pattern!r}))]
    wheel = wheels[-1] if wheels else {url!r}
    if not wheel:
        raise FileNotFoundError("put the file {pattern} into the folder of this notebook, then run this cell again")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", wheel], check=True)"""


def source(config: Config) -> str:
    """Return the cell's code.

    It asks no registry for the package's name: a package of that name there would be somebody else's.
    """
    package = config.notebook_package
    return TEMPLATE.format(package=package, pattern=f"{package}-*.whl", url=config.notebook_wheel_url)
