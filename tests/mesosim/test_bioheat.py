"""Heat and ice in tissue: nothing overshoots, no joule is lost, closed forms hold, and bad input is named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesosim import bioheat
from mesosim.params import with_values

SMALL = bioheat.Grid(12, 12, 1.5)
OFF = with_values(bioheat.ProbeParams(), power=0)
tissues = st.builds(
    lambda k, c, w, b: with_values(bioheat.TissueParams(), conductivity=k, capacity=c, perfusion=w, steepness=b),
    st.floats(0.1, 1), st.floats(0.5, 4), st.floats(0, 1e5), st.sampled_from([0, 0.02]),
)  # fmt: skip


def uneven(seed):
    return np.random.default_rng(seed).uniform(37, 90, SMALL.shape)


@pytest.mark.parametrize("check", bioheat.checks(), ids=lambda check: check.name)
def test_checks_pass(check):
    assert check.passed, f"{check.name}: {check.got} is not within {check.tolerance} of {check.expected}"


@given(tissues, st.integers(0, 99), st.booleans())
@settings(max_examples=30, deadline=None)
def test_without_a_source_nothing_becomes_hotter_than_it_was_or_colder_than_blood(tissue, seed, insulated):
    start = uneven(seed)
    course = bioheat.heat([1, 20, 60], tissue, OFF, grid=SMALL, start=start, insulated=insulated)
    hottest = np.r_[start.max(), course.temperature.max(axis=(1, 2))]
    assert (np.diff(hottest) <= 1e-9).all()
    assert course.temperature.min() >= 37 - 1e-9


@given(tissues, st.floats(0, 40), st.booleans())
@settings(max_examples=30, deadline=None)
def test_every_joule_is_found_again_and_no_ring_boils_over(tissue, power, insulated):
    probe = with_values(bioheat.ProbeParams(), power=power, duration=30)
    course = bioheat.heat([30, 60], tissue, probe, grid=SMALL, insulated=insulated)
    joules = course.joules
    assert joules["stored"] + joules["blood"] + joules["edge"] == pytest.approx(joules["given"], abs=1e-8)
    assert course.temperature.max() <= 100 + 1e-9
    assert joules["given"] <= 30 * power + 1e-9


@given(tissues, st.floats(1, 10))
@settings(max_examples=15, deadline=None)
def test_damage_dose_and_zone_never_shrink(tissue, power):
    probe = with_values(bioheat.ProbeParams(), power=power, length=2, width=2, duration=40)
    course = bioheat.heat([0, 10, 20, 40, 80], tissue, probe, grid=bioheat.Grid(30, 30, 1.5))
    assert (np.diff(course.omega, axis=0) >= 0).all()
    assert (np.diff(course.minutes, axis=0) >= 0).all()
    assert (np.diff(course.zone(), axis=0) >= -1e-9).all()


@given(st.floats(0, 1e5), st.floats(38, 43), st.floats(1, 600))
@settings(max_examples=30, deadline=None)
def test_even_warmth_decays_as_its_blood_takes_it(perfusion, start, seconds):
    tissue = with_values(bioheat.TissueParams(), perfusion=perfusion)
    slow = with_values(bioheat.DeathParams(), frequency=1)
    left = bioheat.heat([seconds], tissue, OFF, slow, grid=SMALL, start=start, insulated=True).temperature[0] - 37
    exact = (start - 37) * np.exp(-perfusion * seconds / (tissue.capacity.value * 1e6))
    assert left == pytest.approx(np.full(SMALL.shape, exact), rel=1e-9, abs=1e-9)


def test_a_sphere_comes_to_rest_at_the_closed_form():
    tissue = with_values(bioheat.TissueParams(), conductivity=0.5, perfusion=1e4)
    centre = bioheat.sphere_steady(0, 6, 2e6, tissue)
    reach = 1e3 * np.sqrt(0.5 / 1e4)
    assert centre == pytest.approx(200 * (1 - (1 + 6 / reach) * np.exp(-6 / reach)), rel=1e-6)
    assert centre == pytest.approx(41.750, abs=5e-4)
    got, exact = bioheat.sphere_centre(0.75)
    assert got == pytest.approx(exact, rel=0.002)


@given(st.floats(0.2, 1), st.floats(0, 5e4))
@settings(max_examples=30, deadline=None)
def test_the_closed_form_has_no_step_at_the_surface_of_the_sphere(conductivity, perfusion):
    tissue = with_values(bioheat.TissueParams(), conductivity=conductivity, perfusion=perfusion + 100)
    inside, outside = bioheat.sphere_steady([6 - 1e-6, 6 + 1e-6], 6, 2e6, tissue)
    assert inside == pytest.approx(outside, rel=1e-5)


def test_a_source_holds_its_whole_power():
    grid, probe = bioheat.Grid(), bioheat.ProbeParams()
    assert (bioheat.deposit(probe, grid) * grid.volume).sum() == pytest.approx(probe.power.value)
    whole = 2e6 * 4 / 3 * np.pi * 0.006**3
    for each in (grid, bioheat.Grid(10.2, 9.9, 0.75)):
        assert (bioheat.ball(6, 2e6, each) * each.volume).sum() == pytest.approx(whole)


def test_a_conductivity_that_does_not_rise_is_the_same_in_both_ways_of_reckoning():
    rising = with_values(bioheat.TissueParams(), steepness=1e-12)
    steady, same = (bioheat.heat([60], tissue, grid=SMALL, step=0.5) for tissue in (None, rising))
    assert same.temperature == pytest.approx(steady.temperature, abs=0.3)
    assert same.joules["edge"] == pytest.approx(steady.joules["edge"], rel=0.01)


def test_blood_stops_where_tissue_is_dead():
    deadly = with_values(bioheat.DeathParams(), frequency=1e200)
    perfused, dead = bioheat.heat([60], grid=SMALL), bioheat.heat([60], death=deadly, grid=SMALL)
    assert dead.joules["blood"] < 0.02 * perfused.joules["blood"]
    assert (dead.temperature >= perfused.temperature - 1e-9).all()


def test_finer_rings_and_shorter_steps_give_the_same_zone():
    zones = [
        bioheat.heat([120, 240], grid=bioheat.Grid(33, 36, h), step=step).zone()
        for h, step in ((1, 2), (0.75, 2), (0.75, 0.5), (0.5, 1))
    ]
    assert np.ptp(zones, axis=0).max() < 0.2


@given(st.floats(0.1, 60), st.booleans(), st.booleans())
@settings(max_examples=30, deadline=None)
def test_spreading_only_shares_out(seconds, around, insulated):
    kernel = bioheat._kernel(20, seconds, 0.3, around, insulated)
    assert kernel @ kernel == pytest.approx(bioheat._kernel(20, 2 * seconds, 0.3, around, insulated), abs=1e-12)
    assert kernel.min() >= -1e-12
    assert kernel.sum(axis=1).max() <= 1 + 1e-12
    weights = np.arange(20) + 0.5 if around else np.ones(20)
    kept = weights @ kernel / weights
    assert kept.max() <= 1 + 1e-12
    if insulated:
        assert kept == pytest.approx(np.ones(20))


def test_an_insulated_piece_loses_nothing_by_its_edge():
    joules = bioheat.heat([60], grid=SMALL, insulated=True).joules
    assert abs(joules["edge"]) < 1e-9 * joules["given"]


def test_the_outline_is_as_wide_as_the_zone_and_ends_with_it():
    course = bioheat.heat([120])
    radius, (across, along) = course.outline()[0], course.zone()[0]
    assert 2 * radius.max() == pytest.approx(across)
    assert (np.diff(radius) <= 1e-9).all()
    assert 2 * course.grid.z[radius > 0][-1] <= along


@given(st.floats(40, 60))
@settings(max_examples=30, deadline=None)
def test_a_degree_is_worth_a_factor_of_two_above_43_and_of_four_below(celsius):
    factor = bioheat.cem43(celsius + 1, 60) / bioheat.cem43(celsius, 60)
    expected = 2 if celsius >= 43 else 4 if celsius <= 42 else factor
    assert factor == pytest.approx(expected)


def test_a_steady_temperature_kills_when_the_closed_form_says():
    death = bioheat.DeathParams()
    for celsius in (45, 50, 55):
        seconds = float(bioheat.seconds_to_die(celsius, death))
        course = bioheat.heat(
            [seconds * 0.999, seconds * 1.001], with_values(bioheat.TissueParams(), perfusion=0), OFF, death,
            grid=SMALL, start=celsius, insulated=True,
        )  # fmt: skip
        assert course.omega[0].max() < 1 < course.omega[1].min()


@given(st.floats(2, 12), st.floats(4, 8))
@settings(max_examples=5, deadline=None)
def test_a_probe_is_found_again_by_its_zone(power, length):
    probe = with_values(bioheat.ProbeParams(), power=power, length=length)
    found = bioheat.calibrate(bioheat.zone_after(120, probe=probe), 120)
    assert found.power.value == pytest.approx(power, rel=0.03)
    assert found.length.value == pytest.approx(length, rel=0.03)


def test_the_swine_zones_are_predicted_whatever_the_perfusion():
    for perfusion in (1e4, 6e4):
        tissue = with_values(bioheat.TissueParams(), perfusion=perfusion)
        probe = bioheat.calibrate(bioheat.SWINE[120], 120, tissue)
        misses = [bioheat.zone_after(seconds, tissue, probe) - bioheat.SWINE[seconds] for seconds in (60, 180)]
        assert np.abs(misses).max() <= 3.5
        assert (misses[0] > 0).all()


def test_a_narrower_cloud_predicts_worse():
    worst = []
    for width in (4, 3, 2):
        probe = bioheat.calibrate(bioheat.SWINE[120], 120, probe=with_values(bioheat.ProbeParams(), width=width))
        worst.append(max(np.abs(bioheat.zone_after(s, probe=probe) - bioheat.SWINE[s]).max() for s in (60, 180)))
    assert worst[0] < worst[1] < 3.5 < worst[2]


@pytest.mark.parametrize("span", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("start", [5, 39])
def test_ice_grows_as_neumann_says(span, start):
    ice = with_values(bioheat.IceParams(), span=span, start=start)
    got, exact = bioheat.stefan_front(300, ice, 0.75)
    assert got == pytest.approx(exact, rel=0.02)


def test_without_superheat_the_root_is_stefans():
    ice = with_values(bioheat.IceParams(), start=0, freezing=0, frozen_capacity=0.1)
    small = -ice.probe.value * 0.1 / ice.latent.value  # Stefan number
    assert bioheat.stefan_root(ice) == pytest.approx(np.sqrt(small / 2), rel=0.01)


def test_ice_stays_between_probe_and_gel_and_grows():
    course = bioheat.freeze([0, 30, 60], grid=bioheat.Grid(24, 30, 1.0))
    assert course.temperature.min() >= -99 - 1e-9
    assert course.temperature.max() <= 39 + 1e-9
    ice = course.zone(-0.5)
    assert (np.diff(ice, axis=0) > 0).all()
    assert (course.zone(-30) <= ice).all()


def test_a_finite_element_library_finds_the_same_warmth():
    skfem = pytest.importorskip("skfem", reason="scikit-fem is not installed: pip install -e '.[test]'")
    tissue = with_values(bioheat.TissueParams(), conductivity=0.5, perfusion=1e4)
    mesh = skfem.MeshQuad.init_tensor(*(np.linspace(0, 0.036, 49),) * 2)
    basis = skfem.Basis(mesh, skfem.ElementQuad2())
    probe = with_values(bioheat.ProbeParams(), boiling=1000, duration=3000)
    cloud = probe.power.value / ((2 * np.pi) ** 1.5 * probe.width.value**2 * probe.length.value * 1e-9)

    @skfem.BilinearForm
    def taken(u, v, p):
        return (0.5 * (u.grad * v.grad).sum(axis=0) + 1e4 * u * v) * p.x[0]

    @skfem.LinearForm
    def given(v, p):
        r, z = 1e3 * p.x
        return cloud * np.exp(-0.5 * (r / probe.width.value) ** 2 - 0.5 * (z / probe.length.value) ** 2) * v * p.x[0]

    edge = basis.get_dofs(lambda x: np.isclose(x.max(axis=0), 0.036)).all()
    warm = skfem.solve(*skfem.condense(taken.assemble(basis), given.assemble(basis), D=edge))
    slow = with_values(bioheat.DeathParams(), frequency=1)
    ours = bioheat.heat([3000], tissue, probe, slow, grid=bioheat.Grid(36, 36, 0.75)).temperature[0] - 37
    places = np.array([[0.375, 0.375], [6.375, 3.375], [3.375, 12.375]])
    theirs = basis.probes(1e-3 * places.T) @ warm
    assert [ours[round(r / 0.75 - 0.5), round(z / 0.75 - 0.5)] for r, z in places] == pytest.approx(theirs, rel=0.01)


def test_the_swine_zones_equal_the_ledger(facts):
    assert [list(zone) for zone in bioheat.SWINE.values()] == facts["swine-mwa-zones"]["value"]
    assert facts["swine-mwa-zones"]["source"] == bioheat.PIG
    assert list(bioheat.SWINE_VOLUMES.values()) == facts["swine-mwa-duration"]["value"][:2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bioheat.Grid(10, 10, 0), "h must be above 0"),
        (lambda: bioheat.Grid(0.1, 10, 1), "hold no ring of 1 mm"),
        (lambda: bioheat.heat([3, 2]), "times must be a row of finite numbers"),
        (lambda: bioheat.heat([[1, 2]]), "times must be a row of finite numbers"),
        (lambda: bioheat.heat([1], step=0), "step must be above 0"),
        (lambda: bioheat.heat([1], step=np.inf), "step must be above 0 s and finite"),
        (lambda: bioheat.heat([1], start=np.nan), "start must be finite"),
        (lambda: bioheat.heat([1], start=np.ones((2, 2))), "start must be finite, and one number or"),
        (lambda: bioheat.heat([1], source=np.ones((2, 2))), "source must hold"),
        (lambda: bioheat.heat([1], grid=SMALL, source=np.full(SMALL.shape, -1.0)), "not negative"),
        (lambda: bioheat.ball(40, 1e6, SMALL), "does not fit"),
        (lambda: bioheat.heat([1], grid=SMALL).zone(0), "level must be above 0"),
        (lambda: bioheat.sphere_steady(1, 0, 2e6, bioheat.TissueParams()), "perfusion and radius"),
        (lambda: bioheat.heat([600], with_values(bioheat.TissueParams(), perfusion=0), grid=SMALL).zone(), "edge of"),
        (lambda: bioheat.calibrate((0, 10), 120), "zone must be two diameters above 0"),
        (lambda: bioheat.calibrate((20, 10, 10), 120), "zone must be two diameters above 0"),
        (lambda: bioheat.calibrate((40, 10), 60), "no power and length give a zone of 40 × 10 mm"),
        (lambda: bioheat.freeze([1], grid=bioheat.Grid(30, 30, 3)), "is the grid finer than the probe"),
        (lambda: bioheat.stefan_root(with_values(bioheat.IceParams(), probe=0)), "freezing must lie above the probe's"),
        (lambda: with_values(bioheat.ProbeParams(), power=-1), "P: value -1.0 lies outside its range"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
