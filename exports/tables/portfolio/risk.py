"""What a portfolio can lose, as tables."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from exports.tables.formats import day, percent
from exports.tables.portfolio.brief import PERIODS
from exports.tables.portfolio.words import dollars
from exports.tables.spec import Block, Column, TableSpec, Text, warning
from valuation.portfolio.loss_intervals import method
from valuation.portfolio.risk import Risk

FACTOR_NOTE = "each factor alone, OLS"


def risk(found: Risk, net: float) -> list[Block]:
    """Volatility, tail losses with their intervals, betas, contributions and concentration."""
    first, last = found.returns.index[[0, -1]]
    losses = found.losses.assign(
        level=[f"{level:.0%}" for level in found.losses.index], var_usd=found.losses["var"] * net,
        es_usd=found.losses["es"] * net,
        **{f"{name}_interval": _intervals(found.losses, name) for name in ("var", "es")},
    )  # fmt: skip
    betas = pd.DataFrame([asdict(line) for line in found.betas])
    marks = found.names["filled"].astype(bool).map({True: "*", False: ""})
    names = found.names.rename_axis("name")
    summed = ["weight", "contribution", "share", "es_contribution"]
    blocks: list[Block] = [
        Text(
            f"a year on net value of {dollars(net)}: today's exposures over {found.n} {found.periods} returns, {day(first)} "
            f"to {day(last)}, historical simulation.",
            lead=f"Volatility {percent(found.volatility)}",
        ),
        TableSpec(
            "losses", losses,
            (Column("level", f"Loss in one {PERIODS[found.periods]}", short=f"One\n{PERIODS[found.periods]}"),
             Column("var", "VaR", "fraction_fine"), Column("var_interval", "VaR, interval", short="interval"),
             Column("var_usd", "VaR, USD", "usd_whole", "VaR"), Column("es", "Expected shortfall", "fraction_fine", "ES"),
             Column("es_interval", "Expected shortfall, interval", short="interval"),
             Column("es_usd", "Expected shortfall, USD", "usd_whole", "ES"),
             Column("tail", "Returns in tail", "count", "In\ntail")),
            notes=(
                "VaR: value at risk; ES: expected shortfall. "
                + method(found.n, found.periods, found.block, found.draws, found.seed),
            ),
        ),
        TableSpec(
            "betas", betas,
            (Column("factor", "Beta to"), Column("beta", "Beta", "number"), Column("std_error", "Std. error", "number"),
             Column("r_squared", "R2", "number"), Column("n", "n", "count")),
            notes=(f"Betas: {FACTOR_NOTE}, {found.periods} returns.",),
        ),
        TableSpec(
            "risk", names,
            (Column("name", "Name"), Column("weight", "Weight", "fraction_fine"),
             Column("volatility", "Volatility alone", "fraction", "Volat.\nalone"),
             Column("contribution", "Contribution to volatility", "fraction_fine", "Contrib.\nto volat."),
             Column("share", "of total", "fraction"),
             Column("es_contribution", "Contribution to ES 95%", "fraction_fine", "Contrib.\nto ES 95%"),
             Column("beta_bitcoin", "Beta to bitcoin", "number", "Beta to\nbitcoin")),
            marks=marks, footer={"name": "Sum", **names[summed].sum().to_dict()},
        ),
    ]  # fmt: skip
    if names["filled"].any():
        filled = ", ".join(f"{name} {int(count)}" for name, count in names["filled"].items() if count)
        blocks.append(warning(f"* returns proxied by the mean of the miners, own returns unavailable: {filled}."))
    largest = found.concentration
    blocks += [
        Text(
            f"Concentration: {largest['largest']} is {largest['largest_weight']:.0%} of gross exposure; Herfindahl index "
            f"{largest['hhi']:.2f}, equivalent to {largest['effective_names']:.1f} equal positions."
        ),
        Text(f"Risk covers {found.covered:.1%} of gross exposure."),
    ]
    if found.left_out:
        excluded = "; ".join(f"{name} ({why})" for name, why in found.left_out.items())
        blocks.append(warning(f"Excluded from risk: {excluded}."))
    return blocks


def _intervals(losses: pd.DataFrame, name: str) -> list[str]:
    """Bootstrap intervals of a loss; n.m. where too few returns stand in the tail."""
    ends = zip(losses[f"{name}_low"], losses[f"{name}_high"], strict=True)
    return ["n.m." if pd.isna(low) else f"{low:.1%} to {high:.1%}" for low, high in ends]
