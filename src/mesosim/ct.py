"""A CT scanner and a chest with a pleural rind (model M7).

The chest is a sum of ellipses, so what a ray loses is known exactly. Photons are counted with Poisson noise, and
filtered back projection turns the counts into an image. Lengths are in cm, attenuation in 1/cm, angles in radians; x
points to the patient's right, y to the front.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import irfft, next_fast_len, rfft

from mesosim.params import Check, Param, with_values

ENERGIES = (60, 70, 80)
"""Photon energies in keV for which attenuation is tabulated."""
MASS_ATTENUATION = {
    "water": (0.2059, 0.1929, 0.1837),
    "muscle": (0.2048, 0.1916, 0.1823),
    "cortical_bone": (0.3148, 0.257, 0.2229),
    "lung": (0.2053, 0.192, 0.1826),
    "adipose": (0.1974, 0.1875, 0.18),
    "blood": (0.2057, 0.1921, 0.1827),
}
"""In cm2/g at each of `ENERGIES` (icru44-mass-attenuation)."""
NIST = "nistxcomicru44"
FORBILD = "swr2017forbild"


def _mass(tissue: str, symbol: str) -> Param:
    """Return the mass attenuation of a tissue at 70 keV."""
    fact = f"icru44-mass-attenuation[{tissue}][1]"
    return Param(MASS_ATTENUATION[tissue][1], "cm²/g", NIST, symbol, fact, note="at 70 keV")


@dataclass(frozen=True)
class TissueParams:
    """Mass attenuation and density of each tissue; attenuation is their product."""

    water: Param = field(default_factory=lambda: _mass("water", "μ/ρ"))
    muscle: Param = field(default_factory=lambda: _mass("muscle", "μ/ρ"))
    cortical_bone: Param = field(default_factory=lambda: _mass("cortical_bone", "μ/ρ"))
    lung: Param = field(default_factory=lambda: _mass("lung", "μ/ρ"))
    adipose: Param = field(default_factory=lambda: _mass("adipose", "μ/ρ"))
    blood: Param = field(default_factory=lambda: _mass("blood", "μ/ρ"))
    water_density: Param = field(default=Param(1, "g/cm³", NIST, "ρ"))
    muscle_density: Param = field(default=Param(1.05, "g/cm³", NIST, "ρ"))
    cortical_bone_density: Param = field(default=Param(1.92, "g/cm³", NIST, "ρ"))
    lung_density: Param = field(default=Param(0.26, "g/cm³", FORBILD, "ρ", note="inflated"))
    adipose_density: Param = field(default=Param(0.95, "g/cm³", NIST, "ρ"))
    blood_density: Param = field(default=Param(1.06, "g/cm³", NIST, "ρ"))

    def attenuation(self, tissue: str) -> float:
        """Return the attenuation of a tissue in 1/cm.

        Raises
        ------
        ValueError
            When the tissue is not one of `MASS_ATTENUATION`.
        """
        if tissue not in MASS_ATTENUATION:
            raise ValueError(f"tissue '{tissue}' is not one of {', '.join(MASS_ATTENUATION)}")
        return getattr(self, tissue).value * getattr(self, f"{tissue}_density").value

    def from_hu(self, hu: float) -> float:
        """Return the attenuation in 1/cm of a CT number."""
        return self.attenuation("water") * (1 + hu / 1000)

    def to_hu(self, attenuation: ArrayLike) -> NDArray[np.float64]:
        """Return CT numbers: 0 for water, -1000 for nothing."""
        return 1000 * (np.asarray(attenuation, dtype=float) / self.attenuation("water") - 1)


def at_energy(energy: int) -> TissueParams:
    """Return the tissues at another photon energy.

    Raises
    ------
    ValueError
        When the energy is not one of `ENERGIES`.
    """
    if energy not in ENERGIES:
        raise ValueError(f"energy {energy} keV is not tabulated: choose one of {', '.join(map(str, ENERGIES))}")
    column = ENERGIES.index(energy)
    changed = {
        tissue: Param(
            values[column],
            "cm²/g",
            NIST,
            "μ/ρ",
            f"icru44-mass-attenuation[{tissue}][{column}]",
            note=f"at {energy} keV",
        )
        for tissue, values in MASS_ATTENUATION.items()
    }
    return replace(TissueParams(), **changed)


@dataclass(frozen=True)
class ChestParams:
    """A modified FORBILD thorax: its trunk, lungs, heart and vertebra, with fat, a rind and fluid on the right."""

    trunk_width: Param = field(default=Param(20, "cm", FORBILD, "", "forbild-thorax-body[0]", note="half-axis"))
    trunk_depth: Param = field(default=Param(10, "cm", FORBILD, "", "forbild-thorax-body[1]", note="half-axis"))
    lung_width: Param = field(default=Param(7.5, "cm", FORBILD, "a", "forbild-thorax-lungs[0][0]", note="half-axis"))
    lung_depth: Param = field(default=Param(5.5, "cm", FORBILD, "b", "forbild-thorax-lungs[0][1]", note="half-axis"))
    lung_place: Param = field(default=Param(10.5, "cm", FORBILD, "", "forbild-thorax-lungs[1][0]", note="±x"))
    heart_radius: Param = field(default=Param(3.5, "cm", FORBILD, "", "forbild-thorax-heart-aorta[0][0]"))
    heart_place: Param = field(default=Param(4, "cm", FORBILD, "", "forbild-thorax-heart-aorta[0][2]", note="y"))
    vertebra_radius: Param = field(default=Param(1.75, "cm", FORBILD, "", "forbild-thorax-spine-sternum[0]"))
    vertebra_place: Param = field(default=Param(-5, "cm", FORBILD, "", "forbild-thorax-spine-sternum[1]", note="y"))
    core_radius: Param = field(default=Param(1.5, "cm", FORBILD, "", "forbild-thorax-spine-sternum[3]"))
    core_bone: Param = field(
        default=Param(0.15, "1", "assumed", "", None, 0.05, 0.4, "share of bone in the core, the rest as water")
    )
    fat: Param = field(default=Param(0.2, "cm", "assumed", "", None, 0.01, 0.2, "layer outside the pleura"))
    rind: Param = field(default=Param(0.5, "cm", "assumed", "t", None, 0, 2, "thickness; what the lab explores"))
    rind_hu: Param = field(default=Param(43, "HU", "assumed", "", None, 20, 120, "as muscle, no contrast medium"))
    fluid: Param = field(default=Param(3, "cm", "assumed", "", None, 0, 6, "depth of the effusion at the back"))
    fluid_hu: Param = field(
        default=Param(15.1, "HU", "gumus2024computed", "", "effusion-hu-difference[0]", 0, 45, "mean of exudates")
    )


@dataclass(frozen=True)
class ScanParams:
    """The scanner: one photon energy, parallel rays, a row of detector bins."""

    photons: Param = field(
        default=Param(4e5, "1", "assumed", "I₀", None, 1e3, 1e7, "a ray, without the patient; goes with dose")
    )
    views: Param = field(default=Param(600, "1", "assumed", "N", None, 1, 5000, "over half a turn"))
    bins: Param = field(default=Param(420, "1", "assumed", "", None, 2, 5000))
    spacing: Param = field(default=Param(0.1, "cm", "assumed", "Δ", None, 0.01, 1, "between detector bins"))

    @property
    def angles(self) -> NDArray[np.float64]:
        """Directions of the views, shape (views,)."""
        return np.arange(int(self.views.value)) * np.pi / int(self.views.value)

    @property
    def detector(self) -> NDArray[np.float64]:
        """Places of the detector bins, shape (bins,)."""
        count = int(self.bins.value)
        return (np.arange(count) - (count - 1) / 2) * self.spacing.value


@dataclass(frozen=True)
class Ellipse:
    """An ellipse that adds `value` (1/cm) to the attenuation of what it covers.

    Raises
    ------
    ValueError
        When a number is not finite or a half-axis is not positive.
    """

    x: float
    y: float
    a: float
    b: float
    value: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        for item in fields(self):
            if not np.isfinite(getattr(self, item.name)):
                raise ValueError(f"ellipse: {item.name} is {getattr(self, item.name)}, not a finite number")
        if self.a <= 0 or self.b <= 0:
            raise ValueError(f"ellipse: half-axes {self.a:g} and {self.b:g} cm; both must be positive")


@dataclass(frozen=True)
class Scan:
    """What a scan measured.

    Attributes
    ----------
    sinogram : ndarray, shape (views, bins)
        Line integrals as the counts tell them.
    angles : ndarray, shape (views,)
    detector : ndarray, shape (bins,)
    starved : float
        Share of rays on which no photon arrived; they are counted as one.
    """

    sinogram: NDArray[np.float64]
    angles: NDArray[np.float64]
    detector: NDArray[np.float64]
    starved: float


def chest(
    params: ChestParams | None = None, tissues: TissueParams | None = None, *, present: bool = True
) -> list[Ellipse]:
    """Return the chest as ellipses; later ones lie upon earlier ones.

    Parameters
    ----------
    params : ChestParams, optional
    tissues : TissueParams, optional
    present : bool
        False gives the same chest with fluid in place of the rind, or lung where there is no fluid.

    Raises
    ------
    ValueError
        When rind and fluid leave no lung on the right.
    """
    p, tissues = params or ChestParams(), tissues or TissueParams()
    mu = {name: tissues.attenuation(name) for name in MASS_ATTENUATION}
    rind_mu, fluid_mu = tissues.from_hu(p.rind_hu.value), tissues.from_hu(p.fluid_hu.value)
    if not present:
        rind_mu = fluid_mu if p.fluid.value else mu["lung"]
    core_mu = mu["water"] + p.core_bone.value * (mu["cortical_bone"] - mu["water"])
    a, b, t, f = p.lung_width.value, p.lung_depth.value, p.rind.value, p.fat.value
    inner_a, inner_b = a - t, b - t
    left = 1 - p.fluid.value / (2 * inner_b) if inner_b > 0 else 0.0
    if min(inner_a, inner_b, left) <= 0:
        raise ValueError(f"a rind of {t:g} cm and fluid of {p.fluid.value:g} cm leave no lung; make one of them less")
    right, front = p.lung_place.value, inner_b * (1 - left)
    return [
        Ellipse(0, 0, p.trunk_width.value, p.trunk_depth.value, mu["muscle"]),
        Ellipse(0, p.heart_place.value, p.heart_radius.value, p.heart_radius.value, mu["blood"] - mu["muscle"]),
        Ellipse(
            0,
            p.vertebra_place.value,
            p.vertebra_radius.value,
            p.vertebra_radius.value,
            mu["cortical_bone"] - mu["muscle"],
        ),
        Ellipse(0, p.vertebra_place.value, p.core_radius.value, p.core_radius.value, core_mu - mu["cortical_bone"]),
        Ellipse(-right, 0, a + f, b + f, mu["adipose"] - mu["muscle"]),
        Ellipse(-right, 0, a, b, mu["lung"] - mu["adipose"]),
        Ellipse(right, 0, a + f, b + f, mu["adipose"] - mu["muscle"]),
        Ellipse(right, 0, a, b, rind_mu - mu["adipose"]),
        Ellipse(right, 0, inner_a, inner_b, fluid_mu - rind_mu),
        Ellipse(right, front, inner_a * left, inner_b * left, mu["lung"] - fluid_mu),
    ]


def truth(ellipses: Sequence[Ellipse], x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    """Return the attenuation at each point of the grid, shape (len(y), len(x))."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)[:, None]
    total = np.zeros((y.size, x.size))
    for e in ellipses:
        cos, sin = np.cos(e.angle), np.sin(e.angle)
        along, across = (x - e.x) * cos + (y - e.y) * sin, (y - e.y) * cos - (x - e.x) * sin
        total += np.where((along / e.a) ** 2 + (across / e.b) ** 2 < 1, e.value, 0.0)
    return total


def line_integrals(ellipses: Sequence[Ellipse], angles: ArrayLike, detector: ArrayLike) -> NDArray[np.float64]:
    """Return what each ray loses, shape (views, bins).

    Parameters
    ----------
    ellipses : sequence of Ellipse
    angles : array_like, shape (views,)
        Directions of the detector row.
    detector : array_like, shape (bins,)
        Places on it.

    Raises
    ------
    ValueError
        When there are no views or bins, or one is not finite.
    """
    angles, detector = _row("angles", angles)[:, None], _row("detector", detector)
    total = np.zeros((angles.size, detector.size))
    for e in ellipses:
        reach = (e.a * np.cos(angles - e.angle)) ** 2 + (e.b * np.sin(angles - e.angle)) ** 2
        distance = detector - e.x * np.cos(angles) - e.y * np.sin(angles)
        total += 2 * e.value * e.a * e.b / reach * np.sqrt(np.maximum(reach - distance**2, 0))
    return total


def measure(integrals: ArrayLike, photons: float, rng: np.random.Generator) -> tuple[NDArray[np.float64], float]:
    """Return line integrals as counted photons tell them, and the share of rays on which none arrived.

    Parameters
    ----------
    integrals : array_like, shape (views, bins)
        Not negative.
    photons : float
        Sent along each ray.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        When the dose is not positive, or an integral is negative or not finite.
    """
    integrals = np.asarray(integrals, dtype=float)
    if not np.isfinite(photons) or photons <= 0:
        raise ValueError(f"photons: {photons}; the dose must be positive and finite")
    if not np.isfinite(integrals).all() or integrals.min(initial=0) < -1e-12:
        raise ValueError("integrals: negative or not finite; a ray can't gain photons")
    counts = rng.poisson(photons * np.exp(-integrals))
    return np.log(photons) - np.log(np.maximum(counts, 1)), float((counts == 0).mean())


def ramp(rows: ArrayLike, spacing: float) -> NDArray[np.float64]:
    """Return each row of a sinogram filtered with the band-limited ramp of Ramachandran and Lakshminarayanan."""
    rows = np.asarray(rows, dtype=float)
    size = next_fast_len(2 * rows.shape[-1], real=True)
    n = np.minimum(np.arange(size), size - np.arange(size))
    kernel = np.where(n % 2, -1 / (np.pi * np.maximum(n, 1)) ** 2, 0.0)
    kernel[0] = 0.25
    return irfft(rfft(rows, size) * rfft(kernel).real, size)[..., : rows.shape[-1]] / spacing


def fbp(sinogram: ArrayLike, angles: ArrayLike, detector: ArrayLike, x: ArrayLike, y: ArrayLike) -> NDArray[np.float32]:
    """Return the image by filtered back projection: filter each view, then add it along its rays.

    Parameters
    ----------
    sinogram : array_like, shape (views, bins)
    angles : array_like, shape (views,)
        Equally spaced over half a turn.
    detector : array_like, shape (bins,)
        Equally spaced.
    x, y : array_like
        Columns and rows of the image; any part of the body will do. Both equally spaced or not.

    Returns
    -------
    ndarray, shape (len(y), len(x))
        Attenuation; zero is assumed beyond the detector.

    Raises
    ------
    ValueError
        When there are no views, shapes differ, or a number is not finite.
    """
    angles, detector, x, y = (_row(*r) for r in zip(_AXES, (angles, detector, x, y), strict=True))
    rows, spacing = _sinogram(sinogram, angles, detector), _spacing(detector)
    # What lies beyond the detector lands on the zeros at each side. Between neighbours, a row is base + place * step.
    rows = np.pad(ramp(rows, spacing) * np.pi / len(angles), ((0, 0), (2, 2)))
    steps = np.diff(rows, axis=1, append=0)
    bases, steps = np.float32(rows - steps * np.arange(rows.shape[1])), np.float32(steps)
    columns = np.float32(np.outer(np.cos(angles), x) / spacing)
    lines = np.float32((np.outer(np.sin(angles), y) - detector[0]) / spacing + 2)
    image = np.zeros((len(y), len(x)), dtype=np.float32)
    place, part, index = np.empty_like(image), np.empty_like(image), np.empty(image.shape, dtype=np.intp)
    for base, step, across, down in zip(bases, steps, columns, lines, strict=True):
        np.add(across, down[:, None], out=place)
        np.copyto(index, place, casting="unsafe")
        np.take(base, index, out=part, mode="clip")
        image += part
        np.take(step, index, out=part, mode="clip")
        part *= place
        image += part
    return image


_AXES = ("angles", "detector", "x", "y")


def scan(ellipses: Sequence[Ellipse], params: ScanParams | None = None, rng: np.random.Generator | None = None) -> Scan:
    """Return a scan of a body; without `rng` an ideal one, of which every line integral is exact."""
    params = params or ScanParams()
    exact = line_integrals(ellipses, params.angles, params.detector)
    if rng is None:
        return Scan(exact, params.angles, params.detector, 0.0)
    measured, starved = measure(exact, params.photons.value, rng)
    return Scan(measured, params.angles, params.detector, starved)


def image(scanned: Scan, x: ArrayLike, y: ArrayLike, tissues: TissueParams | None = None) -> NDArray[np.float64]:
    """Return the image of a scan in Hounsfield units, shape (len(y), len(x))."""
    return (tissues or TissueParams()).to_hu(fbp(scanned.sinogram, scanned.angles, scanned.detector, x, y))


def noise_of_sum(
    weights: ArrayLike, ellipses: Sequence[Ellipse], params: ScanParams, x: ArrayLike, y: ArrayLike
) -> float:
    """Return the standard deviation of a weighted sum of pixels, by propagating the noise of each ray.

    Back projection is linear, so a sum of pixels is a sum over rays; the variance of a ray is exp(p)/photons.

    Parameters
    ----------
    weights : array_like, shape (len(y), len(x))
    ellipses : sequence of Ellipse
        The body that is scanned.
    params : ScanParams
    x, y : array_like
        Columns and rows of the image.

    Returns
    -------
    float
        In 1/cm.
    """
    weights, x, y = np.asarray(weights, dtype=float), _row("x", x), _row("y", y)
    if weights.shape != (y.size, x.size) or not np.isfinite(weights).all():
        raise ValueError(
            f"weights: shape {weights.shape}, need one finite number for each of {y.size} x {x.size} pixels"
        )
    angles, detector = params.angles, params.detector
    # Interpolation turned round: each pixel gives its weight to the two bins beside it, beyond the detector to none.
    spread, bins = np.zeros((angles.size, detector.size)), detector.size + 3
    for view, angle in enumerate(angles):
        place = (x * np.cos(angle) + y[:, None] * np.sin(angle) - detector[0]) / params.spacing.value + 2
        index = np.clip(place, 0, bins - 1).astype(int).ravel()
        moved = (weights * (place - np.floor(place))).ravel()
        left = np.bincount(index, weights.ravel() - moved, minlength=bins)
        spread[view] = left[2:-1] + np.bincount(index, moved, minlength=bins)[1:-2]
    on_rays = ramp(spread, params.spacing.value) * np.pi / angles.size
    variance = np.exp(line_integrals(ellipses, angles, detector)) / params.photons.value
    return float(np.sqrt((on_rays**2 * variance).sum()))


def detectability(
    present: Sequence[Ellipse], absent: Sequence[Ellipse], params: ScanParams, x: ArrayLike, y: ArrayLike
) -> float:
    """Return d': how many standard deviations apart two bodies are for an observer who knows what to look for.

    The observer weighs each pixel by the difference between both images without noise, and adds up.

    Parameters
    ----------
    present, absent : sequence of Ellipse
        The body with and without what is looked for.
    params : ScanParams
    x, y : array_like
        Columns and rows that the observer sees.

    Returns
    -------
    float
        Zero when both bodies are alike.
    """
    exact = line_integrals(_difference(present, absent), params.angles, params.detector)
    difference = fbp(exact, params.angles, params.detector, x, y).astype(float)
    noise = noise_of_sum(difference, present, params, x, y)
    return float((difference**2).sum() / noise) if noise > 0 else 0.0


def noise_formula(integral: float, params: ScanParams) -> float:
    """Return the noise of a pixel (1/cm) where all rays lose the same: ramp filter and linear interpolation.

    Raises
    ------
    ValueError
        When the integral is negative or not finite.
    """
    if not np.isfinite(integral) or integral < 0:
        raise ValueError(f"integral: {integral}; need a finite number, zero or more")
    of_a_ray = np.sqrt(np.exp(integral) / params.photons.value)
    return float(of_a_ray * np.pi / np.sqrt(params.views.value) / params.spacing.value * np.sqrt(NOISE_FACTOR))


NOISE_FACTOR = 1 / 18 - 1 / (6 * np.pi**2)
"""Two thirds of the ramp's own 1/12, less a third of the 1/(2 pi^2) by which neighbours go against each other."""


def recovery(params: ChestParams, scanner: ScanParams, x: ArrayLike, y: ArrayLike) -> float:
    """Return the share of the rind's contrast that an image without noise keeps, on average over the rind in view.

    Raises
    ------
    ValueError
        When no pixel of the view lies in the rind, or the rind does not differ from what is beside it.
    """
    present, absent = chest(params), chest(params, present=False)
    wanted = truth(present, x, y) - truth(absent, x, y)
    inside = wanted != 0
    if not inside.any():
        raise ValueError("recovery: no pixel of x and y lies in a rind that differs from its neighbour")
    exact = line_integrals(_difference(present, absent), scanner.angles, scanner.detector)
    found = fbp(exact, scanner.angles, scanner.detector, x, y)
    return float(found[inside].mean() / wanted[inside].mean())


def checks(seed: int = 7) -> list[Check]:
    """Return the validation table: CT numbers of the ledger, and identities that hold for every scanner."""
    tissues, rng = TissueParams(), np.random.default_rng(seed)
    found = [
        Check(f"CT number of {name}, 70 keV", float(tissues.to_hu(tissues.attenuation(key))), hu, 1, NIST, "identity")
        for name, key, hu in LEDGER_HU
    ]
    body, side = chest(), np.linspace(-0.5, 0.5, 21)
    ideal = scan(body)
    mass = ideal.sinogram.sum(axis=1) * ScanParams().spacing.value
    exact = sum(e.value * np.pi * e.a * e.b for e in body)
    worst = mass[np.argmax(np.abs(mass - exact))] / exact
    found.append(Check("mass in the worst view, as a share", worst, 1, 0.002, "mathematics", "identity"))
    for name, x, y, key in (("left lung", -12, 0, "lung"), ("heart", 0, 4, "blood")):
        bias = image(ideal, x + side, y + side).mean() - float(tissues.to_hu(tissues.attenuation(key)))
        found.append(Check(f"bias in the {name} (HU)", float(bias), 0, 1, "mathematics", "identity"))
    disc = [Ellipse(0, 0, 10, 10, tissues.attenuation("water"))]
    counted = with_values(ScanParams(), photons=1e5, views=360, bins=256, spacing=0.156)
    x = np.arange(-31.5, 32) * 0.05
    flat = np.array([image(scan(disc, counted, rng), x, x) for _ in range(6)])
    predicted = 1000 / tissues.attenuation("water") * noise_formula(20 * tissues.attenuation("water"), counted)
    found.append(Check("bias in a water disc (HU)", float(flat.mean()), 0, 1, "mathematics", "identity"))
    noise = "noise in a water disc (HU)"
    found.append(
        Check(noise, float(flat.std(axis=(1, 2)).mean()), predicted, 0.05 * predicted, "mathematics", "identity")
    )
    return found


LEDGER_HU = (
    ("muscle", "muscle", 43),
    ("bone", "cortical_bone", 1559),
    ("lung", "lung", -741),
    ("fat", "adipose", -76),
    ("blood", "blood", 56),
)
"""CT numbers at 70 keV (icru44-hu)."""


def _difference(present: Sequence[Ellipse], absent: Sequence[Ellipse]) -> list[Ellipse]:
    """Return the ellipses that only one of two bodies has, those of the second with the opposite sign."""
    counts = Counter(present)
    counts.subtract(absent)
    return [replace(ellipse, value=count * ellipse.value) for ellipse, count in counts.items() if count]


def _row(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return values as a row of finite numbers."""
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not values.size:
        what = "no views" if name == "angles" else "empty"
        raise ValueError(f"{name}: {what}; give a row of at least one number, got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name}: holds a number that is not finite")
    return values


def _spacing(detector: NDArray[np.float64]) -> float:
    """Return the distance between detector bins."""
    steps = np.diff(detector)
    if not steps.size or steps.min() <= 0 or steps.max() - steps.min() > 1e-6 * steps.max():
        raise ValueError("detector: need at least two bins, rising and equally spaced")
    return float(steps.mean())


def _sinogram(values: ArrayLike, angles: NDArray[np.float64], detector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sinogram when it fits its angles and detector."""
    values = np.asarray(values, dtype=float)
    if values.shape != (angles.size, detector.size):
        raise ValueError(f"sinogram: shape {values.shape}, need {angles.size} views x {detector.size} bins")
    if not np.isfinite(values).all():
        raise ValueError("sinogram: holds a number that is not finite")
    return values
