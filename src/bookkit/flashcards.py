"""Flashcards from glossary and takeaways: an Anki package, and sheets to print on both sides and cut."""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import genanki
import typst

from bookkit.teach import glossary
from bookkit.typst import escape

HERE = Path(__file__).parent / "typst"
GAP = "[…]"
ROWS, COLUMNS = 4, 2


@dataclass(frozen=True)
class Card:
    """Two sides, and where the card comes from; `key` keeps a reader's progress when a side is reworded."""

    key: str
    front: str
    back: str
    tag: str


def cards(terms: tuple[glossary.Term, ...], pages: list[dict[str, Any]]) -> list[Card]:
    """Return a card for each term, and one for each takeaway with its linked phrase left out."""
    found = [Card(f"term:{t.term}", t.term, glossary.plain(t.definition), "glossary") for t in terms]
    for page in pages:
        for takeaway in page["takeaways"]:
            text, key = takeaway["text"], takeaway["key"]
            # The phrase names the card, so that a change elsewhere in the sentence keeps a reader's progress.
            name = f"takeaway:{page['docname']}:{key}"
            found.append(Card(name, text.replace(key, GAP, 1), text, page["docname"].rsplit("/", 1)[-1]))
    return found


def _number(text: str) -> int:
    """Return a number below 2**31 that stays the same for a text, as Anki wants for its decks and models."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:7], 16)


def write_anki(deck: list[Card], title: str, path: Path) -> None:
    """Write the package that Anki imports."""
    model = genanki.Model(
        _number(f"model {title}"),
        title,
        fields=[{"name": "Front"}, {"name": "Back"}],
        templates=[{"name": "Card", "qfmt": "{{Front}}", "afmt": "{{FrontSide}}<hr id=answer>{{Back}}"}],
        css=".card { font-family: sans-serif; font-size: 20px; text-align: center; }",
    )
    anki = genanki.Deck(_number(f"deck {title}"), title)
    for card in deck:
        fields = [html.escape(card.front), html.escape(card.back)]
        anki.add_note(genanki.Note(model, fields, guid=genanki.guid_for(card.key), tags=[card.tag]))
    path.parent.mkdir(parents=True, exist_ok=True)
    genanki.Package(anki).write_to_file(str(path))


def write_sheets(deck: list[Card], title: str, path: Path, paper: str = "a4") -> None:
    """Write sheets of cards: fronts, then their backs mirrored, so that both sides meet when printed duplex."""
    pages = []
    per_page = ROWS * COLUMNS
    for start in range(0, len(deck), per_page):
        batch = deck[start : start + per_page]
        batch += [None] * (per_page - len(batch))
        rows = [batch[i : i + COLUMNS] for i in range(0, per_page, COLUMNS)]
        pages.append(_sheet([card for row in rows for card in row], "front"))
        pages.append(_sheet([card for row in rows for card in reversed(row)], "back"))
    head = (
        f'#import "/template.typ": flashcard-sheets, sheet\n'
        f"#show: flashcard-sheets.with(title: {escape.string(title)}, paper: {escape.string(paper)})\n"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    source = path.with_suffix(".typ")
    (path.parent / "template.typ").write_text((HERE / "template.typ").read_text(encoding="utf-8"), encoding="utf-8")
    source.write_text(head + "".join(pages), encoding="utf-8")
    try:
        path.write_bytes(
            typst.compile(
                str(source), root=str(path.parent), font_paths=[str(HERE / "fonts")], ignore_system_fonts=True,
                pdf_standards=["ua-1"],
            )
        )  # fmt: skip
    finally:
        source.unlink()
        (path.parent / "template.typ").unlink()


def _sheet(batch: list[Card | None], side: str) -> str:
    cells = "".join(f"[{escape.text(getattr(card, side)) if card else ''}]," for card in batch)
    return f"\n#sheet({escape.string(side)}, {COLUMNS}, {ROWS}, {cells})\n"
