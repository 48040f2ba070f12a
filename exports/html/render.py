"""Pages as one self-contained HTML file: semantic, every text escaped, nothing fetched, readable without script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from exports.commentary.wording import in_force
from exports.html.charts import figure
from exports.html.script import SCRIPT
from exports.html.style import STYLE
from exports.html.text import escape, host, inline, relative
from exports.tables.charts import ChartSpec
from exports.tables.formats import MARKS, NOT_MEANINGFUL, UNKNOWN
from exports.tables.machine import write_whole
from exports.tables.spec import Brief, Links, Page, Points, TableSpec, Terms, Text
from exports.tables.worded import worded

STATES = {mark: status for status, mark in MARKS.items()}
LAST_PRIORITY = 3  # columns that go before these fit no page
LEAST_SORTED = 4  # rows from which an order is worth choosing
DEEPEST = 4  # headings


@dataclass(frozen=True)
class Section:
    """A page in a document.

    Attributes
    ----------
    name : str
        Of its anchor: letters, figures, points and hyphens.
    short : str
        In the contents; the page's title where empty.
    level : int
        1 for the document's own page, 2 for a section, 3 for a part of the section before it.
    folded : bool
        Whether it is shown when its title is pressed; a link to it and paper show it too.
    """

    page: Page
    name: str = ""
    short: str = ""
    level: int = 2
    folded: bool = False


@dataclass(frozen=True)
class Trail:
    """Links from a page of a site to others, (text, address relative to the page), and the address of the feed."""

    links: Sequence[tuple[str, str]] = ()
    feed: str = ""


def write_html(pages: Sequence[Page | Section], path: Path) -> None:
    """Write `document` to `path`, whole or not at all."""
    write_whole(path, document(pages).encode())


def document(pages: Sequence[Page | Section], trail: Trail | None = None) -> str:
    """One HTML file: the first page's title is its heading, the others are sections with a list of contents."""
    sections = [
        one if isinstance(one, Section) else Section(one, f"section-{place + 1}", level=1 if place == 0 else 2)
        for place, one in enumerate(pages)
    ]
    sections = [replace(one, page=worded(one.page, in_force()), short=in_force().text(one.short)) for one in sections]
    sections = [one for one in sections if not in_force().lacks(one.short or one.page.title)]
    trail = trail or Trail()
    title = sections[0].page.title
    feed = f'<link rel="alternate" type="application/atom+xml" title="Weekly pages" href="{escape(trail.feed)}">\n'
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">\n'
        f"<title>{escape(title)}</title>\n{feed if trail.feed else ''}<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#main">Skip to the content</a>\n<header>{_trail(trail)}</header>\n{_contents(sections)}'
        '<main id="main">\n' + "\n".join(_sections(sections)) + "\n</main>\n"
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _policy() -> str:
    """Nothing is fetched, and no style or script runs but the page's own, whatever a text in it says."""
    style, script = (
        f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'" for part in (STYLE, SCRIPT)
    )
    return f"default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"


def _trail(trail: Trail) -> str:
    if not trail.links:
        return "<span></span>"
    items = " ".join(f'<a href="{escape(address)}">{escape(text)}</a>' for text, address in trail.links)
    return f'<nav aria-label="Site">{items}</nav>'


def _contents(sections: Sequence[Section]) -> str:
    """Links to the sections; those of their parts stand at the head of each."""
    links = _links(one for one in sections if one.level == 2)
    return f'<nav class="contents" aria-label="Contents">{links}</nav>\n' if links else ""


def _links(sections: Iterable[Section]) -> str:
    items = "".join(
        f'<li><a href="#{escape(one.name)}">{escape(one.short or one.page.title)}</a></li>' for one in sections
    )
    return f"<ul>{items}</ul>" if items else ""


def _sections(sections: Sequence[Section]) -> Iterator[str]:
    """Every section, one with parts under links to them."""
    for place, one in enumerate(sections):
        parts = takewhile(lambda part: part.level > 2, sections[place + 1 :])
        links = _links(parts) if one.level == 2 else ""
        yield _section(
            one, f'<nav class="contents" aria-label="{escape(one.page.title)}">{links}</nav>' if links else ""
        )


def _section(one: Section, links: str = "") -> str:
    page, level = one.page, one.level
    title = f"<h{level}>{inline(page.title)}</h{level}>"
    blocks = [links]
    below = min(level + 1, DEEPEST)
    for block in page.blocks:
        if isinstance(block, TableSpec):
            blocks.append(table(block, below))
        elif isinstance(block, Points):
            blocks += _points(block, below)
        elif isinstance(block, ChartSpec):
            blocks.append(figure(block))
        elif isinstance(block, Brief):
            blocks.append(_brief(block))
        elif isinstance(block, Links):
            blocks.append(_link_list(block, below))
        elif isinstance(block, Terms):
            blocks.append(_terms(block))
        else:
            blocks.append(_text(block, below))
    name = f' id="{escape(one.name)}"' if one.name else ""
    body = "\n".join(block for block in blocks if block)
    if one.folded:
        return f"<details{name}>\n<summary>{title}</summary>\n{body}\n</details>"
    return f"<section{name}>\n{title}\n{body}\n</section>"


def _text(block: Text, level: int) -> str:
    if block.style == "heading":
        return f"<h{level}>{inline(f'{block.lead} {block.text}'.strip(' :'))}</h{level}>"
    glue = " " if block.lead and block.text and block.text[0] not in ",.;:" else ""
    lead = f"<strong>{inline(block.lead)}</strong>{glue}" if block.lead else ""
    return f"<p{_class(block.style)}>{lead}{inline(block.text)}</p>"


def _brief(block: Brief) -> str:
    return '<div class="brief">\n' + "\n".join(f"<p>{inline(line)}</p>" for line in block.lines) + "\n</div>"


def _link_list(block: Links, level: int) -> str:
    """A heading and a list of links; an address that is neither of the web nor relative stays text."""
    items = []
    for text, address in block.rows:
        away = ' rel="noopener noreferrer"' if host(address) else ""
        known = away or relative(address)
        items.append(
            f'<li><a href="{escape(address)}"{away}>{inline(text)}</a></li>' if known else f"<li>{inline(text)}</li>"
        )
    if not items:
        return ""
    return f'<h{level}>{inline(block.title)}</h{level}>\n<ul class="links">{"".join(items)}</ul>'


def _terms(block: Terms) -> str:
    items = "".join(f"<dt>{inline(term)}</dt><dd>{inline(meaning)}</dd>" for term, meaning in block.rows)
    return f"<dl>{items}</dl>"


def _points(block: Points, level: int) -> list[str]:
    if not block.lines:
        return []
    items = "".join(f"<li>{inline(line)}</li>" for line in block.lines)
    return [f"<h{level}>{inline(block.title)}</h{level}>", f"<ul{_class(block.style)}>{items}</ul>"]


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def table(spec: TableSpec, level: int = 3) -> str:
    """A table with caption, units in its header, the scope of each header, and its notes below."""
    kept = [i for i, shown in enumerate(spec.columns) if shown.priority <= LAST_PRIORITY]
    columns, cells = [spec.columns[i] for i in kept], spec.cells()
    heads = "".join(
        f'<th scope="col"{_class("num" if c.right else "")}>{_head(c.key, c.title)}'
        + (f"<small>{escape(c.words)}</small>" if c.words and c.words not in c.title else "")
        + "</th>"
        for c in columns
    )
    rows = [
        f"<tr{_class(style)}>"
        + "".join(_cell(text, columns[i].right, i == 0, columns[i].unit) for i, text in enumerate(row))
        + "</tr>"
        for row, style in zip(zip(*(cells[i] for i in kept), strict=True), spec.row_styles(), strict=True)
    ]
    body, foot = (rows[:-1], rows[-1:]) if spec.footer is not None else (rows, [])
    notes = "".join(f'\n<p class="dim">{inline(text)}</p>' for text in spec.notes)
    if not rows:
        return (f"<h{level}>{inline(spec.title)}</h{level}>" if spec.title else "") + notes.lstrip("\n")
    # A table without a title is named for those who cannot see what stands about it.
    named = spec.title or " ".join(columns[0].title.split()) or spec.name.replace("_", " ").capitalize()
    caption = f"<caption>{inline(spec.title)}</caption>" if spec.title else (
        f'<caption><span class="quiet">{inline(named)}</span></caption>'
    )  # fmt: skip
    end = f"\n<tfoot>{foot[0]}</tfoot>" if foot else ""
    in_order = len(body) < LEAST_SORTED or "bold" in spec.row_styles()[: len(body)]
    return (
        f'<div class="scroll" role="group" aria-label="{escape(named)}" tabindex="0">'
        f"<table{'' if in_order else ' data-sort'}>{caption}\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
        + "\n".join(body)
        + f"\n</tbody>{end}</table></div>{notes}"
    )


def _head(key: str, title: str) -> str:
    """A column's title; of one without, what it holds for those who hear the table."""
    shown = " ".join(title.split())
    if shown:
        return escape(shown)
    name = "Company" if key == "ticker" else key.replace("_", " ").capitalize()
    return f'<span class="quiet">{escape(name)}</span>'


def _cell(text: str, right: bool, first: bool, unit: str = "") -> str:
    if first:
        return f'<th scope="row"{_class("num" if right else "date" if unit == "date" else "")}>{inline(text)}</th>'
    if unit == "url" and (at := host(text)):
        return f'<td class="text"><a href="{escape(text)}" rel="noopener noreferrer">{escape(at)}</a></td>'
    if right and text in (UNKNOWN, NOT_MEANINGFUL):
        return f'<td class="num unknown">{text}</td>'
    mark = next((m for m in sorted(STATES, key=len, reverse=True) if text.endswith(m)), "")
    title = f' title="{STATES[mark]}"' if right and mark and text.removesuffix(mark)[-1:].isdigit() else ""
    return f'<td class="{"num" if right else "date" if unit == "date" else "text"}"{title}>{inline(text)}</td>'
