"""Findings on announcements and capital raises, in sentences."""

from __future__ import annotations

import math

import pandas as pd

from valuation._words import SIGNIFICANT, listed, p_value
from valuation.events.mean_tests import LEAST_EVENTS, holm
from valuation.findings import CAN, CANNOT, Finding


def announcements(events: pd.DataFrame, tests: pd.DataFrame, frequency: str) -> tuple[Finding, ...]:
    """Abnormal returns around announcements: mean, the two largest, clean events alone, limits.

    Parameters
    ----------
    events, tests : DataFrame
        Of an `EventStudy` by the market model.
    frequency : {"weekly", "daily"}
    """
    rows = tests.set_index(["window", "sample"])
    first = tests["window"].iloc[0]
    every, clean = rows.loc[(first, "all")], rows.loc[(first, "clean")]
    if every["n"] == 0:
        text = "Estimate not available: no announcement has enough closes before and around it."
        return (Finding(text, CANNOT, {"n": 0}),)
    text = (
        f"In window {first} {every['positive']:.0%} of {int(every['n'])} announcements outperformed the market model; mean "
        f"abnormal return {every['mean']:+.1%}, median {every['median']:+.1%}."
    )
    found = [Finding(text, CAN, {name: every[name] for name in ("positive", "n", "mean", "median")})]
    cars = events[f"car{first}"]
    largest = cars.nlargest(2)
    rest = cars.drop(largest.index)
    if len(rest):
        names = listed(events.loc[largest.index, "ticker"])
        text = f"Excluding the two largest ({names}), the mean is {rest.mean():+.1%}."
        found.append(Finding(text, CAN, {"mean": float(rest.mean()), "n": len(rest)}))
    found.append(_clean(clean))
    if frequency == "weekly":
        text = "Weekly closes do not isolate the announcement day: a week contains other news."
        found.append(Finding(text, CANNOT))
    found.append(Finding("Announcements that leaked or were expected are not measured.", CANNOT))
    return tuple(found)


def _clean(clean: pd.Series) -> Finding:
    p = [float(clean["kp_p"]), float(clean["rank_p"])]
    figures = {"n": clean["n"], "mean": clean["mean"], "kp_p": p[0], "rank_p": p[1]}
    if all(one <= SIGNIFICANT for one in p):
        text = (
            f"Events without other news are statistically significant on their own: {p_value(max(p))} at most "
            "(Kolari-Pynnonen and rank tests)."
        )
        return Finding(text, CAN, figures, max(p), SIGNIFICANT)
    text = (
        f"Over the {int(clean['n'])} events without other news the abnormal return is not statistically significant at 5%: "
        f"{p_value(p[0])} (Kolari-Pynnonen), {p_value(p[1])} (rank)."
    )
    worst = math.nan if any(math.isnan(one) for one in p) else max(p)
    return Finding(text, CANNOT, figures, worst, SIGNIFICANT)


def raises(tests: pd.DataFrame) -> tuple[Finding, ...]:
    """Excess returns around capital raises: the instruments that survive Holm's adjustment, limits.

    Parameters
    ----------
    tests : DataFrame
        Of an `EventStudy` of raises.
    """
    tested = tests[tests["instrument"] != "all"]
    tested = tested[tested["t_p"].notna()]
    if tested.empty:
        text = f"Estimate not available: no instrument has {LEAST_EVENTS} raises with closes around them."
        return (Finding(text, CANNOT),)
    tested = tested.assign(adjusted=holm(tested["t_p"].to_numpy(dtype=float)))
    held = tested[tested["adjusted"] <= SIGNIFICANT]
    found = []
    for row in held.itertuples(index=False):
        text = (
            f"{row.instrument[0].upper()}{row.instrument[1:]}, {row.sample} events, window {row.window}: mean excess return "
            f"{row.mean:+.1%} (n = {row.n}, {p_value(row.t_p)}; {p_value(row.adjusted)} after Holm's adjustment for "
            f"{len(tested)} tests)."
        )
        figures = {"mean": row.mean, "n": row.n, "p": row.t_p, "tests": len(tested)}
        found.append(Finding(text, CAN, figures, float(row.adjusted), SIGNIFICANT))
    if held.empty:
        best = tested.loc[tested["t_p"].idxmin()]
        text = (
            f"No instrument has a statistically significant effect on the price relative to other miners: of {len(tested)} "
            f"tests the smallest has {p_value(best['t_p'])} ({best['instrument']}, {best['sample']}, {best['window']}), "
            f"{p_value(best['adjusted'])} after Holm's adjustment."
        )
        figures = {"p": best["t_p"], "tests": len(tested), "mean": best["mean"]}
        found.append(Finding(text, CANNOT, figures, float(best["adjusted"]), SIGNIFICANT))
    sizes = tests.groupby("instrument")["n"].max()
    few = [f"{name} (n = {int(n)})" for name, n in sizes.items() if n < LEAST_EVENTS and name != "all"]
    if few:
        text = f"Small sample: {listed(few)}; {LEAST_EVENTS} dated raises are needed for a test."
        found.append(Finding(text, CANNOT, {"instruments": len(few)}, threshold=LEAST_EVENTS))
    return tuple(found)
