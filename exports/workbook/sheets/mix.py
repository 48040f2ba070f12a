"""Revenue mix of the miners by quarter, as formulas over company reports, and the crossover from mining to AI."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.charts import PIXELS_A_ROW, axis, cells, insert
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import FIRST, MIX, ScreenBook
from exports.workbook.writer.input_register import OF_QUARTERS
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import BAND_COLOUR, BITCOIN_COLOUR, LINE_COLOUR, MUTED, NAVY, PIVOT_COLOUR
from exports.workbook.writer.texts import commentary, paragraphs, wrapped
from exports.workbook.writer.values import MILLION, NOT_REPORTED, UNKNOWN, is_unknown, scaled
from valuation.revenue_mix.crossover import CLAIM_QUARTER
from valuation.revenue_mix.mix import LEAST_COMPANIES

PARTS = {
    "mining_usd": ("Mining", BITCOIN_COLOUR),
    "ai_recurring_usd": ("AI and HPC, recurring", PIVOT_COLOUR),
    "ai_hpc_one_off_usd": ("AI and HPC, one-off", BAND_COLOUR),
    "hosting_usd": ("Hosting", "#8FA3BF"),
    "other_usd": ("Other", MUTED),
}
ONE_OFF = "ai_hpc_one_off_usd"
DRAWN = {"bitcoin": "bitcoin", "lowest": "lower bound", "highest": "upper bound", "ai": "AI"}
REVENUE, SHARES, CHARTED = (
    "Revenue of the companies with a known total ($m)",
    "Shares of recurring revenue",
    "For the chart: blank where unknown",
)
QUARTERS = (
    Column("quarter", "Quarter", width=10),
    Column("label", "Quarter and n", width=30),
    Column("n", "Companies with a total", "count", 10.5, REVENUE),
    *(Column(key, f"{title} ($m)", "money", 10.5, REVENUE) for key, (title, _) in PARTS.items()),
    Column("unsplit", "Not split by the company ($m)", "money", 10.5, REVENUE),
    Column("total", "Total ($m)", "money", 10.5, REVENUE),
    Column("n_bitcoin", "n with mining and total", "count", 10.5, SHARES),
    Column("bitcoin", "Bitcoin share (%)", "percent", 10.5, SHARES),
    Column("lowest", "Lower bound, all companies (%)", "percent", 10.5, SHARES),
    Column("highest", "Upper bound, all companies (%)", "percent", 10.5, SHARES),
    Column("n_ai", "n with AI and total", "count", 10.5, SHARES),
    Column("ai", "AI share, recurring (%)", "percent", 10.5, SHARES),
    Column("n_same", "n also known a year before, fixed at run", "count", 11, SHARES),
    Column("same_before", "Their bitcoin share a year before, fixed at run (%)", "percent", 11, SHARES),
    Column("same_now", "Their bitcoin share now, fixed at run (%)", "percent", 11, SHARES),
    *(Column(f"drawn_{key}", f"Chart: {title} (%)", "percent", 10, CHARTED) for key, title in DRAWN.items()),
)
REPORTS = (
    Column("ticker", "Ticker"),
    Column("company", "Company"),
    Column("quarter", "Quarter"),
    *(Column(key, f"{title} ($m)", "money") for key, (title, _) in PARTS.items()),
    Column("total", "Total ($m)", "money"),
    Column("most", "Mining, upper bound, fixed at run ($m)", "money"),
    Column("period", "Quarter reported to", "date"),
)
CROSSINGS = (
    Column("ticker", "Ticker"),
    Column("company", "Company"),
    Column("quarter", "Latest quarter"),
    Column("ai", "AI revenue in it ($m)", "money"),
    Column("mining", "Mining at today's hashprice ($m)", "money"),
    Column("proxy", "Mining reported"),
    Column("actual", "AI exceeded mining in"),
    Column("projected", "Projected"),
    Column("early", "Early"),
    Column("late", "Late"),
    Column("signed", "AI contracts signed", "count"),
    Column("undated", "of them without start or value", "count"),
    Column("note", "Note", "small"),
)
CHART_ROWS = 18


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the tables, from top to bottom."""
    mix = book.studies.mix
    quarters = TableRange(MIX, QUARTERS, _charts_at(book) + CHART_ROWS + 4, len(mix.sector))
    crossings = TableRange(MIX, CROSSINGS, quarters.last + 5, len(mix.crossover))
    return {
        "quarters": quarters,
        "crossings": crossings,
        "reports": TableRange(MIX, REPORTS, crossings.last + 5, len(book.once(_known))),
    }


def _charts_at(book: ScreenBook) -> int:
    return FIRST + len(wrapped(book.once(_commentary)))


def _known(book: ScreenBook) -> pd.DataFrame:
    """Company reports with any figure, by company in the order of the screen and by quarter."""
    mixed = book.studies.mix.mixed
    mixed = mixed[mixed[[*PARTS, "total_usd"]].notna().any(axis=1)]
    ordered = mixed.assign(_row=mixed["ticker"].map(book.row_of)).sort_values(["_row", "period_end"], kind="stable")
    return ordered.drop(columns="_row").reset_index(drop=True)


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, quarters = book.sheet(MIX), book.ranges["quarters"]
    book.heading(sheet, MIX, "Miners of the universe, by calendar quarter, as known on the as-of date.")
    after = sheet.notes(FIRST - 2, book.once(_commentary), head="Findings and limitations, fixed at run time")
    if quarters.count:
        _stack(book, sheet, (after + 1, 0))
        _shares(book, sheet, (after + 1, 8))
    _quarters(book, sheet)
    sheet.page.set_h_pagebreaks([book.ranges["crossings"].first - 3])
    _crossings(book, sheet)
    _reports(book, sheet)
    last = sheet.notes(book.ranges["reports"].last + 2, _notes(book))
    book.finish(sheet, freeze=(FIRST - 2, 1), repeat=(0, 3), last=(last, len(QUARTERS) - 1))


def _quarters(book: ScreenBook, sheet: Sheet) -> None:
    area, reports, sector = book.ranges["quarters"], book.ranges["reports"], book.studies.mix.sector
    sheet.label(area.first - 3, 0, "By quarter", "section")
    sheet.header(area, height=58)
    known = book.once(_known)
    sums = known[known["total_usd"].notna()].groupby("quarter")[[*PARTS, "total_usd"]].agg(lambda v: float(v.sum()))
    found = sums.to_dict("index")
    for k, row in enumerate(sector.reset_index(names="quarter").to_dict("records")):
        record, quarter = sheet.record(area, k), row["quarter"]
        at, put, mine = record.at, record.formula, found.get(quarter, {})
        here = f'{reports.span("quarter")},{at("quarter")},{reports.span("total")},">=0"'
        record.text("quarter", str(quarter), bold=True)
        record.text("label", f"{quarter}, n = {int(row['n_total'])}")
        put("n", f"COUNTIFS({here})", float(row["n_total"]))
        for part in PARTS:
            put(part, f"SUMIFS({reports.span(part)},{here})", mine.get(part, 0.0) / MILLION)
        total = mine.get("total_usd", 0.0) / MILLION
        put("total", f"SUMIFS({reports.span('total')},{here})", total)
        parts = f"SUM({at(next(iter(PARTS)))}:{at(list(PARTS)[-1])})"
        split = sum(mine.get(part, 0.0) / MILLION for part in PARTS)
        put("unsplit", f"MAX(0,{at('total')}-{parts})", max(0.0, total - split))
        for share, part, n in (("bitcoin", "mining_usd", "n_bitcoin"), ("ai", "ai_recurring_usd", "n_ai")):
            both = f'{here},{reports.span(part)},">=0"'
            put(n, f"COUNTIFS({both})", float(row[n]))
            # Shares are of recurring revenue: one-offs leave the total.
            recurring = f"(SUMIFS({reports.span('total')},{both})-SUMIFS({reports.span(ONE_OFF)},{both}))"
            ratio = f"SUMIFS({reports.span(part)},{both})/{recurring}"
            put(share, f'IF({at(n)}<{LEAST_COMPANIES},"n/a",{ratio})', row[f"{share}_share"])
        enough = f'IF({at("n_bitcoin")}<{LEAST_COMPANIES},"n/a",'
        recurring = f"({at('total')}-{at(ONE_OFF)})"
        put("lowest", f"{enough}{at('mining_usd')}/{recurring})", row["lowest"])
        put("highest", f"{enough}SUMIFS({reports.span('most')},{here})/{recurring})", row["highest"])
        record.static("n_same", float(row["n_same"]))
        for key in ("same_before", "same_now"):
            record.static(key, row[key])
        # A chart reads the text n/a as zero.
        for key, name in zip(DRAWN, ("bitcoin_share", "lowest", "highest", "ai_share"), strict=True):
            if not is_unknown(row[name]):
                put(f"drawn_{key}", at(key), row[name])


def _stack(book: ScreenBook, sheet: Sheet, at: tuple[int, int]) -> None:
    area = book.ranges["quarters"]
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    shown = PARTS | {"unsplit": ("Not split by the company", "#E3E3E3")}
    for key, (title, colour) in shown.items():
        chart.add_series(
            {"name": title, "categories": cells(area, "label"), "values": cells(area, key),
             "fill": {"color": colour}, "gap": 45}
        )  # fmt: skip
    chart.set_x_axis(axis("calendar quarter"))
    chart.set_y_axis(axis("$m a quarter", area=True, num_format="#,##0"))
    insert(sheet, chart, at, (660, CHART_ROWS * PIXELS_A_ROW), "Revenue by part; n companies report a total")


def _shares(book: ScreenBook, sheet: Sheet, at: tuple[int, int]) -> None:
    area = book.ranges["quarters"]
    chart = book.workbook.add_chart({"type": "line"})
    for key, title, colour, dash in (
        ("bitcoin", "bitcoin, companies that report the split", BITCOIN_COLOUR, "solid"),
        ("lowest", "bitcoin, all companies, lower bound", LINE_COLOUR, "dash"),
        ("highest", "bitcoin, all companies, upper bound", LINE_COLOUR, "dash"),
        ("ai", "AI, recurring", NAVY, "solid"),
    ):
        chart.add_series(
            {"name": title, "categories": cells(area, "quarter"), "values": cells(area, f"drawn_{key}"),
             "line": {"color": colour, "width": 2 if dash == "solid" else 1, "dash_type": dash},
             "marker": {"type": "circle", "size": 5, "fill": {"color": colour}, "border": {"color": colour}}
             if dash == "solid" else {"type": "none"}}
        )  # fmt: skip
    chart.set_x_axis(axis("calendar quarter"))
    chart.set_y_axis(axis("share of revenue (%)", area=True, num_format="0%", min=0, max=1, major_unit=0.2))
    insert(
        sheet,
        chart,
        at,
        (700, CHART_ROWS * PIXELS_A_ROW),
        "Shares of revenue, with bounds for companies without a split",
    )


def _crossings(book: ScreenBook, sheet: Sheet) -> None:
    area, crossover = book.ranges["crossings"], book.studies.mix.crossover
    sheet.label(area.first - 2, 0, "First quarter in which AI exceeds mining revenue, fixed at run time", "section")
    sheet.header(area, widths=False, height=46)
    for k, row in enumerate(crossover.reset_index().to_dict("records")):
        record = sheet.record(area, k)
        record.company(row["ticker"], book.companies["name"][book.row_of[row["ticker"]]])
        record.text("quarter", _quarter(row["latest_quarter"]))
        record.static("ai", scaled(row["ai_usd"]))
        record.static("mining", scaled(row["mining_usd"]))
        known = not is_unknown(row["mining_usd"])
        record.text("proxy", "no, residual" if row["mining_is_proxy"] else "yes" if known else "no")
        record.text("actual", _quarter(row["actual"], "not yet"))
        for key, name in (("projected", "projected"), ("early", "projected_early"), ("late", "projected_late")):
            record.text(key, "exceeded" if row["ahead"] else "n/a" if row["note"] else _quarter(row[name], "beyond"))
        record.static("signed", float(row["signed"]))
        record.static("undated", float(row["undated"]))
        record.text("note", row["note"], "small")


def _reports(book: ScreenBook, sheet: Sheet) -> None:
    area = book.ranges["reports"]
    sheet.label(area.first - 2, 0, "Company reports: the quarters above are formulas over these figures", "section")
    sheet.header(area, widths=False, height=46)
    for k, row in enumerate(book.once(_known).to_dict("records")):
        record = sheet.record(area, k)
        record.company(row["ticker"], book.companies["name"][book.row_of[row["ticker"]]])
        record.text("quarter", str(row["quarter"]))
        for part in PARTS:
            # Only companies with one-offs and the like report them.
            unknown = UNKNOWN if part in ("mining_usd", "ai_recurring_usd") else NOT_REPORTED
            record.input(part, scaled(row[part]), unknown=unknown, means=OF_QUARTERS)
        record.input("total", scaled(row["total_usd"]), means=OF_QUARTERS)
        record.static("most", None if is_unknown(row["total_usd"]) else scaled(row["mining_at_most_usd"]))
        record.input("period", row["period_end"])


def _quarter(value: Any, none: str = "") -> str:
    return none if is_unknown(value) else str(value)


def _commentary(book: ScreenBook) -> list[str]:
    mix = book.studies.mix
    if mix.sector.empty:
        return ["Estimate not available: no company's revenue is known on this date."]
    return commentary(mix.findings)


def _notes(book: ScreenBook) -> list[str]:
    mix, assumed = book.studies.mix, book.studies.mix.projection
    held = "its latest quarter"
    if not is_unknown(mix.hashprice_usd):
        held = f"the hashprice of {mix.hashprice_on:%Y-%m-%d}, {mix.hashprice_usd:.1f} USD per PH/s a day"
    return paragraphs(f"""
        - A calendar quarter holds the reports whose midpoint lies in it. Shares: mining over recurring revenue of the
          companies that report both, n/a under {LEAST_COMPANIES}. Bounds: all companies with a total, for any mining revenue
          of those without a split. The companies behind a column change from quarter to quarter.
        - n/a or n.r. in a part: the company does not report it. Parts may be unknown while the total is known: "not split".
        - Crossover: mining held at {held}. Projected: signed contracts in full from the quarter after their start date.
          Early: mining x {assumed.early_mining}; late: mining x {assumed.late_mining} and starts
          {assumed.late_delay_quarters} quarters later. Beyond: not within {assumed.horizon_quarters // 4} years. Contracts
          without a start date or a value are not counted.
        - {CLAIM_QUARTER} is the quarter of the claim tested above. No draw and no seed is behind this sheet. Method:
          {section(6)}.
    """)
