"""Titles in plain English of the names that the code uses for groups, items, statuses and problems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from valuation.metrics import METRICS

GROUPS = {"pivot": "AI", "bitcoin": "mining"}
# In the legend of a chart.
GROUP_TITLES = {code: f"{name[:1].upper()}{name[1:]} group" for code, name in GROUPS.items()}
ITEMS = {
    "btc_held": "bitcoin held",
    "btc_pledged": "bitcoin pledged",
    "backlog_reported": "reported backlog",
    "debt_total": "debt",
    "deferred_revenue": "customer prepayments",
    "eth_fair_value": "reported value of ether",
    "eth_held": "ether held",
    "fleet_efficiency_j_per_th": "fleet efficiency",
    "hashrate_eh": "installed hashrate",
    "hashrate_operating_eh": "operating hashrate",
    "lease_liabilities_finance": "finance leases",
    "mw_ai_contracted_it": "contracted AI MW",
    "mw_hosted": "hosted MW",
    "mw_operating": "operating MW",
    "mw_operating_ai": "reported AI MW in service",
    "mw_pipeline": "pipeline MW",
    "mw_secured": "secured MW",
    "mw_under_construction": "MW under construction",
    "noncontrolling_interest": "minority at book",
    "noncontrolling_interest_pct": "share held by others",
    "other_debt_carrying": "other borrowings",
    "power_cost_usd_per_kwh": "power cost",
    "preferred_equity": "preferred equity",
    "restricted_cash": "restricted cash",
    "revenue_ai_hpc": "AI revenue",
    "revenue_ai_hpc_one_off": "one-off AI revenue",
    "revenue_hosting": "hosting revenue",
    "revenue_mining": "mining revenue",
    "revenue_other": "other revenue",
    "revenue_total": "total revenue",
    "sga_cash": "cash overhead",
    "shares_outstanding": "share count",
    "not_meaningful": "not meaningful",
}
_NAME = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")


def plain(text: str) -> str:
    """`btc_held old; secured_mw unknown` as `bitcoin held old; secured MW unknown`; unknown names stay as they are."""
    return _NAME.sub(_word, text)


def plain_reason(reason: str, metric: str) -> str:
    """Why a company is left out, without what merely ages: of `missing` what is unknown, of `not meaningful` why."""
    text = reason.removeprefix(f"{metric} ")
    state, _, causes = text.partition(": ")
    if state not in {"missing", "not meaningful"}:
        return plain(text)
    return plain(", ".join(_decisive(state, causes)))


def overridden(manifest: Mapping[str, Any]) -> str:
    """How many inputs of a run a person replaced, and who; empty where none was."""
    rows = manifest.get("overrides", ())
    if not rows:
        return ""
    who = ", ".join(dict.fromkeys(row["by"] for row in rows if row["by"]))
    return f"{len(rows)} input{'' if len(rows) == 1 else 's'} overridden{f' by {who}' if who else ''}"


def overrides_in_words(manifest: Mapping[str, Any]) -> list[str]:
    """Each input that a person replaced, with old and new figure, who, when and why."""
    return [
        f"{row['meaning']}: {row['old']} overridden with {row['new']}"
        + "".join(f", {text}" for text in (row["by"], row["when"], row["why"]) if text)
        for row in manifest.get("overrides", ())
    ]


def plain_status(status: str, causes: str) -> str:
    """A status with what decides it, in words: `missing: secured MW unknown`."""
    if not causes:
        return plain(status)
    return f"{plain(status)}: {plain('; '.join(_decisive(plain(status), causes)))}"


def _decisive(state: str, causes: str) -> list[str]:
    parts = causes.split("; ")
    wanted = {"missing": (" unknown",), "not meaningful": ("not positive", "is zero")}.get(state, ("",))
    return [part for part in parts if part.endswith(wanted)] or parts


def _word(found: re.Match[str]) -> str:
    name = found[0]
    if name in ITEMS:
        return ITEMS[name]
    if name in METRICS:
        title = METRICS[name].title
        return title[0].lower() + title[1:] if title[1:2].islower() else title
    return name
