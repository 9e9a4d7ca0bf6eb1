"""Heads, objectives, boxes, exercises and the glossary of a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest_teach import HEAD, QUIZ, page

from bookkit.teach import glossary
from bookkit.teach.head import minutes_in_words
from bookkit.teach.page import PageError, objective_anchor, parse

EXERCISE = """```{exercise} Try
:label: ex-try
:objectives: LO 1.2

Do it.
```

```{solution} ex-try
The secret answer.
```
"""


def test_the_head_prints_what_the_front_matter_says(lessons):
    built = lessons(index=page(QUIZ))
    head = built.html().select_one(".page-head")
    assert "To read: 1 minute. To do, with questions and exercises: 2 minutes." in head.get_text()
    assert "You need: school biology." in head.get_text()
    assert [li["id"] for li in head.select("li[id]")] == ["lo-1-1", "lo-1-2"]
    assert head.select_one("a.reference")["href"] == "#claim-good-claim"


def test_a_prerequisite_that_is_a_page_is_a_link(lessons):
    second = page("", HEAD.replace("school biology", "index").replace("claims: [good-claim]", "claims: []"))
    built = lessons({"teach_checks": ["page_head"]}, index=page(QUIZ), other=second.replace("(here)=", "").replace(
        "```{claim} good-claim\n```", ""))  # fmt: skip
    assert built.warnings == ""
    assert "You need: Page." in built.html("other").select_one(".page-head").get_text()


def test_a_page_without_metadata_is_an_error_that_shows_what_to_write(lessons):
    warnings = lessons(index="# Page\n\nText.\n").warnings
    assert "this page has no metadata" in warnings
    assert "minutes: {read: 25, do: 40}" in warnings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("Name the layers.", "Understand the layers."), "'understand' can't be tested"),
        (("Name the layers.", "Name the layers"), "is not a sentence"),
        (("LO 1.1", "Goal 1.1"), "String should match pattern"),
        (("read: 1", "read: 0"), "greater than 0"),
        (("minutes", "minute"), "minutes: Field required"),
    ],
)
def test_wrong_metadata_is_named(change, message):
    with pytest.raises(PageError) as failure:
        parse(HEAD.replace(*change), "x.md")
    assert message in str(failure.value)
    assert "x.md" in str(failure.value)


def test_an_unknown_claim_in_the_head_is_an_error(lessons):
    assert "unknown claim 'gud-claim'" in lessons(index=page(QUIZ, HEAD.replace("good-claim", "gud-claim"))).warnings


def test_every_objective_is_assessed(lessons):
    built = lessons(index=page(QUIZ.replace("LO 1.1, LO 1.2", "LO 1.1")))
    assert "objective LO 1.2 is assessed by no question and no exercise" in built.warnings
    built = lessons(index=page(QUIZ.replace("LO 1.1, LO 1.2", "LO 1.1") + EXERCISE))
    assert built.warnings == ""


def test_a_question_cannot_name_an_objective_of_another_page(lessons):
    built = lessons(index=page(QUIZ.replace("LO 1.1, LO 1.2", "LO 1.1, LO 1.2, LO 7.7")))
    assert "question 'first' names 'LO 7.7', which the page does not have" in built.warnings


def test_an_exercise_needs_an_objective(lessons):
    built = lessons(index=page(QUIZ + EXERCISE.replace(":objectives: LO 1.2\n", "")))
    assert "{exercise} ex-try: no objectives" in built.warnings


@pytest.mark.parametrize("policy", ["omit", "folded", "end"])
def test_solutions_are_absent_folded_or_at_the_end(lessons, policy):
    built = lessons({"exercise_solutions": policy}, index=page(QUIZ + EXERCISE + "\nLast words.\n"))
    assert built.warnings == ""
    text, html = built.text(), built.html()
    assert ("The secret answer." in text) == (policy != "omit")
    assert bool(html.select(".solution.dropdown")) == (policy == "folded")
    if policy == "end":
        assert text.index("Last words.") < text.index("The secret answer.")
        assert "Solutions" in [h.get_text().rstrip("¶") for h in html.select("h2")]


def test_an_unknown_policy_is_refused(lessons):
    with pytest.raises(Exception, match="exercise_solutions 'hide' is not one of folded, end, omit"):
        lessons({"exercise_solutions": "hide"}, index=page(QUIZ))


def test_solutions_and_notes_are_in_nothing_that_the_pages_carry(lessons):
    note = "\n:::{instructor}\nAsk the quiet ones first.\n:::\n"
    built = lessons({"html_copy_source": False}, index=page(QUIZ + EXERCISE + note))
    for path in Path(built.app.outdir).rglob("*"):
        if path.suffix in {".html", ".js", ".txt", ".md", ".json"}:
            content = path.read_text(encoding="utf-8").lower()
            assert "secret answer" not in content, path
            assert "quiet ones" not in content, path


def test_the_evidence_index_links_into_no_solution(lessons):
    exercise = EXERCISE.replace("The secret answer.", "It was {fact}`median`, and {fact}`median` it is.")
    built = lessons(index=page(QUIZ + exercise))
    assert built.warnings == ""
    links = built.html("facts").select("dd a[href^='index.html']")
    assert [(link.get_text(), link["href"]) for link in links] == [("Page, solutions or notes", "index.html")]


def test_the_reference_list_links_back_into_no_solution(lessons):
    exercise = EXERCISE.replace("The secret answer.", "See {cite:p}`baas2021first`.")
    built = lessons(index=page(QUIZ + exercise + "\n```{bibliography}\n:filter: docname in docnames\n```\n"))
    html = built.html()
    targets = {link["href"] for link in html.select(".body a[href^='#']")}
    assert targets
    assert [target for target in targets if target != "#" and not html.select(f'[id="{target[1:]}"]')] == []


def test_takeaways_link_to_their_paragraphs(lessons):
    box = ":::{takeaways}\n- Keep [this](#here) in mind.\n:::\n"
    built = lessons(index=page(box + QUIZ))
    assert built.warnings == ""
    assert built.html().select_one(".takeaways a")["href"] == "#here"
    broken = lessons(index=page(box.replace("[this](#here)", "this") + QUIZ))
    assert "'Keep this in mind.' links to no paragraph" in broken.warnings


def test_a_prompt_hides_its_answer(lessons):
    built = lessons(index=page(":::{think} Why is it *so*?\nBecause.\n:::\n" + QUIZ))
    think = built.html().select_one("details.think")
    assert think.select_one("summary").get_text().strip() == "Think. Why is it so?"
    assert think.select_one("p").get_text() == "Because."
    assert "write the answer below the question" in lessons(index=page(":::{think} Why?\n:::\n" + QUIZ)).warnings


def test_a_disagreement_needs_two_sides_that_cite(lessons):
    sides = "- One says so {cite:p}`baas2021first`.\n- One says no {cite:p}`baas2021other`.\n"
    built = lessons(index=page(f":::{{disagreement}} is it so?\n{sides}:::\n{QUIZ}"))
    assert built.warnings == ""
    assert built.html().select_one(".disagreement .admonition-title").get_text() == "Sources disagree: is it so?"
    one = lessons(index=page(f":::{{disagreement}} is it so?\n{sides.splitlines()[0]}\n:::\n{QUIZ}"))
    assert "list at least two sides" in one.warnings
    silent = lessons(index=page(f":::{{disagreement}} is it so?\n{sides}- Nobody knows.\n:::\n{QUIZ}"))
    assert "the side 'Nobody knows.' cites no work" in silent.warnings


@pytest.mark.parametrize(("name", "words"), [("median", "randomised trial"), ("baas2021other", "not graded")])
def test_a_badge_says_the_kind_of_evidence_in_words(lessons, name, words):
    built = lessons(index=page(f"See {{level}}`{name}`.\n\n{QUIZ}"))
    assert built.warnings == ""
    assert built.html().select_one(".level-badge").get_text() == words
    assert "unknown fact 'nothing'" in lessons(index=page("{level}`nothing`\n\n" + QUIZ)).warnings


TERMS = """- term: lung
  definition: It breathes.
- term: chest wall
  forms: [chest walls]
  definition: It holds the {term}`lung`.
"""


@pytest.fixture
def with_terms(lessons, small_book):
    def build(body: str, terms: str = TERMS):
        (small_book.folder / "terms.yaml").write_text(terms)
        config = {"teach_glossary": "terms.yaml", "teach_exempt": ["facts", "works", "words"],
                  "teach_glossary_exempt": ["facts", "works", "words"]}  # fmt: skip
        return lessons(config, index=page(body + QUIZ), words="# Words\n\n```{book-glossary} terms.yaml\n```\n")

    return build


def test_the_first_use_of_a_term_is_a_link_and_the_second_is_not(with_terms):
    built = with_terms("The lung and chest walls, and the lung again. Lungfish are not meant.\n\n")
    assert built.warnings == ""
    links = [(link.get_text(), link["href"]) for link in built.html().select("a:has(.term)")]
    assert links == [("lung", "words.html#term-lung"), ("chest walls", "words.html#term-chest-wall")]


def test_terms_in_heads_code_links_and_questions_stay_as_they_are(with_terms):
    built = with_terms("## The chest wall\n\n`lung` and {fact}`median`.\n\nThe chest wall holds the lung.\n\n")
    links = [link.parent.get_text() for link in built.html().select("a:has(.term)")]
    assert links == ["The chest wall holds the lung."] * 2


def test_a_term_that_no_page_uses_is_an_error(with_terms):
    assert "terms.yaml: no page uses 'chest wall': use it or drop it" in with_terms("A lung.\n\n").warnings


def test_a_link_to_a_term_that_is_not_there_is_an_error(with_terms):
    assert "term not in glossary: 'liver'" in with_terms("The lung, chest wall and {term}`liver`.\n\n").warnings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TERMS + "- term: LUNG\n  definition: Again.\n", "'LUNG' stands twice"),
        ("- term: lung\n  definition: No full stop\n", "String should match pattern"),
        ("- term: lung\n", "Field required"),
        ("- [", "cannot be read"),
    ],
)
def test_a_wrong_glossary_is_refused(tmp_path, text, message):
    path = tmp_path / "terms.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"terms\.yaml") as failure:
        glossary.load(path)
    assert message in str(failure.value)


def test_exact_terms_keep_their_capitals(tmp_path):
    path = tmp_path / "terms.yaml"
    path.write_text("- term: CAR\n  exact: true\n  definition: A receptor.\n")
    found = glossary.load(path)
    assert found.find("a car and a CAR")[1:] == (12, 15)


def test_the_inventory_holds_what_the_book_teaches(lessons):
    built = lessons(index=page(":::{takeaways}\n- Keep [this](#here).\n:::\n" + QUIZ + EXERCISE), more=page(
        QUIZ.replace("here", "there"), HEAD.replace("claims: [good-claim]", "claims: []")).replace(
        "(here)=", "(there)=").replace("```{claim} good-claim\n```", ""))  # fmt: skip
    assert built.warnings == ""
    pages = json.loads((Path(built.app.outdir).parent / ".lessons.json").read_text())
    assert [entry["docname"] for entry in pages] == ["more", "facts", "works"]
    assert pages[0]["questions"][0]["objectives"] == ["LO 1.1", "LO 1.2"]


def test_times_are_summed_over_pages(lessons):
    table = "```{reading-times} Times.\n```\n"
    head = HEAD.replace("read: 1", "read: 70").replace("claims: [good-claim]", "claims: []")
    more = (
        page(QUIZ.replace("here", "there"), head)
        .replace("(here)=", "(there)=")
        .replace("```{claim} good-claim\n```", "")
    )
    built = lessons({"teach_exempt": ["facts", "works", "index"]}, index="# Start\n\n" + table, more=more)
    rows = [[cell.get_text().strip() for cell in row.select("td")] for row in built.html().select("table tbody tr")]
    assert rows[-1] == ["The book so far", "1 h 10 min", "2 minutes"]
    assert ["Page", "1 h 10 min", "2 minutes"] in rows


def test_minutes_and_anchors():
    assert [minutes_in_words(m) for m in (1, 45, 60, 85)] == ["1 minute", "45 minutes", "1 h", "1 h 25 min"]
    assert objective_anchor("LO L1.3") == "lo-l1-3"
