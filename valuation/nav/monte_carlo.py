"""Uncertainty of the net asset value per share: tornado and Monte Carlo simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation.assumptions import Assumptions
from valuation.errors import InvalidInput, UnknownName
from valuation.nav.names import HEADLINE, VALUES
from valuation.nav.parts import Position, Shock, parts_under
from valuation.nav.sum_of_parts import Nav

DRIVERS = ("bitcoin", "hashprice", "cap_rate", "capex", "delay")
OWN = ("capex", "delay")  # each company has its own part of these; the others are the market's
PERCENTILES = (5, 25, 50, 75, 95)


@dataclass(frozen=True, repr=False)
class Simulation(ResultMixin):
    """Distribution of the net asset value per share over correlated draws of its drivers.

    Attributes
    ----------
    table : DataFrame
        Indexed by ticker: point, mean, sd, p5, p25, p50, p75, p95 (USD per share), above_price (part of the draws
        in which the value exceeds the price).
    value, draws, seed, method : what was drawn
    """

    table: pd.DataFrame
    value: str
    draws: int
    seed: int
    method: str

    @property
    def frame(self) -> pd.DataFrame:
        """The percentiles."""
        return self.table

    def _summary(self) -> Summary:
        line = f"{self.method}, {self.draws:,} draws, seed {self.seed}"
        title = f"Monte Carlo simulation of {self.value}, USD per share"
        return Summary(title, (line,), (small(self.table),))


def correlation(assumptions: Assumptions) -> np.ndarray:
    """Correlation matrix of `DRIVERS`; pairs without a number are uncorrelated.

    Raises
    ------
    InvalidInput
        The matrix is not positive semi-definite.
    """
    out = np.eye(len(DRIVERS))
    pairs = {
        ("bitcoin", "hashprice"): assumptions.correlation_bitcoin_hashprice,
        ("bitcoin", "cap_rate"): assumptions.correlation_bitcoin_cap_rate,
        ("cap_rate", "capex"): assumptions.correlation_cap_rate_capex,
        ("capex", "delay"): assumptions.correlation_capex_delay,
        # What moves bitcoin moves hashprice along with it.
        ("hashprice", "cap_rate"): assumptions.correlation_bitcoin_hashprice * assumptions.correlation_bitcoin_cap_rate,
    }
    for (a, b), value in pairs.items():
        i, j = DRIVERS.index(a), DRIVERS.index(b)
        out[i, j] = out[j, i] = value
    if np.linalg.eigvalsh(out).min() < -1e-10:
        told = ", ".join(f"{a} with {b} {value:g}" for (a, b), value in pairs.items())
        raise InvalidInput(f"these correlations are not consistent (not positive semi-definite): {told}")
    return out


def simulate(nav: Nav, *, draws: int | None = None, seed: int | None = None, value: str = HEADLINE) -> Simulation:
    """Simulate net asset values per share: bitcoin, hashprice, cap rates, capex and delays drawn together.

    Parameters
    ----------
    nav : Nav
        Of one as-of date.
    draws, seed : int, optional
        As assumed where not given.
    value : {"nav_dcf", "nav_cap_rate", "floor"}

    Raises
    ------
    InvalidInput
        More than one as-of date, or inconsistent correlations.

    Notes
    -----
    Log-normal multiples with mean one, correlated normals underneath. `common_share` of the variance of capex and
    slip is shared, the rest is each company's own with the same correlation between the two; what capex shares with
    cap rates runs through the shared part. Memory is that of one company's draws.
    """
    a = nav.assumptions
    draws, seed = draws or a.simulation_draws, a.seed if seed is None else seed
    if len(nav.table.index.get_level_values("as_of").unique()) > 1:
        raise InvalidInput("a simulation takes one as-of date")
    rng = np.random.default_rng(seed)
    matrix = correlation(a)
    shared = _correlated(rng, matrix, draws)
    own_at = [DRIVERS.index(name) for name in OWN]
    own_matrix = matrix[np.ix_(own_at, own_at)]
    sigma = {name: getattr(a, f"volatility_{name}") for name in DRIVERS}
    market = {name: _multiple(shared[DRIVERS.index(name)], sigma[name]) for name in DRIVERS if name not in OWN}

    rows: dict[str, dict[str, float]] = {}
    tickers = nav.table.index.get_level_values("ticker")
    point, shares = nav.table[f"{value}_usd"].to_numpy(), nav.table["diluted_shares"].to_numpy()
    price = nav.table["price_usd"].to_numpy()
    usable = nav.table[f"{value}_per_share"].notna() & nav.status[f"{value}_usd"].ne("not_meaningful")
    for i in map(int, np.flatnonzero(usable)):
        own = _correlated(rng, own_matrix, draws)
        mixed = {
            name: np.sqrt(a.common_share) * shared[DRIVERS.index(name)] + np.sqrt(1 - a.common_share) * own[k]
            for k, name in enumerate(OWN)
        }
        shock = Shock(
            **market,
            capex=_multiple(mixed["capex"], sigma["capex"]),
            delay_years=a.delay_years * _multiple(mixed["delay"], sigma["delay"]),
        )
        per_share = (point[i] + _change(nav.position.row(i), value, shock)) / shares[i]
        at = np.percentile(per_share, PERCENTILES)
        rows[tickers[i]] = {"point": point[i] / shares[i], "mean": per_share.mean(), "sd": per_share.std()}
        rows[tickers[i]] |= {f"p{p}": x for p, x in zip(PERCENTILES, at, strict=True)}
        rows[tickers[i]]["above_price"] = float((per_share > price[i]).mean()) if price[i] > 0 else np.nan
    columns = ["point", "mean", "sd", *(f"p{p}" for p in PERCENTILES), "above_price"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("ticker")
    return Simulation(table, value, draws, seed, "correlated log-normal multiples with mean one")


def _correlated(rng: np.random.Generator, matrix: np.ndarray, draws: int) -> np.ndarray:
    """(drivers, draws) standard normals of this correlation."""
    size, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(size, 0.0, None))) @ rng.standard_normal((len(matrix), draws))


def _multiple(normal: np.ndarray, sigma: float) -> np.ndarray:
    return np.exp(sigma * normal - sigma**2 / 2)


def _change(position: Position, value: str, shock: Shock) -> np.ndarray:
    """What a shock adds to the value, USD, by company or by draw; a part that is unknown stays excluded."""
    before, after = (parts_under(position, one, VALUES[value]) for one in (Shock(), shock))
    total: np.ndarray = np.zeros(())
    for name in VALUES[value]:
        unknown = np.isnan(before[name]) if name in after else np.array(True)
        if not unknown.all():
            change = after[name] - before[name]
            total = total + (np.where(unknown, 0.0, change) if unknown.any() else change)
    return total


def tornado(nav: Nav, ticker: str, value: str = HEADLINE) -> pd.DataFrame:
    """Tornado of one company: value per share when one driver moves by one standard deviation down and up, widest first.

    Returns
    -------
    DataFrame
        Indexed by driver: low_input and high_input (multiple; years for the slip), low and high (USD per share), span.
        The probability of leases not signed moves by its swing, other drivers by their log standard deviation.

    Raises
    ------
    UnknownName
        No such ticker.
    """
    tickers = nav.table.index.get_level_values("ticker")
    rows = np.flatnonzero(tickers == ticker)
    if len(rows) == 0:
        raise UnknownName(f"no company {ticker!r} in the net asset values")
    bars = _bars(nav, value, rows)
    return bars.droplevel("ticker").sort_values("span", ascending=False)


def tornados(nav: Nav, value: str = HEADLINE) -> pd.DataFrame:
    """`tornado` of every company at once, indexed by ticker and driver, drivers as they are declared."""
    bars = _bars(nav, value, slice(None))
    return bars.sort_index(level="ticker", sort_remaining=False, kind="stable")


def _bars(nav: Nav, value: str, rows: slice | np.ndarray) -> pd.DataFrame:
    a = nav.assumptions
    inputs: dict[str, tuple[float, float]] = {
        name: (float(np.exp(-sigma)), float(np.exp(sigma)))
        for name, sigma in ((name, getattr(a, f"volatility_{name}")) for name in DRIVERS)
    }
    inputs["delay"] = (a.delay_years * inputs["delay"][0], a.delay_years * inputs["delay"][1])
    inputs["probability"] = (1 - a.volatility_probability, 1 + a.volatility_probability)
    point, shares = (nav.table[name].to_numpy()[rows] for name in (f"{value}_usd", "diluted_shares"))
    position = nav.position.row(rows)
    tickers = nav.table.index.get_level_values("ticker")[rows]
    bars = []
    for name, ends in inputs.items():
        field = "delay_years" if name == "delay" else name
        low, high = ((point + _change(position, value, Shock(**{field: end}))) / shares for end in ends)
        bar = {"low_input": ends[0], "high_input": ends[1], "low": low, "high": high, "span": np.abs(high - low)}
        bars.append(pd.DataFrame(bar, index=pd.MultiIndex.from_product([tickers, [name]], names=["ticker", "driver"])))
    return pd.concat(bars)
