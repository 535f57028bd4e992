"""Sphinx: the pages of this folder, tutorials and a gallery that are run, and the reference from docstrings."""

import importlib.util
import inspect
import os
import shutil
import sys
import warnings
from pathlib import Path

from sphinx_gallery.sorting import FileNameSortKey

import pyurbanczik

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
# Modules that the experiments share.
SHARED = [path.stem for path in EXAMPLES.glob("*.py") if "__main__" not in path.read_text(encoding="utf-8")]
# What compares with NEST is run where NEST is.
WITH_NEST = "|one_script_" if importlib.util.find_spec("nest") else ""
sys.path[:0] = [str(EXAMPLES), str(ROOT / "docs" / "_extensions")]

# Neo calls pynwb as it should not any more: nothing that a reader of the gallery can change.
warnings.filterwarnings("ignore", category=FutureWarning, module=r"neo\.io\.nwbio")

project = "pyurbanczik"
author = "the pyurbanczik developers"
copyright = "the pyurbanczik developers"
version = release = pyurbanczik.__version__
extensions = [
    "declarations",
    "drawn",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinx-mathjax-offline",  # formulas without the network
]
exclude_patterns = [
    "_build",
    "_extensions",
    "tutorials",
    *(f"{built}/**/*.{ending}" for built in ("learn", "gallery") for ending in ("md5", "ipynb", "py", "zip", "json")),
]
suppress_warnings = ["config.cache"]  # functions in the configuration cannot be cached
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
default_role = "code"

html_theme = "furo"
html_title = "pyurbanczik"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Warns", "params_style")]


def only_ours(app, what, name, obj, skip, options):
    """Leave out what is inherited from PyNN as it is: its own documentation has that."""
    target = getattr(obj, "fget", obj)
    home = str(getattr(target, "__module__", None) or "pyurbanczik")
    return skip or name == "check_present" or not home.startswith("pyurbanczik")


def signature_of_init(app, what, name, obj, options, signature, return_annotation):
    """What a class is called with, where a base class takes any arguments."""
    if what != "class" or signature != "(*args, **kwargs)":
        return None
    own = inspect.signature(obj.__init__)
    shown = [p.replace(annotation=p.empty) for p in list(own.parameters.values())[1:]]
    return str(own.replace(parameters=shown, return_annotation=own.empty)), return_annotation


def setup(app):
    app.connect("autodoc-skip-member", only_ours)
    app.connect("autodoc-process-signature", signature_of_init)


def saved_figures(block, block_vars, gallery_conf):
    """Show the figures that an example has saved in its output folder: examples do not open windows."""
    from sphinx_gallery.scrapers import figure_rst

    paths = []
    for source in sorted(Path(gallery_conf["src_dir"], "gallery", "results").glob("*.png")):
        target = next(block_vars["image_path_iterator"])
        shutil.move(source, target)
        paths.append(target)
    return figure_rst(paths, gallery_conf["src_dir"])


class Arguments:
    """The command line of each example. Sphinx compares configurations by what they print."""

    def __repr__(self):
        return "Arguments()"

    def __call__(self, gallery_conf, script_vars):
        # as seen from where it runs, so that no page shows whose machine built it
        return ["--output", os.path.relpath(Path(gallery_conf["src_dir"], "gallery", "results"), EXAMPLES)]


sphinx_gallery_conf = {
    "examples_dirs": ["tutorials", str(EXAMPLES)],
    "gallery_dirs": ["learn", "gallery"],
    "within_subsection_order": FileNameSortKey,
    "filename_pattern": rf"/(basics/|t\d_|\w+_\d{{4}}_|sequence_|network_{WITH_NEST})",
    "ignore_pattern": rf"(^|/)({'|'.join(SHARED)})\.py$",
    "image_scrapers": ("matplotlib", saved_figures),
    "reset_argv": Arguments(),
    "reset_modules": ("matplotlib",),
    "capture_repr": ("_repr_html_",),
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "min_reported_time": 10**6,
}
