"""The code of a cell as a reader gets it: without the lines that carry values into the book's prose."""

from __future__ import annotations

import ast

GLUE_MODULE = "myst_nb"
GLUE = "glue"


def without_glue(source: str) -> str:
    """Return a cell's code without ``glue(...)`` and its import.

    A loop that only glues goes with its lines, loops within loops too. What stays keeps its layout and its comments.

    Raises
    ------
    SyntaxError
        When the code isn't Python.
    """
    lines = source.splitlines()
    doomed: set[int] = set()
    for node in ast.parse(source).body:
        doomed |= _doomed(node)
    return "\n".join(line for number, line in enumerate(lines, start=1) if number not in doomed).strip("\n")


def _doomed(node: ast.stmt) -> set[int]:
    """Return the numbers of the lines of a statement that go."""
    everything = _lines(node)
    if _is_glue(node):
        return everything
    inner = getattr(node, "body", None)
    if not isinstance(inner, list) or isinstance(node, ast.FunctionDef | ast.ClassDef):
        return set()
    gone = [_doomed(child) for child in inner]
    nothing_stays = all(_lines(child) <= lines for child, lines in zip(inner, gone, strict=True))
    if inner and nothing_stays and not getattr(node, "orelse", None):
        return everything
    return set().union(*gone)


def _lines(node: ast.stmt) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _is_glue(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == GLUE_MODULE and [alias.name for alias in node.names] == [GLUE]
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == GLUE
