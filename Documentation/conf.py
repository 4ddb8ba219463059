# SPDX-License-Identifier: GPL-2.0
#
# How Sphinx makes the site of these pages ("make docs").

import re
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref

here = Path(__file__).parent
root = here.parent

project = "rustbond"
author = "the rustbond developers"
copyright = "the rustbond developers, GPL-2.0"  # noqa: A001, the name is Sphinx's
release = version = re.search(
    r'^#define RB_VERSION "(.*)"', (root / "rust/bindings/shim.h").read_text(), re.M
)[1]

# Those that others include are no pages.
exclude_patterns = ["*-numbers.rst"]
nitpicky = True
html_theme = "furo"
html_title = f"rustbond {version}"
html_copy_source = False
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_sphinx = False
pygments_style = "friendly"


def link_pages(app, doctree):
    """Resolves a link to another page's file, `text <page.rst>`_, which viewers of single files follow, too."""
    page = app.env.docname
    for node in list(doctree.findall(nodes.reference)):
        uri = node.get("refuri", "")
        if uri.endswith(".rst") and not re.match(r"[a-z]+:", uri):
            xref = pending_xref(
                "", refdomain="std", reftype="doc", reftarget=uri[: -len(".rst")],
                refdoc=page, refexplicit=True, refwarn=True,
            )
            xref.source, xref.line = node.source, node.line
            xref += nodes.inline("", node.astext(), classes=["xref", "std", "std-doc"])
            node.replace_self(xref)


def setup(app):
    app.connect("doctree-read", link_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
