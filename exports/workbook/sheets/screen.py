"""Screen: companies with value, power, AI share of revenue, group, signed contracts and data quality."""

from __future__ import annotations

from typing import Any

from exports.commentary.labels import plain
from exports.workbook.writer.cells import Record
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import FIRST, SCREEN, ScreenBook, column, definition
from exports.workbook.writer.input_register import OF_QUARTERS
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.values import day, is_unknown, scaled
from valuation.fundamentals.reviews import REVIEWED_ON
from valuation.metrics import METRICS

VALUE, SHARE, SIGNED = "Value and power", "AI share of revenue and group", "Signed AI contracts"
QUALITY, FURTHER = "Quality", "Further metrics, fixed at run"
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("company", "Company", width=30),
    Column("group", "Group", width=8),
    column("price", "price_usd", 9, VALUE),
    column("equity", "equity_value_usd", 10, VALUE),
    column("ev", "enterprise_value_usd", 10, VALUE),
    column("secured", "secured_mw", 9, VALUE),
    column("per_secured", "ev_per_mw_secured", 10.5, VALUE),
    column("leased_share", "leased_share", 9.5, VALUE),
    column("ntm_revenue", "ntm_revenue_usd", 10, VALUE),
    column("to_ntm_revenue", "ev_to_ntm_revenue", 9, VALUE),
    Column("ai_run_rate", "AI revenue, annual run rate ($m)", "money", 10, SHARE),
    Column("mining", "Mining revenue, annual run rate ($m)", "money", 10, SHARE),
    Column("reviewed", "Contracts reviewed on", "date", 10, SHARE),
    Column("larger", "A: larger of contracted and run rate ($m)", "money", 11, SHARE),
    column("contracted", "ai_share_contracted", 9.5, SHARE),
    column("run_rate", "ai_share_run_rate", 9, SHARE),
    column("ttm", "ai_share_ttm", 9, SHARE),
    column("trailing", "ai_share_trailing", 9, SHARE),
    Column("metric", "Metric of the group rule (own unit)", "plain", 9.5, SHARE),
    Column("signed", "Contracts", "count", 8.5, SIGNED),
    Column("revenue", "Annual revenue ($m)", "money", 9.5, SIGNED),
    column("backlog", "backlog_usd", 10, SIGNED),
    column("to_revenue", "ev_to_contracted_revenue", 9.5, SIGNED),
    column("to_backlog", "ev_to_backlog", 9, SIGNED),
    Column("status", "Status of EV / secured MW", "small", 13, QUALITY),
    Column("why", "Reason for exclusion, or cause of the status", "small", 44, QUALITY),
)
STAND_INS = {
    "mining_is_proxy": " Mining revenue unknown: total less the known other parts.",
    "mining_is_mix": " Mining revenue of that quarter unknown: the last reported mix on its total.",
}
# Columns that link to other sheets: table, column, metric.
LINKS = {
    "price": ("bridge", "price", "price_usd"),
    "equity": ("bridge", "equity", "equity_value_usd"),
    "ev": ("bridge", "ev", "enterprise_value_usd"),
    "secured": ("multiples", "secured_mw", "secured_mw"),
    "per_secured": ("multiples", "ev_per_mw_secured", "ev_per_mw_secured"),
    "ntm_revenue": ("multiples", "ntm_revenue_usd", "ntm_revenue_usd"),
    "to_ntm_revenue": ("multiples", "ev_to_ntm_revenue", "ev_to_ntm_revenue"),
    "signed": ("totals", "ai", "signed_contracts"),
    "revenue": ("totals", "revenue", "contracted_revenue_usd"),
    "backlog": ("totals", "backlog", "backlog_usd"),
    "to_revenue": ("multiples", "ev_to_contracted_revenue", "ev_to_contracted_revenue"),
    "to_backlog": ("multiples", "ev_to_backlog", "ev_to_backlog"),
}
# Column of this sheet that holds the metric of a group rule.
RULE_COLUMNS = {
    "ai_share_contracted": "contracted",
    "ai_share_run_rate": "run_rate",
    "ai_share_ttm": "ttm",
    "ai_share_trailing": "trailing",
    "signed_contracts": "signed",
}


def further(book: ScreenBook) -> list[str]:
    """Metrics of the registry that compute themselves and have no formula on any sheet."""
    return [name for name, metric in METRICS.items() if metric.compute is not None and name in book.table]


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Where the table stands."""
    more = [column(name, name, 10, FURTHER) for name in book.once(further)]
    return {"screen": TableRange(SCREEN, (*COLUMNS[:-2], *more, *COLUMNS[-2:]), FIRST, book.n)}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area = book.sheet(SCREEN), book.ranges["screen"]
    rule = book.screen.rule
    book.heading(
        sheet,
        SCREEN,
        f"AI group (pivot) = {rule.title}; the others are the mining group (bitcoin). The threshold is on Assumptions."
        if not rule.members
        else f"AI group (pivot) = {rule.title}; the mining group (bitcoin) is listed in universe.toml too.",
    )
    sheet.header(area, height=48)
    for i in range(book.n):
        record = sheet.record(area, i)
        record.company(book.tickers[i], book.companies["name"][i])
        for key, (table, column_key, metric) in LINKS.items():
            link = book.ranges[table].link(column_key, i)
            record.formula(key, link, book.metric(metric, i), status=book.status[metric][i])
        _leased(book, record, i)
        _share(book, record, i)
        _group(book, record, i)
        for name in book.once(further):
            record.static(name, book.metric(name, i), status=book.status[name][i])
        _why(book, record, i)
    sheet.filter(area)
    last = sheet.notes(area.last + 2, _notes())
    book.finish(sheet, freeze=(area.first, 1), repeat=(0, area.first - 1), last=(last, len(area.columns) - 1))


def _leased(book: ScreenBook, record: Record, i: int) -> None:
    """Leased share of secured MW; unknown where nobody looked for leases."""
    leased, secured = book.ranges["totals"].link("leased", i), record.at("secured")
    share = f'IF(AND(COUNT({leased},{secured})=2,N({secured})>0),{leased}/{secured},"n/a")'
    value = book.table["leased_share"][i]
    record.formula("leased_share", share, value, status=book.status["leased_share"][i])


def _share(book: ScreenBook, record: Record, i: int) -> None:
    at, shares = record.at, book.shares

    def put(key: str, formula: str, value: Any, metric: str = "") -> None:
        record.formula(key, formula, value, status=book.status[metric][i] if metric else "ok")

    for key, column_key, quarter, item in (
        ("ai_run_rate", "ai_run_rate_usd", "ai_quarter", "revenue_ai_hpc"),
        ("mining", "mining_run_rate_usd", "mining_quarter", "revenue_mining"),
    ):
        value = scaled(shares[column_key][i])
        note = "" if is_unknown(value) else f"Quarter to {day(shares[quarter][i])}, times 4; {item} on Data."
        stand_ins = [words for name, words in STAND_INS.items() if key == "mining" and shares[name][i]]
        note += "".join(stand_ins) if note else ""
        record.input(key, value, note=note, status="proxy" if stand_ins else "ok", means=OF_QUARTERS)
    record.input("reviewed", book.companies.get(REVIEWED_ON, [None] * book.n)[i])
    signed, earned, mining, larger = at("revenue"), at("ai_run_rate"), at("mining"), at("larger")
    looked = f"{book.assumption('as_of')}<=N({at('reviewed')})+{book.assumption('review_covers_days')}"
    either = f'IF(ISNUMBER({earned}),MAX({signed},{earned}),IF(OR({signed}>0,{looked}),{signed},"n/a"))'
    # Nobody looked for contracts, or none has an announced value: A rests on the revenue earned alone.
    alone = f'IF(OR(AND({at("signed")}="n/a",ISNUMBER({earned})),N({earned})>0),{earned},"n/a")'
    put("larger", f"IF(ISNUMBER({signed}),{either},{alone})", scaled(shares["ai_revenue_for_share_usd"][i]))
    share = f'IF(ISNUMBER({mining}),{larger}/({larger}+{mining}),"n/a")'
    contracted = f'IF(ISNUMBER({larger}),IF({larger}=0,0,{share}),"n/a")'
    put("contracted", contracted, book.table["ai_share_contracted"][i], "ai_share_contracted")
    share = f'IF({earned}+{mining}>0,{earned}/({earned}+{mining}),"n/a")'
    run_rate = f'IF(COUNT({earned},{mining})=2,{share},"n/a")'
    put("run_rate", run_rate, book.table["ai_share_run_rate"][i], "ai_share_run_rate")
    reported = f"Reported quarters to {day(shares['quarter'][i])}; revenue lines on Data."
    for key in ("ttm", "trailing"):
        value, status = book.table[f"ai_share_{key}"][i], book.status[f"ai_share_{key}"][i]
        record.input(key, value, status=status, note="" if is_unknown(value) else reported, means=OF_QUARTERS)


def _group(book: ScreenBook, record: Record, i: int) -> None:
    rule, at = book.screen.rule, record.at
    if rule.members:
        record.text("group", book.table["group"][i] or "n/a")
        return
    value, kind = book.metric(rule.metric, i), rule_kind(rule.metric)
    links = {"ai_contracted_it_mw": book.ranges["totals"].link("mw", i)}
    links |= {metric: at(key) for metric, key in RULE_COLUMNS.items()}
    if rule.metric in links:
        record.formula("metric", links[rule.metric], value, kind=kind)
    else:
        record.sheet.input(record.row, record.area.index("metric"), value, kind)
    compared = f'IF({at("metric")}>={book.assumption("threshold")},"pivot","bitcoin")'
    record.formula("group", f'IF(ISNUMBER({at("metric")}),{compared},"n/a")', book.table["group"][i])


def rule_kind(metric: str) -> str:
    """Number format of a group rule's metric and threshold."""
    return "percent" if metric in METRICS and METRICS[metric].unit == "fraction" else "count"


def _why(book: ScreenBook, record: Record, i: int) -> None:
    excluded = book.table["excluded"][i]
    record.text("status", book.status["ev_per_mw_secured"][i].replace("_", " "), "small")
    parts = [f"excluded: {excluded}" if excluded else "", plain(book.causes["ev_per_mw_secured"][i])]
    record.text("why", "; ".join(filter(None, parts)), "small_wrap", fit=True)


def _notes() -> list[str]:
    names = ("equity_value_usd", "secured_mw", "ev_per_mw_secured")
    shares = ("ai_share_contracted", "ai_share_run_rate", "ai_share_ttm", "ai_share_trailing")
    return [
        *(definition(name) for name in (*names, *shares)),
        "A: the larger of contracted AI revenue a year and the run rate already earned. Where no AI revenue was ever "
        "reported it is 0 only while a review of the company's contracts holds (Assumptions).",
        "A group is n/a where the metric of the rule is unknown; such a company is in no statistic. Excluded companies stay "
        "in the table with the reason.",
        f"Statuses with causes, and data checks: Quality. Facts with sources: Data. Group rules: {section(7)}.",
    ]
