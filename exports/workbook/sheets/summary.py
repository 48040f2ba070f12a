"""Summary: the answer in plain words, headline figures, checks, a chart and the companies in one table."""

from __future__ import annotations

from typing import Any

from exports.commentary.labels import plain_status
from exports.commentary.numbers import p_text
from exports.workbook.sheets import checks
from exports.workbook.sheets.gap import group_level
from exports.workbook.sheets.regression import VALUE, figure_row, premium_in_words
from exports.workbook.writer.cells import MILLION, Column, Grid, Sheet, cell, is_unknown, scaled, wrapped
from exports.workbook.writer.charts import PIXELS_A_ROW, SMALL, axis, cells, insert
from exports.workbook.writer.context import REGRESSION, SUMMARY, Book, switches_text
from exports.workbook.writer.style import BITCOIN_COLOUR, NAVY, PIVOT_COLOUR, page_setup
from valuation.gap.estimate import Gap
from valuation.groups import BITCOIN, PIVOT
from valuation.metrics import METRICS

COLUMNS = (
    Column("ticker", "Ticker", width=9),
    Column("company", "Company", width=30),
    Column("group", "Group", width=10),
    Column("price", "Price (USD per share)", "price", 11),
    Column("equity", "Equity value ($m)", "money", 11.5),
    Column("ev", "Enterprise value ($m)", "money", 11.5),
    Column("per_secured", "EV / secured MW (m USD per MW)", "per_mw", 12),
    Column("share", "AI share, contracted (%)", "percent", 11),
    Column("revenue", "Contracted AI revenue a year ($m)", "money", 12),
    Column("backlog", "Backlog ($m)", "money", 11.5),
    Column("to_backlog", "EV / backlog (x)", "multiple", 10),
    Column("status", "Status of EV / secured MW, or why left out", "small", 52),
)
LINKS = (
    ("group", "screen", "group", "group", 1.0),
    ("price", "bridge", "price", "price_usd", 1.0),
    ("equity", "bridge", "equity", "equity_value_usd", MILLION),
    ("ev", "bridge", "ev", "enterprise_value_usd", MILLION),
    ("per_secured", "multiples", "per_secured", "ev_per_mw_secured", 1.0),
    ("share", "screen", "contracted", "ai_share_contracted", 1.0),
    ("revenue", "totals", "revenue", "contracted_revenue_usd", MILLION),
    ("backlog", "totals", "backlog", "backlog_usd", MILLION),
    ("to_backlog", "multiples", "to_backlog", "ev_to_backlog", 1.0),
)
FIGURES, ANSWER, FLAG = 3, 7, 10
LINE_WIDTH = 215
CHART_ROWS = 17


def grids(book: Book) -> dict[str, Grid]:
    """Where the table of companies stands: under the answer, and under chart and checks."""
    under = ANSWER + 2 + len(answer(book)) + max(CHART_ROWS, checks.ROWS) + 3
    return {"summary": Grid(SUMMARY, COLUMNS, under, book.n)}


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, grid = book.sheet(SUMMARY), book.grids["summary"]
    _first_lines(book, sheet)
    for col, column in enumerate(COLUMNS):
        sheet.page.set_column(col, col, column.width)
    _figures(book, sheet)
    sheet.words(ANSWER, 0, "The answer, in the words of the run", "section")
    lines = answer(book)
    for k, line in enumerate(lines):
        sheet.words(ANSWER + 1 + k, 0, line, "answer")
    block = ANSWER + 2 + len(lines)
    sheet.words(block, 8, "Checks, live", "section")
    _bars(book, sheet, block)
    checks.write(book, sheet, block + 1, 8, flag=(FIGURES + 1, FLAG))
    sheet.words(grid.first - 2, 0, "The companies", "section")
    sheet.header(grid, widths=False)
    for i in range(book.n):
        _company(book, sheet, grid, i)
    sheet.page.autofilter(grid.first - 1, 0, grid.last, len(COLUMNS) - 1)
    last = sheet.lines(grid.last + 2, _notes())
    sheet.mute((grid.first, 0), (grid.last, len(COLUMNS) - 1))
    sheet.page.set_h_pagebreaks([grid.first - 2])
    page_setup(
        sheet.page,
        title=book.screen.title,
        as_of=book.as_of,
        run_id=str(book.screen.manifest["run_id"]),
        freeze=(1, 0),
        repeat=(0, 0),
        last=(last, len(COLUMNS) - 1),
        tab=PIVOT_COLOUR,
        wide=False,
    )


def _first_lines(book: Book, sheet: Sheet) -> None:
    """Title, date, and the age of the prices in the workbook's very first line; in red where they are old."""
    screen, styles = book.screen, book.styles
    look = styles.named("warning" if screen.prices_are_old else "subtitle")
    title = f"{screen.title}, as of {book.as_of}.  "
    sheet.page.set_row(0, 20)
    sheet.page.write_rich_string(0, 0, styles.named("title"), title, look, f"{screen.price_line}.")
    fell = screen.manifest.get("fell_back")
    if fell:
        sheet.words(1, 0, f"Live prices were asked for and not reached ({fell}): bundled prices are used.", "warning")
    else:
        sheet.words(1, 0, f"Pivot = {screen.rule.title}. Run {screen.manifest['run_id']}.", "subtitle")


def _figures(book: Book, sheet: Sheet) -> None:
    """A strip of headline figures, each taken from the sheet that computes or keeps it."""
    gap, head = book.grids["gap"], book.screen.gap.headline
    line, level = book.screen.regression, f"{book.screen.gap.level:.0%}"
    premium = cell(figure_row(book, "premium"), VALUE, sheet=REGRESSION)
    pivot, bitcoin = (group_level(book, head.to_dict(), group) for group in (PIVOT, BITCOIN))
    figures: list[tuple[str, str, Any, str, str]] = [
        (gap.link("ratio", 0), "ratio", head["ratio"], "Gap per secured MW", "ratio of medians, live"),
        (gap.link("low", 0), "ratio", head["low"], f"{level} interval, low", "bootstrap, of the run"),
        (gap.link("high", 0), "ratio", head["high"], f"{level} interval, high", "bootstrap, of the run"),
        (gap.link("p", 0), "p_value", head["p_value"], "p of the gap", "permutation, of the run"),
        (gap.link("pivot", 0), "per_mw", pivot, "Pivot median", "m USD per MW, live"),
        (gap.link("bitcoin", 0), "per_mw", bitcoin, "Bitcoin median", "m USD per MW, live"),
        (gap.link("n_pivot", 0), "count", head["n_pivot"], "n pivot", "companies, live"),
        (gap.link("n_bitcoin", 0), "count", head["n_bitcoin"], "n bitcoin", "companies, live"),
        (premium, "whole_percent", line and line.premium, "Premium per MW", "share 0 to 100%, live"),
    ]
    for row, height in zip(range(FIGURES, FIGURES + 3), (24, 26, 24), strict=True):
        sheet.page.set_row(row, height)
    for col, (formula, kind, value, head_text, foot) in enumerate(figures, start=1):
        sheet.words(FIGURES, col, head_text, "figure")
        sheet.formula(FIGURES + 1, col, formula, value, kind, style=book.styles.big(kind, NAVY))
        sheet.words(FIGURES + 2, col, foot, "figure")
    sheet.words(FIGURES, FLAG, "All checks", "figure")


def answer(book: Book) -> list[str]:
    """The answer in plain words, in lines that fit the page."""
    screen, gap = book.screen, book.screen.gap
    head = gap.headline
    said = []
    if is_unknown(head["ratio"]):
        said.append(f"The gap per secured megawatt cannot be told: {head['note']}.")
    else:
        said.append(
            f"The market values the companies that turned to AI at {head['ratio']:.2f} times those that kept mining, per "
            f"secured megawatt: median {head['pivot_value']:.2f} m USD per MW (n = {head['n_pivot']}) against "
            f"{head['bitcoin_value']:.2f} (n = {head['n_bitcoin']})."
        )
        said += _certainty(gap)
    if book.screen.studies is not None:
        said += _in_depth(book)
    said += [premium_in_words(book), _silent(book), f"Switches in force: {switches_text(screen)}."]
    return wrapped(said, LINE_WIDTH)


def _in_depth(book: Book) -> list[str]:
    """The curve and the history in a line each."""
    from exports.workbook.sheets.specification_curve import spread_in_words

    said, told = spread_in_words(book), book.studies.gap.history
    if told is None or told.trend is None:
        why = book.studies.notes.get("history", "") if told is None else told.note
        return [*said, f"Through time: no trend can be told, {why}."]
    return [*said, f"{told.trend}."]


def _certainty(gap: Gap) -> list[str]:
    head, said = gap.headline, []
    if is_unknown(head["low"]):
        said.append(f"No interval: {head['note']}.")
    else:
        tells = "excludes" if head["low"] > 1 or head["high"] < 1 else "includes"
        said.append(
            f"{gap.level:.0%} interval {head['low']:.2f} to {head['high']:.2f}, which {tells} no gap at all (1.00), p "
            f"{p_text(head['p_value'])} (permutation of the labels): {gap.method}, B = {gap.draws:,}, seed {gap.seed}."
        )
    per_mw = gap.frame["metric"].str.startswith("ev_per_mw")
    ratios = gap.frame.loc[per_mw, "ratio"].dropna()
    said.append(
        f"It depends on the definition: over {len(ratios)} combinations of denominator and statistic the gap per megawatt "
        f"runs from {ratios.min():.2f} to {ratios.max():.2f} (sheet Gap)."
    )
    beside = gap.frame[~per_mw].iloc[0]
    if not is_unknown(beside["ratio"]):
        interval = "no interval"
        if not is_unknown(beside["low"]):
            interval = f"{gap.level:.0%} interval {beside['low']:.2f} to {beside['high']:.2f}"
        said.append(
            f"In EV over contracted AI and mining revenue a year the same groups stand at {beside['ratio']:.2f} "
            f"({interval}, p {p_text(beside['p_value'])}, n = {beside['n_pivot']} and {beside['n_bitcoin']})."
        )
    return said


def _silent(book: Book) -> str:
    gap = book.screen.gap
    out = gap.left_out[gap.left_out["metric"] == gap.headline["metric"]]
    return (
        "What cannot be said: that AI contracts cause the difference (association, not cause; few companies, "
        "one date), or "
        "that secured megawatts mean the same to all of them (each company reports its own definition). "
        f"{len(out)} of {book.n} companies are not in the headline; the table says why."
    )


def _bars(book: Book, sheet: Sheet, row: int) -> None:
    """EV per secured MW by company; the colour follows the group, live."""
    members = book.grids["members"]
    shown = sum(not reason for reason in book.table["excluded"])
    if not shown:
        sheet.words(row, 0, "No company enters the statistics.", "note")
        return
    chart = book.workbook.add_chart({"type": "column"})
    for group, colour in ((PIVOT, PIVOT_COLOUR), (BITCOIN, BITCOIN_COLOUR)):
        chart.add_series(
            {
                "name": group,
                "categories": cells(members, "ticker", 0, shown - 1),
                "values": cells(members, f"{group}_secured", 0, shown - 1),
                "fill": {"color": colour},
                "gap": 40,
                "overlap": 100,
                # The other group's cells are empty texts, which a chart takes for zero: no label for them.
                "data_labels": {"value": True, "num_format": "0.0;;;", "font": SMALL},
            }
        )
    chart.set_x_axis(axis())
    chart.set_y_axis(axis("m USD per MW", grid=True, num_format="0", line={"none": True}))
    insert(sheet, chart, (row, 0), (780, CHART_ROWS * PIXELS_A_ROW - 6), "EV per secured MW by company", legend="top")


def _company(book: Book, sheet: Sheet, grid: Grid, i: int) -> None:
    row = grid.first + i
    sheet.text(row, 0, book.tickers[i], bold=True)
    sheet.text(row, 1, book.companies["name"][i], "name")
    for key, table, column, metric, unit in LINKS:
        value = book.table[metric][i] if metric == "group" else scaled(book.table[metric][i], unit)
        status = book.status[metric][i]
        formula = book.grids[table].link(column, i)
        sheet.formula(row, grid.index(key), formula, value, grid.kind(key), status=status, house=True)
    excluded = book.table["excluded"][i]
    status = plain_status(book.status["ev_per_mw_secured"][i], book.causes["ev_per_mw_secured"][i])
    words = f"left out: {excluded}" if excluded else status
    sheet.text(row, grid.index("status"), words, "small_wrap")
    sheet.fit(row, (words, COLUMNS[-1].width))


def _notes() -> list[str]:
    names = (
        "equity_value_usd",
        "enterprise_value_usd",
        "secured_mw",
        "ai_share_contracted",
        "contracted_revenue_usd",
        "backlog_usd",
    )
    return [
        *(f"{METRICS[name].title}: {METRICS[name].definition}" for name in names),
        "Amber fill: an input is stale. Blue fill: a declared stand-in (proxy). n/a: unknown, never zero. n.m.: not "
        "meaningful (nothing signed to divide by, enterprise value not positive). No bar: unknown.",
        "This page is in house style; on the other sheets blue is input, blue italics a figure of the run that is not "
        "live, black a formula, green a link. Change an input and the figures follow; words and intervals stay the run's.",
        "Sources of every figure: Data. Data problems: Quality. Switches and assumptions: Assumptions.",
    ]
