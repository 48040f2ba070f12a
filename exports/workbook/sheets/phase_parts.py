"""Tranches of contracts as the sheet Phases shows them: the basis of each date, and the figures behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from exports.workbook.writer.context import ScreenBook
from exports.workbook.writer.values import is_unknown
from valuation.contracts.arithmetic import DAYS_PER_YEAR, earned
from valuation.contracts.phases import MONTHS_PER_YEAR

BASES = DATED, AFTER_START, AFTER_ASSUMED, AFTER_PHASES, OVERDUE, FIXED = (
    "phase, as published", "ramp after the start", "ramp after the assumed start", "ramp after the last phase",
    "date passed, not delivered", "ramp, fixed at run",
)  # fmt: skip
WHOLE = 1e-6  # days


@dataclass(frozen=True)
class Part:
    """One tranche as the sheet shows it: its contract, the basis of its date, and its figures.

    Attributes
    ----------
    contract : dict
    basis : str
        Of `BASES`.
    starts_in_years, share, delivered, is_proxy
        Of `valuation.contracts.phases.tranches`.
    after_days : float
        Of a ramp: days after its base.
    base : tuple of int
        Of a ramp: positions of the contract's dated tranches, whose last start it follows; none: the contract's start.
    """

    contract: dict[str, Any]
    basis: str
    starts_in_years: float
    share: float
    delivered: bool
    is_proxy: bool
    after_days: float = 0.0
    base: tuple[int, ...] = ()

    @property
    def days(self) -> float:
        """Days from the as-of date to the start."""
        return self.starts_in_years * DAYS_PER_YEAR

    @property
    def value_usd(self) -> float:
        """Value of this part, at the owner's share."""
        return float(self.contract["value_used_usd"]) * self.share

    def earned_usd(self, years: Sequence[float]) -> list[float]:
        """What this part has earned by each of so many years after the as-of date; 0 where the term is unknown."""
        term = self.contract["term_years"]
        if is_unknown(term):
            return [0.0 if not is_unknown(self.value_usd) else float("nan")] * len(years)
        value, growth = np.array(self.value_usd), np.array(float(self.contract["escalator_used"]))
        by_then: list[float] = earned(
            value, np.array(float(term)), growth, np.array(years, dtype=float) - self.starts_in_years
        ).tolist()
        return by_then


def parts(book: ScreenBook) -> list[Part]:
    """Tranches of every contract, in the order of the contracts."""
    return book.once(_parts)


def _parts(book: ScreenBook) -> list[Part]:
    by_contract = dict(iter(book.screen.tranches.groupby("contract_id", sort=False)))
    out: list[Part] = []
    for contract in book.contracts:
        rows = by_contract[contract["contract_id"]].sort_values("starts_in_years", kind="stable")
        out += _of_contract(book, contract, rows, len(out))
    return out


def _of_contract(book: ScreenBook, contract: dict[str, Any], rows: pd.DataFrame, first: int) -> list[Part]:
    starts, ramp = rows["starts_in_years"].to_numpy(dtype=float), book.screen.assumptions.ramp_years
    days, delivered = starts * DAYS_PER_YEAR, rows["delivered"].to_numpy(dtype=bool)
    count = max(1, round(ramp * MONTHS_PER_YEAR))
    steps = ramp * (np.arange(count) + 0.5) / count
    to_start = (contract["start_used"] - book.screen.as_of).days / DAYS_PER_YEAR
    step_of, dated = _ramp(starts, rows["share"].to_numpy(dtype=float), to_start, steps, contract, ramp)
    place = tuple(first + k for k in dated)
    out = []
    for k, row in enumerate(rows.itertuples()):
        late = not delivered[k] and starts[k] == ramp / 2
        # A ramp of which reported MW in service took a part: what is left of it still follows the start.
        own = int(np.abs(to_start + steps - starts[k]).argmin())
        alone = not contract["start_is_assumed"] and abs(to_start + steps[own] - starts[k]) * DAYS_PER_YEAR < WHOLE
        step, base = step_of.get(k, own if alone and not late else -1), place if k in step_of else ()
        if step >= 0:
            basis = AFTER_PHASES if base else AFTER_ASSUMED if contract["start_is_assumed"] else AFTER_START
        elif late:
            basis = OVERDUE
        else:
            basis = DATED if abs(days[k] - round(days[k])) < WHOLE else FIXED
        after = steps[step] * DAYS_PER_YEAR if step >= 0 else 0.0
        out.append(
            Part(
                contract, basis, float(starts[k]), float(row.share), bool(delivered[k]), bool(row.is_proxy), after, base
            )
        )
    return out


def _ramp(
    starts: np.ndarray, share: np.ndarray, to_start: float, steps: np.ndarray, contract: dict[str, Any], ramp: float
) -> tuple[dict[int, int], list[int]]:
    """Which tranches are the equal monthly parts of a ramp, each with its step; and the positions of the others.

    Empty where the tranches are not such parts and dated ones beside them.
    """
    for size in dict.fromkeys(np.round(share, 12)):
        mine = np.flatnonzero(np.abs(share - size) < WHOLE)
        if len(mine) != len(steps):
            continue
        others = [k for k in range(len(starts)) if k not in mine]
        base = max([to_start, *starts[others]])
        guessed = contract["start_is_assumed"] or bool(others)
        expected = np.where(guessed & (base + steps <= 0), ramp / 2, base + steps)
        order = np.argsort(expected, kind="stable")
        if np.abs(np.sort(starts[mine]) - expected[order]).max() * DAYS_PER_YEAR < WHOLE:
            return dict(zip((int(k) for k in mine), (int(k) for k in order), strict=True)), others
    return {}, []
