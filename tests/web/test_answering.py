"""Questions and interactive figures as a reader works them, by keyboard."""

from __future__ import annotations

import re

import pytest

CHAPTER = "book/01-pleura-asbestos-mesothelioma.html"
LAB = "notebooks/01-epidemic-after-the-ban.html"


@pytest.fixture
def page(site, open_page):
    found = open_page()
    found.goto(site + CHAPTER)
    found.locator(".quiz-score").wait_for()
    return found


def press(page, times: int, key: str) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def test_a_question_is_answered_by_keyboard_and_says_why(page):
    quiz = page.locator("#quiz-effusion")
    assert quiz.get_attribute("role") == "group"
    assert quiz.get_attribute("aria-label") == "Question 1: Choose one"
    quiz.locator("input").first.focus()
    press(page, 1, "ArrowDown")
    press(page, 1, "Tab")
    press(page, 1, "Enter")
    assert quiz.locator("[role=status]").inner_text() == "Right."
    shown = quiz.locator(".quiz-shown")
    assert shown.count() == 1
    assert shown.inner_text().startswith("Right:")
    assert shown.locator("a").get_attribute("href") == "#ch1-rind"


def test_a_check_without_an_answer_says_so(page):
    quiz = page.locator("#quiz-effusion")
    quiz.get_by_role("button", name="Check").click()
    assert quiz.locator("[role=status]").inner_text() == "Choose an answer first."


@pytest.mark.parametrize(("typed", "verdict"), [("6.5", "Right."), ("6,6", "Right."), ("855", "Not yet right")])
def test_a_number_is_right_within_its_tolerance(page, typed, verdict):
    quiz = page.locator("#quiz-growth")
    quiz.get_by_role("textbox").fill(typed)
    quiz.get_by_role("button", name="Check").click()
    assert quiz.locator("[role=status]").inner_text().startswith(verdict)


def test_an_order_is_made_with_buttons_that_say_where_things_stand(page):
    quiz = page.locator("#quiz-fibre-order")
    for name, moves in (("Crocidolite", 2), ("Amosite", 1)):
        for _ in range(moves):
            quiz.get_by_role("button", name=f"Move up: {name}").press("Enter")
    assert "place" in quiz.locator("[aria-live]").last.inner_text()
    quiz.get_by_role("button", name="Check").click()
    order = [re.sub(r"\s+", " ", text) for text in quiz.locator(".quiz-text").all_inner_texts()]
    right = order == ["Crocidolite", "Amosite", "Chrysotile"]
    assert (quiz.locator("[role=status]").last.inner_text() == "Right.") == right


def test_answers_stay_on_the_device_until_they_are_cleared(page):
    quiz = page.locator("#quiz-effusion")
    quiz.locator("input").nth(1).check()
    quiz.get_by_role("button", name="Check").click()
    score = page.locator(".quiz-score [role=status]")
    assert "1 right, 1 answered, 8 questions" in score.inner_text()
    page.reload()
    page.locator(".quiz-score").wait_for()
    assert "1 right, 1 answered" in score.inner_text()
    assert page.locator("#quiz-effusion input").nth(1).is_checked()
    page.get_by_role("button", name="Clear my answers").click()
    assert "0 right, 0 answered" in score.inner_text()
    page.reload()
    page.locator(".quiz-score").wait_for()
    assert "0 right, 0 answered" in score.inner_text()


def test_answers_can_be_saved_as_a_table(page):
    page.locator("#quiz-effusion input").nth(1).check()
    page.locator("#quiz-effusion").get_by_role("button", name="Check").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save my answers").click()
    with open(waiting.value.path(), encoding="utf-8-sig") as file:
        lines = file.read().splitlines()
    assert len(lines) == 9
    assert lines[1].endswith('"b","right"')


def test_without_scripts_the_answers_are_in_a_disclosure(site, open_page):
    page = open_page(390, java_script_enabled=False)
    page.goto(site + CHAPTER)
    quiz = page.locator("#quiz-effusion")
    assert quiz.locator("input").count() == 0
    assert quiz.locator(".quiz-options li").count() == 3
    assert not quiz.locator(".quiz-feedbacks").is_visible()
    quiz.locator("summary").click()
    assert "Answer: b" in quiz.locator(".quiz-answers").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_interactive_figure_moves_by_keyboard(site, open_page, theme):
    page = open_page(390, theme)
    page.goto(site + LAB)
    figure = page.locator(".interactive")
    figure.scroll_into_view_if_needed()
    slider = figure.get_by_role("slider")
    slider.wait_for()
    line = figure.locator("svg .mark-line path").first
    before = line.get_attribute("d")
    slider.focus()
    press(page, 3, "ArrowLeft")
    page.wait_for_function(
        "d => document.querySelector('.interactive svg .mark-line path').getAttribute('d') !== d", arg=before
    )
    assert "Exposure ends in" in slider.evaluate("input => input.labels[0].textContent")
    assert not figure.locator("img").first.is_visible()
    assert "slider" in figure.locator("[role=group]").get_attribute("aria-label")


def test_without_scripts_an_interactive_figure_is_a_picture(site, open_page):
    page = open_page(java_script_enabled=False)
    page.goto(site + LAB)
    assert page.locator(".interactive img").first.is_visible()
    assert page.locator(".interactive img").first.get_attribute("alt").startswith("A hill of modelled male deaths")


def test_only_pages_with_a_chart_load_the_bundle(site, open_page):
    page, asked = open_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site + CHAPTER)
    assert not [url for url in asked if "vega" in url or "interactive" in url]
    page.goto(site + LAB)
    assert not [url for url in asked if "vega-bundle" in url]
    page.locator(".interactive").scroll_into_view_if_needed()
    page.locator(".interactive svg").wait_for()
    assert [url for url in asked if "vega-bundle" in url]


def test_pages_read_to_their_end_are_marked_until_forgotten(site, open_page):
    page = open_page()
    page.goto(site + "book/00-news-part-one.html")
    assert page.locator(".page-read").count() == 0
    page.locator(".prev-next-footer, .prev-next-area").first.scroll_into_view_if_needed()
    page.locator(".page-read").first.wait_for(state="attached")
    page.goto(site + CHAPTER)
    link = page.locator(".bd-sidebar-primary a", has=page.locator(".page-read"))
    assert link.count() == 1
    assert link.inner_text().replace("\n", " ").strip().startswith("Reading the news, part one")
    page.get_by_role("button", name="Forget which pages I read").click()
    assert page.locator(".page-read").count() == 0


@pytest.mark.parametrize(
    ("link", "name", "says"),
    [
        ("a:has(> .term)", "Glossary", "Open the glossary"),
        (".bibtex-citation a", "Reference", "Go to the list of references"),
        ("a.fact", "Evidence card", "Entry in the evidence index"),
    ],
)
def test_terms_citations_and_facts_open_beside_the_text_and_move_nothing(page, link, name, says):
    found = page.locator(f".bd-article p {link}").first
    found.scroll_into_view_if_needed()
    before = found.bounding_box()
    found.focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog", name=name)
    card.wait_for()
    assert says in card.inner_text()
    assert found.bounding_box() == before
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    assert found.evaluate("link => link === document.activeElement")


def test_pictures_have_their_size_before_they_come(book):
    for name in book.docnames:
        for image in book.article(name).find_all("img"):
            assert image.get("width"), (name, image["src"])
            assert image.get("height"), (name, image["src"])


@pytest.mark.parametrize("query", ["tumor", "tumour", "epithel", "white-asbestos"])
def test_search_finds_other_spellings_and_beginnings_of_words(site, open_page, query):
    page = open_page()
    page.goto(f"{site}search.html?q={query}")
    page.locator("#search-results li a", has_text="Pleura, asbestos and mesothelioma").first.wait_for()
