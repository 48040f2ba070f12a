"""Multiples: megawatts by status, the denominators of the registry, and enterprise or equity value over each."""

from __future__ import annotations

from exports.workbook.writer.cells import MILLION, Column, Record, TableRange
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import FIRST, MULTIPLES, UNITS, ScreenBook, column, definition
from valuation.denominators import DENOMINATORS, ENTERPRISE_VALUE, M_USD_PER_MW, Denominator
from valuation.metrics import METRICS

REPORTED, POWER = "Power as reported (MW; 1 in the next column: critical IT MW)", "Denominators"
PER_MW, CONTRACTED = "EV per MW ($m per MW)", "Multiples of revenue and of signed contracts (x)"
# Item as reported by its status; the two letters before IT name its flag.
REPORTED_ITEMS = {
    "operating": ("mw_operating", "Operating (MW)", "Op. IT", 9),
    "construction": ("mw_under_construction", "Under construction (MW)", "Con. IT", 10),
    "secured": ("mw_secured", "Secured (MW)", "Sec. IT", 9),
    "pipeline": ("mw_pipeline", "Pipeline (MW)", "Pip. IT", 9),
}
# Denominators that stand on other sheets: table and column.
ELSEWHERE = {
    "ai_contracted_it_mw": ("totals", "mw"),
    "forward_revenue_usd": ("screen", "forward"),
    "contracted_revenue_usd": ("totals", "revenue"),
    "contracted_noi_usd": ("totals", "noi"),
    "backlog_usd": ("totals", "backlog"),
}
CRITICAL_IT = "mw_critical_it"


def here() -> list[Denominator]:
    """Denominators whose amounts stand on this sheet: all but those of contracts and revenue."""
    return [one for one in DENOMINATORS.values() if one.unit == M_USD_PER_MW or one.denominator not in ELSEWHERE]


def columns() -> tuple[Column, ...]:
    """Columns of the companies, with a column for each denominator and each multiple of the registry."""
    out = [
        Column("ticker", "Ticker", width=8),
        Column("company", "Company", width=30),
        Column("group", "Group", width=8),
        Column("ev", "Enterprise value ($m)", "money", 10.5),
    ]
    for key, (_, title, flag, width) in REPORTED_ITEMS.items():
        out += [Column(f"{key}_in", title, "mw", width, REPORTED), Column(f"{key}_it", flag, "flag", 4.5, REPORTED)]
    out += [column(one.denominator, one.denominator, 10, POWER) for one in here()]
    # Multiples per MW first: a group of columns has one title.
    for one in sorted(DENOMINATORS.values(), key=lambda one: one.unit != M_USD_PER_MW):
        out.append(column(one.metric, one.metric, 10, PER_MW if one.unit == M_USD_PER_MW else CONTRACTED))
    return (*out, Column("status", "Status of EV / secured MW", "small", 14))


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Where the table stands."""
    return {"multiples": TableRange(MULTIPLES, columns(), FIRST, book.n)}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area = book.sheet(MULTIPLES), book.ranges["multiples"]
    book.heading(sheet, MULTIPLES, "Enterprise value of the bridge per megawatt, and over signed revenue and backlog.")
    sheet.header(area, height=46)
    for i in range(book.n):
        record = sheet.record(area, i)
        _power(book, record, i)
        for one in DENOMINATORS.values():
            _multiple(book, record, one, i)
        record.text("status", book.status["ev_per_mw_secured"][i].replace("_", " "), "small")
    sheet.filter(area)
    last = sheet.notes(area.last + 2, _notes())
    book.finish(sheet, freeze=(area.first, 1), repeat=(0, area.first - 1), last=(last, len(area.columns) - 1))


def _power(book: ScreenBook, record: Record, i: int) -> None:
    ticker, at, status = book.tickers[i], record.at, book.status
    record.company(ticker, book.companies["name"][i])
    record.formula("group", book.ranges["screen"].link("group", i), book.table["group"][i])
    ev = book.ranges["bridge"].link("ev", i)
    record.formula("ev", ev, book.metric(ENTERPRISE_VALUE, i), status=status[ENTERPRISE_VALUE][i])
    for key, (item, *_) in REPORTED_ITEMS.items():
        state = status[f"{key}_mw"][i] if key in ("operating", "secured") else "ok"
        record.input(f"{key}_in", book.inputs[item][i], note=book.source(ticker, item), status=state)
        record.input(f"{key}_it", float(book.units(ticker, item) == CRITICAL_IT))
    ratio, weight = book.assumption("gross_mw_per_critical_it_mw"), book.assumption

    def gross(key: str) -> str:
        return f"{at(f'{key}_in')}*IF({at(f'{key}_it')}=1,{ratio},1)"

    operating, secured = at("operating_mw"), at("secured_mw")
    building = f"N({at('construction_in')})*IF({at('construction_it')}=1,{ratio},1)"
    waiting = f"N({at('pipeline_in')})*IF({at('pipeline_it')}=1,{ratio},1)"
    weighted = (
        f"{weight('weight_operating')}*N({operating})+{weight('weight_construction')}*{building}"
        f"+{weight('weight_secured')}*MAX(0,{secured}-N({operating})-{building})+{weight('weight_pipeline')}*{waiting}"
    )
    formulas = {
        "operating_mw": f'IF(ISNUMBER({at("operating_in")}),{gross("operating")},"n/a")',
        "secured_mw": f"IF(ISNUMBER({at('secured_in')}),{gross('secured')},{operating})",
        "weighted_mw": f'IF(ISNUMBER({secured}),{weighted},"n/a")',
        "ai_contracted_it_mw": book.ranges["totals"].link("mw", i),
    }
    for one in here():
        name = one.denominator
        value, state = book.metric(name, i), status[name][i]
        if name in formulas:
            record.formula(name, formulas[name], value, status=state)
        else:
            record.static(name, value, status=state)


def _multiple(book: ScreenBook, record: Record, one: Denominator, i: int) -> None:
    value = record.at("ev") if one.numerator == ENTERPRISE_VALUE else book.ranges["bridge"].link("equity", i)
    table, key = ELSEWHERE.get(one.denominator, ("multiples", ""))
    base = record.at(one.denominator) if one in here() else book.ranges[table].link(key, i)
    empty = f"OR({value}<=0,{base}=0)" if one.numerator == ENTERPRISE_VALUE else f"{base}=0"
    # Value and most denominators stand in millions; another unit takes the difference as a factor.
    factor = MILLION / one.scale / UNITS[METRICS[one.denominator].unit][2]
    ratio = f"{value}/{base}" + ("" if factor == 1 else f"*{factor:.0f}")
    formula = f'IF(COUNT({value},{base})=2,IF({empty},"n.m.",{ratio}),"n/a")'
    record.formula(one.metric, formula, book.table[one.metric][i], status=book.status[one.metric][i])


def _notes() -> list[str]:
    names = dict.fromkeys(name for one in DENOMINATORS.values() for name in (one.denominator, one.metric))
    shown = [name for name in names if name not in ("contracted_revenue_usd", "contracted_noi_usd", "backlog_usd")]
    return [
        *(definition(name) for name in shown),
        "Secured MW follow each company's own definition of approved or contracted power, and the definitions differ: "
        "compare several denominators.",
        "n.m.: no signed contract to divide by, or an enterprise value that is not positive. Leases and GPU cloud are "
        f"different businesses: see their split on Contracts before comparing multiples. Method: {section(4)}.",
    ]
