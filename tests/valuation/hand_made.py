"""A valuation table of a few made-up companies, with the statuses that the statistics look at."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.inference import CoefficientTest

METRICS = ("ev_per_mw_secured", "ev_per_mw_operating", "ev_per_mw_weighted", "ev_to_ntm_revenue",
           "ev_to_contracted_revenue")  # fmt: skip
MW = 1000.0


def table(value: dict[str, float], share: dict[str, float]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Table, status and causes of companies worth `value` m USD per MW with a contracted `share`; 1,000 MW each.

    A share of at least 0.2 is a pivot; a NaN value is an unknown EV, one of zero or less a negative EV.
    """
    tickers = pd.Index(list(value), name="ticker")
    ev = pd.Series(value).to_numpy() * MW * 1e6
    shares = pd.Series(share).reindex(tickers).to_numpy()
    out = pd.DataFrame(
        {
            "enterprise_value_usd": ev,
            "bitcoin_usd": np.linspace(0.1, 0.3, len(tickers)) * np.abs(ev),
            "debt_after_conversion_usd": np.linspace(0.3, 0.1, len(tickers)) ** 2 * np.abs(ev),
            "secured_mw": MW,
            "operating_mw": MW * np.linspace(0.4, 0.9, len(tickers)) ** 2,
            "weighted_mw": MW * 0.8,
            "ntm_revenue_usd": 1e9,
            "completed_ev_usd": ev * np.linspace(1.5, 1.0, len(tickers)),
            "contracted_revenue_usd": 5e8,
            "ai_share_contracted": shares,
            "leased_share": shares**2,
            "ai_share_trailing": shares / 2,
            "group": np.where(shares >= 0.2, "pivot", "bitcoin"),
            "excluded": "",
        },
        index=tickers,
    )
    for short in ("secured", "operating", "weighted"):
        out[f"ev_per_mw_{short}"] = out["enterprise_value_usd"] / 1e6 / out[f"{short}_mw"]
    out["ev_to_ntm_revenue"] = out["enterprise_value_usd"] / out["ntm_revenue_usd"]
    out["ev_to_contracted_revenue"] = out["completed_ev_usd"] / out["contracted_revenue_usd"]
    status = pd.DataFrame("ok", index=tickers, columns=out.columns)
    causes = pd.DataFrame("", index=tickers, columns=out.columns)
    unknown, negative = np.isnan(ev), ev <= 0
    for metric in METRICS:
        status.loc[unknown, metric], causes.loc[unknown, metric] = "missing", "debt_total unknown"
        status.loc[negative, metric] = "not_meaningful"
        causes.loc[negative, metric] = "enterprise value is not positive"
    return out, status, causes


# Six pivots and six others, values spread around 6 and 2.
VALUES = dict(zip("ABCDEFGHIJKL", [4.0, 5.0, 7.0, 6.5, 9.0, 6.0, 1.5, 2.5, 2.0, 1.8, 3.0, 2.2], strict=True))
SHARES = dict(zip("ABCDEFGHIJKL", [0.3, 0.5, 0.9, 0.7, 1.0, 0.6, 0.0, 0.1, 0.0, 0.05, 0.15, 0.02], strict=True))


def slope(p: float, estimate: float = 0.8, low: float = 0.2, high: float = 1.4) -> CoefficientTest:
    """A slope of 13 companies with its test and interval."""
    return CoefficientTest(estimate, 0.3, 5.0, p, low, high, np.nan, 13, "restricted wild bootstrap, HC3-t")
