"""Revenue mix: what the miners earn with by quarter, summed live from each company's reports; when AI passes mining."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.terminal.mix import claim_in_words
from exports.workbook.writer.cells import (
    NOT_REPORTED,
    UNKNOWN,
    Column,
    Grid,
    Sheet,
    is_unknown,
    points,
    scaled,
    wrapped,
)
from exports.workbook.writer.charts import PIXELS_A_ROW, axis, cells, insert
from exports.workbook.writer.context import FIRST, MIX, Book
from exports.workbook.writer.style import BAND_COLOUR, BITCOIN_COLOUR, LINE_COLOUR, MUTED, NAVY, PIVOT_COLOUR
from valuation.revenue_mix.crossover import CLAIM_QUARTER
from valuation.revenue_mix.mix import LEAST_COMPANIES

PARTS = {
    "mining_usd": ("Mining", BITCOIN_COLOUR),
    "ai_recurring_usd": ("AI and HPC, recurring", PIVOT_COLOUR),
    "ai_hpc_one_off_usd": ("AI and HPC, one-off", BAND_COLOUR),
    "hosting_usd": ("Hosting", "#8FA3BF"),
    "other_usd": ("Other", MUTED),
}
DRAWN = {"bitcoin": "bitcoin", "lowest": "at least", "highest": "at most", "ai": "AI"}
CHARTED = "For the chart: blank where unknown"
REVENUE, SHARES = "Revenue of the companies with a known total ($m)", "Shares of revenue"
QUARTERS = (
    Column("quarter", "Quarter", width=10),
    Column("label", "Quarter and n", width=30),
    Column("n", "Companies with a total", "count", 10.5, REVENUE),
    *(Column(key, f"{title} ($m)", "money", 10.5, REVENUE) for key, (title, _) in PARTS.items()),
    Column("unsplit", "Not split by the company ($m)", "money", 10.5, REVENUE),
    Column("total", "Total ($m)", "money", 10.5, REVENUE),
    Column("n_bitcoin", "n with mining and total", "count", 10.5, SHARES),
    Column("bitcoin", "Bitcoin share (%)", "percent", 10.5, SHARES),
    Column("lowest", "At least, of all (%)", "percent", 10.5, SHARES),
    Column("highest", "At most, of all (%)", "percent", 10.5, SHARES),
    Column("n_ai", "n with AI and total", "count", 10.5, SHARES),
    Column("ai", "AI share, recurring (%)", "percent", 10.5, SHARES),
    Column("n_same", "n known a year before too, of the run", "count", 11, SHARES),
    Column("same_before", "Their bitcoin share a year before, of the run (%)", "percent", 11, SHARES),
    Column("same_now", "Their bitcoin share now, of the run (%)", "percent", 11, SHARES),
    *(
        Column(f"drawn_{key}", f"Chart: {title} (%)", "percent", 10, "For the chart: blank where unknown")
        for key, title in DRAWN.items()
    ),
)
REPORTS = (
    Column("ticker", "Ticker"),
    Column("company", "Company"),
    Column("quarter", "Quarter"),
    *(Column(key, f"{title} ($m)", "money") for key, (title, _) in PARTS.items()),
    Column("total", "Total ($m)", "money"),
    Column("most", "Mining at most, of the run ($m)", "money"),
    Column("period", "Quarter reported to", "date"),
)
CROSSINGS = (
    Column("ticker", "Ticker"),
    Column("company", "Company"),
    Column("quarter", "Latest quarter"),
    Column("ai", "AI revenue in it ($m)", "money"),
    Column("mining", "Mining at today's hashprice ($m)", "money"),
    Column("proxy", "Mining reported"),
    Column("actual", "AI passed mining in"),
    Column("projected", "Projected"),
    Column("early", "Early"),
    Column("late", "Late"),
    Column("signed", "AI contracts signed", "count"),
    Column("undated", "of them without start or value", "count"),
    Column("note", "Note", "small"),
)
CHART_ROWS = 18


def grids(book: Book) -> dict[str, Grid]:
    """Where the tables stand, from top to bottom."""
    mix = book.studies.mix
    quarters = Grid(MIX, QUARTERS, _charts_at(book) + CHART_ROWS + 4, len(mix.sector))
    crossings = Grid(MIX, CROSSINGS, quarters.last + 5, len(mix.crossover))
    return {
        "quarters": quarters,
        "crossings": crossings,
        "reports": Grid(MIX, REPORTS, crossings.last + 5, len(_known(book))),
    }


def _charts_at(book: Book) -> int:
    return FIRST + len(wrapped(_said(book)))


def _known(book: Book) -> pd.DataFrame:
    """Reports with any figure, companies in the order of the screen, quarters in that of time."""
    mixed = book.studies.mix.mixed
    mixed = mixed[mixed[[*PARTS, "total_usd"]].notna().any(axis=1)]
    ordered = mixed.assign(_row=mixed["ticker"].map(book.row_of)).sort_values(["_row", "period_end"], kind="stable")
    return ordered.drop(columns="_row").reset_index(drop=True)


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, quarters = book.sheet(MIX), book.grids["quarters"]
    book.top(sheet, MIX, "The universe's own miners, on calendar quarters, as known on the as-of date.")
    for col, column in enumerate(QUARTERS):
        sheet.page.set_column(col, col, column.width)
    after = sheet.lines(FIRST - 2, _said(book), head="What can and cannot be said, in the run")
    if quarters.count:
        _stack(book, sheet, (after + 1, 0))
        _shares(book, sheet, (after + 1, 8))
    _quarters(book, sheet)
    sheet.page.set_h_pagebreaks([book.grids["crossings"].first - 3])
    _crossings(book, sheet)
    _reports(book, sheet)
    last = sheet.lines(book.grids["reports"].last + 2, _notes(book))
    book.finish(sheet, freeze=(FIRST - 2, 1), repeat=(0, 3), last=(last, len(QUARTERS) - 1))


def _quarters(book: Book, sheet: Sheet) -> None:
    grid, reports, sector = book.grids["quarters"], book.grids["reports"], book.studies.mix.sector
    sheet.words(grid.first - 3, 0, "By quarter", "section")
    sheet.header(grid, widths=False, height=58)
    known = _known(book)
    known = known[known["total_usd"].notna()]
    for k, (quarter, row) in enumerate(sector.iterrows()):
        r, at = grid.first + k, lambda key, k=k: grid.at(key, k)
        mine = known[known["quarter"] == quarter]
        here = f'{reports.span("quarter")},{at("quarter")},{reports.span("total")},">=0"'

        def put(key: str, formula: str, value: Any, r: int = r) -> None:
            sheet.formula(r, grid.index(key), formula, value, grid.kind(key))

        sheet.text(r, 0, str(quarter), bold=True)
        sheet.text(r, 1, f"{quarter}, n = {int(row['n_total'])}")
        put("n", f"COUNTIFS({here})", float(row["n_total"]))
        sums = {}
        for part in PARTS:
            sums[part] = float(mine[part].sum()) / 1e6
            put(part, f"SUMIFS({reports.span(part)},{here})", sums[part])
        total = float(mine["total_usd"].sum()) / 1e6
        put("total", f"SUMIFS({reports.span('total')},{here})", total)
        parts = f"SUM({at(next(iter(PARTS)))}:{at(list(PARTS)[-1])})"
        put("unsplit", f"MAX(0,{at('total')}-{parts})", max(0.0, total - sum(sums.values())))
        for share, part, n in (("bitcoin", "mining_usd", "n_bitcoin"), ("ai", "ai_recurring_usd", "n_ai")):
            both = f'{here},{reports.span(part)},">=0"'
            put(n, f"COUNTIFS({both})", float(row[n]))
            enough = f'IF({at(n)}<{LEAST_COMPANIES},"n/a",'
            formula = f"{enough}SUMIFS({reports.span(part)},{both})/SUMIFS({reports.span('total')},{both}))"
            put(share, formula, row[f"{share}_share"])
        enough = f'IF({at("n_bitcoin")}<{LEAST_COMPANIES},"n/a",'
        put("lowest", f"{enough}{at('mining_usd')}/{at('total')})", row["lowest"])
        put("highest", f"{enough}SUMIFS({reports.span('most')},{here})/{at('total')})", row["highest"])
        sheet.static(r, grid.index("n_same"), float(row["n_same"]), "count")
        for key in ("same_before", "same_now"):
            sheet.static(r, grid.index(key), row[key], "percent")
        # A chart takes the text n/a for zero.
        for key, name in zip(DRAWN, ("bitcoin_share", "lowest", "highest", "ai_share"), strict=True):
            if not is_unknown(row[name]):
                put(f"drawn_{key}", at(key), row[name])


def _stack(book: Book, sheet: Sheet, at: tuple[int, int]) -> None:
    grid = book.grids["quarters"]
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    shown = PARTS | {"unsplit": ("Not split by the company", "#E3E3E3")}
    for key, (title, colour) in shown.items():
        chart.add_series(
            {"name": title, "categories": cells(grid, "label"), "values": cells(grid, key),
             "fill": {"color": colour}, "gap": 45}
        )  # fmt: skip
    chart.set_x_axis(axis())
    chart.set_y_axis(axis("$m a quarter", grid=True, num_format="#,##0"))
    insert(sheet, chart, at, (660, CHART_ROWS * PIXELS_A_ROW), "Revenue by part; n companies report a total")


def _shares(book: Book, sheet: Sheet, at: tuple[int, int]) -> None:
    grid = book.grids["quarters"]
    chart = book.workbook.add_chart({"type": "line"})
    for key, title, colour, dash in (
        ("bitcoin", "bitcoin, of companies that split it", BITCOIN_COLOUR, "solid"),
        ("lowest", "bitcoin of all, at least", LINE_COLOUR, "dash"),
        ("highest", "bitcoin of all, at most", LINE_COLOUR, "dash"),
        ("ai", "AI, recurring", NAVY, "solid"),
    ):
        chart.add_series(
            {"name": title, "categories": cells(grid, "quarter"), "values": cells(grid, f"drawn_{key}"),
             "line": {"color": colour, "width": 2 if dash == "solid" else 1, "dash_type": dash},
             "marker": {"type": "circle", "size": 5, "fill": {"color": colour}, "border": {"color": colour}}
             if dash == "solid" else {"type": "none"}}
        )  # fmt: skip
    chart.set_x_axis(axis())
    chart.set_y_axis(axis("of revenue", grid=True, num_format="0%", min=0, max=1, major_unit=0.2))
    insert(sheet, chart, at, (700, CHART_ROWS * PIXELS_A_ROW), "Shares of revenue, and how far they can be trusted")


def _crossings(book: Book, sheet: Sheet) -> None:
    grid, crossover = book.grids["crossings"], book.studies.mix.crossover
    sheet.words(grid.first - 2, 0, "The quarter in which AI passes mining, of the run", "section")
    sheet.header(grid, widths=False, height=46)
    for k, row in enumerate(crossover.reset_index().to_dict("records")):
        r = grid.first + k
        sheet.text(r, 0, row["ticker"], bold=True)
        sheet.text(r, 1, book.companies["name"][book.row_of[row["ticker"]]], "name")
        sheet.text(r, 2, _quarter(row["latest_quarter"]))
        sheet.static(r, grid.index("ai"), scaled(row["ai_usd"]), "money")
        sheet.static(r, grid.index("mining"), scaled(row["mining_usd"]), "money")
        known = not is_unknown(row["mining_usd"])
        sheet.text(r, grid.index("proxy"), "no, the rest" if row["mining_is_proxy"] else "yes" if known else "no")
        sheet.text(r, grid.index("actual"), _quarter(row["actual"], "not yet"))
        for key, name in (("projected", "projected"), ("early", "projected_early"), ("late", "projected_late")):
            words = "ahead" if row["ahead"] else "n/a" if row["note"] else _quarter(row[name], "beyond")
            sheet.text(r, grid.index(key), words)
        sheet.static(r, grid.index("signed"), float(row["signed"]), "count")
        sheet.static(r, grid.index("undated"), float(row["undated"]), "count")
        sheet.text(r, grid.index("note"), row["note"], "small")


def _reports(book: Book, sheet: Sheet) -> None:
    grid = book.grids["reports"]
    sheet.words(grid.first - 2, 0, "What each company reported: change a figure and the quarters follow", "section")
    sheet.header(grid, widths=False, height=46)
    for k, row in enumerate(_known(book).to_dict("records")):
        r = grid.first + k
        sheet.text(r, 0, row["ticker"], bold=True)
        sheet.text(r, 1, book.companies["name"][book.row_of[row["ticker"]]], "name")
        sheet.text(r, 2, str(row["quarter"]))
        for part in PARTS:
            # One-offs and the like are reported only where there are some.
            unknown = UNKNOWN if part in ("mining_usd", "ai_recurring_usd") else NOT_REPORTED
            sheet.input(r, grid.index(part), scaled(row[part]), "money", unknown=unknown)
        sheet.input(r, grid.index("total"), scaled(row["total_usd"]), "money")
        most = row["mining_or_rest_usd"] if not is_unknown(row["total_usd"]) else None
        sheet.static(r, grid.index("most"), scaled(most), "money")
        sheet.input(r, grid.index("period"), row["period_end"], "date")


def _quarter(value: Any, none: str = "") -> str:
    return none if is_unknown(value) else str(value)


def _said(book: Book) -> list[str]:
    mix = book.studies.mix
    if mix.sector.empty:
        return ["Nothing can be said: no company's revenue is known on this date."]
    return points(*claim_in_words(mix.sector, mix.crossover, mix.ahead))


def _notes(book: Book) -> list[str]:
    mix, assumed = book.studies.mix, book.studies.mix.projection
    held = "its latest quarter"
    if not is_unknown(mix.hashprice_usd):
        held = f"the hashprice of {mix.hashprice_on:%Y-%m-%d}, {mix.hashprice_usd:.1f} USD per PH/s a day"
    return [
        "A calendar quarter holds the reports whose middle lies in it. Shares: mining over revenue of the companies that "
        f"report both, n/a under {LEAST_COMPANIES}. At least and at most: of all companies with a total, whatever those "
        "without a breakdown mined. The companies behind a column change from quarter to quarter.",
        "n/a or n.r. in a part: the company does not report it. Parts may be missing while the total is known: "
        "that is 'not split'.",
        f"Crossover: mining held at {held}. Projected: signed contracts in full from the quarter after their start date. "
        f"Early: mining x {assumed.early_mining}; late: mining x {assumed.late_mining} and starts "
        f"{assumed.late_delay_quarters} quarters later. Beyond: not within {assumed.horizon_quarters // 4} years. Contracts "
        "without a start date or a value count for nothing.",
        f"{CLAIM_QUARTER} is the quarter of the claim tested above. No draw and no seed stands behind this sheet.",
    ]
