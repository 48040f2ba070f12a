"""Parts of net asset value as formulas: contracts, unleased power, mining, holdings, claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exports.workbook.sheets.bridge import minority_unknown
from exports.workbook.sheets.nav_common import BUSINESSES, analysis
from exports.workbook.writer.cells import MILLION, NOT_REPORTED, Record, cell, is_unknown, scaled
from exports.workbook.writer.context import ScreenBook
from valuation.contracts.terms import CLOUD, LEASE

PART_METRICS = {
    "leases": "leases_cap_rate_usd", "cloud": "gpu_cloud_usd", "capex": "capex_to_spend_usd",
    "approved": "approved_power_usd", "in_use": "mining_power_usd", "pipeline": "pipeline_usd", "mining": "mining_usd",
    "bitcoin": "bitcoin_usd", "coins": "other_coins_usd", "cash": "cash_usd", "restricted": "restricted_cash_usd",
    "debt": "debt_after_conversion_usd", "finance_leases": "finance_leases_usd", "preferred": "preferred_equity_usd",
    "minority": "noncontrolling_interest_usd", "prepayments": "customer_prepayments_usd", "dcf_leases": "leases_dcf_usd",
    "base_leases": "leases_base_term_usd", "base_cloud": "gpu_cloud_base_term_usd",
}  # fmt: skip
# Claims that only companies which have them report, by their column on the bridge.
OPTIONAL_CLAIMS = {"finance_leases": "leases", "preferred": "preferred"}
LEASED_ROW, LEASED_COLUMN = 4, 4  # value of a leased MW


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
    signed = line.book.ranges["nav_contracts"]
    valued = f"{signed.span('ticker')},{line.at('ticker')},{signed.span('valued')},1"
    lease, cloud = (f'{valued},{signed.span("business")},"{BUSINESSES[b]}"' for b in (LEASE, CLOUD))
    lasting, term, after, spend = (signed.span(key) for key in ("lasting", "term", "after", "spend"))
    line.put("leases", f"SUMIFS({lasting},{lease})")
    line.put("cloud", f"SUMIFS({term},{cloud})+SUMIFS({after},{cloud})")
    line.put("capex", f"-SUMIFS({spend},{valued})")
    line.put("dcf_leases", f"SUMIFS({term},{lease})+SUMIFS({after},{lease})")
    line.put("base_leases", f"SUMIFS({term},{lease})")
    line.put("base_cloud", f"SUMIFS({term},{cloud})")


def _power(line: Line) -> None:
    """Unleased MW and their value."""
    book, i, at, a = line.book, line.i, line.at, line.book.assumption
    mw, nav = book.ranges["multiples"], analysis(book).nav
    position, show = nav.position, line.record.formula
    k = book.once(_positions)[book.tickers[i]]
    line.record.static("let", float(position.let_mw[k]))
    secured, operating = mw.link("secured_mw", i), mw.link("operating_mw", i)
    free = f"MAX(0,{secured}-{at('let')})"
    in_use = f"IF(ISNUMBER({operating}),MIN({operating},{free}),{free})"
    show("use_mw", f'IF(ISNUMBER({secured}),{in_use},"n/a")', position.operating_mw[k])
    show("approved_mw", f'IF(ISNUMBER({secured}),{free}-{at("use_mw")},"n/a")', position.approved_mw[k])
    reported, is_it = mw.link("pipeline_in", i), mw.link("pipeline_it", i)
    gross = f"{reported}*IF({is_it}=1,{a('gross_mw_per_critical_it_mw')},1)"
    show("pipeline_mw", f'IF(ISNUMBER({reported}),{gross},"n/a")', position.pipeline_mw[k])
    unit = cell(LEASED_ROW, LEASED_COLUMN)
    for key, source, chance, years in (
        ("approved", "approved_mw", "probability_approved", "approved_start_years"),
        ("in_use", "use_mw", "probability_operating", "mining_life_years"),
        ("pipeline", "pipeline_mw", "probability_pipeline", "pipeline_start_years"),
    ):
        value = f"{at(source)}*{a(chance)}*{unit}*(1+{a('cost_of_capital_other')})^-{a(years)}"
        line.put(key, f'IF(ISNUMBER({at(source)}),{value},"n/a")')


def _positions(book: ScreenBook) -> dict[str, int]:
    return {ticker: k for k, ticker in enumerate(analysis(book).nav.table.index.get_level_values("ticker"))}


def _holdings(line: Line) -> None:
    """Mining over its remaining life, coins and cash."""
    book, i, a = line.book, line.i, line.book.assumption
    bridge, fleets, ahead = book.ranges["bridge"], book.ranges["fleets"], book.ranges["path"]
    revenue, cost = fleets.link("revenue", i), fleets.link("cost", i)
    margin = f"({revenue}*{ahead.link_span('factor')}-{cost})"
    total = f"SUMPRODUCT({ahead.link_span('discount')}*({margin}>0)*{margin})"
    line.put("mining", f'IF(COUNT({revenue},{cost})=2,{total},"n/a")')
    coins = bridge.link("btc", i)
    line.put("bitcoin", f'IF(COUNT({coins},{a("btc_usd")})=2,{coins}*{a("btc_usd")}/10^6,"n/a")')
    held = book.inputs["eth_held"][i]
    unknown = "n/a" if not is_unknown(held) and held > 0 else NOT_REPORTED
    line.put("coins", bridge.link("coins", i), unknown=unknown)
    line.put("cash", bridge.link("cash", i))
    kept = bridge.link("restricted", i)
    formula = f'IF(ISNUMBER({kept}),{a("net_restricted_cash")}*{kept},"{NOT_REPORTED}")'
    line.put("restricted", formula, unknown=NOT_REPORTED, value=restricted_usd(book, i))


def _claims(line: Line) -> None:
    book, i, bridge = line.book, line.i, line.book.ranges["bridge"]
    debt = bridge.link("debt_after", i)
    line.put("debt", f'IF(ISNUMBER({debt}),-{debt},"n/a")')
    for key, column in OPTIONAL_CLAIMS.items():
        owed = bridge.link(column, i)
        line.put(key, f'IF(ISNUMBER({owed}),-{owed},"{NOT_REPORTED}")', unknown=NOT_REPORTED)
    owed = bridge.link("nci", i)
    line.put("minority", f"IF(ISNUMBER({owed}),-{owed},{owed})", unknown=minority_unknown(book, i))
    paid = bridge.link("prepayments", i)
    formula = f'IF(ISNUMBER({paid}),-{book.assumption("prepayments_as_debt")}*{paid},"{NOT_REPORTED}")'
    line.put("prepayments", formula, unknown=NOT_REPORTED, value=prepayments_usd(book, i))


def restricted_usd(book: ScreenBook, i: int) -> float | None:
    """Restricted cash as the switch counts it: 0 where it is off, unknown where it is not reported."""
    amount = book.inputs["restricted_cash"][i]
    return None if is_unknown(amount) else float(book.screen.switches.net_restricted_cash) * amount


def prepayments_usd(book: ScreenBook, i: int) -> float | None:
    """Customer prepayments as a claim: 0 where the switch is off, unknown where they are not reported."""
    amount = book.inputs["deferred_revenue"][i]
    return None if is_unknown(amount) else -float(book.screen.switches.prepayments_as_debt) * amount
