"""The directive `drawn`: Python that is shown and run as the site is built, and the figure that it draws."""

import os
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective


class Drawn(SphinxDirective):
    """A block of code, and below it the one figure that it leaves open; the option `alt` says what that shows."""

    has_content = True
    option_spec = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        code = "\n".join(self.content)
        shown = nodes.literal_block(code, code, language="python")
        self.set_source_info(shown)
        number = self.env.new_serialno("drawn")
        path = Path(self.env.app.doctreedir, "drawn", f"{self.env.docname.replace('/', '-')}-{number}.svg")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._draw(code, path)
        # Images are named as seen from the folder of the sources.
        found = "/" + os.path.relpath(path, self.env.srcdir).replace(os.sep, "/")
        return [shown, nodes.image(uri=found, alt=self.options.get("alt", ""))]

    def _draw(self, code, path):
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt

        plt.close("all")
        source, line = self.get_source_info()
        try:
            # Errors show the line of the page.
            exec(compile("\n" * line + code, source, "exec"), {"__name__": "drawn"})
        except Exception as error:
            raise self.severe(f"the code of this figure fails: {type(error).__name__}: {error}") from error
        if len(plt.get_fignums()) != 1:
            raise self.severe(f"draws {len(plt.get_fignums())} figures, not one")
        plt.gcf().savefig(path, metadata={"Date": None})
        plt.close("all")


def setup(app):
    app.add_directive("drawn", Drawn)
    # Simulations keep a state of their process.
    return {"parallel_read_safe": False}
