"""Checks on Summary: formulas that show OK or CHECK, one flag for all, and counts of companies and statuses."""

from __future__ import annotations

from typing import Any

from exports.workbook.sheets.quality import shown_status
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import ScreenBook
from exports.workbook.writer.ranges import ANY_NUMBER, cell
from exports.workbook.writer.style import RED
from exports.workbook.writer.values import is_unknown
from valuation.gap.lead import GAP, LEADS_FROM

ROWS = 18
TOLERANCE = "1E-6"
GOOD, BAD = "OK", "CHECK"
AS_RUN, CHANGED = "as run", "changed"


def write(book: ScreenBook, sheet: Sheet, row: int, col: int, *, flag: tuple[int, int]) -> None:
    """One line per check, result first, then the counts; `flag` is the cell of the flag for all."""
    checks = of(book)
    for k, (title, formula, good) in enumerate(checks):
        _verdict(book, sheet, row + k, col, formula, good=good)
        sheet.text(row + k, col + 1, title)
    results = f"{cell(row, col)}:{cell(row + len(checks) - 1, col)}"
    _verdict(book, sheet, *flag, f'COUNTIF({results},"{BAD}")=0', good=all(good for _, _, good in checks))
    for k, (title, formula, value) in enumerate(_counts(book), start=len(checks)):
        if isinstance(value, str):
            sheet.formula(row + k, col, formula, value, style=book.styles.text("code"))
        else:
            sheet.formula(row + k, col, formula, value, "count", presentation=True)
        sheet.text(row + k, col + 1, title)


def _verdict(book: ScreenBook, sheet: Sheet, row: int, col: int, formula: str, *, good: bool) -> None:
    """OK, or CHECK in red."""
    style = book.styles.named("ok")
    sheet.formula(row, col, f'IF({formula},"{GOOD}","{BAD}")', GOOD if good else BAD, style=style)
    failing = {"type": "cell", "criteria": "==", "value": f'"{BAD}"', "format": book.styles.font_colour(RED)}
    sheet.page.conditional_format(row, col, row, col, failing)


def all_hold(book: ScreenBook) -> bool:
    """Whether every check held at run time."""
    return all(good for _, _, good in of(book))


def as_run_row(book: ScreenBook) -> int:
    """Rows from the first check to the line that says whether the inputs are as run, which is the last."""
    return len(of(book)) + len(_counts(book)) - 1


def of(book: ScreenBook) -> list[tuple[str, str, bool]]:
    """Title of each check, formula of its condition, and whether it held at run time."""
    screen, manifest = book.screen, book.screen.manifest
    bridge, instruments, multiples = book.ranges["bridge"], book.ranges["instruments"], book.ranges["multiples"]
    contracts, totals, members = book.ranges["contracts"], book.ranges["totals"], book.ranges["members"]
    table = book.ranges["screen"]
    same = "+".join(f"({table.link_span('ticker')}<>{g.link_span('ticker')})" for g in (bridge, multiples, totals))
    new = f"SUM({bridge.link_span('new')})-SUM({instruments.link_span('new')})"
    ai = f"{contracts.link_span('ai')},1"
    # Contracts of a consolidated subsidiary are in its parent's total as well.
    parents = book.companies["consolidated_by"]
    twice = "".join(f"-N({totals.link('mw', k)})" for k, parent in enumerate(parents) if parent in book.tickers)
    mw = f"SUM({totals.link_span('mw')}){twice}-SUMIFS({contracts.link_span('mw')},{ai})"
    revenue = "-".join(f"SUM({totals.link_span(key)})" for key in ("revenue", "lease", "cloud"))
    backlog = f"SUMIFS({contracts.link_span('backlog')},{ai})-SUMIFS({contracts.link_span('value')},{ai})"
    operating, secured = multiples.link_span("operating_mw"), multiples.link_span("secured_mw")
    above = f'SUMPRODUCT(({operating}<>"n/a")*({secured}<>"n/a")*({operating}>{secured}))'
    groups = [f"COUNT({members.link_span(f'{g}_secured')})" for g in ("pivot", "bitcoin")]
    age = screen.oldest_price_days
    age_text = "1E9" if age is None or manifest["fell_back"] else str(int(age))
    known = [
        (o, s)
        for o, s in zip(book.table["operating_mw"], book.table["secured_mw"], strict=True)
        if not (is_unknown(o) or is_unknown(s))
    ]
    tie = f"SUMSQ({bridge.link_span('tie')})=0"
    recent = f"{age_text}<={book.assumption('max_age_price_days')}"
    enough = f"MIN({','.join(groups)})>={LEADS_FROM}"
    return [
        ("Bridge ties: enterprise value is the sum of its lines", tie, True),
        ("Companies are in the same row on every sheet", f"SUMPRODUCT({same})=0", True),
        ("Shares: new shares of companies equal those of instruments", f"ABS({new})<{TOLERANCE}", True),
        ("MW: contracted MW of companies equal those of contracts", f"ABS({mw})<{TOLERANCE}", True),
        ("MW: operating MW do not exceed secured MW", f"{above}=0", all(o <= s for o, s in known)),
        ("Revenue: leases and GPU cloud sum to contracted revenue", f"ABS({revenue})<{TOLERANCE}", True),
        ("Backlog does not exceed the contracts' total value", f"{backlog}<{TOLERANCE}", True),
        ("Regression: residuals sum to zero", f"{_residuals(book)}<{TOLERANCE}", True),
        (
            f"Sample: each group has at least {LEADS_FROM} companies; else the line leads",
            enough,
            screen.gap.leads == GAP,
        ),
        ("Prices are current and from the requested source", recent, not screen.prices_are_old),
        (
            "Sample: no EV / secured MW rests on stale data",
            f"{_stale_in_sample(book)}=0",
            not screen.gap.basis.n_stale,
        ),
    ]


def _stale_in_sample(book: ScreenBook) -> str:
    """Formula of the companies in the headline whose EV per secured MW is stale."""
    statuses, members = book.ranges["statuses"].link_span("ev_per_mw_secured"), book.ranges["members"]
    inside = (members.link_span(f"{group}_secured") for group in ("pivot", "bitcoin"))
    return "+".join(f'COUNTIFS({statuses},"*stale*",{one},{ANY_NUMBER})' for one in inside)


def _residuals(book: ScreenBook) -> str:
    """Formula of the sum of residuals over the sample as it is now: a filled unknown may add a company to it."""
    sample, coefficients = book.ranges["sample"], book.ranges["coefficients"]
    intercept, slope = (coefficients.link("estimate", k) for k in (0, 1))
    ln, share = sample.link_span("ln"), sample.link_span("x")
    total = f"ABS(SUM({ln})-COUNT({ln})*{intercept}-SUM({share})*{slope})"
    return f"IF(COUNT({intercept},{slope})=2,{total},0)"


def _counts(book: ScreenBook) -> list[tuple[str, str, Any]]:
    statuses, table, gap = book.ranges["statuses"], book.ranges["screen"], book.ranges["gap"]
    gap_basis = book.screen.gap.basis
    shown = [shown_status(book, c.key, i) for c in statuses.columns[2:] for i in range(book.n)]
    matrix = f"'{statuses.sheet}'!{cell(statuses.first, 2)}:{cell(statuses.last, len(statuses.columns) - 1)}"
    counts: list[tuple[str, str, Any]] = [
        ("companies in the universe", f"COUNTA({table.link_span('ticker')})", float(book.n)),
        (
            "companies in the headline",
            f"{gap.link('n_pivot', 0)}+{gap.link('n_bitcoin', 0)}",
            float(book.screen.gap.headline[["n_pivot", "n_bitcoin"]].sum()),
        ),
    ]
    counts.append(("stale EV / secured MW in the sample", _stale_in_sample(book), float(gap_basis.n_stale)))
    for status, title in (
        ("stale", "stale figures"),
        ("proxy", "proxy figures"),
        ("missing", "missing figures"),
    ):
        counts.append((title, f'COUNTIF({matrix},"*{status}*")', float(sum(status in one for one in shown))))
    now, run = gap.link("ratio", 0), gap.link("run", 0)
    same = [f"IF(COUNT({now},{run})=2,ABS({now}-{run})<=1E-9*ABS({run}),COUNT({now},{run})=0)"]
    for key, (_, area, column) in book.run_totals.items():
        total, was = f"SUM({book.ranges[area].link_span(column)})", book.assumption(f"run_{key}")
        same.append(f"ABS({total}-{was})<=1E-9*ABS({was})")
    verdict = f'IF(AND({",".join(same)}),"{AS_RUN}","{CHANGED}")'
    counts.append(("inputs: as run, or changed since", verdict, AS_RUN))
    return counts
