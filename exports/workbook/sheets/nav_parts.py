"""Parts of net asset value as formulas: contracts, unleased power, mining, holdings, claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exports.workbook.sheets.bridge import minority_unknown
from exports.workbook.sheets.contracts import CLOUD_LABEL
from exports.workbook.sheets.nav_common import BUSINESSES, analysis
from exports.workbook.sheets.phases import subsidiaries
from exports.workbook.writer.cells import Record
from exports.workbook.writer.context import ScreenBook
from exports.workbook.writer.ranges import cell
from exports.workbook.writer.values import MILLION, NOT_REPORTED, is_unknown, scaled
from valuation.contracts.terms import CLOUD, LEASE
from valuation.nav.parts import Position

PART_METRICS = {
    "leases": "leases_dcf_usd", "cloud": "gpu_cloud_usd", "tax": "contract_taxes_usd", "capex": "capex_to_spend_usd",
    "approved": "approved_power_usd", "in_use": "mining_power_usd", "pipeline": "pipeline_usd", "mining": "mining_usd",
    "bitcoin": "bitcoin_usd", "coins": "other_coins_usd", "cash": "cash_usd", "restricted": "restricted_cash_usd",
    "overhead": "overhead_usd", "debt": "debt_after_conversion_usd", "finance_leases": "finance_leases_usd",
    "preferred": "preferred_equity_usd", "minority": "noncontrolling_interest_usd",
    "prepayments": "customer_prepayments_usd", "cap_leases": "leases_cap_rate_usd", "unearned": "lease_prepayments_usd",
    "base_leases": "leases_base_term_usd", "base_cloud": "gpu_cloud_base_term_usd",
}  # fmt: skip
# Claims that only companies which have them report, by their column on the bridge.
OPTIONAL_CLAIMS = {"finance_leases": "leases", "preferred": "preferred"}
LEASED_ROW, LEASED_COLUMN, MEDIAN_COLUMN = 4, 4, 9  # value of a leased MW, median gross MW of signed leases


@dataclass(frozen=True)
class Line:
    """One company's row on the sheet NAV, and its figures in Python."""

    book: ScreenBook
    record: Record
    i: int
    table: dict[str, list[Any]]
    status: dict[str, list[Any]]

    @property
    def at(self) -> Callable[[str], str]:
        """Address of a cell of this row."""
        return self.record.at

    def put(self, key: str, formula: str, *, unknown: str = "n/a", value: Any = None) -> None:
        """A part with its formula; `value` replaces the part's own where a switch turns it off."""
        name = PART_METRICS[key]
        amount = self.table[name][self.i] if value is None else value
        state = self.status[name][self.i]
        state = "ok" if state == "not_meaningful" else state
        shown = None if is_unknown(amount) else amount / MILLION + 0.0
        self.record.formula(key, formula, shown, status=state, unknown=unknown)


def write(line: Line) -> None:
    """Name, price and every part of one company."""
    book, record, i = line.book, line.record, line.i
    bridge, table, status = book.ranges["bridge"], book.table, book.status
    record.company(book.tickers[i], book.companies["name"][i])
    reason = str(table["excluded"][i])
    record.input("counted", float(not reason or reason.startswith("consolidated")))
    record.formula("price", bridge.link("price", i), table["price_usd"][i], status=status["price_usd"][i])
    shares = scaled(table["diluted_shares"][i])
    record.formula("shares", bridge.link("diluted", i), shares, status=status["diluted_shares"][i])
    _contracts(line)
    _power(line)
    _holdings(line)
    _claims(line)


def _contracts(line: Line) -> None:
    signed = line.book.ranges["dcf"]
    valued = f"{signed.link_span('ticker')},{line.at('ticker')},{signed.link_span('valued')},1"
    lease, cloud = (f'{valued},{signed.link_span("business")},"{BUSINESSES[b]}"' for b in (LEASE, CLOUD))
    lasting, term, after, tax, spend = (
        signed.link_span(key) for key in ("lasting", "term_value", "after", "tax_value", "spend")
    )

    def known(of: str, formula: str) -> str:
        """Of contracts signed of which none can be valued the sum is unknown and not zero."""
        without = of.replace(f"{signed.link_span('valued')},1", f"{signed.link_span('valued')},0")
        return f'IF(AND(COUNTIFS({of})=0,COUNTIFS({without})>0),"n/a",{formula})'

    line.put("leases", known(lease, f"SUMIFS({term},{lease})+SUMIFS({after},{lease})"))
    line.put("cloud", known(cloud, f"SUMIFS({term},{cloud})+SUMIFS({after},{cloud})"))
    line.put("tax", known(valued, f"SUMIFS({tax},{valued})"))
    line.put("capex", known(valued, f"-SUMIFS({spend},{valued})"))
    line.put("cap_leases", known(lease, f"SUMIFS({lasting},{lease})"))
    line.put("unearned", f"-SUMIFS({signed.link_span('unearned')},{valued})")
    line.put("base_leases", known(lease, f"SUMIFS({term},{lease})"))
    line.put("base_cloud", known(cloud, f"SUMIFS({term},{cloud})"))


def _power(line: Line) -> None:
    """Unleased MW and their value."""
    book, i, at, a = line.book, line.i, line.at, line.book.assumption
    mw, nav, totals, signed = (
        book.ranges["multiples"],
        analysis(book).nav,
        book.ranges["totals"],
        book.ranges["contracts"],
    )
    position, show = nav.position, line.record.formula
    k = book.once(_positions)[book.tickers[i]]
    held = [i, *subsidiaries(book, i)]
    show("let", f"N({totals.link('leased', i)})", float(position.let_mw[k]))
    secured, operating = mw.link("secured_mw", i), mw.link("operating_mw", i)
    free = f"MAX(0,{secured}-{at('let')})"
    line.record.static("ai_mw", float(position.ai_in_service_mw[k]))
    mined = f"MAX(0,MIN({operating},{secured})-{at('ai_mw')})"
    in_use = f"IF(ISNUMBER({operating}),MIN({mined},{free}),{free})"
    # A company that mines nothing has no power in use for it.
    earned = book.ranges["fleets"].link("revenue", i)
    in_use = f"IF(ISNUMBER({earned}),IF({earned}=0,0,{in_use}),{in_use})"
    show("use_mw", f'IF(ISNUMBER({secured}),{in_use},"n/a")', position.operating_mw[k])
    show("approved_mw", f'IF(ISNUMBER({secured}),{free}-{at("use_mw")},"n/a")', position.approved_mw[k])
    leases = "+".join(
        f"COUNTIFS({signed.link_span('ticker')},{book.ranges['nav'].at('ticker', one)},{signed.link_span('ai')},1,"
        f'{signed.link_span("kind")},"<>{CLOUD_LABEL}")'
        for one in held
    )
    most = f"MIN({at('approved_mw')},{cell(LEASED_ROW, MEDIAN_COLUMN)})"
    first = f'IF({leases}>0,0,IF(ISNUMBER({at("approved_mw")}),{most},"n/a"))'
    show("first_mw", first, position.first_deal_mw[k])
    # A fleet may run at hosts too, where no lease takes its place: as reported, hosted MW included.
    it, ratio = mw.link("operating_it", i), a("gross_mw_per_critical_it_mw")
    fleet = f"({mw.link('operating_in', i)}*IF({it}=1,{ratio},1))"
    mining = f"({fleet}-{at('ai_mw')})"
    displaced = f"IF({mining}>0,MIN(1,{at('use_mw')}/{mining}),1)"
    known = f"COUNT({at('use_mw')},{mw.link('operating_in', i)})=2"
    show("displaced", f"IF({known},{displaced},1)", position.mining_displaced[k])
    reported, is_it = mw.link("pipeline_in", i), mw.link("pipeline_it", i)
    gross = f"{reported}*IF({is_it}=1,{a('gross_mw_per_critical_it_mw')},1)"
    show("pipeline_mw", f'IF(ISNUMBER({reported}),{gross},"n/a")', position.pipeline_mw[k])

    def per_mw(years: str) -> str:
        return f"{cell(LEASED_ROW, LEASED_COLUMN)}*(1+{a('cost_of_capital_other')})^-{a(years)}"

    soon, chance = per_mw("approved_start_years"), a("probability_approved")
    likely = f"({at('first_mw')}*{a('probability_first_deal')}+({at('approved_mw')}-{at('first_mw')})*{chance})"
    line.put("approved", f'IF(ISNUMBER({at("approved_mw")}),{likely}*{soon},"n/a")')
    fleets = book.ranges["fleets"]
    revenue, cost = fleets.link("revenue", i), fleets.link("cost", i)
    given_up = f"{at('displaced')}*IF(COUNT({revenue},{cost})=2,{mining_ahead(book, revenue, cost, later=True)},0)"
    gain = f"{a('probability_operating')}*MAX(0,{at('use_mw')}*{soon}-{given_up})"
    line.put("in_use", f'IF(ISNUMBER({at("use_mw")}),{gain},"n/a")')
    late = f"{at('pipeline_mw')}*{a('probability_pipeline')}*{per_mw('pipeline_start_years')}"
    line.put("pipeline", f'IF(ISNUMBER({at("pipeline_mw")}),{late},"n/a")')


def mining_ahead(book: ScreenBook, revenue: str, cost: str, *, later: bool = False) -> str:
    """Formula: mining over its remaining life, a year with a negative margin switched off, $m.

    `later` counts the part of each year after leases on its power start. METHODS section 10.
    """
    ahead = book.ranges["path"]
    margin = f"({revenue}*{ahead.link_span('factor')}-{cost})"
    part = f"*{ahead.link_span('later')}" if later else ""
    return f"SUMPRODUCT({ahead.link_span('discount')}{part}*({margin}>0)*{margin})"


def position_of(book: ScreenBook, i: int) -> Position:
    """Power, mining and contracts of company i as the engine holds them, USD and gross MW."""
    return analysis(book).nav.position.row(book.once(_positions)[book.tickers[i]])


def _positions(book: ScreenBook) -> dict[str, int]:
    return {ticker: k for k, ticker in enumerate(analysis(book).nav.table.index.get_level_values("ticker"))}


def _holdings(line: Line) -> None:
    """Mining over its remaining life, coins and cash."""
    book, i, a = line.book, line.i, line.book.assumption
    bridge, fleets = book.ranges["bridge"], book.ranges["fleets"]
    revenue, cost = fleets.link("revenue", i), fleets.link("cost", i)
    total = mining_ahead(book, revenue, cost)
    line.put("mining", f'IF(COUNT({revenue},{cost})=2,{total},"n/a")')
    coins = bridge.link("btc", i)
    spot = f'IF(ISNUMBER({a("btc_usd")}),{coins}*{a("btc_usd")}/10^6,"n/a")'
    line.put("bitcoin", f'IF(ISNUMBER({coins}),IF({coins}=0,0,{spot}),"n/a")')
    held = book.inputs["eth_held"][i]
    unknown = "n/a" if not is_unknown(held) and held > 0 else NOT_REPORTED
    line.put("coins", bridge.link("coins", i), unknown=unknown)
    line.put("cash", bridge.link("cash", i))
    kept = bridge.link("restricted", i)
    formula = f'IF(ISNUMBER({kept}),{a("net_restricted_cash")}*{kept},"{NOT_REPORTED}")'
    line.put("restricted", formula, unknown=NOT_REPORTED, value=restricted_usd(book, i))


def _claims(line: Line) -> None:
    book, i, bridge = line.book, line.i, line.book.ranges["bridge"]
    a_year, state = line.table["overhead_a_year_usd"][i], line.status["overhead_usd"][i]
    line.record.static("overhead_year", scaled(a_year), status="ok" if state == "missing" else state)
    cost = line.at("overhead_year")
    line.put("overhead", f'IF(ISNUMBER({cost}),-{book.assumption("overhead_multiple")}*{cost},"n/a")')
    debt = bridge.link("debt_after", i)
    line.put("debt", f'IF(ISNUMBER({debt}),-{debt},"n/a")')
    for key, column in OPTIONAL_CLAIMS.items():
        owed = bridge.link(column, i)
        line.put(key, f'IF(ISNUMBER({owed}),-{owed},"{NOT_REPORTED}")', unknown=NOT_REPORTED)
    owed = bridge.link("nci", i)
    line.put("minority", f"IF(ISNUMBER({owed}),-{owed},{owed})", unknown=minority_unknown(book, i))
    loose = line.at("loose")
    line.record.static("loose", loose_usd(book, i) / MILLION)
    paid = bridge.link("prepayments", i)
    owed = f'IF(ISNUMBER({paid}),-{paid},"{NOT_REPORTED}")'
    rest = f'IF({loose}>0,-{loose},"{NOT_REPORTED}")'
    line.put("prepayments", f"IF({book.assumption('prepayments_as_debt')}=1,{owed},{rest})", unknown=NOT_REPORTED)


def restricted_usd(book: ScreenBook, i: int) -> float | None:
    """Restricted cash as the switch counts it: 0 where it is off, unknown where it is not reported."""
    amount = book.inputs["restricted_cash"][i]
    return None if is_unknown(amount) else float(book.screen.switches.net_restricted_cash) * amount


def loose_usd(book: ScreenBook, i: int) -> float:
    """Customer prepayments that lie on no valued contract; 0 where the bridge counts prepayments as debt."""
    table = analysis(book).nav.table["customer_prepayments_usd"].droplevel("as_of")
    amount = table.get(book.tickers[i])
    return 0.0 if book.screen.switches.prepayments_as_debt or is_unknown(amount) else -float(amount)
