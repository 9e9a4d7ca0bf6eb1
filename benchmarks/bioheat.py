"""Times ten minutes of heating against scikit-fem: the same tissue and probe, in turn, in one run, at equal error.

``.venv/bin/python -m pip install -e '.[bench]'``, then ``.venv/bin/python benchmarks/bioheat.py``; readers never need
scikit-fem. Two tasks: "warming", in which nothing dies and the closed form is known, and "ablation", in which blood
stops where tissue is dead. Peers are finite elements on squares, bilinear and biquadratic, with Crank-Nicolson steps
and a matrix that is factored once; blood, boiling, damage and dose are reckoned node by node as in ours. Before it is
timed, each way may choose the mesh and the step with which it is fastest among those that err no more than is allowed.
Ends with an error when ours is not as many times as fast as `LEAST` says.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from paired import race, seconds
from scipy.integrate import quad_vec
from scipy.sparse.linalg import splu

from mesosim import bioheat
from mesosim.params import with_values

Values = NDArray[np.float64]
RADIUS, HALF, SECONDS, RUNS = 33.0, 36.0, 600.0, 7
MOST = (0.1, 0.05)
"""Largest error allowed: of a temperature (K), or of a diameter after 2 and 10 minutes (mm)."""
LEAST = {
    ("warming", "bilinear", 0.05): 10.0, ("warming", "biquadratic", 0.05): 3.0,
    ("ablation", "bilinear", 0.05): 10.0, ("ablation", "biquadratic", 0.05): 10.0,
}  # fmt: skip
"""Promised ratios; where the larger error is allowed, nothing is promised."""
MESHES = {
    "ours": (1.5, 1.0, 0.75, 0.5),
    "bilinear": (1.0, 0.75, 0.5, 0.375),
    "biquadratic": (3.0, 2.25, 1.5, 1.0, 0.75),
}
STEPS = (20.0, 10.0, 5.0, 2.0, 1.0)
TISSUE = bioheat.TissueParams()
PROBE = with_values(bioheat.ProbeParams(), duration=SECONDS)
DEATHS = {"warming": with_values(bioheat.DeathParams(), frequency=1), "ablation": bioheat.DeathParams()}
CAPACITY = TISSUE.capacity.value * 1e6
SPOTS = np.array([(0.5, 0.5), (3.0, 0.5), (0.5, 6.0), (6.0, 3.0), (9.0, 6.0), (3.0, 12.0)])
"""Places at which warming is compared (mm)."""


def between(values: Values, r: Values, z: Values) -> Values:
    """Return values at `SPOTS` by cubic interpolation on a grid."""
    from scipy.interpolate import RectBivariateSpline

    return RectBivariateSpline(r, z, values).ev(*SPOTS.T)


def exact_warming() -> Values:
    """Return the closed form of warming at `SPOTS` (K): a cloud of heat in endless tissue."""
    r, z = SPOTS.T * 1e-3
    a, b = (PROBE.width.value * 1e-3) ** 2, (PROBE.length.value * 1e-3) ** 2
    alpha, rate = TISSUE.conductivity.value / CAPACITY, TISSUE.perfusion.value / CAPACITY
    density = PROBE.power.value / ((2 * np.pi) ** 1.5 * a * np.sqrt(b)) / CAPACITY

    def grown(s: float) -> Values:
        wide, long = a + 2 * alpha * s, b + 2 * alpha * s
        cloud = a / wide * np.sqrt(b / long) * np.exp(-(r**2) / (2 * wide) - z**2 / (2 * long))
        return density * np.exp(-rate * s) * cloud

    return quad_vec(grown, 0, SECONDS, epsabs=1e-9)[0]


def ours(task: str, h: float, step: float) -> Values:
    """Return temperatures at `SPOTS` (K above the body's) or diameters (mm), by mesosim."""
    bioheat._modes.cache_clear()  # they too begin from nothing
    grid = bioheat.Grid(RADIUS, HALF, h)
    probe = with_values(PROBE, boiling=1000) if task == "warming" else PROBE
    course = bioheat.heat([120, SECONDS], TISSUE, probe, DEATHS[task], grid=grid, step=step)
    if task == "ablation":
        return course.zone().ravel()
    return between(course.temperature[-1] - TISSUE.body.value, grid.r, grid.z)


class Harm:
    """Arrhenius' damage and the thermal dose of each node, by the trapezoidal rule; ours follows both in both tasks."""

    def __init__(self, nodes: int, task: str, dt: float) -> None:
        self.omega, self.minutes, self.dt, self.death = np.zeros(nodes), np.zeros(nodes), dt, DEATHS[task]
        self.before = self.rates(np.zeros(nodes))

    def rates(self, warm: Values) -> tuple[Values, Values]:
        """Return damage a second, and minutes of dose a step, of temperatures above the body's."""
        celsius = warm + TISSUE.body.value
        return np.exp(bioheat.log_rate(celsius, self.death)), bioheat.cem43(celsius, self.dt)

    def add(self, warm: Values) -> None:
        """Add the harm of a step that ends at these temperatures."""
        after = self.rates(warm)
        self.omega += self.dt / 2 * (self.before[0] + after[0])
        self.minutes += (self.before[1] + after[1]) / 2
        self.before = after


def theirs(order: int) -> Callable[[str, float, float], Values]:
    """Return the same by finite elements of an order."""
    try:
        import skfem
        from skfem.helpers import dot, grad
    except ImportError:
        sys.exit("scikit-fem is not installed: .venv/bin/python -m pip install -e '.[bench]'")
    k, w = TISSUE.conductivity.value, TISSUE.perfusion.value

    def run(task: str, h: float, dt: float) -> Values:
        mesh = skfem.MeshQuad.init_tensor(*(1e-3 * np.linspace(0, end, round(end / h) + 1) for end in (RADIUS, HALF)))
        basis = skfem.Basis(mesh, skfem.ElementQuad1() if order == 1 else skfem.ElementQuad2())
        taken = w if task == "warming" else 0.0
        stiff = skfem.BilinearForm(lambda u, v, p: (k * dot(grad(u), grad(v)) + taken * u * v) * p.x[0]).assemble(basis)
        mass = skfem.BilinearForm(lambda u, v, p: CAPACITY * u * v * p.x[0]).assemble(basis)
        r, z = 1e3 * basis.doflocs
        far = np.isclose(r, RADIUS) | np.isclose(z, HALF)
        free = np.flatnonzero(~far)
        stiff, mass = (matrix[free][:, free].tocsc() for matrix in (stiff, mass))
        solver, right = splu((mass + dt / 2 * stiff).tocsc()), (mass - dt / 2 * stiff).tocsr()
        cloud = np.exp(-0.5 * (r / PROBE.width.value) ** 2 - 0.5 * (z / PROBE.length.value) ** 2)
        cloud *= PROBE.power.value / ((2 * np.pi) ** 1.5 * PROBE.width.value**2 * PROBE.length.value * 1e-9)
        if task == "warming":
            warm, load, harm = np.zeros(free.size), dt * (mass @ cloud[free]) / CAPACITY, Harm(free.size, task, dt)
            for _ in range(round(SECONDS / dt)):
                warm = solver.solve(right @ warm + load)
                harm.add(warm)
            whole = np.zeros(basis.N)
            whole[free] = warm
            across, along = np.unique(np.round(r, 9)), np.unique(np.round(z, 9))
            table = np.empty((across.size, along.size))
            table[np.searchsorted(across, np.round(r, 9)), np.searchsorted(along, np.round(z, 9))] = whole
            return between(table, across, along)
        return ablate(free, solver, right, cloud[free] * dt / 2 / CAPACITY, dt, r[free], z[free])

    def ablate(free, solver, right, heat, dt, r, z) -> Values:
        warm, alive, harm = np.zeros(free.size), np.ones(free.size), Harm(free.size, "ablation", dt)
        lost, ceiling = -np.expm1(-w * dt / 2 / CAPACITY), PROBE.boiling.value - TISSUE.body.value
        kept = []
        for step in range(1, round(SECONDS / dt) + 1):
            warm -= lost * alive * warm
            warm += np.clip(ceiling - warm, 0, heat)
            warm = solver.solve(right @ warm)
            warm -= lost * alive * warm
            warm += np.clip(ceiling - warm, 0, heat)
            harm.add(warm)
            alive = (harm.omega < 1) * 1.0
            if abs(step * dt - 120) < 1e-9 or step * dt > SECONDS - 1e-9:
                kept += [edge(harm.omega, r, z), edge(harm.omega, z, r)]
        return np.array(kept)

    return run


def edge(omega: Values, along: Values, across: Values) -> float:
    """Return twice the place at which damage falls below 1 on an axis."""
    axis = np.flatnonzero(np.isclose(across, 0))
    axis = axis[np.argsort(along[axis])]
    damage, places = np.log(omega[axis]), along[axis]
    last = np.flatnonzero(damage >= 0)[-1]
    share = damage[last] / (damage[last] - damage[last + 1])
    return float(2 * (places[last] + share * (places[last + 1] - places[last])))


def settings(way: Callable[..., Values], task: str, meshes: tuple[float, ...], truth: Values) -> list[tuple]:
    """Return seconds, mesh, step and error of each setting, the fastest first."""
    found = []
    for h, step in itertools.product(meshes, STEPS):
        if 120 % step:
            continue
        error = float(np.abs(way(task, h, step) - truth).max())
        if error <= max(MOST):
            found.append((min(seconds(lambda h=h, step=step: way(task, h, step)) for _ in range(3)), h, step, error))
    return sorted(found)


def main() -> None:
    """Print one line a comparison."""
    ways = {"ours": ours, "bilinear": theirs(1), "biquadratic": theirs(2)}
    fine = [ours("ablation", 0.375, step) for step in (0.125, 0.25)]
    truths = {"warming": exact_warming(), "ablation": 2 * fine[0] - fine[1]}
    print(f"{'task':10}{'peer':13}{'error':>6}{'ours: mm, s':>14}{'theirs: mm, s':>16}{'ms':>8}{'ms':>8}{'ratio':>8}")
    slow = []
    for task, truth in truths.items():
        known = {name: settings(way, task, MESHES[name], truth) for name, way in ways.items()}
        for most, peer in itertools.product(MOST, ("bilinear", "biquadratic")):
            mine, other = (next((s[1:3] for s in known[name] if s[3] <= most), None) for name in ("ours", peer))
            if mine is None or other is None:
                sys.exit(f"{task}: no setting errs less than {most}: ours {mine}, {peer} {other}")
            our, their, ratio = race(partial(ours, task, *mine), partial(ways[peer], task, *other), RUNS)
            chosen = f"{mine[0]:>9g}, {mine[1]:<3g}{other[0]:>11g}, {other[1]:<3g}"
            print(f"{task:10}{peer:13}{most:>6g}{chosen}{our:>8.1f}{their:>8.1f}{ratio:>8.1f}", flush=True)
            slow += [f"{task} against {peer}"] * (ratio < LEAST.get((task, peer, most), 0))
    if slow:
        sys.exit(f"slower than promised: {', '.join(slow)}")


if __name__ == "__main__":
    main()
