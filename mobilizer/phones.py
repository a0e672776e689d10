"""Phone numbers, however they are written, to E.164."""

import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

HOME_REGION = "CN"


def read(written: str) -> str:
    """E.164, such as +8619900000001, from any usual writing: full-width digits, spaces, dashes, +86, 0086.

    Raises ValueError when it is no phone number.
    """
    plain = unicodedata.normalize("NFKC", written).strip()
    if plain.startswith("0086"):
        plain = "+86" + plain[4:]
    try:
        number = phonenumbers.parse(plain, HOME_REGION)
    except NumberParseException as error:
        raise ValueError(f"no phone number: {written!r}") from error
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise ValueError(f"no phone number: {written!r}")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_mobile(number: str) -> bool:
    """Whether an E.164 number is one that can log in and be called on the way: a mobile's."""
    if len(number) == 14 and number.startswith("+861"):
        return True  # China's numbering plan: a valid number of 11 digits from 1 on
    parsed = phonenumbers.parse(number)
    return phonenumbers.number_type(parsed) in (
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
    )
