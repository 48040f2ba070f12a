"""One company as a page: price to EV, power by class, contracts and phases, NAV, history, credit, changes, sources."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.tables.changes import contract_words, fact_words, listed
from exports.tables.contracts import paid_by
from exports.tables.formats import LEGEND, UNKNOWN, day, figure, money, multiple, per_mw, percent, spark
from exports.tables.nav import company_blocks
from exports.tables.spec import Block, Column, Page, Points, TableSpec, Text, note, warning
from valuation.company_profile import CompanyProfile
from valuation.comparison.attribution import FACTORS, TITLES
from valuation.status import USABLE

MILLION = 1e6
BRIDGE_TITLES = {
    "price_usd": "Price",
    "basic_shares": "Basic shares",
    "new_shares": "RSUs, options, warrants, convertibles",
    "diluted_shares": "Diluted shares",
    "equity_value_usd": "Equity value",
    "debt_after_conversion_usd": "+ debt not converted",
    "finance_leases_usd": "+ finance leases",
    "preferred_equity_usd": "+ preferred",
    "noncontrolling_interest_usd": "+ minorities",
    "customer_prepayments_usd": "+ customer prepayments",
    "cash_usd": "- cash",
    "restricted_cash_usd": "- restricted cash",
    "bitcoin_usd": "- bitcoin at spot",
    "other_coins_usd": "- other coins",
    "enterprise_value_usd": "Enterprise value",
    "capex_to_spend_usd": "+ capex to spend",
    "completed_ev_usd": "Completed EV",
}
POWER_TITLES = {
    "mw_operating": "Operating",
    "mw_operating_ai": "of which AI, as reported",
    "mw_under_construction": "Under construction",
    "mw_secured": "Secured",
    "mw_hosted": "Hosted in others' sites",
    "mw_pipeline": "Pipeline, not approved",
}
MULTIPLES = (
    "ev_per_mw_secured", "ev_per_mw_operating", "ev_per_mw_ai_in_service", "ev_per_mw_ai_contracted_it",
    "ev_to_ntm_revenue", "ev_to_ntm_ebitda", "ev_to_contracted_noi", "ev_to_backlog", "ev_to_consensus_revenue",
    "ev_to_consensus_ebitda",
)  # fmt: skip
MONTHS_SHOWN = 13
FACTS_SHOWN = 12


def company_page(found: CompanyProfile) -> Page:
    """The company from its price to its sources; files hold every figure of it."""
    blocks: list[Block] = [
        _headline(found),
        _bridge(found), *_instruments(found),
        Text("Power", "heading"), _power(found), *_multiples(found),
        Text("Contracts and phases", "heading"), *_contracts(found),
        Text("Net asset value", "heading"), *company_blocks(found.nav, found.ticker),
        Text("History", "heading"), *_history(found),
        Text("What changed", "heading"), *_changes(found),
        Text("Sources", "heading"), *_sources(found),
        note(f"{LEGEND}."),
    ]  # fmt: skip
    files: dict[str, pd.DataFrame | TableSpec] = {
        "metrics": found.frame.rename_axis("metric").reset_index(),
        **{name: getattr(found, name) for name in ("bridge", "power", "contracts", "tranches", "ladder", "facts")},
        "history": found.history.reset_index(),
    }
    return Page(f"{found.name} ({found.ticker}), {day(found.as_of)}", blocks, found.to_dict(), files)


def _headline(found: CompanyProfile) -> Text:
    """Group, EV, EV per MW, distance to the line and price over NAV in one sentence."""
    value, status = found.metrics, found.status
    group = {"pivot": "AI group", "bitcoin": "mining group"}.get(value["group"], "no group: AI share unknown")
    excluded = f", outside the statistics ({value['excluded']})" if value["excluded"] else ""
    parts = [
        f"{group[0].upper()}{group[1:]}{excluded}",
        f"contracted AI share {_told(found, 'ai_share_contracted', percent)}",
        f"EV {_told(found, 'enterprise_value_usd', money)}",
        f"{_told(found, 'ev_per_mw_secured', per_mw)} per secured MW",
    ]
    if status["premium_to_line"] in USABLE:
        gap = value["premium_to_line"]
        parts.append(f"{abs(gap):.0%} {'above' if gap > 0 else 'below'} the line of EV per MW on contracted share")
    return Text("; ".join(parts) + ".")


def _told(found: CompanyProfile, name: str, words: Any) -> str:
    state = found.status[name]
    mark = {"stale": " (stale)", "proxy": " (proxy)"}.get(state, "")
    return (
        f"{words(found.metrics[name])}{mark}" if state in USABLE else "n.m." if state == "not_meaningful" else UNKNOWN
    )


def _bridge(found: CompanyProfile) -> TableSpec:
    rows = found.bridge.copy()
    scale = {"price_usd": 1.0}
    rows["title"] = rows["line"].map(BRIDGE_TITLES)
    rows["shown"] = [
        figure(value / scale.get(name, MILLION), "usd_per_share" if name == "price_usd" else "number_fine", state)
        for name, value, state in zip(rows["line"], rows["value"], rows["status"], strict=True)
    ]
    shares = found.metrics["diluted_shares"]
    rows["a_share"] = [
        value / shares if name.endswith("_usd") and name != "price_usd" else float("nan")
        for name, value in zip(rows["line"], rows["value"], strict=True)
    ]
    rows["style"] = ["bold" if kind == "total" or name == "equity_value_usd" else "" for name, kind in
                     zip(rows["line"], rows["kind"], strict=True)]  # fmt: skip
    columns = (
        Column("title", "Price to EV"), Column("shown", "$m, million shares", "figures"),
        Column("a_share", "$ per share", "usd_per_share", unknown=""), Column("period", "Stands for", "date", unknown=""),
    )  # fmt: skip
    return TableSpec("bridge", rows, columns, styles=rows["style"])


def _instruments(found: CompanyProfile) -> list[Block]:
    rows = found.instruments
    if rows.empty:
        return []
    columns = (
        Column("instrument", "Dilution"), Column("price_usd", "Conversion or strike", "usd_per_share", "Strike"),
        Column("distance", "Price above it", "change"), Column("new_shares", "New shares", "shares"),
        Column("debt_converted_usd", "Debt converted", "usd_m", zero="-"),
    )  # fmt: skip
    return [TableSpec("instruments", rows, columns)]


def _power(found: CompanyProfile) -> TableSpec:
    rows = found.power.assign(title=found.power["item"].map(POWER_TITLES))
    value, status = found.metrics, found.status
    extra = [
        ("Secured, as counted", "secured_mw", False), ("Contracted AI, critical IT", "ai_contracted_it_mw", True),
        ("of which in service", "ai_in_service_mw", True),
    ]  # fmt: skip
    more = pd.DataFrame(
        [{"item": name, "title": title, "mw": value[name], "is_critical_it": it, "period": pd.NaT,
          "stale": status[name] == "stale"} for title, name, it in extra]
    )  # fmt: skip
    rows = pd.concat([rows, more], ignore_index=True)
    rows["basis"] = rows["is_critical_it"].map({True: "critical IT", False: "gross"})
    states = ["missing" if pd.isna(mw) else status[name] if name in status.index else "stale" if old else "ok"
              for name, mw, old in zip(rows["item"], rows["mw"], rows["stale"], strict=True)]  # fmt: skip
    columns = (
        Column("title", "Power"), Column("mw", "MW", "mw"), Column("basis", "Basis"),
        Column("period", "Stands for", "date", unknown=""),
    )  # fmt: skip
    return TableSpec("power", rows, columns, status=pd.DataFrame({"mw": states}, index=rows.index))


def _multiples(found: CompanyProfile) -> list[Block]:
    from valuation.metrics import METRICS

    told = [
        f"{METRICS[name].title} {_told(found, name, per_mw if METRICS[name].unit == 'm_usd_per_mw' else multiple)}"
        for name in MULTIPLES
        if found.status[name] in USABLE
    ]
    return [Points("Multiples", told)]


def _contracts(found: CompanyProfile) -> list[Block]:
    rows = found.ladder
    if rows.empty:
        return [Text("No signed AI contract is known on this date.")]
    rows = rows.assign(credit=[paid_by(row) for row in rows.itertuples()])
    columns = (
        Column("contract_id", "Contract"), Column("tenant", "Tenant"), Column("credit", "Credit"),
        Column("critical_it_mw", "Critical IT", "mw_critical_it", "IT MW"), Column("rent_usd", "Revenue a year", "usd_m"),
        Column("expires_on", "Expires", "date", priority=1),
    )  # fmt: skip
    parts = found.tranches.merge(found.contracts[["contract_id", "owned_it_mw"]], on="contract_id")
    parts["mw"] = parts["share"] * parts["owned_it_mw"]
    parts["date"] = found.as_of + pd.to_timedelta((parts["starts_in_years"] * 365.25).round(), unit="D")
    parts["when"] = [f"{date:%Y-%m}" for date in parts["date"]]
    groups = parts.groupby(["contract_id", "when", "delivered"], sort=True)
    phases = groups.agg(mw=("mw", "sum"), is_proxy=("is_proxy", "any")).reset_index()
    phases["state"] = ["in service" if done else "assumed" if proxy else "planned"
                       for done, proxy in zip(phases["delivered"], phases["is_proxy"], strict=True)]  # fmt: skip
    phase_columns = (
        Column("contract_id", "Phases"), Column("when", "Month"), Column("mw", "Critical IT", "mw", "IT MW"),
        Column("state", "Status"),
    )  # fmt: skip
    return [TableSpec("contracts", rows, columns), TableSpec("phases", phases, phase_columns)]


def _history(found: CompanyProfile) -> list[Block]:
    weekly = found.history[found.history["ev_per_mw_secured"].notna()]
    if weekly.empty:
        return [Text("No EV per secured MW in any week.")]
    months = found.history.groupby(found.history.index.to_period("M")).tail(1).tail(MONTHS_SHOWN)
    columns = (
        Column("as_of", "Month's last week", "date"), Column("price_usd", "Price", "usd_per_share"),
        Column("enterprise_value_usd", "EV", "usd"), Column("secured_mw", "Secured", "mw"),
        Column("ev_per_mw_secured", "EV / secured MW", "m_usd_per_mw", "EV / MW"),
        Column("ai_share_contracted", "Contracted AI share", "fraction", "AI share"),
        Column("backlog_usd", "Backlog", "usd"),
        Column("ai_in_service_mw", "AI MW in service", "mw_critical_it", "In service"),
    )  # fmt: skip
    line = spark(weekly["ev_per_mw_secured"])
    span = f"{weekly.index[0]:%Y-%m-%d} to {weekly.index[-1]:%Y-%m-%d}"
    low, high = weekly["ev_per_mw_secured"].min(), weekly["ev_per_mw_secured"].max()
    return [
        Text(f"EV per secured MW by week, {span}, {per_mw(low)} to {per_mw(high)}: {line}"),
        TableSpec("history", months.rename_axis("as_of").reset_index(), columns),
    ]


def _changes(found: CompanyProfile) -> list[Block]:
    changes = found.changes
    if changes is None:
        return [Text("No earlier week to compare with.")]
    before = changes.before.as_of
    parts = changes.attribution.frame
    blocks: list[Block] = []
    if found.ticker in parts.index and not parts.at[found.ticker, "cause"]:
        row = parts.loc[found.ticker]
        moved = [f"{TITLES[name].lower()} {row[name]:+.2f}" for name in FACTORS if abs(row[name]) >= 0.005]
        blocks.append(
            Text(
                f"Since {day(before)}: EV per secured MW {per_mw(row['before'])} to {per_mw(row['after'])}"
                + (f" ($m: {', '.join(moved)})." if moved else ".")
            )
        )
    else:
        blocks.append(Text(f"Since {day(before)}: EV per secured MW cannot be compared."))
    for name, frame, words in (("Contracts", changes.contracts, contract_words), ("Facts", changes.facts, fact_words)):
        mine = frame[frame["ticker"] == found.ticker]
        blocks += listed(name, mine, words)
    return blocks


def _sources(found: CompanyProfile) -> list[Block]:
    rows = found.facts.sort_values("published_on", ascending=False, kind="stable")
    shown = rows.head(FACTS_SHOWN).assign(age=lambda f: (found.as_of - f["published_on"]).dt.days)
    shown["figure"] = [f"{value:,.10g} {unit}" for value, unit in zip(shown["value"], shown["unit"], strict=True)]
    columns = (
        Column("item", "Fact"), Column("figure", "Figure", "figures"), Column("period_end", "Stands for", "date"),
        Column("published_on", "Published", "date"), Column("confidence", "Confidence", priority=1),
        Column("source_url", "Source", priority=2),
    )  # fmt: skip
    blocks: list[Block] = [TableSpec("facts", shown, columns, data=rows)]
    if len(rows) > FACTS_SHOWN:
        blocks.append(
            note(f"The {FACTS_SHOWN} newest of {len(rows)} facts; every one with its link: --format json or csv.")
        )
    stale = [name for name in found.status.index if found.status[name] == "stale"]
    if stale:
        causes = sorted({cause for name in stale for cause in found.causes[name].split("; ") if cause.endswith(" old")})
        blocks.append(warning(f"Stale: {', '.join(causes)}."))
    return blocks
