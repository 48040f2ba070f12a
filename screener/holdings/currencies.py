"""Currencies of holdings: codes, hundredths such as pence, and the currency of an exchange by a ticker's ending."""

from __future__ import annotations

CURRENCIES = frozenset({
    "AED", "AUD", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS",
    "INR", "ISK", "JPY", "KRW", "KWD", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "QAR", "RON", "SAR", "SEK", "SGD",
    "THB", "TRY", "TWD", "USD", "ZAR",
})  # fmt: skip
# Units in which exchanges quote, with the currency and how many make one of it; sources differ in case and letters.
PARTS: dict[str, tuple[str, int]] = {
    "GBX": ("GBP", 100), "GBp": ("GBP", 100), "GBx": ("GBP", 100), "GBXP": ("GBP", 100), "PENCE": ("GBP", 100),
    "ZAC": ("ZAR", 100), "ZAc": ("ZAR", 100), "ILA": ("ILS", 100), "ILX": ("ILS", 100), "ILa": ("ILS", 100),
    "AGOROT": ("ILS", 100), "USX": ("USD", 100), "USc": ("USD", 100), "EUc": ("EUR", 100), "KWF": ("KWD", 1000),
}  # fmt: skip
# Endings of tickers by exchange, as Yahoo writes them; a part of a currency where the exchange quotes in it.
EXCHANGES: dict[str, tuple[str, str]] = {
    ".TO": ("Toronto", "CAD"), ".V": ("TSX Venture", "CAD"), ".NE": ("Cboe Canada", "CAD"), ".CN": ("CSE", "CAD"),
    ".TSX": ("Toronto", "CAD"), ".L": ("London", "GBX"), ".LON": ("London", "GBX"), ".IL": ("London IOB", ""),
    ".DE": ("Xetra", "EUR"), ".F": ("Frankfurt", "EUR"), ".BE": ("Berlin", "EUR"), ".SG": ("Stuttgart", "EUR"),
    ".MU": ("Munich", "EUR"), ".DU": ("Düsseldorf", "EUR"), ".HM": ("Hamburg", "EUR"), ".PA": ("Paris", "EUR"),
    ".AS": ("Amsterdam", "EUR"), ".BR": ("Brussels", "EUR"), ".MI": ("Milan", "EUR"), ".MC": ("Madrid", "EUR"),
    ".LS": ("Lisbon", "EUR"), ".VI": ("Vienna", "EUR"), ".HE": ("Helsinki", "EUR"), ".IR": ("Dublin", "EUR"),
    ".SW": ("Zurich", "CHF"), ".ST": ("Stockholm", "SEK"), ".OL": ("Oslo", "NOK"), ".CO": ("Copenhagen", "DKK"),
    ".AX": ("Australia", "AUD"), ".NZ": ("New Zealand", "NZD"), ".HK": ("Hong Kong", "HKD"), ".T": ("Tokyo", "JPY"),
    ".KS": ("Korea", "KRW"), ".KQ": ("Kosdaq", "KRW"), ".TW": ("Taiwan", "TWD"), ".SI": ("Singapore", "SGD"),
    ".JO": ("Johannesburg", "ZAC"), ".TA": ("Tel Aviv", "ILA"), ".SA": ("São Paulo", "BRL"), ".MX": ("Mexico", "MXN"),
    ".BA": ("Buenos Aires", ""), ".NS": ("NSE India", "INR"), ".BO": ("BSE India", "INR"), ".KW": ("Kuwait", "KWF"),
    ".WA": ("Warsaw", "PLN"), ".IS": ("Istanbul", "TRY"), ".SR": ("Saudi Exchange", "SAR"), ".SS": ("Shanghai", "CNY"),
    ".SZ": ("Shenzhen", "CNY"), ".PR": ("Prague", "CZK"), ".BD": ("Budapest", "HUF"), ".BK": ("Bangkok", "THB"),
    ".JK": ("Jakarta", "IDR"), ".KL": ("Kuala Lumpur", "MYR"), ".SN": ("Santiago", "CLP"), ".QA": ("Qatar", "QAR"),
}  # fmt: skip
# The exchanges of Canada, whose lines of a company that is listed in both countries are the same share.
CANADIAN = tuple(ending for ending, (_, code) in EXCHANGES.items() if code == "CAD")


def spelled(text: str) -> str:
    """A currency's code as `CURRENCIES` or `PARTS` has it: usd is USD, and GBp stays pence; else as it stands."""
    text = text.strip()
    if text in PARTS:
        return text
    upper = text.upper()
    return upper if upper in CURRENCIES or upper in PARTS else text


def main(code: str) -> str:
    """The main currency of a code: GBP of pence; of every other code the code itself."""
    return PARTS[code][0] if code in PARTS else code


def part(code: str) -> float:
    """One unit of a code in its main currency: pence are 0.01 GBP, 1 of every other code."""
    return 1.0 / PARTS[code][1] if code in PARTS else 1.0


def known(code: str) -> bool:
    """Whether a code, as `spelled` gives it, is a currency or a part of one."""
    return code in CURRENCIES or code in PARTS


def ending(ticker: str) -> str:
    """A ticker's ending that names an exchange outside the United States; empty where there is none."""
    at = ticker.rfind(".")
    return ticker[at:] if at > 0 and ticker[at:] in EXCHANGES else ""
