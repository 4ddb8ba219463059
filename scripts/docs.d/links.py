#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
#
# Follows each link of the site's pages to a file of the site, and to the place in it that it names. What
# rustdoc has made is looked for, not read: it checks its own links.

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """Collects the places and the links of a page."""

    def __init__(self, path):
        super().__init__()
        self.places, self.links = set(), []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.places.update(attrs[key] for key in ("id", "name") if attrs.get(key))
        self.links += (attrs[key] for key in ("href", "src", "data") if attrs.get(key))


def main():
    crates = "--no-crates" not in sys.argv
    site = Path(sys.argv[-1]).resolve()
    rust = site / "rust"
    pages = {path: Page(path) for path in site.rglob("*.html") if rust not in path.parents}
    followed = broken = 0
    for path, page in sorted(pages.items()):
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not crates and rust in to.parents:
                continue
            followed += 1
            if not to.is_file():
                why = "there is no such file"
            elif to in pages and parts.fragment and unquote(parts.fragment) not in pages[to].places:
                why = "there is no such place in it"
            else:
                continue
            broken += 1
            print(f"{path.relative_to(site)}: {link}: {why}", file=sys.stderr)
    if not followed:
        print("there are no links", file=sys.stderr)
    sys.exit(1 if broken or not followed else 0)


main()
