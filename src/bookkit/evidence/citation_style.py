"""Author-year citations and reference lists that tell same-year works apart and stay honest about gaps."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import pybtex.plugin
import sphinxcontrib.bibtex.plugin
from pybtex.plugin import register_plugin
from pybtex.richtext import HRef, Tag, Text
from pybtex.style import FormattedEntry
from pybtex.style.formatting.unsrt import Style as UnsrtStyle
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.sorting.author_year_title import SortingStyle
from pybtex.style.template import node
from sphinxcontrib.bibtex.style.referencing import BracketStyle, GroupReferenceStyle, PersonStyle
from sphinxcontrib.bibtex.style.referencing.basic_author_year import (
    BasicAuthorYearParentheticalReferenceStyle,
    BasicAuthorYearTextualReferenceStyle,
)
from sphinxcontrib.bibtex.style.template import join, join2, post_text, pre_text, reference

TITLE_WORDS = 5
NO_TITLE = "[title not seen]"
_UNSORTED = str.maketrans("", "", "{}\\\"'")


def year_label(entry: Any) -> str:
    """Return the year with its letter, or n.d."""
    return entry.fields.get("year", "n.d.") + entry.fields.get("yearsuffix", "")


def short_title(entry: Any) -> str:
    """Return the first words of a title, for works whose author was not seen."""
    words = Text.from_latex(entry.fields.get("title", NO_TITLE)).render_as("text").split()
    return " ".join(words[:TITLE_WORDS]) + (" …" if len(words) > TITLE_WORDS else "")


@node
def work_year(children, data):
    """Template node: year and letter."""
    return Text(year_label(data["entry"]))


@node
def author_or_short_title(children, data, person):
    """Template node: authors, or the first words of the title."""
    people = [str(name) for name in data["entry"].persons.get("author", [])]
    if len(people) == 2 and people[1] == "others":
        return Text(_last_name(data["entry"].persons["author"][0]), " ", Tag("em", "et al."))
    if people:
        return person.names("author", full=False).format_data(data)
    return Tag("em", short_title(data["entry"]))


def _last_name(name: Any) -> str:
    return Text.from_latex(" ".join([*name.prelast_names, *name.last_names])).render_as("text")


@dataclass
class _Parenthetical(BasicAuthorYearParentheticalReferenceStyle):
    def inner(self, role_name):
        return join2(sep1=self.pre_text_sep, sep2=self.post_text_sep)[
            pre_text,
            reference[join(sep=self.author_year_sep)[author_or_short_title(person=self.person), work_year]],
            post_text,
        ]


@dataclass
class _Textual(BasicAuthorYearTextualReferenceStyle):
    def inner(self, role_name):
        return join(sep=self.text_reference_sep)[
            author_or_short_title(person=self.person),
            join[
                self.bracket.left,
                join2(sep1=self.pre_text_sep, sep2=self.post_text_sep)[pre_text, reference[work_year], post_text],
                self.bracket.right,
            ],
        ]


@dataclass
class BookReferenceStyle(GroupReferenceStyle):
    """``[Baas et al., 2021a]`` and ``Baas et al. [2021a]``."""

    bracket: BracketStyle = field(default_factory=BracketStyle)
    person: PersonStyle = field(default_factory=PersonStyle)

    def __post_init__(self):
        self.styles.append(_Parenthetical(bracket=self.bracket, person=self.person))
        self.styles.append(_Textual(bracket=self.bracket, person=self.person))
        super().__post_init__()


class BookLabelStyle(BaseLabelStyle):
    """Labels by key: unique, and never shown, since lists are sorted by author."""

    def format_labels(self, sorted_entries):
        """Return one label for each entry."""
        return [entry.key for entry in sorted_entries]


class BookSortingStyle(SortingStyle):
    """By author, year and title; a work without authors stands under its title."""

    def sorting_key(self, entry):
        """Return what the entry is sorted by."""
        author, year, title = super().sorting_key(entry)
        first = (author or title).lower().translate(_UNSORTED)
        return (first, year + entry.fields.get("yearsuffix", ""), title)


class BookFormattingStyle(UnsrtStyle):
    """One layout for every type, which prints what is known and invents nothing."""

    default_label_style = BookLabelStyle
    default_sorting_style = BookSortingStyle

    def format_entry(self, label, entry, bib_data=None):
        """Return the formatted entry: authors, title, where, year, address, what was not seen."""
        pieces = [
            self._authors(entry),
            Text.from_latex(entry.fields["title"]) if "title" in entry.fields else Text(NO_TITLE),
            self._where(entry),
            self._address(entry),
            Text.from_latex(entry.fields["note"]) if "note" in entry.fields else None,
        ]
        text = Text(" ").join([piece.add_period() for piece in pieces if piece])
        return FormattedEntry(entry.key, text, label)

    def _authors(self, entry):
        people = entry.persons.get("author", [])
        names = [self.format_name(person, True).format() for person in people if str(person) != "others"]
        if not names:
            return None
        if len(names) < len(people):
            return Text(Text(", ").join(names), " et al.")
        return Text(", ").join([*names[:-2], Text(" and ").join(names[-2:])])

    def _where(self, entry):
        fields = {name: Text.from_latex(text) for name, text in entry.fields.items()}
        host = next((fields[n] for n in ("journal", "booktitle", "institution", "howpublished") if n in fields), None)
        volume = fields.get("volume")
        issue = fields.get("number")
        if issue and volume:
            issue = Text("(", issue, ")")
        pages = entry.fields.get("pages")
        place = Text(*(part for part in (volume, issue) if part))
        if pages:
            span = pages.replace("--", "–")
            place = Text(place, ":", span) if place else Text(span)
        parts = [Tag("em", host) if host else None, fields.get("series"), place or None, Text(year_label(entry))]
        return Text(", ").join([part for part in parts if part])

    def _address(self, entry):
        if "doi" in entry.fields:
            doi = Text.from_latex(entry.fields["doi"]).render_as("text")
            return Text("doi:", HRef(f"https://doi.org/{doi}", doi))
        if "url" in entry.fields:
            url = Text.from_latex(entry.fields["url"]).render_as("text")
            return Text(HRef(url, url))
        if "pubmed" in entry.fields:
            pmid = entry.fields["pubmed"]
            return Text("PMID:", HRef(f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/", pmid))
        return None


def register() -> None:
    """Make both styles known to pybtex and sphinxcontrib-bibtex."""
    register_plugin("pybtex.style.formatting", "book", BookFormattingStyle)
    sphinxcontrib.bibtex.plugin.register_plugin("sphinxcontrib.bibtex.style.referencing", "book", BookReferenceStyle)
    _remember_plugins()


def _remember_plugins() -> None:
    """Have pybtex look up each plugin once; else it searches all packages at nearly every call, a third of a build."""
    lookup = getattr(pybtex.plugin, "_load_entry_point", None)
    if lookup is not None and not hasattr(lookup, "cache_info"):
        pybtex.plugin._load_entry_point = functools.cache(lookup)
