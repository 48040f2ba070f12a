"""Football field: value per share by method and company, with the share price, and the chart of a chosen company."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from exports.workbook.sheets.choice import choose, chosen
from exports.workbook.sheets.nav_common import analysis
from exports.workbook.writer import charts
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import FIELD, REGRESSION, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange, cell
from exports.workbook.writer.style import INK, PIVOT_COLOUR, WHISKER_COLOUR
from exports.workbook.writer.texts import paragraphs

CHOICE, CHART_ROWS = 4, 17
RANGES = {
    "floor": "Execution floor to NAV (DCF)",
    "methods": "NAV: cap rate and DCF",
    "scenarios": "NAV (DCF) in the scenarios",
    "draws": "Simulated NAV (DCF), 5% to 95%",
    "line": "Regression line, 1 standard error",
    "year": "Closes of 52 weeks, low to high",
}
HEADS = {
    "floor": "Floor to NAV (DCF)", "methods": "NAV, two methods", "scenarios": "Scenarios, part fixed",
    "draws": "Simulated, fixed", "line": "Regression line", "year": "52 weeks, fixed",
}  # fmt: skip
SHORT = {
    "floor": "floor", "methods": "NAV", "scenarios": "scenarios", "draws": "simulated", "line": "line", "year": "52 weeks",
}  # fmt: skip
COLUMNS = (
    Column("ticker", "Ticker", width=9),
    Column("company", "Company", width=52),
    Column("price", "Price (USD)", "price", 9.5),
    *(Column(f"{key}_{end}", f"{end.capitalize()}, {SHORT[key]} (USD)", "price", 10.5, HEADS[key])
      for key in RANGES for end in ("low", "high")),
)  # fmt: skip
# One bar: nothing up to its start, the part below the price, the price as a mark, the part above it.
PARTS = ("base", "below", "gap", "mark", "gap_after", "above")
BARS = (
    Column("ticker", "Ticker"), Column("label", "Method and range (USD per share)", "small"),
    *(Column(key, f"{key.replace('_', ' ').capitalize()} (USD)", "price") for key in PARTS),
)  # fmt: skip
SHOWN = (Column("blank", ""), Column("label", "Chosen company: method and range (USD per share)", "small"), *BARS[2:])
# Width of the price's mark beside the longest bar; of many digits, so that no figure lies between two roundings.
MARK = 0.0061803398875
FILLS = {
    "base": {"none": True}, "below": {"color": WHISKER_COLOUR}, "gap": {"none": True}, "mark": {"color": INK},
    "gap_after": {"none": True}, "above": {"color": PIVOT_COLOUR},
}  # fmt: skip


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the ranges, of the chosen company's bars and of every company's."""
    # A blank row below the chart: on paper a table and a chart that touch are one piece, and this one begins a page.
    companies = TableRange(FIELD, COLUMNS, CHOICE + CHART_ROWS + 6, book.n)
    shown = TableRange(FIELD, SHOWN, companies.last + 4, len(RANGES))
    return {
        "field": companies, "field_shown": shown,
        "field_bars": TableRange(FIELD, BARS, shown.last + 4, book.n * len(RANGES)),
    }  # fmt: skip


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area, companies = book.sheet(FIELD), book.ranges["field"], book.ranges["nav"]
    book.heading(
        sheet, FIELD, "Value per share by method, and the share price. Ranges follow the inputs except where marked."
    )
    sheet.label(CHOICE, 0, "Choose a ticker in the yellow cell", "section")
    place = choose(book, sheet, (CHOICE, 3), area.span("ticker"), "row below")
    error, value = _standard_error(book)
    sheet.label(CHOICE, 7, "Standard error of the regression (ln)", "note")
    sheet.formula(CHOICE, 11, error, value, "coefficient")
    sheet.header(area, height=24)
    for i in range(book.n):
        record = sheet.record(area, i)
        record.company(book.tickers[i], book.companies["name"][i])
        record.formula("price", companies.link("price", i), _of(book, "price", i))
        for key, pair in _ranges(book, record, i, value).items():
            for end, (formula, amount) in zip(("low", "high"), pair, strict=True):
                if formula:
                    record.formula(
                        f"{key}_{end}", formula, amount, unknown=amount if isinstance(amount, str) else "n/a"
                    )
                else:
                    record.static(f"{key}_{end}", amount)
    _bars(book, sheet)
    _chosen(book, sheet, place)
    last = sheet.notes(book.ranges["field_bars"].last + 2, _notes(book))
    sheet.page.set_h_pagebreaks([book.ranges["field_shown"].first - 3])
    book.finish(sheet, freeze=(CHOICE + 1, 2), repeat=(0, 3), last=(last, len(COLUMNS) - 1))


def _of(book: ScreenBook, key: str, i: int) -> Any:
    return book.stored(book.ranges["nav"], key, i)


def _standard_error(book: ScreenBook) -> tuple[str, Any]:
    """Standard error of the regression in logs, over the companies in it."""
    line, area = book.screen.regression, book.ranges["line"]
    if line is None:
        return f'IF(ISNUMBER({cell(book.ranges["coefficients"].first, 3, sheet=REGRESSION)}),0,"n/a")', "n/a"
    known = f"COUNT({area.link_span('ln')})>2"
    squares = float((line.sample["residual"] ** 2).sum())
    formula = f'IF({known},STEYX({area.link_span("ln")},{area.link_span("share")}),"n/a")'
    return formula, math.sqrt(squares / (line.n - 2))


def _ranges(book: ScreenBook, record: Record, i: int, error: Any) -> dict[str, list[tuple[str, Any]]]:
    """Low and high by method, as formulas with their values; a figure fixed at run time has no formula."""
    nav = book.ranges["nav"]
    out = {
        "floor": _between(book, i, "floor_share", "nav_share"),
        "methods": _between(book, i, "cap_share", "nav_share"),
    }
    outcomes, names = book.ranges["outcomes"], [one.scenario.name for one in book.screen.scenarios]
    share, value = nav.link("nav_share", i), _of(book, "nav_share", i)
    if names:
        cells = f"{outcomes.link(f'v_{names[0]}', i)}:{outcomes.at(f'v_{names[-1]}', i)}"
        changes = [c for c in (book.stored(outcomes, f"v_{name}", i) for name in names) if not isinstance(c, str)]
        able = bool(changes) and not isinstance(value, str)
        out["scenarios"] = [
            (f'IF(AND(ISNUMBER({share}),COUNT({cells})>0),ROUND({share}*(1+{end}(0,{cells})),6),"n/a")',
             round(value * (1 + pick(0.0, *changes)), 6) if able else "n/a")
            for end, pick in (("MIN", min), ("MAX", max))
        ]  # fmt: skip
    else:
        out["scenarios"] = [("", None), ("", None)]
    drawn = [(nav.link(key, i), _of(book, key, i)) for key in ("p5", "p95")]
    out["draws"] = drawn
    out["line"] = _line(book, i, error)
    closes = book.closes_of(book.tickers[i])
    known = len(closes) > 0
    out["year"] = [("", float(closes.min()) if known else None), ("", float(closes.max()) if known else None)]
    return out


def _between(book: ScreenBook, i: int, first: str, second: str) -> list[tuple[str, Any]]:
    nav = book.ranges["nav"]
    a, b = nav.link(first, i), nav.link(second, i)
    values = _of(book, first, i), _of(book, second, i)
    text = next((v for v in reversed(values) if isinstance(v, str)), None)
    unknown = f"IF(ISNUMBER({b}),{a},{b})"
    return [
        (f"IF(COUNT({a},{b})=2,{name}({a},{b}),{unknown})", text if text is not None else pick(values))
        for name, pick in (("MIN", min), ("MAX", max))
    ]


def _line(book: ScreenBook, i: int, error: Any) -> list[tuple[str, Any]]:
    """Value per share at the regression line of EV per secured MW, one standard error either side; shares stay."""
    a, b = (cell(book.ranges["coefficients"].first + k, 3, sheet=REGRESSION) for k in (0, 1))
    bridge, multiples, sample = book.ranges["bridge"], book.ranges["multiples"], book.ranges["sample"]
    places = [(sample, "x"), (multiples, "secured_mw"), (bridge, "ev"), (bridge, "equity"), (bridge, "diluted")]
    share, mw, ev, equity, diluted = (area.link(key, i) for area, key in places)
    width = cell(CHOICE, 11)
    found = [book.stored(area, key, i) for area, key in places]
    found += [book.stored_at(REGRESSION, book.ranges["coefficients"].first + k, 3) for k in (0, 1)]
    able = not any(isinstance(v, str) for v in (*found, error))
    out: list[tuple[str, Any]] = []
    for sign in (-1, 1):
        implied = f"EXP({a}+{b}*{share}{'+' if sign > 0 else '-'}{width})*{mw}"
        known = f"COUNT({a},{b},{share},{width},{mw},{ev},{equity},{diluted})=8"
        formula = f'IF({known},({implied}-({ev}-{equity}))/{diluted},"n/a")'
        value: Any = "n/a"
        if able:
            x, power, firm, own, shares, intercept, slope = found
            value = (math.exp(intercept + slope * x + sign * error) * power - (firm - own)) / shares
        out.append((formula, value))
    return out


def _bars(book: ScreenBook, sheet: Sheet) -> None:
    """The bar of each company and method; below zero nothing is drawn."""
    area, companies = book.ranges["field_bars"], book.ranges["field"]
    sheet.label(area.first - 3, 0, "Bars of every company, for the charts", "section")
    sheet.header(area, widths=False, height=24, section=False)
    for i, ticker in enumerate(book.tickers):
        price_at, price = companies.at("price", i), _number(book.stored(companies, "price", i))
        ends = f"{companies.at('floor_low', i)}:{companies.at('year_high', i)}"
        shown = [book.stored(companies, column.key, i) for column in COLUMNS[2:]]
        widest = max([0.0, *(v for v in shown if not isinstance(v, str))])
        mark_at = f"{MARK}*MAX(0,{price_at},{ends})*ISNUMBER({price_at})"
        mark = MARK * widest if not isinstance(shown[0], str) else 0.0
        for k, (key, title) in enumerate(RANGES.items()):
            record = sheet.record(area, i * len(RANGES) + k)
            low_at, high_at = companies.at(f"{key}_low", i), companies.at(f"{key}_high", i)
            low, high = (book.stored(companies, f"{key}_{end}", i) for end in ("low", "high"))
            known = not isinstance(low, str) and not isinstance(high, str)
            record.text("ticker", ticker)
            told = f'FIXED(ROUND({low_at},2),2)&" to "&FIXED(ROUND({high_at},2),2)'
            record.formula("label", f'"{title}: "&IF(COUNT({low_at},{high_at})=2,{told},"n/a")',
                           f"{title}: " + (f"{_cents(low)} to {_cents(high)}" if known else "n/a"), kind="text")  # fmt: skip
            p, half = f"N({price_at})", f"{record.at('mark')}/2"
            both = f"COUNT({low_at},{high_at})=2"
            bottom, top = f"IF({both},MAX(0,{low_at}),{p})", f"IF({both},MAX(0,{high_at}),{p})"
            start, end = (max(0.0, low), max(0.0, high)) if known else (price, price)
            left, right = price - mark / 2, price + mark / 2
            # Rounded: a difference of two figures that are nearly the same has no digits to be compared.
            drawn = {
                "mark": (mark_at, mark),
                "base": (f"MIN({bottom},{p}-{half})", min(start, left)),
                "below": (f"MIN({top},{p}-{half})-{bottom}", min(end, left) - start),
                "gap": (f"{p}-{half}-{top}", left - end),
                "gap_after": (f"{bottom}-{p}-{half}", start - right),
                "above": (f"{top}-MAX({bottom},{p}+{half})", end - max(start, right)),
            }
            for part, (formula, amount) in drawn.items():
                if part == "mark":
                    record.formula(part, formula, amount)
                else:
                    record.formula(part, f"ROUND(MAX(0,{formula}),6)", round(max(0.0, amount), 6))


def _cents(value: float) -> str:
    """Two decimals, a half rounded away from zero as a spreadsheet rounds it."""
    return f"{Decimal(f'{value:.12g}').quantize(Decimal('0.01'), ROUND_HALF_UP) + 0:,.2f}"


def _number(value: Any) -> float:
    return 0.0 if isinstance(value, str) else float(value)


def _chosen(book: ScreenBook, sheet: Sheet, row: str) -> None:
    """The chosen company's bars by INDEX, and their chart."""
    area, bars, i = book.ranges["field_shown"], book.ranges["field_bars"], chosen(book)
    sheet.header(area, widths=False, height=24, section=False)
    for k in range(len(RANGES)):
        record, place = sheet.record(area, k), f"({row}-1)*{len(RANGES)}+{k + 1}"
        for column in SHOWN[1:]:
            value = book.stored(bars, column.key, i * len(RANGES) + k)
            kind = "text" if column.key == "label" else ""
            record.formula(column.key, f"INDEX({bars.span(column.key)},{place})", value, kind=kind)
    title = "Value per share of the chosen company by method; dark mark: share price (USD)"
    draw(book, sheet, area, 0, len(RANGES) - 1, (CHOICE + 2, 0), (1000, CHART_ROWS * charts.PIXELS_A_ROW), title)


def draw(
    book: ScreenBook, sheet: Sheet, area: TableRange, first: int, last: int, at: tuple[int, int], size: tuple[int, int],
    title: str,
) -> None:  # fmt: skip
    """A football field chart of the bars in records `first` to `last` of a table of this sheet or another."""
    chart = book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    labels = charts.cells(area, "label", first, last)
    for key in PARTS:
        chart.add_series(
            {"name": key.replace("_", " "), "categories": labels, "values": charts.cells(area, key, first, last),
             "fill": FILLS[key], "border": {"none": True}, "gap": 35}
        )  # fmt: skip
    chart.set_x_axis(charts.axis("USD per share", area=True, num_format="#,##0", min=0))
    chart.set_y_axis(charts.axis("method", reverse=True, crossing="max"))
    charts.insert(sheet, chart, at, size, title, legend="", source=FIELD)


def bars_of(book: ScreenBook, i: int) -> tuple[TableRange, int, int]:
    """Where company i's bars stand: table, first and last record."""
    return book.ranges["field_bars"], i * len(RANGES), (i + 1) * len(RANGES) - 1


def _notes(book: ScreenBook) -> list[str]:
    drawn, line = analysis(book).simulation, book.screen.regression
    n = "not available" if line is None else f"n = {line.n}"
    year = "" if book.profiles else " They are read where the run writes a sheet for each company (--companies)."
    return paragraphs(f"""
        - Execution floor: base terms of signed contracts and holdings. NAV by cap rate is before tax. Scenarios: the lowest
          and highest NAV per share of the base case and every scenario on the sheet Scenarios, which marks what is fixed.
        - Simulated: {drawn.draws:,} draws, seed {drawn.seed}; probabilities of leases are not drawn.
        - Regression line: the share price at which EV per secured MW would lie on the line for the company's contracted AI
          share, one standard error of the regression either side ({n}). Net claims and share count stay; no forecast and no
          value: association of prices with contracted share. n/a: the company is not in the regression.
        - Closes of 52 weeks: lowest and highest close known for the 365 days to the as-of date, adjusted for splits.{year}
        - A bar ends at zero where a range goes below it; its label has the figures. Method: {section(10)}.
    """)
