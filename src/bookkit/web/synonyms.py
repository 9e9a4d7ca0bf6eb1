"""Search finds words in other spellings: a script that knows the book's synonyms rewrites what was typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

FILE = "search-synonyms.js"


def read_synonyms(path: Path) -> dict[str, str]:
    """Return the book's word for each other word, in lower case.

    Raises
    ------
    ValueError
        When the file is not a map of words, or a word leads to itself.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    if not isinstance(content, dict):
        raise ValueError(f"{path}: write one 'other word: the book's word' a line")
    words = {str(other).lower(): str(ours).lower() for other, ours in content.items()}
    for other, ours in words.items():
        if other == ours:
            raise ValueError(f"{path}: '{other}' leads to itself")
    return words


def script(words: dict[str, str]) -> str:
    """Return the script: it stands between Sphinx's search and the query."""
    table = json.dumps(words, ensure_ascii=False, sort_keys=True)
    return (
        "// Written by bookkit.web.synonyms.\n"
        f"(() => {{\n  const words = {table};\n"
        "  const search = Search.performSearch;\n"
        "  Search.performSearch = (query) =>\n"
        "    search(query.replace(/[\\p{L}\\p{N}-]+/gu, (word) => words[word.toLowerCase()] ?? word));\n})();\n"
    )


def load_on_search(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script on the search page alone, after Sphinx's own."""
    if pagename == "search" and app.config.web_synonyms:
        app.add_js_file(FILE, priority=700, loading_method="defer")


def write(app: Sphinx, failure: Exception | None) -> None:
    """Write the script beside the other static files."""
    if failure is None and app.builder.name == "html" and app.config.web_synonyms:
        words = read_synonyms(Path(app.srcdir) / app.config.web_synonyms)
        (Path(app.outdir) / "_static" / FILE).write_text(script(words), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the synonyms."""
    app.add_config_value("web_synonyms", "", "", [str])
    app.connect("html-page-context", load_on_search)
    app.connect("build-finished", write)
