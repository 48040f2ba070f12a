"""What an HTML document has to hold, whatever it tells: strict syntax, one language, headings in order, named things."""

from __future__ import annotations

import itertools

import html5lib
import lxml.html


def read(text: str) -> lxml.html.HtmlElement:
    """The document, after a parser of the standard found no error in it."""
    html5lib.HTMLParser(strict=True).parse(text)
    return lxml.html.document_fromstring(text)


def faults(text: str) -> list[str]:
    """What a reader with a screen reader, or a link, would trip over."""
    root = read(text)
    found = []
    if root.get("lang") != "en":
        found.append("no language")
    if not (root.findtext(".//title") or "").strip():
        found.append("no title")
    ids = [one.get("id") for one in root.iter() if isinstance(one.tag, str) and one.get("id")]
    found += [f"id twice: {name}" for name in set(ids) if ids.count(name) > 1]
    targets = [a.get("href") for a in root.iter("a")]
    found += [f"leads nowhere: {href}" for href in targets if href.startswith("#") and href[1:] not in ids]
    levels = [int(one.tag[1]) for one in root.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels[:1] != [1] or levels.count(1) != 1:
        found.append(f"headings begin {levels[:3]}")
    found += [f"heading {b} after {a}" for a, b in itertools.pairwise(levels) if b > a + 1]
    for table in root.iter("table"):
        if not "".join(table.find("caption").itertext()).strip():
            found.append("a table without a name")
        found += ["a header without scope" for th in table.iter("th") if th.get("scope") not in ("row", "col")]
        found += ["a header without text" for th in table.find("thead").iter("th") if not th.text_content().strip()]
        widths = {len(row) for row in table.iter("tr")}
        if len(widths) != 1:
            found.append(f"rows of {widths} cells")
    for drawing in root.iter("svg"):
        if not (drawing.get("aria-label") or drawing.get("aria-hidden") == "true"):
            found.append("a drawing without words")
    found += [f"{one.tag} fetches" for one in root.iter("img", "iframe", "object", "embed", "base", "form")]
    found += [
        "a script or sheet from outside"
        for one in root.iter("script", "link")
        if one.get("src") or one.get("rel") == "stylesheet"
    ]
    return found
