"""The parts of a company's net asset value, live: contracts, power without a lease, mining, holdings, claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exports.workbook.sheets.bridge import minority_unknown
from exports.workbook.sheets.nav_common import WORDS, worth
from exports.workbook.writer.cells import MILLION, NOT_REPORTED, Grid, Sheet, cell, is_unknown
from exports.workbook.writer.context import Book
from valuation.contracts.terms import CLOUD, LEASE

OF_PARTS = {
    "leases": "leases_cap_rate_usd", "cloud": "gpu_cloud_usd", "capex": "capex_to_spend_usd",
    "approved": "approved_power_usd", "in_use": "mining_power_usd", "pipeline": "pipeline_usd", "mining": "mining_usd",
    "bitcoin": "bitcoin_usd", "coins": "other_coins_usd", "cash": "cash_usd", "restricted": "restricted_cash_usd",
    "debt": "debt_after_conversion_usd", "finance_leases": "finance_leases_usd", "preferred": "preferred_equity_usd",
    "minority": "noncontrolling_interest_usd", "prepayments": "customer_prepayments_usd", "dcf_leases": "leases_dcf_usd",
    "base_leases": "leases_base_term_usd", "base_cloud": "gpu_cloud_base_term_usd",
}  # fmt: skip
# Claims that are reported only where there are any, by their column on the bridge; they stand with their sign.
OPTIONAL_CLAIMS = {"finance_leases": "leases", "preferred": "preferred"}
LET_ROW, LET_COLUMN = 4, 4  # the worth of a let MW


@dataclass(frozen=True)
class Line:
    """One company's row on the sheet NAV, and its figures in Python."""

    book: Book
    sheet: Sheet
    grid: Grid
    i: int
    table: dict[str, list[Any]]
    status: dict[str, list[Any]]

    @property
    def row(self) -> int:
        return self.grid.first + self.i

    def at(self, key: str) -> str:
        """A cell of this row."""
        return self.grid.at(key, self.i)

    def put(self, key: str, formula: str, *, unknown: str = "n/a", value: Any = None) -> None:
        """A part with its formula; `value` in place of the part's own where a switch turns it off."""
        name = OF_PARTS[key]
        amount = self.table[name][self.i] if value is None else value
        state = self.status[name][self.i]
        state = "ok" if state == "not_meaningful" else state
        shown = None if is_unknown(amount) else amount / MILLION + 0.0
        self.sheet.formula(self.row, self.grid.index(key), formula, shown, "money", status=state, unknown=unknown)

    def show(self, key: str, formula: str, value: Any, status: str = "ok") -> None:
        """A figure that is no part."""
        kind = self.grid.kind(key)
        self.sheet.formula(
            self.row, self.grid.index(key), formula, None if is_unknown(value) else value, kind, status=status
        )


def write(line: Line) -> None:
    """Name, price and every part of one company."""
    book, bridge = line.book, line.book.grids["bridge"]
    line.sheet.text(line.row, 0, book.tickers[line.i], bold=True)
    line.sheet.text(line.row, 1, book.companies["name"][line.i], "name")
    reason = str(book.table["excluded"][line.i])
    own = not reason or reason.startswith("consolidated")
    line.sheet.input(line.row, line.grid.index("counted"), float(own), "flag")
    line.show("price", bridge.link("price", line.i), book.table["price_usd"][line.i], book.status["price_usd"][line.i])
    shares = book.table["diluted_shares"][line.i]
    shown = None if is_unknown(shares) else shares / MILLION
    line.show("shares", bridge.link("diluted", line.i), shown, book.status["diluted_shares"][line.i])
    _contracts(line)
    _power(line)
    _holdings(line)
    _claims(line)


def _contracts(line: Line) -> None:
    signed = line.book.grids["nav_contracts"]
    valued = f"{signed.span('ticker')},{line.at('ticker')},{signed.span('valued')},1"
    lease, cloud = (f'{valued},{signed.span("business")},"{WORDS[b]}"' for b in (LEASE, CLOUD))
    lasting, term, after, spend = (signed.span(key) for key in ("lasting", "term", "after", "spend"))
    line.put("leases", f"SUMIFS({lasting},{lease})")
    line.put("cloud", f"SUMIFS({term},{cloud})+SUMIFS({after},{cloud})")
    line.put("capex", f"-SUMIFS({spend},{valued})")
    line.put("dcf_leases", f"SUMIFS({term},{lease})+SUMIFS({after},{lease})")
    line.put("base_leases", f"SUMIFS({term},{lease})")
    line.put("base_cloud", f"SUMIFS({term},{cloud})")


def _power(line: Line) -> None:
    """MW without a lease and what they are worth."""
    book, i, at, a = line.book, line.i, line.at, line.book.assumption
    mw, nav = book.grids["multiples"], worth(book).nav
    position = nav.position
    k = list(nav.table.index.get_level_values("ticker")).index(book.tickers[i])
    line.sheet.static(line.row, line.grid.index("let"), float(position.let_mw[k]), "mw")
    secured, operating = mw.link("secured", i), mw.link("operating", i)
    free = f"MAX(0,{secured}-{at('let')})"
    in_use = f"IF(ISNUMBER({operating}),MIN({operating},{free}),{free})"
    line.show("use_mw", f'IF(ISNUMBER({secured}),{in_use},"n/a")', position.operating_mw[k])
    line.show("approved_mw", f'IF(ISNUMBER({secured}),{free}-{at("use_mw")},"n/a")', position.approved_mw[k])
    reported, is_it = mw.link("pipeline_in", i), mw.link("pipeline_it", i)
    gross = f"{reported}*IF({is_it}=1,{a('gross_mw_per_critical_it_mw')},1)"
    line.show("pipeline_mw", f'IF(ISNUMBER({reported}),{gross},"n/a")', position.pipeline_mw[k])
    unit = cell(LET_ROW, LET_COLUMN)
    for key, source, chance, years in (
        ("approved", "approved_mw", "probability_approved", "approved_start_years"),
        ("in_use", "use_mw", "probability_operating", "mining_life_years"),
        ("pipeline", "pipeline_mw", "probability_pipeline", "pipeline_start_years"),
    ):
        worth_of = f"{at(source)}*{a(chance)}*{unit}*(1+{a('cost_of_capital_other')})^-{a(years)}"
        line.put(key, f'IF(ISNUMBER({at(source)}),{worth_of},"n/a")')


def _holdings(line: Line) -> None:
    """Mining over its life, coins and cash."""
    book, i, a = line.book, line.i, line.book.assumption
    bridge, fleets, ahead = book.grids["bridge"], book.grids["fleets"], book.grids["path"]
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
    book, i, bridge = line.book, line.i, line.book.grids["bridge"]
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


def restricted_usd(book: Book, i: int) -> float | None:
    """Restricted cash as the switch counts it: 0 where it is off, unknown where it is not reported."""
    amount = book.inputs["restricted_cash"][i]
    return None if is_unknown(amount) else float(book.screen.switches.net_restricted_cash) * amount


def prepayments_usd(book: Book, i: int) -> float | None:
    """Customer prepayments as a claim: 0 where the switch is off, unknown where they are not reported."""
    amount = book.inputs["deferred_revenue"][i]
    return None if is_unknown(amount) else -float(book.screen.switches.prepayments_as_debt) * amount
