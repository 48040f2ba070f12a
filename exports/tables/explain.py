"""A figure explained: formula in words and numbers, inputs with status and source, what a change of each would do."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from exports.commentary.labels import plain, plain_status
from exports.tables.company import fact_figure
from exports.tables.formats import UNKNOWN, day, money, multiple, per_mw, worded
from exports.tables.spec import Block, Column, Page, Points, TableSpec, Text, note
from valuation.explanation.explain import Explanation
from valuation.gap.estimate import HEADLINE
from valuation.groups import GROUP_NAMES
from valuation.metrics import METRICS
from valuation.screen import Screen

FACTS_SHOWN, PAIRS_SHOWN = 15, 3
NOTHING = 1e-9  # of the figure: rounding, no effect
TITLES = {
    "new_shares": "new shares from instruments", "debt_converted_usd": "convertibles counted as shares",
    "debt_kept_usd": "convertibles kept as debt", "other_debt_usd": "other borrowings",
    "finance_leases_usd": "finance leases", "preferred_equity_usd": "preferred equity",
    "customer_prepayments_usd": "customer prepayments", "other_coins_usd": "other coins", "btc_usd": "bitcoin price",
    "hosted_in_operating_mw": "hosted MW inside", "sold_mw": "MW sold since", "construction_mw": "construction MW",
    "ai_run_rate_usd": "AI run rate", "mining_run_rate_usd": "mining run rate",
    "ai_revenue_for_share_usd": "larger of contracted AI revenue and run rate", "prices": "share price",
    "estimates": "consensus", "instruments": "convertibles, warrants, options, units",
    "owned_gross_mw": "gross MW of contracts", "owned_it_mw": "critical IT MW of contracts",
    "owned_annual_revenue_usd": "annual revenue of contracts", "owned_noi_usd": "NOI of contracts",
    "owned_backlog_usd": "backlog of contracts", "cash": "cash",
}  # fmt: skip
_WORD = re.compile(r"[a-z][a-z_0-9]*")


def explain_page(found: Explanation) -> Page:
    """The figure, its formula step by step, what moves it, and its facts."""
    one = METRICS[found.metric]
    text = found.value if isinstance(found.value, str) else worded(found.value, one.unit, found.status)
    why = "" if found.status == "ok" else f" ({plain_status(found.status, found.causes)})"
    blocks: list[Block] = [
        Text(f"{text}{why}.", lead=f"{one.title}:"),
        note(one.definition),
        Points("How it is computed", [_step(found, row) for row in found.steps.itertuples()]),
        *_inputs(found),
        *_facts(found),
    ]
    content = {
        "ticker": found.ticker, "name": found.name, "as_of": found.as_of, "metric": found.metric,
        "value": found.value, "status": found.status, "causes": found.causes, "steps": found.steps,
        "terms": found.terms, "inputs": found.inputs, "facts": found.facts,
    }  # fmt: skip
    files: dict[str, pd.DataFrame | TableSpec] = {"steps": found.steps, "inputs": found.inputs, "facts": found.facts}
    return Page(f"{one.title} of {found.name} ({found.ticker}), {day(found.as_of)}", blocks, content, files)


def _step(found: Explanation, row: Any) -> str:
    """`Equity value = price ($14.79) x diluted shares (762.4m shares) = $11.3bn`."""
    one = METRICS[row.name]
    value = worded(row.value, one.unit, row.status) if one.unit != "text" else str(found.value)
    state = "" if row.status in ("ok", "missing", "not_meaningful") else f" [{row.status}]"
    indent = "  " * row.depth
    if not row.formula:
        return f"{indent}{one.title} = {value}{state}: {one.definition}"
    return f"{indent}{one.title} = {_in_words(row.formula, found.terms)} = {value}{state}"


def _in_words(formula: str, terms: dict[str, float]) -> str:
    text = re.sub(r"\b(known|total|gross)\((\w+)\)", r"\2", formula).replace(" * ", " x ")
    text = text.replace(" / 1000000", " / 1 million")
    return _WORD.sub(lambda m: f"{_title(m[0])} ({_told(m[0], terms[m[0]])})" if m[0] in terms else m[0], text)


def _title(name: str) -> str:
    return TITLES.get(name) or plain(name).replace("_", " ")


def _told(name: str, value: float) -> str:
    if pd.isna(value):
        return "not reported"
    if name in METRICS:
        return worded(value, METRICS[name].unit)
    if name in ("btc_usd",) or name.endswith("_usd"):
        return money(value)
    if name in ("cash", "debt_total"):
        return money(value)
    if name.startswith("mw_") or name.endswith("_mw"):
        return worded(value, "mw")
    return worded(value, "shares") if "shares" in name else f"{value:,.10g}"


def _inputs(found: Explanation) -> list[Block]:
    if found.inputs.empty:
        return []
    unit = METRICS[found.metric].unit
    no_effect = found.inputs["change"].abs() <= NOTHING * abs(float(found.value))
    rows = found.inputs.assign(
        title=[_title(item) for item in found.inputs["item"]],
        figure=[_fine(value, unit) for value in found.inputs["with_10_percent_more"]],
    )
    columns = (
        Column("title", "Input, 10% higher"), Column("figure", "The figure is then", "figures"),
        Column("relative", "Change", "change_fine", zero="none"),
    )  # fmt: skip
    about = "Each computed anew with this input alone 10% higher, everything else as it is."
    idle = ", ".join(rows.loc[no_effect, "title"])
    notes = (about, f"No effect: {idle}.") if idle else (about,)
    table = TableSpec("inputs", rows[~no_effect], columns, notes=notes, data=found.inputs)
    return [Text("What would change it", "heading"), table]


def _fine(value: float, unit: str) -> str:
    """The figure with the digits that a change of some percent moves."""
    if pd.isna(value):
        return UNKNOWN
    shapes = {"m_usd_per_mw": "${:,.2f}m", "multiple": "{:,.2f}x", "fraction": "{:.1%}"}
    return shapes[unit].format(value) if unit in shapes else worded(value, unit)


def _facts(found: Explanation) -> list[Block]:
    if found.facts.empty:
        return []
    rows = found.facts.sort_values("period_end", ascending=False, kind="stable")
    lines = [_fact(row) for row in rows.head(FACTS_SHOWN).itertuples()]
    more = len(rows) - FACTS_SHOWN
    if more > 0:
        lines.append(f"{more} more: --format json has all")
    return [Points("Facts, newest first", lines)]


def _fact(row: Any) -> str:
    value = fact_figure(row.value, str(row.unit))
    ages = "" if pd.isna(row.stale_on) else f", stale from {row.stale_on:%Y-%m-%d}"
    sure = f", confidence {row.confidence}" if isinstance(row.confidence, str) and row.confidence else ""
    link = f" {row.source_url}" if isinstance(row.source_url, str) and row.source_url else ""
    dates = f"as of {_day(row.period_end)}, published {_day(row.published_on)}"
    return f"{plain(row.item)}: {value}, {dates}{ages}{sure} [{row.source}]{link}"


def _day(value: Any) -> str:
    return UNKNOWN if pd.isna(value) else f"{value:%Y-%m-%d}"


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
        blocks.append(Points(f"{title[0].upper()}{title[1:]}, EV per secured MW", lines))
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
