"""The screen as a page and as JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import pandas as pd

from exports.commentary.labels import overridden, overrides_in_words
from exports.tables.brief import brief_blocks, brief_content
from exports.tables.companies import companies, data_checks, figures_with_status
from exports.tables.formats import day, multiple, p_value
from exports.tables.freshness import data_as_of
from exports.tables.headline import gap_content, headline, lead_content, leading, sampling
from exports.tables.record import record_content
from exports.tables.spec import Block, Column, Page, Points, TableSpec, Text, bad, note, warning
from valuation.brief import brief
from valuation.comparison.changes import Changes, Snapshot
from valuation.freshness import CURRENT, Basis
from valuation.gap.estimate import STATISTICS, Gap, statistic_name
from valuation.metrics import METRICS
from valuation.regression.ols import Regression
from valuation.report import Report
from valuation.screen import Screen
from valuation.status import shown


def screen_page(screen: Screen, *, every_age: bool = False, changes: Changes | None = None) -> Page:
    """The brief, the companies, the gap under each definition, the regression and how sure all of it is.

    Parameters
    ----------
    every_age : bool
        The age of every company's data, in place of that of companies with stale data.
    changes : Changes, optional
        Since an earlier run, for the brief.
    """
    told = brief(screen, changes)
    blocks: list[Block] = [price_line(screen)]
    if screen.fallback_line:
        blocks.append(bad(screen.fallback_line))
    if screen.held_line:
        blocks.append(bad(f"{screen.held_line}."))
    if screen.review_line:
        blocks.append(warning(f"{screen.review_line}."))
    if screen.manifest.get("overrides"):
        lines = [f"{line}." for line in overrides_in_words(screen.manifest)]
        blocks.append(Points(overridden(screen.manifest), lines, "bad"))
    blocks += [
        *brief_blocks(told, warn=screen.prices_are_old),
        companies(screen.table, shown(screen.status, screen.marks)),
        *leading(screen.lead),
        *headline(screen.gap),
        definitions(screen.gap),
        note(sampling(screen.gap)),
        *premium(screen),
        *data_as_of(screen.freshness, every=every_age),
        data_checks(screen.issues, "sheet Quality of the workbook"),
    ]
    frame = figures_with_status(screen.table, screen.status, screen.companies["name"])
    return Page(
        f"{screen.title}, {day(screen.as_of)}",
        blocks,
        screen_content(screen) | {"brief": brief_content(told)},
        {"companies": frame, "freshness": screen.freshness},
    )


def price_line(screen: Any) -> Text:
    """Where the prices came from and how old they are, in red where they are too old."""
    return Text(f"{screen.price_line}.", "bad" if screen.prices_are_old else "dim")


def definitions(gap: Gap) -> TableSpec:
    """The gap under every denominator and statistic of the screen, the typical ratio with its interval."""
    rows = {
        METRICS[str(metric)].title: dict(zip(part["statistic"], map(_ratio, part.itertuples()), strict=True))
        for metric, part in gap.frame.groupby("metric", sort=False)
    }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("metric")
    columns = (Column(name, statistic_name(name)) for name in STATISTICS)
    return TableSpec("definitions", frame, (Column("metric", "Gap by definition"), *columns))


def _ratio(row: Any) -> str:
    if math.isnan(row.ratio):
        return "n/a"
    return (
        multiple(row.ratio)
        if math.isnan(row.low)
        else f"{multiple(row.ratio)} ({multiple(row.low)}–{multiple(row.high)})"
    )


def premium(screen: Screen) -> list[Block]:
    """The premium in words, with its n, method and degrees of freedom."""
    line = screen.regression
    if line is None:
        return [Text(f"estimate not available ({screen.regression_note}).", lead="Regression:")]
    wild = line.wild
    drawn = f"all {wild.draws} sign vectors" if wild.exact else f"B = {wild.draws}, seed {wild.seed}"
    return [
        premium_line(line, screen.gap.basis),
        note(
            f"ln(EV per MW) on share, OLS, n = {line.n}, R2 = {line.r_squared:.2f}; restricted wild bootstrap, HC3-t "
            f"({drawn}); HC3 with t({line.df}): {p_value(line.p_value)}. Association, not cause."
        ),
    ]


def premium_line(line: Regression, basis: Basis = CURRENT) -> Text:
    """The premium between no and only contracted AI revenue, with its interval and p."""
    wild = line.wild
    low, high = math.expm1(wild.low), math.expm1(wild.high)
    return Text(
        f"in EV per secured MW from 0% to 100% contracted AI share ({line.level:.0%} confidence interval {low:+,.0%} to "
        f"{high:+,.0%}, {p_value(wild.p_value)}).",
        lead=basis.sentence(f"Premium {line.premium:+,.0%}"),
    )


def screen_content(screen: Screen) -> dict[str, Any]:
    """The JSON object of a screen: `table` is a row a company; unknown values are null, never zero."""
    content = record_content(Snapshot.of(screen)) | {
        "marks": screen.marks.drop(columns="excluded"),
        "gap": gap_content(screen.gap), "lead": lead_content(screen.lead),
        "regression": regression_content(screen.regression, screen.regression_note),
        "freshness": screen.freshness, "data": asdict(screen.gap.basis),
    }  # fmt: skip
    if isinstance(screen, Report) and screen.nav is not None:
        nav = screen.nav.nav
        content["nav"], content["nav_status"] = nav.table.droplevel("as_of"), nav.status.droplevel("as_of")
        content["scenarios"] = {result.scenario.name: result.table for result in screen.scenarios}
    return content


def regression_content(line: Regression | None, note: str = "") -> dict[str, Any]:
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
        **{name: getattr(line, name) for name in fields + more},
        "headline": line.wild,
        "sample": line.sample,
    }
