"""The gap, the regression, the mix and the events for machines: one JSON object, and frames for CSV files."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from exports.tables.screen import gap_as_dict, inference_as_dict, plain, records, regression_as_dict
from valuation.events import EventStudy
from valuation.gap.study import GapHistory, GapStudy
from valuation.regression.study import Inference, RegressionStudy
from valuation.revenue_mix.crossover import Projection


@dataclass(frozen=True)
class Tables:
    """A result for machines.

    Attributes
    ----------
    content : dict
        JSON-ready; unknown and unbounded are null.
    frames : dict
        By name, the main one first: what goes into CSV files.
    """

    content: dict[str, Any]
    frames: dict[str, pd.DataFrame]


def of_gap(study: GapStudy) -> Tables:
    """Every definition, the curve, sensitivity, traits and, where asked for, the history."""
    definition = asdict(study.definition) | {"text": str(study.definition), "is_headline": study.definition.is_headline}
    curve = study.curve
    content = {
        "as_of": plain(study.as_of),
        "definition": definition,
        "chosen": _series(study.chosen),
        "declared_headline": _series(study.declared),
        "permutation_interval": {"low": plain(study.permuted_low), "high": plain(study.permuted_high)},
        "p_of_two_to_one": plain(study.p_claimed),
        "smallest_possible_p": plain(study.smallest_p),
        "gap": gap_as_dict(study.gap),
        "sensitivity": _series(study.sensitivity),
        "oaxaca_blinder": records(study.oaxaca_blinder),
        "curve": {
            "method": curve.method, "draws": curve.draws, "level": curve.level, "seed": curve.seed,
            "distinct": study.n_distinct, "shares": records(curve.shares()),
            "joint_test": None if study.joint is None else _plain_dict(asdict(study.joint)),
            "rows": records(curve.frame, index=False),
        },
        "history": None if study.history is None else _history(study.history),
    }  # fmt: skip
    frames = {"curve": curve.frame, "definitions": study.gap.frame}
    if study.history is not None:
        frames["history"] = study.history.frame.reset_index()
    return Tables(content, frames)


def _history(history: GapHistory) -> dict[str, Any]:
    change = history.change
    return {
        "draws": history.draws,
        "level": history.level,
        "seed": history.seed,
        "note": history.note,
        "trend": None if history.trend is None else _plain_dict(asdict(history.trend)),
        "break": None if history.level_break is None else _plain_dict(asdict(history.level_break)),
        "change": None
        if change is None
        else {"first": plain(change.first), "first_ln_gap": change.first_gap, "ln_totals": _series(change.totals)},
        "weeks": records(history.frame),
    }


def of_study(study: RegressionStudy, as_of: pd.Timestamp) -> Tables:
    """The primary line and the placebo under every method, controls, robust lines, influence, power and the panel."""
    methods = pd.concat(
        {
            name: one.frame.rename_axis("method")
            for name, one in (("contracted", study.primary), ("placebo, trailing", study.placebo))
            if one is not None
        },
        names=["share"],
    ).reset_index()
    content = {
        "as_of": plain(as_of),
        "seed": study.seed,
        "primary": _inference(study.primary),
        "placebo": None if study.placebo is None else _inference(study.placebo),
        "controls": records(study.controls),
        "lines": records(study.lines.rename_axis("method")),
        "spearman": {"rho": plain(study.spearman[0]), "p_value": plain(study.spearman[1])},
        "influence": records(study.influence.frame.rename_axis("ticker")),
        "leave_one_out_r2": plain(study.leave_one_out_r2),
        "power": _plain_dict(asdict(study.power)),
        "panel": None if study.panel is None else _plain_dict(asdict(study.panel)),
        "notes": study.notes,
    }
    sample = study.primary.line.sample.rename_axis("ticker")
    influence = study.influence.frame.drop(columns="leverage")
    return Tables(
        content, {"methods": methods, "controls": study.controls.reset_index(),
                  "sample": sample.join(influence).reset_index()}
    )  # fmt: skip


def _inference(one: Inference) -> dict[str, Any]:
    return regression_as_dict(one.line) | {"hc2_bell_mccaffrey": inference_as_dict(one.hc2)}


def of_mix(
    mixed: pd.DataFrame,
    sector: pd.DataFrame,
    crossover: pd.DataFrame,
    ahead: pd.Series,
    projection: Projection,
    as_of: pd.Timestamp,
) -> Tables:
    """Revenue by company and quarter, the sector's shares, the crossovers and the projected share."""
    content = {
        "as_of": plain(as_of),
        "projection": asdict(projection),
        "sector": records(sector),
        "bitcoin_share_ahead": _series(ahead),
        "crossover": records(crossover),
        "quarters": records(mixed.drop(columns="as_of"), index=False),
    }
    frames = {
        "quarters": mixed.drop(columns="as_of"),
        "sector": sector.reset_index(),
        "crossover": crossover.reset_index(),
    }
    return Tables(content, frames)


def of_events(contracts: EventStudy | None, raises: EventStudy | None, as_of: pd.Timestamp) -> Tables:
    """Each event with its returns, and the tests."""
    content: dict[str, Any] = {"as_of": plain(as_of)}
    frames = {}
    for name, study in (("contracts", contracts), ("raises", raises)):
        if study is None:
            content[name] = None
            continue
        content[name] = {
            "title": study.title,
            "frequency": study.frequency,
            "method": study.method,
            "caveats": list(study.caveats),
            "tests": records(study.tests, index=False),
            "events": records(study.events, index=False),
            "left_out": records(study.left_out, index=False),
        }
        frames[name] = study.events
        frames[f"{name}_tests"] = study.tests
    return Tables(content, frames)


def _series(values: pd.Series) -> dict[str, Any]:
    return {str(name): plain(value) for name, value in values.items()}


def _plain_dict(values: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in values.items()}
