"""The number gate: in prose, no number without a source.

A number may stand only where a role printed it (a fact, a citation, a cross-reference, a computed value, a ``{given}``
number), in code, in mathematics, in a name with letters joined to digits, in a name listed in ``evidence/names.yaml``,
or in the book's own counting (LO 1.2, Question 3). A year, or a number word such as "five-year", may also stand beside
a fact of the same block whose record says the same. A value printed without its citation needs a citation of the same
work in the same block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging

from bookkit.evidence import nodes as evidence_nodes
from bookkit.evidence.ledger import Ledger
from bookkit.evidence.nodes import GENERATED
from bookkit.evidence.state import evidence_of

logger = logging.getLogger(__name__)

UNREAD_NODES = (
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.comment,
    nodes.label,
    nodes.system_message,
    nodes.problematic,
    nodes.doctest_block,
    nodes.footnote_reference,
    nodes.citation_reference,
    nodes.substitution_definition,
    nodes.target,
    addnodes.toctree,
    addnodes.index,
    addnodes.only,
    evidence_nodes.fact,
    evidence_nodes.given,
)
UNREAD_CLASSES = {GENERATED, "pasted-text", "pasted-inline", "cell_output", "cell_input", "cell"}
UNCITED_VARIANTS = ("fact-value", "fact-number", "fact-interval")
BLOCKS = (nodes.paragraph, nodes.table, nodes.list_item, nodes.caption, nodes.definition_list_item, nodes.title)

_BIG_WORDS = (
    r"eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?"
)
_SMALL_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten"
_UNITS = (
    r"per\s?cent|percent|percentage|months?|years?|days?|hours?|weeks?|decades?|minutes?|seconds?|deaths?|"
    r"patients?|people|persons?|women|men|cases?|mm|cm|ml|mg|millimetres?|centimetres?|litres?|degrees?|times"
)
_FRACTIONS = r"(?:a|one|two|three)\s(?:third|quarter|fifth|sixth|tenth)s?|half|most of one"
_COUNTED = r"(?:the\s)?(?:patients|people|women|men|cases|deaths|tumours|mesotheliomas)"
NUMBER = re.compile(
    r"(?P<years>\b(?:1[89]|20)\d\d[-–]\d\d\b)"
    rf"|(?P<digits>(?<![\w])[−–+-]?\d[\d.,:/ ]*\d|(?<![\w])\d)"
    rf"|\b(?P<big>(?:{_BIG_WORDS}))\b"
    rf"|\b(?P<small>(?:{_SMALL_WORDS})[\s-](?:{_UNITS}))\b"
    rf"|\b(?P<fold>(?:{_SMALL_WORDS})-?fold)\b"
    rf"|\b(?P<fraction>(?:{_FRACTIONS})\s(?:of\s)?{_COUNTED})\b",
    re.IGNORECASE,
)
_COUNTING = re.compile(r"\b(?:LO [A-Z]?\d*\.\d+|(?:Question|Exercise|Step) \d+)")
_YEAR = re.compile(r"(?:1[89]|20)\d\d(?:[-–]\d\d)?")
_JOINED_NAME = re.compile(r"\b[A-Za-zα-ωΑ-Ω][\w+]*(?:[-‑–][\w+]+)*")
_SPELT_NAME = re.compile(r"^[^\W\d]*[A-ZΑ-Ω]")


def find_numbers(text: str, names: list[str]) -> list[tuple[int, str]]:
    """Return position and text of each number that stands in prose without a source.

    Parameters
    ----------
    text : str
        Prose, as the reader sees it.
    names : list of str
        Names with numbers that may pass, see `bookkit.evidence.names`.
    """
    hidden = text
    for name in sorted(names, key=len, reverse=True):
        pattern = r"(?<!\w)" + r"[\s\u00a0]".join(map(re.escape, name.split())) + r"(?!\w)"
        hidden = re.sub(pattern, lambda m: "x" * len(m.group()), hidden)
    hidden = _COUNTING.sub(lambda m: "x" * len(m.group()), hidden)
    hidden = _JOINED_NAME.sub(_hide_joined_name, hidden)
    return [(match.start(), match.group().strip()) for match in NUMBER.finditer(hidden)]


def _hide_joined_name(match: re.Match[str]) -> str:
    """Hide PD-1, CD8, T2N1 or BAP1: a capital letter joined to a digit, or to a hyphen and a digit."""
    word = match.group()
    is_name = any(c.isdigit() for c in word) and _SPELT_NAME.match(word)
    return "x" * len(word) if is_name else word


def _is_read(node: nodes.Node, document: nodes.document) -> bool:
    while node is not None and node is not document:
        if isinstance(node, nodes.caption):
            return True
        if isinstance(node, UNREAD_NODES) or UNREAD_CLASSES.intersection(
            getattr(node, "get", lambda *_: [])("classes", [])
        ):
            return False
        if isinstance(node, addnodes.pending_xref) and not node.get("refexplicit"):
            return False
        if isinstance(node, nodes.reference) and node.astext() == node.get("refuri"):
            return False
        if node.get("nb_element") in ("cell_code", "cell_code_source", "cell_code_output"):
            return False
        node = node.parent
    return True


def prose_blocks(document: nodes.document) -> Iterator[tuple[nodes.TextElement, str]]:
    """Yield each block of prose with its text, what is not prose replaced by a placeholder of letters."""
    for block in document.findall(nodes.TextElement):
        if isinstance(block, nodes.Inline) or not _is_read(block, document):
            continue
        parts = [
            text.astext() if _is_read(text.parent, document) else re.sub(r"[^\n]", "\u2423", text.astext())
            for text in block.findall(nodes.Text)
            if _block_of(text) is block
        ]
        yield block, "".join(parts)


def _block_of(node: nodes.Node) -> nodes.Node:
    parent = node.parent
    while isinstance(parent, nodes.Inline):
        parent = parent.parent
    return parent


def line_of(node: nodes.Node, offset: int = 0, text: str = "") -> int | None:
    """Return the source line of a place in a block; sources hold one sentence a line.

    Cells of a Markdown table carry no line: the last line known before them is the nearest.
    """
    place = node
    while place is not None and getattr(place, "line", None) is None:
        place = place.parent
    if place is not None:
        return place.line + text[:offset].count("\n")
    line = None
    for earlier in node.document.findall():
        if earlier is node:
            break
        line = getattr(earlier, "line", None) or line
    return line


def record_of(node: nodes.Node) -> str:
    """Return file, item and field of the ledger that a text on the page comes from, or nothing."""
    while node is not None:
        if "record" in getattr(node, "attributes", {}):
            return f"{node['record']}: "
        node = node.parent
    return ""


def uncited_facts(document: nodes.document) -> Iterator[evidence_nodes.fact]:
    """Yield each value whose block does not cite the work it comes from."""
    for fact in document.findall(evidence_nodes.fact):
        if fact["variant"] in UNCITED_VARIANTS and fact["source"] not in _keys_cited_near(fact):
            yield fact


def _keys_cited_near(node: nodes.Node) -> set[str]:
    keys: set[str] = set()
    while node.parent is not None:
        node = node.parent
        if isinstance(node, BLOCKS):
            for link in node.findall(addnodes.pending_xref):
                if link.get("refdomain") == "cite":
                    keys.update(key.strip() for key in link["reftarget"].split(","))
    return keys


def stated_near(block: nodes.Element, ledger: Ledger) -> str:
    """Return what the records of the facts in a block say, in lower case."""
    facts = (ledger.facts[node["fact_id"]] for node in block.findall(evidence_nodes.fact))
    return " ".join(f"{fact.statement} {fact.unit}" for fact in facts).lower()


def is_stated(number: str, stated: str) -> bool:
    """Return whether a year, or a number in words, stands in the records of the facts beside it.

    "Two years" and "two-year" say the same, and so does "2 years". Measurements in digits never pass: roles print them.
    """
    if _YEAR.fullmatch(number):
        return re.search(rf"(?<!\d){re.escape(number)}(?!\d)", stated) is not None
    if any(c.isdigit() for c in number):
        return False
    return re.search(rf"(?<!\w){re.escape(_plain(number))}(?!\w)", _plain(stated)) is not None


def _plain(text: str) -> str:
    words = re.sub(r"[-\s]+", " ", text.lower())
    singular = re.sub(rf"\b(?:{_UNITS})\b", lambda m: m.group().removesuffix("s"), words)
    return re.sub(rf"\b(?:{_SMALL_WORDS})\b", lambda m: str(_SMALL_WORDS.split("|").index(m.group()) + 1), singular)


def check_alt_texts(document: nodes.document) -> Iterator[tuple[nodes.image, str]]:
    """Yield each image whose alt text holds a number, which nothing would keep true."""
    for image in document.findall(nodes.image):
        numbers = find_numbers(image.get("alt") or "", [])
        if numbers:
            yield image, numbers[0][1]


_UNIT_OF = re.compile(r"\bof [a-z][a-z -]*(?=$| \()")
_LEADING_WORDS = re.compile(r"[a-z]+ [a-z]+(?= )")


def said_twice(before: str, printed: str, after: str) -> str:
    """Return the words that a printed fact and its sentence both say, as in "68% of countries of high income"."""
    if (unit := _UNIT_OF.search(printed)) and re.match(r"\s*of\b", after):
        return unit.group()
    leading = _LEADING_WORDS.match(printed)
    return leading.group() if leading and leading.group() in before.lower()[-40:] else ""


def stutters(document: nodes.document) -> Iterator[tuple[evidence_nodes.fact, str]]:
    """Yield each fact whose unit its sentence says again, with the words."""
    for fact in document.findall(evidence_nodes.fact):
        beside, place = fact.parent.children, fact.parent.index(fact)
        before, after = ("".join(node.astext() for node in part) for part in (beside[:place], beside[place + 1 :]))
        if words := said_twice(before, fact.astext(), after):
            yield fact, words


def check_page(app: Sphinx, document: nodes.document) -> None:
    """Report every number without a source, and every value without its citation, with file and line."""
    env = app.env
    if env.docname in app.config.evidence_gate_exclude:
        return
    evidence = evidence_of(env)
    for block, text in prose_blocks(document):
        stated = stated_near(block, evidence.ledger)
        for offset, number in find_numbers(text, list(evidence.names)):
            if is_stated(number, stated):
                continue
            _report(
                (env.docname, line_of(block, offset, text)),
                f"{record_of(block)}number without a source: '{number}'. Print it with {{fact}} from the ledger, with "
                "{glue} from the notebook that computes it, or, for a number of the book's own, with "
                "{given}`number|reason`; a name belongs in evidence/names.yaml",
            )
    for image, number in check_alt_texts(document):
        _report(
            (env.docname, line_of(image)),
            f"number '{number}' in the alt text of {image['uri']}: say what is seen in words; the caption or the text "
            "can print the number",
        )
    for fact in uncited_facts(document):
        name = fact["fact_id"]
        _report(
            (env.docname, line_of(fact)),
            f"{record_of(fact)}value without its source: {{{fact['variant']}}}`{name}` needs {{fact-source}}`{name}` "
            f"or a citation of '{fact['source']}' in the same paragraph, list item or table",
        )

    for fact, words in stutters(document):
        _report(
            (env.docname, line_of(fact)),
            f"'{words}' is said twice: {{{fact['variant']}}}`{fact['fact_id']}` prints it and the sentence repeats it; "
            "print {fact-number} and its source instead, or drop the words",
        )


def _report(place: tuple[str, int | None], message: str) -> None:
    logger.error(message, location=place, type="evidence", subtype="gate")


def setup(app: Sphinx) -> None:
    """Check each page as it is read."""
    app.add_config_value("evidence_gate_exclude", [], "env", [list])
    app.connect("doctree-read", check_page)
