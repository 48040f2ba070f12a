"""How often each reported test rejects a true null at a nominal 5%, and how often each interval holds the truth.

    python benchmarks/size.py [simulations]

Regression: n = 15, shares as in the field (half near zero, half spread up to one) and uniform ones; noise constant,
growing with the share, and growing steeply. Gap: groups of equal level, log-normal, equal or unequal spread. Events: 15 of
them. History: weekly series without trend or break, as autocorrelated as said. Panel: 10 companies, 6 dates, noise that
grows with the share. Rank sum: the headline's interval and p, with heavy tails, a factor common to all companies and
unequal spreads. Tenant clusters: the rank-sum test and the wild bootstrap where the AI companies fall into two clusters
that share a shock (`valuation.gap.dependence` keeps the rates of a full run). Walks: weekly values with a unit root, trend
and band. First contracts: the signing study without an effect. The suite runs the same functions on few simulations
(tests/valuation/inference/test_size.py).
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from valuation import events, inference, signing
from valuation.gap import dependence, permutation, ratios, trend
from valuation.gap.history_checks import history_checks
from valuation.gap.hodges_lehmann import hodges_lehmann
from valuation.regression import diagnostics, panel

N = 15
NOMINAL = 0.05
SEED = 20260116
SHARES = {
    "field": np.r_[np.linspace(0, 0.06, 8), np.linspace(0.6, 1, 7)],
    "uniform": np.linspace(0, 1, N),
}
NOISES = {
    "constant": lambda share: np.ones(N),
    "growing": lambda share: 0.3 + 0.9 * share,
    "steep": lambda share: 0.05 + share**2,
}
GROUPS = ((6, 6), (7, 5), (10, 2), (3, 4))
SPREADS = {"equal": (0.5, 0.5), "pivots twice": (0.8, 0.4), "bitcoin twice": (0.4, 0.8)}
WEEKS = pd.date_range("2024-01-05", periods=145, freq="7D")


def regression(runs: int, *, draws: int = 999) -> pd.DataFrame:
    """Rejection rates of the slope's tests, a row a (shares, noise)."""
    rows = {}
    control = np.random.default_rng(SEED + 1).normal(size=N)
    for name, share in SHARES.items():
        x = np.column_stack([np.ones(N), share])
        given = np.column_stack([np.ones(N), control])
        tests = {
            "wild bootstrap": lambda y, x=x: inference.wild_bootstrap(y, x, 1).p_value,
            "HC2-BM": lambda y, x=x: inference.hc2_bell_mccaffrey(y, x, 1).p_value,
            "HC3 t(n-2)": lambda y, x=x: inference.hc3_t(y, x, 1).p_value,
            "Freedman-Lane": lambda y, s=share, g=given: (
                inference.permutation_freedman_lane(y, s, g, draws=draws, seed=1).p_value
            ),
            "Spearman": lambda y, s=share: diagnostics.spearman(s, y)[1],
        }
        for noise, spread in NOISES.items():
            cross_sections = np.random.default_rng(SEED).normal(size=(runs, N)) * spread(share)
            rows[name, noise] = {t: np.mean([p(y) <= NOMINAL for y in cross_sections]) for t, p in tests.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["shares", "noise"])


def gap(runs: int, *, draws: int = 999) -> pd.DataFrame:
    """Size of the permutation test and coverage of the bootstrap interval, a row a (groups, spread)."""
    rows = {}
    for n_first, n_second in GROUPS:
        for name, (first_spread, second_spread) in SPREADS.items():
            rng = np.random.default_rng(SEED)
            first = np.zeros((runs, n_first + n_second), dtype=bool)
            first[:, :n_first] = True
            mw = np.exp(rng.normal(7, 0.8, first.shape))
            value = np.exp(rng.normal(size=first.shape) * np.where(first, first_spread, second_spread)) * mw
            row = {}
            for statistic in ratios.STATISTICS:
                p = permutation.permutation_ratios(value, mw, first, statistic, draws=draws, seed=1).p_value
                row[f"{statistic} size"] = np.mean(p <= NOMINAL)
                held = ratios.bootstrap_ratios(value, mw, first, statistic, draws=draws, level=1 - NOMINAL, seed=1)
                # The mean of a log-normal of spread s is exp(s^2 / 2), the median and geometric mean 1.
                truth = np.exp((first_spread**2 - second_spread**2) / 2) if statistic == "aggregate" else 1.0
                row[f"{statistic} cover"] = np.mean((held.low <= truth) & (truth <= held.high))
            rows[f"{n_first} v {n_second}", name] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["groups", "spread"])


def rank_sum(runs: int) -> pd.DataFrame:
    """Coverage of the Hodges-Lehmann interval and size of its p, a row a (groups, law); unequal spreads are no shift, and
    break what the test assumes."""
    rows = {}
    for n_first, n_second in ((6, 6), (7, 5), (10, 3), (3, 4)):
        members = n_first + n_second
        for law in ("normal", "heavy tails", "common factor", "pivots twice", "bitcoin twice"):
            rng = np.random.default_rng(SEED)
            spread = np.repeat(SPREADS.get(law, (0.6, 0.6)), (n_first, n_second))
            held = rejected = 0
            for _ in range(runs):
                noise = rng.standard_t(2, members) if law == "heavy tails" else rng.normal(size=members)
                value = np.exp(spread * noise + (rng.normal() if law == "common factor" else 0.0))
                found = hodges_lehmann(value[:n_first], value[n_first:])
                held += found.low <= 1 <= found.high
                rejected += found.p <= NOMINAL
            rows[f"{n_first} v {n_second}", law] = {
                "cover": held / runs, "size": rejected / runs, "level": found.level_reached, "least p": found.attainable_p,
            }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["groups", "law"])


def tenant_clusters(runs: int) -> pd.DataFrame:
    """Rejection rates of a true null where AI companies share tenants, a row a (test, design) of `dependence.DESIGNS`.

    A column a correlation between two companies of one cluster, 0 where all companies are independent. The regression has
    the shares of the field; those of the AI companies are the high ones.
    """
    share = SHARES["field"][::-1]
    x = np.column_stack([np.ones(N), share])
    rows: dict[tuple[str, str], dict[float, float]] = {}
    for design in dependence.DESIGNS:
        row = rows[design.test, design.name] = {}
        for correlation in (0.0, *dependence.CORRELATIONS):
            rng = np.random.default_rng(SEED)
            rejected = 0
            for _ in range(runs):
                shock = dependence.shocks(rng, design, correlation)
                if design.test == dependence.RANK_SUM:
                    value = np.exp(shock)
                    p = hodges_lehmann(value[: design.n_pivot], value[design.n_pivot :]).p
                else:
                    p = inference.wild_bootstrap(shock * NOISES[design.name](share), x, 1).p_value
                rejected += p <= NOMINAL
            row[correlation] = rejected / runs
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["test", "design"])


def walks(runs: int, *, paths: int = 199, weeks: tuple[int, ...] = (53, 104, 145)) -> pd.DataFrame:
    """Companies that walk without a gap: how often a trend is found and claimed, how often the band holds the truth in a
    week and in all weeks, a row a (weeks, groups); half of the histories have companies that enter midway."""
    rows = {}
    for n in weeks:
        for groups in ((6, 6), (10, 3), (4, 7)):
            rng = np.random.default_rng(SEED)
            members = sum(groups)
            names = pd.RangeIndex(members)
            first = pd.DataFrame(np.tile(np.arange(members) < groups[0], (n, 1)), index=WEEKS[:n], columns=names)
            found = np.zeros(5)
            for run in range(runs):
                steps = rng.normal(0, 0.05, (n, 1)) + rng.standard_t(4, (n, members)) * 0.05
                logs = pd.DataFrame(
                    rng.normal(0, 0.5, members) + np.cumsum(steps, axis=0), index=WEEKS[:n], columns=names
                )
                if run % 2:
                    logs.iloc[: n // 2, 0] = np.nan
                one = history_checks(logs, first, paths=paths, seed=run)
                held = (one.band["low"] <= 0) & (one.band["high"] >= 0)
                redrawn = (one.band["low_bootstrap"] <= 0) & (one.band["high_bootstrap"] >= 0)
                found += [one.p <= NOMINAL, one.claimed, held.mean(), held.all(), redrawn.all()]
            rows[n, f"{groups[0]} v {groups[1]}"] = dict(
                zip(
                    ("trend", "claimed", "band, a week", "band, all weeks", "redrawn, all weeks"),
                    found / runs,
                    strict=True,
                )
            )
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["weeks", "groups"])


def first_contracts(runs: int, *, permutations: int = 199) -> pd.DataFrame:
    """Rejection rates of the signing study without an effect: 11 companies of which 7 sign, equal or unequal volatility."""
    rows = {}
    first = np.array([20, 31, 31, 44, 58, 66, 75, 110, 110, 110, 110])
    for name, spread in (("equal", np.ones(11)), ("signers twice", np.where(first < 110, 2.0, 1.0))):
        rng = np.random.default_rng(SEED)
        found = np.zeros(4)
        for run in range(runs):
            steps = rng.normal(0, 0.06, (110, 1)) + rng.standard_t(4, (110, 11)) * 0.05 * spread
            one = signing.staggered(
                np.cumsum(steps, axis=0),
                first,
                horizons=np.array([-13, 0, 13, 26]),
                permutations=permutations,
                seed=run,
            )
            found += one.p <= NOMINAL
        rows[name] = dict(zip(("run-up", "week 0", "week 13", "week 26"), found / runs, strict=True))
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("volatility")


def event_tests(runs: int) -> pd.DataFrame:
    """Rejection rates for 15 events without an effect: variance as estimated, doubled by the event, and events that share
    a day and correlate by 0.2."""
    rows = {}
    for name, (factor, correlation) in {
        "as estimated": (1.0, 0.0),
        "twice the variance": (np.sqrt(2.0), 0.0),
        "correlated by 0.2": (1.0, 0.2),
    }.items():
        rng = np.random.default_rng(SEED)
        window = np.arange(121) == 120
        found = {"BMP": 0, "Kolari-Pynnonen": 0, "Corrado rank": 0}
        for _ in range(runs):
            common = rng.normal(size=121) * np.sqrt(correlation)
            returns = common + rng.normal(size=(N, 121)) * np.sqrt(1 - correlation)
            returns[:, 120] *= factor
            found["BMP"] += events.bmp(returns[:, 120]).p_value <= NOMINAL
            found["Kolari-Pynnonen"] += events.kolari_pynnonen(returns[:, 120], correlation).p_value <= NOMINAL
            found["Corrado rank"] += events.corrado(returns, window).p_value <= NOMINAL
        rows[name] = {test: count / runs for test, count in found.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("events")


def through_time(runs: int, *, draws: int = 199, weeks: tuple[int, ...] = (53, 92, 145)) -> pd.DataFrame:
    """Rejection rates of trend and break on AR(1) series without either, and of the textbook Newey-West t."""
    from scipy.special import stdtr

    rows = {}
    for n in weeks:
        for rho in (0.6, 0.8, 0.9, 0.95):
            rng = np.random.default_rng(SEED)
            shocks = rng.normal(size=(runs, n))
            series = np.empty((runs, n))
            series[:, 0] = shocks[:, 0] / np.sqrt(1 - rho**2)
            for step in range(1, n):
                series[:, step] = rho * series[:, step - 1] + shocks[:, step]
            found = np.zeros(3)
            for values in series:
                one = pd.Series(np.exp(0.05 * values), index=WEEKS[:n])
                line = trend.trend(one, draws=draws, seed=1)
                textbook = 2 * stdtr(n - 2, -abs(line.t_value))
                p = [line.p_value, textbook, trend.level_break(one, draws=draws, seed=1).p_value]
                found += np.array(p) <= NOMINAL
            rows[n, rho] = dict(zip(("trend", "its t from t(n-2)", "break"), found / runs, strict=True))
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["weeks", "rho"])


def company_panel(runs: int, *, firms: int = 10, dates: int = 6) -> pd.DataFrame:
    """Rejection rates of the wild cluster bootstrap, errors autocorrelated within companies."""
    rng = np.random.default_rng(SEED)
    index = pd.MultiIndex.from_product([range(dates), range(firms)], names=["as_of", "ticker"])
    share = np.clip(np.cumsum(rng.exponential(0.08, (dates, firms)) * (rng.random(firms) < 0.7), axis=0), 0, 1)
    rows = {}
    for name, spread in (("constant", np.ones_like(share)), ("growing", 0.3 + 0.9 * share)):
        found = 0
        for _ in range(runs):
            shocks = rng.normal(size=(dates, firms))
            for step in range(1, dates):
                shocks[step] = 0.6 * shocks[step - 1] + 0.8 * shocks[step]
            sample = pd.DataFrame({"y": (shocks * spread).ravel(), "x": share.ravel()}, index=index)
            found += panel.fixed_effects(sample, "y", "x").p_value <= NOMINAL
        rows[name] = {"wild cluster bootstrap": found / runs}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("noise")


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    start = time.process_time()
    for title, frame in (
        (f"Slope, n = {N}, {runs} simulations", regression(runs)),
        (f"Gap, {runs} simulations: size of the permutation p, coverage of the 95% interval", gap(runs)),
        (f"Rank sum, {runs} simulations: coverage at the level reached, size of p", rank_sum(runs)),
        (f"Two tenant clusters, {runs} simulations: size by correlation within a cluster", tenant_clusters(runs)),
        (f"Events, n = {N}, {runs} simulations", event_tests(runs)),
        (f"First contracts, {runs} simulations", first_contracts(runs)),
        (f"Walks, {runs // 10} simulations: trend and band", walks(runs // 10)),
        (f"Trend and break, {runs // 10} simulations", through_time(runs // 10)),
        (f"Panel of 10 companies x 6 dates, {runs // 10} simulations", company_panel(runs // 10)),
    ):
        print(f"{title}\n{frame.to_string(float_format=lambda v: f'{v:.3f}')}\n", flush=True)
    print(f"{time.process_time() - start:.0f} s of processor time")


if __name__ == "__main__":
    main()
