"""Look-ups from memory give what the originals give."""

from __future__ import annotations

import pytest
from small_books import CONFIG

SHORT = {"extensions": [*CONFIG["extensions"], "bookkit.shortcuts"]}
LIST = "```{{bibliography}}\n:filter: {}\n```\n"
HERE = LIST.format("docname in docnames")
INDEX = f"# Page\n\nSee {{numref}}`tab-far` and {{numref}}`fig %s <tab-far>`, and {{cite:p}}`baas2021first`.\n\n{HERE}"
FAR = f"# Far\n\n```{{list-table}} One\n* - a\n```\n\n```{{list-table}} Two\n:name: tab-far\n\n* - b\n```\n\n{HERE}"


def both(small_book, **pages):
    plain = small_book.build(**pages)
    small_book.clean()
    return plain, small_book.build(config=SHORT, **pages)


def test_pages_are_the_same_to_the_last_sign(small_book):
    plain, short = both(small_book, index=INDEX, far=FAR)
    assert short.warnings == plain.warnings == ""
    assert "See Table 1.2 and fig 1.2" in short.text()
    assert len(short.html().select("div.citation")) == 1
    assert not short.html("far").select("div.citation")
    for page in ("index", "far", "works"):
        assert str(short.html(page)) == str(plain.html(page))


@pytest.mark.parametrize("filter_", ["nobody in docnames", "cited", "not cited", 'title % "nobody"'])
def test_filters_work_and_fail_as_before(small_book, filter_):
    plain, short = both(small_book, index=INDEX.replace(HERE, LIST.format(filter_)))
    assert short.warnings == plain.warnings
    assert str(short.html()) == str(plain.html())
