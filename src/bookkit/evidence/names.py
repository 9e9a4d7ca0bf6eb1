"""Names that contain numbers and are not measurements, such as a trial's: the number gate lets them pass."""

from __future__ import annotations

from pathlib import Path

import yaml

from bookkit.evidence.ledger import LedgerError

NAME_FILE = "names.yaml"


def load_names(folder: Path) -> dict[str, str]:
    """Return each allowed name with the reason why it may stand without a source.

    Raises
    ------
    LedgerError
        When a name has no digit or number word (so needs no entry) or no reason.
    """
    path = folder / NAME_FILE
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    for name, why in content.items():
        if not isinstance(name, str) or not any(c.isdigit() for c in name):
            raise LedgerError(f"{NAME_FILE}: '{name}' is not a name with a digit: remove it")
        if not any(c.isalpha() for c in name):
            raise LedgerError(f"{NAME_FILE}: '{name}' is a bare number, not a name: print it through a role")
        if not why:
            raise LedgerError(f"{NAME_FILE}: '{name}' needs a reason after the colon")
    return content
