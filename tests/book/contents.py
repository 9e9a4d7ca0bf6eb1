"""The pages of the book, in reading order, so that a new page needs no line in the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
NO_HANDOUT = (
    "book/99-glossary", "book/99-evidence-index", "book/99-bibliography", "book/99-how-the-evidence-was-gathered",
    "book/99-model-parameters",
)  # fmt: skip


def _files(entries: list[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        yield entry["file"]
        yield from _files(entry.get("sections", []))


def _pages() -> tuple[str, ...]:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return tuple(name for part in toc["parts"] for name in _files(part["chapters"]))


HANDOUTS = tuple(name for name in _pages() if name not in NO_HANDOUT)
LABS = tuple(Path(name).name for name in _pages() if name.startswith("notebooks/"))
