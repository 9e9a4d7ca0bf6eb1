"""Writes references.bib from the ledger: each printable work once, nothing invented."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from pybtex.bibtex.utils import split_name_list

from bookkit.evidence.ledger import Ledger, Source

HEADER = "% Written from evidence/sources.yaml by `python -m bookkit references`; change the ledger, not this file.\n"
_ESCAPES = str.maketrans(
    {
        "&": r"\&",
        "%": r"\%",
        "#": r"\#",
        "_": r"\_",
        "$": r"\$",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
    }
)
_CORPORATE = re.compile(r"^\{.*\}$")


def escape(text: str) -> str:
    """Escape what BibTeX and LaTeX read as commands."""
    return text.translate(_ESCAPES)


def _authors(text: str) -> str:
    """Escape each name; braces around a body's name stay, since they keep it whole."""
    names = split_name_list(text)
    return " and ".join("{" + escape(name[1:-1]) + "}" if _CORPORATE.match(name) else escape(name) for name in names)


def _first_author(work: Source) -> str:
    return split_name_list(work.author or "")[0].split(",")[0]


def year_suffixes(works: Iterable[Source]) -> dict[str, str]:
    """Letters that tell apart works that an author-year citation would show alike.

    Works of the same first author, same author count up to three, and the same year get a, b, c … in the order of
    their keys.
    """
    groups: defaultdict[tuple[str, int, int | None], list[str]] = defaultdict(list)
    for work in works:
        if work.author:
            count = min(len(split_name_list(work.author)), 3)
            names = work.author if count < 3 else ""
            groups[(_first_author(work) + "|" + names, count, work.year)].append(work.key)
    return {
        key: chr(ord("a") + position)
        for keys in groups.values()
        if len(keys) > 1
        for position, key in enumerate(sorted(keys))
    }


def _note(work: Source) -> str | None:
    parts = []
    if work.missing:
        parts.append(f"Not seen: {'; '.join(work.missing)}")
    if not work.address and work.read_at:
        parts.append("Read as reproduced at the address given")
    elif not work.address:
        parts.append("No address was kept")
    return ". ".join(parts) or None


def entry(work: Source, suffix: str = "") -> str:
    """Return one BibTeX entry.

    Parameters
    ----------
    work : Source
        A printable work.
    suffix : str, optional
        Letter after the year, see `year_suffixes`.
    """
    fields = {
        "author": _authors(work.author) if work.author else None,
        "title": "{" + escape(work.title) + "}" if work.title else None,
        "journal": work.journal and escape(work.journal),
        "booktitle": work.booktitle and escape(work.booktitle),
        "series": work.series and escape(work.series),
        "institution": work.institution and escape(work.institution),
        "howpublished": work.howpublished and escape(work.howpublished),
        "year": str(work.year) if work.year else None,
        "yearsuffix": suffix or None,
        "volume": work.volume and escape(work.volume),
        "number": work.number and escape(work.number),
        "pages": work.pages and escape(work.pages),
        "isbn": work.isbn,
        "doi": work.doi and escape(work.doi),
        "pubmed": work.pmid,
        "url": None if work.doi else escape(work.url or (None if work.pmid else work.read_at) or "") or None,
        "note": (note := _note(work)) and escape(note),
    }
    body = "".join(f"  {name} = {{{text}}},\n" for name, text in fields.items() if text)
    return f"@{work.type}{{{work.key},\n{body}}}\n"


def render(ledger: Ledger) -> str:
    """Return the whole bibliography in the order of the keys."""
    works = [work for _, work in sorted(ledger.sources.items()) if work.printable]
    suffixes = year_suffixes(works)
    return HEADER + "".join("\n" + entry(work, suffixes.get(work.key, "")) for work in works)


def write(ledger: Ledger, path: Path) -> bool:
    """Write the bibliography when it differs; return whether it changed."""
    text = render(ledger)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True
