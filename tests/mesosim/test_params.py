"""Records say where a number comes from, and a number of the ledger is the ledger's."""

import re
import subprocess
import sys
import textwrap

import pytest
import yaml

from mesosim import epi
from mesosim.params import Check, Param, catalogue, check_table, number, parameter_table, show


@pytest.fixture(scope="module")
def sources(root):
    records = yaml.safe_load((root / "evidence/sources.yaml").read_text("utf-8"))["sources"]
    return {record["key"] for record in records if record.get("use") != "background-only"}


def value_of(facts, reference):
    fact_id, *steps = re.findall(r"[^\[\]]+", reference)
    value = facts[fact_id]["value"]
    for step in steps:
        value = value[int(step) if step.isdigit() else step]
    return value


def published():
    """Return every parameter of every model, and the observations, that name a fact."""
    params = [held.param for held in catalogue()]
    return [record for record in (*params, *epi.MALE_DEATHS) if record.fact]


@pytest.mark.parametrize("record", published(), ids=lambda record: record.fact)
def test_a_published_value_equals_the_ledger(facts, record):
    fact = facts[record.fact.split("[")[0]]
    assert record.value == value_of(facts, record.fact)
    assert record.source == fact["source"]
    assert fact.get("use") != "background-only"
    assert fact.get("reread") != "not found"


def test_the_forecast_equals_the_ledger(facts):
    assert list(epi.FORECAST_1995) == facts["peto1995-male-peak"]["value"]


def test_the_targets_equal_the_ledger(facts):
    total, later = facts["tan2010-totals"]["value"]
    assert epi.Targets().share_from_2007 == later / total
    assert "2016" in facts["tan2010-peak"]["statement"]


def test_every_source_is_a_work_of_the_ledger(sources):
    assert [held for held in catalogue() if not held.param.assumed and held.param.source not in sources] == []


def test_the_catalogue_forgets_no_parameter():
    """A new process imports every module; whatever parameter lives in its memory must be listed."""
    code = """
        import gc, importlib, pkgutil, mesosim
        for info in pkgutil.walk_packages(mesosim.__path__, "mesosim."):
            importlib.import_module(info.name)
        from mesosim import params
        alive = [thing for thing in gc.get_objects() if isinstance(thing, params.Param)]
        listed = {repr(held.param) for held in params.catalogue()}
        print(len(alive), [param for param in alive if repr(param) not in listed])
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    alive, forgotten = done.stdout.split(maxsplit=1)
    assert int(alive) >= 100
    assert forgotten.strip() == "[]"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with a record, a second set of its values, and a parameter that stands alone under two names."""
    folder = tmp_path / "smallmodels"
    folder.mkdir()
    alone = "from mesosim.params import Param\nALONE = Param(1, '1', 'assumed')\nALSO = ALONE\n"
    heat = """
        from dataclasses import dataclass, field
        from mesosim.params import Param

        @dataclass(frozen=True)
        class Death:
            'How cells die.'
            must_be_given: int
            rate: Param = field(default=Param(2, "1/s", "assumed"))
            energy_needed: Param = field(default_factory=lambda: Param(3, "J", "assumed"))

        SETS = {"liver": Death(1), "skin": Death(1, Param(4, "1/s", "assumed"))}
    """
    for name, text in (("__init__", ""), ("alone", alone), ("heat", textwrap.dedent(heat))):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield "smallmodels"
    for name in [name for name in sys.modules if name.startswith("smallmodels")]:
        del sys.modules[name]


def test_the_catalogue_lists_defaults_constants_and_other_sets_once(package):
    rows = [(held.module, held.record, held.about, held.name, held.param.value) for held in catalogue(package)]
    assert rows == [
        ("alone", "ALONE", "", "ALONE", 1),
        ("heat", "Death", "How cells die.", "rate", 2),
        ("heat", "Death", "How cells die.", "energy needed", 3),
        ("heat", "SETS, skin", "How cells die.", "rate", 4),
        ("heat", "SETS, skin", "How cells die.", "energy needed", 3),
    ]


def test_the_catalogue_rounds_no_value():
    assert [held for held in catalogue() if float(f"{held.param.value:.10g}") != held.param.value] == []


@pytest.mark.parametrize(
    ("value", "text"), [(1963, "1963"), (4e5, "400,000"), (1e-5, "10⁻⁵"), (3.422e-10, "3.422 × 10⁻¹⁰"), (-0.5, "−0.5")]
)
def test_numbers_are_written_for_readers(value, text):
    assert number(value) == text


def test_assumed_parameters_are_marked_in_words():
    table = parameter_table(epi.EpidemicParams()).set_index("Parameter")
    assert table.loc["years after", "Source"] == "ASSUMED"
    assert table.loc["lag", "Source"] == "usepa1986airborne"
    assert (table["Source"] == "ASSUMED").sum() == 6


def test_a_table_has_heads_caption_and_no_row_numbers():
    html = show(parameter_table(epi.EpidemicParams()), "A & B").data
    assert "<caption>A &amp; B</caption>" in html
    assert "<th></th>" not in html


def test_a_failed_check_says_so():
    table = check_table([Check("x", 1.0, 2.0, 0.5, "mathematics", "identity")])
    assert table.loc[0, "Passed"] == "NO"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"value": float("nan"), "unit": "1", "source": "assumed"}, "not a finite number"),
        ({"value": 1, "unit": "", "source": "assumed"}, "give a unit"),
        ({"value": 1, "unit": "1", "source": ""}, "source"),
        ({"value": 5, "unit": "1", "source": "assumed", "lo": 0, "hi": 2}, "outside its range"),
        ({"value": 5, "unit": "1", "source": "assumed", "fact": "x"}, "cannot name the fact"),
    ],
)
def test_a_record_without_unit_source_or_sense_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Param(symbol="k", **arguments)
