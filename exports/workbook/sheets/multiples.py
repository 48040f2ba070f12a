"""Multiples: megawatts by status, the denominators of the registry, and enterprise, completed or equity value over each."""

from __future__ import annotations

from exports.workbook.sheets.phases import total_of
from exports.workbook.writer import input_register
from exports.workbook.writer.cells import Record
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import FIRST, MULTIPLES, UNITS, ScreenBook, column, definition
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.values import MILLION, is_unknown
from valuation.denominators import (
    COMPLETED_EV,
    DENOMINATORS,
    ENTERPRISE_VALUE,
    EQUITY_VALUE,
    M_USD_PER_MW,
    Denominator,
)
from valuation.metrics import METRICS
from valuation.replaceable import FACT, UNIT

REPORTED, POWER = "Power as reported (MW; 1 in the next column: critical IT MW)", "Denominators"
VALUES, AHEAD = "Value ($m)", "Next twelve months and consensus ($m)"
PER_MW, CONTRACTED = "EV per MW ($m per MW)", "Multiples of revenue, EBITDA and signed contracts (x)"
# Item as reported by its status; the two letters before IT name its flag.
REPORTED_ITEMS = {
    "operating": ("mw_operating", "Operating (MW)", "Op. IT", 9),
    "hosted": ("mw_hosted", "Hosted by others (MW)", "Hos. IT", 9),
    "construction": ("mw_under_construction", "Under construction (MW)", "Con. IT", 10),
    "secured": ("mw_secured", "Secured (MW)", "Sec. IT", 9),
    "pipeline": ("mw_pipeline", "Pipeline (MW)", "Pip. IT", 9),
}
# Denominators that stand on other sheets: table and column.
ELSEWHERE = {
    "ai_contracted_it_mw": ("totals", "mw"),
    "ai_in_service_mw": ("totals", "service"),
    "contracted_revenue_usd": ("totals", "revenue"),
    "contracted_noi_usd": ("totals", "noi"),
    "backlog_usd": ("totals", "backlog"),
}
# Of the next twelve months: column of the contracts' part, of the rest that no sheet computes again, metric.
NEXT = {"ntm_revenue_usd": ("ntm", "rest_revenue"), "ntm_ebitda_usd": ("ntm_noi", "rest_ebitda")}
CONSENSUS = ("consensus_revenue_usd", "consensus_ebitda_usd")
CRITICAL_IT = "mw_critical_it"
ESTIMATED = input_register.fixed("a published estimate, from estimates.csv: change it there")


def here() -> list[Denominator]:
    """Power denominators whose amounts stand on this sheet: all but those of contracts and revenue."""
    ours = (*NEXT, *CONSENSUS, *ELSEWHERE)
    return [one for one in DENOMINATORS.values() if one.unit == M_USD_PER_MW or one.denominator not in ours]


def columns() -> tuple[Column, ...]:
    """Columns of the companies, with a column for each denominator and each multiple of the registry."""
    out = [
        Column("ticker", "Ticker", width=8),
        Column("company", "Company", width=30),
        Column("group", "Group", width=8),
        Column("ev", "Enterprise value ($m)", "money", 10.5, VALUES),
        Column("spend", "Capex to spend ($m)", "money", 9.5, VALUES),
        Column("completed", "Completed EV ($m)", "money", 10.5, VALUES),
    ]
    for key, (_, title, flag, width) in REPORTED_ITEMS.items():
        out += [Column(f"{key}_in", title, "mw", width, REPORTED), Column(f"{key}_it", flag, "flag", 4.5, REPORTED)]
    out += [
        Column("inside", "Operating includes hosted (1 = yes)", "flag", 8.5, REPORTED),
        Column("sold", "Sold since, fixed at run (MW)", "mw", 8.5, REPORTED),
    ]
    out += [column(one.denominator, one.denominator, 10, POWER) for one in here()]
    out += [
        Column("rest_revenue", "Mining and hosting revenue, fixed at run ($m)", "money", 10.5, AHEAD),
        column("ntm_revenue_usd", "ntm_revenue_usd", 10, AHEAD),
        Column("rest_ebitda", "Mining margin less overhead, fixed at run ($m)", "money", 10.5, AHEAD),
        column("ntm_ebitda_usd", "ntm_ebitda_usd", 10, AHEAD),
        *(column(name, name, 10, AHEAD) for name in CONSENSUS),
    ]
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
    sheet.header(area, height=60)
    for i in range(book.n):
        record = sheet.record(area, i)
        _power(book, record, i)
        _ahead(book, record, i)
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
    for key, table, name, metric in (
        ("ev", "bridge", "ev", ENTERPRISE_VALUE), ("spend", "totals", "spend", "capex_to_spend_usd"),
    ):  # fmt: skip
        record.formula(key, book.ranges[table].link(name, i), book.metric(metric, i), status=status[metric][i])
    both = f'IF(COUNT({at("ev")},{at("spend")})=2,{at("ev")}+{at("spend")},"n/a")'
    record.formula("completed", both, book.metric(COMPLETED_EV, i), status=status[COMPLETED_EV][i])
    for key, (item, *_) in REPORTED_ITEMS.items():
        # The stand-in of a computed figure is not the reported one.
        metric = f"{key}_mw"
        old = metric in book.causes and f"{item} old" in book.causes[metric][i].split("; ")
        note, state = book.source(ticker, item), "stale" if old else "ok"
        record.input(
            f"{key}_in", book.inputs[item][i], note=note, status=state, means=input_register.of(FACT, ticker, item)
        )
        flag = float(book.units(ticker, item) == CRITICAL_IT)
        record.input(f"{key}_it", flag, means=input_register.of(UNIT, ticker, item))
    ratio, weight = book.assumption("gross_mw_per_critical_it_mw"), book.assumption

    def gross(key: str) -> str:
        return f"{at(f'{key}_in')}*IF({at(f'{key}_it')}=1,{ratio},1)"

    means = input_register.of(FACT, ticker, "operating_includes_hosted")
    record.input("inside", float(book.inputs["operating_includes_hosted"][i] > 0), means=means)
    record.static("sold", book.power["sold_mw"][i])
    operating, secured, leased = at("operating_mw"), at("secured_mw"), book.ranges["totals"].link("leased", i)
    hosted = f"IF({at('inside')}=1,N({at('hosted_in')})*IF({at('hosted_it')}=1,{ratio},1),0)"
    building = f"N({at('construction_in')})*IF({at('construction_it')}=1,{ratio},1)"
    waiting = f"N({at('pipeline_in')})*IF({at('pipeline_it')}=1,{ratio},1)"
    weighted = (
        f"{weight('weight_operating')}*N({operating})+{weight('weight_construction')}*{building}"
        f"+{weight('weight_secured')}*MAX(0,{secured}-N({operating})-{building})+{weight('weight_pipeline')}*{waiting}"
    )
    reported = f"MAX(0,{gross('secured')}-{at('sold')},N({leased}))"
    stands_in = f'IF(ISNUMBER({operating}),MAX({operating},N({leased})),IF(N({leased})>0,{leased},"n/a"))'
    formulas = {
        "operating_mw": f'IF(ISNUMBER({at("operating_in")}),MAX(0,{gross("operating")}-{hosted}),"n/a")',
        "secured_mw": f"IF(ISNUMBER({at('secured_in')}),{reported},{stands_in})",
        "weighted_mw": f'IF(ISNUMBER({secured}),{weighted},"n/a")',
        "ai_contracted_it_mw": book.ranges["totals"].link("mw", i),
        "ai_in_service_mw": book.ranges["totals"].link("service", i),
    }
    for one in here():
        name = one.denominator
        value, state = book.metric(name, i), status[name][i]
        if name in formulas:
            record.formula(name, formulas[name], value, status=state)
        else:
            record.static(name, value, status=state)


def _ahead(book: ScreenBook, record: Record, i: int) -> None:
    """Revenue and EBITDA of the next twelve months: contracts by phases, the rest as of the run; published consensus."""
    at, totals, status = record.at, book.ranges["totals"], book.status
    earned = book.ranges["screen"].link("ai_run_rate", i)
    for name, (column_key, rest) in NEXT.items():
        contracts, value = totals.link(column_key, i), book.metric(name, i)
        part = _next_of_contracts(book, name, i)
        record.static(rest, None if is_unknown(value) else value - part)
        larger = f"MAX(N({contracts}),N({earned}))" if name == "ntm_revenue_usd" else f"N({contracts})"
        formula = f'IF(ISNUMBER({at(rest)}),{larger}+{at(rest)},"n/a")'
        record.formula(name, formula, value, status=status[name][i])
    for name in CONSENSUS:
        record.input(name, book.metric(name, i), status=status[name][i], means=ESTIMATED)


def _next_of_contracts(book: ScreenBook, name: str, i: int) -> float:
    """What the formula takes from contracts and the AI run rate, $m."""
    column_of = {"ntm_revenue_usd": "owned_ntm_revenue_usd", "ntm_ebitda_usd": "owned_ntm_noi_usd"}[name]
    part = (total_of(book, column_of, i) or 0.0) / MILLION
    if name != "ntm_revenue_usd":
        return part
    earned = book.shares["ai_run_rate_usd"][i]
    return max(part, 0.0 if is_unknown(earned) else earned / MILLION)


def _multiple(book: ScreenBook, record: Record, one: Denominator, i: int) -> None:
    equity = one.numerator == EQUITY_VALUE
    value = book.ranges["bridge"].link("equity", i) if equity else record.at("ev")
    value = record.at("completed") if one.numerator == COMPLETED_EV else value
    table, key = ELSEWHERE.get(one.denominator, ("multiples", ""))
    own = one in here() or one.denominator in (*NEXT, *CONSENSUS)
    base = record.at(one.denominator) if own else book.ranges[table].link(key, i)
    empty = f"{base}<=0" if equity else f"OR({record.at('ev')}<=0,{base}<=0)"
    # Value and most denominators stand in millions; another unit takes the difference as a factor.
    factor = MILLION / one.scale / UNITS[METRICS[one.denominator].unit][2]
    ratio = f"{value}/{base}" + ("" if factor == 1 else f"*{factor:.0f}")
    formula = f'IF(COUNT({value},{base})=2,IF({empty},"n.m.",{ratio}),"n/a")'
    record.formula(one.metric, formula, book.table[one.metric][i], status=book.status[one.metric][i])


def _notes() -> list[str]:
    names = dict.fromkeys(name for one in DENOMINATORS.values() for name in (one.denominator, one.metric))
    shown = [name for name in names if name not in ("contracted_revenue_usd", "contracted_noi_usd", "backlog_usd")]
    return [
        *(definition(name) for name in (COMPLETED_EV, *shown)),
        "A multiple of contracted figures, most of which are not yet earned, is on completed EV; enterprise value as it "
        "stands goes over what is earned within twelve months.",
        "Next twelve months: the contracts' part follows the sheet Phases; mining at the hashprice of the run, hosting and "
        "cash overhead are computed by the run and do not follow a changed cell.",
        "Hosted power (in others' sites) and pipeline (no approval) are in no operating or secured MW. Secured MW are at "
        "least the gross MW of signed leases in force.",
        "n.m.: no signed contract to divide by, or a value or EBITDA that is not positive. Leases and GPU cloud are "
        f"different businesses: see their split on Contracts before comparing multiples. Method: {section(4)}.",
    ]
