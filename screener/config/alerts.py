"""`[alerts]` of a universe's `universe.toml`, and of the user's own settings file."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from exports.terminal.stream import clean
from screener.config.model import Model

SECTION = "alerts"
PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _one_line(text: str) -> str:
    if not text.strip() or clean(text) != text or set(text) & set("\n\t"):
        raise ValueError("a text of one line")
    return text


def _address(text: str) -> str:
    if "@" not in text or clean(text) != text or set(text) & set("\n\t,"):
        raise ValueError("an address")
    return text


def _low_and_high(band: tuple[float, float]) -> tuple[float, float]:
    if not 0 < band[0] < band[1]:
        raise ValueError("the lower ratio first")
    return band


Line = Annotated[str, AfterValidator(_one_line)]
Address = Annotated[str, AfterValidator(_address)]
Band = Annotated[tuple[float, float], Field(strict=False), AfterValidator(_low_and_high)]
Send = Literal["always", "alerts"]


def _field(default: Any, expected: str, **bounds: Any) -> Any:
    return Field(default, description=expected, **bounds)


class Email(Model):
    """`[alerts.email]`: where the workbook is sent. The password is SCREENER_SMTP_PASSWORD, never a setting."""

    hides_unknown: ClassVar = True
    refused: ClassVar = {"password": "the password in the environment, SCREENER_SMTP_PASSWORD, and not in a file"}

    host: Line = Field(description="a text of one line")
    to: Annotated[tuple[Address, ...], Field(strict=False, min_length=1)] = Field(
        description='a list of addresses, e.g. ["committee@example.com"]'
    )
    sender: Line = Field(description="a text of one line")
    user: Line = _field("", "a text of one line")
    security: Literal["starttls", "tls", "none"] = _field("starttls", f"one of {', '.join(PORTS)}")
    port: int = _field(0, "a port, e.g. 587", gt=0, lt=65536)
    send: Send = _field("always", "one of always, alerts")

    @model_validator(mode="after")
    def _usual_port(self) -> Self:
        """The usual port of the chosen security, where none is given."""
        if not self.port:
            object.__setattr__(self, "port", PORTS[self.security])
        return self


class AlertSettings(Model):
    """`[alerts]`: the rules that raise an alert, and who receives it.

    Attributes
    ----------
    gap_band : (low, high) or None
        An alert where the headline gap leaves the band.
    ev_per_mw_move : float or None
        An alert where a company's EV per secured MW moves by more than this fraction in a week.
    group_change, goes_stale, run_fails : bool
    proposals_wait_days : int
        An alert where a proposed fact has waited for review for longer.
    exit_code : bool
        Whether the weekly command ends with 5 where a rule was met.
    webhook : "always" or "alerts"
        When SCREENER_WEBHOOK_URL receives a message.
    email : Email or None
    """

    hides_unknown: ClassVar = True

    gap_band: Band | None = _field(None, "two ratios, the lower first, e.g. [2.0, 5.0]")
    ev_per_mw_move: float | None = _field(
        None, "a fraction above zero, e.g. 0.15 for 15%", gt=0
    )  # fmt: skip
    group_change: bool = _field(True, "true or false")
    goes_stale: bool = _field(True, "true or false")
    run_fails: bool = _field(True, "true or false")
    proposals_wait_days: int = _field(14, "a whole number of days up to 36,500, e.g. 14", ge=0, le=36_500)
    exit_code: bool = _field(True, "true or false")
    webhook: Send = _field("always", "one of always, alerts; the address itself is SCREENER_WEBHOOK_URL")
    email: Email | None = _field(None, "a section, [alerts.email]")
