"""Questions: what a reader gets, and what a writer is told."""

from __future__ import annotations

import pytest
from conftest_teach import QUIZ, page

from bookkit.teach.quiz import QuizError, calculate, shuffled

MATCHING = """```{quiz} matching
:name: pairs
:objectives: LO 1.1, LO 1.2
:see: here

Match.

- Visceral :: the *lung*
  > It dips into fissures.
- Parietal :: the chest wall
  > It lines the wall.
```
"""
ORDERING = """```{quiz} ordering
:name: order
:objectives: LO 1.1, LO 1.2
:see: here

Order.

1. Alpha
   > Alpha leads.
2. Beta
   > Beta follows.
3. Gamma
   > Gamma ends.
```
"""
NUMERIC = """```{quiz} numeric
:name: sum
:objectives: LO 1.1, LO 1.2
:see: here
:answer: fact:deaths[0] / fact:deaths[1]
:tolerance: 0.1
:unit: times

How many times?

- [x] right
  > Right: divide.
- [ ] otherwise
  > Divide the two.
```
"""


def test_a_question_shows_options_and_hides_answers_in_a_disclosure(lessons):
    built = lessons(index=page(QUIZ))
    assert built.warnings == ""
    quiz = built.html().select_one(".quiz")
    assert quiz["id"] == "quiz-first"
    assert quiz.select_one(".quiz-head").get_text() == "Question 1 Choose one LO 1.1, LO 1.2"
    assert [link["href"] for link in quiz.select(".quiz-objective a")] == ["#lo-1-1", "#lo-1-2"]
    assert [li["data-right"] for li in quiz.select(".quiz-options > li")] == ["1", "0"]
    answers = quiz.select_one("details.quiz-answers")
    assert not answers.has_attr("open")
    assert answers.select_one("p").get_text() == "Answer: a"
    assert "it dips into the fissures" in answers.get_text()
    assert answers.select_one(".quiz-see a")["href"] == "#here"
    assert "dips" not in quiz.select_one(".quiz-options").get_text()


def test_questions_count_up_on_each_page(lessons):
    second = QUIZ.replace("first", "second")
    built = lessons(index=page(QUIZ + "\n" + second))
    assert [n.get_text() for n in built.html().select(".quiz-head strong")] == ["Question 1", "Question 2"]


def test_matching_letters_partners_in_a_shuffled_order(lessons):
    built = lessons(index=page(MATCHING))
    assert built.warnings == ""
    quiz = built.html().select_one(".quiz")
    partners = {li["data-letter"]: li.get_text().strip() for li in quiz.select(".quiz-partners > li")}
    wanted = [partners[li["data-partner"]] for li in quiz.select(".quiz-options > li")]
    assert wanted == ["the lung", "the chest wall"]
    assert list(partners.values()) != wanted
    assert quiz.select_one(".quiz-partners em").get_text() == "lung"


def test_ordering_is_never_shown_in_the_right_order(lessons):
    built = lessons(index=page(ORDERING))
    items = built.html().select(".quiz-options > li")
    places = [int(li["data-place"]) for li in items]
    assert sorted(places) == [1, 2, 3]
    assert places != [1, 2, 3]
    key = built.html().select_one(".quiz-answers p").get_text()
    letters = [li["data-letter"] for li in sorted(items, key=lambda li: int(li["data-place"]))]
    assert key == f"Answer: {', '.join(letters)}"


def test_a_number_is_computed_from_facts(lessons):
    built = lessons(index=page(NUMERIC))
    assert built.warnings == ""
    quiz = built.html().select_one(".quiz")
    assert float(quiz["data-answer"]) == 2040 / 400
    assert quiz.select_one(".quiz-answers p").get_text() == "Answer: 5.1 ± 0.1 times"


@pytest.mark.parametrize("texts", [["a", "b"], ["a", "b", "c", "d"], ["x", "y", "z"]])
def test_shuffling_repeats_itself_and_is_never_right(texts):
    for seed in map(str, range(50)):
        order = shuffled(texts, seed)
        assert order == shuffled(texts, seed)
        assert sorted(order) == list(range(len(texts)))
        assert order != list(range(len(texts)))


def test_sums_are_sums_and_nothing_else():
    assert calculate("(2 + 4) * 3 / -9 - 1") == -3
    for wrong in ("__import__('os')", "2 ** 9", "a", "[1]", "'1'"):
        with pytest.raises((ValueError, SyntaxError)):
            calculate(wrong)
    assert issubclass(QuizError, ValueError)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[x]", "[ ]"), "no option is right: mark it with [x]"),
        (("- [ ] The par", "- [x] The par"), "a single question has one right option, this one has 2"),
        (("  > No: that lines the chest wall.\n", ""), "option 2 has no feedback"),
        ((":objectives: LO 1.1, LO 1.2\n", ""), "no objectives: write for example :objectives: LO 1.3"),
        ((":see: here\n", ""), "no see: write for example"),
        ((":name: first\n", ""), "no name: write for example"),
        (("- [x] The visceral", "- The visceral"), "begins with neither [x] nor [ ]"),
        (("{quiz} single", "{quiz} singel"), "kind 'singel' is not one of single, several"),
        (("{quiz} single", "{quiz} ordering"), None),
        (("Which layer covers the lung?\n", ""), "write the question first, then a list of options"),
    ],
)
def test_an_unfinished_question_ends_the_build_with_its_name(lessons, change, message):
    assert change[0] in QUIZ
    built = lessons(index=page(QUIZ.replace(*change)))
    if message is not None:
        assert message in built.warnings
        assert "index.md:" in built.warnings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((":tolerance: 0.1\n", ""), "can't be computed"),
        (("fact:deaths[0] / fact:deaths[1]", "7"), "or :answer: number|reason"),
        (("fact:deaths[1]", "fact:deths[1]"), "unknown fact 'deths'"),
        ((":tolerance: 0.1", ":tolerance: -1"), "the tolerance can't be negative"),
        (("[ ] otherwise", "[ ] wrong"), "has the options '- [x] right' and '- [ ] otherwise'"),
    ],
)
def test_an_unfinished_number_is_refused(lessons, change, message):
    assert message in lessons(index=page(NUMERIC.replace(*change))).warnings


def test_a_pair_without_its_sides_is_refused(lessons):
    built = lessons(index=page(MATCHING.replace(" :: the chest wall", "")))
    assert "the pair 'Parietal' has no ' :: '" in built.warnings


def test_a_link_to_nowhere_is_refused(lessons):
    assert "undefined label: 'nowhere'" in lessons(index=page(QUIZ.replace(":see: here", ":see: nowhere"))).warnings


def test_the_name_of_a_question_stands_once_on_a_page(lessons):
    assert "the name 'first' is taken" in lessons(index=page(QUIZ + "\n" + QUIZ)).warnings
