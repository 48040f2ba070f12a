"""Every metric of every company walked back to facts: its arithmetic gives the figure, 10% more what a new run gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from exports.tables.terms import term_figure, term_title
from screener import universes
from screener.cli import cli
from screener.gathering import InputData
from screener.provenance import lists_used
from screener.run_config import resolve_config
from screener.screen import screen_on, value_dates
from valuation.errors import UnknownName
from valuation.explanation.explain import explain, facts_behind, walk
from valuation.explanation.figures import others_on_the_line
from valuation.explanation.pairs import pairs
from valuation.explanation.sensitivity import leaves, raised, sensitivities
from valuation.explanation.terms import Terms, names
from valuation.formulas import LINES
from valuation.fundamentals.company_metrics import value
from valuation.groups import RULES
from valuation.metrics import METRICS
from valuation.status import USABLE

DAYS = ("2024-11-15", "2026-01-16", "2026-10-05")


@pytest.fixture(scope="module")
def made(pytestconfig):
    config = resolve_config(universes.load("miners"))
    data = InputData.of(config.universe)
    out = {}
    # The first day is read by long tests alone.
    for day in map(pd.Timestamp, DAYS[1:] if "not long" in pytestconfig.option.markexpr else DAYS):
        valued = value_dates(config, data, day)
        more = lists_used(data.known_on(day), valued.inputs)
        out[f"{day:%Y-%m-%d}"] = (screen_on(config, data, valued, day), valued.inputs, more)
    return out


def of(made: dict, ticker: str, day: str = "2026-10-05") -> Terms:
    """The figures of one company by name."""
    screen, inputs, _ = made[day]
    return next(one for one in Terms.of(screen, inputs) if one.ticker == ticker)


@pytest.mark.parametrize("day", [*(pytest.param(day, marks=pytest.mark.long) for day in DAYS[:-1]), DAYS[-1]])
def test_every_metric_of_every_company_is_walked_back_and_its_arithmetic_gives_the_figure(made, day):
    screen, inputs, more = made[day]
    facts, checked = pd.concat([screen.facts, more]), set()
    for terms in Terms.of(screen, inputs):
        for name in METRICS:
            steps, values = walk(terms, name)
            assert steps["name"].iloc[0] == name
            if screen.status.at[terms.ticker, name] not in USABLE:
                continue
            expected = screen.table.at[terms.ticker, name]
            expected = float(expected == "pivot") if name == "group" else expected
            assert steps["value"].iloc[0] == pytest.approx(expected, rel=1e-9, abs=1e-12), (terms.ticker, name)
            assert values, name
            ends_in_facts(terms, name, steps, values, facts)
            # Of a line the screen's own figure, where it has one.
            for row in steps.itertuples():
                if row.name in LINES and not np.isnan(terms.value(row.name)):
                    assert row.value == pytest.approx(terms.value(row.name), rel=1e-9), (terms.ticker, row.name)
            checked.add(name)
    assert checked == set(METRICS) or day != DAYS[-1]


def ends_in_facts(terms: Terms, name: str, steps: pd.DataFrame, values: dict[str, float], facts: pd.DataFrame) -> None:
    """Every figure at the end of the chain is an assumption, of the line of the others, or of a fact with its source."""
    behind = facts_behind(terms.screen, facts, terms.ticker, name, lambda _: 200)
    assert (behind["published_on"] <= terms.screen.as_of).all()
    assert (behind["source"].str.len() > 0).all()
    kinds = set(behind["item"].str.split(":").str[0])
    walked = set(steps["name"])
    for leaf in set(values) - walked:
        fixed = any(
            hasattr(one, leaf.removeprefix("assumed_")) for one in (terms.screen.assumptions, terms.screen.switches)
        )
        if np.isnan(values[leaf]) or values[leaf] == 0 or leaf.startswith("line_") or (fixed and leaf not in READ):
            continue
        assert READ[leaf] & kinds, (terms.ticker, name, leaf, kinds)


# What each figure that is read comes from, by hand.
NOTES = {"convertible", "warrant", "option", "rsu"}
QUARTERS = {"total": {"revenue_total"}, "ai": {"revenue_ai_hpc"}, "one_off": {"revenue_ai_hpc_one_off"}}
OF_CONTRACTS = (
    "owned_gross_mw", "owned_it_mw", "owned_annual_revenue_usd", "owned_noi_usd", "owned_backlog_usd", "capex_to_spend_usd",
    "owned_ntm_revenue_usd", "owned_ntm_noi_usd", "lease_annual_revenue_usd", "cloud_annual_revenue_usd",
)  # fmt: skip
CHOICES = ("secured_is_leased", "secured_is_operating", "mining_is_mix", "hashrate_by_revenue", "hashrate_by_deployed")
READ = {
    "close_usd": {"price_usd"}, "shares_outstanding": {"shares_outstanding"}, "new_shares": NOTES, "cash": {"cash"},
    "debt_total": {"debt_total"}, "debt_converted_usd": NOTES, "debt_kept_usd": NOTES,
    "restricted_cash": {"restricted_cash", "cash"},
    "other_debt_usd": {"other_debt_carrying"}, "finance_leases_usd": {"lease_liabilities_finance"},
    "preferred_equity_usd": {"preferred_equity"}, "other_coins_usd": {"eth_held", "eth_fair_value"},
    "btc_held": {"btc_held"}, "btc_usd": {"btc_usd"}, "noncontrolling_interest": {"noncontrolling_interest"},
    "noncontrolling_interest_pct": {"noncontrolling_interest_pct"}, "subsidiary_price_usd": {"price_usd"},
    "subsidiary_diluted_shares": {"shares_outstanding"}, "mw_operating": {"mw_operating"}, "mw_secured": {"mw_secured"},
    "mw_hosted": {"mw_hosted"}, "hosted_in_operating_mw": {"mw_hosted"}, "mw_pipeline": {"mw_pipeline"},
    "construction_mw": {"mw_under_construction"}, "reported_ai_mw": {"mw_operating_ai"}, "contracts_in_force": {"contract"},
    "sold_mw": {"mw_secured"}, "backlog_reported": {"backlog_reported"}, "owned_in_service_mw": {"contract"},
    **{name: {"contract"} for name in OF_CONTRACTS},
    **{f"{when}_{what}_usd": items for when in ("latest", "year", "split") for what, items in QUARTERS.items()},
    "ai_quarter_usd": {"revenue_ai_hpc"}, "ai_quarter_one_off_usd": {"revenue_ai_hpc_one_off"},
    "split_mining_usd": {"revenue_mining"}, "split_hosting_usd": {"revenue_hosting"}, "split_other_usd": {"revenue_other"},
    "mining_quarter_usd": {"revenue_mining"}, "quarter_hashprice_usd": {"network"},
    "hosting_quarter_usd": {"revenue_hosting"}, "hashrate_eh": {"hashrate_eh"},
    "hashrate_operating_eh": {"hashrate_operating_eh"}, "network_hashrate_eh": {"network"},
    "network_reward_btc_per_day": {"network"}, "fleet_efficiency_j_per_th": {"fleet_efficiency_j_per_th"},
    "power_cost_usd_per_kwh": {"power_cost_usd_per_kwh"}, "overhead_year_usd": {"sga_cash"},
    "overhead_quarter_usd": {"sga_cash"}, "overhead_per_mw_usd": {"mw_secured", "mw_operating", "contract"},
    "revenue_estimate_usd": {"estimate"}, "ebitda_estimate_usd": {"estimate"},
    **{name: {"mw_operating", "contract", "revenue_total", "hashrate_eh", "revenue_mining"} for name in CHOICES},
}  # fmt: skip


def test_every_name_of_a_formula_is_a_figure_in_words():
    every = [one.formula for one in METRICS.values()] + list(LINES.values())
    for name in {name for formula in every if formula for name in names(formula)}:
        assert "_" not in term_title(name), name
        assert "_" not in term_figure(1.0, name), name
    unexplained = {name for name, one in METRICS.items() if not one.formula}
    assert unexplained == {"group"}  # its condition is the rule's: tested below


def test_next_twelve_months_by_hand(made):
    """RIOT: fleet of 44.4 EH/s installed, 20.5 J/TH, 3.4 cents; one quarter's overhead of $37.0m; no hosting."""
    screen, inputs, _ = made["2026-10-05"]
    a, contracts = screen.assumptions, screen.contracts[screen.contracts["ticker"] == "RIOT"]
    hashprice = 446.8701 * 84_518 / 888_050
    mined = 44.4 * a.uptime * 1000 * hashprice * 365.25
    power = (
        44.4 * a.uptime * 20.5 * 1000 * inputs.items.loc[(screen.as_of, "RIOT"), "power_cost_usd_per_kwh"] * 24 * 365.25
    )
    terms = of(made, "RIOT")
    revenue, ebitda = (walk(terms, f"ntm_{name}_usd")[0].set_index("name")["value"] for name in ("revenue", "ebitda"))
    assert revenue["hashprice_usd"] == pytest.approx(hashprice, rel=1e-12)
    assert revenue["fleet_revenue_usd"] == pytest.approx(mined, rel=1e-12)
    assert revenue["ai_run_rate_usd"] == pytest.approx(4 * (33_197_000 - 32_300_000), rel=0.01)
    assert revenue["ntm_revenue_usd"] == pytest.approx(contracts["owned_ntm_revenue_usd"].sum() + mined, rel=1e-12)
    assert ebitda["ntm_ebitda_usd"] == pytest.approx(
        contracts["owned_ntm_noi_usd"].sum() + mined - power - 4 * 37_014_000, rel=1e-12
    )


@pytest.mark.parametrize(
    ("ticker", "metric", "expected"),
    [
        ("HUT", "noncontrolling_interest_usd", 0.447 * 8.71 * 72_819_713),  # the subsidiary at market
        ("MARA", "noncontrolling_interest_usd", 98_846_000),  # at book
        ("CORZ", "restricted_cash_usd", 781_700_000),
        ("RIOT", "price_usd", 19.32), ("RIOT", "signed_contracts", 3), ("RIOT", "ai_in_service_mw", 20 + 5),
        ("RIOT", "lease_revenue_usd", 31.1e6 + 32.5e6 + 457e6), ("RIOT", "cloud_revenue_usd", 0),
        ("IREN", "cloud_revenue_usd", 680e6 + 2_800e6 / 2.53 + 1_940e6), ("HUT", "cloud_revenue_usd", 9.2e6),
        ("CIFR", "consensus_revenue_usd", 862_000_000), ("CRWV", "consensus_ebitda_usd", 16_656_000_000),
        ("IREN", "ai_share_trailing", 70.5 / 137.225),
        ("IREN", "ai_share_ttm", (7.3 + 17.3 + 33.635 + 70.5) / (240.3 + 184.7 + 144.8 + 137.225)),
    ],
)  # fmt: skip
def test_what_is_read_and_its_sums_by_hand(made, ticker, metric, expected):
    found = walk(of(made, ticker), metric)[0]["value"].iloc[0]
    assert found == pytest.approx(expected, rel=1e-9)


def test_the_premium_to_the_line_is_another_packages_prediction(made):
    from statsmodels.regression.linear_model import OLS

    screen = made["2026-10-05"][0]
    others = others_on_the_line(screen, "RIOT")
    assert "RIOT" not in others.index
    assert len(others) == screen.regression.n - 1
    design = np.column_stack([np.ones(len(others)), others["ai_share_contracted"]])
    fit = OLS(np.log(others["ev_per_mw_secured"].to_numpy()), design).fit()
    share, value = screen.table.loc["RIOT", ["ai_share_contracted", "ev_per_mw_secured"]].astype(float)
    predicted = fit.get_prediction([[1.0, share]])
    low, high = predicted.conf_int(obs=True, alpha=0.05)[0]
    terms = of(made, "RIOT")
    ends = {"": predicted.predicted_mean[0], "_low": high, "_high": low}
    for end, on_line in ends.items():
        found = walk(terms, f"premium_to_line{end}")[0]["value"].iloc[0]
        assert found == pytest.approx(value / np.exp(on_line) - 1, rel=1e-9)


@pytest.mark.parametrize(("rule", "share"), [("share20", "ai_share_contracted"), ("mw25", "ai_contracted_it_mw")])
def test_the_group_is_explained_by_the_rule_in_force(made, rule, share):
    screen = replace(made["2026-10-05"][0], rule=RULES[rule])
    groups = RULES[rule].apply(screen.table)
    for ticker in ("RIOT", "MARA"):
        terms = replace(of(made, ticker), screen=screen)
        steps, values = walk(terms, "group")
        assert values[share] == screen.table.at[ticker, share]
        assert steps["value"].iloc[0] == (groups[ticker] == "pivot")
    listed = replace(screen, rule=replace(RULES[rule], members=(("RIOT", "pivot"),)))
    assert walk(replace(terms, screen=listed), "group")[0]["formula"].iloc[0] == ""


def test_the_chain_of_a_multiple_by_hand(made):
    screen = made["2026-10-05"][0]
    row = screen.bridge.loc["HUT"]
    ev = (
        row["price_usd"] * (row["basic_shares"] + row["new_shares"]) + row["debt_after_conversion_usd"]
        + row["noncontrolling_interest_usd"] - row["cash_usd"] - 13_602 * screen.btc_usd
    )  # fmt: skip
    terms = of(made, "HUT")
    steps = walk(terms, "ev_per_mw_secured")[0].set_index("name")
    assert steps.at["enterprise_value_usd", "value"] == pytest.approx(ev, rel=1e-12)
    assert steps.at["ev_per_mw_secured", "value"] == pytest.approx(ev / 2_130 / 1e6, rel=1e-12)
    assert steps.at["ev_per_mw_secured", "depth"] == 0
    assert steps.at["price_usd", "depth"] == 3


@pytest.mark.parametrize(
    ("ticker", "metric"), [("HUT", "ev_per_mw_secured"), ("RIOT", "ai_share_contracted"), ("RIOT", "ntm_ebitda_usd")]
)
def test_ten_percent_more_is_what_a_valuation_of_its_own_gives(made, ticker, metric):
    screen, inputs, _ = made["2026-10-05"]
    found = sensitivities(screen, inputs, ticker, metric)
    for leaf in found.index[:4]:
        case = raised(inputs, ticker, leaf)
        alone = value(case, screen.assumptions, screen.switches, screen.rule).table.xs(ticker, level="ticker")
        assert found[leaf] == pytest.approx(alone[metric].iloc[0], rel=1e-12)


def test_ten_percent_more_cash_by_hand(made):
    screen, inputs, _ = made["2026-10-05"]
    now, cash = screen.table.at["HUT", "ev_per_mw_secured"], screen.table.at["HUT", "cash_usd"]
    found = sensitivities(screen, inputs, "HUT", "ev_per_mw_secured")
    assert found["cash"] == pytest.approx(now - 0.1 * cash / 2_130 / 1e6, rel=1e-12)
    assert found["mw_secured"] == pytest.approx(now / 1.1, rel=1e-12)


def test_inputs_that_are_not_known_are_not_raised_and_the_inputs_stay_as_they_were(made):
    _, inputs, _ = made["2026-10-05"]
    before = inputs.items.copy()
    assert raised(inputs, "HUT", "eth_held") is None
    assert raised(inputs, "HUT", "cash") is not None
    pd.testing.assert_frame_equal(inputs.items, before)
    assert "cash" in leaves("ev_per_mw_secured")
    assert "transactions" not in leaves("ev_per_mw_secured")


def test_facts_come_with_their_source_and_the_day_on_which_they_go_stale(made):
    screen, inputs, _ = made["2026-10-05"]
    found = explain(screen, inputs, "HUT", "cash_usd", lambda _: 200)
    (row,) = found.facts[found.facts["item"] == "cash"].itertuples()
    assert row.source.startswith("financials.csv:")
    assert row.stale_on == row.period_end + pd.Timedelta(days=201)
    with pytest.raises(UnknownName):
        explain(screen, inputs, "HUT", "no_such", lambda _: 200)
    with pytest.raises(UnknownName):
        explain(screen, inputs, "NOPE", "cash_usd", lambda _: 200)


def test_the_pairs_in_the_middle_make_the_gap(made):
    screen = made["2026-01-16"][0]
    found = pairs(screen)
    assert len(found) == 42
    middle = found.loc[found["in_the_middle"], "ratio"]
    assert np.exp(np.log(middle).mean()) == pytest.approx(screen.gap.headline["ratio"], rel=1e-12)
    fewer = replace(
        screen, table=screen.table.drop("HUT"), gap=replace(screen.gap, members=screen.gap.members.drop("HUT"))
    )
    odd_or_even = pairs(fewer)
    assert odd_or_even["in_the_middle"].sum() == 2
    assert (odd_or_even["ratio"].diff().dropna() >= 0).all()


@pytest.mark.parametrize(
    "arguments",
    [
        ("HUT", "ev_per_mw_secured"),
        ("GREE", "enterprise_value_usd"),
        ("CIFR", "group"),
        ("RIOT", "premium_to_line"),
        ("gap",),
    ],
)
def test_the_command_prints_80_columns_without_a_traceback(arguments):
    result = CliRunner().invoke(cli, ["explain", *arguments, "--as-of", "2026-10-05", "--source", "bundled"])
    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_a_ticker_without_a_metric_is_a_usage_error():
    assert CliRunner().invoke(cli, ["explain", "HUT"]).exit_code == 2
    assert CliRunner().invoke(cli, ["explain", "gap", "cash_usd"]).exit_code == 2
