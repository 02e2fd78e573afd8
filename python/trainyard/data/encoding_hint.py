"""Guess the encoding of text that is not UTF-8, for the message that names it."""

from __future__ import annotations

import re
from collections import Counter

from trainyard.data.single_byte import single_byte_hint

_SAMPLE_BYTES = 4096

_NAMES = (
    "Shift JIS",
    "Big5",
    "Latin-1",
    "EUC-KR",
    "EUC-JP",
    "GB18030",
    "Windows-1250",
    "Windows-1251",
    "Windows-1253",
    "Windows-1254",
    "Windows-1255",
    "Windows-1256",
    "Windows-874",
    "ISO-8859-2",
    "KOI8-R",
    "CP866",
    "CP850",
    "Mac Roman",
)


def encoding_option(raw: bytes) -> str:
    """Return the value of the option `encoding` that fits best."""
    hint = encoding_hint(raw)
    name = next(name for name in _NAMES if hint.startswith(name))
    return name.lower().replace(" ", "-")


def encoding_hint(raw: bytes) -> str:
    """Return a sentence part with the encodings that fit, such as "GB18030 (Chinese)", most likely first.

    The lead bytes differ: common Chinese characters start with B0 to D7 in GB18030, Japanese kana with 82 and 83 in
    Shift JIS. In Big5, the second byte may be ASCII. Letters alone between ASCII letters are no double bytes.
    """
    raw = raw[:_SAMPLE_BYTES]
    high = [byte for byte in raw if byte >= 0x80]
    runs = re.findall(rb"[\x80-\xff]+", raw)
    singles = sum(len(run) == 1 for run in runs)
    if 0x82 in high or 0x83 in high:
        kana = Counter(pair for pair in _pairs(raw) if pair[0] in (0x82, 0x83))
        if sum(kana.values()) * 3 >= len(_pairs(raw)) and _decodes(raw, "shift_jis"):
            return "Shift JIS (Japanese)"
    pairs = _pairs(raw)
    traditional = len(set(pairs)) >= 4 and all(0xA4 <= first <= 0xC6 for first, _ in pairs)
    if traditional and any(second < 0x80 for _, second in pairs) and _decodes(raw, "big5"):
        return "Big5 (Chinese)"
    if runs and singles * 2 > len(runs):
        return single_byte_hint(raw)
    if pairs and all(second >= 0xA1 for _, second in pairs) and all(len(run) % 2 == 0 for run in runs):
        if all(0xB0 <= first <= 0xC8 for first, _ in pairs) and _decodes(raw, "euc_kr"):
            return "EUC-KR (Korean) or GB18030 (Chinese)" if len(pairs) < 12 else "EUC-KR (Korean)"
        if sum(first in (0xA4, 0xA5) for first, _ in pairs) * 3 >= len(pairs) and _decodes(raw, "euc_jp"):
            return "EUC-JP (Japanese)"
        if sum(0xB0 <= first <= 0xD7 for first, _ in pairs) * 2 >= len(pairs) and _decodes(raw, "gb18030"):
            return "GB18030 (Chinese)"
    if high and sum(byte >= 0xC0 for byte in high) * 10 >= 9 * len(high):
        return single_byte_hint(raw)
    return "GB18030 (Chinese)" if _decodes(raw, "gb18030") else single_byte_hint(raw)


def _pairs(raw: bytes) -> list[tuple[int, int]]:
    """Return the pairs of a double-byte encoding: each lead byte of 80 or more with the byte after it."""
    found: list[tuple[int, int]] = []
    position = 0
    while position < len(raw) - 1:
        if raw[position] >= 0x80:
            found.append((raw[position], raw[position + 1]))
            position += 2
        else:
            position += 1
    return found


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
