"""Cash flows of the valued contracts by contract year and phase, as the sheet DCF shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from exports.workbook.sheets.nav_common import analysis
from exports.workbook.sheets.phase_parts import parts
from exports.workbook.writer.context import ScreenBook
from exports.workbook.writer.ranges import TableRange, cell
from exports.workbook.writer.values import MILLION, is_unknown
from valuation.assumptions import Assumptions
from valuation.contracts.terms import CLOUD
from valuation.nav.profile import profile

YEAR_ROW = 4  # contract years, above the columns of revenue


@dataclass(frozen=True)
class Flow:
    """One valued contract over its contract years, $m, and the positions of its phases.

    Attributes
    ----------
    contract : dict
        Of `Nav.contracts`.
    lasts, revenue, credits, taxable, tax : float array (years,)
        Length of each contract year; its revenue; its rent credits; taxable income up to it; its tax.
    due, credits_due : float
        Revenue and rent credits still to come over all phases.
    phases : range
        Positions of its parts on the sheet Phases.
    first : int
        Position of its first row in the table of phases on the sheet DCF.
    """

    contract: dict[str, Any]
    lasts: np.ndarray
    revenue: np.ndarray
    credits: np.ndarray
    taxable: np.ndarray
    tax: np.ndarray
    due: float
    credits_due: float
    phases: range
    first: int

    @property
    def cash_margin(self) -> float:
        """Margin less what customers paid ahead, as a part of the revenue still to come."""
        credited = float(self.contract["credited_usd"]) / MILLION
        return float(self.contract["margin_used"]) - (credited / self.due if self.due > 0 else 0.0)

    def last_noi(self, a: Assumptions) -> float:
        """NOI a year after the base term: the last twelve months' of a lease, market NOI of GPU cloud's MW."""
        contract, term = self.contract, float(self.contract["term_years"])
        if contract["business"] == CLOUD:
            mw = contract["owned_it_mw"]
            return 0.0 if is_unknown(mw) else float(mw) * a.market_noi_usd_per_mw / MILLION
        whole = int(np.floor(term))
        if whole < 1:
            return float(contract["margin_used"] * self.revenue.sum())
        rate = self.revenue / np.where(self.lasts > 0, self.lasts, 1.0)
        last = (term - whole) * rate[whole] if term > whole else 0.0
        return float(contract["margin_used"] * ((1 - (term - whole)) * rate[whole - 1] + last))


def rows(book: ScreenBook) -> list[dict[str, Any]]:
    """Contracts by holder, valued or not, in the order of the companies."""
    return book.once(_rows)


def _rows(book: ScreenBook) -> list[dict[str, Any]]:
    frame = analysis(book).nav.contracts
    frame = frame.assign(_row=frame["ticker"].map(book.row_of), _at=np.arange(len(frame))).dropna(subset="_row")
    ordered = frame.sort_values(["_row", "start_used", "contract_id"], kind="stable")
    return ordered.astype(object).to_dict("records")


def flows(book: ScreenBook) -> dict[int, Flow]:
    """Cash flows of each valued contract by its position in `rows`."""
    return book.once(_flows)


def _flows(book: ScreenBook) -> dict[int, Flow]:
    nav, a = analysis(book).nav, analysis(book).assumptions
    valued = nav.contracts[nav.contracts["left_out"] == ""]
    places: dict[str, list[int]] = {}
    for k, part in enumerate(parts(book)):
        places.setdefault(part.contract["contract_id"], []).append(k)
    if valued.empty:
        return {}
    plain = profile(valued, a)
    due = np.zeros(len(valued))
    for k, name in enumerate(valued["contract_id"]):
        own = (parts(book)[place] for place in places[name])
        due[k] = sum(p.share * to_come(plain.lasts[k], plain.revenue[k], p.starts_in_years) for p in own)
    with np.errstate(divide="ignore", invalid="ignore"):
        credited = np.where(due > 0, valued["credited_usd"].to_numpy(dtype=float) / due, 0.0)
    found, first, out = profile(valued, a, credited), 0, {}
    for k, row in enumerate(rows(book)):
        if row["left_out"]:
            continue
        at, mine = row["_at"], places[row["contract_id"]]
        taxable = (found.cash[at] - _worn(found.lasts[at], row, a)).cumsum()
        out[k] = Flow(
            row,
            found.lasts[at],
            revenue=found.revenue[at] / MILLION,
            credits=found.credits[at] / MILLION,
            taxable=taxable / MILLION,
            tax=found.tax[at] / MILLION,
            due=float(due[at]) / MILLION,
            credits_due=float(row["rent_credits_left_usd"]) / MILLION,
            phases=range(mine[0], mine[-1] + 1),
            first=first,
        )
        first += len(mine)
    return out


def _worn(lasts: np.ndarray, contract: dict[str, Any], a: Assumptions) -> np.ndarray:
    """Depreciation of each contract year, USD."""
    year, worn = np.arange(len(lasts)), np.zeros(len(lasts))
    for name, life in (("building_capex_usd", a.building_life_years), ("gpu_capex_usd", a.gpu_life_years)):
        cost = 0.0 if is_unknown(contract[name]) else float(contract[name])
        worn += cost / life * np.clip(life - year, 0.0, lasts)
    return worn


def years(book: ScreenBook) -> int:
    """Contract years that the sheet has columns for: those of the longest term."""
    return book.once(_years)


def _years(book: ScreenBook) -> int:
    nav = analysis(book).nav.contracts
    terms = nav.loc[nav["left_out"] == "", "term_years"].astype(float)
    return max(int(np.ceil(terms.max())) if len(terms) else 1, 1)


def to_come(lasts: np.ndarray, amount: np.ndarray, start: float) -> float:
    """What is paid after today where the contract starts in `start` years (negative: in the past)."""
    part, _ = ahead(lasts, start)
    return float((amount * part).sum())


def ahead(lasts: np.ndarray, start: float) -> tuple[np.ndarray, np.ndarray]:
    """Part of each contract year that lies after today, and the years from today to its middle."""
    opens = start + np.arange(len(lasts))
    closes = np.maximum(opens + lasts, 0.0)
    opens = np.maximum(opens, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(lasts > 0, np.clip((closes - opens) / lasts, 0.0, 1.0), 0.0), (opens + closes) / 2


def cells_of(table: TableRange, k: int, key: str, count: int) -> str:
    """A contract's cells of one block of contract years."""
    return f"{table.at(f'{key}_0', k)}:{table.at(f'{key}_{count - 1}', k)}"


def year_cells(table: TableRange, count: int) -> str:
    """Contract years, from 0, above the columns of revenue."""
    first, last = (cell(YEAR_ROW, table.index(f"revenue_{k}")) for k in (0, count - 1))
    return f"{first}:{last}"
