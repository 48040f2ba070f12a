"""Every number a person may flex: typed, with default, unit and source."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any


def _number(default: Any, unit: str, title: str, source: str) -> Any:
    return field(default=default, metadata={"unit": unit, "title": title, "source": source})


@dataclass(frozen=True)
class Bridge:
    """Switches of the EV bridge (METHODS section 3); each is printed with every result."""

    net_bitcoin: bool = _number(True, "yes/no", "Net bitcoin and other coins at spot", "METHODS 3")
    count_pledged_bitcoin: bool = _number(True, "yes/no", "Count pledged or lent bitcoin", "METHODS 3")
    net_restricted_cash: bool = _number(True, "yes/no", "Net restricted cash", "METHODS 3")
    prepayments_as_debt: bool = _number(False, "yes/no", "Treat customer prepayments as debt", "METHODS 3")
    if_converted: bool = _number(True, "yes/no", "In-the-money convertibles as shares, not debt", "METHODS 3")

    def __str__(self) -> str:
        return ", ".join(f"{k.replace('_', ' ')} {'yes' if v else 'no'}" for k, v in asdict(self).items())


@dataclass(frozen=True)
class Assumptions:
    """Numbers that are judgement and not fact. Fractions are fractions, MW are gross unless said."""

    gross_mw_per_critical_it_mw: float = _number(
        1.30, "MW per MW", "Gross MW per critical IT MW where the site's ratio is unknown", "METHODS 4"
    )
    weight_operating: float = _number(1.0, "fraction", "Weight of operating MW", "METHODS 4")
    weight_construction: float = _number(0.9, "fraction", "Weight of MW under construction", "METHODS 4")
    weight_secured: float = _number(0.5, "fraction", "Weight of other secured MW", "METHODS 4")
    weight_pipeline: float = _number(0.15, "fraction", "Weight of pipeline MW", "METHODS 4")
    noi_margin_lease: float = _number(
        0.85, "fraction", "NOI margin of a lease that states none (modified gross)", "METHODS 5: 0.80-0.85"
    )
    noi_margin_gpu_cloud: float = _number(
        0.775, "fraction", "EBITDA margin of a GPU cloud contract that states none", "METHODS 5: 0.70-0.85"
    )
    max_age_price_days: float = _number(7, "days", "A price older than this is stale", "METHODS 2")
    max_age_balance_sheet_days: float = _number(
        200, "days", "A balance sheet or flow older than this is stale", "METHODS 2"
    )
    max_age_capacity_days: float = _number(270, "days", "A capacity older than this is stale", "METHODS 2")
    bootstrap_draws: int = _number(9999, "draws", "Bootstrap draws behind an interval", "Efron 1987")
    confidence_level: float = _number(0.95, "fraction", "Level of every interval", "convention")
    seed: int = _number(20260116, "seed", "Seed of every random draw", "declared before looking")

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Assumptions:
        """Defaults with a universe's `[defaults]` laid over them; unknown names raise ValueError."""
        known = {f.name for f in fields(cls)}
        strange = sorted(set(settings) - known)
        if strange:
            raise ValueError(
                f"universe.toml [defaults]: unknown {', '.join(strange)}; known: {', '.join(sorted(known))}"
            )
        return replace(cls(), **settings)


def describe(values: Bridge | Assumptions) -> list[dict[str, Any]]:
    """One dict a number: name, title, value, unit, source, in declared order."""
    return [
        {"name": f.name, "title": f.metadata["title"], "value": getattr(values, f.name)}
        | {"unit": f.metadata["unit"], "source": f.metadata["source"]}
        for f in fields(values)
    ]
