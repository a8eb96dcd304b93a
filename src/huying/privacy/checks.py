"""Whether digits are a person's number: check digits and the ways in which numbers are issued."""

from __future__ import annotations

import re

# GB 11643-1999: weights of the 17 digits, and the check character by the remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
# The first two digits of an identity number: provinces as GB/T 2260 numbers them.
_PROVINCES_LIST = """
11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81
82 83
"""
_PROVINCES = frozenset(_PROVINCES_LIST.split())
_MOBILE = re.compile(r"(?:00)?(?:86)?1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:010|02\d)\d{8}|0[3-9]\d{2}\d{7,8}|(?:00)?86(?:10|2\d|[3-9]\d{2})\d{7,8}")
_SERVICE = re.compile(r"[48]00[1-9]\d{6}")
_AMERICAN = re.compile(r"1?[2-9](?!11)\d{2}[2-9]\d{6}")


def is_identity(digits: str) -> bool:
    """18 characters with the check of GB 11643, or the older 15 without one; with a possible birthday."""
    if digits[:2] not in _PROVINCES:
        return False
    if len(digits) == 15:
        return digits.isdigit() and _is_day(digits[8:10], digits[10:12])
    if len(digits) != 18 or not digits[:17].isdigit() or not _is_day(digits[10:12], digits[12:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return 18 <= int(digits[6:8]) <= 21 and _CHECK[total % 11] == digits[17].upper()


def is_identity_shaped(digits: str) -> bool:
    """The 17 digits before the check letter X, whether or not the letter is right."""
    return digits[:2] in _PROVINCES and _is_day(digits[10:12], digits[12:14])


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def is_card(digits: str) -> bool:
    """13 to 19 digits of a payment card: issued as 2 to 6, or 9, and right by Luhn (ISO/IEC 7812-1)."""
    if not 13 <= len(digits) <= 19 or digits[0] not in "234569":
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_mobile(digits: str) -> bool:
    return _MOBILE.fullmatch(digits) is not None


def is_landline(digits: str) -> bool:
    return _LANDLINE.fullmatch(digits) is not None


def is_service(digits: str) -> bool:
    """400 and 800 numbers of firms, ten digits."""
    return _SERVICE.fullmatch(digits) is not None


def is_american(digits: str) -> bool:
    """NPA-NXX-XXXX as the North American plan gives them out, with or without the leading 1."""
    return _AMERICAN.fullmatch(digits) is not None
