"""The real patients arrive whole, from the checkout and from the wheel."""

import subprocess
import sys
import zipfile

import pytest

from mesosim import datasets


def test_all_patients_are_there():
    table = datasets.load_tcga()
    assert len(table) == 87
    assert table["histology"].value_counts().to_dict() == {
        "epithelioid": 57, "biphasic": 23, "not specified": 5, "sarcomatoid": 2,
    }  # fmt: skip
    assert table["os_event"].sum() == 74


def test_latency_is_what_the_readme_says():
    latency = datasets.latency_years(datasets.load_tcga())
    assert (len(latency), latency.min(), latency.max()) == (12, 19, 59)
    assert latency.mean() == pytest.approx(43, abs=0.5)


def test_a_damaged_copy_is_named(tmp_path):
    whole = datasets._path().read_text()
    path = tmp_path / "tcga_mesothelioma.csv"
    path.write_text("\n".join(whole.splitlines()[:40]))
    with pytest.raises(ValueError, match=r"tcga_mesothelioma\.csv: 39 rows, expected 87"):
        datasets.load_tcga(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="columns patient"):
        datasets.load_tcga(path)
    with pytest.raises(FileNotFoundError, match="is missing"):
        datasets.load_tcga(tmp_path / "nowhere.csv")


def test_the_wheel_carries_the_data_and_nothing_of_the_book(root, tmp_path):
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        ".",
    ]
    subprocess.run(command, cwd=root, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "mesosim/data/tcga_mesothelioma.csv" in names
    assert not [name for name in names if name.startswith("bookkit")]


def test_the_models_know_nothing_of_the_book(root):
    for path in (root / "src/mesosim").glob("*.py"):
        assert "bookkit" not in path.read_text(encoding="utf-8"), path.name
    for path in (root / "src/bookkit").rglob("*.py"):
        assert "import mesosim" not in path.read_text(encoding="utf-8"), path.name
