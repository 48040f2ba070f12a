"""Screens of one or many dates from the data of a run, with the manifest that says what went in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from screener import data_quality, point_in_time, provenance
from screener._version import __version__
from screener.days import Day, as_day
from screener.errors import NotKnown
from screener.gathering import InputData
from screener.overrides.override import Outcome, manifest_rows
from screener.point_in_time import Used, UsedRows
from screener.run_config import RunConfig, changed_settings
from screener.sources import registry
from screener.sources.fetched import CLOSE_COLUMNS, PLACE_COLUMNS, SPLIT_COLUMNS
from screener.sources.gate.closes import known
from screener.sources.gate.held import in_force, messages, title
from screener.sources.registry import BUNDLED
from screener.sources.told import PROPOSED
from valuation import freshness
from valuation.assumptions import Assumptions
from valuation.eligibility import eligible
from valuation.errors import NotEstimable
from valuation.fundamentals import company_metrics
from valuation.fundamentals.company_metrics import Valuation
from valuation.gap import estimate
from valuation.groups import BITCOIN, PIVOT
from valuation.inputs import Inputs
from valuation.regression import ols
from valuation.screen import Screen


@dataclass(frozen=True)
class Valued:
    """What was known on some dates and every company valued on each: made once a run, read by every stage."""

    inputs: Inputs
    used: Used
    valuation: Valuation

    def on(self, dates: Sequence[pd.Timestamp] | pd.DatetimeIndex) -> Valued:
        """Some of the dates alone, as if no other had been asked for."""
        return Valued(self.inputs.on(dates), self.used, self.valuation.on(dates))


def value(config: RunConfig, data: InputData, dates: Sequence[pd.Timestamp] | pd.DatetimeIndex) -> Valued:
    """Look up what was known on each date, ascending, and value every company on it, all dates at once."""
    inputs, used = point_in_time.as_of_view(data, dates, config.assumptions, config.overrides)
    return Valued(inputs, used, company_metrics.value(inputs, config.assumptions, config.switches, config.rule))


def require_closes(data: InputData, as_of: pd.Timestamp) -> None:
    """Raise NotKnown where there is no close on or before a date."""
    if not (data.closes["date"] <= as_of).any():
        first = data.closes["date"].min()
        known_from = "there is none at all" if pd.isna(first) else f"the first is of {first:%Y-%m-%d}"
        raise NotKnown(f"no close is known on or before {as_of:%Y-%m-%d}; {known_from}")


def value_dates(
    config: RunConfig, data: InputData, as_of: pd.Timestamp, dates: pd.DatetimeIndex | None = None
) -> Valued:
    """Every company valued on the as-of date, and on every other date that a stage or study needs: once a run.

    Raises
    ------
    NotKnown
        No close on or before the as-of date.
    """
    require_closes(data, as_of)
    today = pd.DatetimeIndex([as_of]).as_unit("ns")
    return value(config, data, today if dates is None else today.union(dates))


def screens(config: RunConfig, data: InputData, dates: Sequence[Day] | pd.DatetimeIndex) -> Iterator[Screen]:
    """One screen a date, ascending, from the same data; all dates are looked up and valued at once.

    Raises
    ------
    NotKnown
        No close on or before the first date.
    """
    days = pd.DatetimeIndex([as_day(day) for day in dates])
    require_closes(data, days[0])
    valued = value(config, data, days)
    for as_of in valued.used.dates:
        yield screen_on(config, data, valued, as_of)


def manifests(
    config: RunConfig, data: InputData, dates: Sequence[pd.Timestamp] | pd.DatetimeIndex
) -> list[dict[str, Any]]:
    """The manifests that `screens` would give, without valuing anything: enough to know what was run before."""
    inputs, used = point_in_time.as_of_view(data, dates, config.assumptions, config.overrides)
    return [_manifest(config, data.known_on(day), day, inputs.at(day), used.on(day), None) for day in used.dates]


def screen_on(config: RunConfig, data: InputData, valued_dates: Valued, as_of: pd.Timestamp) -> Screen:
    """The screen of one date from what was known and valued on it."""
    data, used = data.known_on(as_of), valued_dates.used.on(as_of)
    inputs, valued = valued_dates.inputs.at(as_of), valued_dates.valuation.at(as_of)
    loaded, assumptions, chosen = config.universe, config.assumptions, config.rule
    frames = (valued.table, valued.status, valued.causes, valued.marks)
    table, status, causes, marks = (frame.droplevel("as_of") for frame in frames)
    order = _order(table)
    table, status, causes, marks = table.loc[order], status.loc[order], causes.loc[order], marks.loc[order]

    measured = estimate.measure(table, status, causes, chosen, assumptions)
    line, note = _regress(table, status, causes, assumptions)
    bridge = valued.bridge.droplevel("as_of").loc[order]
    items = inputs.items.droplevel("as_of").loc[order]
    facts = provenance.facts_used(data, inputs, used)
    aged = freshness.ages(
        facts, as_of, assumptions, causes=causes["ev_per_mw_secured"],
        reviewed_on=inputs.companies.get(freshness.REVIEWED_ON),
    )  # fmt: skip
    return Screen(
        universe=loaded.name,
        title=loaded.title,
        as_of=as_of,
        table=table,
        status=status,
        causes=causes,
        marks=marks,
        companies=inputs.companies.loc[order],
        bridge=bridge,
        power=valued.power.droplevel("as_of").loc[order],
        instruments=valued.instruments,
        contracts=valued.contracts,
        tranches=valued.tranches,
        shares=valued.shares.droplevel("as_of").loc[order],
        inputs=items,
        periods=inputs.periods.droplevel("as_of").loc[order],
        gap=measured.resting_on(aged, causes, as_of, assumptions),
        regression=line,
        regression_note=note,
        facts=facts,
        issues=data_quality.issues(data, valued, facts, items, order, overridden(config, used)),
        freshness=aged,
        btc_usd=float(inputs.market["btc_usd"].iloc[0]),
        assumptions=assumptions,
        switches=config.switches,
        rule=chosen,
        manifest=_manifest(config, data, as_of, inputs, used, facts),
        sector=loaded.sector,
    )


def overridden(config: RunConfig, used: UsedRows) -> tuple[Outcome, ...]:
    """What was made of every override, those of settings first."""
    return (*config.settings_overridden, *used.overridden)


def _order(table: pd.DataFrame) -> pd.Index:
    """Pivots, then the others, then those outside the statistics; within each the dearest per secured MW first."""
    rank = {PIVOT: 0, BITCOIN: 1}
    block = table["group"].map(lambda g: rank.get(g, 2)).where(table["excluded"] == "", 3)
    keys = pd.DataFrame({"block": block, "ev": -table["ev_per_mw_secured"]})
    return keys.sort_index(kind="stable").sort_values(["block", "ev"], kind="stable").index


def _regress(
    table: pd.DataFrame, status: pd.DataFrame, causes: pd.DataFrame, assumptions: Assumptions
) -> tuple[ols.Regression | None, str]:
    metrics = ["ev_per_mw_secured", "ai_share_contracted"]
    reason = eligible(table, status, causes, metrics)["reason"]
    chosen = table.loc[reason == "", [*metrics, "group"]]
    try:
        line = ols.primary(
            chosen, level=assumptions.confidence_level, draws=assumptions.bootstrap_draws, seed=assumptions.seed
        )
        return line, ""
    except NotEstimable as error:
        return None, str(error)


def _manifest(
    config: RunConfig,
    data: InputData,
    as_of: pd.Timestamp,
    inputs: Inputs,
    used: UsedRows,
    facts: pd.DataFrame | None,
) -> dict[str, Any]:
    if facts is None:
        facts = provenance.facts_used(data, inputs, used) if len(data.held) else data.facts
    prices = provenance.prices_used(data, used)
    latest = prices["date"].max()
    oldest = config.assumptions.max_age_price_days
    late = prices[(prices["date"] < latest) & ((as_of - prices["date"]).dt.days > oldest)]
    manifest: dict[str, Any] = {
        "universe": config.universe.name,
        "as_of": f"{as_of:%Y-%m-%d}",
        "version": __version__,
        "price_source": data.source,
        "price_date": "unknown" if pd.isna(latest) else f"{latest:%Y-%m-%d}",
        "price_age_days": None if pd.isna(latest) else int((as_of - latest).days),
        "prices_from": {str(name): int(count) for name, count in prices["source"].value_counts().items()},
        "late_prices": {str(ticker): f"{day:%Y-%m-%d}" for ticker, day in late["date"].items()},
        "btc_usd": _plain(inputs.market["btc_usd"].iloc[0]),
        "group_rule": config.rule.name,
        "switches": asdict(config.switches),
        "assumptions": asdict(config.assumptions),
        "packages": _versions(registry.packages(data.source)),
        "input_sha256": dict(sorted(config.universe.hashes.items())),
    }
    if data.proposed:
        manifest["facts"] = PROPOSED
    taken = manifest_rows(overridden(config, used))
    if taken:
        manifest["overrides"] = taken
    if data.source != BUNDLED:
        manifest |= _answers(data, as_of)
    # Of what went in: the same answers got an hour later are the same run.
    manifest["run_id"] = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:12]
    manifest["changed"] = {item["name"]: item["value"] for item in changed_settings(config)}
    manifest["fell_back"] = data.fell_back
    manifest["held_back"] = held_back(data, facts)
    manifest["proposals_waiting"] = {"count": len(data.waiting_days), "oldest_days": max(data.waiting_days, default=0)}
    manifest["retrieved_at"] = None if data.retrieved_at is None else data.retrieved_at.isoformat()
    return manifest


def held_back(data: InputData, facts: pd.DataFrame) -> list[dict[str, str]]:
    """The figures held back that would be those of the date, were they not: ticker, item, its title and why,
    JSON-ready.

    Parameters
    ----------
    data : InputData
        As known on the date.
    facts : DataFrame
        `provenance.facts_used` of the date.
    """
    if data.held.empty:
        return []
    return [
        {"ticker": ticker, "item": item, "title": title(item), "reason": text}
        for ticker, item, text in messages(in_force(data.held, facts))
    ]


def _answers(data: InputData, as_of: pd.Timestamp) -> dict[str, str]:
    """Hashes of every answer of a live source that a screen may rest on."""
    # Its statements count as published on the day on which they were asked for, which is no part of what they say.
    live = data.facts[data.facts["line"].isna() & (data.facts["published_on"] <= as_of)]
    splits = data.splits.loc[data.splits["first_day_on_new_basis"] <= as_of, SPLIT_COLUMNS]
    rest = [_hash(frame) for frame in (splits, data.differences, data.provider)]
    rest += sorted(str(failure) for failure in data.failures)
    rest += sorted(data.held.loc[~data.held["used"], "reason"])
    return {
        "closes_sha256": _hash(known(data.closes, as_of)[[*CLOSE_COLUMNS, *PLACE_COLUMNS]]),
        "facts_sha256": _hash(live[["ticker", "item", "period_end", "value"]]),
        "rest_sha256": hashlib.sha256(json.dumps(rest).encode()).hexdigest(),
    }


def _hash(frame: pd.DataFrame) -> str:
    """Of the rows, whatever their order: symbols are asked side by side and answer as they please."""
    rows = np.sort(pd.util.hash_pandas_object(frame, index=False).to_numpy())
    return hashlib.sha256(rows.tobytes()).hexdigest()


def _plain(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _versions(of_source: Sequence[str]) -> dict[str, str]:
    import importlib.metadata

    names = ["numpy", "pandas", "statsmodels", "xlsxwriter", *of_source]
    return {name: importlib.metadata.version(name) for name in names}
