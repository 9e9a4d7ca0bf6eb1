"""The ledger: what it accepts, and what its errors tell the person who edits it."""

import copy
import re

import pytest
from small_books import LEDGER, write_ledger

from bookkit.evidence.ledger import Ledger, LedgerError


@pytest.fixture(scope="module")
def real(root):
    return Ledger(root / "evidence")


def changed(file, section, position, **fields):
    content = copy.deepcopy(LEDGER[file])
    content[section][position].update(fields)
    return {file: content}


def test_the_book_s_own_ledger_is_sound(real):
    assert len(real.facts) >= 743
    assert len(real.sources) >= 376
    assert len(real.claims) == 21


def test_every_printable_fact_of_the_book_names_a_printable_work(real):
    assert not [f.id for f in real.facts.values() if f.printable and not real.sources[f.source].printable]


def test_every_claim_can_be_printed(real):
    for claim_id in real.claims:
        real.claim(claim_id)


def test_every_verdict_rests_on_sections_of_chapters(root, real):
    chapters = [path.read_text("utf-8") for path in (root / "book").glob("[01][0-9]-*.md") if "news" not in path.name]
    labels = set(re.findall(r"^\((\S+)\)=$", "\n".join(chapters), re.MULTILINE))
    assert [(claim.id, label) for claim in real.claims.values() for label in claim.grounds if label not in labels] == []


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        (
            changed("disease.yaml", "facts", 0, source="nobody2020"),
            ["disease.yaml", "median", "nobody2020", "sources.yaml"],
        ),
        (changed("disease.yaml", "facts", 0, seen_in="rumour"), ["disease.yaml", "median", "seen_in"]),
        (changed("disease.yaml", "facts", 0, colour="red"), ["disease.yaml", "median", "colour"]),
        (changed("disease.yaml", "facts", 1, via=None), ["disease.yaml", "ratio", "via"]),
        (changed("disease.yaml", "facts", 1, id="median"), ["disease.yaml", "median", "twice"]),
        (changed("sources.yaml", "sources", 0, level=9), ["sources.yaml", "baas2021first", "level"]),
        (changed("sources.yaml", "sources", 0, doi="doi:10.1"), ["sources.yaml", "baas2021first", "doi"]),
        (changed("claims.yaml", "claims", 0, verdict="perhaps"), ["claims.yaml", "good-claim", "verdict"]),
        (changed("claims.yaml", "claims", 0, grounds=[]), ["claims.yaml", "good-claim", "grounds", "ch6-743"]),
        (changed("claims.yaml", "claims", 0, change=" "), ["claims.yaml", "good-claim", "change", "which result"]),
        (changed("claims.yaml", "claims", 0, why=" "), ["claims.yaml", "good-claim", "why", "a role"]),
        (changed("claims.yaml", "claims", 0, why="{fact}`medain`"), ["claims.yaml", "good-claim", "why", "median"]),
        (changed("claims.yaml", "claims", 0, change="{fact}`lost`"), ["claims.yaml", "good-claim", "change", "second"]),
        (
            changed("claims.yaml", "claims", 0, why="{fact}`median` {cite:p}`baas2021other,anonndpage`"),
            ["claims.yaml", "good-claim", "'baas2021other' is in why", "'anonndpage' is in why"],
        ),
        (
            changed("claims.yaml", "claims", 0, sources=["baas2021first", "baas2021other"]),
            ["claims.yaml", "good-claim", "'baas2021other' is in sources but not in why"],
        ),
        ({"disease.yaml": "facts: [unclosed"}, ["disease.yaml", "not valid YAML"]),
    ],
)
def test_a_broken_record_is_refused_with_file_item_and_field(tmp_path, changes, parts):
    with pytest.raises(LedgerError) as error:
        Ledger(write_ledger(tmp_path, changes))
    for part in parts:
        assert part in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    write_ledger(tmp_path)
    (tmp_path / "disease.yaml").unlink()
    with pytest.raises(LedgerError, match=r"disease\.yaml: missing"):
        Ledger(tmp_path)


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        ("background", "background-only"),
        ("lost", "not found on the second reading"),
        ("medain", "did you mean median"),
    ],
)
def test_a_fact_that_may_not_be_printed_says_why(tmp_path, fact, reason):
    with pytest.raises(LedgerError, match=reason):
        Ledger(write_ledger(tmp_path)).fact(fact)


def test_a_claim_without_sources_may_not_be_printed(tmp_path):
    with pytest.raises(LedgerError, match="has no sources"):
        Ledger(write_ledger(tmp_path)).claim("bare-claim")
