"""How values, units and intervals are set in print: one typography for the whole book."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bookkit.evidence.ledger import Fact, LedgerError

UNIT_FILE = "units.yaml"
NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_ISO_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_BOUND = re.compile(r"^[<>]\d[\d.]*$")
_LABELS = re.compile(r"\s*[\[(]([^()\[\]]*)[\])]\s*$")


def load_units(folder: Path) -> dict[str, str]:
    """Return the printed pattern of each unit of the ledger, ``{}`` standing for the number.

    Raises
    ------
    LedgerError
        When a pattern has no place, or more than one, for the number.
    """
    path = folder / UNIT_FILE
    patterns = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    for unit, pattern in patterns.items():
        if str(pattern).count("{}") != 1:
            raise LedgerError(f"{UNIT_FILE}: '{unit}': the pattern '{pattern}' needs exactly one {{}} for the number")
    return {str(unit): str(pattern).replace("~", NBSP) for unit, pattern in patterns.items()}


def format_number(value: Any, *, group: bool = True) -> str:
    """Set a number: true minus, comma between thousands (not in years), powers of ten for the very large."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if value and not 1e-4 <= abs(value) < 1e9:
        return _scientific(value)
    text = f"{value:,}" if group else str(value)
    return text.replace("-", MINUS)


def _scientific(value: float) -> str:
    mantissa, exponent = f"{value:e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    power = f"10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
    return (power if mantissa == "1" else f"{mantissa}{NBSP}×{NBSP}{power}").replace("-", MINUS)


def format_date(text: str) -> str:
    """Set an ISO date as 2 October 2020."""
    day = date.fromisoformat(text)
    return f"{day.day}{NBSP}{day:%B %Y}"


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and _ISO_DATE.match(value) is not None


def join_words(parts: list[str]) -> str:
    """Join as a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


@dataclass(frozen=True)
class Printed:
    """A fact, or one element of it, ready to print.

    Attributes
    ----------
    number : str
        The number alone, or numbers joined as words.
    unit : str or None
        The ledger's unit of what is printed.
    pattern : str or None
        How that unit is set around the number; None when the book has no printed form for it.
    interval : str or None
        The interval with its kind, for a scalar or for an element that has one of its own.
    n : int or None
        How many were studied.
    """

    number: str
    unit: str | None
    pattern: str | None
    interval: str | None
    n: int | None

    @property
    def value(self) -> str | None:
        """Number and unit, or None without a printed form of the unit."""
        return self.pattern.format(self.number) if self.pattern else None

    @property
    def details(self) -> str:
        """Interval and number studied, as they stand in the brackets."""
        parts = [self.interval, f"n{NBSP}={NBSP}{format_number(self.n)}" if self.n is not None else None]
        return "; ".join(part for part in parts if part)


def print_fact(fact: Fact, path: tuple[int | str, ...], units: dict[str, str]) -> Printed:
    """Set a fact, or the element of its list that `path` leads to.

    Raises
    ------
    LedgerError
        When the element does not exist, or the value is a sentence rather than a number.
    """
    unit = fact.unit
    value, interval = element_of(fact, path)
    parts = _flatten(value)
    if any(isinstance(part, str) and not (_ISO_DATE.match(part) or _BOUND.match(part)) for part in parts):
        raise LedgerError(
            f"fact '{fact.id}' holds words, not a number: write the sentence yourself and cite it with {{fact-source}}"
        )
    unit = _unit_of(unit, fact.value, path)
    group = not (unit or "").lower().startswith(("year of", "calendar year", "date")) and unit != "year"
    shown = [format_date(p) if _is_date(p) else format_number(p, group=group) for p in parts]
    number = join_words(shown)
    return Printed(number, unit, _pattern(unit, units), _interval(fact, value, interval, bool(path)), fact.n)


def element_of(fact: Fact, path: tuple[int | str, ...]) -> tuple[Any, Any]:
    """Return the value and the interval of a fact, or of the element of its list that `path` leads to.

    Raises
    ------
    LedgerError
        When the element does not exist.
    """
    value, interval = fact.value, fact.interval
    for step in path:
        value, interval = _element(fact, value, interval, step)
    return value, interval


def _element(fact: Fact, value: Any, interval: Any, step: int | str) -> tuple[Any, Any]:
    try:
        inner = value[step]
    except (KeyError, IndexError, TypeError):
        raise LedgerError(f"fact '{fact.id}' has no element [{step}]: its value is {fact.value!r}") from None
    own = isinstance(interval, list) and len(interval) == len(value) and any(isinstance(i, list) for i in interval)
    return inner, interval[step] if own and isinstance(step, int) else None


def _flatten(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for part in value for leaf in _flatten(part)]
    return [value]


def _unit_of(unit: str | None, value: Any, path: tuple[int | str, ...]) -> str | None:
    """Take the unit of one element out of a unit that describes a whole list."""
    if unit is None or not isinstance(value, list):
        return unit
    parts = [part.strip() for part in re.split(r";(?![^()\[\]]*[)\]])", unit)]
    if len(parts) == len(value) > 1:
        return parts[path[0]] if path and isinstance(path[0], int) else unit
    labels = _LABELS.search(unit)
    if labels and len(re.split(r"[,;/]", labels.group(1))) == len(value):
        return unit[: labels.start()].strip()
    return unit


def _pattern(unit: str | None, units: dict[str, str]) -> str | None:
    return "{}" if unit in (None, "date") else units.get(unit)


def _interval(fact: Fact, value: Any, interval: Any, is_element: bool) -> str | None:
    if not isinstance(interval, list) or len(interval) != 2 or isinstance(value, list | dict):
        return None
    if any(isinstance(end, list) for end in interval) or not fact.interval_kind:
        return None
    low, high = interval
    ends = [format_number(end) for end in (low, high) if end is not None]
    return f"{fact.interval_kind} {' to '.join(ends)}"
