"""The listed miners' share of the Bitcoin network's hashrate, and the hashrate that they have taken off it."""

from __future__ import annotations

import pandas as pd

from valuation.inputs import Inputs
from valuation.mining.economics import Mining

REDUCED = 0.1  # a company that runs this much less than at its highest has reduced its hashrate


def hashrate(inputs: Inputs, mining: Mining, excluded: pd.Series) -> pd.DataFrame:
    """Operating hashrate of the miners of the statistics over the network's, by date.

    Parameters
    ----------
    inputs : Inputs
        Of many dates, ascending.
    mining : Mining
        Of the same inputs: the operating hashrate of each company.
    excluded : Series
        On the rows of the inputs: why a company stays out of the statistics; empty where it does not.

    Returns
    -------
    DataFrame
        Indexed by as_of: hashrate_eh (sum of the `companies` whose hashrate is known; `stale` of them by an old figure),
        unknown (companies without a figure), network_eh and network_on (the last known week), share; left_eh, the
        hashrate below each company's own highest figure so far, summed over companies, and left_share of the network;
        `reduced`, the companies that run at least a tenth less than at their highest. EH/s and fractions.

    Notes
    -----
    A company's hashrate is as `valuation.mining.economics` has it: reported operating, else deployed x uptime, else
    from mining revenue. Sold machines may run on elsewhere, so what has left the listed miners has not all left the
    network.
    """
    rate = mining.table["hashrate_eh"].where(excluded.reindex(mining.table.index) == "")
    counted = (excluded.reindex(mining.table.index) == "").unstack("ticker")
    wide = rate.unstack("ticker")
    state = mining.status["hashrate_eh"].unstack("ticker")
    known = wide.notna()
    highest = wide.cummax().ffill()
    fallen = highest - wide
    out = pd.DataFrame(index=wide.index.rename("as_of"))
    out["hashrate_eh"] = wide.sum(axis=1, min_count=1)
    out["companies"] = known.sum(axis=1)
    out["stale"] = ((state == "stale") & known).sum(axis=1)
    out["unknown"] = (counted & ~known).sum(axis=1)
    out["network_eh"] = inputs.market["network_eh_per_s"].reindex(out.index)
    out["network_on"] = inputs.market["network_date"].reindex(out.index)
    out["share"] = out["hashrate_eh"] / out["network_eh"]
    out["left_eh"] = fallen.sum(axis=1, min_count=1)
    out["left_share"] = out["left_eh"] / out["network_eh"]
    out["reduced"] = ((fallen >= REDUCED * highest) & (highest > 0)).sum(axis=1)
    return out
