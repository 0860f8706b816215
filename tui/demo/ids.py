"""Salesforce record ids: 15 characters that tell upper from lower case, and 3 that check them."""

from collections import Counter
from functools import lru_cache

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

PREFIXES = {
    "Organization": "00D",
    "User": "005",
    "UserLogin": "0Yw",
    "Profile": "00e",
    "UserLicense": "100",
    "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa",
    "PermissionSetGroup": "0PG",
    "PermissionSetGroupComponent": "0PH",
    "MutingPermissionSet": "0QM",
    "LoginHistory": "0Ya",
    "SetupAuditTrail": "0Ym",
    "OauthToken": "0CQ",
    "AppMenuItem": "0DS",
    "RealTimeEventSettings": "0xR",
    "PermissionDependency": "0XD",
    "Cursor": "01g",
}


def with_suffix(short: str) -> str:
    """The 18-character form of a 15-character id."""
    return short + _check(short[0:5]) + _check(short[5:10]) + _check(short[10:15])


@lru_cache(maxsize=10_000)
def _check(chunk: str) -> str:
    """The letter that says which of five characters are upper case."""
    return _SUFFIX[sum(1 << place for place, letter in enumerate(chunk) if letter.isupper())]


@lru_cache
def _base62(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits


class Ids:
    """Gives out record ids of one org. `pod` is the two letters that say where the org lives."""

    def __init__(self, pod: str) -> None:
        self._pod = pod
        self._given: Counter[str] = Counter()

    def new(self, table: str) -> str:
        """An 18-character id for a new record of `table`."""
        self._given[table] += 1
        # A step that is no power of 62 makes neighbours differ in more than their last letter.
        high, low = divmod(41_000_000 + 347 * self._given[table], 62**3)
        last = _DIGITS[low // 3_844] + _DIGITS[low // 62 % 62] + _DIGITS[low % 62]
        return with_suffix(PREFIXES[table] + self._pod + "0" + _base62(high, 6) + last)
