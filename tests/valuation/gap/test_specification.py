"""What a person may type after --spec."""

from __future__ import annotations

import pytest

from valuation.assumptions import Bridge
from valuation.gap.specification import Specification
from valuation.groups import RULES


def test_nothing_named_is_the_headline():
    assert Specification.parse([]).is_headline
    assert (Specification().metric, Specification().statistic) == ("ev_per_mw_secured", "hodges_lehmann")
    assert Specification.parse(["denominator=secured", "net_bitcoin=yes"]).is_headline


def test_axes_and_switches_in_one_text_or_many():
    one = Specification.parse(["denominator=operating, statistic=aggregate,rule=signed,net_bitcoin=no"])
    many = Specification.parse(["denominator=operating", "statistic=aggregate", "rule=signed", "net_bitcoin=no"])
    assert one == many
    assert (one.metric, one.statistic, one.rule) == ("ev_per_mw_operating", "aggregate", "signed")
    assert not one.switches.net_bitcoin
    assert one.switches.if_converted
    assert not one.is_headline
    assert str(one) == (
        "EV per operating MW, ratio of aggregates, AI group = any signed AI or HPC contract, net bitcoin no"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour=red", "the axis one of denominator, statistic, rule, net_bitcoin"),
        ("denominator=ai_contracted_it", "one of secured, operating, weighted"),
        ("net_bitcoin=maybe", "one of yes, no"),
        ("operating", "give axis=value"),
        ("statistic=", "one of hodges_lehmann, median"),
    ],
)
def test_what_is_not_known_is_told_with_what_is(text, told):
    with pytest.raises(ValueError, match=told):
        Specification.parse([text])


def test_switches_and_rules_that_are_not_named_stay():
    start = Bridge(net_bitcoin=False)
    kept = Specification.parse(["statistic=median"], rule="signed", bridge=start)
    assert (kept.rule, kept.switches, kept.statistic, kept.denominator) == ("signed", start, "median", "secured")
    assert Specification.parse(["net_bitcoin=yes"], bridge=start).switches == Bridge()


def test_a_sector_s_own_rule_is_its_headline_and_has_no_other_beside_it():
    assert Specification.parse([], rule="own").rule == "own"
    with pytest.raises(ValueError, match="one of own"):
        Specification.parse(["rule=signed"], rule="own")
    own = Specification(rule="own", own=RULES["signed"])
    assert own.is_headline
    assert not Specification(rule="own", own=RULES["signed"], statistic="median").is_headline
    assert not Specification(rule="signed").is_headline
    assert str(own) == ("EV per secured MW, typical ratio, AI group = any signed AI or HPC contract, default EV bridge")
