"""Parameters, observations and checks as frozen records that say where a number comes from."""

from __future__ import annotations

import html
import importlib
import math
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from types import ModuleType
from typing import Any, TypeVar

import pandas as pd
from IPython.display import HTML

ASSUMED = "assumed"
Record = TypeVar("Record")
"""A frozen dataclass whose fields are `Param`."""


@dataclass(frozen=True)
class Param:
    """One parameter of a model.

    Parameters
    ----------
    value : float
        The value in `unit`.
    unit : str
        Unit, "1" for none.
    source : str
        BibTeX key of the work, or "assumed".
    symbol : str
        As the equations write it.
    fact : str, optional
        Fact of the evidence ledger that the value equals, with ``[i]`` for an element of a list.
    lo, hi : float, optional
        Range in which the lab explores it.
    note : str, optional
        What a reader must know.

    Raises
    ------
    ValueError
        When the value is not finite, has no unit or source, or lies outside its own range.
    """

    value: float
    unit: str
    source: str
    symbol: str = ""
    fact: str | None = None
    lo: float = math.nan
    hi: float = math.nan
    note: str = ""

    def __post_init__(self) -> None:
        name = self.symbol or "parameter"
        if not math.isfinite(self.value):
            raise ValueError(f"{name}: value {self.value} is not a finite number")
        if not self.unit or not self.source:
            raise ValueError(f"{name}: give a unit ('1' for none) and a source (a BibTeX key, or 'assumed')")
        if self.value < self.lo or self.value > self.hi:
            raise ValueError(f"{name}: value {self.value} lies outside its range {self.lo} to {self.hi}")
        if self.assumed and self.fact:
            raise ValueError(f"{name}: an assumed value cannot name the fact {self.fact}; give its source")

    @property
    def assumed(self) -> bool:
        """Whether no published work gives the value."""
        return self.source == ASSUMED


@dataclass(frozen=True)
class Observation:
    """A published count that a model is compared with.

    Parameters
    ----------
    year : int
        Calendar year.
    value : float
        The count.
    source : str
        BibTeX key.
    fact : str
        Fact of the evidence ledger that it equals.
    """

    year: int
    value: float
    source: str
    fact: str


@dataclass(frozen=True)
class Check:
    """One line of a validation table.

    Parameters
    ----------
    name : str
        What is compared.
    got, expected, tolerance : float
        Passes when `got` lies within `tolerance` of `expected`.
    source : str
        BibTeX key, "mathematics", or the library that was asked.
    kind : str
        "identity", "fitted" (the model was tuned to it) or "held out" (it was not).
    """

    name: str
    got: float
    expected: float
    tolerance: float
    source: str
    kind: str

    @property
    def passed(self) -> bool:
        """Whether the difference is within the tolerance."""
        return abs(self.got - self.expected) <= self.tolerance


def with_values(record: Record, **values: float) -> Record:
    """Return the record with other values; their unit, source and range stay, and what was published is now assumed.

    Raises
    ------
    ValueError
        When a name is unknown, or a value is not finite or outside its range.
    """
    known = {item.name for item in fields(record)}
    changed = {}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"{name} is not a parameter; choose among {', '.join(sorted(known))}")
        old = getattr(record, name)
        label = old.symbol or name
        changed[name] = replace(old, value=float(value), source="assumed", fact=None, symbol=label)
    return replace(record, **changed)


def parameter_table(record: object) -> pd.DataFrame:
    """Return the parameters of a record as a table, assumed ones marked in words.

    Parameters
    ----------
    record : dataclass instance
        Its fields are `Param`.
    """
    rows = []
    for field in fields(record):
        param: Param = getattr(record, field.name)
        span = "" if math.isnan(param.lo) else f"{param.lo:g} to {param.hi:g}"
        rows.append(
            {
                "Parameter": field.name.replace("_", " "),
                "Symbol": param.symbol,
                "Value": f"{param.value:g}",
                "Unit": param.unit,
                "Explored": span,
                "Source": "ASSUMED" if param.assumed else param.source,
                "Note": param.note,
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Held:
    """One parameter and where the package holds it.

    Parameters
    ----------
    module : str
        Name of the module, without the package.
    record : str
        Name of the record's class or, for further sets of values, of the constant that holds them.
    about : str
        First line of what the record, or else the module, says of itself.
    name : str
        Name of the parameter.
    param : Param
    """

    module: str
    record: str
    about: str
    name: str
    param: Param


def catalogue(package: str = "mesosim") -> list[Held]:
    """Return every parameter that a module of a package holds: defaults of its records, and its constants.

    Modules are found by walking the package, so that a new one needs no line anywhere. A set of values that equals
    the defaults of its record is listed once.
    """
    found: list[Held] = []
    paths = importlib.import_module(package).__path__
    for info in sorted(pkgutil.walk_packages(paths, f"{package}."), key=lambda info: info.name):
        module = importlib.import_module(info.name)
        records = [kind for kind in vars(module).values() if _is_record_of(kind, module)]
        for kind in records:
            found += _listed(module, kind.__name__, kind, _defaults(kind))
        for name, value in vars(module).items():
            if not name.startswith("__"):
                for rows in _constants(module, name, value):
                    found += rows if any(_is_new(held, found) for held in rows) else []
    return found


def _is_new(held: Held, found: list[Held]) -> bool:
    """Return whether neither the same object nor the same value of that name of that module is listed yet."""
    what = (held.module, held.name, held.param)
    return not any(held.param is other.param or what == (other.module, other.name, other.param) for other in found)


def _is_record_of(kind: Any, module: ModuleType) -> bool:
    return isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__


def _defaults(kind: type) -> Iterator[tuple[str, Param]]:
    for item in fields(kind):
        value = item.default_factory() if item.default_factory is not MISSING else item.default
        if isinstance(value, Param):
            yield item.name, value


def _constants(module: ModuleType, name: str, value: Any) -> Iterator[list[Held]]:
    """Follow a module's value into tuples, dictionaries and records; yield the rows of each set of values."""
    if isinstance(value, Param):
        yield _listed(module, name, None, [(name, value)])
    elif is_dataclass(value) and not isinstance(value, type):
        inner = [(item.name, getattr(value, item.name, None)) for item in fields(value)]
        yield _listed(module, name, type(value), [(key, p) for key, p in inner if isinstance(p, Param)])
    elif isinstance(value, dict | list | tuple):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _constants(module, f"{name}, {key}", part)


def _listed(module: ModuleType, record: str, kind: type | None, params: Iterable[tuple[str, Param]]) -> list[Held]:
    about = ((kind or module).__doc__ or "").strip().partition("\n")[0]
    short = module.__name__.partition(".")[2]
    return [Held(short, record, about, name.replace("_", " "), param) for name, param in params]


def number(value: float) -> str:
    """Return a number as a reader writes it: commas from ten thousand on, powers of ten, a true minus."""
    mantissa, _, exponent = f"{value:{',' if abs(value) >= 10_000 else ''}.10g}".partition("e")
    power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")) if exponent else ""
    text = f"{mantissa} × 10{power}" if power else mantissa
    return text.removeprefix("1 × ").replace("-", "−")


def check_table(checks: Iterable[Check]) -> pd.DataFrame:
    """Return checks as a table: what, kind, got, expected, tolerance, passed, source."""
    rows = [
        {
            "Check": check.name,
            "Kind": check.kind,
            "Got": f"{check.got:.6g}",
            "Expected": f"{check.expected:.6g}",
            "Tolerance": f"{check.tolerance:.2g}",
            "Passed": "yes" if check.passed else "NO",
            "Source": check.source,
        }
        for check in checks
    ]
    return pd.DataFrame(rows)


def show(table: pd.DataFrame, caption: str = "") -> HTML:
    """Return a table for display in a notebook, with column heads and no row numbers.

    Parameters
    ----------
    table : pandas.DataFrame
    caption : str
        A sentence that stands above it.
    """
    markup = table.to_html(index=False, border=0, justify="left")
    head = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return HTML(markup.replace("<thead>", head + "<thead>", 1))
