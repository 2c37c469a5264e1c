"""Settings of Sphinx: `sphinx-build -W -n -b html docs docs/build`, which needs no network."""

import sys
from pathlib import Path
from typing import Any

from slownet import __version__

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "slownet"
release = version = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "mathml",
    "formulas",
    "command_line",
    "gallery",
]
exclude_patterns = ["build"]
nitpicky = True
default_role = "code"
html_math_renderer = "mathml"

myst_enable_extensions = ["attrs_inline", "colon_fence", "dollarmath"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "inherited-members": "Exception, dict, tuple"}
autodoc_typehints = "none"  # the docstrings have the types, in words
autodoc_member_order = "groupwise"
numpydoc_show_class_members = False
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "pydata_sphinx_theme"
html_title = "slownet"
html_static_path = ["static"]
html_css_files = ["slownet.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "header_links_before_dropdown": 8,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {
    "index": [],
    "examples": [],
    "gallery": [],
    "arithmetic": [],
    "speed": [],
    "formats": [],
    "design": [],
    "**": ["sidebar-nav-bs"],
}


def escape_bars(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Let |x| in a docstring be a size, and no substitution."""
    lines[:] = [line if "`" in line or ">>>" in line else line.replace("|", "\\|") for line in lines]


def skip_foreign(app: Any, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool | None:
    """Leave out what scikit-learn adds to its estimators."""
    module = getattr(thing, "__module__", None) or "slownet"
    return None if module.startswith("slownet") else True


def setup(app: Any) -> None:
    """Connect the two functions."""
    app.connect("autodoc-process-docstring", escape_bars)
    app.connect("autodoc-skip-member", skip_foreign)
