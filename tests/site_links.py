"""What is wrong with the links of a built site: `python tests/site_links.py SITE`, where zensical.toml is."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Attributes that make a browser fetch something, by their elements; a `link` does unless it says what it is of.
_LOADED = {
    ("script", "src"),
    ("img", "src"),
    ("video", "src"),
    ("source", "src"),
    ("source", "srcset"),
    ("iframe", "src"),
    ("link", "href"),
}
#: The theme's own link past the menu, which its page of 404 has not got.
_SKIP = "__skip"
_NOT_LOADED = {"canonical", "prev", "next", "edit", "alternate"}


class _Page(HTMLParser):
    """The targets in one page: its anchors, where its links lead, and what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value is not None}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if values.get("rel") not in _NOT_LOADED:
            self.loaded += [value for name, value in values.items() if (tag, name) in _LOADED]
        if "mermaid" in values.get("class", "").split():
            self.loaded.append("//the theme draws it with a script from a CDN")


def site_url() -> str:
    """The address that the site is made for."""
    [found] = re.findall(r'^site_url = "(.*)"$', Path("zensical.toml").read_text("utf-8"), re.MULTILINE)
    return found


def problems(site: Path, root: str) -> list[str]:
    """Links that lead nowhere, anchors that are not there, and whatever a page loads from another host.

    Args:
        site: where it was built.
        root: the path under which it is served, with a slash at its end.
    """
    pages = {path.resolve(): _Page(path) for path in site.rglob("*.html")}
    found = []
    for path, page in pages.items():
        name = path.relative_to(site.resolve()).as_posix()
        found += [f"{name} loads {address}" for address in page.loaded if urlsplit(address).netloc]
        for address in [*page.links, *page.loaded]:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or parts.fragment == _SKIP:
                continue
            base = site if parts.path.startswith(root) else path.parent
            target = (base / unquote(parts.path).removeprefix(root)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                found.append(f"{name} leads to {address}, which is not there")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{name} leads to {address}, where there is no such anchor")
    return found


if __name__ == "__main__":
    wrong = problems(Path(sys.argv[1]), urlsplit(site_url()).path)
    print(*wrong, sep="\n")
    sys.exit(bool(wrong))
