"""Contracts: signed contracts at the owner's share with rent, backlog and capex, and totals by company below."""

from __future__ import annotations

from typing import Any

from exports.workbook.sheets.phases import cash_date, in_service, of_contract, subsidiaries, total_of
from exports.workbook.writer import input_register
from exports.workbook.writer.cells import Record
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import CONTRACTS, FIRST, ScreenBook, definition
from exports.workbook.writer.ranges import ANY_NUMBER, Column, TableRange
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import MILLION, is_unknown, scaled, serial
from valuation.contracts.arithmetic import DAYS_PER_YEAR
from valuation.contracts.in_service import MOST_DAYS, UNCOUNTED
from valuation.contracts.terms import LONG_LEASE_YEARS
from valuation.replaceable import CONTRACT, FACT

TERMS, OWNED, FORWARD, COST = (
    "Contract as announced, at 100%", "Owner's share", "By phases, owner's share", "Cost to build, owner's share",
)  # fmt: skip
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("contract", "Contract, or company", width=41),
    Column("counterparty", "Counterparty", width=24),
    Column("kind", "Kind", width=15),
    Column("ai", "AI or HPC (1 = yes)", "flag", 7.5),
    Column("announced", "Announced", "date", 10, TERMS),
    Column("start", "Start", "date", 10, TERMS),
    Column("it_mw", "Critical IT (MW)", "mw", 8, TERMS),
    Column("gross_mw", "Gross (MW)", "mw", 8, TERMS),
    Column("term", "Term (years)", "years", 7, TERMS),
    Column("tcv", "Total value ($m)", "money", 9.5, TERMS),
    Column("annual", "Annual revenue, announced ($m)", "money", 10.5, TERMS),
    Column("escalator", "Escalator, disclosed (%)", "percent", 9, TERMS),
    Column("margin", "NOI margin, stated (%)", "percent", 8.5, TERMS),
    Column("capex", "Capex, announced ($m)", "money", 9.5, TERMS),
    Column("tenant", "Tenant builds (1 = yes)", "flag", 7.5, TERMS),
    Column("share", "Owner's share (%)", "percent", 8, TERMS),
    Column("value", "Owned total value ($m)", "money", 9.5, OWNED),
    Column("used", "Value used ($m)", "money", 9.5, OWNED),
    Column("mw", "Owned critical IT (MW)", "mw", 8.5, OWNED),
    Column("leased", "Owned gross (MW)", "mw", 8.5, OWNED),
    Column("lease_mw", "Gross, AI leases alone (MW)", "mw", 8.5, OWNED),
    Column("revenue", "Annual revenue ($m)", "money", 9.5, OWNED),
    Column("lease", "of which leases ($m)", "money", 9.5, OWNED),
    Column("cloud", "of which GPU cloud ($m)", "money", 9.5, OWNED),
    Column("margin_used", "NOI or EBITDA margin (%)", "percent", 8.5, OWNED),
    Column("noi", "Annual NOI ($m)", "money", 9.5, OWNED),
    Column("growth", "Escalator used (%)", "percent", 8.5, OWNED),
    Column("first_year", "First-year revenue ($m)", "money", 9.5, OWNED),
    Column("begin", "Start used", "date", 10, FORWARD),
    Column("service", "In service (MW)", "mw", 8, FORWARD),
    Column("reported", "AI in service, as reported (MW)", "mw", 9, FORWARD),
    Column("ntm", "Next twelve months ($m)", "money", 9.5, FORWARD),
    Column("ntm_noi", "NOI, next twelve months ($m)", "money", 9.5, FORWARD),
    Column("backlog", "Backlog ($m)", "money", 10, FORWARD),
    Column("cash_on", "Date of the cash figure", "date", 10, COST),
    Column("building", "Building ($m)", "money", 9.5, COST),
    Column("gpus", "GPUs ($m)", "money", 9.5, COST),
    Column("spend", "Capex to spend ($m)", "money", 9.5, COST),
    Column("source", "Source", "small", 17),
)
CLOUD = "gpu_cloud"
CLOUD_LABEL = "GPU cloud"
KIND = input_register.fixed("it follows from the kind of the contract in contracts.csv: change it there")
TALL = 46
# Inputs as announced: column of the contract, and what it is divided by (dates: nothing).
INPUTS: dict[str, tuple[str, float | None]] = {
    "announced": ("announced_on", None),
    "start": ("start_on", None),
    "it_mw": ("critical_it_mw", 1.0),
    "gross_mw": ("gross_mw", 1.0),
    "tcv": ("total_value_usd", MILLION),
    "annual": ("annual_revenue_usd", MILLION),
    "escalator": ("escalator", 1.0),
    "margin": ("noi_margin", 1.0),
    "capex": ("capex_usd", MILLION),
    "share": ("owner_share", 1.0),
}
# Totals by company with the metric that each one is; below, the columns of contracts that are no metric by themselves.
TOTALS = {
    "mw": "ai_contracted_it_mw",
    "leased": "leased_mw",
    "service": "ai_in_service_mw",
    "revenue": "contracted_revenue_usd",
    "noi": "contracted_noi_usd",
    "backlog": "backlog_usd",
    "spend": "capex_to_spend_usd",
}
NO_ZERO = ("mw", "leased", "service", "spend")
PLAIN_TOTALS = {"ntm": "owned_ntm_revenue_usd", "ntm_noi": "owned_ntm_noi_usd"}


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the contracts and of the totals by company."""
    signed = TableRange(CONTRACTS, COLUMNS, FIRST, len(book.contracts))
    return {"contracts": signed, "totals": TableRange(CONTRACTS, COLUMNS, signed.last + 3, book.n)}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area, totals = book.sheet(CONTRACTS), book.ranges["contracts"], book.ranges["totals"]
    book.heading(sheet, CONTRACTS, "Signed contracts in force on the as-of date; money in $m.")
    sheet.header(area, height=TALL)
    if not book.contracts:
        sheet.label(area.first, 1, "none in force", "note")
    for k, contract in enumerate(book.contracts):
        record = sheet.record(area, k)
        _terms(record, contract)
        _owned(book, record, contract)
    sheet.filter(area)
    sheet.label(
        totals.first - 1, 0, "Totals by company: AI and HPC contracts at the owner's share, columns as above", "section"
    )
    sheet.page.set_h_pagebreaks([totals.first - 1])
    for i in range(book.n):
        _company(book, sheet.record(totals, i), area, i)
    last = sheet.notes(totals.last + 2, _notes())
    end = (last, len(COLUMNS) - 1)
    book.finish(sheet, freeze=(area.first, 2), repeat=(0, area.first - 1), last=end, same_columns=True)


def _terms(record: Record, contract: dict[str, Any]) -> None:
    record.company(contract["ticker"], contract["contract_id"])
    record.text(
        "counterparty", "" if is_unknown(contract["counterparty"]) else contract["counterparty"], "small_wrap", fit=True
    )
    record.text("kind", kind_label(contract["kind"]))
    record.input("ai", float(bool(contract["is_ai"])), means=KIND)
    for key, (column, unit) in INPUTS.items():
        means = input_register.of(CONTRACT, contract["contract_id"], column, unit or 1.0)
        record.input(key, contract[column] if unit is None else scaled(contract[column], unit), means=means)
    means = input_register.of(CONTRACT, contract["contract_id"], "term_years")
    record.input("term", contract["term_years"], note=_term_note(contract), means=means)
    record.text("source", f"{contract['file']}:{contract['line']}", "small")


def kind_label(kind: str) -> str:
    """Kind of a contract as shown; the formulas compare with it."""
    return CLOUD_LABEL if kind == CLOUD else kind.replace("_", " ")


def _term_note(record: dict[str, Any]) -> str:
    if is_unknown(record["start_on"]) or is_unknown(record["end_on"]) or is_unknown(record["term_years"]):
        return ""
    spans = (record["end_on"] - record["start_on"]).days / DAYS_PER_YEAR
    return "From start and end date." if spans == record["term_years"] else ""


def _owned(book: ScreenBook, record: Record, contract: dict[str, Any]) -> None:
    at, assumed, share = record.at, book.assumption, record.at("share")

    def put(key: str, formula: str, value: Any, mark: str = "") -> None:
        record.formula(key, formula, value, status="proxy" if mark and contract[mark] else "ok")

    def product(key: str, otherwise: str = '"n/a"', per: str = "") -> str:
        return f"IF(COUNT({at(key)},{share})=2,{at(key)}{per}*{share},{otherwise})"

    put("value", product("tcv"), scaled(contract["owned_value_usd"]))
    term = at("term")
    whole = f'IF(COUNT({at("annual")},{term},{share})=3,{at("annual")}*{term}*{share},"n/a")'
    put("used", f"IF(ISNUMBER({at('value')}),{at('value')},{whole})", scaled(contract["value_used_usd"]))
    ratio = assumed("gross_mw_per_critical_it_mw")
    put("mw", product("it_mw", product("gross_mw", per=f"/{ratio}")), contract["owned_it_mw"], "it_mw_is_proxy")
    put("leased", product("gross_mw", product("it_mw", per=f"*{ratio}")), contract["owned_gross_mw"])
    a_lease = contract["is_ai"] and contract["kind"] != CLOUD and not is_unknown(contract["owned_gross_mw"])
    own_lease = f'AND({at("ai")}=1,{at("kind")}<>"{CLOUD_LABEL}",ISNUMBER({at("leased")}))'
    put("lease_mw", f'IF({own_lease},{at("leased")},"")', contract["owned_gross_mw"] if a_lease else "")
    average = f'IF(COUNT({at("value")},{term})=2,{at("value")}/{term},"n/a")'
    revenue = scaled(contract["owned_annual_revenue_usd"])
    put("revenue", product("annual", average), revenue)
    for key, sign, mine in (("lease", "<>", contract["kind"] != CLOUD), ("cloud", "=", contract["kind"] == CLOUD)):
        formula = f'IF(AND({at("ai")}=1,{at("kind")}{sign}"{CLOUD_LABEL}"),{at("revenue")},0)'
        put(key, formula, revenue if contract["is_ai"] and mine else 0.0)
    default = _by_kind(at, assumed("noi_margin_gpu_cloud"), assumed("noi_margin_lease"))
    margin = f"IF(ISNUMBER({at('margin')}),{at('margin')},{default})"
    put("margin_used", margin, contract["margin_used"], "margin_is_assumed")
    noi = f'IF(ISNUMBER({at("revenue")}),{at("revenue")}*{at("margin_used")},"n/a")'
    put("noi", noi, scaled(contract["owned_noi_usd"]), "margin_is_assumed")
    steps = f'AND({at("kind")}<>"{CLOUD_LABEL}",N({term})>={LONG_LEASE_YEARS})'
    growth = f"IF(ISNUMBER({at('escalator')}),{at('escalator')},IF({steps},{assumed('escalator_unknown')},0))"
    put("growth", growth, contract["escalator_used"], "escalator_is_assumed")
    g, used = at("growth"), at("used")
    first = f"IF({g}>0,{used}*{g}/((1+{g})^{term}-1),{used}/{term})"
    first = f'IF(COUNT({used},{term})=2,{first},"n/a")'
    put("first_year", first, scaled(contract["owned_first_year_revenue_usd"]), "escalator_is_assumed")
    lag = _by_kind(at, assumed("start_lag_gpu_cloud_years"), assumed("start_lag_lease_years"))
    begin = f"IF(ISNUMBER({at('start')}),{at('start')},{at('announced')}+ROUND({lag}*{DAYS_PER_YEAR},0))"
    put("begin", begin, serial(contract["start_used"]), "start_is_assumed")
    _by_phases(book, record, contract)
    _cost(book, record, contract)


def _by_kind(at: Any, cloud: str, lease: str) -> str:
    return f'IF({at("kind")}="{CLOUD_LABEL}",{cloud},{lease})'


def _by_phases(book: ScreenBook, record: Record, contract: dict[str, Any]) -> None:
    """What the sheet Phases adds up to: MW in service, next twelve months, backlog."""
    at, name = record.at, record.at("contract")

    def put(key: str, needed: str, formula: str, value: Any, mark: str = "") -> None:
        status = "proxy" if mark and contract[mark] else "ok"
        record.formula(key, f'IF(ISNUMBER({at(needed)}),{formula},"n/a")', value, status=status)

    put("service", "mw", of_contract(book, "mw", name, in_service(book)), contract["owned_in_service_mw"])
    put("ntm", "revenue", of_contract(book, "ntm", name), scaled(contract["owned_ntm_revenue_usd"]))
    put(
        "ntm_noi", "ntm", f"{at('ntm')}*{at('margin_used')}", scaled(contract["owned_ntm_noi_usd"]), "margin_is_assumed"
    )
    backlog = scaled(contract["owned_backlog_usd"])
    put("backlog", "value", of_contract(book, "backlog", name), backlog, "start_is_unknown")


def _cost(book: ScreenBook, record: Record, contract: dict[str, Any]) -> None:
    """The whole cost to build, and what is still to spend of it."""
    at, a, mw, phases = record.at, book.assumption, record.at("mw"), book.ranges["phases"]
    record.input("tenant", float(bool(contract["tenant_builds"])))
    record.input("cash_on", cash_date(book, contract["ticker"]))
    stated = f"COUNT({at('capex')},{at('share')})=2"
    announced = f"{at('capex')}*{at('share')}"
    own = f"IF(AND({at('tenant')}=1,NOT({stated})),1-{a('tenant_paid_share')},1)"
    overrun = f"N({mw})*{a('capex_overrun_usd_per_mw')}/10^6*{own}"
    cloud = contract["kind"] == CLOUD
    per = a("capex_gpu_cloud_usd_per_mw") if cloud else a("capex_lease_usd_per_mw")
    assumed = f'IF(ISNUMBER({mw}),MAX(0,{mw}*{per}/10^6*{own}+{overrun}),"n/a")'
    building = assumed if cloud else f"IF({stated},MAX(0,{announced}+{overrun}),{assumed})"
    status = "proxy" if contract["building_is_assumed"] else "ok"
    record.formula("building", building, scaled(contract["building_capex_usd"]), status=status)
    per_mw = f'IF(ISNUMBER({mw}),{mw}*{a("capex_gpus_usd_per_mw")}/10^6,"n/a")' if cloud else ""
    gpus = f"IF({stated},{announced},{per_mw})" if cloud else "0*1"
    status = "proxy" if contract["gpus_are_assumed"] else "ok"
    record.formula("gpus", gpus, scaled(contract["gpu_capex_usd"]), status=status)
    name = record.at("contract")
    unknown = "+".join(
        f'COUNTIFS({phases.link_span("contract")},{name},{phases.link_span(key)},"n/a")' for key in ("building", "gpus")
    )
    left = "+".join(of_contract(book, key, name) for key in ("building", "gpus"))
    spend = scaled(contract["capex_to_spend_usd"])
    status = "proxy" if contract["capex_assumed_usd"] > 0 else "ok"
    record.formula("spend", f'IF({unknown}>0,"n/a",{left})', spend, status=status)


def _company(book: ScreenBook, record: Record, area: TableRange, i: int) -> None:
    record.company(book.tickers[i], book.companies["name"][i])
    signed, status = record.at("ai"), book.status
    # A parent has the contracts of the subsidiary that it consolidates.
    held = [record.area.at("ticker", k) for k in (i, *subsidiaries(book, i))]
    ai = f"{area.span('ai')},1"
    counted = book.table["signed_contracts"][i]
    # Nothing listed is zero only where somebody looked for contracts.
    none = '"n/a"' if is_unknown(counted) else "0"
    count = "+".join(f"COUNTIFS({area.span('ticker')},{one},{ai})" for one in held)
    found = count if none == "0" else f"IF({count}=0,{none},{count})"
    record.formula("ai", found, counted, kind="count", status=status["signed_contracts"][i])

    def total(key: str, *, lower_bound: bool = False) -> str:
        known = "+".join(f"COUNTIFS({area.span('ticker')},{one},{ai},{area.span(key)},{ANY_NUMBER})" for one in held)
        summed = "+".join(f"SUMIFS({area.span(key)},{area.span('ticker')},{one},{ai})" for one in held)
        if key in NO_ZERO:
            # A zero of the known contracts says nothing of those without a figure.
            summed = f'IF(OR({known}=0,AND({known}<{signed},{summed}=0)),"n/a",{summed})'
        elif not lower_bound:
            summed = f'IF({known}=0,"n/a",{summed})'
        return f"IF(N({signed})=0,{none},{summed})"

    for key, metric in TOTALS.items():
        value, state = book.metric(metric, i), status[metric][i]
        if key == "backlog" and not is_unknown(book.inputs["backlog_reported"][i]):
            source = book.source(book.tickers[i], "backlog_reported")
            note = f"As the company reports it in one figure. {source}"
            means = input_register.of(FACT, book.tickers[i], "backlog_reported", MILLION)
            record.input(key, scaled(book.inputs["backlog_reported"][i]), status=state, note=note, means=means)
        elif key == "service":
            _in_service(book, record, i, total(key))
        else:
            record.formula(key, total(key), value, status=state, bold=True)
    for key, column in PLAIN_TOTALS.items():
        value = None if is_unknown(counted) else scaled(total_of(book, column, i))
        record.formula(key, total(key), value, bold=True)
    for key, metric in (("lease", "lease_revenue_usd"), ("cloud", "cloud_revenue_usd")):
        value, state = book.metric(metric, i), status[metric][i]
        record.formula(key, total(key, lower_bound=True), value, status=state)


def _in_service(book: ScreenBook, record: Record, i: int, delivered: str) -> None:
    """MW in service of a company: as delivered, or as reported where that is more, at most as contracted."""
    at, state, causes = record.at, book.status["ai_in_service_mw"][i], book.causes["ai_in_service_mw"][i]
    said = book.once(_reported)[book.tickers[i]]
    # AI revenue without any count of MW in service: none delivered is then unknown, not zero.
    unknown = "n/a" if UNCOUNTED in causes else ""
    means = input_register.of(FACT, book.tickers[i], "mw_operating_ai")
    record.input("reported", said, unknown=unknown, means=means)
    most = f"MIN({at('reported')},{at('mw')})"
    by_report = f"IF(COUNT({at('reported')},{at('mw')})=2,IF({most}>N({delivered}),{most},{delivered}),{delivered})"
    formula = f'IF(AND(N({delivered})=0,{at("reported")}="n/a"),"n/a",{by_report})'
    formula = f"IF(N({at('ai')})=0,{delivered},{formula})"
    record.formula("service", formula, book.metric("ai_in_service_mw", i), status=state, bold=True)


def _reported(book: ScreenBook) -> dict[str, float]:
    """AI MW in service by ticker as reported within 120 days, a subsidiary's where the parent reports none."""
    as_of = book.screen.as_of
    own = {}
    for i, ticker in enumerate(book.tickers):
        on = book.screen.periods["mw_operating_ai"].get(ticker)
        fresh = not is_unknown(on) and (as_of - on).days <= MOST_DAYS
        own[ticker] = float(book.inputs["mw_operating_ai"][i]) if fresh else float("nan")
    for i, ticker in enumerate(book.tickers):
        for k in subsidiaries(book, i):
            if is_unknown(own[ticker]):
                own[ticker] = own[book.tickers[k]]
    return own


def _notes() -> list[str]:
    names = ("contracted_revenue_usd", "contracted_noi_usd", "backlog_usd", "ai_contracted_it_mw", "capex_to_spend_usd")
    return [
        *(definition(name) for name in names),
        *paragraphs(f"""
            - Value used: total value, else announced annual revenue x term. First-year revenue with escalator g and term
              n: value x g / ((1 + g)^n - 1). A lease of {LONG_LEASE_YEARS} years or more that discloses no escalator
              takes the assumed one (blue fill).
            - MW in service, next twelve months, backlog and capex to spend are sums over the sheet Phases. Without an
              announced value the backlog is n/a; with the start or term unknown it is the whole value (blue fill).
            - Totals: a parent has the contracts of the listed subsidiary that it consolidates. MW in service are those
              delivered, or those reported within {MOST_DAYS} days where they are more, at most the contracted MW. Reported
              n/a: AI revenue is reported and no MW in service. A zero beside contracts without a figure is n/a.
            - Blue fill in NOI: margin assumed (Assumptions). Hosting is listed and not counted (0 in column E). A contract
              without an announced value is n/a and not in the totals, which are then marked as a proxy.
            - Cost to build: as announced at the owner's share, else MW x the assumed cost (blue fill); an announced cost of
              GPU cloud is the GPUs alone. Date of the cash figure: capex spent later has not reduced it yet.
            - Leases (80-100% NOI margin) and GPU cloud (EBITDA, before GPU depreciation) are different businesses. Method:
              {section(5)}.
        """),
    ]
