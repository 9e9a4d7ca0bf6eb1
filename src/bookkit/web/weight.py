"""Keeps pages light: each loads only the scripts and styles that it uses, and no icon font or live-code script.

sphinx-book-theme 1.3 over pydata-sphinx-theme 0.17 loads 1.5 MB of Font Awesome and the whole search index on every
page, and Jupyter Book adds Thebe, which can fetch a kernel from the network. The templates beside this module and the
handlers below leave them out.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

TEMPLATES = Path(__file__).parent / "templates"
#: What the theme's own macros load, in their order; the templates leave it to Sphinx, which adds checksums.
THEME_STYLES = ("styles/theme.css", "styles/pydata-sphinx-theme.css")
THEME_SCRIPTS = ("scripts/bootstrap.js", "scripts/pydata-sphinx-theme.js")
#: Never loaded: Thebe starts kernels on a server.
UNUSED = ("thebe",)
#: Loaded only on pages whose body holds one of the words.
ONLY_WITH = {
    "design-tabs.js": ("sd-tab-",),
    "sphinx-design": ('"sd-', " sd-"),
    "mystnb": ('class="cell',),
    "copybutton": ("<pre",),
    "clipboard": ("<pre",),
    "toggle": ('toggle"', "toggle ", "dropdown"),
    "cards.js": ("data-fact=", "bibtex-citation", "data-term="),
    "quiz.js": ("quiz",),
    "interactive.css": ("vega-spec",),
}
#: Files that the theme copies and no page asks for.
LEFTOVERS = (
    "scripts/fontawesome.*",
    "vendor/fontawesome/**/*",
    "sphinx-thebe.*",
    "locales/**/*",
    "*webpack-macros.html",
    "**/*.map",
)
ICON_STYLES = "styles/pydata-sphinx-theme.css"
_ICON_LETTERS = re.compile(
    r'\.fa-[\w-]+(?::before)?(?:,\.fa-[\w-]+(?::before)?)*\{(?:content|--fa):"[^"]*"\}'
    r"|@font-face\{[^}]*font-family:[\"']?Font ?Awesome[^}]*\}"
)
_THEBE_CONFIG = re.compile(r'<script type="text/x-thebe-config">.*?</script>', re.DOTALL)


def _text(asset: Any) -> str:
    """Return what tells an asset from others: the name of its file, or the text of an inline script."""
    return os.path.basename(asset.filename or "") or asset.attributes.get("body", "")


def is_needed(asset: str, body: str) -> bool:
    """Tell whether a page with this body needs an asset, given by file name or inline text."""
    if any(word in asset.lower() for word in UNUSED):
        return False
    wanted = [words for name, words in ONLY_WITH.items() if name in asset]
    return all(any(word in body for word in words) for words in wanted)


def lighten(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Keep of a page's styles and scripts what its body needs, each once."""
    for name in THEME_STYLES:
        app.add_css_file(name, priority=100)
    for name in THEME_SCRIPTS:
        app.add_js_file(name, priority=900, loading_method="defer")
    context["body"] = body = _THEBE_CONFIG.sub("", context.get("body", ""))
    for kind in ("css_files", "script_files"):
        once = {_text(asset): asset for asset in reversed(context[kind])}
        context[kind][:] = [asset for text, asset in reversed(once.items()) if is_needed(text, body)]


def without_icon_letters(css: str) -> str:
    """Return a style sheet without the 1,881 letters of Font Awesome and its fonts, a third of the theme's weight."""
    return _ICON_LETTERS.sub("", css)


def remove_leftovers(app: Sphinx, exception: Exception | None) -> None:
    """Delete what the theme copied in vain, so that neither a site nor an offline copy carries it."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for pattern in LEFTOVERS:
        for path in static.glob(pattern):
            if path.is_file():
                path.unlink()
    if (styles := static / ICON_STYLES).is_file():
        styles.write_text(without_icon_letters(styles.read_text(encoding="utf-8")), encoding="utf-8")


def _add_templates(app: Sphinx, config: Config) -> None:
    config.templates_path.insert(0, str(TEMPLATES))


def setup(app: Sphinx) -> None:
    """Put the templates before the theme's, and weigh every page last of all."""
    app.add_css_file("icons.css")
    app.connect("config-inited", _add_templates)
    app.connect("html-page-context", lighten, priority=900)
    app.connect("build-finished", remove_leftovers)
