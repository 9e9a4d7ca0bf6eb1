"""Exercises that name their objectives, and what becomes of their solutions on pages."""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_exercise.directive import ExerciseDirective
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node, solution_node

from bookkit.evidence import nodes as evidence_nodes
from bookkit.evidence.state import evidence_of
from bookkit.teach.nodes import instructor_note
from bookkit.teach.page import objective_anchor
from bookkit.teach.quiz import objectives_option
from bookkit.teach.state import Exercise, lesson_of

POLICIES = ("folded", "end", "omit")


class ObjectiveExercise(ExerciseDirective):
    """sphinx-exercise's directive with ``:objectives:``."""

    option_spec: ClassVar = {**ExerciseDirective.option_spec, "objectives": objectives_option}

    def run(self) -> list[nodes.Node]:
        found = super().run()
        for node in found:
            if isinstance(node, exercise_node | exercise_enumerable_node):
                self._note(node)
        return found

    def _note(self, node: nodes.Element) -> None:
        # sphinx-exercise gives each body the same id, and a page must not hold an id twice.
        node[1]["ids"] = [f"{node['label']}-body"]
        objectives = self.options.get("objectives", ())
        if "objectives" not in self.config.teach_checks:
            return
        if not objectives:
            raise self.error(f"{{exercise}} {node['label']}: no objectives: write for example :objectives: LO 1.3")
        title = self.arguments[0] if self.arguments else ""
        lesson_of(self.env, self.env.docname).exercises.append(
            Exercise(node["label"], title, tuple(objectives), self.lineno)
        )
        line = nodes.paragraph("", "Objective: ", classes=["objective-line"])
        for position, name in enumerate(objectives):
            line += [nodes.Text(", ")] * bool(position)
            line += nodes.reference("", name, internal=True, refid=objective_anchor(name))
        node[1].insert(0, line)


class PlaceSolutions(SphinxPostTransform):
    """Folds the solutions on pages, moves them to the end, or leaves them out; drops notes for instructors."""

    default_priority = 1
    builders = ("html", "dirhtml", "singlehtml")

    def run(self, **kwargs: object) -> None:
        for note in list(self.document.findall(instructor_note)):
            note.parent.remove(note)
        policy = self.config.exercise_solutions
        solutions = list(self.document.findall(solution_node))
        for node in solutions:
            if policy == "folded":
                node["classes"].append("dropdown")
            else:
                node.parent.remove(node)
        if policy == "end" and solutions:
            section = nodes.section("", nodes.title("", "Solutions"), *solutions, ids=["solutions"])
            self.document[0].append(section)


class DropBacklinks(SphinxPostTransform):
    """Takes links back to citations in solutions and notes out of reference lists, once those are gone."""

    default_priority = 20  # after sphinxcontrib-bibtex has written the lists
    builders = ("html", "dirhtml", "singlehtml")

    def run(self, **kwargs: object) -> None:
        present = {name for node in self.document.findall(nodes.Element) for name in node.get("ids", [])}
        for work in self.document.findall(nodes.citation):
            work["backrefs"] = [name for name in work.get("backrefs", []) if name in present]


def set_facts_aside(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the evidence index from linking into solutions and notes, which most editions leave out."""
    evidence = evidence_of(app.env)
    for place in doctree.findall(lambda node: isinstance(node, solution_node | instructor_note)):
        for fact in place.findall(evidence_nodes.fact):
            evidence.set_aside(app.env.docname, fact["fact_id"], fact["ids"][0])


def check_policy(app: Sphinx, config: Config) -> None:
    """Refuse a policy that does not exist."""
    if config.exercise_solutions not in POLICIES:
        raise ConfigError(f"exercise_solutions '{config.exercise_solutions}' is not one of {', '.join(POLICIES)}")


def setup(app: Sphinx) -> None:
    """Register over sphinx-exercise's directive."""
    app.setup_extension("sphinx_exercise")
    app.add_config_value("exercise_solutions", "omit", "env", [str])
    app.connect("config-inited", check_policy)
    app.connect("doctree-read", set_facts_aside)
    app.add_directive("exercise", ObjectiveExercise, override=True)
    app.add_post_transform(PlaceSolutions)
    app.add_post_transform(DropBacklinks)
