"""A specification of the gap: a denominator, a statistic, a group rule and the switches of the EV bridge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace

from valuation.assumptions import Bridge
from valuation.denominators import DENOMINATORS
from valuation.errors import InvalidInput
from valuation.gap.estimate import GAP_DENOMINATORS, HEADLINE, STATISTICS
from valuation.groups import DEFAULT_RULE, RULES, Rule

WORDS = {"yes": True, "no": False}
SWITCHES = tuple(f.name for f in fields(Bridge))


def axes() -> dict[str, tuple[str, ...]]:
    """The choices of a specification, by axis, with the values that the registries hold now."""
    names = {"denominator": tuple(GAP_DENOMINATORS), "statistic": tuple(STATISTICS), "rule": tuple(RULES)}
    return names | dict.fromkeys(SWITCHES, tuple(WORDS))


@dataclass(frozen=True)
class Specification:
    """One specification of the gap; the defaults are the headline, declared before looking at results.

    `own` is the group rule where a sector states it itself; `rule` is then its name, and the headline's.
    """

    denominator: str = "secured"
    statistic: str = HEADLINE[1]
    rule: str = DEFAULT_RULE
    switches: Bridge = field(default_factory=Bridge)
    own: Rule | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, settings: Iterable[str], rule: str = DEFAULT_RULE, bridge: Bridge | None = None) -> Specification:
        """A specification from texts such as `denominator=operating` or `net_bitcoin=no`; what is not named stays.

        Parameters
        ----------
        settings : iterable of str
            `axis=value`; several may stand in one text, separated by commas.
        rule : str
            The group rule where none is named.
        bridge : Bridge, optional
            The switches where none is named.

        Raises
        ------
        InvalidInput
            An unknown axis or value, with those that are known.
        """
        choices = axes()
        if rule not in choices["rule"]:  # a sector's own, which no other stands beside
            choices["rule"] = (rule,)
        named, switched = {"rule": rule}, {}
        for text in (part.strip() for setting in settings for part in setting.split(",")):
            name, _, value = (piece.strip() for piece in text.partition("="))
            if name not in choices:
                raise InvalidInput(f"{text!r}: give axis=value, the axis one of {', '.join(choices)}")
            if value not in choices[name]:
                raise InvalidInput(f"{name}={value}: one of {', '.join(choices[name])}")
            if name in SWITCHES:
                switched[name] = WORDS[value]
            else:
                named[name] = value
        return cls(
            denominator=named.get("denominator", cls.denominator),
            statistic=named.get("statistic", cls.statistic),
            rule=named["rule"],
            switches=replace(bridge or Bridge(), **switched),
        )

    @property
    def metric(self) -> str:
        """The metric whose ratio is taken."""
        return DENOMINATORS[self.denominator].metric

    @property
    def is_headline(self) -> bool:
        """True for the specification that was declared before looking."""
        return replace(self, own=None) == Specification(rule=self.rule if self.own else DEFAULT_RULE)

    def __str__(self) -> str:
        usual = asdict(Bridge())
        changed = [
            f"{name.replace('_', ' ')} {'yes' if value else 'no'}"
            for name, value in asdict(self.switches).items()
            if value != usual[name]
        ]
        bridge = ", ".join(changed) or "default EV bridge"
        statistic = STATISTICS[self.statistic].split(" (")[0]
        measure = DENOMINATORS[self.denominator].title
        return f"EV per {measure}, {statistic}, AI group = {(self.own or RULES[self.rule]).title}, {bridge}"
