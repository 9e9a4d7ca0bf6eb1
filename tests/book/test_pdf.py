"""Promises of the PDFs: they say what the pages say, they are accessible, and they carry the same numbers."""

from __future__ import annotations

import copy
import functools
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import page
import pikepdf
import pypdfium2
import pytest
from bs4 import BeautifulSoup
from contents import HANDOUTS

NOT_PRINTED = (
    ".headerlink, script, style, template, .math, .toctree-wrapper, .backrefs, .citation > .label, "
    ".prev-next-area, button, .sd-summary-icon, .downloads, .quiz-answers > summary, .quiz-blank"
)
# Class handouts leave out what readers of pages can open: answers to questions and to prompts.
HIDDEN = ".quiz-answers, details.think > :not(summary)"


def words(text: str) -> list[str]:
    """Return words of two letters or more, and numbers, as a comparison can use them."""
    plain = text.replace("\N{SOFT HYPHEN}", "").replace("\N{MINUS SIGN}", "-").replace("ﬁ", "fi").replace("ﬂ", "fl")
    return [word.casefold() for word in re.findall(r"[^\W_]{2,}|\d+", plain)]


@functools.cache
def page_words(book, docname: str, *, answers: bool = False) -> Counter[str]:
    """Return the words of a page's article that paper can show, with or without what a reader opens."""
    article = copy.copy(book.article(docname))
    for element in article.select(NOT_PRINTED if answers else f"{NOT_PRINTED}, {HIDDEN}"):
        element.decompose()
    for answer in article.select(".quiz-answers > p > strong"):
        answer.string = answer.get_text().removeprefix("Answer: ")
    return Counter(words(article.get_text(" ")))


@functools.cache
def pdf_text(path) -> str:
    """Return a PDF's text without head and foot lines; words broken at a line end are joined again."""
    pages = [sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(path)]
    pages = [re.sub(r"\s*Cells, images and evidence \d+\s*\Z", "", sheet).strip() for sheet in pages]
    heads = Counter(sheet.partition("\n")[0] for sheet in pages)
    pages = [sheet.partition("\n")[2] if heads[sheet.partition("\n")[0]] > 1 else sheet for sheet in pages]
    return re.sub("(?:\\ufffe|\\u0002|\\u00ad|-)\\s*\\r?\\n", "", "\n".join(pages))


def handout(book, docname: str):
    return book.pdf / "handouts" / f"{docname.split('/')[-1]}.pdf"


def missing_words(wanted: Counter[str], text: str) -> dict[str, int]:
    """Return words that the PDF lacks; one that a line end split is found in the text without spaces."""
    found = Counter(words(text))
    squeezed = re.sub(r"[\W_]+", "", text.casefold())
    return {
        word: count - found[word]
        for word, count in wanted.items()
        if found[word] < count and squeezed.count(word) < count
    }


@pytest.mark.parametrize("docname", HANDOUTS)
def test_a_handout_says_every_word_of_its_page(book, docname):
    assert missing_words(page_words(book, docname), pdf_text(handout(book, docname))) == {}


@pytest.mark.parametrize("docname", HANDOUTS)
def test_a_handout_says_little_that_its_page_does_not(book, docname):
    """What is more is the head line, the title block and formulas as text; words in drawings are the page's too."""
    shown, text = page_words(book, docname), pdf_text(handout(book, docname))
    drawings = [book.html / "book" / image["src"] for image in book.article(docname).select("img[src$='.svg']")]
    said = [book.article(docname).get_text(), *(BeautifulSoup(d.read_bytes(), "xml").get_text(" ") for d in drawings)]
    article = re.sub(r"[\W_]+", "", " ".join(said).casefold())
    more = [word for word in set(words(text)) if word not in shown and word not in article and len(word) > 3]
    assert len(more) <= 15, sorted(more)


def test_the_comparison_finds_a_lost_sentence(book):
    text, wanted = pdf_text(handout(book, "book/12-news-part-two")), page_words(book, "book/12-news-part-two")
    once = next(word for word, count in wanted.items() if count == 1 and len(word) > 6 and text.count(word) == 1)
    assert set(missing_words(wanted, text.replace(once, ""))) == {once}


def test_the_book_says_every_word_of_every_page(book):
    text = pdf_text(book.pdf / "book.pdf")
    wanted = sum((page_words(book, name, answers=True) for name in book.docnames), Counter())
    assert missing_words(wanted, text) == {}


EDITIONS = ("handouts", "handouts-letter")
SHEETS = ("questions", "questions-letter")


@pytest.mark.parametrize(
    "folder", ["pdf/handouts", "pdf/handouts-letter", "instructor/handouts", "instructor/handouts-letter"]
)
def test_each_edition_has_every_chapter_and_lab_and_nothing_else(book, folder):
    made = {path.stem for path in (book.build / folder).glob("*.pdf")}
    assert made == {name.split("/")[-1] for name in HANDOUTS}


@pytest.mark.parametrize("docname", [name for name in HANDOUTS if name != "book/00-how-to-use"])
def test_a_question_sheet_asks_every_question_and_tells_no_answer(book, docname):
    stem = docname.split("/")[-1]
    sheet = " ".join(words(pdf_text(book.pdf / "questions" / f"{stem}.pdf")))
    key = " ".join(words(pdf_text(book.build / "instructor/question-keys" / f"{stem}.pdf")))
    quizzes = book.article(docname).select(".quiz")
    assert quizzes
    for quiz in quizzes:
        assert " ".join(words(quiz.select_one(".quiz-prompt").get_text(" ")))[:60] in sheet
        for feedback in quiz.select(".quiz-feedbacks > li > p"):
            said = " ".join(words(feedback.get_text(" ")))[:60]
            assert said not in sheet
            assert said in key


def test_handouts_come_on_both_papers(book):
    for folder in (*EDITIONS, *SHEETS):
        size = (612, 792) if "letter" in folder else (595, 842)
        for path in (book.pdf / folder).glob("*.pdf"):
            assert pypdfium2.PdfDocument(path)[0].get_size() == pytest.approx(size, abs=1)


def all_pdfs(book):
    return sorted(
        path for folder in ("pdf", "instructor", "flashcards") for path in (book.build / folder).rglob("*.pdf")
    )


HALVES = pytest.mark.parametrize("share", [0, 1], ids=["one half", "other half"])


@HALVES
def test_the_pdfs_conform_to_pdf_ua_1(book, share):
    """`page-validation`, a port of the veraPDF profiles."""
    for path in all_pdfs(book)[share::2]:
        report = page.validate_pdf(path, profile="pdfua-1")
        assert report.is_compliant, (path.name, [failure.message for failure in report.failures])


#: What others say as well: the book has each page on A4, and the instructor's handouts have each on US Letter.
SAID_ELSEWHERE = {
    "pdf/handouts", "pdf/handouts-letter", "instructor/handouts", "pdf/questions-letter", "instructor/plans-letter",
}  # fmt: skip


@HALVES
@pytest.mark.parametrize("command", [["pdfua", "check"], ["outloud", "--quiet"]], ids=["pdfua", "outloud"])
def test_the_pdfs_pass_the_other_checkers(book, command, share):
    """Nothing takes as long, so two workers can share it."""
    files = [path for path in all_pdfs(book) if path.parent.relative_to(book.build).as_posix() not in SAID_ELSEWHERE]
    tool = Path(sys.executable).with_name(command[0])
    done = subprocess.run([tool, *command[1:], *files[share::2]], capture_output=True, text=True, check=False)
    failed = "\n".join(line for line in done.stdout.splitlines() if not line.startswith("PASS"))
    assert done.returncode == 0, failed[-3000:] + done.stderr[-2000:]


@pytest.mark.parametrize("docname", [*HANDOUTS, None])
def test_a_pdf_is_tagged_titled_and_has_its_language(book, docname):
    path = handout(book, docname) if docname else book.pdf / "book.pdf"
    with pikepdf.open(path) as pdf:
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert "/StructTreeRoot" in root
        assert str(root.Lang).lower() == "en-gb"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert "Cells, images and evidence" in metadata["dc:title"]
        assert "/Outlines" in root


@pytest.mark.parametrize("docname", HANDOUTS)
def test_captions_and_headings_have_the_numbers_of_the_page(book, docname):
    text = " ".join(pdf_text(handout(book, docname)).split())
    for number in book.article(docname).select(".caption-number, h1 .section-number, h2 .section-number"):
        assert number.get_text().strip().rstrip(".") in text


def test_every_citation_of_a_page_stands_in_its_handout(book):
    for docname in HANDOUTS:
        text = re.sub(r"[\W_]+", "", pdf_text(handout(book, docname)))
        for citation in book.article(docname).select(".bibtex-citation"):
            assert re.sub(r"[\W_]+", "", citation.get_text()) in text, citation.get_text()


def test_links_inside_a_pdf_lead_somewhere(book):
    """A citation, a reference to a table and a line of the contents are links to a page of the same file."""
    with pikepdf.open(book.pdf / "book.pdf") as pdf:
        inner = 0
        for sheet in pdf.pages:
            for note in sheet.get("/Annots", []):
                action = note.get("/A", {})
                assert "/Dest" in note or action.get("/S") in ("/GoTo", "/URI")
                inner += "/Dest" in note or action.get("/S") == "/GoTo"
        assert inner > 200


def test_the_same_sources_give_the_same_bytes(book, root, tmp_path):
    """Compiling the emitted source of a handout again gives the file that readers get."""
    import datetime

    import typst

    source = root / "_build/typst/source/handouts/12-news-part-two.typ"
    again = typst.compile(
        str(source), root=str(source.parents[1]), font_paths=[str(root / "src/bookkit/typst/fonts")],
        ignore_system_fonts=True, pdf_standards=["ua-1"],
        timestamp=datetime.datetime(2026, 11, 27, tzinfo=datetime.UTC),
    )  # fmt: skip
    assert again == handout(book, "book/12-news-part-two").read_bytes()
