"""Real patients: the mesothelioma cohort of The Cancer Genome Atlas."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pandas as pd

TCGA_FILE = "tcga_mesothelioma.csv"
TCGA_PATIENTS = 87
DAYS_PER_MONTH = 365.25 / 12
_NEEDED = ("patient", "age_years", "histology", "os_days", "os_event", "asbestos", "asbestos_first_age")


def _path() -> Path:
    """Return the file inside the installed package, or in the checkout that the package runs from."""
    packaged = Path(str(resources.files("mesosim"))) / "data" / TCGA_FILE
    return packaged if packaged.is_file() else Path(__file__).resolve().parents[2] / "data" / TCGA_FILE


def load_tcga(path: Path | None = None) -> pd.DataFrame:
    """Return the 87 people with pleural mesothelioma in The Cancer Genome Atlas, one row each.

    Parameters
    ----------
    path : pathlib.Path, optional
        Another copy of the file.

    Returns
    -------
    pandas.DataFrame
        Ages in years, times in days; empty cells are not known. The columns are described in ``data/README.md``.

    Raises
    ------
    FileNotFoundError
        When the file is missing.
    ValueError
        When rows or columns are missing.

    References
    ----------
    Cohort: hmeljak2018integrative.
    """
    path = path or _path()
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: install the mesosim wheel again, or restore data/{TCGA_FILE}")
    table = pd.read_csv(path)
    missing = [name for name in _NEEDED if name not in table]
    if missing:
        raise ValueError(f"{path.name}: columns {', '.join(missing)} are missing; restore the file")
    if len(table) != TCGA_PATIENTS or table["patient"].duplicated().any():
        raise ValueError(
            f"{path.name}: {len(table)} rows, expected {TCGA_PATIENTS} different patients; restore the file"
        )
    return table


def latency_years(table: pd.DataFrame) -> pd.Series:
    """Return age at diagnosis minus age at first asbestos exposure, for those with both ages known.

    Parameters
    ----------
    table : pandas.DataFrame
        As `load_tcga` returns it.

    Returns
    -------
    pandas.Series
        Years, one value a person, in the order of the table.
    """
    return (table["age_years"] - table["asbestos_first_age"]).dropna()


def months_seen(table: pd.DataFrame) -> pd.Series:
    """Return the time from diagnosis to death or last contact.

    Parameters
    ----------
    table : pandas.DataFrame
        As `load_tcga` returns it.

    Returns
    -------
    pandas.Series
        Months, in the order of the table; empty where the time is not known.
    """
    return table["os_days"] / DAYS_PER_MONTH
