"""Regression: line and figures live, small-sample intervals and p-values as values of the run, a chart with names."""

from __future__ import annotations

import math
from typing import Any

from exports.commentary.numbers import p_text
from exports.workbook.sheets import regression_checks
from exports.workbook.sheets.scatter import COLUMNS_WIDE, insert_scatter
from exports.workbook.writer.cells import Column, Grid, Sheet, points, wrapped
from exports.workbook.writer.context import FIRST, REGRESSION, WITHOUT, Book
from valuation.groups import BITCOIN, PIVOT
from valuation.regression.ols import LEAST_NAMES
from valuation.regression.study import Study
from valuation.regression.study import beside as methods_of
from valuation.status import USABLE

WIDTHS = (10, 46, 9, *(11,) * 9, *(9,) * COLUMNS_WIDE)
COEFFICIENTS = (
    Column("blank", ""),
    Column("name", "ln(EV / secured MW) on contracted AI share"),
    Column("blank2", ""),
    Column("estimate", "Estimate, live (ln per unit of share)", "coefficient"),
    Column("se", "HC3 std. error, of the run", "coefficient"),
)
METHODS = (
    Column("blank", ""),
    Column("name", "Slope by method, of the run; the first is the headline"),
    Column("blank2", ""),
    Column("slope", "Slope (ln per unit of share)", "coefficient"),
    Column("t", "t", "statistic"),
    Column("df", "Degrees of freedom", "years"),
    Column("p", "p, two-sided", "p_value"),
    Column("low", "Interval low (ln)", "coefficient"),
    Column("high", "Interval high (ln)", "coefficient"),
    Column("premium_low", "Premium low (%)", "whole_percent"),
    Column("premium_high", "Premium high (%)", "whole_percent"),
)
LINE = (
    Column("ticker", "Ticker"),
    Column("company", "Company"),
    Column("group", "Group of the run"),
    Column("share", "AI share, contracted (%)", "percent"),
    Column("value", "EV / secured MW (m USD per MW)", "per_mw"),
    Column("ln", "ln(EV / MW)", "coefficient"),
    Column("fitted_ln", "Fitted ln", "coefficient"),
    Column("residual", "Residual (ln)", "coefficient"),
    Column("fitted", "Fitted (m USD per MW)", "per_mw"),
    Column("leverage", "Leverage, of the run", "coefficient"),
)
SAMPLE = (
    Column("ticker", "Ticker"),
    Column("company", "Company"),
    Column("use", "Use (1 = yes)", "flag"),
    Column("share", "AI share, contracted (%)", "percent"),
    Column("value", "EV / secured MW (m USD per MW)", "per_mw"),
    Column("group", "Group"),
    Column("x", "Share, where it enters (%)", "percent"),
    Column("ln", "ln(EV / MW), where it enters", "coefficient"),
)
CURVE = (
    Column("blank", ""),
    Column("share", "AI share (%)", "whole_percent"),
    Column("blank2", ""),
    Column("fitted", "Fitted (m USD per MW)", "per_mw"),
)
ENDS = (0.0, 1.0)  # on the log scale the line is straight
FIGURES = ("R2", "n", "premium", "premium_low", "premium_high", "implied", "gap")
VALUE = 3


def figure_row(book: Book, name: str) -> int:
    """Zero-based row of a figure of the regression; its value stands in column `VALUE`."""
    return book.grids["coefficients"].last + 1 + FIGURES.index(name)


def grids(book: Book) -> dict[str, Grid]:
    """Where the tables stand, from top to bottom."""
    line = book.screen.regression
    coefficients = Grid(REGRESSION, COEFFICIENTS, FIRST, 2)
    methods = Grid(REGRESSION, METHODS, coefficients.last + len(FIGURES) + 3, len(_methods(book)))
    said = methods.last + len(wrapped(_said(book))) + 6
    columns = LINE if _study(book) is None else (*LINE, *regression_checks.INFLUENCE)
    sample = Grid(REGRESSION, columns, said, 0 if line is None else line.n)
    checks = regression_checks.grid(book, sample.last + 4)
    members = Grid(REGRESSION, SAMPLE, (checks.last if checks.count else sample.last) + 4, book.n)
    curve = Grid(REGRESSION, CURVE, members.last + 4, len(ENDS))
    return {"coefficients": coefficients, "methods": methods, "line": sample, "beside": checks, "sample": members,
            "curve": curve}  # fmt: skip


def _study(book: Book) -> Study | None:
    return None if book.screen.studies is None else book.studies.line


def write(book: Book) -> None:
    """Write the sheet."""
    sheet = book.sheet(REGRESSION)
    book.top(
        sheet, REGRESSION, "Does the market pay for signed AI revenue? ln(EV / secured MW) on contracted AI share."
    )
    for col, width in enumerate(WIDTHS):
        sheet.page.set_column(col, col, width)
    _coefficients(book, sheet)
    _figures(book, sheet)
    _inference(book, sheet)
    sheet.lines(book.grids["methods"].last + 2, _said(book), head="What can and cannot be said, in the run")
    _line(book, sheet)
    regression_checks.write_beside(book, sheet)
    _sample(book, sheet)
    _curve(book, sheet)
    if book.screen.regression is not None:
        insert_scatter(book, sheet, book.screen.regression, at=(FIRST - 2, len(WIDTHS) - COLUMNS_WIDE))
    second = book.grids["beside"] if book.grids["beside"].count else book.grids["sample"]
    sheet.page.set_h_pagebreaks([second.first - 2])
    last = sheet.lines(book.grids["curve"].last + 2, _notes())
    book.finish(sheet, freeze=(FIRST - 2, 0), repeat=(0, 3), last=(last, len(WIDTHS) - 1))


def _coefficients(book: Book, sheet: Sheet) -> None:
    grid, line = book.grids["coefficients"], book.screen.regression
    sheet.words(grid.first - 2, 0, "The line", "section")
    sheet.header(grid, widths=False)
    frame = None if line is None else line.frame.to_dict("records")
    for k, (title, function) in enumerate((("Intercept", "INTERCEPT"), ("Slope: from share 0 to 100%", "SLOPE"))):
        row, numbers = grid.first + k, {} if frame is None else frame[k]
        sheet.text(row, 1, title, bold=True)
        formula = _where_enough(book, f"{function}({_span(book, 'ln')},{_span(book, 'x')})")
        sheet.formula(row, VALUE, formula, numbers.get("estimate"), "coefficient", bold=True)
        sheet.static(row, grid.index("se"), numbers.get("std_error_hc3"), "coefficient")


def _span(book: Book, key: str) -> str:
    return book.grids["sample"].span(key)


def _where_enough(book: Book, formula: str) -> str:
    x = _span(book, "x")
    return f'IF(COUNT({x})<{LEAST_NAMES},"n/a",IF(MAX({x})-MIN({x})<1E-12,"n/a",{formula}))'


def _figures(book: Book, sheet: Sheet) -> None:
    line, slope = book.screen.regression, book.grids["coefficients"].at("estimate", 1)
    x, group = _span(book, "x"), _span(book, "group")
    means = [f'AVERAGEIFS({x},{group},"{g}",{x},">=0")' for g in (PIVOT, BITCOIN)]
    both = ",".join(f'COUNTIFS({group},"{g}",{x},">=0")>0' for g in (PIVOT, BITCOIN))
    implied = f'IF(ISNUMBER({slope}),IF(AND({both}),EXP({slope}*({means[0]}-{means[1]})),"n/a"),"n/a")'
    low, high = (None, None) if line is None else (math.expm1(line.wild.low), math.expm1(line.wild.high))
    live: dict[str, tuple[str, str, Any, str]] = {
        "R2": ("R squared, live", _where_enough(book, f"RSQ({_span(book, 'ln')},{x})"), line and line.r_squared,
               "coefficient"),
        "n": ("Companies in the line, live", f"COUNT({x})", float(sum(enters(book, i) for i in range(book.n))), "count"),
        "premium": (
            "Premium per MW, share 0 to 100%, live (%)",
            f'IF(ISNUMBER({slope}),EXP({slope})-1,"n/a")', line and line.premium, "whole_percent",
        ),
        "premium_low": ("   headline interval low, of the run (%)", "", low, "whole_percent"),
        "premium_high": ("   headline interval high, of the run (%)", "", high, "whole_percent"),
        "implied": ("Gap implied between the groups' mean shares, live (x)", implied, line and line.implied_gap, "ratio"),
        "gap": ("Raw gap beside it, ratio of medians, live (x)", book.grids["gap"].link("ratio", 0),
                book.screen.gap.headline["ratio"], "ratio"),
    }  # fmt: skip
    for name, (title, formula, value, kind) in live.items():
        row = figure_row(book, name)
        sheet.text(row, 1, title)
        if formula:
            sheet.formula(row, VALUE, formula, value, kind)
        else:
            sheet.static(row, VALUE, value, kind)


def _methods(book: Book) -> list[dict[str, Any]]:
    line = book.screen.regression
    return [] if line is None else methods_of(line).frame.reset_index(names="name").to_dict("records")


def _inference(book: Book, sheet: Sheet) -> None:
    grid = book.grids["methods"]
    sheet.header(grid, widths=False)
    for k, row in enumerate(_methods(book)):
        sheet.text(grid.first + k, 1, row["name"], bold=k == 0)
        numbers = row | {f"premium_{end}": math.expm1(row[end]) for end in ("low", "high")}
        for column in grid.columns[3:]:
            # A resampling method has no degrees of freedom: not unknown, but not applicable.
            unknown = "" if column.key == "df" else "n/a"
            sheet.static(grid.first + k, grid.index(column.key), numbers[column.key], column.kind, unknown=unknown)
    if not grid.count:
        sheet.words(grid.first, 1, f"No line: {book.screen.regression_note}.", "warning")


def premium_in_words(book: Book) -> str:
    """The premium with its headline interval, p, method, n and seed."""
    line = book.screen.regression
    if line is None:
        return f"No regression: {book.screen.regression_note}."
    wild = line.wild
    drawn = f"all {wild.draws:,} sign vectors" if wild.exact else f"B = {wild.draws:,}, seed {wild.seed}"
    return (
        f"Regression: from a contracted AI share of 0 to 100% the value of a secured megawatt differs by "
        f"{line.premium:+.0%} ({line.level:.0%} interval {math.expm1(wild.low):+.0%} to {math.expm1(wild.high):+.0%}, p "
        f"{p_text(wild.p_value)}, n = {line.n}, R squared {line.r_squared:.2f}); {wild.method} ({drawn})."
    )


def _said(book: Book) -> list[str]:
    """What the line allows to say."""
    line = book.screen.regression
    if line is None:
        return [f"No line can be told: {book.screen.regression_note}."]
    study = _study(book)
    if study is not None:
        from exports.terminal.regression import can_be_said, cannot_be_said

        return points(can_be_said(study), cannot_be_said(study))
    wild = line.wild
    sure = wild.low > 0 or wild.high < 0
    tells = "a share of zero and one of 100% are valued differently" if sure else "even the sign is open"
    return [
        f"Can be said: {premium_in_words(book).removeprefix('Regression: ')}",
        f"By that interval {tells}. At n = {line.n} no test is exact.",
        WITHOUT,
        "Cannot be said: that signing a contract raises the value (the line compares companies, it does not follow one), or "
        "that it holds between its two clouds of companies.",
    ]


def _line(book: Book, sheet: Sheet) -> None:
    grid, sample, line = book.grids["line"], book.grids["sample"], book.screen.regression
    if line is None:
        return
    sheet.words(grid.first - 2, 0, "The companies in the line of the run", "section")
    sheet.header(grid, widths=False)
    intercept, slope = (_fixed(book.grids["coefficients"], k) for k in (0, 1))
    study = _study(book)
    for k, record in enumerate(line.sample.reset_index(names="ticker").to_dict("records")):
        row, at = grid.first + k, lambda key, k=k: grid.at(key, k)
        i = book.row_of[record["ticker"]]

        def put(key: str, formula: str, value: float, row: int = row) -> None:
            sheet.formula(row, grid.index(key), formula, value, grid.kind(key))

        sheet.text(row, 0, record["ticker"], bold=True)
        sheet.text(row, 1, book.companies["name"][i], "name")
        sheet.text(row, 2, book.table["group"][i])
        put("share", sample.at("x", i), record["share"])
        put("value", sample.at("value", i), book.table["ev_per_mw_secured"][i])
        put("ln", sample.at("ln", i), record["ln_value"])
        predicted = f'IF(COUNT({intercept},{slope},{at("share")})=3,{intercept}+{slope}*{at("share")},"n/a")'
        put("fitted_ln", predicted, record["fitted_ln"])
        residual = f'IF(COUNT({at("ln")},{at("fitted_ln")})=2,{at("ln")}-{at("fitted_ln")},"n/a")'
        put("residual", residual, record["residual"])
        fitted = f'IF(ISNUMBER({at("fitted_ln")}),EXP({at("fitted_ln")}),"n/a")'
        put("fitted", fitted, math.exp(record["fitted_ln"]))
        sheet.static(row, grid.index("leverage"), record["leverage"], "coefficient")
        if study is not None:
            moved = study.influence.frame.loc[record["ticker"]]
            for column in regression_checks.INFLUENCE:
                sheet.static(row, grid.index(column.key), float(moved[column.key]), column.kind)


def _fixed(coefficients: Grid, k: int) -> str:
    return coefficients.at("estimate", k).replace("$D", "$D$")


def _sample(book: Book, sheet: Sheet) -> None:
    grid, members = book.grids["sample"], book.grids["members"]
    sheet.words(grid.first - 2, 0, "Who enters, live: helper cells are empty where a company does not", "section")
    sheet.header(grid, widths=False)
    line = book.screen.regression
    for i in range(book.n):
        row, at = grid.first + i, lambda key, i=i: grid.at(key, i)
        value, share = book.table["ev_per_mw_secured"][i], book.table["ai_share_contracted"][i]
        sheet.text(row, 0, book.tickers[i], bold=True)
        sheet.text(row, 1, book.companies["name"][i], "name")
        used = 0.0 if book.table["excluded"][i] else 1.0
        sheet.formula(row, 2, members.link("use", i), used, "flag")
        status = book.status["ai_share_contracted"][i]
        sheet.formula(row, 3, book.grids["screen"].link("contracted", i), share, "percent", status=status)
        status = book.status["ev_per_mw_secured"][i]
        sheet.formula(row, 4, book.grids["multiples"].link("per_secured", i), value, "per_mw", status=status)
        sheet.formula(row, 5, members.link("group", i), book.table["group"][i])
        test = f"AND({at('use')}=1,COUNT({at('value')},{at('share')})=2)"
        mine = enters(book, i)
        ln = math.log(value) if mine else ""
        if line is not None and mine:
            ln = float(line.sample.at[book.tickers[i], "ln_value"])
        sheet.formula(row, 6, f'IF({test},{at("share")},"")', share if mine else "", "percent")
        sheet.formula(row, 7, f'IF({test},LN({at("value")}),"")', ln, "coefficient")


def _curve(book: Book, sheet: Sheet) -> None:
    grid, line = book.grids["curve"], book.screen.regression
    sheet.words(grid.first - 2, 0, "The fitted line, for the chart", "section")
    sheet.header(grid, widths=False, height=24)
    a, b = (_fixed(book.grids["coefficients"], k) for k in (0, 1))
    for k, share in enumerate(ENDS):
        sheet.input(grid.first + k, 1, share, "whole_percent")
        value = None if line is None else math.exp(line.intercept + line.slope * share)
        formula = f'IF(COUNT({a},{b})=2,EXP({a}+{b}*{grid.at("share", k)}),"n/a")'
        sheet.formula(grid.first + k, VALUE, formula, value, "per_mw")


def enters(book: Book, i: int) -> bool:
    """Whether a company may enter the regression, also where there are too few for a line."""
    states = (book.status["ev_per_mw_secured"][i], book.status["ai_share_contracted"][i])
    return not book.table["excluded"][i] and USABLE.issuperset(states)


def _notes() -> list[str]:
    return [
        "ln(EV / secured MW) = intercept + slope x contracted AI share, ordinary least squares. Premium: exp(slope) - 1.",
        "HC3: MacKinnon & White 1985. HC2 with Bell-McCaffrey degrees of freedom: Bell & McCaffrey 2002. Restricted wild "
        "bootstrap: the null imposed, every sign vector where n is at most 18, the interval by inverting the test.",
        "Colours in the chart are the groups of the run. A changed input moves the line and all in black or green.",
    ]
