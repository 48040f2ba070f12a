"""A figure explained: formula in words and numbers, inputs with status and source, what a change of each would do."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

from exports.commentary.labels import plain, plain_status
from exports.tables.company import fact_figure
from exports.tables.formats import day, figure, multiple, per_mw, worded
from exports.tables.spec import Block, Column, Page, Points, TableSpec, Text, note
from exports.tables.terms import term_figure, term_title
from valuation.explanation.explain import Explanation
from valuation.gap.estimate import HEADLINE
from valuation.groups import GROUP_NAMES, Rule
from valuation.metrics import METRICS
from valuation.screen import Screen

FACTS_SHOWN, PAIRS_SHOWN = 15, 3
NOTHING = 1e-9  # of the figure: rounding, no effect
GROUP = "group"
FINER = {"m_usd_per_mw": "m_usd_per_mw_fine", "multiple": "multiple_fine", "fraction": "fraction_fine"}
# Where a metric's title continues the row above it in a table.
ALONE = {
    "lease_revenue_usd": "Contracted lease revenue a year",
    "cloud_revenue_usd": "Contracted GPU cloud revenue a year",
}
_WORD = re.compile(r"[a-z][a-z_0-9]*")
_CALL = re.compile(r"\b(?:known|total|gross|first)\((\w+)\)")
# Numbers of a formula that are no figure of the company.
CONSTANTS = {"1000000": "1 million", "365.25": "365.25 days", "8766": "8,766 hours", "91": "91 days", "1000": "1,000"}
_CONSTANT = re.compile(r"(?<![\w.$(,])(" + "|".join(map(re.escape, CONSTANTS)) + r")(?![\w.,])")


def explain_page(found: Explanation, rule: Rule) -> Page:
    """The figure, its formula step by step, what moves it, and its facts.

    Parameters
    ----------
    rule : Rule
        The group rule of the screen.
    """
    one = METRICS[found.metric]
    title = ALONE.get(found.metric, one.title)
    why = "" if found.status == "ok" else f" ({plain_status(found.status, found.causes)})"
    blocks: list[Block] = [
        Text(f"{term_figure(found.value, found.metric, found.status)}{why}.", lead=f"{title}:"),
        note(one.definition),
        Points("How it is computed", [_step(found, rule, row) for row in found.steps.itertuples()]),
        *_others(found),
        *(_threshold(found, rule) if found.metric == GROUP else _inputs(found)),
        *_facts(found),
    ]
    content = {
        "ticker": found.ticker, "name": found.name, "as_of": found.as_of, "metric": found.metric,
        "value": found.value, "status": found.status, "causes": found.causes, "steps": found.steps,
        "terms": found.terms, "inputs": found.inputs, "others": found.others, "facts": found.facts,
    }  # fmt: skip
    files: dict[str, pd.DataFrame | TableSpec] = {"steps": found.steps, "inputs": found.inputs, "facts": found.facts}
    return Page(f"{title} of {found.name} ({found.ticker}), {day(found.as_of)}", blocks, content, files)


def _step(found: Explanation, rule: Rule, row: Any) -> str:
    """`Equity value = price ($14.79) x diluted shares (762.4m shares) = $11.3bn`."""
    title = ALONE.get(row.name) or (METRICS[row.name].title if row.name in METRICS else _capital(term_title(row.name)))
    state = f" [{row.status}]" if row.status in ("stale", "proxy") else ""
    indent = "  " * row.depth
    if row.name == GROUP:
        return f"{indent}{title} = {term_figure(found.value, GROUP, found.status)}{state}: {_condition(found, rule)}"
    value = term_figure(row.value, row.name, row.status or "ok")
    if not row.formula:
        return f"{indent}{title} = {value}{state}: {METRICS[row.name].definition}"
    return f"{indent}{title} = {_in_words(row.formula, found.terms)} = {value}{state}"


def _condition(found: Explanation, rule: Rule) -> str:
    """Why a company is in its group: `AI share, contracted (47%) is at least 20%`."""
    if rule.members:
        return f"as listed by the group rule ({rule.title})."
    value, unit = found.terms[rule.metric], METRICS[rule.metric].unit
    if pd.isna(value):
        return f"{METRICS[rule.metric].title} is unknown, so the company is in no group."
    is_ai = "is at least" if value >= rule.threshold else "is below"
    return f"{METRICS[rule.metric].title} ({worded(value, unit)}) {is_ai} {worded(rule.threshold, unit)}."


def _threshold(found: Explanation, rule: Rule) -> list[Block]:
    """How far a company is from the other group."""
    value = math.nan if rule.members else found.terms[rule.metric]
    if pd.isna(value):
        return []
    one = METRICS[rule.metric]
    side = "below" if value >= rule.threshold else "at or above"
    text = (
        f"{one.title} {side} {worded(rule.threshold, one.unit)} (now {worded(value, one.unit)}). What moves it: "
        f"screener explain {found.ticker} {rule.metric}."
    )
    return [Text("What would change it", "heading"), Text(text)]


def _in_words(formula: str, terms: dict[str, float]) -> str:
    text, before = formula, ""
    while text != before:
        text, before = _CALL.sub(r"\1", text), text
    text = _CONSTANT.sub(lambda m: CONSTANTS[m[0]], text.replace(" * ", " x "))
    return _WORD.sub(
        lambda m: f"{term_title(m[0])} ({term_figure(terms[m[0]], m[0])})" if m[0] in terms else m[0], text
    )


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _others(found: Explanation) -> list[Block]:
    """The companies whose line it is measured against."""
    if found.others.empty:
        return []
    rows = found.others.rename_axis("ticker").reset_index()
    columns = (
        Column("ticker", "Company"), Column("ev_per_mw_secured", "EV / secured MW", "m_usd_per_mw_fine"),
        Column("ai_share_contracted", "AI share, contracted", "fraction"),
    )  # fmt: skip
    about = (
        f"The line: ln(EV per secured MW) = intercept + slope x AI share, least squares through these {len(rows)}. Each "
        "figure: screener explain TICKER ev_per_mw_secured."
    )
    return [Text("The line of the others", "heading"), TableSpec("others", rows, columns, notes=(about,))]


def _inputs(found: Explanation) -> list[Block]:
    if found.inputs.empty:
        return []
    unit = METRICS[found.metric].unit
    heading = Text("What would change it", "heading")
    if pd.isna(float(found.value)):
        return [heading, Text("The figure is unknown, so no effect of an input can be computed.")]
    no_effect = found.inputs["change"].abs() <= NOTHING * abs(float(found.value))
    rows = found.inputs.assign(
        title=[term_title(item) for item in found.inputs["item"]],
        figure=[_fine(value, unit) for value in found.inputs["with_10_percent_more"]],
    )
    columns = (
        Column("title", "Input, 10% higher"), Column("figure", "The figure is then", "figures"),
        Column("relative", "Change", "change_fine", zero="none"),
    )  # fmt: skip
    about = "Each computed anew with this input alone 10% higher, everything else as it is."
    idle = ", ".join(rows.loc[no_effect, "title"])
    if no_effect.all():
        return [heading, Text(f"No input changes it by being 10% higher ({idle}).")]
    notes = (about, f"No effect: {idle}.") if idle else (about,)
    table = TableSpec("inputs", rows[~no_effect], columns, notes=notes, data=found.inputs)
    return [heading, table]


def _fine(value: float, unit: str) -> str:
    """The figure with the digits that a change of some percent moves."""
    return worded(value, FINER.get(unit, unit))


def _facts(found: Explanation) -> list[Block]:
    if found.facts.empty:
        return []
    rows = found.facts.sort_values("period_end", ascending=False, kind="stable")
    lines = [_fact(row, found) for row in rows.head(FACTS_SHOWN).itertuples()]
    more = len(rows) - FACTS_SHOWN
    if more > 0:
        lines.append(f"{more} more: --format json has all")
    return [Points("Facts, newest first", lines)]


def _fact(row: Any, found: Explanation) -> str:
    value = fact_figure(row.value, str(row.unit))
    since = "since" if row.stale_on <= found.as_of else "from"
    ages = "" if pd.isna(row.stale_on) else f", stale {since} {row.stale_on:%Y-%m-%d}"
    sure = f", confidence {row.confidence}" if isinstance(row.confidence, str) and row.confidence else ""
    link = f" {row.source_url}" if isinstance(row.source_url, str) and row.source_url else ""
    dates = f"as of {figure(row.period_end, 'date')}, published {figure(row.published_on, 'date')}"
    item = plain(row.item) if ":" in row.item else term_title(row.item)
    # Of a subsidiary that it consolidates, and no figure of the market.
    whose = f"{row.ticker} " if row.ticker in found.subsidiaries else ""
    return f"{whose}{item}: {value}, {dates}{ages}{sure} [{row.source}]{link}"


def explain_gap_page(screen: Screen, found: pd.DataFrame) -> Page:
    """The headline gap: the two groups, and the pairs of companies whose ratio is the middle one."""
    head = screen.gap.headline
    members = screen.table[screen.gap.members[HEADLINE[0]]]
    blocks: list[Block] = []
    if pd.isna(head["ratio"]):
        blocks.append(Text(f"not available: {head['note']}.", lead="Gap per secured MW:"))
    else:
        blocks.append(
            Text(
                f"{multiple(head['ratio'])}: the median of the {len(found)} ratios of an AI-group company to a mining "
                f"company (n = {head['n_pivot']:.0f} and {head['n_bitcoin']:.0f}; {screen.gap.method}).",
                lead="Gap per secured MW:",
            )
        )
    for group, title in GROUP_NAMES.items():
        rows = members[members["group"] == group].sort_values(HEADLINE[0], ascending=False, kind="stable")
        lines = [f"{t}: {per_mw(v)} per MW" for t, v in rows[HEADLINE[0]].astype(float).items()]
        blocks.append(Points(f"{_capital(title)}, EV per secured MW", lines))
    if len(found) and not pd.isna(head["ratio"]):
        middle = found.index[found["in_the_middle"]]
        mark = " (the median)" if len(middle) == 1 else " (the median is between these two)"
        near = found.loc[max(middle[0] - PAIRS_SHOWN, 0) : middle[-1] + PAIRS_SHOWN]
        lines = [
            f"{r.pivot} over {r.bitcoin}: {r.ratio:.3f}x{mark if r.in_the_middle else ''}" for r in near.itertuples()
        ]
        blocks.append(Points("Pairs around the median", lines))
        effects = screen.gap.sensitivity.dropna()
        lines = [f"excluding {t}: {multiple(v)}" for t, v in effects.sort_values().items()]
        blocks.append(Points("The gap without each company", lines))
    content = {"as_of": screen.as_of, "headline": head, "pairs": found, "without_each": screen.gap.sensitivity}
    return Page(f"The gap of {screen.title}, {day(screen.as_of)}", blocks, content, {"pairs": found})
