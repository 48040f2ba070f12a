"""Gap and regression: group levels and the line live, intervals and robust errors as values of the run."""

from __future__ import annotations

import math
from typing import Any

from exports.workbook.formulas import MILLION, Column, Grid, Sheet, is_unknown, scaled
from exports.workbook.layout import FIRST, GAP, Book
from exports.workbook.regression import (
    COEFFICIENTS,
    CURVE,
    CURVE_STEPS,
    FIGURES,
    LINE,
    enters,
    method,
    write_coefficients,
    write_curve,
    write_line,
)
from exports.workbook.scatter import insert_scatter
from valuation.gap import STATISTICS, statistic_value
from valuation.groups import BITCOIN, PIVOT
from valuation.metrics import METRICS

GAPS = (
    Column("number", "No.", "count"),
    Column("metric", "Denominator (m USD per MW)"),
    Column("statistic", "Statistic"),
    Column("blank", ""),
    Column("pivot", "Pivot level, live", "per_mw"),
    Column("bitcoin", "Bitcoin level, live", "per_mw"),
    Column("ratio", "Gap: ratio, live (x)", "multiple"),
    Column("low", "Interval low, of the run (x)", "multiple"),
    Column("high", "Interval high, of the run (x)", "multiple"),
    Column("n_pivot", "n pivot, live", "count"),
    Column("n_bitcoin", "n bitcoin, live", "count"),
    Column("run", "Gap of the run (x)", "multiple"),
    Column("note", "Note"),
)
P, B = "Pivot: EV / MW", "Bitcoin: EV / MW"
MEMBERS = (
    Column("ticker", "Ticker", width=8),
    Column("company", "Company", width=27),
    Column("use", "Use (1 = yes)", "flag", 6.5),
    Column("group", "Group", width=8.5),
    Column("ev", "Enterprise value ($m)", "money", 10.5),
    Column("mw_secured", "Secured (MW)", "mw", 9.5, "Denominators"),
    Column("mw_operating", "Operating (MW)", "mw", 9.5, "Denominators"),
    Column("mw_weighted", "Weighted (MW)", "mw", 9.5, "Denominators"),
    Column("x_secured", "EV / secured MW", "per_mw", 9.5, "EV per MW (m USD per MW)"),
    Column("x_operating", "EV / operating MW", "per_mw", 9.5, "EV per MW (m USD per MW)"),
    Column("x_weighted", "EV / weighted MW", "per_mw", 9.5, "EV per MW (m USD per MW)"),
    Column("pivot_secured", "Secured", "per_mw", 9.5, P),
    Column("pivot_operating", "Operating", "per_mw", 9.5, P),
    Column("pivot_weighted", "Weighted", "per_mw", 9.5, P),
    Column("bitcoin_secured", "Secured", "per_mw", 9.5, B),
    Column("bitcoin_operating", "Operating", "per_mw", 9.5, B),
    Column("bitcoin_weighted", "Weighted", "per_mw", 9.5, B),
    Column("share", "AI share (%)", "percent", 9, "Regression"),
    Column("ln", "ln(EV / secured MW)", "coefficient", 10, "Regression"),
)
WORDS = {"median": "medians", "geometric_mean": "geometric means", "aggregate": "aggregates"}


def grids(book: Book) -> dict[str, Grid]:
    """Where the tables stand, from top to bottom."""
    line = book.screen.regression
    gaps = Grid(GAP, GAPS, FIRST, len(_per_mw(book)))
    coefficients = Grid(GAP, COEFFICIENTS, gaps.last + 5, 2)
    sample = Grid(GAP, LINE, coefficients.last + len(FIGURES) + 6, 0 if line is None else line.n)
    members = Grid(GAP, MEMBERS, max(sample.last + 6, coefficients.first + 26), book.n)
    curve = Grid(GAP, CURVE, members.last + 5, CURVE_STEPS + 1)
    return {"gap": gaps, "coefficients": coefficients, "line": sample, "members": members, "curve": curve}


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, gap = book.sheet(GAP), book.screen.gap
    book.top(sheet, GAP, f"Pivot = {gap.rule.title}. The first row is the headline, declared before looking.")
    for col, column in enumerate(MEMBERS):
        sheet.page.set_column(col, col, column.width)
    _gaps(book, sheet)
    write_coefficients(book, sheet)
    write_line(book, sheet)
    _members(book, sheet)
    write_curve(book, sheet)
    if book.screen.regression is not None:
        insert_scatter(book, sheet)
    sheet.page.set_h_pagebreaks([book.grids["members"].first - 3])
    last = sheet.lines(book.grids["curve"].last + 2, _notes(book))
    book.finish(sheet, freeze=(FIRST - 2, 1), repeat=(0, 3), last=(last, len(MEMBERS) - 1))


def _per_mw(book: Book) -> list[dict[str, Any]]:
    return [row for row in book.screen.gap.frame.to_dict("records") if row["metric"].startswith("ev_per_mw")]


def _gaps(book: Book, sheet: Sheet) -> None:
    grid, members = book.grids["gap"], book.grids["members"]
    sheet.words(grid.first - 2, 0, "How much more the market pays per megawatt: pivot over bitcoin", "section")
    sheet.header(grid, widths=False)
    for k, row in enumerate(_per_mw(book)):
        at, r = lambda key, k=k: grid.at(key, k), grid.first + k
        short, statistic = row["metric"].removeprefix("ev_per_mw_"), row["statistic"]
        sheet.given(r, 0, k + 1, "count", origin="same_sheet")
        sheet.text(r, 1, METRICS[row["metric"]].title, bold=k == 0)
        sheet.text(r, 2, f"{WORDS.get(statistic, statistic)}{' (headline)' if k == 0 else ''}", bold=k == 0)
        for group in (PIVOT, BITCOIN):
            sheet.live(
                r,
                grid.index(f"n_{group}"),
                f"COUNT({members.span(f'{group}_{short}')})",
                row[f"n_{group}"],
                "count",
            )
            level = _level(members, group, short, statistic)
            formula = f'IF({at(f"n_{group}")}=0,"n/a",{level})'
            sheet.live(r, grid.index(group), formula, group_level(book, row, group), "per_mw")
        both = f'IF(COUNT({at("pivot")},{at("bitcoin")})=2,{at("pivot")}/{at("bitcoin")},"n/a")'
        sheet.live(r, grid.index("ratio"), both, row["ratio"], "multiple", bold=True)
        for key, name in (("low", "low"), ("high", "high"), ("run", "ratio")):
            sheet.of_the_run(r, grid.index(key), row[name], "multiple")
        sheet.text(r, grid.index("note"), row["note"], "small")


def _level(members: Grid, group: str, short: str, statistic: str) -> str:
    values = members.span(f"{group}_{short}")
    if statistic == "median":
        return f"MEDIAN({values})"
    if statistic == "geometric_mean":
        return f"GEOMEAN({values})"
    # Helper cells of the other group hold "", which is not above zero.
    return f'SUMIFS({members.span("ev")},{values},">0")/SUMIFS({members.span(f"mw_{short}")},{values},">0")'


def group_level(book: Book, row: dict[str, Any], group: str) -> float:
    """A group's level, m USD per MW. The run gives none where the other group is empty; the sheet can."""
    if not is_unknown(row[f"{group}_value"]) or row[f"n_{group}"] == 0:
        return row[f"{group}_value"]
    table, metric = book.screen.table, row["metric"]
    mine = table[(table["group"] == group) & book.screen.gap.members[metric]]
    ev = mine["enterprise_value_usd"].to_numpy(dtype=float) / MILLION
    mw = mine[f"{metric.removeprefix('ev_per_mw_')}_mw"].to_numpy(dtype=float)
    return statistic_value(ev, mw, row["statistic"])


def _members(book: Book, sheet: Sheet) -> None:
    grid = book.grids["members"]
    sheet.words(
        grid.first - 3,
        0,
        "Who is in which statistic: helper columns are empty where a company is not",
        "section",
    )
    sheet.header(grid, widths=False)
    multiples, screen, bridge = book.grids["multiples"], book.grids["screen"], book.grids["bridge"]
    for i in range(book.n):
        row, at = grid.first + i, lambda key, i=i: grid.at(key, i)
        sheet.text(row, 0, book.tickers[i], bold=True)
        sheet.text(row, 1, book.companies["name"][i], "name")
        excluded = book.table["excluded"][i]
        sheet.given(row, 2, 0.0 if excluded else 1.0, "flag", note=excluded)
        sheet.live(row, 3, screen.link("group", i), book.table["group"][i])
        sheet.live(row, 4, bridge.link("ev", i), scaled(book.table["enterprise_value_usd"][i]), "money")
        for short in ("secured", "operating", "weighted"):
            sheet.live(
                row,
                grid.index(f"mw_{short}"),
                multiples.link(short, i),
                book.table[f"{short}_mw"][i],
                "mw",
                status=book.status[f"{short}_mw"][i],
            )
            metric = f"ev_per_mw_{short}"
            status = book.status[metric][i]
            sheet.live(
                row,
                grid.index(f"x_{short}"),
                multiples.link(f"per_{short}", i),
                book.table[metric][i],
                "per_mw",
                status=status,
            )
            inside = bool(book.screen.gap.members[metric].iloc[i])
            for group in (PIVOT, BITCOIN):
                test = f'AND({at("use")}=1,{at("group")}="{group}",ISNUMBER({at(f"x_{short}")}))'
                mine = inside and book.table["group"][i] == group
                value = book.table[metric][i] if mine else ""
                sheet.live(row, grid.index(f"{group}_{short}"), f'IF({test},{at(f"x_{short}")},"")', value, "per_mw")
        share = screen.link("contracted", i)
        line = book.screen.regression
        mine = enters(book, i)
        test = f"AND({at('use')}=1,COUNT({at('x_secured')},{share})=2)"
        x = book.table["ai_share_contracted"][i] if mine else ""
        ln = math.log(book.table["ev_per_mw_secured"][i]) if mine else ""
        if line is not None and mine:
            ln = float(line.sample.at[book.tickers[i], "ln_value"])
        sheet.live(row, grid.index("share"), f'IF({test},{share},"")', x, "percent")
        sheet.live(row, grid.index("ln"), f'IF({test},LN({at("x_secured")}),"")', ln, "coefficient")


def _notes(book: Book) -> list[str]:
    gap = book.screen.gap
    left = gap.left_out[gap.left_out["metric"] == gap.headline["metric"]]
    notes = [
        f"Intervals: {gap.method}; {gap.level:.0%}, B = {gap.draws:,}, seed {gap.seed}.",
        "Statistics: " + "; ".join(f"{WORDS[k]} = {title}" for k, title in STATISTICS.items()) + ".",
        "Contracted AI MW give no gap: a company that signed nothing has none to divide by.",
        f"Line: {method(book)} Association, not cause.",
        "Colours in the chart are the groups of the run. Use = 0 takes a company out of every statistic.",
    ]
    return notes + [f"Left out of the headline: {r.ticker}, {r.reason.replace('_', ' ')}." for r in left.itertuples()]
