"""Findings on the indicators, in sentences: the last date against a year before, and the limits of each series."""

from __future__ import annotations

import pandas as pd

from valuation._words import BILLION, count, day, is_unknown, multiple, number, percent
from valuation.findings import CAN, CANNOT, Finding
from valuation.indicators.divergence import SMALL_GROUP, Divergence
from valuation.indicators.power import USES, Power
from valuation.indicators.signed import Signed

YEAR = pd.Timedelta(days=365)
MW_PER_GW = 1000.0


def gw(mw: float) -> str:
    """`24.6 GW`."""
    return number(mw / MW_PER_GW, "{:,.1f} GW")


def bn(usd: float) -> str:
    """`$66.1bn`."""
    return number(usd / BILLION, "${:,.1f}bn")


def year_before(frame: pd.DataFrame) -> pd.Series | None:
    """The row of a year before the last, the nearest week on or before it; None where the series is shorter."""
    earlier = frame[frame.index <= frame.index[-1] - YEAR]
    return earlier.iloc[-1] if len(earlier) else None


def of_revenue(shares: pd.DataFrame) -> tuple[Finding, ...]:
    """Bitcoin's and AI's share today and a year before; the crossover."""
    now, then = shares.iloc[-1], year_before(shares)
    if is_unknown(now["bitcoin_share"]):
        text = (
            f"Revenue mix: estimate not available ({count(now['companies'], 'company', 'companies')} with both parts)."
        )
        return (Finding(text, CANNOT, {"companies": now["companies"]}),)
    figures = {name: now[name] for name in ("bitcoin_share", "ai_share", "companies", "coverage")}
    text = (
        f"Bitcoin is {percent(now['bitcoin_share'])} and AI {percent(now['ai_share'])} of the recurring revenue of "
        f"{count(now['companies'], 'miner')} in their latest known quarters ({now['quarter_from']} to {now['quarter_to']})"
    )
    if then is not None and not is_unknown(then["bitcoin_share"]):
        text += (
            f"; a year before, {percent(then['bitcoin_share'])} and {percent(then['ai_share'])} "
            f"({count(then['companies'], 'miner')})"
        )
    crossed = now["crossover"]
    sector = (
        "In no calendar quarter known so far has the AI revenue of all companies that report both exceeded their mining "
        "revenue"
        if pd.isna(crossed)
        else f"{crossed} is the first calendar quarter in which AI revenue exceeds mining revenue, over the "
        f"{count(now['crossover_companies'], 'company', 'companies')} that have reported both so far"
    )
    each = (
        f"{count(now['ai_above_mining'], 'miner')} of {int(now['companies'])} earned more from AI in the latest quarter"
    )
    without = int(now["reporting"] - now["companies"])
    limit = (
        f"The shares cover {percent(now['coverage'])} of the revenue reported: {without} of {int(now['reporting'])} "
        "companies did not report both parts. Companies enter as they report, so the series is not a constant sample."
    )
    return (
        Finding(f"{text}.", CAN, figures),
        Finding(f"{sector}. {each}.", CAN, {"crossover": crossed, "ai_above_mining": now["ai_above_mining"]}),
        Finding(limit, CANNOT, {"coverage": now["coverage"]}),
    )


def of_contracts(signed: Signed) -> tuple[Finding, ...]:
    """Contracts in force, their value and MW, what is delivered, and the largest tenant."""
    now, then = signed.sector.iloc[-1], year_before(signed.sector)
    if now["contracts"] == 0:
        return (Finding("No AI contract of the miners is in force.", CAN, {"contracts": 0}),)
    text = (
        f"{count(now['companies'], 'miner')} have {count(now['contracts'], 'AI contract')} in force with "
        f"{count(now['tenants'], 'tenant')}: {bn(now['value_usd'])} and {number(now['it_mw'], '{:,.0f}')} MW of critical IT "
        "at the owner's share"
    )
    if then is not None:
        text += f"; a year before, {count(then['contracts'], 'contract')} with {bn(then['value_usd'])}"
    found = [Finding(f"{text}.", CAN, {name: now[name] for name in ("contracts", "value_usd", "it_mw", "tenants")})]
    if not is_unknown(now["delivered_share"]):
        text = (
            f"{number(now['in_service_mw'], '{:,.0f}')} MW, {percent(now['delivered_share'])} of the contracted critical IT "
            "MW, are in service"
        )
        if now["largest_tenant"]:
            text += (
                f"; {now['largest_tenant']} is the largest tenant with {percent(now['largest_tenant_share'])} of the MW"
            )
        figures = {name: now[name] for name in ("in_service_mw", "delivered_share", "largest_tenant_share")}
        found.append(Finding(f"{text}.", CAN, figures))
    if now["without_value"] or now["without_mw"]:
        text = (
            f"The sums exclude what was not announced: the value of {count(now['without_value'], 'contract')} and the MW of "
            f"{count(now['without_mw'], 'contract')}."
        )
        found.append(Finding(text, CANNOT, {name: now[name] for name in ("without_value", "without_mw")}))
    return tuple(found)


def of_power(power: Power) -> tuple[Finding, ...]:
    """Secured power by use on the last date, and the companies that are not in it."""
    now = power.sector.iloc[-1]
    if is_unknown(now["secured_mw"]):
        return (Finding("Power by use: estimate not available (no company's secured power is known).", CANNOT),)
    parts = [f"{gw(now[name])} {title}" for name, title in USES.items()]
    text = (
        f"Of {gw(now['secured_mw'])} gross that {count(now['companies'], 'miner')} have secured: "
        f"{', '.join(parts[:-1])} and {parts[-1]}. Another {gw(now['pipeline_mw'])} is pipeline without approval."
    )
    found = [Finding(text, CAN, {name: now[name] for name in ("secured_mw", *USES, "pipeline_mw", "companies")})]
    if now["mined_until_conversion_mw"] > 0:
        text = (
            f"{gw(now['mined_until_conversion_mw'])} of the mining runs on power that is already leased to AI tenants and "
            "ends when their halls are in service."
        )
        found.append(Finding(text, CAN, {"mined_until_conversion_mw": now["mined_until_conversion_mw"]}))
    if now["without_power"] or now["without_use"]:
        text = (
            f"Secured power is unknown for {count(now['without_power'], 'company', 'companies')}, its use for "
            f"{int(now['without_use'])} more. Companies enter as their figures are published, so growth of the sum is not "
            "growth of the sector."
        )
        found.append(Finding(text, CANNOT, {name: now[name] for name in ("without_power", "without_use")}))
    return tuple(found)


def of_hashrate(hashrate: pd.DataFrame) -> tuple[Finding, ...]:
    """The listed miners' share of the network, and what has left it."""
    now = hashrate.iloc[-1]
    if is_unknown(now["share"]):
        return (Finding("Share of network hashrate: estimate not available (no hashrate known).", CANNOT),)
    network = f"{number(now['network_eh'], '{:,.0f}')} (week of {day(now['network_on'])})"
    left = f"{number(now['left_eh'], '{:,.0f}')} EH/s, {percent(now['left_share'])} of the network, have left"
    reduced = f"{count(now['reduced'], 'company runs', 'companies run')} at least a tenth less than at the highest"
    text = (
        f"{count(now['companies'], 'listed miner')} run {number(now['hashrate_eh'], '{:,.0f}')} EH/s, "
        f"{percent(now['share'])} of the network's {network}. {left}: the difference to each company's highest hashrate so "
        f"far; {reduced}."
    )
    return (Finding(text, CAN, {name: now[name] for name in ("hashrate_eh", "share", "left_eh", "left_share")}),)


def of_prices(divergence: Divergence) -> tuple[Finding, ...]:
    """How far the groups' prices have moved apart, with hindsight's answer beside it."""
    frame = divergence.frame
    known = frame["ratio_equal"].dropna()
    if known.empty:
        return (Finding("Price divergence: estimate not available (a group is empty in every week).", CANNOT),)
    now, first = frame.iloc[-1], known.index[0]
    text = (
        f"Since {day(first)} the equal-weighted price index of the AI group, with the members of each week, has outgrown "
        f"that of the mining group by a factor of {multiple(now['ratio_equal'])}; weighted by equity value, by "
        f"{multiple(now['ratio_value'])}."
    )
    hindsight = (
        f"With today's members all along the factor would be {multiple(now['ratio_hindsight'])}: this is hindsight, since "
        "companies are in the AI group today because they signed."
        if not is_unknown(now["ratio_hindsight"])
        else "With today's members the ratio cannot be estimated: a group is empty today."
    )
    risk = (
        f"Volatility is {percent(now['ai_volatility'])} a year in the AI group and {percent(now['mining_volatility'])} in "
        f"the mining group, beta to bitcoin {number(now['ai_beta_bitcoin'])} and {number(now['mining_beta_bitcoin'])} "
        f"({int(now['ai_weeks'])} weeks)."
    )
    found = [
        Finding(text, CAN, {name: now[name] for name in ("ratio_equal", "ratio_value")}),
        Finding(hindsight, CANNOT, {"ratio_hindsight": now["ratio_hindsight"]}),
        Finding(risk, CAN, {name: now[name] for name in ("ai_volatility", "mining_volatility", "ai_beta_bitcoin")}),
    ]
    small = [f"{int(now[f'n_{key}'])} in the {key} group" for key in ("ai", "mining") if now[f"n_{key}"] < SMALL_GROUP]
    if small:
        text = f"Small sample on the last date: {' and '.join(small)}; single companies move the index."
        found.append(Finding(text.replace("ai group", "AI group"), CANNOT, {n: now[n] for n in ("n_ai", "n_mining")}))
    return tuple(found)
