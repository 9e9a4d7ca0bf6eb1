"""Charts of published values: what is drawn is what the ledger holds, said again as text, and nothing else."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
from small_books import LEDGER, SmallBook, write_ledger

from bookkit.charts import draw
from bookkit.charts.directives import numbers_of, speaks_of
from bookkit.evidence.ledger import Fact, LedgerError

CHARTS = {"extensions": ["myst_nb", "sphinx_design", "sphinxcontrib.bibtex", "bookkit.evidence", "bookkit.charts"]}
FOREST = """# Page

```{{intervals}} Medians of a trial.
:name: fig-forest
:alt: A dot with a line through it.
:axis: Months
:reference: 12
:left: shorter
:right: longer
== All patients
{line}
```

See {{numref}}`fig-forest`.
"""
LANDMARKS = """# Page

```{{landmarks}} Survival.
:name: fig-points
:alt: Two points.
== Both drugs
{line}
```
"""
TIMELINE = """# Page

```{{timeline}} Dates.
:name: fig-dates
:alt: A mark.
== Somewhere
{line}
```
"""


def fact(**changes: object) -> Fact:
    record = {"id": "f", "source": "s", "statement": "Alive at 12 months.", "value": 68, "unit": "%", "locator": "p",
              "seen_in": "abstract"}  # fmt: skip
    return Fact.model_validate(record | changes)


def picture(book: SmallBook, name: str) -> Path:
    return book.folder / "charts" / f"index-{name}.svg"


def test_a_chart_says_its_values_and_works_as_text(small_book: SmallBook) -> None:
    built = small_book.build(CHARTS, index=FOREST.format(line="median | Both drugs, CheckMate 743"))
    assert built.warnings == ""
    page = built.html()
    assert page.select_one("figure.chart img")["alt"] == "A dot with a line through it."
    values = page.select_one("details.chart-values")
    text = values.get_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "All patients" in text
    assert "Both drugs, CheckMate 743: 18.1 months (95% CI 16.8 to 21.0; n = 303)" in text
    assert values.select("a.fact")
    assert "2021" in text
    assert picture(small_book, "fig-forest").is_file()
    assert "Both drugs" not in page.select_one("figcaption").get_text()


def test_a_changed_fact_changes_the_picture(small_book: SmallBook) -> None:
    page = FOREST.format(line="median | Both drugs")
    small_book.build(CHARTS, index=page)
    before = picture(small_book, "fig-forest").read_text(encoding="utf-8")
    changed = copy.deepcopy(LEDGER["disease.yaml"])
    changed["facts"][0]["value"] = 19.5
    write_ledger(small_book.folder / "evidence", {"disease.yaml": changed})
    small_book.build(CHARTS, index=page)
    assert picture(small_book, "fig-forest").read_text(encoding="utf-8") != before


@pytest.mark.parametrize(
    ("page", "line", "message"),
    [
        (FOREST, "medan | Both drugs", r"unknown fact 'medan' \(did you mean median"),
        (FOREST, "lost | Something", "was not found on the second reading"),
        (FOREST, "ratio | Three numbers", "not one number: name one element"),
        (FOREST, "median", "write the fact, a bar and a label"),
        (LANDMARKS, "12 | median", "the record of 'median' does not speak of 12 months"),
        (TIMELINE, "median | A number", "'median' is not a year or a date"),
        (FOREST, "", "no fact listed"),
    ],
)
def test_a_line_that_cannot_be_drawn_says_why(small_book: SmallBook, page: str, line: str, message: str) -> None:
    warnings = small_book.build(CHARTS, index=page.format(line=line).replace(", CheckMate 743", "")).warnings
    assert re.search(message, warnings), warnings
    assert "index.md:3" in warnings


def test_labels_pass_the_number_gate(small_book: SmallBook) -> None:
    warnings = small_book.build(CHARTS, index=FOREST.format(line="median | All 605 patients")).warnings
    assert "605" in warnings


def test_dates_are_drawn_in_their_year(small_book: SmallBook) -> None:
    built = small_book.build(CHARTS, index=TIMELINE.format(line="approval | Both drugs"))
    assert built.warnings == ""
    assert "2 October 2020" in built.text().replace("\N{NO-BREAK SPACE}", " ")
    assert draw.years(2020, 10, 2) == pytest.approx(2020 + 275 / 366)
    assert draw.years(2020) == pytest.approx(2020.5, abs=0.01)


def test_an_interval_belongs_to_the_number_it_was_given_for() -> None:
    assert numbers_of(fact(value=0.7, interval=[0.6, 0.9]), ()) == (0.7, (0.6, 0.9))
    assert numbers_of(fact(value=[68, 58], interval=[[60, 75], [50, 64]]), (1,)) == (58, (50, 64))
    assert numbers_of(fact(value=[18.1, 0.7], interval=[0.6, 0.9]), (1,)) == (0.7, None)
    assert numbers_of(fact(value=0.7, interval=[None, 0.9]), ()) == (0.7, None)
    with pytest.raises(LedgerError, match="not one number"):
        numbers_of(fact(value="mostly"), ())


@pytest.mark.parametrize("statement", ["At 36 months 23% lived.", "3-year survival.", "Alive at three years."])
def test_a_landmark_is_one_that_the_record_speaks_of(statement: str) -> None:
    assert speaks_of(fact(statement=statement), 36)
    assert not speaks_of(fact(statement=statement), 24)


def test_a_median_is_where_half_are_alive() -> None:
    rows = [draw.Row("12", "A", 68.0, "68", time=12.0), draw.Row("median", "A", 18.1, "18.1")]
    line, dots = draw.landmarks(rows, draw.Axis("Alive (%)"), "Months").axes[0].get_lines()
    assert list(line.get_xdata()) == [0, 12, 18.1]
    assert list(line.get_ydata()) == [100, 68, 50]
    assert list(dots.get_xdata()) == [12, 18.1]


def test_a_log_scale_refuses_what_has_no_logarithm(small_book: SmallBook) -> None:
    changed = copy.deepcopy(LEDGER["disease.yaml"])
    changed["facts"][0]["interval"] = [0, 21.0]
    write_ledger(small_book.folder / "evidence", {"disease.yaml": changed})
    page = FOREST.format(line="median | Both drugs").replace(":reference: 12", ":scale: log")
    assert "has none" in small_book.build(CHARTS, index=page).warnings
