"""The command line: ``python -m bookkit build``, ``references``, ``check``, ``serve``, ``clean``."""

from __future__ import annotations

import functools
import http.server
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bookkit import pipeline
from bookkit.evidence import bibliography
from bookkit.evidence.ledger import Ledger, LedgerError

app = typer.Typer(help="Build and check the book.", no_args_is_help=True, add_completion=False)
console = Console(highlight=False)


def _root() -> Path:
    try:
        return pipeline.find_root(Path.cwd())
    except pipeline.BuildError as error:
        _stop(str(error))


def _stop(message: str) -> None:
    console.print(message, style="bold red", markup=False, soft_wrap=True)
    raise typer.Exit(1)


@app.command()
def build() -> None:
    """Build the pages, the PDF book and the handouts."""
    try:
        pipeline.build(_root(), console)
    except pipeline.BuildError as error:
        _stop(str(error))


@app.command()
def references() -> None:
    """Write references.bib from the evidence ledger."""
    try:
        changed = pipeline.write_references(_root())
    except pipeline.BuildError as error:
        _stop(str(error))
    console.print("references.bib written" if changed else "references.bib is what the ledger gives")


@app.command()
def check() -> None:
    """Check the ledger and references.bib, without building."""
    root = _root()
    try:
        ledger = Ledger(root / "evidence")
    except LedgerError as error:
        _stop(str(error))
    if (root / "references.bib").read_text(encoding="utf-8") != bibliography.render(ledger):
        _stop("references.bib is not what the ledger gives: run `python -m bookkit references`")
    printable = sum(fact.printable for fact in ledger.facts.values())
    console.print(
        f"{len(ledger.facts)} facts ({printable} printable), {len(ledger.sources)} works and "
        f"{len(ledger.claims)} claims are sound"
    )


@app.command()
def serve(port: Annotated[int, typer.Option(help="Port on this computer.")] = 8000) -> None:
    """Show the built pages in a browser on this computer."""
    html = pipeline.Layout(_root()).html
    if not (html / "index.html").is_file():
        _stop("there are no pages yet: run `python -m bookkit build` first")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        console.print(f"http://127.0.0.1:{port}/ (stop with Ctrl+C)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            console.print("stopped")


@app.command()
def clean() -> None:
    """Remove everything that a build made."""
    pipeline.clean(_root())
    console.print("_build removed")
