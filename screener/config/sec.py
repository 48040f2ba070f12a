"""`[sec]` of the user's own settings file: the address that the SEC wants to know of who asks."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from screener.config.model import Model

ADDRESS = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>()]+")


def with_address(text: str) -> str:
    """A name and an e-mail address, or the address alone, as they go into the User-Agent.

    Raises
    ------
    ValueError
        There is no address in it, or it is not one line of printable ASCII.
    """
    words = text.strip()
    if not ADDRESS.search(words) or not words.isascii() or not words.isprintable() or len(words) > 200:
        raise ValueError("a contact address")
    return words


class SecSettings(Model):
    """`[sec]`: who asks.

    Attributes
    ----------
    contact : str
        E-mail address, with a name before it where one likes; empty where nobody said.
    """

    hides_unknown: ClassVar = True

    contact: Annotated[str, AfterValidator(with_address)] = Field(
        "", description='an e-mail address, e.g. contact = "name@example.com"'
    )
