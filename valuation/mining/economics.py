"""Mining economics: hashprice, each fleet's revenue, power cost and breakevens, and AI revenue on the same MW.

Hashprice is USD per PH/s per day throughout (METHODS section 9).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.assumptions import Assumptions
from valuation.errors import InvalidInput
from valuation.inputs import Inputs
from valuation.status import Ledger

BLOCKS_PER_DAY = 144
SECONDS_PER_BLOCK = 600
HASHES_PER_DIFFICULTY = 2**32
DAYS_PER_YEAR = 365.25
HOURS_PER_YEAR = 24 * DAYS_PER_YEAR
QUARTER = pd.Timedelta(days=91)
# Subsidy in BTC a block from each day on; the last day is an estimate.
SUBSIDY = {"2020-05-11": 6.25, "2024-04-20": 3.125, "2028-04-15": 1.5625}
NEXT_HALVING = pd.Timestamp("2028-04-15")
_Number = TypeVar("_Number", float, np.ndarray, pd.Series)


def hashprice(btc_usd: _Number, network_eh_per_s: _Number, reward_btc_per_day: _Number) -> _Number:
    """USD per PH/s per day from the bitcoin price, the network's hashrate, and subsidy and fees of a day.

    Arrays and Series pass through. METHODS section 9: (subsidy + fees per block) x 144 x price / network PH/s, with
    the blocks that were found in place of 144 where the day's reward is known.
    """
    return reward_btc_per_day * btc_usd / (network_eh_per_s * 1000.0)


def reward_per_day(subsidy_btc: float, fees_btc_per_block: float = 0.0) -> float:
    """Subsidy and fees of a day of 144 blocks, BTC."""
    return BLOCKS_PER_DAY * (subsidy_btc + fees_btc_per_block)


def hashrate_from_difficulty(difficulty: float) -> float:
    """Hashrate in EH/s at which blocks come every ten minutes at this difficulty."""
    return difficulty * HASHES_PER_DIFFICULTY / SECONDS_PER_BLOCK / 1e18


def subsidy_on(day: pd.Timestamp) -> float:
    """Block subsidy in BTC on a day."""
    return next(btc for start, btc in reversed(SUBSIDY.items()) if day >= pd.Timestamp(start))


def ph_per_mw(j_per_th: _Number) -> _Number:
    """PH/s that one MW runs at a fleet efficiency in J/TH."""
    return 1000.0 / j_per_th


def breakeven_hashprice(j_per_th: _Number, power_usd_per_kwh: _Number) -> _Number:
    """Breakeven hashprice: revenue covers power and no more; one PH/s draws J/TH kilowatts for 24 hours."""
    return 24.0 * j_per_th * power_usd_per_kwh


def breakeven_power(hashprice_usd: _Number, j_per_th: _Number) -> _Number:
    """Breakeven power price in USD per kWh: revenue covers power and no more."""
    return hashprice_usd / (24.0 * j_per_th)


def revenue_per_mw_year(hashprice_usd: _Number, j_per_th: _Number) -> _Number:
    """Mining revenue of one MW in a year, USD."""
    return hashprice_usd * ph_per_mw(j_per_th) * DAYS_PER_YEAR


def history(network: pd.DataFrame) -> pd.Series:
    """Weekly hashprice from a network file, indexed by date; weeks without hashrate or reward left out."""
    known = network.dropna(subset=["btc_usd", "hashrate_eh_per_s", "reward_and_fees_btc_per_day"])
    value = hashprice(known["btc_usd"], known["hashrate_eh_per_s"], known["reward_and_fees_btc_per_day"])
    return pd.Series(value.to_numpy(), index=pd.DatetimeIndex(known["date"], name="date"), name="hashprice_usd")


@dataclass(frozen=True, repr=False)
class Mining(ResultMixin):
    """Mining of every company at the day's hashprice. Money USD a year, MW of the fleet.

    Attributes
    ----------
    table, status, causes : DataFrame
        A row an (as_of, ticker): hashprice_usd, hashrate_eh (operating), j_per_th, power_usd_per_kwh, fleet_mw,
        revenue_usd, power_cost_usd, margin_usd (before all else), margin_share, revenue_usd_per_mw,
        breakeven_hashprice_usd, breakeven_power_usd_per_kwh. A company that mines nothing has 0 and no ratios.
    weekly : Series
        Hashprice by week as known, from `history`.
    """

    table: pd.DataFrame
    status: pd.DataFrame
    causes: pd.DataFrame
    weekly: pd.Series

    @property
    def frame(self) -> pd.DataFrame:
        """The company table."""
        return self.table


# The assumptions that mining rests on; a scenario that leaves them alone starts from the same fleet figures.
RESTS_ON = ("uptime", "fleet_efficiency_j_per_th", "power_cost_usd_per_kwh", "max_age_balance_sheet_days")


def economics(inputs: Inputs, assumptions: Assumptions) -> Mining:
    """Revenue, power cost, margin and breakevens of every company's fleet.

    Parameters
    ----------
    inputs : Inputs
    assumptions : Assumptions
        Stand-ins for uptime, efficiency and power cost that a company does not report; such figures are `proxy`.

    Notes
    -----
    Hashrate: average operating as reported; where that is old and a deployed figure is newer, or there is none,
    deployed x uptime; where that is old too and mining revenue of a newer quarter is known, or nothing is reported,
    that revenue over the quarter's hashprice.
    """
    weekly = history(inputs.network)
    ledger = Ledger(inputs.index)
    known = inputs.at_market("btc_usd"), inputs.at_market("network_eh_per_s"), inputs.at_market("reward_btc_per_day")
    apart = (inputs.at_market("btc_date") - inputs.at_market("network_date")).abs()
    ledger.put(
        "hashprice_usd",
        hashprice(*known),
        stale={
            "network figures old": inputs.at_market("network_stale"),
            "bitcoin price old": inputs.at_market("btc_stale"),
        },
        proxy={"bitcoin price and hashrate of different weeks": apart >= pd.Timedelta(weeks=1)},
    )
    _put_hashrate(ledger, inputs, assumptions, weekly)
    mines = ledger["hashrate_eh"] > 0
    for name, item, default in (
        ("j_per_th", "fleet_efficiency_j_per_th", assumptions.fleet_efficiency_j_per_th),
        ("power_usd_per_kwh", "power_cost_usd_per_kwh", assumptions.power_cost_usd_per_kwh),
    ):
        value = inputs.items[item]
        ledger.put(
            name,
            value.fillna(default),
            stale={f"{item} old": inputs.stale[item]},
            proxy={f"{item} not reported, assumed": value.isna()},
            not_meaningful={"mines nothing": ledger["hashrate_eh"] == 0},
        )
    price, rate, j, power = (ledger[n] for n in ("hashprice_usd", "hashrate_eh", "j_per_th", "power_usd_per_kwh"))
    nothing = {"mines nothing": ~mines & ~np.isnan(rate)}
    ledger.put("fleet_mw", rate * j, after=["hashrate_eh"])
    # Who mines nothing earns nothing, at any hashprice and without one.
    needs_price = (rate != 0) | ~np.isnan(price)
    earned = np.where(rate == 0, 0.0, rate * 1000 * price * DAYS_PER_YEAR)
    ledger.put("revenue_usd", earned, after={"hashprice_usd": needs_price, "hashrate_eh": np.full(len(rate), True)})
    cost = ledger["fleet_mw"] * power * 1000 * HOURS_PER_YEAR
    inherit = _of_miners(ledger, ["j_per_th", "power_usd_per_kwh"], mines)
    ledger.put("power_cost_usd", cost, after=["hashrate_eh"], **inherit)
    margin = ledger["revenue_usd"] - ledger["power_cost_usd"]
    ledger.put("margin_usd", margin, after=["revenue_usd", "power_cost_usd"])
    with np.errstate(divide="ignore", invalid="ignore"):
        ledger.put("margin_share", margin / ledger["revenue_usd"], after=["margin_usd"], not_meaningful=nothing)
    for name, value, upstream in (
        ("revenue_usd_per_mw", revenue_per_mw_year(price, j), ["hashprice_usd", "j_per_th"]),
        ("breakeven_hashprice_usd", breakeven_hashprice(j, power), ["j_per_th", "power_usd_per_kwh"]),
        ("breakeven_power_usd_per_kwh", breakeven_power(price, j), ["hashprice_usd", "j_per_th"]),
    ):
        unknown = {"hashrate unknown": np.isnan(rate)}
        ledger.put(name, value, after=upstream, not_meaningful=nothing, missing=unknown)
    return Mining(ledger.table, ledger.status, ledger.causes, weekly)


def _of_miners(ledger: Ledger, columns: list[str], mines: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """Marks of columns on the companies that mine; those that do not need neither."""
    out: dict[str, dict[str, np.ndarray]] = {"stale": {}, "proxy": {}}
    for column in columns:
        state, cause = ledger.status[column].to_numpy(), ledger.causes[column].to_numpy(dtype=object)
        for kind, marked in out.items():
            rows = mines & (state == kind)
            marked |= {text: rows & (cause == text) for text in dict.fromkeys(cause[rows])}
    return out


def _put_hashrate(ledger: Ledger, inputs: Inputs, assumptions: Assumptions, weekly: pd.Series) -> None:
    found = hashrates(inputs, assumptions, weekly)
    by_revenue, by_deployed = found["by_revenue"].to_numpy(), found["by_deployed"].to_numpy()
    as_of = pd.Series(inputs.index.get_level_values("as_of"), index=inputs.index)
    old_quarter = found["quarter"] < as_of - pd.Timedelta(days=assumptions.max_age_balance_sheet_days)
    ledger.put(
        "hashrate_eh",
        found["hashrate_eh"].to_numpy(),
        stale={"hashrate old": np.where(by_revenue, old_quarter, found["reported_is_old"]).astype(bool)},
        proxy={
            "deployed hashrate x uptime": by_deployed & ~by_revenue,
            "hashrate from mining revenue": by_revenue & (found["from_revenue_eh"] > 0).to_numpy(),
        },
        missing={"hashrate and mining revenue unknown": found["hashrate_eh"].isna().to_numpy()},
    )


def hashrates(inputs: Inputs, assumptions: Assumptions, weekly: pd.Series) -> pd.DataFrame:
    """Average operating hashrate of every fleet, EH/s, and what it rests on, on the rows of `inputs`.

    Returns
    -------
    DataFrame
        hashrate_eh; by_revenue and by_deployed, where it is not the operating figure reported (`economics`);
        reported_is_old; from_revenue_eh, the average that earns the mining revenue of the latest known quarter, with
        mining_quarter_usd, quarter_hashprice_usd (mean of its weeks) and quarter (its end).
    """
    operating, deployed = inputs.items["hashrate_operating_eh"], inputs.items["hashrate_eh"]
    on_operating, on_deployed = inputs.periods["hashrate_operating_eh"], inputs.periods["hashrate_eh"]
    old_operating, old_deployed = inputs.stale["hashrate_operating_eh"], inputs.stale["hashrate_eh"]
    by_deployed = deployed.notna() & (operating.isna() | (old_operating & (on_deployed > on_operating)))
    out = _from_revenue(inputs, weekly)
    reported_on = on_operating.where(~by_deployed, on_deployed)
    old = old_operating.where(~by_deployed, old_deployed)
    reported = operating.notna() | by_deployed
    by_revenue = out["from_revenue_eh"].notna() & (~reported | (old & (out["quarter"] > reported_on)))
    choices = [out["from_revenue_eh"], deployed * assumptions.uptime]
    out["hashrate_eh"] = np.select([by_revenue, by_deployed], choices, operating)
    out["by_revenue"], out["by_deployed"], out["reported_is_old"] = by_revenue, by_deployed, old
    return out


def _from_revenue(inputs: Inputs, weekly: pd.Series) -> pd.DataFrame:
    """Average EH/s that earns the latest known quarter's mining revenue, with that revenue, hashprice and quarter."""
    known = inputs.quarters[inputs.quarters["mining_usd"].notna()]
    last = known.sort_values("period_end", kind="stable").groupby(["as_of", "ticker"]).tail(1)
    end = last["period_end"]
    dates, sums = weekly.index.to_numpy(), np.append(0.0, weekly.to_numpy().cumsum())
    first = np.searchsorted(dates, (end - QUARTER).to_numpy(), side="right")
    past = np.searchsorted(dates, end.to_numpy(), side="right")
    earned = last["mining_usd"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (sums[past] - sums[first]) / (past - first)
        rate = earned / (mean * QUARTER.days) / 1000
    found = {
        "from_revenue_eh": np.where(earned == 0, 0.0, rate), "mining_quarter_usd": earned,
        "quarter_hashprice_usd": mean, "quarter": end.to_numpy(),
    }  # fmt: skip
    return pd.DataFrame(found, pd.MultiIndex.from_frame(last[["as_of", "ticker"]])).reindex(inputs.index)


def path(as_of: pd.Timestamp, assumptions: Assumptions) -> tuple[np.ndarray, np.ndarray]:
    """Hashprice of each coming year as a multiple of today's, and its mid-year discount factor.

    Returns
    -------
    factor, discount : ndarray (years,)
        The last year counts for its part of `mining_life_years`. Growth a year between halvings; from April 2028 the
        subsidy is half, of which `halving_recovery` is made up.
    """
    k = np.arange(int(np.ceil(assumptions.mining_life_years)))
    part = np.clip(assumptions.mining_life_years - k, 0.0, 1.0)
    to_halving = (NEXT_HALVING - as_of).days / DAYS_PER_YEAR
    after = np.clip(k + 1 - to_halving, 0.0, 1.0)
    halved = 1 - after * 0.5 * (1 - assumptions.halving_recovery)
    factor = (1 + assumptions.hashprice_growth) ** (k + 0.5) * halved
    return factor, part * (1 + assumptions.cost_of_capital_mining) ** -(k + 0.5)


def compute_ratio(contracts: pd.DataFrame, mining: Mining, assumptions: Assumptions) -> pd.DataFrame:
    """Compute ratio: revenue per MW under AI contracts over revenue per MW of mining, by kind of contract.

    Parameters
    ----------
    contracts : DataFrame
        From `contract_terms.terms`, one as-of date.
    mining : Mining
        The same date.

    Returns
    -------
    DataFrame
        Indexed by business (lease, gpu_cloud): contracts (with revenue and MW), ai_usd_per_it_mw (median) with low and
        high, mining_usd_per_mw (median of the fleets whose efficiency is reported; `fleets` of them, the assumed one
        where none is), ratio with ratio_low and ratio_high, ratio_per_gross_mw. Leases are rent, GPU cloud is
        revenue before GPUs: never one figure.
    """
    state = mining.status["j_per_th"]
    reported = mining.table.loc[state.isin(["ok", "stale"]), "revenue_usd_per_mw"].dropna()
    price = mining.table["hashprice_usd"].unique().item()
    per_mw = reported.median() if len(reported) else revenue_per_mw_year(price, assumptions.fleet_efficiency_j_per_th)
    rows = contracts[contracts["owned_annual_revenue_usd"].notna() & contracts["owned_it_mw"].notna()]
    earned = (rows["owned_annual_revenue_usd"] / rows["owned_it_mw"]).groupby(rows["business"])
    out = pd.DataFrame(
        {
            "contracts": earned.size(),
            "ai_usd_per_it_mw": earned.median(),
            "ai_usd_per_it_mw_low": earned.min(),
            "ai_usd_per_it_mw_high": earned.max(),
        }
    )
    out["mining_usd_per_mw"] = per_mw
    out["fleets"] = len(reported)
    for name, column in (("ratio", ""), ("ratio_low", "_low"), ("ratio_high", "_high")):
        out[name] = out[f"ai_usd_per_it_mw{column}"] / per_mw
    out["ratio_per_gross_mw"] = out["ratio"] / assumptions.gross_mw_per_critical_it_mw
    return out.reindex(["lease", "gpu_cloud"]).dropna(how="all")


def network_scenario(
    mining: Mining, *, leaving: float, refill: float = 0.0, bitcoin: float = 1.0, halving: bool = False,
    halving_recovery: float = 0.0,
) -> pd.DataFrame:  # fmt: skip
    """Hashprice and margins of the remaining miners when hashrate leaves for AI and difficulty adjusts.

    Parameters
    ----------
    leaving : float
        Part of the network's hashrate that leaves, 0 up to below 1.
    refill : float
        Part of what leaves that others bring back because hashprice rises.
    bitcoin : float
        Bitcoin price as a multiple of today's.
    halving : bool
        With the subsidy of April 2028; `halving_recovery` of the fall is made up.

    Returns
    -------
    DataFrame
        On the rows of `mining.table`: hashprice_usd, revenue_usd, margin_usd (0 where the fleet is switched off),
        switched_off, change_usd (of the margin); NaN where the fleet is unknown.

    Raises
    ------
    InvalidInput
        leaving outside [0, 1) or refill outside [0, 1].
    """
    if not 0 <= leaving < 1 or not 0 <= refill <= 1:
        raise InvalidInput(f"leaving must be in [0, 1) and refill in [0, 1]; got leaving={leaving}, refill={refill}")
    subsidy = 1 - 0.5 * (1 - halving_recovery) if halving else 1.0
    factor = bitcoin * subsidy / (1 - leaving * (1 - refill))
    table = mining.table
    out = pd.DataFrame(index=table.index)
    out["hashprice_usd"] = table["hashprice_usd"] * factor
    out["revenue_usd"] = table["revenue_usd"] * factor
    margin = out["revenue_usd"] - table["power_cost_usd"]
    out["margin_usd"] = margin.clip(lower=0.0)
    out["switched_off"] = margin < 0  # where nothing mines, nothing is lost
    out["change_usd"] = out["margin_usd"] - table["margin_usd"].clip(lower=0.0)
    return out
