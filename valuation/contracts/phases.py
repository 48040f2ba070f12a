"""Phases of contracts: the tranches in which each contract's critical IT MW come into service, as known on a date.

A tranche has its own full base term from its own date: revenue, capex, MW in service and backlog are sums over tranches.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.fundamentals.contract_schedule import DAYS_PER_YEAR
from valuation.inputs import Inputs

BOOK = "-BOOK"
PLANNED, DELIVERED = "planned", "delivered"
MONTHS_PER_YEAR = 12
LEAST_MW = 1e-9
MOST_DAYS = 120  # a report of AI MW in service older than this limits nothing
TRANCHE_COLUMNS = ["row", "starts_in_years", "share", "delivered", "is_proxy"]


def tranches(contracts: pd.DataFrame, inputs: Inputs, assumptions: Assumptions) -> pd.DataFrame:
    """Tranches of each contract: when each part of its MW starts, and whether it is in service.

    Parameters
    ----------
    contracts : DataFrame
        n rows (as_of, contract): as_of, ticker, contract_id, critical_it_mw, gross_mw, announced_on, start_used,
        start_is_assumed, owned_it_mw.
    inputs : Inputs
        For `phases` and the AI MW in service that companies report.
    assumptions : Assumptions
        `ramp_years`.

    Returns
    -------
    DataFrame
        row (position in `contracts`), starts_in_years (from the as-of date; negative for the past), share (of the
        contract's MW; the shares of a contract sum to 1), delivered (in service), is_proxy (not as a source dates it).
        In order of row and start.

    Notes
    -----
    METHODS section 5. The plan in force is the latest published; delivered MW come off its earliest rows until plan and
    deliveries are the contract's MW. A planned date that has passed without a delivery moves to the as-of date +
    ramp_years / 2. MW without a date follow the last dated phase, and a contract without phases its start, in equal
    monthly parts over ramp_years. Deliveries of a book are spread over its contracts in order of announcement. Reported
    AI MW in service, where newer than 120 days, limit what was delivered by the day they stand for, latest starts first.
    """
    n = len(contracts)
    # Without critical IT MW a contract ramps as a whole: its parts are shares.
    mw = contracts["critical_it_mw"].to_numpy(dtype=float)
    from_gross = contracts["gross_mw"].to_numpy(dtype=float) / assumptions.gross_mw_per_critical_it_mw
    mw = np.where(np.isnan(mw), from_gross, mw)
    dated, covered, last = _dated(contracts, mw, inputs.phases, assumptions)
    undated = _undated(contracts, mw, covered, last, assumptions)
    parts = pd.concat([part for part in (dated, undated) if len(part)] or [undated], ignore_index=True)
    parts = parts.sort_values(["row", "starts_in_years"], kind="stable").reset_index(drop=True)
    return _limited(parts, contracts, inputs, assumptions) if n else parts


def _undated(
    contracts: pd.DataFrame, mw: np.ndarray, covered: np.ndarray, last: np.ndarray, assumptions: Assumptions
) -> pd.DataFrame:
    """The share that no phase dates: equal monthly parts over the ramp from the start, or from the last dated phase."""
    ramp = assumptions.ramp_years
    parts = max(1, round(ramp * MONTHS_PER_YEAR))
    late = ramp * (np.arange(parts) + 0.5) / parts
    to_start = _years(contracts["start_used"] - contracts["as_of"])
    start = np.fmax(to_start, last)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(np.isnan(mw) | (mw <= 0), 1.0 - (covered > 0), 1 - covered / mw)
    left = np.where(left < LEAST_MW, 0.0, np.clip(left, 0.0, 1.0))
    row = np.flatnonzero(left > 0)
    starts = start[row, None] + late[None, :]
    # Nobody has said that such MW are in service where the start itself is a guess.
    guessed = contracts["start_is_assumed"].to_numpy(dtype=bool)[row] | ~np.isnan(last[row])
    passed = guessed[:, None] & (starts <= 0)
    starts = np.where(passed, ramp / 2, starts)
    return pd.DataFrame(
        {
            "row": np.repeat(row, parts),
            "starts_in_years": starts.ravel(),
            "share": np.repeat(left[row] / parts, parts),
            "delivered": (starts <= 0).ravel(),
            "is_proxy": True,
        }
    )


def _dated(
    contracts: pd.DataFrame, mw: np.ndarray, phases: pd.DataFrame, assumptions: Assumptions
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Tranches that phases date; the MW that they cover; and the last start among them, in years from the as-of date."""
    n = len(contracts)
    covered, last = np.zeros(n), np.full(n, np.nan)
    out: list[tuple[int, float, float, bool, bool]] = []
    if phases.empty or not n:
        return pd.DataFrame(out, columns=TRANCHE_COLUMNS), covered, last
    names = contracts["contract_id"].to_numpy(dtype=object)
    by_date = contracts.groupby("as_of").indices
    known = phases[phases["as_of"].isin(list(by_date))]
    for (as_of, name), rows in known.groupby(["as_of", "contract_id"], sort=False):
        at = by_date[as_of]
        if str(name).endswith(BOOK):
            prefix = str(name).removesuffix(BOOK) + "-"
            mine = at[[str(one).startswith(prefix) for one in names[at]]]
            mine = mine[np.argsort(contracts["announced_on"].to_numpy()[mine], kind="stable")]
        else:
            mine = at[names[at] == name]
        mine = mine[mw[mine] > 0]
        if len(mine):
            for row, start, part, delivered, moved in _spread(rows, mine, mw[mine], as_of, assumptions):
                out.append((row, start, part / mw[row], delivered, moved))
                covered[row] += part
                last[row] = np.fmax(last[row], start)
    return pd.DataFrame(out, columns=TRANCHE_COLUMNS), covered, last


def _spread(
    phases: pd.DataFrame, rows: np.ndarray, mw: np.ndarray, as_of: pd.Timestamp, assumptions: Assumptions
) -> list[tuple[int, float, float, bool, bool]]:
    """(contract row, start in years, MW, delivered, moved) of one entry of phases over its contracts in order."""
    delivered = phases[phases["status"] == DELIVERED].sort_values("date", kind="stable")
    planned = phases[phases["status"] == PLANNED]
    planned = planned[planned["published_on"] == planned["published_on"].max()].sort_values("date", kind="stable")
    done, plan = delivered["critical_it_mw"].to_numpy(), planned["critical_it_mw"].to_numpy()
    over = plan.sum() + done.sum() - mw.sum()
    # Deliveries come off the earliest rows of the plan.
    taken = np.minimum(np.clip(over - (np.cumsum(plan) - plan), 0.0, None), plan)
    plan = plan - taken
    when = _years(pd.concat([delivered["date"], planned["date"]]) - as_of)
    is_done = np.arange(len(done) + len(plan)) < len(done)
    passed = ~is_done & (when <= 0)
    when = np.where(passed, assumptions.ramp_years / 2, when)
    sizes = np.concatenate([done, plan])
    order = np.lexsort((when, ~is_done))
    out, space, at = [], mw.copy(), 0
    for i in order:
        left = sizes[i]
        while left > LEAST_MW and at < len(rows):
            part = min(left, space[at])
            if part > LEAST_MW:
                out.append((int(rows[at]), float(when[i]), float(part), bool(is_done[i]), bool(passed[i])))
            left -= part
            space[at] -= part
            if space[at] <= LEAST_MW:
                at += 1
    return out


def _limited(
    parts: pd.DataFrame, contracts: pd.DataFrame, inputs: Inputs, assumptions: Assumptions
) -> pd.DataFrame:
    """Take out of service what exceeds the reported AI MW in service, latest starts first."""
    keys = pd.MultiIndex.from_frame(contracts[["as_of", "ticker"]])
    reported_on = inputs.periods["mw_operating_ai"]
    age = (reported_on.index.get_level_values("as_of") - pd.DatetimeIndex(reported_on)).days
    fresh = inputs.items["mw_operating_ai"].notna().to_numpy() & (age <= MOST_DAYS)
    ratio = np.where(inputs.critical_it["mw_operating_ai"], 1.0, gross_per_it(contracts, inputs.index, assumptions))
    limit = pd.Series(np.where(fresh, inputs.items["mw_operating_ai"] / ratio, np.nan), inputs.index)
    company = inputs.index.get_indexer(keys)
    by_then = _years(pd.Series(reported_on.to_numpy()[company]) - contracts["as_of"].reset_index(drop=True))
    row = parts["row"].to_numpy()
    mw = parts["share"].to_numpy() * contracts["owned_it_mw"].to_numpy(dtype=float)[row]
    is_ai = contracts["is_ai"].to_numpy(dtype=bool)[row] if "is_ai" in contracts else np.ones(len(row), dtype=bool)
    counted = parts["delivered"].to_numpy() & (parts["starts_in_years"].to_numpy() <= by_then[row]) & is_ai
    counted &= ~np.isnan(limit.to_numpy()[company[row]]) & ~np.isnan(mw)
    if not counted.any():
        return parts
    mine = np.flatnonzero(counted)
    mine = mine[np.lexsort((parts["starts_in_years"].to_numpy()[mine], company[row[mine]]))]
    owner = company[row[mine]]
    so_far = pd.Series(mw[mine]).groupby(owner).cumsum().to_numpy()
    most = limit.to_numpy()[owner]
    keep = np.clip(1 - np.clip(so_far - most, 0.0, None) / np.where(mw[mine] > 0, mw[mine], 1.0), 0.0, 1.0)
    keep = np.where(keep > 1 - 1e-6, 1.0, np.where(keep < 1e-6, 0.0, keep))
    cut = mine[keep < 1]
    if not len(cut):
        return parts
    out = parts.copy()
    back = out.iloc[cut].copy()
    back["share"] = back["share"].to_numpy() * (1 - keep[keep < 1])
    back[["starts_in_years", "delivered", "is_proxy"]] = [assumptions.ramp_years / 2, False, True]
    out.loc[cut, "share"] = out.loc[cut, "share"].to_numpy() * keep[keep < 1]
    out.loc[cut, "is_proxy"] = True
    out = pd.concat([out[out["share"] > 0], back], ignore_index=True)
    return out.sort_values(["row", "starts_in_years"], kind="stable").reset_index(drop=True)


def gross_per_it(contracts: pd.DataFrame, index: pd.MultiIndex, assumptions: Assumptions) -> np.ndarray:
    """Gross MW per critical IT MW of each company: of its contracts that state both, else the assumed ratio."""
    both = contracts[contracts["gross_mw"].notna() & contracts["critical_it_mw"].gt(0)]
    sums = both.groupby(["as_of", "ticker"])[["gross_mw", "critical_it_mw"]].sum()
    ratio = (sums["gross_mw"] / sums["critical_it_mw"]).reindex(index).fillna(assumptions.gross_mw_per_critical_it_mw)
    return ratio.to_numpy()


def _years(span: pd.Series) -> np.ndarray:
    return span.dt.days.to_numpy(dtype=float) / DAYS_PER_YEAR
