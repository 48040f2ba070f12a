"""Measures of the sector and the network: the gap, signed value, revenue mix, compute ratio, hashprice, states."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.errors import NotKnown
from screener.studies.claims.known import Claim, Known, placed
from screener.studies.gap import gap_history
from valuation._words import count, day, interval, multiple, p_value, percent
from valuation.claims.claimed import ABOVE, BELOW
from valuation.claims.verdict import Measured
from valuation.contracts.credit import NOT_STATED, SEVERAL_SITES, located
from valuation.indicators.revenue import OLDEST, company_shares
from valuation.mining.economics import compute_ratio

LEADERS = 5
SMOOTHED = 4  # weeks of the network in a mean: a storm stops miners for a week
HEADLINE = "ev_per_mw_secured"
UNITED_STATES = ("United States", "US", "USA")


def gap(known: Known, claim: Claim) -> Measured:
    """The headline gap of the day."""
    measured = known.screen.gap
    row, members = measured.headline, measured.members
    inside = members.index[members[HEADLINE]]
    status, causes = _worst(known.screen.status.loc[inside, HEADLINE])
    ratio = float(row["ratio"])
    sizes = f"n = {int(row['n_pivot'])} AI, {int(row['n_bitcoin'])} mining"
    why = "" if not np.isnan(ratio) else f"estimate not available: {row['note']}"
    note = sizes if np.isnan(row["p_value"]) else f"{p_value(row['p_value'])}, {sizes}"
    return Measured(
        ratio, low=float(row["low"]), high=float(row["high"]), n=len(inside), status=status, causes=causes, why=why,
        note=note, sources=known.facts(inside),
    )  # fmt: skip


def gap_trend(known: Known, claim: Claim) -> Measured:
    """Growth of the gap a year since the day after the one that the measure names."""
    since = pd.Timestamp(claim.measure[-10:]) + pd.Timedelta(days=1)
    try:
        history = gap_history(known.config, known.data, since, known.day)
    except NotKnown as error:
        return Measured(why=str(error))
    weeks = history.measured
    span = ""
    if len(weeks):
        first, last = weeks.iloc[0], weeks.iloc[-1]
        span = (
            f"{multiple(first['ratio'])} on {day(weeks.index[0])}, {multiple(last['ratio'])} on {day(weeks.index[-1])} with "
            f"{count(last['n_bitcoin'], 'mining company', 'mining companies')}"
        )
    inside = known.screen.gap.members.index[known.screen.gap.members[HEADLINE]]
    sources = known.facts(inside)
    checks = history.checks
    if checks is None:
        return Measured(n=len(weeks), why=f"no trend estimated: {history.note}", note=span, sources=sources)
    low, high = checks.growth_range
    note = f"{p_value(checks.p)}, {count(len(weeks), 'week')}; {span}"
    if not checks.claimed:
        spread = interval(low, high, percents=True)
        found = f"{percent(checks.growth, signed=True)} a year ({spread} without any one company)"
        why = f"no trend can be established: {'; '.join(checks.objections)}"
        return Measured(n=len(weeks), why=why, note=f"{found}; {note}", sources=sources)
    return Measured(checks.growth, low=low, high=high, n=len(weeks), note=note, sources=sources)


def signed_value(known: Known, claim: Claim) -> Measured:
    """Announced value of the miners' AI contracts in force."""
    rows = known.signed
    if rows.empty:
        return Measured(0.0, note="no contract in force")
    without = rows.loc[rows["owned_value_usd"].isna(), "contract_id"]
    causes = f"value not announced, excluded: {', '.join(without)}" if len(without) else ""
    return Measured(
        float(rows["owned_value_usd"].sum()), n=len(rows) - len(without), status="proxy" if causes else "ok",
        causes=causes, note=f"{count(len(rows) - len(without), 'contract')} of {rows['ticker'].nunique()} miners",
        sources=known.contract_facts(rows["contract_id"]),
    )  # fmt: skip


def bitcoin_share(known: Known, claim: Claim) -> Measured:
    """Mining's share of recurring revenue."""
    return _share(known, claim, "bitcoin_share")


def ai_share(known: Known, claim: Claim) -> Measured:
    """AI's share of recurring revenue."""
    return _share(known, claim, "ai_share")


def _share(known: Known, claim: Claim, column: str) -> Measured:
    # Companies report weeks after a quarter ends, so a day's share is that of the quarter before it as known by now.
    latest = known.on(known.until)
    quarters = latest.valued.inputs.quarters
    shares = company_shares(quarters[quarters["period_end"] <= known.day]).droplevel("as_of")
    shares = shares[shares["ever_mined"] & (known.day - shares["period_end"] <= OLDEST)]
    if claim.subject in known.screen.table.index:
        shares = shares[shares.index == claim.subject]
    else:
        shares = shares[shares.index.isin(known.miners)]
    if shares.empty:
        return Measured(status="missing", why="no quarter known with mining and AI revenue both")
    values = shares[column]
    bound, claimed = claim.claimed.bound, claim.claimed.middle
    nearest = values if np.isnan(claimed) else (values - claimed).abs()
    chosen = values.idxmin() if bound == BELOW else values.idxmax() if bound == ABOVE else nearest.idxmin()
    row = shares.loc[chosen]
    note = f"{chosen} in {row['quarter']}"
    if len(values) > 1:
        note += (
            f"; lowest {percent(values.min())} ({values.idxmin()}), highest {percent(values.max())} ({values.idxmax()}), "
            f"{len(values)} companies"
        )
    status, causes = ("proxy", "mining revenue is total less other parts") if row["mining_is_proxy"] else ("ok", "")
    sources = latest.revenue_facts(str(chosen), row["period_end"])
    return Measured(float(row[column]), n=len(values), status=status, causes=causes, note=note, sources=sources)


def crossover(known: Known, claim: Claim) -> Measured:
    """First quarter in which AI revenue exceeds mining revenue: of a company, or the median of several."""
    table = known.mix.crossover
    quarter = pd.Series({name: _first(row) for name, row in table.iterrows()}, dtype=object).dropna()
    if claim.subject in known.screen.table.index:
        quarter = quarter[quarter.index == claim.subject]
    elif claim.subject == "leaders":
        revenue = known.screen.table["contracted_revenue_usd"].reindex(quarter.index)
        quarter = quarter[revenue[revenue > 0].nlargest(LEADERS).index]
    if quarter.empty:
        return Measured(
            status="missing", why="no quarter reported or projected in which AI revenue exceeds mining revenue"
        )
    projected = [name for name in quarter.index if pd.isna(table.loc[name, "actual"])]
    ordinals = sorted(one.ordinal for one in quarter)
    value = ordinals[(len(ordinals) - 1) // 2]
    each = ", ".join(f"{name} {one}" for name, one in quarter.items())
    if len(quarter) > 1:
        which = f"{len(quarter)} leaders by contracted revenue" if claim.subject == "leaders" else "companies"
        each = f"median of the {which}: {each}"
    sources = known.facts(quarter.index, "revenue_mining", "revenue_ai_hpc", "contract")
    causes = f"projected: {', '.join(projected)}" if projected else ""
    return Measured(
        float(value), n=len(quarter), status="proxy" if projected else "ok", causes=causes, note=each, sources=sources
    )


def _first(row: pd.Series) -> pd.Period | None:
    for name in ("actual", "projected"):
        if not pd.isna(row[name]):
            return row[name]
    return None


def cloud_over_mining(known: Known, claim: Claim) -> Measured:
    """GPU cloud revenue per MW over mining revenue per MW."""
    return _compute(known, "gpu_cloud")


def lease_over_mining(known: Known, claim: Claim) -> Measured:
    """Rent per MW over mining revenue per MW."""
    return _compute(known, "lease")


def _compute(known: Known, business: str) -> Measured:
    rows = known.book.contracts[known.book.contracts["business"] == business]
    ratios = compute_ratio(known.book.contracts, known.mining, known.config.assumptions)
    if business not in ratios.index or np.isnan(ratios.loc[business, "ratio"]):
        return Measured(status="missing", why="no contract with revenue and MW, or no hashprice")
    row = ratios.loc[business]
    known_rows = rows[rows["owned_annual_revenue_usd"].notna() & rows["owned_it_mw"].notna()]
    note = f"{count(row['contracts'], 'contract')}, {count(row['fleets'], 'fleet')}"
    if row["contracts"] > 1:
        note += f"; contracts from {interval(row['ratio_low'], row['ratio_high'])}"
    note += f"; per gross MW {multiple(row['ratio_per_gross_mw'])}"
    if business == "gpu_cloud":
        note += "; before the GPUs are paid"
    state, cause = (frame["hashprice_usd"].iloc[0] for frame in (known.mining.status, known.mining.causes))
    fleets = known.screen.table.index[known.valued.inputs.items.droplevel("as_of")["fleet_efficiency_j_per_th"].notna()]
    sources = pd.concat(
        [
            known.contract_facts(known_rows["contract_id"]),
            known.facts(fleets, "fleet_efficiency_j_per_th"),
            _week(known),
        ]
    )
    return Measured(
        float(row["ratio"]), n=int(row["contracts"]), status=str(state), causes=str(cause), note=note, sources=sources
    )


def _weeks(known: Known) -> pd.DataFrame:
    """Weeks of the network known on the day with hashrate and reward."""
    rows = known.data.network[known.data.network["date"] <= known.day]
    return rows.dropna(subset=["hashrate_eh_per_s", "reward_and_fees_btc_per_day"])


def _week(known: Known, weeks: int = 1) -> pd.DataFrame:
    rows = _weeks(known).tail(weeks)
    return placed(rows, "bitcoin network, week of " + rows["date"].dt.strftime("%Y-%m-%d"), "date")


def stayers(known: Known, claim: Claim) -> Measured:
    """Change of the bitcoin that a PH/s earns a day since the claim was made, means of four weeks."""
    base = known.on(min(claim.said_on, known.until))
    then, now = _weeks(base).tail(SMOOTHED), _weeks(known).tail(SMOOTHED)
    if now.empty or then.empty:
        return Measured(status="missing", why="no week of the network known")
    first, last = then["date"].iloc[-1], now["date"].iloc[-1]
    if last <= first:
        return Measured(why=f"no week of the network known after {day(first)}")
    mean = [rows[["reward_and_fees_btc_per_day", "hashrate_eh_per_s", "btc_usd"]].mean() for rows in (then, now)]
    earned = [one["reward_and_fees_btc_per_day"] / one["hashrate_eh_per_s"] for one in mean]
    network = mean[1]["hashrate_eh_per_s"] / mean[0]["hashrate_eh_per_s"] - 1
    in_usd = earned[1] * mean[1]["btc_usd"] / (earned[0] * mean[0]["btc_usd"]) - 1
    old = (known.day - last).days > known.config.assumptions.max_age_price_days
    change = earned[1] / earned[0] - 1
    moved = "moved the other way" if change * in_usd < 0 else "moved likewise"
    note = (
        f"bitcoin earned per PH/s a day, four weeks to {day(last)} against four weeks to {day(first)}; network hashrate "
        f"{percent(network, signed=True)}; hashprice in USD {moved}, {percent(in_usd, signed=True)}. Margins of companies "
        "are not measured: they follow hashprice in USD less the cost of power"
    )
    status, causes = ("stale", "network figures old") if old else ("ok", "")
    sources = pd.concat([_week(base, SMOOTHED), _week(known, SMOOTHED)])
    n = len(then) + len(now)
    return Measured(change, n=n, status=status, causes=causes, note=note, sources=sources)


def state_share(known: Known, claim: Claim) -> Measured:
    """Share of contracted MW in one state, with the bounds that contracts without a known state leave."""
    now = _by_state(known)
    if now.empty:
        return Measured(status="missing", why="no contract with MW in force")
    placed_mw = now.drop([name for name in now.index if _is_open(name)])
    if placed_mw.empty:
        return Measured(status="missing", why="the state of no contract is known")
    named_in = [name for name in placed_mw.index if str(name).lower() in claim.statement.lower()]
    state = named_in[0] if named_in else placed_mw.idxmax()
    low, high = _bounds(now, [state])
    then = _by_state(known.on(min(claim.said_on, known.until)))
    american = _american(known)
    points: list[tuple[str, bool | None]] = [
        (f"{state} has the most contracted MW of the states known", bool(placed_mw.idxmax() == state))
    ]
    points.append((f"the share of {state} has risen", _risen(then, now, [state])))
    points.append(("the share of the United States has risen", _risen(then, now, american)))
    note = (
        f"{state} has {percent(placed_mw[state] / placed_mw.sum())} of the MW whose state is known, the United States "
        f"{percent(placed_mw[placed_mw.index.isin(american)].sum() / placed_mw.sum())}; the range is over the "
        f"{percent(1 - placed_mw.sum() / now.sum())} whose state is not known"
    )
    rows = known.signed
    return Measured(
        float(placed_mw[state] / now.sum()), first=low, last=high, n=len(rows), status="proxy",
        causes="contracts without a known state", note=note, points=points if not claim.claimed.is_known else (),
        sources=known.contract_facts(rows["contract_id"]),
    )  # fmt: skip


def _by_state(known: Known) -> pd.Series:
    return known.signed.groupby("state")["owned_it_mw"].sum()


def _is_open(name: object) -> bool:
    return name in (NOT_STATED, SEVERAL_SITES) or "undisclosed" in str(name)


def _american(known: Known) -> list[str]:
    sites = located(known.data.sites)
    return list(sites.loc[sites["country"].isin(UNITED_STATES), "state"].unique())


def _bounds(mw: pd.Series, names: list[str]) -> tuple[float, float]:
    """The least and the most that the share of some states can be, whatever the state of the others."""
    inside = mw[mw.index.isin(names)].sum()
    unknown = mw[[_is_open(name) and name not in names for name in mw.index]].sum()
    return inside / mw.sum(), (inside + unknown) / mw.sum()


def _risen(then: pd.Series, now: pd.Series, names: list[str]) -> bool | None:
    """Whether a share has risen, whatever the state of contracts without one; None where that cannot be known."""
    if not then.sum() > 0:
        return None
    (low_then, high_then), (low, high) = _bounds(then, names), _bounds(now, names)
    return True if low > high_then else False if high < low_then else None


def _worst(statuses: pd.Series) -> tuple[str, str]:
    """Whether a statistic rests on stale or proxy figures, and on how many."""
    parts = []
    for name in ("proxy", "stale"):
        n = int((statuses == name).sum())
        if n:
            parts.append((name, f"{n} of {len(statuses)} companies {name}"))
    return (parts[0][0], "; ".join(text for _, text in parts)) if parts else ("ok", "")
