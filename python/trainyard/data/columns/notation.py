"""Numbers as people write them: decimal commas, thousands separators, units, currencies, percent and brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from trainyard.data.columns.characters import MINUS_SIGNS, ascii_numbers
from trainyard.data.columns.durations import DURATION, parse_durations
from trainyard.data.columns.lengths import FEET, parse_lengths
from trainyard.data.columns.texts import Texts

_CURRENCY = (
    r"(?:[A-Z]{1,2})?\p{Sc}|USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|KRW"
    r"|Rs\.?|kr\.?|Fr\.?"
)
# Factors of suffixes. They can be mixed in one column: 900, 1.5k, 2M.
_FACTORS = {"k": 1e3, "K": 1e3, "M": 1e6, "Mio": 1e6, "Mio.": 1e6, "bn": 1e9, "B": 1e9, "Mrd": 1e9, "Mrd.": 1e9}
# Next to a currency, these are factors too, and every factor applies: $1.5K is 1500.
_MONEY_FACTORS = _FACTORS | {"m": 1e6, "mn": 1e6, "b": 1e9, "L": 1e5, "Cr": 1e7, "cr": 1e7}
_FACTOR = "|".join(re.escape(factor) for factor in sorted(_MONEY_FACTORS, key=len, reverse=True))
_WORD = r"[\p{L}\p{Sc}°µΩ%‰\"\u{2032}\u{2033}²³+][\p{L}\p{Sc}°µΩ%‰²³/·^*.]{0,11}[23]?"
# For one of something: "/kg", "per day".
_RATE = rf"/\s?\p{{L}}[\p{{L}}²³]{{0,11}}[23]?|per\s{_WORD}"
# One word, or several: "square metres". In brackets: "[kg]".
_UNIT = rf"{_RATE}|{_WORD}(?:\s{_WORD}){{0,2}}|\[{_WORD}\]|\({_WORD}\)"
_NUMBER = (
    r"^(?P<open>\()?\s*(?P<sign>[+-])?\s*(?P<before>%|" + _CURRENCY + r")?\s*(?P<second_sign>[+-])?(?P<inner>\()?"
    r"(?P<body>\d[\d.,' ]*|[.,]\d+|-)(?:[eE](?P<exponent>[+-]?\d+)|\s*[x\u{00D7}*·]\s*10\^?(?P<power>[+-]?\d+))?"
    rf"\s*(?:(?P<factor>{_FACTOR})\s*(?P<behind>{_CURRENCY})|(?P<after>{_UNIT}))?"
    r"\s*(?P<close>\))?(?P<trailing>-)?(?:/-)?$"
)
_RAISED_DIGIT, _POWER_OF_TEN = r"\d[\u{00B2}\u{00B3}\u{00B9}\u{2070}-\u{2079}]", r"[x\u{00D7}*·]\s*10"
_GROUPS = {".": r"(?:\d{1,3}(?:[,' ]\d{2,3})*[,' ]\d{3}|\d+)", ",": r"(?:\d{1,3}(?:[.' ]\d{2,3})*[.' ]\d{3}|\d+)"}
_BODY = {point: rf"^(?:{groups}(?:[{point}]\d*)?|[{point}]\d+)$" for point, groups in _GROUPS.items()}

# Notations with several units in one text: their parsers, and the unit of the numbers that these return.
_COMPOUND = {DURATION: (parse_durations, "s"), FEET: (parse_lengths, "in")}


@dataclass(frozen=True)
class Notation:
    """How a column writes its numbers.

    `decimal` is "." or ",". `unit` follows or precedes the numbers: "kg", "%", "$"; "" for none. With the unit "k",
    "M" or "B", these suffixes are factors; with DURATION, durations are numbers of seconds; with FEET, feet and inches
    are numbers of inches. Thousands separators, brackets for negative numbers, minus signs and digits of other scripts
    need no setting: they are always read.
    """

    decimal: str = "."
    unit: str = ""

    def read(self, texts: pl.Series) -> pl.Series:
        """Return the numbers, and null for texts that are not numbers in this notation.

        Shape:
            (n,) of String -> (n,) of Float64.
        """
        if self.unit in _COMPOUND:
            parse, _ = _COMPOUND[self.unit]
            plain = texts.cast(pl.Float64, strict=False)
            return pl.select(pl.coalesce(plain, parse(texts))).to_series()
        return _read(split(texts), self)

    @property
    def quantity(self) -> str:
        """Unit of the numbers that are read; "" for none, and for a factor, which is part of the numbers."""
        if self.unit in _COMPOUND:
            return _COMPOUND[self.unit][1]
        return "" if self.unit in _FACTORS else self.unit


PLAIN = Notation()


def split(texts: pl.Series) -> pl.DataFrame:
    """Split texts into the parts of a number; `body` is null for a text that is not a number in any notation.

    The columns are body, sign, open, exponent, factor and unit, each String. A missing part is null, a missing unit "".
    """
    # A footnote mark or an exponent is no digit: 12³ is not 123.
    clear = texts.set(texts.str.contains(_RAISED_DIGIT) & ~texts.str.contains(_POWER_OF_TEN), None)
    found = ascii_numbers(clear).rename("text").str.extract_groups(_NUMBER).struct.unnest()
    found = found.with_columns(pl.coalesce("open", "inner").alias("open"))
    sign = pl.coalesce("sign", "second_sign", "trailing")
    balanced = pl.col("open").is_null() == pl.col("close").is_null()
    signs = pl.sum_horizontal(*(pl.col(name).is_not_null() for name in ("sign", "second_sign", "trailing", "open")))
    has_currency = pl.col("before").is_not_null()
    is_factor_after = pl.col("after").is_in(list(_MONEY_FACTORS)).fill_null(True)
    is_rate = pl.col("after").str.contains(f"^(?:{_RATE})$").fill_null(False)
    one_unit = ~has_currency | ((is_factor_after | is_rate) & pl.col("behind").is_null())
    valid = balanced & (signs <= 1) & one_unit & ((pl.col("body") != "-") | has_currency)
    return found.select(
        pl.when(valid).then(pl.col("body").str.strip_chars_end()).alias("body"),
        sign.alias("sign"),
        "open",
        pl.coalesce("exponent", "power").alias("exponent"),
        pl.when(is_rate).then(None).when(has_currency).then("after").otherwise("factor").alias("factor"),
        pl.when(has_currency & is_rate)
        .then(pl.concat_str("before", "after"))
        .otherwise(pl.coalesce("before", "behind", "after").fill_null(""))
        .alias("unit"),
    )


def _read(parts: pl.DataFrame, notation: Notation) -> pl.Series:
    other = "," if notation.decimal == "." else "."
    body = pl.col("body")
    # "1,5" has one meaning in any notation. The notation decides only about "1,234".
    digits = (
        pl.when(body.str.contains(_BODY[notation.decimal]))
        .then(_digits(notation.decimal))
        .when(body.str.contains(_BODY[other]))
        .then(_digits(other))
        .when(body == "-")  # "$ -" is how spreadsheets show an amount of 0
        .then(pl.lit("0"))
    )
    exponent = pl.concat_str(pl.lit("e"), "exponent").fill_null("")
    number = pl.concat_str(digits, exponent).cast(pl.Float64, strict=False)
    negative = (pl.col("sign") == "-").fill_null(False) | pl.col("open").is_not_null()
    if notation.unit in _FACTORS:
        factor = pl.col("unit").replace_strict(_FACTORS | {"": 1.0}, default=None, return_dtype=pl.Float64)
    else:
        # Models of earlier versions can have the unit "M$".
        written = pl.concat_str(pl.col("factor").fill_null(""), "unit")
        by_currency = pl.col("factor").replace_strict(_MONEY_FACTORS, default=1.0, return_dtype=pl.Float64)
        factor = (
            pl.when((pl.col("unit") == "") | pl.col("unit").str.contains(_spellings_of(notation.unit)))
            .then(by_currency)
            .when(written == notation.unit)
            .then(1.0)
        )
    value = pl.when(negative).then(-number).otherwise(number) * factor
    return parts.select(value.alias("number"))["number"]


def _spellings_of(unit: str) -> str:
    """Return the pattern of a unit in upper or lower case. It distinguishes m and M (mg, Mg), and b and B (Mb, MB)."""
    return "^" + "".join(re.escape(mark) if mark in "mMbB" else f"(?i:{re.escape(mark)})" for mark in unit) + "$"


def _digits(decimal: str) -> pl.Expr:
    """Return the body as a number with a decimal point and without thousands separators."""
    groups = r"[,' ]" if decimal == "." else r"[.' ]"
    return pl.col("body").str.replace_all(groups, "").str.replace(",", ".", literal=True)


def find_notation(texts: Texts, decimal_comma: bool) -> Notation:
    """Return the notation in which most cells are numbers.

    Args:
        texts: the distinct texts of the column.
        decimal_comma: whether a comma is a decimal comma where the column does not show it: "1,234" alone.
    """
    parts = split(texts.levels).with_columns(texts.counts.alias("count")).drop_nulls("body")
    return Notation(_decimal(parts, decimal_comma), _unit(parts))


def _decimal(parts: pl.DataFrame, decimal_comma: bool) -> str:
    """Count the cells that decide between decimal point and comma. A single group of three digits does not."""
    point = _decisive(",", r"\.")
    comma = _decisive(r"\.", ",")
    votes = {mark: _cells(parts, pl.col("body").str.contains(form)) for mark, form in ((".", point), (",", comma))}
    if votes["."] != votes[","]:
        return max(votes, key=lambda mark: votes[mark])
    return "," if decimal_comma else "."


def _decisive(group: str, decimal: str) -> str:
    """Return the pattern of numbers that can have only this decimal separator."""
    digits = r"[\d' ]*\d[\d' ]*"
    return (
        rf"^{digits}{group}[\d{group}' ]*{decimal}\d*$|^{digits}?{decimal}(?:\d{{0,2}}|\d{{4,}})$|^0?{decimal}\d+$"
        rf"|^\d{{4,}}{decimal}\d+$|^\d+(?:[' ]\d{{3}})+{decimal}\d+$|^\d+(?:{group}\d{{3}}){{2,}}$"
    )


def has_decimal_points(texts: pl.Series) -> bool:
    """Whether a text can only be a number with a decimal point: 1.5, 0.123."""
    return bool(texts.str.contains(_decisive(",", r"\."), literal=False).any())


def has_only_dot_groups(texts: pl.Series) -> bool:
    """Whether all texts are numbers with dots between groups of three digits, or none: 1.234, 1.234.567, 12."""
    grouped = texts.str.contains(r"^[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d{1,3})$")
    return bool(grouped.all()) and bool(texts.str.contains(".", literal=True).any())


def _unit(parts: pl.DataFrame) -> str:
    """Return the most frequent unit."""
    units = parts.filter(pl.col("unit") != "").group_by("unit", maintain_order=True).agg(pl.col("count").sum())
    return str(units.sort("count", descending=True, maintain_order=True)["unit"][0]) if len(units) else ""


def _cells(parts: pl.DataFrame, wanted: pl.Expr) -> int:
    return int(parts.filter(wanted.fill_null(False))["count"].sum())


def describe(texts: pl.Series, notation: Notation) -> list[str]:
    """Name what is unusual about numbers in this notation: "thousands separators (,)", "the unit 'kg'" and so on."""
    parts = split(texts)
    body = parts["body"]
    found: list[str] = []
    if body.str.contains(_decisive(r"\.", ",")).any() or (
        notation.decimal == "," and body.str.contains(",", literal=True).any()
    ):
        found.append("decimal commas")
    groups = ",' " if notation.decimal == "." else ".' "
    names = {",": "comma", ".": "dot", "'": "apostrophe", " ": "space"}
    used = [names[mark] for mark in groups if body.str.contains(mark, literal=True).any()]
    if used:
        found.append(f"thousands separators ({', '.join(used)})")
    if notation.unit:
        found.append("percent signs" if notation.unit == "%" else f"the unit {notation.unit!r}")
    factors = parts["factor"].drop_nulls().unique(maintain_order=True)
    if len(factors):
        found.append(f"factors ({', '.join(factors.head(5).to_list())})")
    if (body == "-").any():
        found.append("a dash for 0")
    if texts.str.contains(r"\d\s*[x\u{00D7}*·]\s*10").any():
        found.append("powers of ten")
    if parts["open"].is_not_null().any():
        found.append("brackets for negative numbers")
    if texts.str.contains(f"[{MINUS_SIGNS}]").any():
        found.append("other minus signs")
    if texts.str.contains(r"[\p{Nd}--0-9]").any():
        found.append("digits of another script")
    return found
