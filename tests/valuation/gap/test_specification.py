"""What a person may type after --spec."""

from __future__ import annotations

import pytest

from valuation.gap.specification import Specification


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
