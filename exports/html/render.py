"""Pages as one self-contained HTML file: semantic tables, every text escaped, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from exports.tables.formats import MARKS, NOT_MEANINGFUL, UNKNOWN
from exports.tables.machine import write_whole
from exports.tables.spec import Page, Points, TableSpec, Text

STATES = {mark: status for status, mark in MARKS.items()}
LAST_PRIORITY = 3  # columns that go before these fit no page
STYLE = """
:root{color-scheme:light dark;--ink:#1d2733;--soft:#5b6875;--line:#d7dde3;--head:#f3f5f8;--warn:#8a5a00;--bad:#a61b1b}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ec;--soft:#9aa7b3;--line:#38434e;--head:#1e262e;--warn:#e0b050;
--bad:#ff8080}}
body{font:15px/1.5 system-ui,"Segoe UI",Calibri,sans-serif;color:var(--ink);max-width:75rem;margin:2rem auto;
padding:0 1.25rem}
h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2.5rem 0 .5rem;border-top:2px solid var(--line);
padding-top:1rem}h3{font-size:1rem;margin:1.5rem 0 .25rem}
p{margin:.35rem 0;max-width:60rem}.dim{color:var(--soft);font-size:.9rem}.warn{color:var(--warn)}
.bad{color:var(--bad);font-weight:600}.bold{font-weight:600}.good{color:#2e7d32}
ul{margin:.25rem 0;padding-left:1.25rem;max-width:60rem}
.scroll{overflow-x:auto;margin:1rem 0 .35rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{padding:.25rem .6rem;text-align:left;vertical-align:top;white-space:nowrap}
td.text{white-space:normal;min-width:6rem}
thead th{vertical-align:bottom;border-bottom:1px solid var(--soft);background:var(--head);white-space:normal}
tbody tr,tfoot tr{border-bottom:1px solid var(--line)}tfoot{font-weight:600}
th small{font-weight:400;color:var(--soft);display:block}
.num{text-align:right}.unknown{color:var(--soft)}
@media print{body{max-width:none;margin:0}h2{break-before:page}tr{break-inside:avoid}}
"""


def write_html(pages: Sequence[Page], path: Path) -> None:
    """Write `document` to `path`, whole or not at all."""
    write_whole(path, document(pages).encode())


def document(pages: Sequence[Page]) -> str:
    """One HTML file: the first page's title is its heading, the others are sections."""
    parts = [_page(page, "h1" if place == 0 else "h2") for place, page in enumerate(pages)]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(pages[0].title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def _page(page: Page, heading: str) -> str:
    blocks = [f"<{heading}>{escape(page.title)}</{heading}>"]
    for block in page.blocks:
        if isinstance(block, TableSpec):
            blocks.append(table(block))
        elif isinstance(block, Points):
            blocks += _points(block)
        else:
            blocks.append(_text(block))
    return "<section>\n" + "\n".join(blocks) + "\n</section>"


def _text(block: Text) -> str:
    if block.style == "heading":
        return f"<h3>{escape(f'{block.lead} {block.text}'.strip())}</h3>"
    glue = " " if block.lead and block.text and block.text[0] not in ",.;:" else ""
    lead = f"<strong>{escape(block.lead)}</strong>{glue}" if block.lead else ""
    return f"<p{_class(block.style)}>{lead}{escape(block.text)}</p>"


def _points(block: Points) -> list[str]:
    if not block.lines:
        return []
    items = "".join(f"<li>{escape(line)}</li>" for line in block.lines)
    return [f"<h3>{escape(block.title)}</h3>", f"<ul{_class(block.style)}>{items}</ul>"]


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def table(spec: TableSpec) -> str:
    """A table with caption, units in its header, the scope of each header, and its notes below."""
    kept = [i for i, shown in enumerate(spec.columns) if shown.priority <= LAST_PRIORITY]
    columns, cells = [spec.columns[i] for i in kept], spec.cells()
    heads = "".join(
        f'<th scope="col"{_class("num" if c.right else "")}>{escape(" ".join(c.title.split()))}'
        + (f"<small>{escape(c.words)}</small>" if c.words and c.words not in c.title else "")
        + "</th>"
        for c in columns
    )
    rows = [
        f"<tr{_class(style)}>" + "".join(_cell(text, columns[i].right, i == 0) for i, text in enumerate(row)) + "</tr>"
        for row, style in zip(zip(*(cells[i] for i in kept), strict=True), spec.row_styles(), strict=True)
    ]
    body, foot = (rows[:-1], rows[-1:]) if spec.footer is not None else (rows, [])
    caption = f"<caption>{escape(spec.title)}</caption>" if spec.title else ""
    notes = "".join(f'\n<p class="dim">{escape(text)}</p>' for text in spec.notes)
    if not rows:
        return caption.replace("caption>", "h3>") + notes.lstrip("\n")
    end = f"\n<tfoot>{foot[0]}</tfoot>" if foot else ""
    return (
        f'<div class="scroll"><table>{caption}\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
        + "\n".join(body)
        + f"\n</tbody>{end}</table></div>{notes}"
    )


def _cell(text: str, right: bool, first: bool) -> str:
    if first:
        return f'<th scope="row"{_class("num" if right else "")}>{escape(text)}</th>'
    if right and text in (UNKNOWN, NOT_MEANINGFUL):
        return f'<td class="num unknown">{text}</td>'
    mark = next((m for m in sorted(STATES, key=len, reverse=True) if text.endswith(m)), "")
    title = f' title="{STATES[mark]}"' if right and mark and text.removesuffix(mark)[-1:].isdigit() else ""
    return f'<td class="{"num" if right else "text"}"{title}>{escape(text)}</td>'
