"""Prints what a first visit to each page transfers, figures apart, beside two well-known books.

Run after ``make book``: ``python benchmarks/weight.py``. The other books' numbers were measured once, with the same
browser and without execution (shared design notes, 2026): page load before images, uncompressed.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/web")]

from test_weight import loaded, transferred  # noqa: E402

OTHERS = {
    "UBC Introduction to Data Science (before images and MathJax)": "2.4 MB",
    "QuantEcon lecture-python.myst (with MathJax)": "4.4–4.6 MB",
}


def main() -> None:
    """Print one line a page, then the others."""
    html = ROOT / "_build/html"
    if not (html / "index.html").is_file():
        sys.exit("build the book first: make book")
    print(f"{'page':58} {'uncompressed':>12} {'transferred':>12}")
    for page in sorted(html.glob("book/*.html")) + sorted(html.glob("notebooks/*.html")):
        files = loaded(page)
        plain, packed = sum(file.stat().st_size for file in files), sum(map(transferred, files))
        print(f"{page.relative_to(html).as_posix():58} {plain / 1e6:9.2f} MB {packed / 1e3:9.0f} KB")
    for name, size in OTHERS.items():
        print(f"{name:58} {size:>12}")


if __name__ == "__main__":
    main()
