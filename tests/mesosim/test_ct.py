"""The CT scanner: what its physics keeps, how far its image may stray, and what it refuses."""

import ast
import inspect
import re
import warnings
from dataclasses import fields

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import ct
from mesosim.params import Param, with_values

WATER = ct.TissueParams().attenuation("water")
ANGLES = np.arange(60) * np.pi / 60
DETECTOR = (np.arange(128) - 63.5) * 0.2
SMALL = with_values(ct.ScanParams(), views=180, bins=140, spacing=0.3)
POSTERIOR = (10.5 + np.arange(-9.5, 10) * 0.2, -4.3 + np.arange(-9.5, 10) * 0.2)

places, axes, turns = st.floats(-4, 4), st.floats(0.3, 4), st.floats(0, np.pi)
ellipses = st.builds(ct.Ellipse, places, places, axes, axes, st.floats(0.01, 1), turns)


@given(ellipses, st.floats(0.1, 10))
@settings(max_examples=50, deadline=None)
def test_line_integrals_are_proportional_to_attenuation(ellipse, factor):
    more = ct.Ellipse(ellipse.x, ellipse.y, ellipse.a, ellipse.b, factor * ellipse.value, ellipse.angle)
    single = ct.line_integrals([ellipse], ANGLES, DETECTOR)
    assert np.allclose(ct.line_integrals([more], ANGLES, DETECTOR), factor * single, rtol=1e-9)


@given(ellipses, ellipses)
@settings(max_examples=50, deadline=None)
def test_line_integrals_of_two_bodies_add_up(one, other):
    both = ct.line_integrals([one, other], ANGLES, DETECTOR)
    apart = ct.line_integrals([one], ANGLES, DETECTOR) + ct.line_integrals([other], ANGLES, DETECTOR)
    assert np.allclose(both, apart, rtol=1e-9)


@given(ellipses, turns)
@settings(max_examples=50, deadline=None)
def test_turning_body_and_scanner_together_changes_nothing(ellipse, turn):
    cos, sin = np.cos(turn), np.sin(turn)
    x, y = ellipse.x * cos - ellipse.y * sin, ellipse.x * sin + ellipse.y * cos
    turned = ct.Ellipse(x, y, ellipse.a, ellipse.b, ellipse.value, ellipse.angle + turn)
    before = ct.line_integrals([ellipse], ANGLES, DETECTOR)
    assert np.allclose(ct.line_integrals([turned], ANGLES + turn, DETECTOR), before, atol=1e-6)


@given(ellipses)
@settings(max_examples=50, deadline=None)
def test_every_view_holds_the_whole_mass(ellipse):
    fine = (np.arange(4000) - 1999.5) * 0.006
    mass = ct.line_integrals([ellipse], ANGLES, fine).sum(axis=1) * 0.006
    assert np.allclose(mass, ellipse.value * np.pi * ellipse.a * ellipse.b, rtol=2e-3)


@given(ellipses, st.floats(-8, 8), turns)
@settings(max_examples=30, deadline=None)
def test_a_line_integral_is_what_adding_up_along_the_ray_gives(ellipse, place, angle):
    along = np.linspace(-15, 15, 30_001)
    x = place * np.cos(angle) - along * np.sin(angle)
    y = place * np.sin(angle) + along * np.cos(angle)
    cos, sin = np.cos(ellipse.angle), np.sin(ellipse.angle)
    u, v = (x - ellipse.x) * cos + (y - ellipse.y) * sin, (y - ellipse.y) * cos - (x - ellipse.x) * sin
    summed = ellipse.value * ((u / ellipse.a) ** 2 + (v / ellipse.b) ** 2 < 1).sum() * 0.001
    assert ct.line_integrals([ellipse], [angle], [place])[0, 0] == pytest.approx(summed, abs=2.1e-3)


@given(st.lists(st.floats(-5, 5), min_size=8, max_size=8), st.lists(st.floats(-5, 5), min_size=8, max_size=8))
@settings(max_examples=30, deadline=None)
def test_back_projection_is_linear(one, other):
    angles, detector, x = np.array([0.0, np.pi / 2]), np.arange(4.0), np.linspace(0, 3, 5)
    one, other = np.reshape(one, (2, 4)), np.reshape(other, (2, 4))
    both = ct.fbp(one + 2 * other, angles, detector, x, x)
    assert np.allclose(both, ct.fbp(one, angles, detector, x, x) + 2 * ct.fbp(other, angles, detector, x, x), atol=1e-4)


def test_back_projection_agrees_with_interpolation_written_out():
    rng, x, y = np.random.default_rng(0), np.linspace(-9, 9, 7), np.linspace(-3, 12, 5)
    sinogram, spacing = rng.normal(size=(ANGLES.size, DETECTOR.size)), 0.2
    expected = np.zeros((y.size, x.size))
    for row, angle in zip(ct.ramp(sinogram, spacing), ANGLES, strict=True):
        place = x * np.cos(angle) + y[:, None] * np.sin(angle)
        expected += np.interp(place, DETECTOR, row, left=0, right=0) * np.pi / ANGLES.size
    inside = np.hypot(x, y[:, None]) < DETECTOR[-1] - spacing
    found = ct.fbp(sinogram, ANGLES, DETECTOR, x, y)
    assert np.allclose(found[inside], expected[inside], atol=2e-3)


def test_a_part_of_the_image_equals_that_part_of_the_whole():
    sinogram = ct.line_integrals(ct.chest(), SMALL.angles, SMALL.detector)
    x, y = np.linspace(-20, 20, 41), np.linspace(-10, 10, 21)
    whole = ct.fbp(sinogram, SMALL.angles, SMALL.detector, x, y)
    part = ct.fbp(sinogram, SMALL.angles, SMALL.detector, x[5:9], y[3:11])
    assert np.array_equal(part, whole[3:11, 5:9])


def test_the_ramp_takes_a_constant_row_to_almost_nothing_and_a_spike_to_its_kernel():
    assert np.abs(ct.ramp(np.ones(512), 1.0)[200:300]).max() < 1e-3
    spike = np.zeros(65)
    spike[32] = 1
    kernel = ct.ramp(spike, 0.5)
    assert kernel[32] == pytest.approx(0.25 / 0.5)
    assert kernel[33] == pytest.approx(-1 / np.pi**2 / 0.5)
    assert kernel[34] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("check", ct.checks(), ids=lambda check: check.name)
def test_every_check_of_the_lab_passes(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


@pytest.mark.parametrize("seed", range(5))
def test_the_noise_follows_its_closed_form_whatever_the_draw(seed):
    noise = next(check for check in ct.checks(seed) if check.name.startswith("noise"))
    assert noise.got == pytest.approx(noise.expected, rel=0.05)


def test_noise_falls_with_the_root_of_views_and_photons():
    four = with_values(SMALL, views=4 * 180)
    more = with_values(SMALL, photons=4 * SMALL.photons.value)
    assert ct.noise_formula(3, four) == pytest.approx(ct.noise_formula(3, SMALL) / 2)
    assert ct.noise_formula(3, more) == pytest.approx(ct.noise_formula(3, SMALL) / 2)


def test_the_formula_is_the_propagated_noise_averaged_over_places_between_bins():
    disc = [ct.Ellipse(0, 0, 10, 10, WATER)]
    spots = np.random.default_rng(3).uniform(-1, 1, (40, 2))
    found = [ct.noise_of_sum([[1.0]], disc, SMALL, [x], [y]) ** 2 for x, y in spots]
    assert np.sqrt(np.mean(found)) == pytest.approx(ct.noise_formula(20 * WATER, SMALL), rel=0.02)


def test_propagated_noise_is_that_of_simulated_scans():
    body, rng = ct.chest(), np.random.default_rng(11)
    weights = np.outer(np.hanning(20), np.hanning(20))
    sums = [
        (weights * ct.fbp(s.sinogram, s.angles, s.detector, *POSTERIOR)).sum()
        for s in (ct.scan(body, SMALL, rng) for _ in range(400))
    ]
    predicted = ct.noise_of_sum(weights, body, SMALL, *POSTERIOR)
    # 400 draws know a standard deviation to 3.5 %; four of these.
    assert np.std(sums, ddof=1) == pytest.approx(predicted, rel=0.14)


def test_too_few_views_cost_accuracy():
    x = np.linspace(-12, -9, 31)
    errors = []
    for views in (45, 90, 180, 360):
        scanned = ct.scan(ct.chest(), with_values(ct.ScanParams(), views=views))
        errors.append(np.std(ct.image(scanned, x, x + 10.5)))
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 4 * errors[-1]


@given(st.floats(1.1, 20))
@settings(max_examples=10, deadline=None)
def test_detectability_grows_with_the_root_of_dose(factor):
    low, high = SMALL, with_values(SMALL, photons=factor * SMALL.photons.value)
    bodies = ct.chest(), ct.chest(present=False)
    expected = np.sqrt(factor) * ct.detectability(*bodies, low, *POSTERIOR)
    assert ct.detectability(*bodies, high, *POSTERIOR) == pytest.approx(expected)


@given(st.floats(0.05, 0.9), st.floats(0.05, 0.3))
@settings(max_examples=15, deadline=None)
def test_a_thicker_rind_is_easier_to_detect(thin, more):
    found = []
    for thickness in (thin, thin + more):
        params = with_values(ct.ChestParams(), rind=thickness)
        found.append(ct.detectability(ct.chest(params), ct.chest(params, present=False), SMALL, *POSTERIOR))
    assert found[0] < found[1]


@given(st.floats(0.1, 1))
@settings(max_examples=10, deadline=None)
def test_no_observer_of_the_image_beats_one_of_the_raw_counts(thickness):
    params = with_values(ct.ChestParams(), rind=thickness)
    present, absent = ct.chest(params), ct.chest(params, present=False)
    one, other = (ct.line_integrals(body, SMALL.angles, SMALL.detector) for body in (present, absent))
    ideal = np.sqrt(SMALL.photons.value * ((one - other) ** 2 * np.exp(-one)).sum())
    x, y = np.arange(2.5, 18.6, 0.3), np.arange(-6, 6.1, 0.3)
    assert ct.detectability(present, absent, SMALL, x, y) <= ideal


def test_a_second_layer_of_the_same_thing_can_be_detected():
    once = [ct.Ellipse(0, 0, 8, 8, WATER)]
    assert ct.detectability([*once, *once], once, SMALL, [0.0, 1.0], [0.0, 1.0]) > 0


def test_nothing_to_detect_is_zero_and_not_a_missing_number():
    assert ct.detectability(ct.chest(), ct.chest(), SMALL, *POSTERIOR) == 0


def test_a_thin_rind_loses_contrast_to_blur_and_a_thick_one_keeps_it():
    x, y = np.linspace(10, 11, 5), np.linspace(-5.6, -4.4, 241)
    kept = [
        ct.recovery(with_values(ct.ChestParams(), rind=rind), ct.ScanParams(), x, y) for rind in (0.03, 0.1, 0.4, 1)
    ]
    assert kept == sorted(kept)
    assert kept[0] < 0.4
    assert kept[-1] > 0.95


@given(st.floats(0, 1.5), st.floats(0, 5))
@settings(max_examples=40, deadline=None)
def test_the_chest_is_made_of_its_tissues_alone(rind, fluid):
    params, tissues = with_values(ct.ChestParams(), rind=rind, fluid=fluid), ct.TissueParams()
    inside = ct.truth(ct.chest(params), np.linspace(-20.01, 20, 81), np.linspace(-10.01, 10, 41))
    known = [tissues.attenuation(name) for name in ("muscle", "cortical_bone", "lung", "adipose", "blood")]
    known += [0, tissues.from_hu(params.rind_hu.value), tissues.from_hu(params.fluid_hu.value)]
    core = tissues.attenuation("water") + params.core_bone.value * (known[1] - tissues.attenuation("water"))
    assert np.abs(inside[..., None] - [*known, core]).min(axis=-1).max() < 1e-9


def test_a_rind_has_the_thickness_that_was_asked_for():
    y = np.arange(-7, 0, 0.001)
    params = with_values(ct.ChestParams(), rind=0.7)
    differs = ct.truth(ct.chest(params), [10.5], y) != ct.truth(ct.chest(params, present=False), [10.5], y)
    assert differs.sum() * 0.001 == pytest.approx(0.7, abs=0.002)


def test_without_fluid_the_rind_lies_against_lung():
    params = with_values(ct.ChestParams(), fluid=0, rind=0.5)
    lung = ct.TissueParams().attenuation("lung")
    assert ct.truth(ct.chest(params), [10.5], [-4.9])[0, 0] == pytest.approx(lung)
    assert ct.truth(ct.chest(params, present=False), [10.5], [-5.2])[0, 0] == pytest.approx(lung)


def test_starved_rays_are_counted_and_finite():
    dark = with_values(ct.ScanParams(), photons=1e3)
    scanned = ct.scan(ct.chest(), dark, np.random.default_rng(1))
    assert 0 < scanned.starved < 1
    assert np.isfinite(scanned.sinogram).all()


def test_the_same_seed_gives_the_same_scan():
    one, other = (ct.scan(ct.chest(), SMALL, np.random.default_rng(5)).sinogram for _ in range(2))
    assert np.array_equal(one, other)


def test_no_calculation_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ct.image(ct.scan(ct.chest(), SMALL, np.random.default_rng(1)), np.linspace(-30, 30, 9), [0.0])


def lines_of_code(function) -> int:
    """Lines of a function without its head, its docstring and its refusals."""
    tree = ast.parse(inspect.getsource(function)).body[0]
    kept = [node for node in tree.body if not isinstance(getattr(node, "value", None), ast.Constant)]
    kept = [node for node in kept if not (isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise))]
    return sum(node.end_lineno - node.lineno + 1 for node in kept)


def test_the_scanner_fits_in_forty_lines():
    assert sum(map(lines_of_code, (ct.line_integrals, ct.measure, ct.ramp, ct.fbp))) <= 40


def value_of(facts, reference):
    fact_id, *steps = re.findall(r"[^\[\]]+", reference)
    value = facts[fact_id]["value"]
    for step in steps:
        value = value[int(step) if step.isdigit() else step]
    return value


def every_param():
    records = (ct.ChestParams(), ct.ScanParams(), *map(ct.at_energy, ct.ENERGIES))
    return [getattr(record, item.name) for record in records for item in fields(record)]


@pytest.mark.parametrize("param", [p for p in every_param() if p.fact], ids=lambda param: param.fact)
def test_a_published_value_equals_the_ledger(facts, param):
    assert param.value == value_of(facts, param.fact)
    assert param.source == facts[param.fact.split("[")[0]]["source"]


def test_every_parameter_says_where_it_is_from(root):
    works = {w["key"] for w in yaml.safe_load((root / "evidence/sources.yaml").read_text("utf-8"))["sources"]}
    assert all(isinstance(p, Param) and (p.assumed or p.source in works) for p in every_param())


def test_attenuation_and_ct_numbers_equal_the_ledger(facts):
    ledger = facts["icru44-mass-attenuation"]["value"]
    assert {"keV": list(ct.ENERGIES), **{k: list(v) for k, v in ct.MASS_ATTENUATION.items()}} == ledger
    numbers = facts["icru44-hu"]["value"]
    for name, tissue, hu in ct.LEDGER_HU:
        assert numbers["lung_0.26" if tissue == "lung" else tissue][1] == hu, name
    for column, energy in enumerate(ct.ENERGIES):
        tissues = ct.at_energy(energy)
        for tissue in ("muscle", "cortical_bone", "adipose", "blood"):
            assert float(tissues.to_hu(tissues.attenuation(tissue))) == pytest.approx(numbers[tissue][column], abs=1.5)


def test_ct_numbers_go_there_and_back():
    tissues = ct.TissueParams()
    assert float(tissues.to_hu(tissues.from_hu(37.0))) == pytest.approx(37)
    assert float(tissues.to_hu(0)) == -1000


def test_a_changed_value_is_no_longer_called_published():
    changed = with_values(ct.ChestParams(), fluid_hu=30).fluid_hu
    assert changed.assumed
    assert changed.fact is None


IDEAL = np.zeros((ANGLES.size, DETECTOR.size))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: with_values(ct.ScanParams(), views=0), "N: value 0.0 lies outside its range"),
        (lambda: with_values(ct.ScanParams(), photons=-1), "I₀: value -1.0 lies outside"),
        (lambda: with_values(ct.ChestParams(), rind=float("nan")), "t: value nan is not a finite number"),
        (lambda: with_values(ct.ChestParams(), rind=-0.1), "t: value -0.1 lies outside"),
        (lambda: with_values(ct.ChestParams(), ring=1), "ring is not a parameter; choose among"),
        (lambda: ct.line_integrals([], [], DETECTOR), "angles: no views"),
        (lambda: ct.line_integrals([], ANGLES, []), "detector: empty"),
        (lambda: ct.line_integrals([], [np.nan], DETECTOR), "angles: holds a number that is not finite"),
        (lambda: ct.measure([1.0], 0, None), "dose must be positive"),
        (lambda: ct.measure([1.0], float("nan"), None), "dose must be positive and finite"),
        (lambda: ct.measure([-1.0], 10, None), "can't gain photons"),
        (lambda: ct.measure([np.inf], 10, None), "not finite"),
        (lambda: ct.fbp(IDEAL[:0], [], DETECTOR, [0], [0]), "angles: no views"),
        (lambda: ct.fbp(IDEAL[:5], ANGLES, DETECTOR, [0], [0]), "need 60 views x 128 bins"),
        (lambda: ct.fbp(IDEAL + np.nan, ANGLES, DETECTOR, [0], [0]), "sinogram: holds a number that is not finite"),
        (lambda: ct.fbp(IDEAL, ANGLES, DETECTOR**3, [0], [0]), "equally spaced"),
        (lambda: ct.fbp(IDEAL, ANGLES, DETECTOR, [], [0]), "x: empty"),
        (lambda: ct.noise_of_sum([[1, 2]], ct.chest(), SMALL, [0], [0]), "weights: shape"),
        (lambda: ct.noise_formula(-1, SMALL), "zero or more"),
        (lambda: ct.recovery(ct.ChestParams(), SMALL, [0], [0]), "no pixel"),
        (lambda: ct.Ellipse(0, 0, 0, 1, 1), "half-axes"),
        (lambda: ct.Ellipse(0, 0, 1, 1, float("nan")), "value is nan"),
        (lambda: ct.at_energy(65), "65 keV is not tabulated"),
        (lambda: ct.TissueParams().attenuation("gold"), "'gold' is not one of water"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_chest_without_room_for_its_lung_is_refused():
    wide = with_values(ct.ChestParams(), lung_depth=4, rind=1.9, fluid=5)
    with pytest.raises(ValueError, match="leave no lung"):
        ct.chest(wide)
