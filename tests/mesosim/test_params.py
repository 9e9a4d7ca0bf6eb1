"""Records say where a number comes from, and a number of the ledger is the ledger's."""

import importlib
import pkgutil
import re
from dataclasses import fields, is_dataclass

import pytest
import yaml

import mesosim
from mesosim import epi
from mesosim.params import Check, Param, check_table, parameter_table, show


@pytest.fixture(scope="module")
def facts(root):
    names = ("disease", "immunotherapy_act", "interventional_oncology")
    records = [f for n in names for f in yaml.safe_load((root / f"evidence/{n}.yaml").read_text("utf-8"))["facts"]]
    return {record["id"]: record for record in records}


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
    modules = [importlib.import_module(f"mesosim.{info.name}") for info in pkgutil.iter_modules(mesosim.__path__)]
    kinds = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type)}
    records = sorted(filter(is_dataclass, kinds), key=str)
    params = [item.default for record in records for item in fields(record) if isinstance(item.default, Param)]
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
    for field in fields(epi.EpidemicParams):
        param = getattr(epi.EpidemicParams(), field.name)
        assert param.assumed or param.source in sources, field.name


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
