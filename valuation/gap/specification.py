"""One definition of the gap: a denominator, a statistic, a group rule and the bridge switches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace

from valuation.assumptions import Bridge
from valuation.gap.estimate import GAP_DENOMINATORS, STATISTICS
from valuation.groups import DEFAULT_RULE, RULES

WORDS = {"yes": True, "no": False}
SWITCHES = tuple(f.name for f in fields(Bridge))


@dataclass(frozen=True)
class Specification:
    """What is compared with what; the defaults are the headline, declared before looking."""

    denominator: str = "secured"
    statistic: str = "median"
    rule: str = DEFAULT_RULE
    switches: Bridge = field(default_factory=Bridge)

    @classmethod
    def parse(cls, settings: Iterable[str], rule: str = DEFAULT_RULE) -> Specification:
        """A definition from texts such as `denominator=operating` or `net_bitcoin=no`; what is not named stays.

        Parameters
        ----------
        settings : iterable of str
            `axis=value`; several may stand in one text, separated by commas.
        rule : str
            The group rule where none is named.

        Raises
        ------
        ValueError
            An unknown axis or value, with those that are known.
        """
        choices: dict[str, tuple[str, ...]] = {
            "denominator": GAP_DENOMINATORS,
            "statistic": tuple(STATISTICS),
            "rule": tuple(RULES),
        } | dict.fromkeys(SWITCHES, tuple(WORDS))
        named, switched = {"rule": rule}, {}
        for text in (part.strip() for setting in settings for part in setting.split(",")):
            name, _, value = (piece.strip() for piece in text.partition("="))
            if name not in choices:
                raise ValueError(f"{text!r}: give axis=value, the axis one of {', '.join(choices)}")
            if value not in choices[name]:
                raise ValueError(f"{name}={value}: one of {', '.join(choices[name])}")
            if name in SWITCHES:
                switched[name] = WORDS[value]
            else:
                named[name] = value
        return cls(
            denominator=named.get("denominator", cls.denominator),
            statistic=named.get("statistic", cls.statistic),
            rule=named["rule"],
            switches=replace(Bridge(), **switched),
        )

    @property
    def metric(self) -> str:
        """The metric whose ratio is taken."""
        return f"ev_per_mw_{self.denominator}"

    @property
    def is_headline(self) -> bool:
        """True for the definition that was declared before looking."""
        return self == Specification()

    def __str__(self) -> str:
        usual = asdict(Bridge())
        changed = [
            f"{name.replace('_', ' ')} {'yes' if value else 'no'}"
            for name, value in asdict(self.switches).items()
            if value != usual[name]
        ]
        bridge = ", ".join(changed) or "bridge as declared"
        statistic = STATISTICS[self.statistic].split(" (")[0]
        return f"EV per {self.denominator} MW, {statistic}, pivot = {RULES[self.rule].title}, {bridge}"
