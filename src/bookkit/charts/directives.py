"""The directives ``{intervals}``, ``{landmarks}`` and ``{timeline}``: one fact a line, drawn from the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from matplotlib.figure import Figure
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import set_source_info

from bookkit.charts import draw
from bookkit.charts.nodes import chart_values
from bookkit.evidence.directives import citation
from bookkit.evidence.ledger import Fact, LedgerError
from bookkit.evidence.nodes import GENERATED
from bookkit.evidence.roles import make_fact_node, parse_reference
from bookkit.evidence.state import evidence_of
from bookkit.evidence.typography import NBSP, Printed, element_of, format_number, print_fact

HEADING = "=="
MEDIAN = "median"
SPLIT = "name one element with [0], or give the number a fact of its own in the ledger"
_DATE = re.compile(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")
_WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a number") from None


def _scale(text: str) -> str:
    return directives.choice(text, ("linear", "log"))


@dataclass(frozen=True)
class Drawn:
    """One line of a chart: the fact, how it is printed, what stands beside it, and the row to draw."""

    fact: Fact
    value: str
    label: list[nodes.Node]
    row: draw.Row


class ChartDirective(SphinxDirective):
    """A figure whose values come from facts; below it stand the values with their sources."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "name": directives.unchanged_required,
        "alt": directives.unchanged_required,
        "axis": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        for option in ("name", "alt"):
            if option not in self.options:
                raise self.error(f"{{{self.name}}}: give :{option}:")
        drawn = self._lines()
        path = Path(self.env.doctreedir).parent / "charts" / f"{self.env.docname}-{self.options['name']}.svg"
        draw.save(lambda: self.picture([line.row for line in drawn]), path)
        figure = nodes.figure(classes=["chart"])
        set_source_info(self, figure)
        uri = f"/{Path(relpath(path, self.env.srcdir)).as_posix()}"
        figure += nodes.image(uri=uri, alt=self.options["alt"])
        figure += nodes.caption("", "", *self.state.inline_text(self.arguments[0], self.lineno)[0])
        self.add_name(figure)
        return [figure, self._values(drawn)]

    def _lines(self) -> list[Drawn]:
        drawn, problems, group = [], [], ""
        for offset, line in enumerate(self.content):
            text = line.strip()
            if text.startswith(HEADING):
                group = text.removeprefix(HEADING).strip()
            elif text:
                try:
                    drawn.append(self.line(text, group))
                except LedgerError as error:
                    problems.append(f"line {self.content_offset + offset + 1}: {error}")
        if problems or not drawn:
            raise self.error(f"{{{self.name}}}: " + ("; ".join(problems) or "no fact listed: one a line"))
        return drawn

    def find(self, reference: str) -> tuple[Fact, tuple[int | str, ...], Printed, str]:
        """Return a fact, the way to the element meant, and how it is printed: apart, and whole."""
        evidence = evidence_of(self.env)
        fact_id, path = parse_reference(reference)
        fact = evidence.ledger.fact(fact_id)
        printed = print_fact(fact, path, evidence.units)
        brackets = "; ".join(part for part in [*([] if printed.value else [printed.unit]), printed.details] if part)
        return fact, path, printed, (printed.value or printed.number) + (f" ({brackets})" if brackets else "")

    def line(self, text: str, group: str) -> Drawn:
        """Read one line of the directive."""
        raise NotImplementedError

    def picture(self, rows: list[draw.Row]) -> Figure:
        """Draw the rows."""
        raise NotImplementedError

    def _values(self, drawn: list[Drawn]) -> nodes.Node:
        values, group = chart_values(), None
        listing = nodes.bullet_list(bullet="-")
        for line in drawn:
            if line.row.group and line.row.group != group:
                group = line.row.group
                listing = nodes.bullet_list(bullet="-")
                values += nodes.paragraph("", "", *self.state.inline_text(group, self.lineno)[0])
            if listing.parent is None:
                values += listing
            text = nodes.paragraph("", "", *line.label, nodes.Text(": "))
            text += [make_fact_node(self, line.fact, "fact-table", line.value), nodes.Text(NBSP)]
            text += citation(self, line.fact.source)
            listing += nodes.list_item("", text)
        return values

    def labelled(self, text: str) -> tuple[str, list[nodes.Node]]:
        """Split ``fact | label``; return the reference and the label as nodes."""
        reference, _, label = (part.strip() for part in text.partition("|"))
        if not label:
            raise LedgerError(f"'{text}': write the fact, a bar and a label")
        return reference, self.state.inline_text(label, self.lineno)[0]


class IntervalsDirective(ChartDirective):
    """Rows of values with their intervals; a forest plot where it has a reference."""

    option_spec: ClassVar[dict[str, Any]] = {
        **ChartDirective.option_spec,
        "scale": _scale,
        "reference": _number,
        "left": directives.unchanged,
        "right": directives.unchanged,
    }

    def line(self, text: str, group: str) -> Drawn:
        reference, label = self.labelled(text)
        fact, path, printed, whole = self.find(reference)
        value, interval = numbers_of(fact, path)
        low, high = interval or (None, None)
        beside = printed.number
        if interval:
            beside += f" ({format_number(low)} to {format_number(high)})"
        words = "".join(node.astext() for node in label)
        return Drawn(fact, whole, label, draw.Row(words, group, value, beside, low, high))

    def picture(self, rows: list[draw.Row]) -> Figure:
        options = self.options
        axis = draw.Axis(
            options.get("axis", ""), options.get("scale") == "log", options.get("reference"),
            options.get("left", ""), options.get("right", ""),
        )  # fmt: skip
        if axis.log and min(row.value if row.low is None else row.low for row in rows) <= 0:
            raise self.error("{intervals}: a value or an interval reaches zero, and :scale: log has none; leave it out")
        return draw.intervals(rows, axis)


class LandmarksDirective(ChartDirective):
    """Published points of survival, one group of people a heading."""

    option_spec: ClassVar[dict[str, Any]] = {**ChartDirective.option_spec, "time": directives.unchanged_required}

    def line(self, text: str, group: str) -> Drawn:
        time, _, reference = (part.strip() for part in text.partition("|"))
        if not group:
            raise LedgerError(f"'{text}': write above it whose survival this is, as == Group")
        fact, path, printed, whole = self.find(reference)
        value, interval = numbers_of(fact, path)
        low, high = interval or (None, None)
        if time == MEDIAN:
            return Drawn(fact, whole, [nodes.Text("Median")], draw.Row(MEDIAN, group, value, printed.number))
        if not time.isdigit() or not speaks_of(fact, int(time)):
            raise LedgerError(
                f"'{text}': the record of '{fact.id}' does not speak of {time} months; write its own time"
            )
        label = nodes.inline("", f"Alive at {time}{NBSP}months", classes=[GENERATED])
        return Drawn(fact, whole, [label], draw.Row(time, group, value, printed.number, low, high, float(time)))

    def picture(self, rows: list[draw.Row]) -> Figure:
        axis = draw.Axis(self.options.get("axis", "Alive (%)"))
        return draw.landmarks(rows, axis, self.options.get("time", "Months"))


class TimelineDirective(ChartDirective):
    """Rows of dates."""

    def line(self, text: str, group: str) -> Drawn:
        reference, label = self.labelled(text)
        fact, path, printed, whole = self.find(reference)
        found = _DATE.match(str(element_of(fact, path)[0]))
        if not found:
            raise LedgerError(f"fact '{reference}' is not a year or a date: {SPLIT}")
        when = draw.years(*(int(part) for part in found.groups() if part))
        words = "".join(node.astext() for node in label)
        return Drawn(fact, whole, label, draw.Row(words, group, when, printed.number))

    def picture(self, rows: list[draw.Row]) -> Figure:
        return draw.timeline(rows, draw.Axis(self.options.get("axis", "Year")))


def numbers_of(fact: Fact, path: tuple[int | str, ...]) -> tuple[float, tuple[float, float] | None]:
    """Return a fact's number, or that of one element, with the ends of its interval where it has both.

    Raises
    ------
    LedgerError
        When there is no single number.
    """
    value, interval = element_of(fact, path)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LedgerError(f"fact '{fact.id}' holds {value!r} there, not one number: {SPLIT}")
    ends = interval if isinstance(interval, list) and len(interval) == 2 else [None]
    whole = all(isinstance(end, int | float) for end in ends)
    return float(value), (float(ends[0]), float(ends[1])) if whole else None


def speaks_of(fact: Fact, months: int) -> bool:
    """Whether a fact's record names a time, in months or in whole years."""
    record = f"{fact.statement} {fact.unit or ''} {fact.locator or ''}".lower()
    names = [str(months)]
    if months % 12 == 0:
        years = months // 12
        names += [f"{years}[ -]year", f"{years}-yr", f"{_WORDS.get(years, years)}[ -]years?"]
    return any(re.search(rf"\b{name}", record) for name in names)


KINDS: dict[str, Callable[..., ChartDirective]] = {
    "intervals": IntervalsDirective,
    "landmarks": LandmarksDirective,
    "timeline": TimelineDirective,
}


def setup(app: Sphinx) -> None:
    """Register the directives."""
    for name, directive in KINDS.items():
        app.add_directive(name, directive)
