"""One screen as rows: plain values that both databases, JSON and another process read alike."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from screener.sources import registry

# What a screen is made of is imported where one is recorded: a list of runs needs none of it.
if TYPE_CHECKING:
    from screener.gathering import InputData
    from screener.universes import Universe
    from valuation.gap.estimate import Gap
    from valuation.regression.ols import Regression
    from valuation.screen import Screen

Row = dict[str, Any]
TEXTS = ("group", "excluded")
PROVIDER_ITEM = "enterprise_value_of_provider"


@dataclass(frozen=True)
class Record:
    """What the store keeps of a screen; the same screen gives the same record.

    Attributes
    ----------
    run : dict
        Columns of `schema.runs`, without its number, its time and its kind.
    companies, figures, bridge_lines, contracts, issues, facts : list of dict
        Columns of the tables of these names, without numbers and times.
    """

    run: Row
    companies: list[Row]
    figures: list[Row]
    bridge_lines: list[Row]
    contracts: list[Row]
    issues: list[Row]
    facts: list[Row]


@dataclass(frozen=True)
class Seen:
    """What a source gave, whether or not a screen used it: rows of `schema.facts`, `closes` and `splits`."""

    facts: list[Row]
    closes: list[Row]
    splits: list[Row]


def record(screen: Screen) -> Record:
    """The rows of a screen."""
    from valuation.comparison.changes import CONTRACT_COLUMNS, ISSUE_COLUMNS, headline

    gap, regression = _gap(screen.gap), _regression(screen.regression, screen.regression_note)
    parts: dict[str, list[Row]] = {}
    parts["companies"] = [
        {"ticker": str(ticker), "place": i, "name": name, "company_group": group, "excluded": excluded}
        for i, (ticker, name, group, excluded) in enumerate(
            zip(
                screen.table.index,
                screen.companies["name"],
                screen.table["group"].astype(object).where(screen.table["group"].notna(), None),
                screen.table["excluded"],
                strict=True,
            )
        )
    ]
    parts["figures"] = [
        {"ticker": str(ticker), "metric": metric, "value": value, "status": status, "causes": causes}
        for metric in screen.table.columns.drop(list(TEXTS))
        for ticker, value, status, causes in zip(
            screen.table.index,
            _numbers(screen.table[metric]),
            screen.status[metric],
            screen.causes[metric],
            strict=True,
        )
    ]
    parts["bridge_lines"] = [
        {"ticker": str(ticker), "line": line, "value_usd": value}
        for line in screen.bridge.columns
        for ticker, value in zip(screen.bridge.index, _numbers(screen.bridge[line]), strict=True)
    ]
    parts["contracts"] = _rows(screen.contracts[CONTRACT_COLUMNS].sort_values("contract_id"))
    parts["issues"] = [{"place": i, **row} for i, row in enumerate(_rows(screen.issues[ISSUE_COLUMNS]))]
    parts["facts"] = _facts(screen.universe, screen.facts)
    manifest, head = screen.manifest, headline(screen)
    # Problems in no order: a live source's symbols are asked side by side and answer as they please.
    problems = sorted([row[name] for name in ISSUE_COLUMNS] for row in parts["issues"])
    content = {**parts, "issues": problems, "gap": gap, "regression": regression}
    run = {
        "run_id": manifest["run_id"],
        "universe": screen.universe,
        "title": screen.title,
        "as_of": screen.as_of.date(),
        "version": manifest["version"],
        "price_source": manifest["price_source"],
        "price_date": None if manifest["price_date"] == "unknown" else date.fromisoformat(manifest["price_date"]),
        "fell_back": manifest["fell_back"],
        "group_rule": manifest["group_rule"],
        "btc_usd": manifest["btc_usd"],
        "gap_ratio": head["ratio"],
        "gap_low": head["low"],
        "gap_high": head["high"],
        "n_pivot": int(head["n_pivot"] or 0),
        "n_bitcoin": int(head["n_bitcoin"] or 0),
        "premium": head["premium"],
        "result_sha256": _sha256(content),
        "manifest": manifest,
        "gap": gap,
        "regression": regression,
    }
    return Record(run, **parts)


def seen(universe: Universe, data: InputData) -> Seen:
    """The rows of everything that was gathered: the universe's own and the live source's."""
    from screener import provenance

    closes = data.closes[["date", "ticker", "close_usd"]].assign(
        origin=np.where(
            data.closes["line"].isna(),
            data.closes["file"].astype(object),
            f"{universe.name}/" + data.closes["file"].astype(object),
        )
    )
    splits = data.splits[["ticker", "first_day_on_new_basis", "shares_multiplier"]].drop_duplicates()
    own = pd.MultiIndex.from_frame(universe.splits[splits.columns.tolist()])
    is_own = pd.MultiIndex.from_frame(splits).isin(own)
    splits = splits.assign(origin=np.where(is_own, f"{universe.name}/splits.csv", _teller(data)))
    facts = _facts(universe.name, provenance.fact_rows(data.facts)) + _provider(data)
    return Seen(facts, _rows(closes), _rows(splits))


def _teller(data: InputData) -> str:
    """The live source whose rows are in the data, told now or kept in the ledger."""
    return data.source if data.live is not None else next(iter(registry.LIVE))


def _provider(data: InputData) -> list[Row]:
    """The provider's own enterprise values as facts of the day on which they were got."""
    if data.retrieved_at is None:
        return []
    day = data.retrieved_at.date()
    same = {"origin": _teller(data), "item": PROVIDER_ITEM, "period_end": day, "published_on": day, "unit": "usd",
            "source": _teller(data), "source_url": "", "confidence": "", "evidence": "the provider's own"}  # fmt: skip
    return [
        {**same, "ticker": ticker, "value": float(value)}
        for ticker, value in zip(data.provider["ticker"], data.provider["enterprise_value_usd"], strict=True)
    ]


# The shape of these two is frozen: a result's hash is of them, and equal inputs with another hash are refused.
def _gap(gap: Gap) -> Row:
    """Every row of a gap, its method, and who is excluded."""
    return {
        "rule": gap.rule.name,
        "rule_title": gap.rule.title,
        "method": gap.method,
        "level": gap.level,
        "headline": {name: _plain(value) for name, value in gap.headline.items()},
        "rows": _records(gap.frame, index=False),
        "left_out": _records(gap.left_out, index=False),
    }


def _regression(line: Regression | None, note: str) -> Row:
    """A regression with its headline test and sample, or why there is none."""
    if line is None:
        return {"estimable": False, "note": note}
    fields = ("slope", "slope_se", "intercept", "intercept_se", "t_value", "p_value", "low", "high")
    more = ("level", "df", "r_squared", "n", "premium", "implied_gap")
    return {
        "estimable": True,
        "response": f"ln({line.response})",
        "regressor": line.regressor,
        "method": "OLS, HC3 standard errors, t(n - 2)",
        **{name: _plain(getattr(line, name)) for name in fields + more},
        "headline": {name: _plain(value) for name, value in asdict(line.wild).items()},
        "sample": _records(line.sample),
    }


def _plain(value: Any) -> Any:
    """A value as JSON takes it: unknown and infinite are null, dates and quarters are text."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)) or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, pd.Period):
        return str(value)
    return value.item() if hasattr(value, "item") else value


def _records(frame: pd.DataFrame, *, index: bool = True) -> list[Row]:
    rows = frame.reset_index() if index else frame
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows.to_dict("records")]


def _sha256(content: Any) -> str:
    """Of figures to nine digits: another make of processor may round the sixteenth otherwise, and is no other result."""

    def nine(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.9g}")
        if isinstance(value, dict):
            return {key: nine(one) for key, one in value.items()}
        return [nine(one) for one in value] if isinstance(value, list) else value

    return hashlib.sha256(json.dumps(nine(content), default=str, sort_keys=True).encode()).hexdigest()


def _facts(universe: str, facts: pd.DataFrame) -> list[Row]:
    """With `origin`: the file, whatever the line, since a line moves when another is put above it."""
    rows = _rows(facts)
    for row in rows:
        for text in ("unit", "source", "source_url", "confidence", "evidence"):
            row[text] = row[text] or ""
        file = row["source"].partition(":")[0]
        row["origin"] = f"{universe}/{file}" if file.endswith(".csv") else file
    return rows


def _numbers(column: pd.Series) -> list[float | None]:
    values = column.to_numpy(dtype=float)
    return [None if unknown else value for value, unknown in zip(values.tolist(), np.isnan(values), strict=True)]


def _rows(frame: pd.DataFrame) -> list[Row]:
    columns: dict[str, list[Any]] = {}
    for name in frame.columns:
        column = frame[name]
        if column.dtype.kind == "M":
            columns[name] = [None if pd.isna(day) else day.date() for day in column]
        elif column.dtype.kind == "f":
            columns[name] = _numbers(column)
        else:
            columns[name] = [None if pd.isna(value) else value for value in column.tolist()]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
