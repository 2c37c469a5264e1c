"""A strict reader of the HTML of derivations: what is folded in it, and where its links lead."""

from __future__ import annotations

from html.parser import HTMLParser


class Reader(HTMLParser):
    """Reads a derivation; AssertionError if it holds a script or a link that leads nowhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str | None] = []
        self.links: set[str] = set()
        self.depth = 0
        self.feed(html)
        assert self.depth == 0
        assert len(self.ids) == len(set(self.ids))
        assert self.links <= {f"#{each}" for each in self.ids}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "iframe")
        found = dict(attrs)
        if tag == "details":
            self.depth += 1
            self.ids.append(found["id"])
        if "href" in found:
            self.links.add(str(found["href"]))

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "details"
