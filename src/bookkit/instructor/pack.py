"""Builds the guide for instructors from `instructor/`, apart from the book, so that no page can show it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

EXTENSIONS = ["bookkit.evidence", "bookkit.instructor.pages", "bookkit.typst"]
KEPT = ("language", "numfig", "bibtex_reference_style", "bibtex_default_style", "suppress_warnings", "typst_version",
        "typst_date", "typst_online_url")  # fmt: skip


def prepare(root: Path, work: Path, lessons: Path) -> None:
    """Write the sources of the guide: the folder `instructor/`, with a configuration made from the book's.

    Parameters
    ----------
    root : Path
        The book.
    work : Path
        A folder that may be replaced.
    lessons : Path
        The inventory that the book's build wrote.
    """
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(root / "instructor", work)
    shutil.copy2(root / "references.bib", work)
    config = configuration(yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8")), root, lessons)
    (work / "_config.yml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")


def configuration(book: dict[str, Any], root: Path, lessons: Path) -> dict[str, Any]:
    """Return the guide's configuration: the book's look and rules, with its own title and editions."""
    ours = {key: value for key, value in book["sphinx"]["config"].items() if key in KEPT}
    ours |= {
        "bibtex_bibfiles": ["references.bib"],
        "evidence_folder": str(root / "evidence"),
        "instructor_lessons": str(lessons),
        "typst_subtitle": "For instructors: plans, syllabi, and what assesses what",
        "typst_editions": {"plans": {}, "plans-letter": {"paper": "us-letter"}},
        "typst_handout_exclude": ["syllabi", "map"],
    }
    return {
        "title": book["title"],
        "author": book["author"],
        "copyright": book["copyright"],
        "only_build_toc_files": True,
        "execute": {"execute_notebooks": "off"},
        "parse": book["parse"],
        "sphinx": {"extra_extensions": EXTENSIONS, "config": ours},
    }
