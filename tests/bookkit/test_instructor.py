"""The instructor's pack: plans that fill their class, and syllabi that say what isn't written yet."""

from __future__ import annotations

import json

import pytest

from bookkit.instructor import pack, plan

TEXT = """---
plan:
  page: book/01-x
  minutes: 90
  steps:
    - [30, Vote, All]
    - [60, Lab, Pairs]
---
# Plan
"""


def test_a_plan_fills_its_class(tmp_path):
    path = tmp_path / "plan.md"
    path.write_text(TEXT)
    assert [minutes for minutes, *_ in plan.load(path).steps] == [30, 60]
    path.write_text(TEXT.replace("60, Lab", "50, Lab"))
    with pytest.raises(
        ValueError, match=r"plan.md: the plan is wrong: the steps add up to 80 minutes, the class has 90"
    ):
        plan.load(path)
    path.write_text("# No plan\n")
    with pytest.raises(ValueError, match="the front matter has no plan; it looks like this"):
        plan.load(path)


LESSONS = [
    {
        "docname": "book/01-x", "part": "", "title": "A chapter", "number": "1",
        "terms": [], "words": 1, "takeaways": [],
        "page": {"objectives": {"LO 1.1": "Name it."}},
        "questions": [{"number": 3, "kind": "single", "objectives": ["LO 1.1"]}],
        "exercises": [{"title": "Try", "objectives": ["LO 1.1"]}],
    }
]  # fmt: skip
SYLLABI = """short:
  title: Short
  sessions:
    - {when: Day 1, pages: [book/01-x, Another chapter], before: Nothing, in class: Talk}
"""


@pytest.fixture
def guide(small_book, tmp_path):
    (tmp_path / "lessons.json").write_text(json.dumps(LESSONS))
    (small_book.folder / "syllabi.yaml").write_text(SYLLABI)

    def build(index, **config):
        extensions = [
            "myst_nb",
            "sphinxcontrib.bibtex",
            "bookkit.evidence",
            "bookkit.typst",
            "bookkit.instructor.pages",
        ]
        ours = {"extensions": extensions, "instructor_lessons": str(tmp_path / "lessons.json"), **config}
        return small_book.build(ours, index=index)

    return build


def test_a_timeline_counts_the_minutes(guide):
    built = guide(TEXT + "\n```{plan}\n```\n")
    assert built.warnings == ""
    cells = [cell.get_text() for cell in built.html().select("table tbody td")]
    assert cells == ["0–30", "Vote", "All", "30–90", "Lab", "Pairs"]
    assert "For 1 A chapter. One class of 1 h 30 min." in built.text()
    assert "LO 1.1 Name it." in built.text()


def test_a_plan_for_a_page_that_is_not_there_is_refused(guide):
    assert "which the book does not have" in guide(TEXT.replace("01-x", "09-y") + "\n```{plan}\n```\n").warnings


def test_a_syllabus_marks_what_is_not_written(guide):
    text = guide("# Page\n\n```{syllabus} short\n```\n").text()
    assert "1 A chapter; Another chapter (in preparation)" in text
    assert "syllabi.yaml has short, not 'long'" in guide("# Page\n\n```{syllabus} long\n```\n").warnings


def test_the_map_says_what_assesses_each_objective(guide):
    cells = [cell.get_text() for cell in guide("# Page\n\n```{objective-map}\n```\n").html().select("table tbody td")]
    assert cells == ["LO 1.1", "Name it.", "Question 3 (choose one); Exercise “Try”"]


def test_pages_are_linked_when_the_book_has_an_address(guide):
    built = guide("# Page\n\nSee {page}`book/01-x`.\n", typst_online_url="https://example.org/book/")
    assert built.html().select_one("a[href='https://example.org/book/book/01-x.html']").get_text() == "1 A chapter"
    assert "the book has no such page" in guide("# Page\n\n{page}`book/02`\n").warnings


def test_the_guide_takes_its_rules_from_the_book_and_none_of_its_pages(root):
    import yaml

    book = yaml.safe_load((root / "_config.yml").read_text())
    config = pack.configuration(book, root, root / "x.json")
    assert config["sphinx"]["config"]["typst_date"] == book["sphinx"]["config"]["typst_date"]
    assert "teach_exempt" not in config["sphinx"]["config"]
    assert config["sphinx"]["config"]["evidence_folder"] == str(root / "evidence")
