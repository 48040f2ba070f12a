"""Regression of ln(EV / secured MW) on contracted AI share: line as formulas, inference fixed at run time, chart."""

from __future__ import annotations

import math
from typing import Any

from exports.workbook.sheets import regression_checks
from exports.workbook.sheets.scatter import COLUMNS_WIDE, insert_scatter
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.citations import cited
from exports.workbook.writer.context import FIRST, REGRESSION, STUDIES_HINT, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange, cell
from exports.workbook.writer.texts import commentary, paragraphs, wrapped
from valuation.groups import PIVOT
from valuation.regression.ols import LEAST_NAMES
from valuation.regression.prediction import assumptions_of_interval
from valuation.regression.study import RegressionStudy, with_hc2
from valuation.status import USABLE

WIDTHS = (10, 46, 9, *(11,) * 9, *(9,) * COLUMNS_WIDE)
COEFFICIENTS = (
    Column("blank", ""),
    Column("name", "ln(EV / secured MW) on contracted AI share"),
    Column("blank2", ""),
    Column("estimate", "Estimate (ln per unit of share)", "coefficient"),
    Column("se", "HC3 std. error, fixed at run", "coefficient"),
)
METHODS = (
    Column("blank", ""),
    Column("name", "Slope by method, fixed at run; the first is the headline"),
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
    Column("group", "Group, fixed at run"),
    Column("share", "AI share, contracted (%)", "percent"),
    Column("value", "EV / secured MW ($m per MW)", "per_mw"),
    Column("ln", "ln(EV / MW)", "coefficient"),
    Column("fitted_ln", "Fitted ln", "coefficient"),
    Column("residual", "Residual (ln)", "coefficient"),
    Column("fitted", "Fitted ($m per MW)", "per_mw"),
    Column("leverage", "Leverage, fixed at run", "coefficient"),
)
SAMPLE = (
    Column("ticker", "Ticker"),
    Column("company", "Company"),
    Column("use", "Use (1 = yes)", "flag"),
    Column("share", "AI share, contracted (%)", "percent"),
    Column("value", "EV / secured MW ($m per MW)", "per_mw"),
    Column("group", "Group"),
    Column("x", "Share, if included (%)", "percent"),
    Column("ln", "ln(EV / MW), if included", "coefficient"),
)
CURVE = (
    Column("blank", ""),
    Column("share", "AI share (%)", "whole_percent"),
    Column("blank2", ""),
    Column("fitted", "Fitted ($m per MW)", "per_mw"),
)
ENDS = (0.0, 1.0)  # on the log scale the line is straight
FIGURES = (
    "R2", "n", "premium", "premium_low", "premium_high", "mean_share", "lead", "lead_low", "lead_high", "lead_p", "gap",
)  # fmt: skip
VALUE = 3


def figure_row(book: ScreenBook, name: str) -> int:
    """Zero-based row of a figure of the regression; its value is in column `VALUE`."""
    return book.ranges["coefficients"].last + 1 + FIGURES.index(name)


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the tables, from top to bottom."""
    line = book.screen.regression
    coefficients = TableRange(REGRESSION, COEFFICIENTS, FIRST, 2)
    methods = TableRange(REGRESSION, METHODS, coefficients.last + len(FIGURES) + 3, len(_methods(book)))
    first = methods.last + len(wrapped(book.once(_commentary))) + 6
    columns = LINE if _study(book) is None else (*LINE, *regression_checks.INFLUENCE)
    sample = TableRange(REGRESSION, columns, first, 0 if line is None else line.n)
    checks = regression_checks.table_range(book, sample.last + 4)
    members = TableRange(REGRESSION, SAMPLE, (checks.last if checks.count else sample.last) + 4, book.n)
    curve = TableRange(REGRESSION, CURVE, members.last + 4, len(ENDS))
    return {"coefficients": coefficients, "methods": methods, "line": sample, "checks": checks, "sample": members,
            "curve": curve}  # fmt: skip


def _study(book: ScreenBook) -> RegressionStudy | None:
    return None if book.screen.studies is None else book.studies.line


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet = book.sheet(REGRESSION)
    book.heading(
        sheet,
        REGRESSION,
        "ln(EV / secured MW) on contracted AI share, one observation per company.",
    )
    sheet.set_widths(WIDTHS)
    _coefficients(book, sheet)
    _figures(book, sheet)
    _inference(book, sheet)
    sheet.notes(
        book.ranges["methods"].last + 2, book.once(_commentary), head="Findings and limitations, fixed at run time"
    )
    _line(book, sheet)
    regression_checks.write_checks(book, sheet)
    _sample(book, sheet)
    _curve(book, sheet)
    if book.screen.regression is not None:
        insert_scatter(book, sheet, book.screen.regression, at=(FIRST - 2, len(WIDTHS) - COLUMNS_WIDE))
    second = book.ranges["checks"] if book.ranges["checks"].count else book.ranges["sample"]
    sheet.page.set_h_pagebreaks([second.first - 2])
    last = sheet.notes(book.ranges["curve"].last + 2, _notes())
    book.finish(sheet, freeze=(FIRST - 2, 0), repeat=(0, 3), last=(last, len(WIDTHS) - 1))


def _coefficients(book: ScreenBook, sheet: Sheet) -> None:
    area, line = book.ranges["coefficients"], book.screen.regression
    sheet.label(area.first - 2, 0, "Regression line", "section")
    sheet.header(area, widths=False)
    frame = None if line is None else line.frame.to_dict("records")
    for k, (title, function) in enumerate((("Intercept", "INTERCEPT"), ("Slope: from share 0 to 100%", "SLOPE"))):
        row, numbers = area.first + k, {} if frame is None else frame[k]
        sheet.text(row, 1, title, bold=True)
        formula = _where_enough(book, f"{function}({_span(book, 'ln')},{_span(book, 'x')})")
        sheet.formula(row, VALUE, formula, numbers.get("estimate"), "coefficient", bold=True)
        sheet.static(row, area.index("se"), numbers.get("std_error_hc3"), "coefficient")


def _span(book: ScreenBook, key: str) -> str:
    return book.ranges["sample"].span(key)


def _where_enough(book: ScreenBook, formula: str) -> str:
    x = _span(book, "x")
    return f'IF(COUNT({x})<{LEAST_NAMES},"n/a",IF(MAX({x})-MIN({x})<1E-12,"n/a",{formula}))'


def _figures(book: ScreenBook, sheet: Sheet) -> None:
    line, slope = book.screen.regression, book.ranges["coefficients"].at("estimate", 1)
    x, group = _span(book, "x"), _span(book, "group")
    mean_of_pivots = f'AVERAGEIFS({x},{group},"{PIVOT}",{x},">=0")'
    low, high = (None, None) if line is None else (math.expm1(line.wild.low), math.expm1(line.wild.high))
    lead, mean = book.screen.lead.line, cell(figure_row(book, "mean_share"), VALUE)
    pivots = f'COUNTIFS({group},"{PIVOT}",{x},">=0")>0'
    figures: dict[str, tuple[str, str, Any, str]] = {
        "R2": ("R squared", _where_enough(book, f"RSQ({_span(book, 'ln')},{x})"), line and line.r_squared,
               "coefficient"),
        "n": ("Companies in the regression", f"COUNT({x})", float(sum(enters(book, i) for i in range(book.n))), "count"),
        "premium": (
            "Premium per MW, share 0 to 100% (%)",
            f'IF(ISNUMBER({slope}),EXP({slope})-1,"n/a")', line and line.premium, "whole_percent",
        ),
        "premium_low": ("   confidence interval, low, fixed at run (%)", "", low, "whole_percent"),
        "premium_high": ("   confidence interval, high, fixed at run (%)", "", high, "whole_percent"),
        "mean_share": ("AI group's mean contracted share (%)", f'IF({pivots},{mean_of_pivots},"n/a")', mean_share(book),
                       "percent"),
        "lead": ("Gap implied from no share to the AI group's mean share (x)",
                 f'IF(COUNT({slope},{mean})=2,EXP({slope}*{mean}),"n/a")', lead and lead.ratio, "ratio"),
        "lead_low": ("   confidence interval, low, fixed at run (x)", "", lead and lead.low, "ratio"),
        "lead_high": ("   confidence interval, high, fixed at run (x)", "", lead and lead.high, "ratio"),
        "lead_p": ("   p of the slope, wild bootstrap, fixed at run", "", lead and lead.p, "p_value"),
        "gap": ("Raw gap, typical ratio (Hodges-Lehmann) (x)", book.ranges["gap"].link("ratio", 0),
                book.screen.gap.headline["ratio"], "ratio"),
    }  # fmt: skip
    for name, (title, formula, value, kind) in figures.items():
        row = figure_row(book, name)
        sheet.text(row, 1, title)
        if formula:
            sheet.formula(row, VALUE, formula, value, kind)
        else:
            sheet.static(row, VALUE, value, kind)


def mean_share(book: ScreenBook) -> float | None:
    """Mean contracted share of the AI group's companies in the sample, also where there are too few for a line."""
    shares = [
        book.table["ai_share_contracted"][i]
        for i in range(book.n)
        if enters(book, i) and book.table["group"][i] == PIVOT
    ]
    return sum(shares) / len(shares) if shares else None


def _methods(book: ScreenBook) -> list[dict[str, Any]]:
    line = book.screen.regression
    return [] if line is None else with_hc2(line).frame.reset_index(names="name").to_dict("records")


def _inference(book: ScreenBook, sheet: Sheet) -> None:
    area = book.ranges["methods"]
    sheet.header(area, widths=False)
    for k, row in enumerate(_methods(book)):
        sheet.text(area.first + k, 1, row["name"], bold=k == 0)
        numbers = row | {f"premium_{end}": math.expm1(row[end]) for end in ("low", "high")}
        for column in area.columns[3:]:
            # A resampling method has no degrees of freedom: not unknown, but not applicable.
            unknown = "" if column.key == "df" else "n/a"
            sheet.static(area.first + k, area.index(column.key), numbers[column.key], column.kind, unknown=unknown)
    if not area.count:
        sheet.label(area.first, 1, f"Regression not available: {book.screen.regression_note}.", "warning")


def _commentary(book: ScreenBook) -> list[str]:
    """Findings on the regression, with the method of its interval."""
    line, study = book.screen.regression, _study(book)
    if line is None:
        return [f"Regression not available: {book.screen.regression_note}."]
    wild = line.wild
    drawn = f"all {wild.draws:,} sign vectors" if wild.exact else f"B = {wild.draws:,}, seed {wild.seed}"
    method = (
        f"Headline interval and p: {wild.method} ({drawn}), n = {line.n}. With {line.n} companies no test is exact."
    )
    return [
        *commentary((study or line).findings), *([STUDIES_HINT] if study is None else []), method,
        assumptions_of_interval(line.n, line.level),
    ]  # fmt: skip


def _line(book: ScreenBook, sheet: Sheet) -> None:
    area, sample, line = book.ranges["line"], book.ranges["sample"], book.screen.regression
    if line is None:
        return
    sheet.label(area.first - 2, 0, "Companies in the regression, fixed at run time", "section")
    sheet.header(area, widths=False, height=46)
    intercept, slope = (_fixed(book.ranges["coefficients"], k) for k in (0, 1))
    study = _study(book)
    influence = {} if study is None else study.influence.frame.to_dict("index")
    for k, row in enumerate(line.sample.reset_index(names="ticker").to_dict("records")):
        record, i = sheet.record(area, k), book.row_of[row["ticker"]]
        at = record.at
        record.company(row["ticker"], book.companies["name"][i])
        record.text("group", book.table["group"][i])
        record.formula("share", sample.at("x", i), row["share"])
        record.formula("value", sample.at("value", i), book.table["ev_per_mw_secured"][i])
        record.formula("ln", sample.at("ln", i), row["ln_value"])
        predicted = f'IF(COUNT({intercept},{slope},{at("share")})=3,{intercept}+{slope}*{at("share")},"n/a")'
        record.formula("fitted_ln", predicted, row["fitted_ln"])
        residual = f'IF(COUNT({at("ln")},{at("fitted_ln")})=2,{at("ln")}-{at("fitted_ln")},"n/a")'
        record.formula("residual", residual, row["residual"])
        fitted = f'IF(ISNUMBER({at("fitted_ln")}),EXP({at("fitted_ln")}),"n/a")'
        record.formula("fitted", fitted, math.exp(row["fitted_ln"]))
        record.static("leverage", row["leverage"])
        for column in regression_checks.INFLUENCE if study is not None else ():
            record.static(column.key, float(influence[row["ticker"]][column.key]))


def _fixed(coefficients: TableRange, k: int) -> str:
    return coefficients.at("estimate", k).replace("$D", "$D$")


def _sample(book: ScreenBook, sheet: Sheet) -> None:
    area, members = book.ranges["sample"], book.ranges["members"]
    sheet.label(area.first - 2, 0, "Sample: helper cells are empty where a company is excluded", "section")
    sheet.header(area, widths=False)
    line, status = book.screen.regression, book.status
    for i, ticker in enumerate(book.tickers):
        record, mine = sheet.record(area, i), enters(book, i)
        value, share = book.table["ev_per_mw_secured"][i], book.table["ai_share_contracted"][i]
        record.company(ticker, book.companies["name"][i])
        record.formula("use", members.link("use", i), 0.0 if book.table["excluded"][i] else 1.0)
        contracted = book.ranges["screen"].link("contracted", i)
        per_mw = book.ranges["multiples"].link("ev_per_mw_secured", i)
        record.formula("share", contracted, share, status=status["ai_share_contracted"][i])
        record.formula("value", per_mw, value, status=status["ev_per_mw_secured"][i])
        record.formula("group", members.link("group", i), book.table["group"][i])
        test = f"AND({record.at('use')}=1,COUNT({record.at('value')},{record.at('share')})=2)"
        ln = math.log(value) if mine else ""
        if line is not None and mine:
            ln = float(line.sample.at[ticker, "ln_value"])
        record.formula("x", f'IF({test},{record.at("share")},"")', share if mine else "")
        record.formula("ln", f'IF({test},LN({record.at("value")}),"")', ln)


def _curve(book: ScreenBook, sheet: Sheet) -> None:
    area, line = book.ranges["curve"], book.screen.regression
    sheet.label(area.first - 2, 0, "Fitted line, for the chart", "section")
    sheet.header(area, widths=False, height=24)
    a, b = (_fixed(book.ranges["coefficients"], k) for k in (0, 1))
    for k, share in enumerate(ENDS):
        sheet.input(area.first + k, 1, share, "whole_percent")
        value = None if line is None else math.exp(line.intercept + line.slope * share)
        formula = f'IF(COUNT({a},{b})=2,EXP({a}+{b}*{area.at("share", k)}),"n/a")'
        sheet.formula(area.first + k, VALUE, formula, value, "per_mw")


def enters(book: ScreenBook, i: int) -> bool:
    """Whether a company is in the sample, also where there are too few for a regression."""
    states = book.screen.status.loc[book.tickers[i], ["ev_per_mw_secured", "ai_share_contracted"]]
    return not book.table["excluded"][i] and USABLE.issuperset(states)


def _notes() -> list[str]:
    return paragraphs(f"""
        - ln(EV / secured MW) = intercept + slope x contracted AI share, ordinary least squares. Premium: exp(slope) - 1.
        - HC3 standard errors, HC2 with Bell-McCaffrey degrees of freedom, and a restricted wild bootstrap: null imposed, all
          sign vectors where n is at most 18, interval by inverting the test. Sources: {cited("METHODS 8")}.
        - Colours in the chart are the groups at run time. A changed input moves the line and all black and green figures.
    """)
