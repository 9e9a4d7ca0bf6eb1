"""Builds the book: references, pages, PDFs; only what changed, and never half of it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.console import Console

from bookkit import flashcards
from bookkit.evidence import bibliography
from bookkit.evidence.ledger import Ledger, LedgerError
from bookkit.instructor import pack
from bookkit.notebooks import publish
from bookkit.teach import glossary, inventory
from bookkit.web.offline import write_offline_zip

SOURCES = ("_config.yml", "_toc.yml", "references.bib", "requirements.lock", "pyproject.toml")
SOURCE_FOLDERS = ("book", "notebooks", "instructor", "evidence", "data", "src")
COMPUTED_FROM = ("src/mesosim", "data", "requirements.lock")
PAGES_FROM = ("src/bookkit", "_config.yml", "_toc.yml", "requirements.lock")


class BuildError(RuntimeError):
    """The book could not be built; the message says what to do."""


@dataclass(frozen=True)
class Layout:
    """Where a checkout keeps its sources and outputs."""

    root: Path

    @property
    def build(self) -> Path:
        return self.root / "_build"

    @property
    def html(self) -> Path:
        return self.build / "html"

    @property
    def pdf(self) -> Path:
        return self.build / "pdf"

    @property
    def instructor(self) -> Path:
        return self.build / "instructor"

    @property
    def notebooks(self) -> Path:
        return self.build / "notebooks"

    @property
    def running(self) -> Path:
        """Where the instructor's notebooks are run."""
        return self.build / ".running"

    @property
    def flashcards(self) -> Path:
        return self.build / "flashcards"

    @property
    def offline(self) -> Path:
        return self.build / "offline.zip"

    @property
    def doctrees(self) -> Path:
        return self.build / ".doctrees"

    @property
    def stamps(self) -> Path:
        return self.build / ".stamps.json"


def find_root(start: Path) -> Path:
    """Return the folder of the book that holds `start`.

    Raises
    ------
    BuildError
        When no folder above has a `_config.yml` and an `evidence` folder.
    """
    for folder in (start, *start.parents):
        if (folder / "_config.yml").is_file() and (folder / "evidence").is_dir():
            return folder
    raise BuildError(f"{start} is not inside the book: go to the folder that holds _config.yml and evidence/")


def _files(root: Path, names: Iterable[str]) -> list[Path]:
    found: list[Path] = []
    for name in names:
        path = root / name
        found += sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path] * path.exists()
    return [p for p in found if "__pycache__" not in p.parts and ".ipynb_checkpoints" not in p.parts]


def fingerprint(root: Path, names: Iterable[str]) -> str:
    """Return a hash of the content of files and folders, and of the Python that runs them."""
    digest = hashlib.sha256(sys.version.encode())
    for path in _files(root, names):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _load_stamps(layout: Layout) -> dict[str, str]:
    try:
        return json.loads(layout.stamps.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def _save_stamps(layout: Layout, stamps: dict[str, str]) -> None:
    layout.build.mkdir(exist_ok=True)
    layout.stamps.write_text(json.dumps(stamps, indent=1), encoding="utf-8")


def _forget_stale_work(layout: Layout, before: dict[str, str], now: dict[str, str]) -> None:
    """Drop notebook outputs when the models changed, and pages when the book's machinery did.

    MyST-NB keys its cache on a notebook's cells alone (MyST-NB issues 299 and 621), Sphinx on its configuration alone.
    """
    if before.get("computed") != now["computed"]:
        shutil.rmtree(layout.build / ".jupyter_cache", ignore_errors=True)
    if any(before.get(name) != now[name] for name in ("computed", "pages")):
        shutil.rmtree(layout.doctrees, ignore_errors=True)
        shutil.rmtree(layout.html, ignore_errors=True)


def _sphinx(layout: Layout, builder: str, source: Path | None = None) -> None:
    """Run one of Sphinx's builders on the book, or on another folder of pages."""
    start = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", str(source or layout.root), "-n", "-W", "--keep-going"]
    if builder != "html":
        command += ["--builder", "custom", "--custom-builder", builder]
    done = subprocess.run(command, cwd=layout.root, check=False, env={**os.environ, "BOOK_BUILD": "1"})
    if done.returncode:
        # A second run would find these pages read already and report nothing, so they must be read again.
        shutil.rmtree(layout.doctrees, ignore_errors=True)
        _save_stamps(layout, {k: v for k, v in _load_stamps(layout).items() if k != "all"})
        raise BuildError("the book was not built: mend what is reported above and run the command again")


def _publish_pdfs(layout: Layout) -> None:
    """Put the new PDFs in place together, so that no old one stays beside them; the instructor's go apart."""
    made = layout.build / "typst"
    if not (made / "book.pdf").is_file():
        raise BuildError(f"the PDF builder left no book.pdf in {made}")
    for_instructors = made / "instructor"
    public = [path for path in made.rglob("*.pdf") if for_instructors not in path.parents]
    _replace(layout.pdf, public, made)
    _replace(layout.instructor, for_instructors.rglob("*.pdf"), for_instructors)


def _replace(folder: Path, paths: Iterable[Path], base: Path) -> None:
    waiting = folder.with_name(f".{folder.name}-new")
    shutil.rmtree(waiting, ignore_errors=True)
    waiting.mkdir(parents=True)
    for path in paths:
        target = waiting / path.relative_to(base)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    shutil.rmtree(folder, ignore_errors=True)
    waiting.rename(folder)


def write_references(root: Path) -> bool:
    """Write references.bib from the ledger; return whether it changed."""
    try:
        return bibliography.write(Ledger(root / "evidence"), root / "references.bib")
    except LedgerError as error:
        raise BuildError(f"the evidence ledger cannot be read:\n{error}") from error


def _make_pages(layout: Layout, now: dict[str, str]) -> None:
    _sphinx(layout, "html")


def _write_notebooks(layout: Layout, now: dict[str, str]) -> None:
    """Write both editions of the labs, and put the student's in place."""
    if not (layout.root / "src").is_dir():
        return  # a book without models of its own has no labs to take away
    _sphinx(layout, "ipynb")
    made = layout.build / "ipynb"
    try:
        wheel = publish.build_wheel(layout.root, made)
    except publish.NotebookError as error:
        raise BuildError(str(error)) from error
    publish.copy_edition(made / "student", wheel, layout.notebooks)
    publish.copy_edition(made / "instructor", wheel, layout.running)


def _make_pdfs_and_run_notebooks(layout: Layout, now: dict[str, str]) -> None:
    """Set the PDFs, and beside that run the instructor's notebooks, whose outputs are part of them."""
    labs = sorted(layout.running.glob("*.ipynb"))
    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(publish.execute_all, labs, layout.build / ".notebook-cache", now["computed"])
        _sphinx(layout, "typst")
        try:
            running.result()
        except publish.NotebookError as error:
            raise BuildError(str(error)) from error
    _publish_pdfs(layout)
    if layout.running.is_dir():
        shutil.copytree(layout.running, layout.instructor / "notebooks")


def _make_guide(layout: Layout, now: dict[str, str]) -> None:
    """Write the guide for instructors, whose pages stand apart from the book's."""
    if not (layout.root / "instructor").is_dir():
        return
    work = layout.build / ".instructor"
    pack.prepare(layout.root, work, layout.build / inventory.FILE)
    _sphinx(layout, "typst", work)
    made = work / "_build" / "typst"
    shutil.copy2(made / "book.pdf", layout.instructor / "guide.pdf")
    for folder in ("plans", "plans-letter"):
        _replace(layout.instructor / folder, (made / folder).glob("*.pdf"), made / folder)


def _make_flashcards(layout: Layout, now: dict[str, str]) -> None:
    config = yaml.safe_load((layout.root / "_config.yml").read_text(encoding="utf-8"))
    name = config["sphinx"]["config"].get("teach_glossary")
    if not name:
        return
    terms = glossary.load(layout.root / name).terms
    pages = json.loads((layout.build / inventory.FILE).read_text(encoding="utf-8"))
    deck = flashcards.cards(terms, pages)
    shutil.rmtree(layout.flashcards, ignore_errors=True)
    flashcards.write_anki(deck, config["title"], layout.flashcards / "flashcards.apkg")
    for paper in ("a4", "us-letter"):
        flashcards.write_sheets(deck, config["title"], layout.flashcards / f"flashcards-{paper}.pdf", paper)


def _add_downloads(layout: Layout, now: dict[str, str]) -> None:
    """Put what readers may take with them beside the pages, so that a page can link to it."""
    downloads = layout.html / "downloads"
    shutil.rmtree(downloads, ignore_errors=True)
    for folder in (layout.pdf, layout.notebooks, layout.flashcards):
        if folder.is_dir():
            shutil.copytree(folder, downloads / folder.name)


def _make_offline_copy(layout: Layout, now: dict[str, str]) -> None:
    write_offline_zip(layout.html, layout.offline)


STEPS: tuple[tuple[str, Callable[[Layout, dict[str, str]], None]], ...] = (
    ("Pages", _make_pages),
    ("Notebooks", _write_notebooks),
    ("PDF", _make_pdfs_and_run_notebooks),
    ("For instructors", _make_guide),
    ("Flashcards", _make_flashcards),
    ("Downloads", _add_downloads),
    ("Offline copy", _make_offline_copy),
)


def _is_complete(layout: Layout) -> bool:
    last = (layout.offline, layout.html / "downloads", layout.html / "index.html", layout.pdf / "book.pdf")
    return all(path.exists() for path in last)


def build(root: Path, console: Console) -> None:
    """Build pages and PDFs, or say that nothing changed.

    Raises
    ------
    BuildError
        When anything in the sources is wrong; outputs of an earlier build stay as they were.
    """
    layout, started = Layout(root), time.monotonic()
    if write_references(root):
        console.print("references.bib written from the ledger")
    before = _load_stamps(layout)
    now = {
        "all": fingerprint(root, (*SOURCES, *SOURCE_FOLDERS)),
        "computed": fingerprint(root, COMPUTED_FROM),
        "pages": fingerprint(root, PAGES_FROM),
    }
    if before.get("all") == now["all"] and _is_complete(layout):
        console.print("Nothing changed since the last build.")
    else:
        _forget_stale_work(layout, before, now)
        _save_stamps(layout, {name: now[name] for name in ("computed", "pages")})
        for title, step in STEPS:
            console.rule(title)
            step(layout, now)
        _save_stamps(layout, now)
    _report(layout, console, time.monotonic() - started)


def _report(layout: Layout, console: Console, seconds: float) -> None:
    console.rule(f"Done in {seconds:.0f} s")
    places = {
        "Pages": layout.html / "index.html",
        "Offline copy": layout.offline,
        "Book": layout.pdf / "book.pdf",
        "Handouts": layout.pdf / "handouts",
        "Question sheets": layout.pdf / "questions",
        "Notebooks": layout.notebooks,
        "Flashcards": layout.flashcards,
        "For instructors": layout.instructor,
    }
    for name, path in places.items():
        if not path.exists():
            continue
        count = (
            f"  ({sum(1 for _ in path.glob('*.*'))} files)" if path.is_dir() and "instructor" not in path.name else ""
        )
        console.print(f"{name:16}{path}{count}", soft_wrap=True)


def clean(root: Path) -> None:
    """Remove everything that a build made."""
    shutil.rmtree(Layout(root).build, ignore_errors=True)
