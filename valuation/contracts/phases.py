"""Phases of contracts: the tranches in which each contract's critical IT MW come into service, as known on a date.

A tranche has its own full base term from its own date: revenue, capex, MW in service and backlog are sums over tranches.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts.arithmetic import DAYS_PER_YEAR
from valuation.contracts.in_service import reported
from valuation.inputs import Inputs
from valuation.sums import positions

BOOK = "-BOOK"
PLANNED, DELIVERED = "planned", "delivered"
MONTHS_PER_YEAR = 12
LEAST_MW = 1e-9
DAY = np.timedelta64(1, "D")
TRANCHE_COLUMNS = ["row", "starts_in_years", "share", "delivered", "is_proxy"]


def tranches(contracts: pd.DataFrame, inputs: Inputs, assumptions: Assumptions) -> pd.DataFrame:
    """Tranches of each contract: when each part of its MW starts, and whether it is in service.

    Parameters
    ----------
    contracts : DataFrame
        n rows (as_of, contract): as_of, ticker, contract_id, critical_it_mw, gross_mw, announced_on, start_used,
        start_is_assumed, owned_it_mw, is_ai.
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
    parts = pd.concat([part for part in (dated, undated) if len(part)] or [undated])
    parts = parts.sort_values(["row", "starts_in_years"], kind="stable").reset_index(drop=True)
    return _limited(parts, contracts, inputs, assumptions) if n else parts


def ramp_parts(assumptions: Assumptions) -> int:
    """Equal parts of an even ramp, one a month."""
    return max(1, round(assumptions.ramp_years * MONTHS_PER_YEAR))


def _undated(
    contracts: pd.DataFrame, mw: np.ndarray, covered: np.ndarray, last: np.ndarray, assumptions: Assumptions
) -> pd.DataFrame:
    """The share that no phase dates: equal monthly parts over the ramp from the start, or from the last dated phase."""
    ramp = assumptions.ramp_years
    parts = ramp_parts(assumptions)
    late = ramp * (np.arange(parts) + 0.5) / parts
    to_start = _years(contracts["start_used"] - contracts["as_of"])
    start = np.fmax(to_start, last)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(mw > 0, 1 - covered / mw, 1.0)
    left = np.where(left < LEAST_MW, 0.0, left)
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
            "delivered": ((starts <= 0) & ~passed).ravel(),
            "is_proxy": True,
        }
    )


def _dated(
    contracts: pd.DataFrame, mw: np.ndarray, phases: pd.DataFrame, assumptions: Assumptions
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Tranches that phases date; the MW that they cover; and the last start among them, in years from the as-of date."""
    n = len(contracts)
    found: list[tuple[np.ndarray, ...]] = []
    rows_of = _rows_of(contracts, mw, phases)
    # Plans and deliveries change seldom: of the same rows known and the same contracts the tranches are the same days.
    made: dict[tuple[object, ...], tuple[np.ndarray, ...]] = {}
    sizes = phases["critical_it_mw"].to_numpy(dtype=float)
    for (as_of, name), rows in phases.groupby(["as_of", "contract_id"], sort=False).indices.items():
        mine = rows_of.get((as_of, name))
        if mine is None:
            continue
        key = (name, sizes[rows].tobytes(), tuple(mw[mine]))
        if key not in made:
            made[key] = _spread(phases.iloc[rows], mw[mine])
        holder, day, part, done = made[key]
        found.append((mine[holder], (day - as_of.to_datetime64()) / DAY / DAYS_PER_YEAR, part, done))
    covered, last = np.zeros(n), np.full(n, np.nan)
    if not found:
        return pd.DataFrame(columns=TRANCHE_COLUMNS), covered, last
    row, starts, part, done = (np.concatenate(column) for column in zip(*found, strict=True))
    passed = ~done & (starts <= 0)
    starts = np.where(passed, assumptions.ramp_years / 2, starts)
    np.add.at(covered, row, part)
    np.fmax.at(last, row, starts)
    columns = (row, starts, part / mw[row], done, passed)
    return pd.DataFrame(dict(zip(TRANCHE_COLUMNS, columns, strict=True))), covered, last


def _rows_of(
    contracts: pd.DataFrame, mw: np.ndarray, phases: pd.DataFrame
) -> dict[tuple[pd.Timestamp, str], np.ndarray]:
    """Rows of `contracts` that an entry of phases is about on a date, in order of announcement; none without MW."""
    names = contracts["contract_id"].to_numpy(dtype=object)
    dates = contracts["as_of"].tolist()
    announced = contracts["announced_on"].to_numpy()
    out: dict[tuple[pd.Timestamp, str], np.ndarray] = {}
    for name in phases["contract_id"].unique():
        if str(name).endswith(BOOK):
            prefix = str(name).removesuffix(BOOK) + "-"
            inside = np.array([str(one).startswith(prefix) for one in names], dtype=bool)
        else:
            inside = names == name
        at = np.flatnonzero(inside & ~np.isnan(mw))
        at = at[np.argsort(announced[at], kind="stable")]
        by_date: dict[pd.Timestamp, list[int]] = {}
        for row in at.tolist():
            by_date.setdefault(dates[row], []).append(row)
        out |= {(day, name): np.array(rows) for day, rows in by_date.items()}
    return out


def _spread(phases: pd.DataFrame, mw: np.ndarray) -> tuple[np.ndarray, ...]:
    """Contract (position in `mw`), day, MW and delivered of each tranche: one entry's phases over its contracts in order."""
    phases = phases.sort_values("date", kind="stable")
    status, published = phases["status"].to_numpy(), phases["published_on"]
    delivered, planned = status == DELIVERED, status == PLANNED
    planned &= (published == published[planned].max()).to_numpy()
    size, day = phases["critical_it_mw"].to_numpy(dtype=float), phases["date"].to_numpy().astype("datetime64[ns]")
    done, plan = size[delivered], size[planned]
    over = plan.sum() + done.sum() - mw.sum()
    # Deliveries come off the earliest rows of the plan.
    plan = plan - np.minimum(np.clip(over - (np.cumsum(plan) - plan), 0.0, None), plan)
    sizes = np.concatenate([done, plan])
    days = np.concatenate([day[delivered], day[planned]])
    # Phases and contracts one after the other on one scale of MW: what a phase and a contract have in common.
    ends, tops = np.cumsum(sizes)[:, None], np.cumsum(mw)[None, :]
    common = np.minimum(ends, tops) - np.maximum(ends - sizes[:, None], tops - mw)
    phase, holder = np.nonzero(common > LEAST_MW)
    return holder, days[phase], common[phase, holder], phase < len(done)


def _limited(parts: pd.DataFrame, contracts: pd.DataFrame, inputs: Inputs, assumptions: Assumptions) -> pd.DataFrame:
    """Take out of service what exceeds the reported AI MW in service, latest starts first."""
    reported_on = inputs.periods["mw_operating_ai"]
    limit = reported(inputs)
    company = positions(contracts, inputs.index)
    by_then = _years(pd.Series(reported_on.to_numpy()[company]) - contracts["as_of"].reset_index(drop=True))
    row = parts["row"].to_numpy()
    mw = parts["share"].to_numpy() * contracts["owned_it_mw"].to_numpy(dtype=float)[row]
    is_ai = contracts["is_ai"].to_numpy(dtype=bool)[row]
    counted = parts["delivered"].to_numpy() & (parts["starts_in_years"].to_numpy() <= by_then[row]) & is_ai
    counted &= ~np.isnan(limit.to_numpy()[company[row]]) & (mw > 0)
    if not counted.any():
        return parts
    mine = np.flatnonzero(counted)
    mine = mine[np.lexsort((parts["starts_in_years"].to_numpy()[mine], company[row[mine]]))]
    owner = company[row[mine]]
    so_far = pd.Series(mw[mine]).groupby(owner).cumsum().to_numpy()
    most = limit.to_numpy()[owner]
    keep = 1 - (so_far - most) / mw[mine]
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
    out = pd.concat([out[out["share"] > 0], back])
    return out.sort_values(["row", "starts_in_years"], kind="stable").reset_index(drop=True)


def _years(span: pd.Series) -> np.ndarray:
    return span.dt.days.to_numpy(dtype=float) / DAYS_PER_YEAR
