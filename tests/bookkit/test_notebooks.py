"""Editions of the labs: what a reader's notebook holds, and what it doesn't."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest
from docutils import nodes
from small_books import CONFIG

from bookkit.notebooks import setup_cell
from bookkit.notebooks.builder import NotebookBuilder
from bookkit.notebooks.code import without_glue
from bookkit.notebooks.markdown import to_markdown


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("from myst_nb import glue\nx = 1", "x = 1"),
        ("x = 1\nglue('x', x, display=False)", "x = 1"),
        ("x = 1\nglue(\n    'x',\n    x,\n)\ny = 2  # kept", "x = 1\ny = 2  # kept"),
        ("for k in v:\n    glue(k, v[k])\n    glue(k, 2)\nprint(1)", "print(1)"),
        ("for k in v:\n    y = k\n    glue(k, y)", "for k in v:\n    y = k"),
        ("with a:\n    glue('a', 1)", ""),
        ("for k in v:\n    for j in k:\n        glue(k, j)\nprint(1)", "print(1)"),
        ("def f():\n    glue('a', 1)", "def f():\n    glue('a', 1)"),
        ("x = glue\nmy.glue('x')", "x = glue\nmy.glue('x')"),
    ],
)
def test_glue_goes_and_the_rest_keeps_its_layout(source, left):
    assert without_glue(source) == left


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ('<p>Take <var class="tex" data-tex="a_1^2">x</var>.</p>', "Take $a_1^2$."),
        ('<p><var class="tex display" data-tex="a \\tag{1}">x</var></p>', "$$\na \\tag{1}\n$$"),
        (
            '<p>See <a href="#here">here</a> and <a href="https://x.org/">there</a>.</p>',
            "See here and [there](https://x.org/).",
        ),
        ('<div class="admonition"><p class="admonition-title">Note</p><p>So.</p></div>', "> **Note**\n>\n> So."),
        ('<ol type="a"><li data-letter="b">One <em>way</em></li></ol>', "- (b) One *way*"),
        (
            "<details><summary>Think</summary><p>So.</p></details>",
            "<details><summary>Think</summary>\n\nSo.\n\n</details>",
        ),
        ('<p>Text<a class="headerlink" href="#x">#</a></p><template>no</template>', "Text"),
    ],
)
def test_prose_becomes_markdown_that_jupyter_shows(html, markdown):
    assert to_markdown(html) == markdown


def test_a_page_that_is_no_lesson_is_no_lab_though_it_has_cells():
    cell = nodes.container(nb_element="cell_code")
    book = SimpleNamespace(
        env=SimpleNamespace(found_docs={"lab", "parameters"}, get_doctree=lambda name: nodes.paragraph("", "", cell)),
        config=SimpleNamespace(teach_exempt=["parameters"]),
    )
    assert list(NotebookBuilder.get_outdated_docs(book)) == ["lab"]


@pytest.fixture
def run_setup(tmp_path, monkeypatch):
    """Run the setup cell in an empty folder with a package that isn't installed; return pip's argument."""
    monkeypatch.chdir(tmp_path)
    calls = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: calls.append(command))

    def run(url=""):
        config = SimpleNamespace(notebook_package="no_such_models", notebook_wheel_url=url)
        exec(setup_cell.source(config), {})
        return calls[-1]

    return run


def test_the_setup_cell_takes_the_newest_wheel_beside_the_notebook(run_setup, tmp_path):
    for version in ("0.1.0", "0.2.0"):
        (tmp_path / f"no_such_models-{version}-py3-none-any.whl").touch()
    assert run_setup("https://example.org/x.whl") == [
        sys.executable, "-m", "pip", "install", "--quiet", "no_such_models-0.2.0-py3-none-any.whl",
    ]  # fmt: skip


def test_the_setup_cell_falls_back_on_the_released_wheel(run_setup):
    assert run_setup("https://example.org/x.whl")[-1] == "https://example.org/x.whl"


def test_the_setup_cell_says_what_is_missing_and_asks_no_registry_for_the_name(run_setup):
    with pytest.raises(FileNotFoundError, match="put the file no_such_models-"):
        run_setup()


LAB = """---
kernelspec: {{name: python3, display_name: Python 3}}
jupytext: {{text_representation: {{extension: .md, format_name: myst}}}}
---
# Lab

```{{code-cell}} ipython3
{}
```
"""
RUN = {"extensions": ["myst_nb", *CONFIG["extensions"][1:], "bookkit.notebooks"], "nb_execution_mode": "cache"}


def labs(*cells):
    return {f"lab{number}": LAB.format(cell) for number, cell in enumerate(cells)}


def test_labs_have_been_run_when_their_pages_are_read(small_book, monkeypatch):
    def late(*_, **__):
        raise AssertionError("run while it was read")

    monkeypatch.setattr("myst_nb.core.execute.cache.single_nb_execution", late)
    config = {**RUN, "nb_execution_cache_path": str(small_book.folder / "cache")}
    built = small_book.build(config=config, index="# Page\n", **labs("print(6 * 7)", "print(6 * 8)"))
    assert built.warnings == ""
    assert "42" in built.text("lab0")
    assert "48" in built.text("lab1")


def test_a_lab_that_fails_is_reported_and_the_others_are_run(small_book):
    config = {**RUN, "nb_execution_cache_path": str(small_book.folder / "cache")}
    built = small_book.build(config=config, index="# Page\n", **labs("print(6 / 0)", "print(6 * 8)"))
    assert "lab0.md: WARNING: Executing notebook failed" in built.warnings
    assert "48" in built.text("lab1")
