"""Summary: headline figures, findings, checks, a chart and the companies in one table."""

from __future__ import annotations

from typing import Any

from exports.commentary.labels import GROUP_TITLES, overridden, plain_status
from exports.workbook.sheets import checks
from exports.workbook.sheets.gap import group_level
from exports.workbook.sheets.regression import VALUE, figure_row
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.charts import PIXELS_A_ROW, SMALL, axis, cells, insert
from exports.workbook.writer.context import REGRESSION, SUMMARY, ScreenBook, column, definition, switches_text
from exports.workbook.writer.input_register import count_of_changed
from exports.workbook.writer.ranges import Column, TableRange, cell
from exports.workbook.writer.style import BITCOIN_COLOUR, NAVY, PIVOT_COLOUR, page_setup
from exports.workbook.writer.texts import paragraphs, wrapped
from exports.workbook.writer.values import is_unknown
from valuation.findings import texts
from valuation.gap.findings import over_revenue, stale_data
from valuation.gap.lead import LINE, TERCILES
from valuation.groups import BITCOIN, PIVOT

COLUMNS = (
    Column("ticker", "Ticker", width=9),
    Column("company", "Company", width=30),
    Column("group", "Group", width=10),
    column("price", "price_usd", 11),
    column("equity", "equity_value_usd", 11.5),
    column("ev", "enterprise_value_usd", 11.5),
    column("per_secured", "ev_per_mw_secured", 12),
    column("share", "ai_share_contracted", 11),
    column("revenue", "contracted_revenue_usd", 12),
    column("backlog", "backlog_usd", 11.5),
    column("to_backlog", "ev_to_backlog", 10),
    Column("status", "Status of EV / secured MW, or reason for exclusion", "small_wrap", 52),
)
LINKS = {
    "group": ("screen", "group", "group"),
    "price": ("bridge", "price", "price_usd"),
    "equity": ("bridge", "equity", "equity_value_usd"),
    "ev": ("bridge", "ev", "enterprise_value_usd"),
    "per_secured": ("multiples", "ev_per_mw_secured", "ev_per_mw_secured"),
    "share": ("screen", "contracted", "ai_share_contracted"),
    "revenue": ("totals", "revenue", "contracted_revenue_usd"),
    "backlog": ("totals", "backlog", "backlog_usd"),
    "to_backlog": ("multiples", "ev_to_backlog", "ev_to_backlog"),
}
OVERRIDDEN, CHANGED_ROW, FIGURES, ANSWER, FLAG = 7, 2, 3, 7, 10
CHECKS = 8  # column
# Formula, kind of number, value, caption above and below.
Figure = tuple[str, str, Any, str, str]
LINE_WIDTH = 215
CHART_ROWS = 17
FEW = 11  # findings that leave room for chart and checks on the first page


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the companies, under findings, chart and checks."""
    under = ANSWER + 2 + len(book.once(answer)) + max(CHART_ROWS, checks.ROWS) + 3
    return {"summary": TableRange(SUMMARY, COLUMNS, under, book.n)}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area = book.sheet(SUMMARY), book.ranges["summary"]
    first_lines(book, sheet)
    sheet.set_widths([c.width for c in COLUMNS])
    _changed(book, sheet)
    _figures(book, sheet)
    sheet.label(ANSWER, 0, "Findings, fixed at run time", "section")
    lines = book.once(answer)
    for k, line in enumerate(lines):
        sheet.label(ANSWER + 1 + k, 0, line, "answer")
    block = ANSWER + 2 + len(lines)
    sheet.label(block, CHECKS, "Checks", "section")
    _bars(book, sheet, block)
    checks.write(book, sheet, _checks_at(book), CHECKS, flag=(FIGURES + 1, FLAG))
    sheet.label(area.first - 2, 0, "Companies", "section")
    sheet.header(area, widths=False)
    for i in range(book.n):
        _company(book, sheet.record(area, i), i)
    sheet.filter(area)
    last = sheet.notes(area.last + 2, _notes())
    sheet.grey_out((area.first, 0), (area.last, len(COLUMNS) - 1))
    # Many findings leave no room for chart and checks on the first page.
    sheet.page.set_h_pagebreaks([*([block] if len(lines) > FEW else []), area.first - 2])
    page_setup(
        sheet.page,
        title=book.screen.title,
        as_of=book.as_of,
        run_id=str(book.screen.manifest["run_id"]),
        freeze=(1, 0),
        repeat=(0, 0),
        last=(last, len(COLUMNS) - 1),
        tab=PIVOT_COLOUR,
    )


def first_lines(book: ScreenBook, sheet: Sheet) -> None:
    """Title, date and age of the prices in the first line of the workbook; in red where prices are stale."""
    screen, styles = book.screen, book.styles
    look = styles.named("warning" if screen.prices_are_old else "subtitle")
    title = f"{screen.title}, as of {book.as_of}.  "
    sheet.page.set_row(0, 20)
    sheet.page.write_rich_string(0, 0, styles.named("title"), title, look, f"{screen.price_line}.")
    warnings = [line for line in (screen.fallback_line, screen.held_line) if line]
    if warnings:
        sheet.label(1, 0, f"Warning: {'. '.join(warnings)}.", "warning")
    else:
        waiting = f" {screen.review_line}." if screen.review_line else ""
        run = screen.manifest["run_id"]
        sheet.label(1, 0, f"AI group (pivot) = {screen.rule.title}. Run {run}.{waiting}", "subtitle")
    told = overridden(screen.manifest)
    if told:
        sheet.label(1, OVERRIDDEN, f"{told} (sheet Assumptions)", "warning")


def _changed(book: ScreenBook, sheet: Sheet) -> None:
    """A line that appears once somebody changes an input: how many differ from the run's."""
    n = count_of_changed()
    words = f'{n}&IF({n}=1," input"," inputs")&" changed since the run: words, intervals and statuses are the run\'s."'
    sheet.formula(CHANGED_ROW, 0, f'IF({n}=0,"",{words})', "", style=book.styles.named("warning"))


def _figures(book: ScreenBook, sheet: Sheet) -> None:
    """Headline figures, each linked to the sheet that computes or holds it."""
    if book.screen.gap.basis.closes_old:
        sheet.label(FIGURES - 1, 0, f"{book.screen.gap.basis.dated.rstrip(', ')}:", "warning")
    for row, height in zip(range(FIGURES, FIGURES + 3), (24, 26, 36), strict=True):
        sheet.page.set_row(row, height)
    for col, (formula, kind, value, head_text, foot) in enumerate(figures(book), start=1):
        sheet.label(FIGURES, col, head_text, "figure")
        sheet.formula(FIGURES + 1, col, formula, value, kind, style=book.styles.big(kind, NAVY))
        sheet.label(FIGURES + 2, col, foot, "figure")
    sheet.label(FIGURES, FLAG, "All checks", "figure")


def figures(book: ScreenBook) -> list[Figure]:
    """Headline figures of what leads: the groups, or the line."""
    return _of_line(book) if book.screen.lead.leads == LINE else _of_groups(book)


def flag_cell() -> str:
    """Address of the flag for all checks."""
    return cell(FIGURES + 1, FLAG, sheet=SUMMARY)


def as_run_cell(book: ScreenBook) -> str:
    """Address of the line that says whether the inputs are as run."""
    return cell(_checks_at(book) + checks.as_run_row(book), CHECKS, sheet=SUMMARY)


def _checks_at(book: ScreenBook) -> int:
    return ANSWER + 3 + len(book.once(answer))


def _of_groups(book: ScreenBook) -> list[Figure]:
    """The typical ratio of the two groups with its exact interval."""
    gap, head, line = book.ranges["gap"], book.screen.gap.headline, book.screen.regression
    level = f"{book.screen.gap.level:.0%}"
    pivot, bitcoin = (group_level(book, head.to_dict(), group) for group in (PIVOT, BITCOIN))
    exact = "exact rank-sum, fixed at run"
    return [
        (gap.link("ratio", 0), "ratio", head["ratio"], "Gap per secured MW", "typical ratio, Hodges-Lehmann"),
        (gap.link("low", 0), "ratio", head["low"], f"{level} interval, low", exact),
        (gap.link("high", 0), "ratio", head["high"], f"{level} interval, high", exact),
        (gap.link("p", 0), "p_value", head["p_value"], "p of the gap", exact),
        (gap.link("pivot", 0), "per_mw", pivot, "AI group median", "$m per MW"),
        (gap.link("bitcoin", 0), "per_mw", bitcoin, "Mining group median", "$m per MW"),
        *_sizes(book),
        (
            _on_regression(book, "premium"),
            "whole_percent",
            line and line.premium,
            "Premium per MW",
            "AI share 0 to 100%",
        ),
    ]


def _of_line(book: ScreenBook) -> list[Figure]:
    """Where a group is small: the gap that the line implies, and the terciles of contracted share."""
    lead, terciles = book.screen.lead, book.ranges["terciles"]
    line, level, wild = lead.line, f"{book.screen.gap.level:.0%}", "wild bootstrap, fixed at run"
    medians = lead.terciles.set_index("tercile")["median_ev_per_mw"]
    by_share: list[Figure] = [
        (terciles.link("median", k), "per_mw", medians.get(name), f"AI share: {name} tercile", "median, $m per MW")
        for k, name in enumerate(TERCILES)
    ]
    return [
        (_on_regression(book, "lead"), "ratio", line and line.ratio, "Gap implied by the line",
         "AI share from 0 to the AI group's mean"),
        (_on_regression(book, "lead_low"), "ratio", line and line.low, f"{level} interval, low", wild),
        (_on_regression(book, "lead_high"), "ratio", line and line.high, f"{level} interval, high", wild),
        (_on_regression(book, "lead_p"), "p_value", line and line.p, "p of the slope", wild),
        *by_share,
        *_sizes(book),
    ]  # fmt: skip


def _sizes(book: ScreenBook) -> list[Figure]:
    gap, head = book.ranges["gap"], book.screen.gap.headline
    return [
        (gap.link("n_pivot", 0), "count", head["n_pivot"], "n AI group", "companies"),
        (gap.link("n_bitcoin", 0), "count", head["n_bitcoin"], "n mining group", "companies"),
    ]


def _on_regression(book: ScreenBook, name: str) -> str:
    return cell(figure_row(book, name), VALUE, sheet=REGRESSION)


def answer(book: ScreenBook) -> list[str]:
    """Findings on gap and regression with their limits, in lines that fit the page."""
    screen, gap = book.screen, book.screen.gap
    head, ratios = gap.headline, gap.frame.loc[gap.frame["metric"].str.startswith("ev_per_mw"), "ratio"].dropna()
    excluded = (gap.left_out["metric"] == head["metric"]).sum()
    basis = gap.basis
    lines = texts([*stale_data(basis), *screen.lead.findings])
    if not is_unknown(head["ratio"]):
        medians = (
            f"Median EV per secured MW: AI group (pivot) ${head['pivot_value']:.2f}m (n = {head['n_pivot']}), "
            f"mining group (bitcoin) ${head['bitcoin_value']:.2f}m (n = {head['n_bitcoin']})."
        )
        lines.append(basis.sentence(medians))
    lines += texts(gap.findings)
    # Where the groups are too small for a headline, ratios of their levels are none either.
    if len(ratios) and not is_unknown(head["ratio"]):
        across = (
            f"Across {len(ratios)} combinations of denominator and statistic, the gap per MW "
            f"{basis.verb('ranges', 'ranged')} from {ratios.min():.1f}x to {ratios.max():.1f}x (sheet Gap)."
        )
        lines.append(basis.sentence(across))
    lines += texts(over_revenue(gap.frame, head["ratio"], gap.basis_of))
    if screen.studies is not None:
        from exports.workbook.sheets.specification_curve import spread

        history = screen.studies.gap.history
        lines += [*spread(book), *([] if history is None else texts(history.findings)[:1])]
    regression = screen.regression
    lines += texts(regression.findings) if regression else [f"Regression not available: {screen.regression_note}."]
    return wrapped(
        [
            *dict.fromkeys(lines),
            f"{excluded} of {book.n} companies are excluded from the headline; the table shows why.",
            f"Switches in force: {switches_text(screen)}.",
        ],
        LINE_WIDTH,
    )


def _bars(book: ScreenBook, sheet: Sheet, row: int) -> None:
    """EV per secured MW by company; formulas assign the colour of the group."""
    members = book.ranges["members"]
    shown = sum(not reason for reason in book.table["excluded"])
    if not shown:
        sheet.label(row, 0, "No company is in the statistics.", "note")
        return
    chart = book.workbook.add_chart({"type": "column"})
    for group, colour in ((PIVOT, PIVOT_COLOUR), (BITCOIN, BITCOIN_COLOUR)):
        chart.add_series(
            {
                "name": GROUP_TITLES[group],
                "categories": cells(members, "ticker", 0, shown - 1),
                "values": cells(members, f"{group}_secured", 0, shown - 1),
                "fill": {"color": colour},
                "gap": 40,
                "overlap": 100,
                # The other group's cells are empty texts, which a chart reads as zero: no label for them.
                "data_labels": {"value": True, "num_format": "0.0;;;", "font": SMALL},
            }
        )
    chart.set_x_axis(axis("company"))
    chart.set_y_axis(axis("$m per MW", area=True, num_format="0", line={"none": True}))
    insert(sheet, chart, (row, 0), (730, CHART_ROWS * PIXELS_A_ROW - 6), "EV per secured MW by company", legend="top")


def _company(book: ScreenBook, record: Record, i: int) -> None:
    record.company(book.tickers[i], book.companies["name"][i])
    for key, (table, column_key, metric) in LINKS.items():
        link, status = book.ranges[table].link(column_key, i), book.status[metric][i]
        record.formula(key, link, book.metric(metric, i), status=status, presentation=True)
    excluded = book.table["excluded"][i]
    status = plain_status(book.status["ev_per_mw_secured"][i], book.causes["ev_per_mw_secured"][i])
    record.text("status", f"excluded: {excluded}" if excluded else status, "small_wrap", fit=True)


def _notes() -> list[str]:
    names = (
        "equity_value_usd", "enterprise_value_usd", "secured_mw", "ai_share_contracted", "contracted_revenue_usd",
        "backlog_usd",
    )  # fmt: skip
    return [
        *(definition(name) for name in names),
        *paragraphs("""
            - Amber fill: an input is stale. Blue fill: stand-in (proxy). n/a: unknown, never zero. n.m.: not meaningful (no
              signed contract to divide by, enterprise value not positive). No bar: unknown.
            - This page is for presentation; on the other sheets blue is an input, blue italics a figure fixed at run time,
              black a formula, green a link. Figures follow a changed input; text and intervals are fixed at run time.
            - Sources of every figure: Data. Data checks: Quality. Switches and assumptions: Assumptions.
        """),
    ]
