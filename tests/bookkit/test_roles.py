"""Roles and directives: what a writer writes, what a reader gets, and the errors between."""

import copy
import re

import pytest
from small_books import LEDGER, write_ledger


def plain(text):
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_a_fact_prints_value_interval_number_and_citation(small_book):
    built = small_book.build(index="# Page\n\nIt was {fact}`median`.\n")
    assert built.warnings == ""
    assert "It was 18.1 months (95% CI 16.8 to 21.0; n = 303) [Baas et al., 2021a]." in plain(built.text())


@pytest.mark.parametrize(
    ("role", "text"),
    [
        ("{fact-value}`median`", "18.1 months"),
        ("{fact-number}`median`", "18.1"),
        ("{fact-interval}`median`", "95% CI 16.8 to 21.0"),
        ("{fact-number}`ratio`", "500, 100 and 1"),
        ("{fact-number}`ratio[1]`", "100"),
    ],
)
def test_variants_read_naturally(small_book, role, text):
    built = small_book.build(index=f"# Page\n\nIt was <{role}> {{fact-source}}`median`.\n")
    assert built.warnings == ""
    assert f"It was <{text}> [Baas et al., 2021a]." in plain(built.text())


def test_a_value_links_to_its_entry_in_the_index_and_the_index_back(small_book):
    built = small_book.build(index="# Page\n\nIt was {fact}`median`.\n")
    link = built.html().select_one("a.fact")
    page, _, target = link["href"].partition("#")
    entry = built.html("facts").find(id=target)
    assert page == "facts.html"
    assert entry is not None
    back = built.html("facts").select_one(f'a[href="index.html#{link["id"]}"]')
    assert back.get_text().replace("\N{NO-BREAK SPACE}", " ") == "Page, place 1"


def test_the_card_tells_how_the_fact_was_read(small_book):
    built = small_book.build(index="# Page\n\nIt was {fact-number}`ratio[0]` {fact-source}`ratio`.\n")
    card = built.html().select_one('template[data-card="ratio"]').get_text(" ")
    for part in (
        "A ratio of three.",
        "Baas, Paul and others",
        "randomised, open-label, phase III",
        "level 2",
        "abstract",
        "read through another page",
        "https://example.org/relay",
        "corrected",
    ):
        assert part in card


def test_the_index_lists_only_facts_that_are_used(small_book):
    built = small_book.build(index="# Page\n\nIt was {fact}`median`.\n")
    assert [term.get_text() for term in built.html("facts").select("dt code")] == ["median"]


def test_the_index_follows_a_page_that_changed(small_book):
    small_book.build(index="# Page\n\nIt was {fact}`median`.\n")
    built = small_book.build(index="# Page\n\nIt was {fact}`approval`.\n")
    assert built.warnings == ""
    assert [term.get_text() for term in built.html("facts").select("dt code")] == ["approval"]


def test_a_changed_fact_changes_text_card_and_index_without_a_clean_build(small_book):
    small_book.build(index="# Page\n\nIt was {fact}`median`.\n")
    path = small_book.folder / "evidence" / "disease.yaml"
    path.write_text(path.read_text().replace("value: 18.1", "value: 19.4").replace("with both drugs", "as mended"))
    built = small_book.build(index="# Page\n\nIt was {fact}`median`.\n")
    assert "19.4" in built.text()
    assert "as mended" in built.html().select_one("template").get_text()
    assert "as mended" in built.text("facts")


def test_an_evidence_table_names_kind_and_source(small_book):
    table = "```{evidence} What was seen\n:name: tab-x\nmedian | Survival\ndeaths[0]\n```\n"
    built = small_book.build(index=f"# Page\n\nSee {{numref}}`tab-x`.\n\n{table}")
    assert built.warnings == ""
    cells = [plain(cell.get_text()) for cell in built.html().select("table.evidence tbody td")]
    assert cells[0] == "Survival"
    assert cells[1] == "18.1 months (95% CI 16.8 to 21.0; n = 303)"
    assert cells[2] == "randomised trial randomised, open-label, phase III, n=605; level 2"
    assert cells[4:6] == ["Deaths by sex.", "2,040 deaths"]
    assert "Table 1" in built.text()
    assert [head.get_text() for head in built.html().select("table.evidence thead th")] == [
        "Finding",
        "Value",
        "Kind of evidence",
        "Source",
    ]


def test_a_claim_shows_its_verdict_only_where_asked(small_book):
    built = small_book.build(
        index="# Page\n\n```{claim} good-claim\n```\n\nSee {claim}`good-claim`, {claim}`these words <good-claim>`.\n",
        later="# Later\n\n(taught)=\n## Taught here\n\n```{claim} good-claim\n:verdict:\n```\n",
    )
    assert built.warnings == ""
    assert "It is so." in built.text()
    assert "Overstated" not in built.text()
    assert "Claim: “a good claim”" in built.text()
    reason = "Overstated. In one trial the median was 18.1 months (95% CI 16.8 to 21.0; n = 303) [Baas et al., 2021a]."
    assert reason in plain(built.text("later"))
    links = [link.get_text() for link in built.html().select('p a[href="#claim-good-claim"]')]
    assert links == ["“a good claim”", "these words"]


def test_a_verdict_says_where_it_is_taught_and_what_would_change_it(small_book):
    verdict = "# Later\n\n```{claim} good-claim\n:verdict:\n```\n"
    built = small_book.build(
        index="# Page\n\nText.\n", taught="# Taught\n\n(taught)=\n## Here\n\nText.\n", later=verdict
    )
    assert built.warnings == ""
    box = built.html("later").select_one("div.claim")
    assert "Where it is taught: 1.1 Here." in plain(box.get_text())
    assert box.select_one('a[href^="taught.html#"]')
    assert "What would change it: A trial in which the median is longer than 18.1 months" in plain(box.get_text())
    assert box.select_one("a.fact")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"grounds": ["tought"]}, "undefined label: 'tought'"),
        ({"why": "In 18 {fact-source}`median`."}, "claims.yaml: good-claim: why: number without a source: '18'"),
        ({"why": "A median of {fact-number}`median`."}, "claims.yaml: good-claim: why: value without its source"),
        ({"change": "A trial of 500 people."}, "claims.yaml: good-claim: change: number without a source: '500'"),
    ],
)
def test_a_verdict_that_leads_nowhere_or_types_a_number_is_reported(small_book, fields, message):
    record = {**copy.deepcopy(LEDGER["claims.yaml"]["claims"][0]), "grounds": ["later"], **fields}
    changes = {"claims.yaml": {"article": {}, "claims": [record]}}
    write_ledger(small_book.folder / "evidence", changes)
    built = small_book.build(
        index="# Page\n\nText.\n", later="(later)=\n# Later\n\n```{claim} good-claim\n:verdict:\n```\n"
    )
    first = next(row for row in built.warnings.splitlines() if message in row)
    assert re.search(r"later\.md:[45]: ", first)


def test_counts_of_the_ledger_follow_the_ledger(small_book):
    names = ("facts", "facts-printable", "facts-not-found", "read-secondary", "reread-none", "works-incomplete",
             "kind-randomised-trial", "unverified", "not-found")  # fmt: skip
    page = "# Page\n\n" + " ".join(f"{{ledger-count}}`{name}`" for name in names) + "\n"
    built = small_book.build(index=page)
    assert built.warnings == ""
    assert "7 5 1 1 1 2 1 1 2" in plain(built.text())
    path = small_book.folder / "evidence" / "disagreements.yaml"
    path.write_text(path.read_text().replace("- B\n", ""))
    assert "7 5 1 1 1 2 1 1 1" in plain(small_book.build(index=page).text())


def test_works_of_the_same_authors_and_year_are_told_apart(small_book):
    built = small_book.build(index="# Page\n\nFirst {cite:p}`baas2021first`, then {cite:t}`baas2021other`.\n")
    assert "First [Baas et al., 2021a], then Baas et al. [2021b]." in plain(built.text())


def test_a_work_without_author_is_cited_by_its_first_words(small_book):
    built = small_book.build(index="# Page\n\nSeen {cite:p}`anonndpage`.\n")
    assert "[A page without an author, n.d.]" in plain(built.text())


@pytest.mark.parametrize(
    ("text", "line", "parts"),
    [
        ("{fact}`medain`", 3, ["unknown fact 'medain'", "did you mean median"]),
        ("{fact}`lost`", 3, ["not found on the second reading"]),
        ("{fact}`background`", 3, ["background-only"]),
        ("{fact}`words`", 3, ["fact-source"]),
        ("{fact}`ratio`", 3, ["no printed form", "units.yaml", "{fact-number}"]),
        ("{fact-interval}`deaths`", 3, ["no interval"]),
        ("{fact}`not an id`", 3, ["is not a fact"]),
        ("{ledger-count}`fakts`", 3, ["'fakts' is not counted", "facts-printable"]),
        ("{claim}`bare-claim`", 3, ["has no sources", "claims.yaml"]),
        ("```{claim} bare-claim\n```", 3, ["has no sources"]),
        ("```{claim} no-claim\n```", 3, ["unknown claim"]),
        ("```{evidence} Table\nmedain\n```", 3, ["unknown fact 'medain'"]),
        ("{given}`90`", 3, ["reason"]),
        ("{cite:p}`nobody2020`", 3, ["could not find bibtex key", "nobody2020"]),
        ("{cite:p}`hidden`", 3, ["could not find bibtex key", "hidden"]),
    ],
)
def test_a_writer_s_mistake_is_reported_with_file_and_line(small_book, text, line, parts):
    built = small_book.build(index=f"# Page\n\n{text}\n")
    first = next(row for row in built.warnings.splitlines() if parts[0] in row)
    assert f"index.md:{line}:" in first
    for part in parts:
        assert part in first
