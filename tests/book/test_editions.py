"""Notebooks, flashcards and the instructor's pack of the whole book; and that no answer is where it should not be."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile

import nbformat
import pypdfium2
import pytest
from contents import LABS
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def notebook(folder, lab):
    return nbformat.read(folder / f"{lab}.ipynb", as_version=4)


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def secrets(book) -> list[str]:
    """Return ten words from each solution cell and each note, as the instructor's notebooks print them."""
    cells = [cell for lab in LABS for cell in notebook(book.build / "instructor/notebooks", lab).cells]
    hidden = [c for c in cells if {"solution", "instructor-note"} & set(c.metadata.get("tags", []))]
    texts = [words(re.sub(r"^\*\*Solution.*?\*\*$", "", cell.source)) for cell in hidden]
    return [" ".join(text.split()[:10]) for text in texts if len(text.split()) >= 6]


@pytest.fixture(scope="session")
def site(book, tmp_path_factory):
    """The wheel, installed into a folder of its own as a reader would have it."""
    folder = tmp_path_factory.mktemp("site")
    (wheel,) = (book.build / "notebooks").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(found, site, folder):
    """Run a notebook in a folder with nothing else of ours in it; the models come from the wheel."""
    found.cells.insert(2, nbformat.v4.new_code_cell("import mesosim; print(mesosim.__file__)"))
    client = NotebookClient(found, timeout=300, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, "PYTHONPATH": str(site)})


def code(found):
    return [cell for cell in found.cells if cell.cell_type == "code"]


def before_first_stub(found):
    """Return the code cells that a student can run before having written anything."""
    cells = code(found)
    return cells[: next(i for i, cell in enumerate(cells) if "stub" in cell.metadata.get("tags", []))]


def test_a_student_s_notebook_runs_from_an_empty_folder_up_to_its_first_stub(book, site, tmp_path):
    """One for all: the next test shows that the others hold code which the build has run."""
    found = notebook(book.build / "notebooks", LABS[0])
    with pytest.raises(CellExecutionError, match="write your code here"):
        run(found, site, tmp_path)
    assert str(site) in found.cells[2].outputs[0].text
    assert all(cell.execution_count for cell in before_first_stub(found))


@pytest.mark.parametrize("lab", LABS)
def test_up_to_the_first_stub_students_have_the_code_that_the_build_ran(book, lab):
    theirs = [cell.source for cell in before_first_stub(notebook(book.build / "notebooks", lab))]
    ran = [cell for cell in code(notebook(book.build / "instructor/notebooks", lab)) if cell.execution_count]
    assert len(theirs) > 5
    assert theirs == [cell.source for cell in ran][: len(theirs)]


def test_the_wheel_holds_every_file_of_the_models(site, root):
    def files(folder):
        found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {path.relative_to(folder).as_posix() for path in found}

    data = {f"data/{name}" for name in files(root / "data")}
    assert files(site / "mesosim") == files(root / "src/mesosim") | data


def test_an_instructor_s_notebook_runs_from_an_empty_folder(book, site, tmp_path):
    found = notebook(book.build / "instructor/notebooks", LABS[0])
    run(found, site, tmp_path)
    assert str(site) in found.cells[2].outputs[0].text


@pytest.mark.parametrize("lab", LABS)
def test_every_instructor_s_notebook_was_run_to_its_end_with_its_solutions(book, lab):
    cells = code(notebook(book.build / "instructor/notebooks", lab))
    assert any("solution" in cell.metadata.get("tags", []) for cell in cells)
    assert all(cell.execution_count for cell in cells if cell.source.strip())


@pytest.mark.parametrize("lab", LABS)
def test_the_student_writes_where_the_solution_would_stand(book, lab):
    student = notebook(book.build / "notebooks", lab)
    tags = [cell.metadata.get("tags", [""])[0] for cell in student.cells]
    assert tags.count("exercise") >= 3
    for position, tag in enumerate(tags):
        if tag == "exercise":
            assert tags[position + 1] == "stub"


@pytest.mark.parametrize("lab", LABS)
def test_the_instructor_s_notebook_has_outputs_and_the_student_s_has_none(book, lab):
    outputs = [cell.outputs for cell in code(notebook(book.build / "instructor/notebooks", lab))]
    assert sum(map(bool, outputs)) > 8
    assert not any(cell.outputs for cell in code(notebook(book.build / "notebooks", lab)))


@pytest.mark.parametrize("lab", LABS)
def test_notebooks_say_what_the_page_says(book, lab):
    text = words(" ".join(cell.source for cell in notebook(book.build / "notebooks", lab).cells))
    article = book.article(f"notebooks/{lab}")
    paragraphs = [words(p.get_text(" ")) for p in article.select("section > p:not(:has(math, a, cite, .math))")]
    assert len(paragraphs) >= 6
    assert [p for p in paragraphs if p not in text] == []
    assert "glue" not in text.split()
    assert not re.search(r"\{[a-z-]+\}`", text)


def public_texts(book):
    """Yield name and words of everything that students can get."""
    for path in sorted((book.build / "html").rglob("*")):
        if path.suffix in {".html", ".js", ".json", ".txt", ".md", ".ipynb", ".xml"}:
            yield path.name, words(path.read_text(encoding="utf-8"))
    for path in sorted(book.pdf.rglob("*.pdf")):
        yield path.name, words(" ".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(path)))
    for path in sorted((book.build / "notebooks").glob("*.ipynb")):
        yield path.name, words(path.read_text(encoding="utf-8"))


def test_no_solution_is_in_anything_public(book):
    hidden = secrets(book)
    assert len(hidden) >= 5
    answer_book = " ".join(
        p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(book.build / "instructor/answer-book.pdf")
    )
    assert any(secret in words(answer_book) for secret in hidden)
    names = 0
    for name, text in public_texts(book):
        names += 1
        assert [secret for secret in hidden if secret in text] == [], name
    assert names > 20


def test_chapter_solutions_are_hidden_too(book, root):
    """The text sources know more solutions than the labs: take a line of each."""
    lines = []
    for path in (root / "book").glob("*.md"):
        for body in re.findall(r"```+\{solution\}[^\n]*\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
            plain = words(re.sub(r"^:.*$", "", body, flags=re.MULTILINE).split("({")[0])
            lines.append(" ".join(plain.split()[:9]))
    assert len(lines) >= 4
    for name, text in public_texts(book):
        assert [line for line in lines if line in text] == [], name


def test_the_answer_book_and_the_guide_hold_every_page(book):
    lessons = json.loads((book.build / ".lessons.json").read_text(encoding="utf-8"))
    texts = {
        name: words(
            " ".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(book.build / "instructor" / name))
        )
        for name in ("answer-book.pdf", "guide.pdf")
    }
    taught = [page for page in lessons if page["page"]]
    assert len(taught) >= 4
    for page in taught:
        assert words(page["title"]) in texts["answer-book.pdf"]
        for name in page["page"]["objectives"]:
            assert words(name) in texts["guide.pdf"]
        assert (book.build / "instructor/plans" / f"{page['docname'].split('/')[-1]}.pdf").is_file()


def test_the_pages_offer_what_was_built(book):
    links = {a["href"] for name in book.docnames for a in book.article(name).select(".downloads a")}
    assert "../downloads/notebooks/01-epidemic-after-the-ban.ipynb" in links
    assert "../downloads/pdf/handouts/01-pleura-asbestos-mesothelioma.pdf" in links
    assert not any("instructor" in link for link in links)


def test_two_builds_give_the_same_notebooks(book, root, tmp_path):
    """The emitted student notebook repeats itself byte for byte."""
    first = (book.build / "notebooks/01-epidemic-after-the-ban.ipynb").read_bytes()
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(root)]
    subprocess.run(
        [*command, "--builder", "custom", "--custom-builder", "ipynb"], check=True, capture_output=True, cwd=tmp_path,
        env={**os.environ},
    )  # fmt: skip
    assert (book.build / "ipynb/student/01-epidemic-after-the-ban.ipynb").read_bytes() == first
