"""Guess which encoding with one byte for each character fits a text that is not UTF-8."""

from __future__ import annotations

# Name in the message, codec, and letters that are frequent in its languages. Of equally good ones, the first is taken.
_CANDIDATES = (
    ("Latin-1 or Windows-1252", "cp1252", "äöüßéèàêçáíóúñãõøåæ"),
    ("Windows-1251 (Cyrillic)", "cp1251", "оеаинтсрвлкмдпуя"),
    ("Windows-1253 (Greek)", "cp1253", "αοιετσνηυρπκμλςάέήίόύώ"),
    ("Windows-1255 (Hebrew)", "cp1255", "אבגדהוזחטיכלמנסעפצקרשתםןץףך"),
    ("Windows-1256 (Arabic)", "cp1256", "اليمنوترةبعدسحأ"),
    ("Windows-1250 (Central European)", "cp1250", "áéíýúěšžčřůąęłżóśćńőű"),
    ("ISO-8859-2 (Central European)", "iso-8859-2", "áéíýúěšžčřůąęłżóśćńőű"),
    ("Windows-1254 (Turkish)", "cp1254", "ışğüöç"),
    ("Windows-874 (Thai)", "cp874", "านรกเงมยลวดทสตะปบคหแจพชขใไโ่้ัีิุูาำ"),
    ("KOI8-R (Cyrillic)", "koi8-r", "оеаинтсрвлкмдпуя"),
    ("CP866 (Cyrillic)", "cp866", "оеаинтсрвлкмдпуя"),
    ("Mac Roman", "mac-roman", "äöüßéèàêçáíóúñãõøåæ"),
    ("CP850", "cp850", "äöüßéèàêçáíóúñãõøåæ"),
)
_LATIN = ("cp1252", "cp1250", "iso-8859-2", "cp1254", "mac-roman", "cp850")
# Letters that only occur at the end of a word.
_FINAL = "ךםןףץς"
_FREQUENT, _LETTER, _CAPITAL, _OTHER, _STRANGE_PAIR = 1.0, 0.3, 0.2, -1.0, -1.0


def single_byte_hint(raw: bytes) -> str:
    """Return the name of the encoding whose letters fit best, such as "Windows-1253 (Greek)"."""
    scores = {name: _score(raw, codec, frequent) for name, codec, frequent in _CANDIDATES}
    return max(scores, key=lambda name: scores[name])


def _score(raw: bytes, codec: str, frequent: str) -> float:
    """Rate the characters that are not ASCII, and their pairs with the characters before them."""
    text = raw.decode(codec, "replace")
    score = 0.0
    for before, character in zip(" " + text, text):
        if character.isascii():
            continue
        if character in frequent:
            score += _FREQUENT
        elif character.isupper() and not before.islower():
            score += _FREQUENT / 2 if character.lower() in frequent else _CAPITAL
        else:
            score += _LETTER if character.isalpha() and not character.isupper() else _OTHER
        # Latin letters with marks are mostly between others, and other scripts have no ASCII letters.
        if before in _FINAL and character.isalpha():
            score += 2 * _STRANGE_PAIR
        if before.isalpha() and before.isascii() != (codec in _LATIN):
            score += _STRANGE_PAIR
    return score
