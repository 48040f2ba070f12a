"""The regression on Gap and regression: line and figures live, robust errors as values of the run."""

from __future__ import annotations

import math

from exports.workbook.formulas import Column, Sheet
from exports.workbook.layout import Book
from valuation.groups import BITCOIN, PIVOT
from valuation.regression import LEAST_NAMES
from valuation.status import USABLE

COEFFICIENTS = (
    Column("blank", ""),
    Column("name", "ln(EV / secured MW) on contracted AI share"),
    Column("blank2", ""),
    Column("blank3", ""),
    Column("estimate", "Estimate, live", "coefficient"),
    Column("se", "HC3 std. error, of the run", "coefficient"),
    Column("t", "t, of the run", "coefficient"),
    Column("p", "p, of the run", "coefficient"),
    Column("low", "Interval low, of the run", "coefficient"),
    Column("high", "Interval high, of the run", "coefficient"),
)
LINE = (
    Column("ticker", "Ticker"),
    Column("company", "Company"),
    Column("blank", ""),
    Column("group", "Group of the run"),
    Column("share", "AI share, contracted (%)", "percent"),
    Column("value", "EV / secured MW (m USD per MW)", "per_mw"),
    Column("ln", "ln(EV / MW)", "coefficient"),
    Column("fitted_ln", "Fitted ln", "coefficient"),
    Column("residual", "Residual", "coefficient"),
    Column("fitted", "Fitted (m USD per MW)", "per_mw"),
    Column("leverage", "Leverage, of the run", "coefficient"),
)
CURVE = (
    Column("blank", ""),
    Column("share", "AI share (%)", "whole_percent"),
    Column("blank2", ""),
    Column("blank3", ""),
    Column("fitted", "Fitted (m USD per MW)", "per_mw"),
)
CURVE_STEPS = 1  # two points: on the log scale the line is straight
FIGURES = ("R2", "n", "premium", "premium_low", "premium_high", "implied")


def figure_row(book: Book, name: str) -> int:
    """Zero-based row of a figure of the regression; its value stands in column E."""
    return book.grids["coefficients"].last + 1 + FIGURES.index(name)


def write_coefficients(book: Book, sheet: Sheet) -> None:
    grid, members, line = book.grids["coefficients"], book.grids["members"], book.screen.regression
    sheet.words(grid.first - 2, 0, "Regression: ln(EV / secured MW) on contracted AI share", "section")
    sheet.header(grid, widths=False)
    x, y = members.span("share"), members.span("ln")
    enough = f'IF(COUNT({x})<{LEAST_NAMES},"n/a",IF(MAX({x})-MIN({x})<1E-12,"n/a",'
    frame = None if line is None else line.frame.to_dict("records")
    for k, (title, function) in enumerate((("Intercept", "INTERCEPT"), ("Slope: from share 0 to 100%", "SLOPE"))):
        row = grid.first + k
        numbers = {} if frame is None else frame[k]
        sheet.text(row, 1, title, bold=True)
        sheet.live(row, 4, f"{enough}{function}({y},{x})))", numbers.get("estimate"), "coefficient", bold=True)
        for key, name in (("se", "std_error_hc3"), ("t", "t"), ("p", "p"), ("low", "low"), ("high", "high")):
            sheet.of_the_run(row, grid.index(key), numbers.get(name), "coefficient")
    slope = grid.at("estimate", 1)
    known = f"ISNUMBER({slope})"
    groups = [f'AVERAGEIFS({x},{members.span("group")},"{g}",{x},">=0")' for g in (PIVOT, BITCOIN)]
    counted = ",".join(f'COUNTIFS({members.span("group")},"{g}",{x},">=0")>0' for g in (PIVOT, BITCOIN))
    titles = {
        "R2": ("R squared, live", f"{enough}RSQ({y},{x})))", line and line.r_squared, "coefficient"),
        "n": (
            "Companies in the sample, live",
            f"COUNT({x})",
            float(sum(enters(book, i) for i in range(book.n))),
            "count",
        ),
        "premium": (
            "Premium per MW, share 0 to 100%, live",
            f'IF({known},EXP({slope})-1,"n/a")',
            line and line.premium,
            "whole_percent",
        ),
        "premium_low": ("  interval low, of the run", "", line and math.expm1(line.low), "whole_percent"),
        "premium_high": ("  interval high, of the run", "", line and math.expm1(line.high), "whole_percent"),
        "implied": (
            "Gap implied between the groups' mean shares, live (x)",
            f'IF({known},IF(AND({counted}),EXP({slope}*({groups[0]}-{groups[1]})),"n/a"),"n/a")',
            line and line.implied_gap,
            "multiple",
        ),
    }
    for name, (title, formula, value, kind) in titles.items():
        row = figure_row(book, name)
        sheet.text(row, 1, title)
        if formula:
            sheet.live(row, 4, formula, value, kind)
        else:
            sheet.of_the_run(row, 4, value, kind)
    words = f"No line: {book.screen.regression_note}." if line is None else method(book)
    sheet.words(figure_row(book, "implied") + 1, 1, words, "warning" if line is None else "note")


def method(book: Book) -> str:
    """How the regression of the run was done, in one line."""
    line = book.screen.regression
    if line is None:
        return book.screen.regression_note
    return f"statsmodels OLS, HC3 standard errors, t({line.df}), n = {line.n}; two-sided p; {line.level:.0%} interval."


def write_line(book: Book, sheet: Sheet) -> None:
    grid, members, line = book.grids["line"], book.grids["members"], book.screen.regression
    if line is None:
        return
    sheet.words(grid.first - 2, 0, "The sample of the run", "section")
    sheet.header(grid, widths=False)
    intercept, slope = (book.grids["coefficients"].at("estimate", k) for k in (0, 1))
    intercept, slope = f"$E${intercept[2:]}", f"$E${slope[2:]}"
    for k, record in enumerate(line.sample.reset_index(names="ticker").to_dict("records")):
        row, at = grid.first + k, lambda key, k=k: grid.at(key, k)
        i = book.row_of[record["ticker"]]

        def put(key: str, formula: str, value: float, row: int = row) -> None:
            sheet.live(row, grid.index(key), formula, value, grid.kind(key))

        sheet.text(row, 0, record["ticker"], bold=True)
        sheet.text(row, 1, book.companies["name"][i], "name")
        sheet.text(row, 3, book.table["group"][i])
        put("share", members.at("share", i), record["share"])
        put("value", members.at("x_secured", i), book.table["ev_per_mw_secured"][i])
        put("ln", members.at("ln", i), record["ln_value"])
        predicted = f'IF(COUNT({intercept},{slope},{at("share")})=3,{intercept}+{slope}*{at("share")},"n/a")'
        put("fitted_ln", predicted, record["fitted_ln"])
        put(
            "residual",
            f'IF(COUNT({at("ln")},{at("fitted_ln")})=2,{at("ln")}-{at("fitted_ln")},"n/a")',
            record["residual"],
        )
        put(
            "fitted",
            f'IF(ISNUMBER({at("fitted_ln")}),EXP({at("fitted_ln")}),"n/a")',
            math.exp(record["fitted_ln"]),
        )
        sheet.of_the_run(row, grid.index("leverage"), record["leverage"], "coefficient")


def write_curve(book: Book, sheet: Sheet) -> None:
    grid, line = book.grids["curve"], book.screen.regression
    sheet.words(grid.first - 2, 0, "The fitted line, for the chart", "section")
    sheet.header(grid, widths=False)
    coefficients = book.grids["coefficients"]
    a, b = (f"$E${coefficients.first + 1 + k}" for k in (0, 1))
    for k in range(CURVE_STEPS + 1):
        share = k / CURVE_STEPS
        sheet.given(grid.first + k, 1, share, "whole_percent")
        value = None if line is None else math.exp(line.intercept + line.slope * share)
        formula = f'IF(COUNT({a},{b})=2,EXP({a}+{b}*{grid.at("share", k)}),"n/a")'
        sheet.live(grid.first + k, 4, formula, value, "per_mw")


def enters(book: Book, i: int) -> bool:
    """Whether a company may enter the regression, also where there are too few for a line."""
    states = (book.status["ev_per_mw_secured"][i], book.status["ai_share_contracted"][i])
    return not book.table["excluded"][i] and USABLE.issuperset(states)
