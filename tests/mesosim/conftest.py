"""Shared by the tests of the models: what the ledger says."""

import pytest
import yaml


@pytest.fixture(scope="session")
def facts(root):
    """Every fact of the ledger, as its file holds it, by its id."""
    names = ("disease", "immunotherapy_act", "interventional_oncology")
    records = [f for n in names for f in yaml.safe_load((root / f"evidence/{n}.yaml").read_text("utf-8"))["facts"]]
    return {record["id"]: record for record in records}
