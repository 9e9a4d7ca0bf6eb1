"""Mends accessibility faults of the theme and its extensions in the pages' markup; styles are in ``static/a11y.css``.

Each function names the upstream fault. The templates ``navbar-logo.html`` and ``search-button-field.html`` mend two
more, and ``layout.html`` the first visit in the dark.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from sphinx.application import Sphinx


def mend_reference_lists(body: str) -> str:
    """Make entries of reference lists list items.

    docutils 0.21 and sphinxcontrib-bibtex 2.7 put ``doc-biblioentry``, deprecated since DPUB-ARIA 1.1, into
    ``role="list"``, which may hold only ``listitem`` (axe aria-required-children, aria-deprecated-role).
    """
    return re.sub(r'(<div class="citation"[^>]*) role="doc-biblioentry"', r'\1 role="listitem"', body)


def drop_labels(body: str) -> str:
    """Drop the keys before entries of reference lists.

    Lists are sorted by author, and a key says nothing to a reader; hidden by a style, it still stood in search results.
    """
    bracket = '<span class="fn-bracket">'
    label = rf'<span class="label">{bracket}\[</span>[^\[\]]*?{bracket}\]</span></span>\s*'
    return re.sub(rf'(<div class="citation"[^>]*>\s*){label}', r"\1", body)


def name_disclosures(navigation: BeautifulSoup) -> BeautifulSoup:
    """Say which pages each arrow of the sidebar shows.

    pydata-sphinx-theme 0.17 writes a ``summary`` that holds an icon only (axe summary-name).
    """
    for summary in navigation.select("li.has-children > details > summary"):
        link = summary.find_parent("li").find("a")
        if link is not None and not summary.get_text(strip=True):
            summary["aria-label"] = f"Pages below {link.get_text(strip=True)}"
    return navigation


def _named(generate: Callable[..., Any]) -> Callable[..., Any]:
    def generate_toctree_html(*args: Any, **kwargs: Any) -> Any:
        made = generate(*args, **kwargs)
        return name_disclosures(made) if isinstance(made, BeautifulSoup) else made

    return generate_toctree_html


def mend(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Mend a page's body and the navigation that its template will ask for."""
    if "body" in context:
        context["body"] = drop_labels(mend_reference_lists(context["body"]))
    if "generate_toctree_html" in context:
        context["generate_toctree_html"] = _named(context["generate_toctree_html"])


def setup(app: Sphinx) -> None:
    """Mend pages after the theme has prepared them."""
    app.add_css_file("a11y.css")
    app.connect("html-page-context", mend, priority=800)
