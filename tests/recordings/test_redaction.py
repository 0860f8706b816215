"""What a written recording holds: nothing of an org, whatever stood in whichever field."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests.recordings.playing import HERE
from tui.base.clock import ManualClock
from tui.config import Config
from tui.console.playing import read
from tui.console.recording import Taken, disguised, proven
from tui.net import Answer, Request
from tui.recordings import format, vocabulary
from tui.recordings.format import Recording
from tui.recordings.pseudonyms import Pseudonyms
from tui.recordings.recorder import Recorder
from tui.recordings.redaction import Redaction
from tui.recordings.replay import Replay, configuration

BASES = HERE / "bases"
FILES = sorted(HERE.rglob("*.json*"))
KEY = bytes(range(32))


def redacted(recording: Recording) -> tuple[str, Redaction]:
    redaction = Redaction(Pseudonyms(KEY, vocabulary.KEPT_WORDS, vocabulary.PRODUCTS))
    return format.encode(redaction.of(recording)).decode(), redaction


@cache
def demo(name: str) -> Recording:
    return format.load(HERE / "demo" / f"{name}.json.gz")


@pytest.mark.parametrize("name", ["tour", "permission"])
def test_nothing_of_the_world_is_in_the_file(name: str) -> None:
    recording = demo(name)
    text, _ = redacted(recording)
    answers = [exchange.answer.body for reading in recording.readings for exchange in reading.exchanges]
    found = set(_named(answers))
    assert len(found) > 50
    # A name of nothing but the product's and automation's words says nothing of anybody.
    found = {value for value in found if "profile Incydr Integration:" not in value}
    kept = {"Incydr", "Incydr Integration", "Salesforce", "Salesforce Integration", "N/A"}
    assert not {
        value
        for value in found - kept
        if value in text and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text)
    }
    assert not set(re.findall(r"20(?:2[4-9])-\d\d-\d\d", text))
    assert not re.search("jane|acme|berg|doe|latam|canada", text, re.IGNORECASE)


def _named(tree: Any, key: str = "") -> Iterator[str]:
    """All names, addresses, Ids and Displays of an answer."""
    if isinstance(tree, list):
        for each in tree:
            yield from _named(each, key)
    elif isinstance(tree, dict):
        for inner, value in tree.items():
            yield from _named(value, inner)
    elif isinstance(tree, str) and tree.strip("0A"):
        kind = vocabulary.FIELDS.get(key)
        if kind in ("text", "id", "display", "source", "time") and not tree.startswith("Permission"):
            yield tree


CANARY = re.compile("canar", re.IGNORECASE)


@pytest.mark.parametrize("name", ["tour", "streaming"])
def test_no_canary_is_found(name: str) -> None:
    """One in every text of every answer, beside it as a field of its own, in a day, an Id, an address."""
    recording = demo(name)
    readings = tuple(
        structs.replace(
            reading,
            exchanges=tuple(
                structs.replace(
                    each,
                    answer=structs.replace(
                        each.answer,
                        headers={
                            **each.answer.headers,
                            "sforce-limit-info": "api-usage=1/2 (appName=Canary)",
                        },
                        body=_with_canaries(each.answer.body),
                    ),
                )
                for each in reading.exchanges
            ),
        )
        for reading in recording.readings
    )
    configuration = _with_canaries(
        {k: v for k, v in recording.configuration.items() if k != "app"}, plain=True
    )
    text, redaction = redacted(structs.replace(recording, configuration=configuration, readings=readings))
    assert len(text) > 10_000
    assert not CANARY.findall(text)
    assert "7777" not in text
    assert "2027-07" not in text
    assert redaction.unknown


def _with_canaries(tree: Any, key: str = "", *, plain: bool = False) -> Any:
    if isinstance(tree, list):
        return [_with_canaries(each, key, plain=plain) for each in tree]
    if isinstance(tree, dict):
        inner = {k: v if k == "referenceId" else _with_canaries(v, k, plain=plain) for k, v in tree.items()}
        extra = {"Canary__c": "canary in a field", "Canary7777": 77777777, "canaries": [{"Id": "canary"}]}
        return inner if plain else {**inner, **extra}
    if isinstance(tree, str) and key not in ("way", "group", "need", "experience"):
        if plain:
            return tree.replace("acme", "canary").replace("Acme", "Canary")
        return f"{tree} Canary canary7777 CanaryLtd 2027-07-07 0057777CANARY777 canary@canary.com 77.77.77.77"
    return tree


@pytest.mark.parametrize(
    ("action", "display", "told"),
    [
        ("frozeuser", "Froze user account for Jane Doe", r"Froze user account for \w{6} \w{6}"),
        ("frozeuser", "Froze user User Profile", r"Froze user \w{6} \w{6}"),
        ("deactivateduser", "Deactivated user Bo (UserID: [0055g000002m2h6])",
         r"Deactivated user \w{6} \(UserID: \[005\w{12}\]\)"),
        ("profilePermChangedCustom",
         "Changed profile Sales: administrative permission View Setup and Configuration was changed from enabled to "
         "disabled",
         r"Changed profile \w{6}: administrative permission View Setup and Configuration was changed from enabled to "
         r"disabled"),
        ("frozeuser", "已冻结用户 王小明", r"[\u4e00-\u9fa5]{5} [\u4e00-\u9fa5]{3}"),
        ("somethingelse", "Mailed Jane Doe about Project X", r"\w{6} \w{6} \w{6} \w{6} \w{6} \w{6}"),
        ("unknown", "Uploaded 22.11.2026 by jane@acme.com", r"\w{6} \d{6}\.\d{6}\.\d{6} \w{6} \w{6}@[\w.]+\.example"),
    ],
)  # fmt: skip
def test_of_an_audit_row_only_the_vendors_words_stay(action: str, display: str, told: str) -> None:
    body = {"records": [{"Action": action, "Display": display}], "done": True}
    exchange = format.Exchange(format.Request("org:x", "/services/data"), format.Answer(body=body))
    at = demo("tour").readings[0].at
    text, _ = redacted(Recording(1, "org", readings=(format.Reading(at, (exchange,)),)))
    (found,) = re.findall(r'"Display": "(.*)"', text)
    assert re.fullmatch(told, found), found


def test_error_codes_are_those_that_the_program_has_words_for() -> None:
    from tui.salesforce.errors import WORDS

    assert set(WORDS) <= set(vocabulary.ERROR_CODES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)).partition(".")[0])
def test_a_redacted_recording_can_be_read(path: Path) -> None:
    recording = format.load(path, bases=BASES)
    text, _ = redacted(recording)
    again = format.decode(text.encode(), path.name)
    assert [len(r.exchanges) for r in again.readings] == [len(r.exchanges) for r in recording.readings]


class Heard(Replay):
    """A replay that is recorded."""

    def __init__(self, recording: Recording, config: Config, clock: ManualClock) -> None:
        super().__init__(recording, config, clock)
        self.recorder = Recorder(config, clock)

    async def played(self, request: Request) -> Answer:
        answer = await super().played(request)
        self.recorder.heard(request, answer)
        return answer


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)).partition(".")[0])
async def test_every_recorded_shape_is_judged_the_same_with_stand_ins(path: Path, tmp_path: Path) -> None:
    """Without a consent: also what no vocabulary has is replaced."""
    recording = format.load(path, bases=BASES)
    config = configuration(recording, tmp_path, path.name)
    clock = ManualClock(next(reading.at for reading in recording.readings if reading.at is not None))
    net = Heard(recording, config, clock)
    lived = []
    for reading in recording.readings:
        assert reading.at is not None
        clock.advance(reading.at - clock.now())
        net.recorder.begin()
        lived.append(await read(config, clock, net, folder=tmp_path / "live"))
    taken = Taken(net.recorder.recording("org"), lived, [{} for _ in lived])
    assert await proven(taken, disguised(taken), tmp_path / "replayed")
