"""Stand-ins for what is somebody's: names, usernames, addresses, hosts, Ids, dates, by one key that nobody keeps.

The same thing has the same stand-in everywhere, word by word: so *Incydr* stays in *Incydr EU*. A stand-in keeps
script and case; all words have one length, so that none is contained in another by accident. Pure but for memory.
"""

import hashlib
import hmac
import ipaddress
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

LENGTH = 6
"""Characters of a stand-in for a word or a number."""
WEEKS = range(520, 780)
"""Times move back by so many weeks: more than any trail reaches, so that no moved day is a day of the org."""
_CONSONANTS, _VOWELS = "bcdfghjklmnprstvxzqw", "aeiou"
_LETTERS = {
    "GREEK": "αβγδεζηθικλμνξοπρστυφχψω",
    "CYRILLIC": "абвгдежзиклмнопрстуфхцчшэюя",
    "ARMENIAN": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
    "GEORGIAN": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "HEBREW": "אבגדהוזחטיכלמנסעפצקרשת",
    "ARABIC": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "DEVANAGARI": "कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह",
    "THAI": "กขคงจฉชซญฐณดตถทธนบปผพฟภมยรลวสหอ",
}
_WITHOUT_GAPS = {
    "CJK": (0x4E00, 0x9FA5), "HIRAGANA": (0x3042, 0x3093), "KATAKANA": (0x30A2, 0x30F3), "HANGUL": (0xAC00, 0xD7A3),
}  # fmt: skip
"""Scripts without gaps between words: each character stands for itself."""
_ID_PREFIXES = ("0", "100", "300", "a0")
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_VENDOR_HOSTS = re.compile(
    r"(?:\.(?:sandbox|develop|scratch|trailblaze|demo|patch|free|trial))?\.my\.salesforce\.com$"
    r"|\.lightning\.force\.com$|\.code42\.com$|\.my\.salesforce-setup\.com$",
    re.IGNORECASE,
)
_ENDING = ".example"
"""Of a stand-in for a domain that is no vendor's: a name that nobody can own (RFC 2606)."""
_FOUND = re.compile(
    r"(?P<email>[^\s@'\"<>()\[\],;:=/\\]+@[\w.-]*\w)"
    r"|(?P<time>(?<!\d)\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\d))"
    r"|(?P<ip>(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|(?<![\w:])[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f.:]*(?![\w:]))"
    r"|(?P<host>(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.(?:my\.salesforce|lightning\.force|code42|my\.salesforce-setup)\.com"
    r"(?![\w-]))"
    r"|(?P<id>(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?(?![A-Za-z0-9]))"
)


class Pseudonyms:
    """Stand-ins by one `key`. `kept` words (lower case) stand for themselves: vendors' own, marks of automation."""

    def __init__(self, key: bytes, kept: Collection[str] = (), parts: Collection[str] = ()) -> None:
        self._key = key
        self._kept = frozenset(kept)
        # A vendor's name is one also inside a longer word.
        self._parts = re.compile("|".join(map(re.escape, parts)) or r"(?!)", re.IGNORECASE)
        self._words: dict[str, str] = {}
        self._taken: set[str] = set()
        self._originals: dict[str, str] = {}
        self.back = timedelta(weeks=WEEKS[self._number("weeks", "") % len(WEEKS)])
        """By how much times are moved back."""

    @property
    def clashes(self) -> frozenset[str]:
        """Stand-ins that somebody really has: with another key there are none."""
        return frozenset(self._taken & set(self._words))

    def text(self, text: str, keep: Collection[str] = ()) -> str:
        """`text` with a stand-in for all in it but `keep` (words in lower case)."""
        return self._each(text, lambda kind, found: self._of(kind, found, keep))

    def times(self, text: str) -> str:
        """Moved times alone, in a text that is otherwise the program's own."""
        return _FOUND.sub(lambda m: self._moved(m[0], -self.back) if m["time"] else m[0], text)

    def original(self, text: str) -> str:
        """The same backwards, in lower case, with dates and times moved back."""

        def back(kind: str, found: str) -> str:
            if kind == "time":
                return self._moved(found, self.back)
            if whole := self._originals.get(found.casefold()):
                return whole
            if kind in ("word", "char", ""):
                return found
            return "".join(back(k, f) for k, f in _pieces(found, self._parts))

        return self._each(text, back).casefold()

    def id(self, record_id: str) -> str:
        """Another Id of the same kind of object: 15 characters, or 18 with right check letters."""
        body = record_id[:15]
        shaped = len(record_id) in (15, 18) and body.isascii() and body.isalnum()
        if not shaped or not body.startswith(_ID_PREFIXES):
            return self.text(record_id)
        if set(body) != {"0"}:
            body = body[:3] + self._characters("id", body, _BASE62, 12)
        new = body + check_letters(body) if len(record_id) == 18 else body
        return self._noted(new, record_id)

    def email(self, address: str) -> str:
        """The same for a username or e-mail address; its domain is one that nobody can own."""
        local, _, domain = address.rpartition("@")
        new = f"{self._plain(local)}@{self._plain(domain, bare=True)}{_ENDING}"
        return self._noted(new, address)

    def host(self, host: str) -> str:
        """The same for a host name; a vendor's domain stays."""
        vendor = _VENDOR_HOSTS.search(host)
        ending = vendor[0] if vendor else _ENDING
        own = host[: vendor.start()] if vendor else host
        return self._noted(self._plain(own, bare=True) + ending, host)

    def ip(self, address: str) -> str:
        """An address of a private network."""
        number = self._number("ip", address)
        if ":" in address:
            new = str(ipaddress.IPv6Address((0xFD00 << 112) | (number % (1 << 112))))
        else:
            new = str(ipaddress.IPv4Address((10 << 24) | (number % (1 << 24))))
        return self._noted(new, address)

    def moved(self, when: datetime) -> datetime:
        return when - self.back

    def http_date(self, value: str) -> str:
        """A header's date, or its number of seconds."""
        if re.fullmatch(r"\d{1,7}", value.strip()):
            return value.strip()
        try:
            return format_datetime(self.moved(parsedate_to_datetime(value).astimezone(UTC)), usegmt=True)
        except (ValueError, TypeError, OverflowError):
            return ""

    def _of(self, kind: str, found: str, keep: Collection[str]) -> str:
        match kind:
            case "email":
                return self.email(found)
            case "time":
                return self._moved(found, -self.back)
            case "ip" if _is_ip(found):
                return self.ip(found)
            case "host":
                return self.host(found)
            case "id" if found.startswith(_ID_PREFIXES):
                return self.id(found)
            case "word" if found.casefold() in keep:
                return found
            case "word":
                return self._word(found)
            case "char":
                return self._character(found)
            case "":
                return found
        return self._plain(found, keep)

    def _each(self, text: str, change: Callable[[str, str], str]) -> str:
        done, end = [], 0
        for match in _FOUND.finditer(text):
            done += [change(kind, piece) for kind, piece in _pieces(text[end : match.start()], self._parts)]
            done.append(change(match.lastgroup or "", match[0]))
            end = match.end()
        done += [change(kind, piece) for kind, piece in _pieces(text[end:], self._parts)]
        return "".join(done)

    def _plain(self, text: str, keep: Collection[str] = (), *, bare: bool = False) -> str:
        """Word by word; `bare`: no word stands for itself."""
        parts = re.compile(r"(?!)") if bare else self._parts
        return "".join(
            self._word(piece, bare=bare) if bare and kind == "word" else self._of(kind, piece, keep)
            for kind, piece in _pieces(text, parts)
        )

    def _word(self, word: str, *, bare: bool = False) -> str:
        plain = word.casefold()
        if plain in self._kept and not bare:
            return word
        if plain not in self._words:
            attempt = 0
            while (new := self._candidate(plain, attempt)) in self._taken or new in self._kept:
                attempt += 1
            self._words[plain] = new
            self._taken.add(new)
            self._originals[new.casefold()] = plain
        new = self._words[plain]
        if word.isupper() and len(word) > 1:
            return new.upper()
        return new.capitalize() if word[:1].isupper() else new

    def _candidate(self, word: str, attempt: int) -> str:
        purpose = f"word {attempt}"
        if word.isdigit():
            return self._characters(purpose, word, "123456789", LENGTH)
        script = _script(word)
        if letters := _LETTERS.get(script):
            return self._characters(purpose, word, letters, LENGTH)
        pairs = zip(
            self._characters(purpose + "c", word, _CONSONANTS, LENGTH // 2),
            self._characters(purpose + "v", word, _VOWELS, LENGTH // 2),
            strict=True,
        )
        return "".join(c + v for c, v in pairs)

    def _character(self, char: str) -> str:
        """One for one: what is contained in a text without gaps stays contained in it."""
        if char not in self._words:
            first, last = _WITHOUT_GAPS[_script(char)]
            attempt = 0
            while True:
                number = self._number(f"char {attempt}", char)
                new = chr(first + number % (last - first + 1))
                if new not in self._taken and new != char:
                    break
                attempt += 1
                if attempt > 500:
                    # A small script that is used up: its characters are those of the large one.
                    first, last = _WITHOUT_GAPS["CJK"]
            self._words[char] = new
            self._taken.add(new)
            self._originals[new] = char
        return self._words[char]

    def _moved(self, text: str, by: timedelta) -> str:
        try:
            day = date.fromisoformat(text[:10]) + by
        except (ValueError, OverflowError):
            return self._plain(text)
        return day.isoformat() + text[10:]

    def _noted(self, new: str, original: str) -> str:
        self._originals[new.casefold()] = original.casefold()
        return new

    def _number(self, purpose: str, text: str) -> int:
        message = f"{purpose}\0{text}".encode("utf-8", "surrogatepass")
        return int.from_bytes(hmac.digest(self._key, message, hashlib.sha256))

    def _characters(self, purpose: str, text: str, alphabet: str, count: int) -> str:
        number = self._number(purpose, text)
        found = []
        for _ in range(count):
            number, at = divmod(number, len(alphabet))
            found.append(alphabet[at])
        return "".join(found)


def check_letters(body: str) -> str:
    """The three letters that make 18 characters of an Id's 15: which of them are capitals (documented)."""
    return "".join(
        _CHECK[sum(1 << n for n, char in enumerate(body[at : at + 5]) if "A" <= char <= "Z")]
        for at in (0, 5, 10)
    )


def _pieces(text: str, parts: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Words, characters of a script without gaps, and what stands between; vendors' names are between."""
    end = 0
    for match in parts.finditer(text):
        yield from _runs(text[end : match.start()])
        yield "", match[0]
        end = match.end()
    yield from _runs(text[end:])


def _runs(text: str) -> Iterator[tuple[str, str]]:
    run, kind = "", ""
    for char in text:
        now = _kind(char)
        if run and (now != kind or now == "char"):
            yield kind, run
            run = ""
        run, kind = run + char, now
    if run:
        yield kind, run


def _kind(char: str) -> str:
    if char.isascii():
        return "word" if char.isalnum() else ""
    if _script(char) in _WITHOUT_GAPS:
        return "char"
    category = unicodedata.category(char)
    # A symbol or an accent apart can be a part of a name as any letter.
    return "word" if category[0] in "LNM" or category in ("So", "Sk", "Co", "Cn", "Cs", "Cf") else ""


def _script(word: str) -> str:
    return unicodedata.name(word[0], "").partition(" ")[0].partition("-")[0]


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
