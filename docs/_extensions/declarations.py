"""The directive `declarations`: tables of what a model declares, so that no page repeats it."""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import pyurbanczik as sim
from backend_cython.model.schema import RULES
from pyurbanczik.objects.presentation import text

# Models that are composed of parts have no tables before they are made.
COMPOSED = {"DendriticNeuron": lambda: sim.DendriticNeuron(dendrite=sim.Dendrite())}


def unit(name):
    return {"dimensionless": "1", "uS": "µS", "nA or uS": "nA or µS"}.get(name, name or "")


def default(value):
    return "the smallest delay" if value is None else text(value) if not isinstance(value, str) else f"`{value}`"


def of_model(name):
    """The class of a model, or a model that stands for it."""
    return COMPOSED[name]() if name in COMPOSED else getattr(sim, name)


def parameters(model):
    """Rows (name, unit, default, allowed) of all parameters."""
    local = getattr(model, "local_parameters", {})
    declared = getattr(getattr(model, "core", None), "PARAMETERS", None) or getattr(model, "declared", {})
    terms = getattr(model, "parameters", {}) or getattr(model, "terms", {})
    units, rules = getattr(model, "units", {}), getattr(model, "rules", {})
    own = getattr(model, "default_parameters", None) or {name: p.default for name, p in declared.items()}
    for name, value in own.items():
        core = declared.get(terms[name].core if name in terms else name)
        rule = local[name][1] if name in local else rules.get(name) or (core.allowed if core else None)
        shown = units.get(name) or (terms[name].unit if name in terms else core.unit if core else "")
        yield f"`{name}`", unit(str(shown)), default(value), RULES[rule].text if rule in RULES else ""


def states(model):
    """Rows (name, unit, initial value) of all state variables."""
    for name, value in getattr(model, "default_initial_values", {}).items():
        yield f"`{name}`", unit(str(getattr(model, "units", {}).get(name, ""))), default(value)


def recordables(model):
    """Rows (name, unit) of all variables that can be recorded."""
    for name in getattr(model, "recordable", ()):
        yield f"`{name}`", unit(str(getattr(model, "units", {}).get(name, "")))


TABLES = (
    (("parameter", "unit", "default", "allowed"), parameters),
    (("state", "unit", "initial value"), states),
    (("recordable", "unit"), recordables),
)


class Declarations(SphinxDirective):
    """Tables of the parameters, states and recordables of a model of pyurbanczik."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        model, found = of_model(self.arguments[0]), []
        for heads, rows_of in TABLES:
            rows = list(rows_of(model))
            if rows:
                found.append(self._table(heads, rows))
        return found

    def _table(self, heads, rows):
        table = nodes.table(classes=["declarations"])
        group = nodes.tgroup(cols=len(heads))
        table += group
        group += [nodes.colspec(colwidth=1) for _ in heads]
        for container, lines in ((nodes.thead(), [heads]), (nodes.tbody(), rows)):
            for line in lines:
                row = nodes.row()
                for cell in line:
                    entry = nodes.entry()
                    inner = cell.strip("`")
                    entry += nodes.paragraph("", "", nodes.literal(text=inner) if cell != inner else nodes.Text(cell))
                    row += entry
                container += row
            group += container
        return table


def setup(app):
    app.add_directive("declarations", Declarations)
    return {"parallel_read_safe": True}
