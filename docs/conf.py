"""Sphinx: the pages of this folder and a gallery that runs the examples."""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
sys.path.insert(0, str(EXAMPLES))

project = "pyurbanczik"
author = "the pyurbanczik developers"
extensions = ["myst_parser", "sphinx_gallery.gen_gallery"]
exclude_patterns = ["_build", "gallery/**/*.md5", "gallery/**/*.ipynb", "gallery/**/*.py", "gallery/**/*.zip"]
suppress_warnings = ["config.cache"]  # functions in the configuration cannot be cached
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px"}


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
        return ["--output", str(Path(gallery_conf["src_dir"], "gallery", "results"))]


sphinx_gallery_conf = {
    "examples_dirs": [str(EXAMPLES)],
    "gallery_dirs": ["gallery"],
    "filename_pattern": r"/\w+_\d{4}_",
    "ignore_pattern": r"learning_figures\.py",
    "image_scrapers": (saved_figures,),
    "reset_argv": Arguments(),
    "reset_modules": (),
    "download_all_examples": False,
    "show_memory": False,
}
