"""Figures that formulas read and no table of a screen holds: quarters, fleets, overhead, consensus, line of the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.contracts.consolidation import parents
from valuation.contracts.in_service import reported_with_subsidiary
from valuation.fundamentals.ai_share import latest_quarter, twelve_months, with_recurring
from valuation.fundamentals.forward import CONSENSUS, consensus, hosting_quarter
from valuation.fundamentals.overhead import overhead
from valuation.inputs import Inputs
from valuation.mining.economics import hashrates, history
from valuation.regression.prediction import LEAST_NAMES
from valuation.screen import Screen
from valuation.status import USABLE

ON_THE_LINE = ("ev_per_mw_secured", "ai_share_contracted")
LATEST = {"latest_total_usd": "total_usd", "latest_ai_usd": "ai_hpc_usd", "latest_one_off_usd": "ai_hpc_one_off_usd"}
OF_AI = {"ai_quarter_usd": "ai_hpc_usd", "ai_quarter_one_off_usd": "ai_hpc_one_off_usd"}
SPLIT = {
    "split_mining_usd": "mining_usd", "split_total_usd": "total_usd", "split_ai_usd": "ai_hpc_usd",
    "split_hosting_usd": "hosting_usd", "split_other_usd": "other_usd", "split_one_off_usd": "ai_hpc_one_off_usd",
}  # fmt: skip
YEAR = {"year_total_usd": "total_usd", "year_ai_usd": "ai_hpc_usd", "year_one_off_usd": "one_off_usd"}
FLEET = {
    "hashrate_by_revenue": "by_revenue", "hashrate_by_deployed": "by_deployed",
    "mining_quarter_usd": "mining_quarter_usd", "quarter_hashprice_usd": "quarter_hashprice_usd",
}  # fmt: skip
OVERHEAD = {
    "overhead_year_usd": "year_usd", "overhead_quarter_usd": "quarter_usd", "overhead_per_mw_usd": "per_mw_usd",
}  # fmt: skip
NETWORK = {"network_hashrate_eh": "network_eh_per_s", "network_reward_btc_per_day": "reward_btc_per_day"}


def read(screen: Screen, inputs: Inputs) -> pd.DataFrame:
    """The figures by name, a row a company; NaN unknown.

    Parameters
    ----------
    inputs : Inputs
        Of the screen's date.
    """
    parts = [_quarters(inputs), _forward(screen, inputs), _network(inputs)]
    out = pd.concat([part.droplevel("as_of") for part in parts], axis=1)
    return out.join([_subsidiaries(screen), _line(screen)])


def _quarters(inputs: Inputs) -> pd.DataFrame:
    """Revenue of the quarters that the AI shares rest on."""
    index, rows = inputs.index, with_recurring(inputs.quarters)
    last = latest_quarter(rows, "total_usd", index)
    out = last[list(LATEST.values())].set_axis(list(LATEST), axis=1)
    for names, known in ((OF_AI, "ai_recurring_usd"), (SPLIT, "mining_or_rest_usd")):
        out[list(names)] = latest_quarter(rows, known, index)[list(names.values())].to_numpy()
    with_total = rows[rows["total_usd"].notna()].assign(
        one_off_usd=lambda frame: frame["ai_hpc_one_off_usd"].fillna(0.0)
    )
    out[list(YEAR)] = twelve_months(with_total, list(YEAR.values()), last["period_end"], index).to_numpy()
    return out


def _forward(screen: Screen, inputs: Inputs) -> pd.DataFrame:
    """Fleet, overhead, hosting, AI MW in service as reported, and consensus."""
    index = inputs.index
    fleet = hashrates(inputs, screen.assumptions, history(inputs.network))
    out = fleet[list(FLEET.values())].set_axis(list(FLEET), axis=1).astype(float)
    secured = screen.table["secured_mw"].reindex(index.get_level_values("ticker")).to_numpy(dtype=float)
    cost = overhead(inputs, pd.Series(secured, index))
    out[list(OVERHEAD)] = cost[list(OVERHEAD.values())]
    out["hosting_quarter_usd"] = hosting_quarter(inputs)
    out["reported_ai_mw"] = reported_with_subsidiary(inputs)
    for name in CONSENSUS:
        out[f"{name}_estimate_usd"] = consensus(inputs, name)["value"].reindex(index)
    return out


def _network(inputs: Inputs) -> pd.DataFrame:
    return pd.DataFrame({name: inputs.at_market(column) for name, column in NETWORK.items()})


def _subsidiaries(screen: Screen) -> pd.DataFrame:
    """Price and diluted shares of the listed subsidiary that a company consolidates."""
    child_of = {parent: child for child, parent in parents(screen.companies).items()}
    names = ["price_usd", "diluted_shares"]
    found = screen.table.reindex(list(child_of.values()))[names].astype(float).set_axis(list(child_of))
    return found.set_axis(["subsidiary_price_usd", "subsidiary_diluted_shares"], axis=1).reindex(screen.table.index)


def others_on_the_line(screen: Screen, ticker: str) -> pd.DataFrame:
    """The companies whose line a company's premium is measured against, with the two figures of each.

    Returns
    -------
    DataFrame
        Indexed by ticker, `ON_THE_LINE`; empty where the company or too few others are in the regression's sample.
    """
    names = list(ON_THE_LINE)
    inside = (screen.table["excluded"] == "") & screen.status[names].isin(USABLE).all(axis=1)
    rows = screen.table.loc[inside, names].astype(float)
    return rows.drop(ticker) if ticker in rows.index and len(rows) >= LEAST_NAMES else rows.iloc[:0]


def _line(screen: Screen) -> pd.DataFrame:
    """Intercept and slope of ln(EV per secured MW) on share through the others, and the error of a prediction from it.

    Notes
    -----
    The standard error of a new company's prediction is s sqrt(1 + 1/m + (x - mean)^2 / Sxx), t(m - 2), with m others
    (Draper & Smith 1998, section 1.4).
    """
    from scipy.special import stdtrit

    found = {}
    for ticker in screen.table.index:
        others = others_on_the_line(screen, str(ticker))
        share, ln_value = others[ON_THE_LINE[1]].to_numpy(), np.log(others[ON_THE_LINE[0]].to_numpy())
        m, spread = len(others), ((share - share.mean()) ** 2).sum() if len(others) else 0.0
        if spread < 1e-12:
            continue
        slope = ((share - share.mean()) * ln_value).sum() / spread
        intercept = ln_value.mean() - slope * share.mean()
        noise = ((ln_value - intercept - slope * share) ** 2).sum() / (m - 2)
        away = float(screen.table.at[ticker, ON_THE_LINE[1]]) - share.mean()
        error = np.sqrt(noise * (1 + 1 / m + away**2 / spread))
        quantile = stdtrit(m - 2, (1 + screen.assumptions.confidence_level) / 2)
        found[ticker] = (intercept, slope, quantile, error)
    names = ["line_intercept", "line_slope", "line_quantile", "line_error"]
    return pd.DataFrame.from_dict(found, orient="index", columns=names, dtype=float).reindex(screen.table.index)
