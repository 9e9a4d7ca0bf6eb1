"""A trial that nobody has run: virtual people with a rind, cells by some road, and what becomes of both.

Each virtual person is drawn from numbers that depend on nothing but a seed and the person's own place in line, so the
same people stand in every arm and in every piece of work. Cells arrive (`mesosim.routes`), get into the rind or not
(`mesosim.slab`), and fight the tumour (`mesosim.immune`). A smaller burden than the same person would have had without
treatment lowers the hazard of death; without treatment the hazard is that of a published control arm.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf, gammaincinv, ndtri

from mesosim import chunks, immune, landmarks, response, routes, slab
from mesosim.params import Check, Param, with_values

Values = NDArray[np.float64]
DRAWS = 32
"""Numbers drawn for each person, a multiple of four: the generator's counter moves four at a time."""
SCANS = 12
SCAN_MONTHS = 1.5
STEP_MONTHS = 0.5
HORIZON = 60
"""Months after which nobody is followed."""
GRID = np.arange(0, HORIZON + STEP_MONTHS / 2, STEP_MONTHS)
STEPS = 2
"""Steps between two points of the grid to begin with; patients who need more are given more."""
TOLERANCE = 1e-3
"""Largest relative error of a burden; a thousandth is far below what any scan could show."""
DAYS_A_MONTH = 365.25 / 12
NO_SPREAD = 1e-6
"""Variance of the hazard below which everybody counts as alike."""
MOST_BURNT = 0.9
"""Largest share of a tumour that a zone may burn."""
ROADS = routes.ROUTES


def _free(value: float, unit: str, symbol: str, lo: float, hi: float, note: str = "") -> Param:
    return Param(value, unit, "assumed", symbol, None, lo, hi, note)


@dataclass(frozen=True)
class PeopleParams:
    """Who is in the trial, and how treatment acts; next to nothing of it was measured in anybody."""

    volume: Param = field(
        default=Param(560, "ml", "anonndtumor", "V", "mpm-resected-volume-median", 1, 5000, "resected mesothelioma")
    )
    volume_spread: Param = field(default=_free(0.6, "1", "", 0, 2, "standard deviation of the logarithm"))
    area: Param = field(default=_free(1000, "cm²", "S", 100, 4000, "of the pleura that the rind covers"))
    perfusion: Param = field(
        default=Param(57.5, "ml/min/100 ml", "li2008perfusion", "", "lung-carcinoma-perfusion", 1, 300, "lung cancer")
    )
    extraction: Param = field(default=_free(1e-3, "1", "E", 1e-5, 0.1, "kept by the tumour, a pass"))
    extraction_spread: Param = field(default=_free(1, "1", "", 0, 3, "standard deviation of the logarithm"))
    retention: Param = field(default=_free(0.8, "1", "r", 0.05, 0.99, "of cells that leave the pleural space"))
    motility: Param = field(default=_free(10, "µm²/min", "M", 1, 67))
    loss: Param = field(default=_free(0.5, "1/d", "k", 0.1, 2))
    entry_spread: Param = field(default=_free(0.7, "1", "", 0, 2, "of the logarithms of M and k"))
    spot: Param = field(default=_free(10, "mm", "", 1, 40, "radius reached round a needle in the rind"))
    needle: Param = field(default=_free(3, "mm", "σ", 0.1, 20, "error across the rind"))
    zone: Param = field(default=_free(15, "mm", "R", 1, 40, "radius of a zone of ablation"))
    antigen: Param = field(
        default=_free(0.6, "1", "a", 0.01, 0.99, "share of the tumour that cells see, middle person")
    )
    antigen_spread: Param = field(default=_free(0.25, "1", "", 0.01, 0.45, "standard deviation of that share, roughly"))
    potency: Param = field(default=_free(20, "1", "p", 0, 1e4, "effector cells of the model, a billion cells that act"))
    room: Param = field(default=_free(5, "1", "x_max", 0.1, 10, "effector cells that the tumour takes up at most"))
    priming: Param = field(default=_free(0, "1", "q", 0, 5, "more arrive anyway after a needle, against none"))
    brake: Param = field(default=_free(0.5, "1", "h", 0, 0.7, "share of killing lost to the checkpoint"))
    present: Param = field(default=_free(0.7, "1", "", 0.4, 0.95, "tumour at the start, against the largest"))
    offset: Param = field(default=_free(0.5, "1", "", 0.01, 0.9, "share of growth that immunity offsets at the start"))
    body_spread: Param = field(
        default=_free(0.1, "1", "", 0, 0.5, "of the logarithms of the seven values of the lab on sleep")
    )
    pace: Param = field(default=_free(60, "d", "", 5, 180, "days in the model's unit of time, median"))
    pace_spread: Param = field(default=_free(0.5, "1", "", 0, 1, "standard deviation of the logarithm"))
    link: Param = field(default=_free(0.75, "1", "γ", 0, 1.5, "power of the burden in the hazard of death"))
    frailty: Param = field(default=_free(0.3, "1", "θ", 0, 2, "variance of the hazard between people"))


@dataclass(frozen=True)
class ReportedParams:
    """A published group with cells, which the model is set beside and never fitted to."""

    median: Param = field(
        default=Param(23.9, "months", "adusumilli2021phase", "", "msk-os-median", note="single arm, from the infusion")
    )
    people: Param = field(default=Param(18, "people", "adusumilli2021phase", "", None, note="n of the same fact"))


@dataclass(frozen=True)
class Arm:
    """What an arm is given beyond what the published control arm had.

    Attributes
    ----------
    dose : float
        Cells in billions; 0 for none.
    road : str
        One of `ROADS`.
    occupancy : float
        Share of checkpoint receptors that an antibody occupies.
    ablate : bool
        Whether a needle burns one zone of the rind first.
    ratio : float
        Factor of each person's hazard put in by hand, to try the analysis on a known effect.

    Raises
    ------
    ValueError
        When a value is out of its range.
    """

    dose: float = 0.0
    road: str = "pleural space"
    occupancy: float = 0.0
    ablate: bool = False
    ratio: float = 1.0

    def __post_init__(self) -> None:
        if self.road not in ROADS:
            raise ValueError(f"road must be one of {', '.join(ROADS)}, got '{self.road}'")
        if not (np.isfinite(self.dose) and self.dose >= 0):
            raise ValueError(f"dose must be finite and not negative, got {self.dose}")
        if not 0 <= self.occupancy <= 1:
            raise ValueError(f"occupancy must lie between 0 and 1, got {self.occupancy}")
        if not (np.isfinite(self.ratio) and self.ratio > 0):
            raise ValueError(f"ratio must be finite and above 0, got {self.ratio}")


CONTROL = Arm()


@dataclass(frozen=True)
class People:
    """Virtual people as they come, arrays of shape (people,), so that any of it can be replaced for each of them.

    Attributes
    ----------
    volume, thickness : ndarray
        Of the rind in ml and mm.
    extraction, flow, retention, reach : ndarray
        Share kept at a pass; blood through the tumour in ml/min; share kept of what leaves the pleural space; reach of
        cells from the surface in µm.
    spot, zone : ndarray
        Radius reached round a needle, and of a zone of ablation, in mm.
    antigen, potency, room, priming, brake, present, offset, link : ndarray
        See `PeopleParams`.
    system : immune.System
    pace : ndarray
        Days in the unit of time of `system`.
    frailty, luck : ndarray
        Factor of the hazard, and the quantile at which the person dies.
    spread : float
        Variance of `frailty`.
    miss : ndarray
        Error of the needle across the rind in mm.
    reading : ndarray, shape (scans + 1, people)
        Standard normal errors of the readings.
    """

    volume: Values
    thickness: Values
    extraction: Values
    flow: Values
    retention: Values
    reach: Values
    spot: Values
    zone: Values
    antigen: Values
    potency: Values
    room: Values
    priming: Values
    brake: Values
    present: Values
    offset: Values
    link: Values
    system: immune.System
    pace: Values
    frailty: Values
    luck: Values
    spread: float
    miss: Values
    reading: Values

    @property
    def hit(self) -> NDArray[np.bool_]:
        """Whether the needle ends within the rind."""
        return np.abs(self.miss) <= self.thickness / 2

    @property
    def start(self) -> Values:
        """Effector and tumour cells without treatment, shape (2, people).

        The brake slows killing, so the share of growth that immunity offsets needs more effector cells.
        """
        effector = self.offset * self.system.alpha * (1 - self.present) / (1 - self.brake)
        return np.stack([effector, self.present / self.system.beta])


def draw(first: int, number: int, params: PeopleParams | None = None, *, seed: int) -> People:
    """Return people by their place in line.

    Parameters
    ----------
    first, number : int
        Place of the first, from 0, and how many.
    params : PeopleParams, optional
    seed : int

    Raises
    ------
    ValueError
        When there is nobody, or a place is negative.
    """
    if number < 1 or first < 0:
        raise ValueError(f"need at least one person and no negative place, got {number} from {first}")
    generator = np.random.Philox(key=seed)
    generator.advance(first * DRAWS // 4)
    # The generator may give 0, which has no quantile; it never gives 1.
    uniform = np.maximum(np.random.Generator(generator).random((number, DRAWS)).T, 2.0**-54)
    return _people(uniform, params or PeopleParams())


def typical(number: int, params: PeopleParams | None = None) -> People:
    """Return people who are all alike, each with every draw at its middle: to replace what one wants to vary.

    Raises
    ------
    ValueError
        When there is nobody.
    """
    if number < 1:
        raise ValueError(f"need at least one person, got {number}")
    return _people(np.full((DRAWS, number), 0.5), params or PeopleParams())


def _people(uniform: Values, p: PeopleParams) -> People:
    normal = ndtri(uniform)
    number = uniform.shape[1]
    volume = p.volume.value * np.exp(p.volume_spread.value * normal[0])
    motility = p.motility.value * np.exp(p.entry_spread.value * normal[1])
    loss = p.loss.value * np.exp(p.entry_spread.value * normal[2])
    extraction = np.minimum(p.extraction.value * np.exp(p.extraction_spread.value * normal[3]), 0.9)
    # A share that stays between 0 and 1: the normal quantile on the scale of the logit.
    mean, spread = p.antigen.value, p.antigen_spread.value
    logit = np.log(mean / (1 - mean)) + spread / (mean * (1 - mean)) * normal[4]
    values = {
        name: getattr(immune.KuznetsovParams(), name).value * np.exp(p.body_spread.value * normal[5 + i])
        for i, name in enumerate(immune.NAMES)
    }
    system = immune.System(**values)
    theta = p.frailty.value
    frailty = theta * gammaincinv(1 / theta, uniform[DRAWS - 1]) if theta > NO_SPREAD else np.ones(number)
    same = ("retention", "spot", "zone", "potency", "room", "priming", "brake", "present", "offset", "link")
    return People(
        **{name: np.full(number, getattr(p, name).value) for name in same},
        volume=volume, thickness=10 * volume / p.area.value, extraction=extraction,
        flow=p.perfusion.value * volume / 100, reach=slab.reach(motility, loss), antigen=1 / (1 + np.exp(-logit)),
        system=system, pace=p.pace.value * np.exp(p.pace_spread.value * normal[26]),
        frailty=frailty, luck=uniform[DRAWS - 2], spread=theta, miss=p.needle.value * normal[12],
        reading=normal[13 : 13 + SCANS + 1],
    )  # fmt: skip


@dataclass(frozen=True)
class Delivery:
    """Shares of the dose, shape (people,): what reaches the tumour, and what gets to where the tumour is."""

    arrived: Values
    acting: Values


def deliver(people: People, road: str) -> Delivery:
    """Return the share of a dose that arrives by a road, and the share that gets to where the tumour is.

    Cells from the blood are taken to reach all of it, those that once left the pleural space for the blood too; cells
    on the surface as far as they walk, cells from a needle a spot round its tip. What the spot does not hold goes on
    from the pleural space, and so does the whole dose of a needle that misses the rind.
    """
    share = partial(routes.capture, extraction=people.extraction, flow=people.flow)
    kept = people.retention
    if road in ("vein", "artery"):
        arrived = share(road, retention=kept)
        return Delivery(arrived, arrived)
    space = share("pleural space", retention=kept)
    round_again = (1 - kept) * share("pleural space", retention=np.zeros_like(kept))
    walked = slab.mean_profile(1000 * people.thickness / people.reach)
    on_surface = (space - round_again) * walked + round_again
    if road == "pleural space":
        return Delivery(space, on_surface)
    spot = np.minimum(1, _spot_volume(people.spot, people.thickness) / people.volume)
    return Delivery(
        np.where(people.hit, share("tumour", retention=kept), space),
        np.where(people.hit, kept * spot + (1 - kept) * on_surface, on_surface),
    )


def _spot_volume(radius: Values, thickness: Values) -> Values:
    """Return the volume in ml that a ball about the middle of a flat rind has within it."""
    half = np.minimum(thickness / 2, radius)
    return 2 * np.pi * (radius**2 * half - half**3 / 3) / 1000


@dataclass(frozen=True)
class Burden:
    """Tumour over time against the start, shape (grid, people): with treatment, and of the same person without."""

    treated: Values
    untreated: Values


def burden(people: People, arm: Arm) -> Burden:
    """Return each person's burden on `GRID`.

    The part of the tumour that shows no antigen grows on as it would have without cells.
    """
    without = _course(people, people.system, people.start, 0.0)
    if arm.dose == 0 and arm.occupancy == 0 and not arm.ablate:
        return Burden(without, without)
    system, start = people.system, people.start.copy()
    burnt = np.zeros_like(people.volume)
    if arm.ablate:
        zone = np.minimum(_spot_volume(people.zone, people.thickness) / people.volume, MOST_BURNT)
        burnt = np.where(people.hit, zone, 0.0)
        system = replace(system, sigma=system.sigma * (1 + people.priming * people.hit))
    start[1] *= 1 - burnt
    bystander = _course(people, system, start, arm.occupancy)
    if arm.dose == 0:
        return Burden((1 - burnt) * bystander, without)
    start[0] -= people.room * np.expm1(-arm.dose * people.potency * deliver(people, arm.road).acting / people.room)
    seen = _course(people, system, start, arm.occupancy)
    # Written so that cells that do nothing leave the bystander's course to the last bit.
    both = bystander + people.antigen * (seen - bystander)
    return Burden((1 - burnt) * both, without)


def _course(people: People, system: immune.System, start: Values, occupancy: float) -> Values:
    """Return the tumour on `GRID` against its start."""
    held = immune.braked(system, people.brake, occupancy)
    times = GRID[:, None] * DAYS_A_MONTH / people.pace
    tumour = immune.simulate(held, start, times, steps=STEPS, tolerance=TOLERANCE).values[:, 1]
    return tumour / tumour[0]


def baseline() -> tuple[Values, Values]:
    """Return points in time and minus the logarithm of the share alive there in the published control arm."""
    times, log = landmarks.knots(landmarks.points(landmarks.CheckMate743(), "old"))
    log = -log
    # Beyond the last landmark, the hazard of the last stretch goes on.
    slope = (log[-1] - log[-2]) / (times[-1] - times[-2])
    return np.append(times, HORIZON), np.append(log, log[-1] + slope * (HORIZON - times[-1]))


def _hazard(log: ArrayLike, theta: float) -> Values:
    """Return the cumulative hazard of somebody average, when minus the logarithm of the share alive is `log`."""
    return np.asarray(log) if theta <= NO_SPREAD else np.expm1(theta * np.asarray(log)) / theta


def _spent(people: People, ratio: Values, arm: Arm) -> tuple[Values, Values, Values]:
    """Return the hazard without treatment on `GRID`, its factor in each step, and what is spent at each step's end."""
    base = _hazard(np.interp(GRID, *baseline()), people.spread)
    factor = arm.ratio * ((ratio[1:] + ratio[:-1]) / 2) ** people.link
    return base, factor, np.cumsum(np.diff(base)[:, None] * factor, axis=0)


def death_months(people: People, ratio: Values, arm: Arm) -> Values:
    """Return the month of each person's death, infinite beyond `HORIZON`.

    Parameters
    ----------
    people : People
    ratio : ndarray, shape (grid, people)
        Burden against that of the same person without treatment.
    arm : Arm
    """
    base, factor, spent = _spent(people, ratio, arm)
    due = -np.log(people.luck) / people.frailty
    lives = (spent < due).sum(axis=0)
    inside, who = np.minimum(lives, len(spent) - 1), np.arange(due.size)
    before = np.where(inside > 0, spent[inside - 1, who], 0.0)
    at = base[inside] + (due - before) / factor[inside, who]
    back = at if people.spread <= NO_SPREAD else np.log1p(people.spread * at) / people.spread
    times, log = baseline()
    return np.where(lives < len(spent), np.interp(back, log, times), np.inf)


def expected_months(people: People, ratio: Values, arm: Arm, until: float) -> Values:
    """Return the mean number of months alive up to a month of the grid, over luck and frailty, for each person.

    Parameters
    ----------
    people, ratio, arm
        See `death_months`.
    until : float

    Raises
    ------
    ValueError
        When `until` is not on the grid.
    """
    if until not in GRID[1:]:
        raise ValueError(f"until must be a multiple of {STEP_MONTHS} months up to {HORIZON}, got {until}")
    _, _, spent = _spent(people, ratio, arm)
    theta = people.spread
    alive = np.exp(-spent) if theta <= NO_SPREAD else (1 + theta * spent) ** (-1 / theta)
    alive = np.concatenate([np.ones((1, alive.shape[1])), alive])
    keep = until >= GRID
    return np.trapezoid(alive[keep], GRID[keep], axis=0)


@dataclass(frozen=True)
class Outcomes:
    """What becomes of people in one arm, shape (people,).

    Attributes
    ----------
    months : ndarray
        To death or, for survivors, `HORIZON`.
    died : ndarray of bool
    free_months : ndarray
        To progression that a scan shows, or death, or the last scan.
    failed : ndarray of bool
        Whether it was progression or death.
    responded : ndarray of bool
        Confirmed partial response by modified RECIST before progression and death.
    """

    months: Values
    died: NDArray[np.bool_]
    free_months: Values
    failed: NDArray[np.bool_]
    responded: NDArray[np.bool_]


def outcomes(
    arm: Arm, number: int, params: PeopleParams | None = None, *, seed: int, first: int = 0, chunk: int = 4096
) -> Outcomes:
    """Return what becomes of people in an arm, each for themselves.

    Parameters
    ----------
    arm : Arm
    number : int
    params : PeopleParams, optional
    seed : int
        The same seed gives the same people, in every arm.
    first : int
        Place in line of the first.
    chunk : int
        People who are computed together; it bounds the memory and changes nothing else.

    Raises
    ------
    ValueError
        When there is nobody, or see `Arm`.
    """
    if number < 1 or chunk < 1:
        raise ValueError(f"need at least one person and a chunk of at least 1, got {number} and {chunk}")
    parts = [
        _outcomes(draw(at, min(chunk, first + number - at), params, seed=seed), arm)
        for at in range(first, first + number, chunk)
    ]
    return Outcomes(*(np.concatenate([getattr(part, name) for part in parts]) for name in Outcomes.__annotations__))


def _outcomes(people: People, arm: Arm) -> Outcomes:
    found = burden(people, arm)
    months = death_months(people, found.treated / found.untreated, arm)
    died = np.isfinite(months)
    months = np.where(died, months, HORIZON)
    scans = np.arange(SCANS + 1) * SCAN_MONTHS
    seen = found.treated[np.round(scans / STEP_MONTHS).astype(int)]
    sums = np.maximum(seen * (1 + response.ReaderParams().of_sum() * people.reading), 0)
    # After death there is no scan: the baseline in its place is neither response nor, once death counts, progression.
    sums = np.where(scans[:, None] < months, sums, sums[0])
    called = response.follow(sums)
    grown = np.where(called.first_progression > 0, called.first_progression * SCAN_MONTHS, np.inf)
    free = np.minimum(np.where(grown < months, grown, np.inf), np.where(died, months, np.inf))
    failed = free <= scans[-1]
    free = np.where(failed, free, scans[-1])
    return Outcomes(months, died, free, failed, called.responded)


def counts(first: int, number: int, *, arm: Arm, params: PeopleParams, seed: int) -> chunks.Counts:
    """Return what `survey` adds up: people, deaths by half-month, responses, and progression or death by scan."""
    found = outcomes(arm, number, params, seed=seed, first=first)
    deaths = np.bincount((found.months[found.died] / STEP_MONTHS).astype(int), minlength=GRID.size)
    stops = np.bincount(np.ceil(found.free_months[found.failed] / SCAN_MONTHS).astype(int), minlength=SCANS + 1)
    whole = {"people": number, "responded": found.responded.sum()}
    return {"deaths": deaths, "failures": stops, **{name: np.array([int(v)]) for name, v in whole.items()}}


@dataclass(frozen=True)
class Survey:
    """Shares of a large number of virtual people.

    Attributes
    ----------
    people : int
    alive : ndarray, shape (grid,)
        Share alive at each month of `GRID`.
    free : ndarray, shape (scans + 1,)
        Share alive without progression after each scan.
    responded : float
        Share with a confirmed response.
    """

    people: int
    alive: Values
    free: Values
    responded: float

    def at(self, month: float) -> float:
        """Return the share alive at a month, straight between the points of the grid."""
        if not 0 <= month <= HORIZON:
            raise ValueError(f"month must lie between 0 and {HORIZON}, got {month}")
        return float(np.interp(month, GRID, self.alive))

    @property
    def median(self) -> float:
        """Month at which half are alive, infinite if more than half are at the end."""
        return np.inf if self.alive[-1] > 0.5 else float(np.interp(-0.5, -self.alive, GRID))


def survey(
    arm: Arm, number: int, params: PeopleParams | None = None, *, seed: int, executor: Executor | None = None,
    chunk: int = 4096, progress: chunks.Progress | None = None, tally: chunks.Tally | None = None,
    save: Path | str | None = None,
) -> Survey:  # fmt: skip
    """Return shares of as many virtual people as wanted; memory is bounded by the chunk.

    Parameters
    ----------
    arm, number, params, seed
        See `outcomes`.
    executor, progress, save
        See `chunks.count`. The result is the same bit for bit whatever the number of workers.
    chunk : int
        People a worker is given at once.
    tally : chunks.Tally, optional
        What an earlier call counted, from `chunks.Interrupted` or from a file.

    Raises
    ------
    ValueError
        When the tally is of another survey, or see `outcomes`.
    chunks.Interrupted
        When the workers are gone.
    """
    p = params or PeopleParams()
    job = repr((arm, seed, p))
    tally = tally or chunks.Tally.empty(number, chunk, job)
    if (tally.items, tally.job) != (number, job):
        raise ValueError("the tally is of another survey: arm, people, parameters and seed have to be the same")
    chunks.count(partial(counts, arm=arm, params=p, seed=seed), tally, executor=executor, progress=progress, save=save)
    found, people = tally.counts, int(tally.counts["people"][0])
    dead = np.concatenate([[0], np.cumsum(found["deaths"])[:-1]])
    return Survey(people, 1 - dead / people, 1 - np.cumsum(found["failures"]) / people, found["responded"][0] / people)


def checks(people: int = 40_000, seed: int = 11) -> list[Check]:
    """Return the validation table: the published control arm, and what must hold whatever the parameters are."""
    control, p, marks = survey(CONTROL, people, seed=seed), PeopleParams(), landmarks.CheckMate743()
    fitted = [
        ("median without cells (months)", control.median, marks.old_median, 0.5),
        *(
            (f"alive at {month} months (%)", 100 * control.at(month), mark, 2)
            for month, mark in ((12, marks.old_12), (24, marks.old_24), (36, marks.old_36))
        ),
    ]
    none, same = (outcomes(arm, 500, seed=seed) for arm in (Arm(road="vein"), CONTROL))
    blind = with_values(p, link=0.0)
    lives = outcomes(Arm(dose=10), 500, blind, seed=seed).months - outcomes(CONTROL, 500, blind, seed=seed).months
    drawn = draw(0, people, seed=seed)
    # A needle aimed at the middle of a flat rind, with a normal error across it.
    exact = erf(drawn.thickness / (2 * np.sqrt(2) * p.needle.value))
    near = 4 * float(np.sqrt((exact * (1 - exact)).mean() / people))
    exactly = [
        ("dose zero: months unlike control", (none.months != same.months).sum(), 0, 0),
        ("burden without link to death: months gained", np.abs(lives).max(), 0, 1e-9),
        ("needles within the rind", drawn.hit.mean(), exact.mean(), near),
    ]
    return [
        *(Check(name, got, mark.value, within, mark.source, "fitted") for name, got, mark, within in fitted),
        *(Check(name, *map(float, numbers), "mathematics", "identity") for name, *numbers in exactly),
    ]
