"""Times the PDF edition against Sphinx's own LaTeX route, from the same doctrees, in turn, in the same run.

Build the book (``make book``), install what the tests need (``make test`` does), then
``.venv/bin/python benchmarks/pdf.py``. Three jobs are timed from start of Python to finished PDF:

- ours: the book and all handouts, as ``make book`` makes them;
- ours, the book alone;
- LaTeX, the book alone: Sphinx's LaTeX builder, then latexmk with XeLaTeX.

All three start Sphinx and resolve the documents, most of our time; the ratio is of whole jobs, not of compilers.
LaTeX's PDF has the same text and figures, all reference lists at its end, and not the tables that labs print as HTML
(see ``latex_figures.py``).

The LaTeX route needs, on Debian,
``apt-get install texlive-xetex texlive-latex-extra texlive-fonts-extra latexmk xindy librsvg2-bin``;
without it only our own times are printed, and what is missing. Every job works on a fresh copy of what was read
in a folder of its own: a run changes what the next one finds (after LaTeX, Sphinx would read all documents again), and
``_build`` stays as it was. A warning, a document that is read again, or an error in LaTeX's log ends the benchmark.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pypdfium2
import yaml

ROOT = Path(__file__).resolve().parents[1]
READ = (".doctrees", "jupyter_execute")
"""Folders of ``_build`` that hold the documents already read, and the values and figures of the labs."""
RUNS = 3
JUPYTER_BOOK = ["-c", "from jupyter_book.cli.main import main; main()"]
JUPYTER_BOOK_LATEX = [str(ROOT / "benchmarks/latex_figures.py")]
PROGRAMS = ("xelatex", "latexmk", "xindy", "rsvg-convert")
STYLES = ("bbm.sty", "unicode-math.sty", "fontawesome5.sty")


@dataclass
class Job:
    """Times of one way to make PDFs.

    Attributes
    ----------
    wall, work : list of float
        Seconds by the clock, and of processors, of each run; the second hardly feels what else the machine does.
    pdfs : list of (int, int)
        Pages and words of each PDF of the last run.
    """

    name: str
    wall: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    pdfs: list[tuple[int, int]] = field(default_factory=list)

    def __str__(self) -> str:
        pages, words = (sum(numbers) for numbers in zip(*self.pdfs, strict=True))
        spread = f"{min(self.wall):.1f} to {max(self.wall):.1f}"
        times = f"{statistics.median(self.wall):5.1f} s ({spread}), {statistics.median(self.work):5.1f} s of processor"
        return f"{self.name:24} {times}, {len(self.pdfs):2} PDF, {pages:3} pages, {words:6} words"


def run(command: list[str], folder: Path) -> str:
    """Run a command and return what it printed; end the benchmark with its last lines when it fails."""
    done = subprocess.run(command, cwd=folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}:\n" + "\n".join(printed.splitlines()[-30:]))
    return printed


def sphinx(start: list[str], builder: str, config: Path, out: Path) -> None:
    """Run a builder on the doctrees in `out`, and make sure that it read no document again."""
    command = [sys.executable, *start, "build", str(ROOT), "--config", str(config), "--path-output", str(out)]
    printed = run([*command, "-n", "-W", "--keep-going", "--builder", "custom", "--custom-builder", builder], ROOT)
    if "0 added, 0 changed, 0 removed" not in printed:
        sys.exit(f"{builder}: documents were read again, so the times cannot be compared: run make book first")


def typst(config: Path, out: Path) -> list[Path]:
    """Make our PDFs."""
    sphinx(JUPYTER_BOOK, "typst", config, out)
    return sorted((out / "_build/typst").rglob("*.pdf"))


def latex(config: Path, out: Path) -> list[Path]:
    """Make the book's PDF through LaTeX, and make sure that LaTeX found no error."""
    sphinx(JUPYTER_BOOK_LATEX, "latex", config, out)
    folder = out / "_build/latex"
    source = next(path for path in folder.glob("*.tex") if "\\documentclass" in path.read_text(encoding="utf-8"))
    run(["latexmk", "-pdfxe", "-interaction=nonstopmode", source.name], folder)
    log = source.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
    errors = [line for line in log.splitlines() if line.startswith("!") or "Missing character" in line]
    if errors:
        sys.exit("LaTeX set the book with errors:\n" + "\n".join(errors))
    return [source.with_suffix(".pdf")]


def content(path: Path) -> tuple[int, int]:
    """Return the numbers of pages and of words of a PDF; the dots of a table of contents are no words."""
    document = pypdfium2.PdfDocument(path)
    words = (word for page in document for word in page.get_textpage().get_text_bounded().split())
    return len(document), sum(any(map(str.isalnum, word)) for word in words)


def processor_seconds() -> float:
    """Return the seconds of processors that finished child processes used, and theirs."""
    used = os.times()
    return used.children_user + used.children_system


def measure(job: Job, make: Callable[[Path, Path], list[Path]], config: Path) -> None:
    """Time one run, on a copy of the doctrees that is made before the clock starts."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        for name in READ:
            shutil.copytree(ROOT / "_build" / name, out / "_build" / name)
        clock, used = time.perf_counter(), processor_seconds()
        made = make(config, out)
        job.wall.append(time.perf_counter() - clock)
        job.work.append(processor_seconds() - used)
        job.pdfs = [content(path) for path in made]


def missing() -> list[str]:
    """Return what the LaTeX route lacks on this machine."""
    programs = [name for name in PROGRAMS if not shutil.which(name)]
    if programs:
        return programs
    return [name for name in STYLES if not subprocess.run(["kpsewhich", name], capture_output=True, check=False).stdout]


def ratio(slow: Job, fast: Job) -> str:
    """Return how many times longer one job takes, by the clock and in processor time."""
    wall = statistics.median(slow.wall) / statistics.median(fast.wall)
    work = statistics.median(slow.work) / statistics.median(fast.work)
    return f"{wall:.1f} by the clock, {work:.1f} in processor time"


def main() -> None:
    """Print the times of the three jobs and their ratios."""
    if not (ROOT / "_build/.doctrees/environment.pickle").is_file():
        sys.exit("build the book first: make book")
    config = ROOT / "_config.yml"
    everything, alone, theirs = Job("ours, book and handouts"), Job("ours, book alone"), Job("LaTeX, book alone")
    lacking = missing()
    with tempfile.TemporaryDirectory() as scratch:
        no_handouts = yaml.safe_load(config.read_text(encoding="utf-8"))
        no_handouts["sphinx"]["config"]["typst_editions"] = {}
        book_alone = Path(scratch) / "_config.yml"
        book_alone.write_text(yaml.safe_dump(no_handouts), encoding="utf-8")
        for _ in range(RUNS):
            measure(everything, typst, config)
            measure(alone, typst, book_alone)
            if not lacking:
                measure(theirs, latex, config)
    print(everything, alone, sep="\n")
    if lacking:
        print(f"LaTeX was not timed, as this machine lacks {', '.join(lacking)}")
        return
    print(theirs)
    print(f"ratio, LaTeX's book / our book: {ratio(theirs, alone)}")
    print(f"ratio, LaTeX's book / our book and all handouts: {ratio(theirs, everything)}")


if __name__ == "__main__":
    main()
