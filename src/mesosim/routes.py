"""Which road to the pleura: cells that circulate, are held up in organs, die, and now and then stay in a tumour.

Everything is linear: a cell does not mind how many others there are. So each compartment hands cells on at a rate, and
one matrix holds the whole body. Times are in minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import expm

from mesosim.params import Check, Param, with_values

Values = NDArray[np.float64]
PLACES = ("blood", "lung", "liver and spleen", "pleural space")
ENDS = ("tumour", "dead")
ROUTES = ("vein", "artery", "pleural space", "tumour")
INDIUM = "anon1977indium"


@dataclass(frozen=True)
class BodyParams:
    """Where cells are held up, and how they die."""

    lung_half: Param = field(
        default=Param(15, "min", INDIUM, "", "iv-leukocyte-lung-first-pass", 1, 600, "half of what the lung holds up")
    )
    to_lung: Param = field(default=Param(0.8, "1", "assumed", "", None, 0, 0.99, "share held up at the first pass"))
    to_organs: Param = field(default=Param(0.002, "1/min", "assumed", "", None, 0, 1, "blood to liver and spleen"))
    organs_half: Param = field(default=Param(600, "min", "assumed", "", None, 1, 1e5, "stay in liver and spleen"))
    life: Param = field(default=Param(7, "d", "assumed", "", None, 0.1, 1000, "half-life of a cell, anywhere"))
    volume: Param = field(default=Param(5, "l", "assumed", "V", None, 1, 10, "of blood"))
    perfusion: Param = field(
        default=Param(
            57.5, "ml/min/100 ml", "li2008perfusion", "", "lung-carcinoma-perfusion", 1, 300, "of lung cancer"
        )
    )
    size: Param = field(
        default=Param(560, "ml", "anonndtumor", "", "mpm-resected-volume-median", 1, 5000, "resected mesothelioma")
    )
    extraction: Param = field(default=Param(0.01, "1", "assumed", "E", None, 1e-5, 0.9, "kept by the tumour, a pass"))
    retention: Param = field(default=Param(0.8, "1", "assumed", "r", None, 0.001, 0.999, "of those that leave it"))
    space_half: Param = field(default=Param(1440, "min", "assumed", "", None, 1, 1e5, "stay in the pleural space"))

    @property
    def flow(self) -> float:
        """Blood through the tumour in ml/min."""
        return self.perfusion.value * self.size.value / 100


@dataclass(frozen=True)
class MouseParams:
    """What was published of two roads in mice."""

    advantage: Param = field(
        default=Param(30, "1", "adusumilli2014regional", "", "regional-30fold", 1, 1000, "fewer cells into the space")
    )


def matrix(body: BodyParams | None = None) -> Values:
    """Return the rates between places and to the ends, shape (6, 6): column from, row to, by `PLACES` and `ENDS`.

    Columns add up to zero, since no cell is lost from the count.
    """
    b = body or BodyParams()
    death = np.log(2) / (b.life.value * 1440)
    out = np.log(2) / b.lung_half.value
    a = np.zeros((6, 6))

    def move(source: int, to: int, rate: float) -> None:
        a[to, source] += rate
        a[source, source] -= rate

    # Only cells that have just come are held up in the lung; those who circulate pass. So blood does not feed the lung.
    move(1, 0, out)
    move(0, 2, b.to_organs.value)
    move(2, 0, np.log(2) / b.organs_half.value)
    move(0, 4, b.flow / (1000 * b.volume.value) * b.extraction.value)
    leave = np.log(2) / b.space_half.value
    move(3, 4, leave * b.retention.value)
    move(3, 0, leave * (1 - b.retention.value))
    for place in range(4):
        move(place, 5, death)
    return a


def start(route: str, body: BodyParams | None = None) -> Values:
    """Return where one dose begins, shape (6,), by route.

    Raises
    ------
    ValueError
        When the route is unknown.
    """
    b, dose = body or BodyParams(), np.zeros(6)
    if route not in ROUTES:
        raise ValueError(f"route must be one of {', '.join(ROUTES)}, got '{route}'")
    if route == "vein":
        dose[[0, 1]] = 1 - b.to_lung.value, b.to_lung.value
    elif route == "artery":
        dose[4], rest = b.extraction.value, 1 - b.extraction.value
        dose[[0, 1]] = rest * (1 - b.to_lung.value), rest * b.to_lung.value
    elif route == "pleural space":
        dose[3] = 1
    else:
        dose[4], dose[3] = b.retention.value, 1 - b.retention.value
    return dose


def course(route: str, minutes: ArrayLike, body: BodyParams | None = None) -> Values:
    """Return where the cells are over time, as shares of the dose, shape (times, 6).

    Raises
    ------
    ValueError
        When the route is unknown or a time is negative.
    """
    minutes, rates, dose = np.asarray(minutes, dtype=float), matrix(body), start(route, body)
    if not np.isfinite(minutes).all() or (minutes < 0).any():
        raise ValueError("minutes must be finite and not negative")
    return (expm(rates * minutes[:, None, None]) @ dose).reshape(-1, len(dose))


def residence(body: BodyParams | None = None) -> Values:
    """Return the minutes that a cell spends in each place in all, shape (4, 4): column where it begins."""
    return -np.linalg.inv(matrix(body)[:4, :4])


def captured(route: str, body: BodyParams | None = None) -> float:
    """Return the share of a dose that ends in the tumour."""
    dose = start(route, body)
    return float(dose[4] + matrix(body)[4, :4] @ residence(body) @ dose[:4])


def capture(
    route: str, *, extraction: ArrayLike, flow: ArrayLike, retention: ArrayLike, body: BodyParams | None = None
) -> Values:
    """Return what `captured` does for many bodies at once: the closed form of the linear body.

    Parameters
    ----------
    route : str
    extraction, flow, retention : array_like
        Share kept at a pass; blood through the tumour in ml/min; share kept of what leaves the pleural space.
    body : BodyParams, optional
        Everything else.

    Raises
    ------
    ValueError
        When the route is unknown, a share is not between 0 and 1, or a flow is negative.
    """
    b = body or BodyParams()
    start(route, b)
    extraction, flow, retention = (np.asarray(value, dtype=float) for value in (extraction, flow, retention))
    for name, share in {"extraction": extraction, "retention": retention}.items():
        if not ((share >= 0) & (share <= 1)).all():
            raise ValueError(f"{name} must lie between 0 and 1")
    if not (np.isfinite(flow).all() and (flow >= 0).all()):
        raise ValueError("flow must be finite and not negative")
    death = np.log(2) / (b.life.value * 1440)

    def leaves(half: float) -> float:
        """Return the share that leaves a place alive."""
        return np.log(2) / half / (np.log(2) / half + death)

    to_tumour = flow * extraction / (1000 * b.volume.value)
    lost = death + b.to_organs.value * (1 - leaves(b.organs_half.value))
    blood = to_tumour / (to_tumour + lost)
    vein = blood * (1 - b.to_lung.value * (1 - leaves(b.lung_half.value)))
    if route == "vein":
        return vein
    if route == "artery":
        return extraction + (1 - extraction) * vein
    space = leaves(b.space_half.value) * (retention + (1 - retention) * blood)
    return space if route == "pleural space" else retention + (1 - retention) * space


def implied_capture(advantage: ArrayLike, retention: ArrayLike) -> Values:
    """Return the share captured from a vein, if the pleural space needs so many times fewer cells.

    Follows from retention + (1 - retention) * capture = advantage * capture.

    Parameters
    ----------
    advantage : array_like
        Above 1.
    retention : array_like
        Share kept when cells are given into the space, above 0 and at most 1.

    Raises
    ------
    ValueError
        When a value is out of its range.
    """
    advantage, retention = np.asarray(advantage, dtype=float), np.asarray(retention, dtype=float)
    if not np.isfinite(advantage).all() or (advantage <= 1).any():
        raise ValueError(f"advantage must be finite and above 1, got {advantage}")
    if not np.isfinite(retention).all() or (retention <= 0).any() or (retention > 1).any():
        raise ValueError(f"retention must lie above 0 and at most at 1, got {retention}")
    return retention / (advantage - 1 + retention)


def sweep(number: int, *, rng: np.random.Generator) -> dict[str, Values]:
    """Return captures by route in bodies whose unseen numbers are drawn over their ranges, evenly on logarithms.

    Raises
    ------
    ValueError
        When there is no body.
    """
    if number < 1:
        raise ValueError(f"number must be at least 1, got {number}")
    ranges = {"extraction": (1e-4, 0.1), "perfusion": (5.9, 243), "retention": (0.1, 0.99), "life": (1, 30)}
    drawn = {name: np.exp(rng.uniform(*np.log(ends), number)) for name, ends in ranges.items()}
    found: dict[str, list[float]] = {route: [] for route in ROUTES}
    for which in range(number):
        body = with_values(BodyParams(), **{name: values[which] for name, values in drawn.items()})
        for route in ROUTES:
            found[route].append(captured(route, body))
    return {**drawn, **{route: np.array(values) for route, values in found.items()}}


def checks() -> list[Check]:
    """Return the validation table: what must hold in any linear body, and the published advantage turned round."""
    body, minutes = BodyParams(), np.linspace(0, 100_000, 4001)
    spent = course("vein", minutes, body)
    stay, vein = residence(body), captured("vein", body)
    entries = stay[0] @ start("vein", body)[:4]
    artery = body.extraction.value + (1 - body.extraction.value) * vein
    rates = matrix(body)
    own = {"extraction": body.extraction.value, "flow": body.flow, "retention": body.retention.value}
    space = stay[3, 3] * (rates[4, 3] + rates[0, 3] * float(rates[4, :4] @ stay[:, 0]))
    rows = [
        ("cells, tumour and dead add up", np.abs(spent.sum(axis=1) - 1).max(), 0, 1e-10),
        ("minutes in blood after a vein, added up", np.trapezoid(spent[:, 0], minutes), entries, 0.01 * entries),
        ("artery: E + (1 - E) of the vein's", captured("artery", body), artery, 1e-12),
        ("pleural space: what stays, and what comes round", captured("pleural space", body), space, 1e-12),
        *((f"closed form, {route}", float(capture(route, **own)), captured(route, body), 1e-12) for route in ROUTES),
        ("thirtyfold with full retention (%)", 100 * implied_capture(30, 1), 100 / 30, 1e-9),
        ("thirtyfold with half retention (%)", 100 * implied_capture(30, 0.5), 50 / 29.5, 1e-9),
    ]
    return [Check(name, *map(float, numbers), "mathematics", "identity") for name, *numbers in rows]
