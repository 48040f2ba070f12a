"""Risk and Returns: current exposures on past returns, with volatility, VaR, expected shortfall and betas as formulas."""

from __future__ import annotations

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from exports.workbook.portfolio.context import RETURNS, RISK, TOP, PortfolioBook, of_net
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.ranges import Column, TableRange, cell
from valuation.portfolio.historical import tail_weights
from valuation.portfolio.loss_intervals import LEAST_TAIL, LEVEL, method
from valuation.portfolio.risk import LEVELS, Risk

NAMES = (
    Column("name", "Name", width=24),
    Column("value", "Exposure (USD)", "count", 13),
    Column("weight", "Weight (of net value)", "percent", 10),
    Column("volatility", "Stand-alone volatility (annual)", "percent", 11),
    Column("contribution", "Contribution to volatility", "percent", 12),
    Column("share", "Share of total", "percent", 9),
    Column("es", "Contribution to expected shortfall 95%", "percent", 13),
    Column("beta", "Beta to bitcoin", "plain", 9),
    Column("filled", "Proxy returns", "count", 9),
    Column("why", "Reason for exclusion", "small", 26),
)
BETAS = ("Beta to", "Beta", "Std error", "R2", "Returns")
SUMMARY_ROW = TOP + 1
FIRST = 12  # Returns: first row of returns; weights stand above


def place(book: PortfolioBook) -> None:
    """Cell addresses: names below summary and betas; on Returns names, portfolio, tails and factors."""
    found, exposures = book.report.risk, book.report.portfolio.by_name()
    n_betas = len(found.betas) if found else 0
    first = SUMMARY_ROW + len(LEVELS) + 5 + n_betas + 4
    book.ranges["names"] = TableRange(RISK, NAMES, first, len(exposures))
    if found is None:
        return
    for at, key in enumerate(("volatility", "var_95", "es_95", "var_99", "es_99")):
        book.cells[key] = cell(SUMMARY_ROW + at, 2, sheet=RISK)
    beta_row = SUMMARY_ROW + 5 + 3
    for at, line in enumerate(found.betas):
        book.cells[f"beta {line.factor}"] = cell(beta_row + at, 2, sheet=RISK)


class _Series:
    """Column ranges of the returns on Returns."""

    def __init__(self, found: Risk) -> None:
        self.columns = ["date", *found.matrix.columns, "portfolio", "tail 95%", "tail 99%", *found.factors.columns]
        self.n = found.n

    def index(self, key: str) -> int:
        return self.columns.index(key)

    def span(self, key: str, *, sheet: bool = False, rows: tuple[int, int] | None = None) -> str:
        first, last = rows or (0, self.n - 1)
        letter = xl_col_to_name(self.index(key))
        address = f"${letter}${FIRST + first + 1}:${letter}${FIRST + last + 1}"
        return f"'{RETURNS}'!{address}" if sheet else address


def write(book: PortfolioBook) -> None:
    """Write both sheets."""
    sheet, area, found = book.sheet(RISK), book.ranges["names"], book.report.risk
    span = "" if found is None else f"{found.n} {found.periods} returns to {found.returns.index[-1]:%Y-%m-%d}. "
    book.heading(
        sheet,
        RISK,
        f"Current exposures on past returns (sheet Returns). {span}Losses are positive, as a share of net value.",
    )
    sheet.set_widths([c.width for c in NAMES])
    if found is None:
        sheet.label(TOP, 0, f"Risk cannot be measured: {book.report.risk_note}.", "warning")
    else:
        series = _Series(found)
        _summary(sheet, found, series)
        _betas(sheet, found, series)
        _returns(book, found, series)
    _names(book, sheet, area, found)
    last = sheet.notes(area.last + 4, _notes(found))
    book.finish(sheet, freeze=(TOP, 1), last=(last, len(NAMES) - 1))
    if found is None:
        page = book.sheet(RETURNS)
        book.heading(page, RETURNS, "No returns.")
        book.finish(page, freeze=(TOP, 1), last=(TOP, 6))


def _summary(sheet: Sheet, found: Risk, series: _Series) -> None:
    portfolio = series.span("portfolio", sheet=True)
    sheet.label(TOP, 0, "The portfolio", "section")
    year = found.per_year
    lines = [("Volatility (annual)", f"STDEV({portfolio})*SQRT({year})", found.volatility, "")]
    for level in LEVELS:
        row = found.losses.loc[level]
        tail = f"{int(row['tail'])} of {found.n} returns in the tail"
        about = f"{tail}; {_interval(row, 'var')}"
        lines.append((f"Value at risk, {level:.0%}", f"-SMALL({portfolio},{int(row['tail'])})", row["var"], about))
        about = f"{tail}; {_interval(row, 'es')}"
        tails = series.span(f"tail {level:.0%}", sheet=True)
        lines.append((f"Expected shortfall, {level:.0%}", f"-SUMPRODUCT({portfolio},{tails})", row["es"], about))
    for at, (title, formula, value, about) in enumerate(lines):
        sheet.text(SUMMARY_ROW + at, 0, title)
        sheet.formula(SUMMARY_ROW + at, 2, formula, value, "percent")
        sheet.text(SUMMARY_ROW + at, 3, about, "small")


def _interval(row: pd.Series, name: str) -> str:
    """The bootstrap interval of a loss in words."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if np.isnan(low):
        return f"interval n.m.: fewer than {LEAST_TAIL} returns in the tail"
    return f"{LEVEL:.0%} interval {low:.1%} to {high:.1%}, fixed at run time"


def _betas(sheet: Sheet, found: Risk, series: _Series) -> None:
    row = SUMMARY_ROW + 5 + 1
    sheet.label(row, 0, "Betas, each factor alone (OLS)", "section")
    for at, head in zip((0, 2, 3, 4, 5), BETAS, strict=True):
        sheet.label(row + 1, at, head, "header_left" if at == 0 else "header")
    sheet.label(row + 1, 1, "", "header")
    for at, line in enumerate(found.betas):
        here = row + 2 + at
        sheet.text(here, 0, line.factor)
        rows = _unbroken(found.factors[line.factor])
        if rows is None or np.isnan(line.beta):
            for col, value, kind in (
                (2, line.beta, "plain"),
                (3, line.std_error, "plain"),
                (4, line.r_squared, "percent"),
            ):
                sheet.static(here, col, None if np.isnan(value) else value, kind)
        else:
            y, x = (series.span(key, sheet=True, rows=rows) for key in ("portfolio", line.factor))
            sheet.formula(here, 2, f"SLOPE({y},{x})", line.beta, "plain")
            sheet.formula(here, 3, f"STEYX({y},{x})/SQRT(DEVSQ({x}))", line.std_error, "plain")
            sheet.formula(here, 4, f"RSQ({y},{x})", line.r_squared, "percent")
        sheet.static(here, 5, float(line.n), "count")


def _unbroken(factor: pd.Series) -> tuple[int, int] | None:
    """First and last row of a factor's returns where none between them is unknown."""
    known = np.flatnonzero(factor.notna().to_numpy())
    if len(known) == 0 or known[-1] - known[0] + 1 != len(known):
        return None
    return int(known[0]), int(known[-1])


def _names(book: PortfolioBook, sheet: Sheet, area: TableRange, found: Risk | None) -> None:
    values, net = book.report.portfolio.by_name(), book.report.portfolio.net
    order = [] if found is None else [n for n in found.names.index if n in values.index]
    order += [n for n in values.index if n not in order]
    positions = book.ranges["positions"]
    sheet.label(area.first - 2, 0, "Names", "section")
    sheet.header(area, widths=False, height=48)
    series = None if found is None else _Series(found)
    for i, name in enumerate(order):
        record = sheet.record(area, i)
        record.text("name", str(name), bold=True)
        total = f"SUMIFS({positions.link_span('exposure')},{positions.link_span('counts_as')},{record.at('name')})"
        record.formula("value", total, values[name])
        record.formula("weight", of_net(record.at("value"), book.cells["net"]), values[name] / net if net > 0 else None)
        if found is None or series is None or name not in found.names.index:
            for key in ("volatility", "contribution", "share", "es", "beta", "filled"):
                sheet.label(record.row, area.index(key), "n/a", "unknown")
            record.text("why", "" if found is None else found.left_out.get(str(name), ""), "small")
            continue
        _measured(book, record, name, found, series)
    if found is not None:
        _sum(sheet, area, found)


def _measured(book: PortfolioBook, record: Record, name: str, found: Risk, series: _Series) -> None:
    mine, line = series.span(name, sheet=True), found.names.loc[name]
    portfolio, tail = series.span("portfolio", sheet=True), series.span("tail 95%", sheet=True)
    weight, n, total = record.at("weight"), found.n, book.cells["volatility"].partition("!")[2]
    record.formula("volatility", f"STDEV({mine})*SQRT({found.per_year})", line["volatility"])
    # COVAR divides by n; the portfolio's standard deviation by n - 1.
    covariance = f"{weight}*COVAR({mine},{portfolio})*{n}/{n - 1}*{found.per_year}/{total}"
    record.formula("contribution", f"IF({total}>0,{covariance},0)", line["contribution"])
    record.formula("share", f'IF({total}>0,{record.at("contribution")}/{total},"n/a")', line["share"])
    record.formula("es", f"-{weight}*SUMPRODUCT({tail},{mine})", line["es_contribution"])
    rows = _unbroken(found.factors["bitcoin"]) if "bitcoin" in found.factors else None
    if rows is None or np.isnan(line["beta_bitcoin"]):
        record.static("beta", line["beta_bitcoin"])
    else:
        y, x = (series.span(key, sheet=True, rows=rows) for key in (name, "bitcoin"))
        record.formula("beta", f"SLOPE({y},{x})", line["beta_bitcoin"])
    record.static("filled", float(line["filled"]))


def _sum(sheet: Sheet, area: TableRange, found: Risk) -> None:
    row = area.last + 1
    sheet.text(row, 0, "Sum", bold=True)
    for key, value in (
        ("contribution", found.names["contribution"].sum()),
        ("share", found.names["share"].sum()),
        ("es", found.names["es_contribution"].sum()),
    ):
        sheet.formula(row, area.index(key), f"SUM({area.span(key)})", value, "percent", bold=True)


def _returns(book: PortfolioBook, found: Risk, series: _Series) -> None:
    sheet, area = book.sheet(RETURNS), book.ranges["names"]
    book.heading(
        sheet,
        RETURNS,
        f"{found.periods.capitalize()} returns behind Risk; the portfolio's are formulas of the weights.",
    )
    order = list(found.names.index)
    sheet.page.set_column(0, 0, 12)
    sheet.page.set_column(1, len(series.columns) - 1, 11)
    sheet.text(FIRST - 3, 0, "Weight", bold=True)
    for at, head in enumerate(series.columns):
        sheet.label(FIRST - 1, at, head, "header_left" if at == 0 else "header")
    first, last = series.index(found.matrix.columns[0]), series.index(found.matrix.columns[-1])
    for name in found.matrix.columns:
        link = area.link("weight", order.index(name))
        sheet.formula(FIRST - 3, series.index(name), link, found.names.at[name, "weight"], "percent")
    weights = f"${xl_col_to_name(first)}${FIRST - 2}:${xl_col_to_name(last)}${FIRST - 2}"
    span = series.span("portfolio")
    values = found.returns.to_numpy()
    tails = {level: tail_weights(values, level) for level in LEVELS}
    matrix, factors = found.matrix.to_numpy(), found.factors.to_numpy()
    for i, day in enumerate(found.returns.index):
        row = FIRST + i
        sheet.input(row, 0, day.to_pydatetime(), "date", italic=True)
        for j, name in enumerate(found.matrix.columns):
            sheet.static(row, series.index(name), matrix[i, j], "percent")
        mine = f"${xl_col_to_name(first)}{row + 1}:${xl_col_to_name(last)}{row + 1}"
        here = cell(row, series.index("portfolio"))
        sheet.formula(row, series.index("portfolio"), f"SUMPRODUCT({weights},{mine})", values[i], "percent")
        for level, tail in tails.items():
            mass, whole = found.n * (1 - level), int(found.losses.at[level, "tail"])
            place = f"RANK({here},{span},1)"
            rest = f"1-{whole - 1}/{mass!r}"
            formula = f"IF({place}<{whole},1/{mass!r},IF({place}={whole},{rest},0))"
            sheet.formula(row, series.index(f"tail {level:.0%}"), formula, tail[i], "coefficient")
        for j, factor in enumerate(found.factors.columns):
            value = factors[i, j]
            sheet.static(row, series.index(factor), None if np.isnan(value) else value, "percent")
    book.finish(
        sheet, freeze=(FIRST, 1), last=(FIRST + found.n - 1, len(series.columns) - 1), repeat=(FIRST - 1, FIRST - 1)
    )


def _notes(found: Risk | None) -> list[str]:
    if found is None:
        return ["Limits on risk are unknown."]
    return [
        f"Historical simulation, n = {found.n} {found.periods} returns. VaR: the ceil(n x 5%)-th worst return; expected "
        "shortfall: the mean of the worst 5%, the last counted in part (Acerbi & Tasche 2002); likewise for 1%.",
        method(found.n, found.periods, found.block, found.draws, found.seed),
        "Contributions to volatility and to expected shortfall sum to the portfolio's. Where a name has no return, the mean "
        "return of the miners is the proxy.",
        f"Covers {found.covered:.1%} of gross exposure; cash does not move.",
    ]
