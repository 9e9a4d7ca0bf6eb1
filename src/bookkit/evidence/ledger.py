"""The evidence ledger: facts, works and claims, loaded once and validated."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

FACT_FILES = ("disease.yaml", "immunotherapy_act.yaml", "interventional_oncology.yaml")
SOURCE_FILE, CLAIM_FILE, GAP_FILE = "sources.yaml", "claims.yaml", "disagreements.yaml"

Number = int | float
Value = Number | str | list[Any] | dict[str, Any]
Verdict = Literal["supported", "partly", "overstated", "unsupported", "wrong"]

LEVELS = {
    1: "level 1: systematic review of randomised trials, or, for how common something is, a census or register",
    2: "level 2: randomised trial, or observational study with dramatic effect",
    3: "level 3: controlled cohort or follow-up study without randomisation",
    4: "level 4: case series, single-arm or historically controlled study",
    5: "level 5: mechanism, model, animal, laboratory or expert opinion",
}


Kind = Literal[
    "pooled studies",
    "randomised trial",
    "single arm or early phase",
    "observed in people, not randomised",
    "case report",
    "register or survey",
    "animal study",
    "laboratory study",
    "model or estimate",
    "review or opinion",
    "guideline or classification",
    "official document",
    "trial registration or protocol",
    "news or press report",
    "reference data or code",
    "not graded",
]
"""The kind of evidence in the words that the badge prints; each work carries one."""


_CITING = re.compile(r"\{(?P<role>fact[a-z-]*|cite:[a-z]+)\}`(?P<target>[^`[]+)")
"""A role that prints a fact or cites works, as text of the ledger holds it; an element's place is left off."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same safe loader in C where PyYAML has it: six times faster on a ledger of this size."""


class LedgerError(ValueError):
    """A record that cannot be read or printed; the message names file, item and remedy."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Record):
    """One work, as BibTeX would hold it, with what was seen of it."""

    key: str = Field(pattern=r"^[a-z0-9]+$")
    type: Literal["article", "misc", "techreport", "incollection", "book"]
    design: str | None
    kind: Kind
    seen: list[str] = Field(min_length=1)
    complete: bool
    title: str | None = None
    author: str | None = None
    year: int | None = None
    journal: str | None = None
    volume: str | None = None
    number: str | None = None
    pages: str | None = None
    doi: str | None = Field(default=None, pattern=r"^10\.\S+$")
    pmid: str | None = None
    url: str | None = None
    isbn: str | None = None
    booktitle: str | None = None
    series: str | None = None
    institution: str | None = None
    howpublished: str | None = None
    level: int | None = Field(default=None, ge=1, le=5)
    aliases: list[str] = []
    missing: list[str] = []
    description: str | None = None
    note: str | None = None
    authors_seen: int | None = None
    use: Literal["background-only"] | None = None

    @field_validator("volume", "number", "pages", "pmid", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value

    @property
    def printable(self) -> bool:
        """Whether the book may cite the work."""
        return self.use != "background-only"

    @property
    def address(self) -> str | None:
        """The stable address: DOI, the work's own page, or PubMed."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return self.url or (f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/" if self.pmid else None)

    @property
    def read_at(self) -> str | None:
        """The first web address on which the work was read, for works without an address of their own."""
        found = (re.search(r"https?://[^\s;,]+", page) for page in self.seen)
        return next((match.group(0) for match in found if match), None)


class Fact(_Record):
    """One published value with its work, its place and its second reading."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")
    source: str
    statement: str
    value: Value
    unit: str | None = None
    interval: list[Any] | None = None
    interval_kind: str | None = None
    n: int | None = None
    locator: str | None
    seen_in: Literal["abstract", "full text", "secondary"]
    via: str | None = None
    note: str | None = None
    reread: Literal["confirmed", "partial", "corrected", "not found"] | None = None
    reread_note: str | None = None
    use: Literal["background-only"] | None = None

    @model_validator(mode="after")
    def _secondary_names_its_page(self) -> Fact:
        if self.seen_in == "secondary" and not self.via:
            raise ValueError("seen_in is 'secondary' but via does not name the page that was read")
        return self

    @property
    def printable(self) -> bool:
        """Whether the book may print the value."""
        return self.why_not_printable is None

    @property
    def why_not_printable(self) -> str | None:
        """The reason against printing the value, or None."""
        if self.use == "background-only":
            return "is marked background-only"
        if self.reread == "not found":
            return "was not found on the second reading"
        return None


WHAT_TO_SAY = {
    "why": "say what decides the verdict, every number and work with a role such as {fact}`id`",
    "change": "say which result, of which trial or study, would change the verdict, or why none could",
}
"""Remedy for each text of a claim that is empty."""


class Claim(_Record):
    """One statement of the news article with the verdict on it, where it is taught, and what would change it."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str = Field(min_length=1)
    section: str
    text: str
    verdict: Verdict
    why: str
    sources: list[str]
    grounds: list[str] = Field(default=[], validate_default=True)
    change: str = Field(default="", validate_default=True)

    @property
    def quoted_name(self) -> str:
        """The name as it stands in a sentence."""
        return f"\N{LEFT DOUBLE QUOTATION MARK}{self.name}\N{RIGHT DOUBLE QUOTATION MARK}"

    @field_validator("grounds")
    @classmethod
    def _is_taught_somewhere(cls, labels: list[str]) -> list[str]:
        if not labels:
            raise ValueError("name the sections that teach what the verdict rests on, by their labels, such as ch6-743")
        return labels

    @field_validator(*WHAT_TO_SAY)
    @classmethod
    def _is_said(cls, text: str, info: ValidationInfo) -> str:
        if not text.strip():
            raise ValueError(WHAT_TO_SAY[info.field_name])
        return text


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    except FileNotFoundError:
        raise LedgerError(f"{path}: missing; restore the ledger file from version control") from None
    except yaml.YAMLError as error:
        raise LedgerError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise LedgerError(f"{path}: expected a mapping at the top level, found {type(content).__name__}")
    return content


def _parse(model: type[_Record], path: Path, section: str, name: str) -> list[Any]:
    """Validate each record of one list; report every broken record at once."""
    records, problems, seen = [], [], set()
    for position, raw in enumerate(_read_yaml(path).get(section) or [], start=1):
        item = raw.get(name) if isinstance(raw, dict) else None
        label = item or f"{section} entry {position}"
        try:
            record = model.model_validate(raw)
        except ValidationError as error:
            problems += [
                f"{path.name}: {label}: field {'.'.join(map(str, e['loc'])) or '(record)'}: {e['msg']}"
                for e in error.errors()
            ]
            continue
        if item in seen:
            problems.append(f"{path.name}: {label}: appears twice; {name}s are unique, remove or rename one")
        seen.add(item)
        records.append(record)
    if problems:
        raise LedgerError("\n".join(problems))
    return records


class Ledger:
    """Every fact, work and claim of one evidence folder.

    Parameters
    ----------
    folder : pathlib.Path
        Folder with ``sources.yaml``, the fact files and ``claims.yaml``.

    Raises
    ------
    LedgerError
        When a record is malformed, repeated, or names a work that does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.sources: dict[str, Source] = {
            s.key: s for s in _parse(Source, self.folder / SOURCE_FILE, "sources", "key")
        }
        self.facts: dict[str, Fact] = {}
        self.fact_file: dict[str, str] = {}
        for name in FACT_FILES:
            for fact in _parse(Fact, self.folder / name, "facts", "id"):
                if fact.id in self.facts:
                    raise LedgerError(f"{name}: {fact.id}: also in {self.fact_file[fact.id]}; ids are unique")
                self.facts[fact.id] = fact
                self.fact_file[fact.id] = name
        self.claims: dict[str, Claim] = {c.id: c for c in _parse(Claim, self.folder / CLAIM_FILE, "claims", "id")}
        self.article: dict[str, str] = _read_yaml(self.folder / CLAIM_FILE).get("article", {})
        self._check_links()

    def _check_links(self) -> None:
        problems = [
            f"{self.fact_file[f.id]}: {f.id}: source '{f.source}' is not in {SOURCE_FILE}; add the work or mend the key"
            for f in self.facts.values()
            if f.source not in self.sources
        ]
        problems += [
            f"{CLAIM_FILE}: {c.id}: source '{key}' is not in {SOURCE_FILE}; add the work or mend the key"
            for c in self.claims.values()
            for key in c.sources
            if key not in self.sources
        ]
        if problems:
            raise LedgerError("\n".join(problems))
        self._check_claims()

    def _check_claims(self) -> None:
        problems = []
        for claim in self.claims.values():
            named: dict[str, set[str]] = {}
            for field in ("why", "change"):
                try:
                    named[field] = self.works_in(getattr(claim, field))
                except LedgerError as error:
                    problems.append(f"{CLAIM_FILE}: {claim.id}: {field}: {error}")
            for key in sorted(named.get("why", set(claim.sources)) ^ set(claim.sources)):
                where = "sources but not in why" if key in claim.sources else "why but not in sources"
                problems.append(f"{CLAIM_FILE}: {claim.id}: '{key}' is in {where}; the two name the same works")
        if problems:
            raise LedgerError("\n".join(problems))

    def works_in(self, text: str) -> set[str]:
        """Return the works that the roles of a text name; raise `LedgerError` for a fact or work not to be printed."""
        works = set()
        for role, target in _CITING.findall(text):
            if role.startswith("fact"):
                works.add(self.fact(target.strip()).source)
            else:
                works |= {self.source(key.strip()).key for key in target.split(",")}
        return works

    @cached_property
    def files(self) -> list[Path]:
        """Every file that the ledger was read from."""
        return [self.folder / name for name in (*FACT_FILES, SOURCE_FILE, CLAIM_FILE)]

    @cached_property
    def gaps(self) -> dict[str, list[Any]]:
        """What was looked for and not seen, by the fact files; and sources that disagree or err, by `GAP_FILE`."""
        unseen = [note for name in FACT_FILES for note in _read_yaml(self.folder / name).get("unverified") or []]
        return {"unverified": unseen, **_read_yaml(self.folder / GAP_FILE)}

    def source(self, key: str) -> Source:
        """Return a work that the book may cite; raise `LedgerError` otherwise."""
        work = self.sources.get(key)
        if work is None:
            raise LedgerError(f"unknown work '{key}'{_suggest(key, self.sources)}; keys are in evidence/{SOURCE_FILE}")
        if not work.printable:
            raise LedgerError(f"work '{key}' is marked background-only: cite another work that carries the same fact")
        return work

    def fact(self, fact_id: str) -> Fact:
        """Return a fact that the book may print; raise `LedgerError` otherwise."""
        fact = self.facts.get(fact_id)
        if fact is None:
            raise LedgerError(f"unknown fact '{fact_id}'{_suggest(fact_id, self.facts)}; ids are in evidence/*.yaml")
        if fact.why_not_printable:
            raise LedgerError(
                f"fact '{fact_id}' ({self.fact_file[fact_id]}) {fact.why_not_printable}: "
                "print another fact, or write what is known without it"
            )
        self.source(fact.source)
        return fact

    def claim(self, claim_id: str) -> Claim:
        """Return a claim that has sources; raise `LedgerError` otherwise."""
        claim = self.claims.get(claim_id)
        if claim is None:
            raise LedgerError(
                f"unknown claim '{claim_id}'{_suggest(claim_id, self.claims)}; ids are in evidence/{CLAIM_FILE}"
            )
        if not claim.sources:
            raise LedgerError(f"claim '{claim_id}' has no sources: add the works that decide it to {CLAIM_FILE}")
        for key in claim.sources:
            self.source(key)
        return claim


def _suggest(word: str, known: dict[str, Any]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(close)}?)" if close else ""
