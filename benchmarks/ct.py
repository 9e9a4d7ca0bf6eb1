"""Times filtered back projection against scikit-image's `iradon`: same sinogram, same pixels, in turn, in one run.

``.venv/bin/python -m pip install -e '.[bench]'``, then ``.venv/bin/python benchmarks/ct.py``; readers never need
scikit-image. Both ways get exact line integrals of the chest, and both images are compared with the chest itself.
scikit-image puts the axis of rotation on bin N//2, so the detector is laid out its way: on any other grid its image
would be shifted, and the error not its own. Ends with an error when ours is not 1.5 times as fast at the first size, or
errs more.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from paired import seconds

from mesosim import ct

SIZES = ((256, 360), (512, 720))
WIDTH = 41.0
RUNS = 9
LEAST_RATIO = 1.5
MOST_ERROR = 1.001
"""Ours may not err more than this times theirs: single precision, no more."""


def peer() -> Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]:
    """Return scikit-image's reconstruction of a sinogram (views, bins), in attenuation times bin width."""
    try:
        from skimage.transform import iradon
    except ImportError:
        sys.exit("scikit-image is not installed: .venv/bin/python -m pip install -e '.[bench]'")
    return lambda sinogram, angles: iradon(
        sinogram.T, np.rad2deg(angles), filter_name="ramp", interpolation="linear", circle=True
    )


def compare(size: int, views: int) -> tuple[float, float, float]:
    """Time both ways in turn; return the ratio of times and the errors of ours and theirs in Hounsfield units."""
    iradon, tissues = peer(), ct.TissueParams()
    spacing = WIDTH / size
    detector = (np.arange(size) - size // 2) * spacing
    x, y = detector, -detector  # scikit-image's rows run downwards
    angles = np.arange(views) * np.pi / views
    sinogram = ct.line_integrals(ct.chest(), angles, detector)
    jobs = lambda: ct.fbp(sinogram, angles, detector, x, y), lambda: iradon(sinogram, angles) / spacing
    exact, within = ct.truth(ct.chest(), x, y), np.hypot(x, y[:, None]) < detector[-1] - spacing
    scale = 1000 / tissues.attenuation("water")
    errors = [scale * np.sqrt(np.mean((job() - exact)[within] ** 2)) for job in jobs]
    times = np.array([[seconds(job) for job in jobs] for _ in range(RUNS)])
    ratio = statistics.median(times[:, 1] / times[:, 0])
    for name, row, error in zip(("mesosim.ct.fbp", "skimage iradon"), times.T, errors, strict=True):
        print(f"{size}x{size}, {views} views  {name}: {1000 * np.median(row):7.1f} ms, RMSE {error:.3f} HU")
    print(f"{size}x{size}, {views} views  iradon / ours: {ratio:.2f}")
    return ratio, *errors


def main() -> None:
    """Compare at every size and hold ours to its promise at the first."""
    (ratio, ours, theirs), *_ = [compare(*size) for size in SIZES]
    if ratio < LEAST_RATIO or ours > MOST_ERROR * theirs:
        sys.exit(f"promised {LEAST_RATIO} times as fast and no more error: {ratio:.2f}, {ours:.3f} v {theirs:.3f} HU")


if __name__ == "__main__":
    main()
