"""Screen: a row a company, with its AI share of revenue, its group and what the other sheets found."""

from __future__ import annotations

from typing import Any

from exports.commentary.labels import plain
from exports.workbook.writer.cells import MILLION, Column, Grid, Sheet, day, is_unknown, scaled
from exports.workbook.writer.context import FIRST, SCREEN, Book, definition
from valuation.metrics import METRICS

VALUE, SHARE, SIGNED, QUALITY = (
    "Value and power",
    "AI share of revenue and group",
    "Signed AI contracts",
    "Quality",
)
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("company", "Company", width=30),
    Column("group", "Group", width=8),
    Column("price", "Price (USD per share)", "price", 9, VALUE),
    Column("equity", "Equity value ($m)", "money", 10, VALUE),
    Column("ev", "Enterprise value ($m)", "money", 10, VALUE),
    Column("secured", "Secured (gross MW)", "mw", 9, VALUE),
    Column("per_secured", "EV / secured MW (m USD per MW)", "per_mw", 10.5, VALUE),
    Column("ai_run_rate", "AI revenue, run rate a year ($m)", "money", 10, SHARE),
    Column("mining", "Mining revenue, run rate a year ($m)", "money", 10, SHARE),
    Column("larger", "A: larger of contracted and run rate ($m)", "money", 11, SHARE),
    Column("forward", "A and mining revenue a year ($m)", "money", 10.5, SHARE),
    Column("contracted", "AI share, contracted (%)", "percent", 9.5, SHARE),
    Column("run_rate", "AI share, run rate (%)", "percent", 9, SHARE),
    Column("ttm", "AI share, 12 months (%)", "percent", 9, SHARE),
    Column("trailing", "AI share, quarter (%)", "percent", 9, SHARE),
    Column("metric", "Metric of the group rule (its unit)", "plain", 9.5, SHARE),
    Column("signed", "Contracts", "count", 8.5, SIGNED),
    Column("revenue", "Revenue a year ($m)", "money", 9.5, SIGNED),
    Column("backlog", "Backlog ($m)", "money", 10, SIGNED),
    Column("to_revenue", "EV / revenue (x)", "multiple", 9, SIGNED),
    Column("to_backlog", "EV / backlog (x)", "multiple", 9, SIGNED),
    Column("status", "Status of EV / secured MW", "small", 13, QUALITY),
    Column("why", "Left out of the statistics, or what the status rests on", "small", 44, QUALITY),
)
# Where the metric of a group rule is found on this sheet.
RULE_COLUMNS = {
    "ai_share_contracted": "contracted",
    "ai_share_run_rate": "run_rate",
    "ai_share_ttm": "ttm",
    "ai_share_trailing": "trailing",
    "signed_contracts": "signed",
}


def grids(book: Book) -> dict[str, Grid]:
    """Where the table stands."""
    return {"screen": Grid(SCREEN, COLUMNS, FIRST, book.n)}


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, grid = book.sheet(SCREEN), book.grids["screen"]
    rule = book.screen.rule
    book.top(sheet, SCREEN, f"Group rule in force: pivot = {rule.title}; the threshold on Assumptions is live.")
    sheet.header(grid, height=48)
    for i in range(book.n):
        _links(book, sheet, grid, i)
        _share(book, sheet, grid, i)
        _why(book, sheet, grid, i)
    sheet.page.autofilter(grid.first - 1, 0, grid.last, len(COLUMNS) - 1)
    last = sheet.lines(grid.last + 2, _notes())
    book.finish(sheet, freeze=(grid.first, 1), repeat=(0, grid.first - 1), last=(last, len(COLUMNS) - 1))


def _links(book: Book, sheet: Sheet, grid: Grid, i: int) -> None:
    row = grid.first + i
    sheet.text(row, 0, book.tickers[i], bold=True)
    sheet.text(row, 1, book.companies["name"][i], "name")
    for key, table, column, metric, unit in (
        ("price", "bridge", "price", "price_usd", 1.0),
        ("equity", "bridge", "equity", "equity_value_usd", MILLION),
        ("ev", "bridge", "ev", "enterprise_value_usd", MILLION),
        ("secured", "multiples", "secured", "secured_mw", 1.0),
        ("per_secured", "multiples", "per_secured", "ev_per_mw_secured", 1.0),
        ("signed", "totals", "ai", "signed_contracts", 1.0),
        ("revenue", "totals", "revenue", "contracted_revenue_usd", MILLION),
        ("backlog", "totals", "backlog", "backlog_usd", MILLION),
        ("to_revenue", "multiples", "to_revenue", "ev_to_contracted_revenue", 1.0),
        ("to_backlog", "multiples", "to_backlog", "ev_to_backlog", 1.0),
    ):
        value = scaled(book.table[metric][i], unit)
        formula = book.grids[table].link(column, i)
        sheet.formula(row, grid.index(key), formula, value, grid.kind(key), status=book.status[metric][i])


def _share(book: Book, sheet: Sheet, grid: Grid, i: int) -> None:
    row, at = grid.first + i, lambda key: grid.at(key, i)

    def put(key: str, formula: str, value: Any, metric: str = "") -> None:
        status = book.status[metric][i] if metric else "ok"
        sheet.formula(row, grid.index(key), formula, value, grid.kind(key), status=status)

    proxy = book.shares["mining_is_proxy"][i]
    for key, column, quarter, item in (
        ("ai_run_rate", "ai_run_rate_usd", "ai_quarter", "revenue_ai_hpc"),
        ("mining", "mining_run_rate_usd", "mining_quarter", "revenue_mining"),
    ):
        value = scaled(book.shares[column][i])
        end = book.shares[quarter][i]
        note = "" if is_unknown(value) else f"Quarter to {day(end)}, times 4; {item} on Data."
        is_proxy = key == "mining" and proxy
        note += " Mining unknown: total less the known other parts." if is_proxy and note else ""
        status = "proxy" if is_proxy else "ok"
        sheet.input(row, grid.index(key), value, "money", note=note, status=status)
    signed, earned, mining, larger = at("revenue"), at("ai_run_rate"), at("mining"), at("larger")
    put(
        "larger",
        f'IF(ISNUMBER({signed}),IF(ISNUMBER({earned}),MAX({signed},{earned}),IF({signed}>0,{signed},"n/a")),"n/a")',
        scaled(book.shares["ai_revenue_for_share_usd"][i]),
    )
    put(
        "forward",
        f'IF(COUNT({larger},{mining})=2,{larger}+{mining},"n/a")',
        scaled(book.table["forward_revenue_usd"][i]),
        "forward_revenue_usd",
    )
    put(
        "contracted",
        f'IF(ISNUMBER({larger}),IF({larger}=0,0,IF(ISNUMBER({mining}),{larger}/({larger}+{mining}),"n/a")),"n/a")',
        book.table["ai_share_contracted"][i],
        "ai_share_contracted",
    )
    put(
        "run_rate",
        f'IF(COUNT({earned},{mining})=2,IF({earned}+{mining}>0,{earned}/({earned}+{mining}),"n/a"),"n/a")',
        book.table["ai_share_run_rate"][i],
        "ai_share_run_rate",
    )
    for key in ("ttm", "trailing"):
        metric = f"ai_share_{key}"
        value, status = book.table[metric][i], book.status[metric][i]
        note = (
            ""
            if is_unknown(value)
            else f"Reported quarters to {day(book.shares['quarter'][i])}; revenue lines on Data."
        )
        sheet.input(row, grid.index(key), value, "percent", status=status, note=note)
    _group(book, sheet, grid, i)


def _group(book: Book, sheet: Sheet, grid: Grid, i: int) -> None:
    row, rule = grid.first + i, book.screen.rule
    value = book.table[rule.metric][i]
    kind = rule_kind(rule.metric)
    if rule.metric == "ai_contracted_it_mw":
        sheet.formula(row, grid.index("metric"), book.grids["totals"].link("mw", i), value, kind)
    elif rule.metric in RULE_COLUMNS:
        sheet.formula(row, grid.index("metric"), grid.at(RULE_COLUMNS[rule.metric], i), value, kind)
    else:
        sheet.input(row, grid.index("metric"), value, kind)
    metric = grid.at("metric", i)
    formula = f'IF(ISNUMBER({metric}),IF({metric}>={book.assumption("threshold")},"pivot","bitcoin"),"n/a")'
    sheet.formula(row, grid.index("group"), formula, book.table["group"][i])


def rule_kind(metric: str) -> str:
    """How the metric of a group rule, and its threshold, is shown."""
    fraction = metric in METRICS and METRICS[metric].unit == "fraction"
    return "percent" if fraction else "count"


def _why(book: Book, sheet: Sheet, grid: Grid, i: int) -> None:
    row = grid.first + i
    sheet.text(row, grid.index("status"), book.status["ev_per_mw_secured"][i].replace("_", " "), "small")
    parts = [f"left out: {book.table['excluded'][i]}"] if book.table["excluded"][i] else []
    parts += [plain(book.causes["ev_per_mw_secured"][i])] if book.causes["ev_per_mw_secured"][i] else []
    sheet.text(row, grid.index("why"), "; ".join(parts), "small_wrap")
    sheet.fit(row, ("; ".join(parts), COLUMNS[-1].width))


def _notes() -> list[str]:
    names = ("equity_value_usd", "secured_mw", "ev_per_mw_secured")
    shares = ("ai_share_contracted", "ai_share_run_rate", "ai_share_ttm", "ai_share_trailing")
    return [
        *(definition(name) for name in (*names, *shares)),
        "A group is n/a where the metric of the rule is unknown; such a company is in no statistic. "
        "Companies left out "
        "stay in the table with the reason.",
        "Every status with its cause, and every data problem: Quality. Every fact with its source: Data.",
    ]
