"""Every registered cause has all that it needs beside its own file, and nothing is left of one that is not there."""

import ast
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.evidence import NOW, USER_ID, ago, connection, evidence, subject, unreadable
from tests.unit.diagnosis_matrix.world import World
from tests.unit.diagnosis_matrix.worlds_causes import CAUSES_ALONE, FAULTS, SHADOWS
from tests.unit.diagnosis_matrix.worlds_edges import EDGES
from tests.unit.diagnosis_matrix.worlds_who import WHO
from tests.whole.test_who_did_it import DEEDS
from tui.base.vendor_pages import PAGES
from tui.causes.cause import Cause
from tui.causes.registry import CAUSES, WAIT_STEP, cause, steps_for
from tui.commands.explain import meaning
from tui.connections.connection import Experience
from tui.connections.evidence import Unreadable
from tui.connections.finding import Sign
from tui.connections.step import WAIT, Step
from tui.demo.administrator import ACTIONS, BREAKS
from tui.diagnosis.console_check import check_message
from tui.diagnosis.diagnose import diagnose, first_state
from tui.diagnosis.differences import differences
from tui.diagnosis.guide import known
from tui.lines.steps import of_cause
from tui.rules.required_permissions import REQUIREMENTS
from tui.wording import Times, evidence_rows
from tui.wording.console_check import console_check_lines

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
TABLE = README[README.index("\n| cause | present when |") :].partition("\n\n")[0].splitlines()[3:]
IN_THE_README = [row.partition("`")[2].partition("`")[0] for row in TABLE]
"""The id in each row of its table of causes."""
MATRIX = "tests/unit/diagnosis_matrix"
WELL = evidence(now=ago(minutes=45))
TIMES = Times(UTC, NOW)


def files(folder: str, before: str = "") -> set[str]:
    return {path.stem.removeprefix(before) for path in (ROOT / folder).glob(f"{before}*.py")}


def needed() -> dict[str, set[str]]:
    """Where every cause must stand, and whose ids stand there."""
    return {
        "tui/causes/: a file of that name": files("tui/causes") - {"__init__", "cause", "registry"},
        "tui/demo/administrator.py: an order in BREAKS": set(BREAKS),
        "README.md: a row in the table of causes": set(IN_THE_README),
        "tests/unit/causes/: a test file": files("tests/unit/causes", "test_") - {"registry"},
        f"{MATRIX}/worlds_causes.py: a fault in FAULTS": {fault.cause for fault in FAULTS},
        "tests/whole/test_who_did_it.py: an order in DEEDS": {deed.cause for deed in DEEDS},
    }


def used() -> dict[str, set[str]]:
    """Where a cause may be named too."""
    pairs = [*SHADOWS, *SHADOWS.values()]
    places = {f"{MATRIX}/worlds_causes.py: a pair in SHADOWS": {id for ids in pairs for id in ids}}
    for file, worlds in (("worlds_who.py", WHO), ("worlds_edges.py", EDGES)):
        places |= {f'{MATRIX}/{file}: the world "{w.name}"': {*w.findings, *w.open} for w in worlds}
    for path in (ROOT / "tests/recordings").rglob("*.json"):
        verdicts = json.loads(path.read_text()).get("expected", {}).get("connections", {})
        place = f"{path.relative_to(ROOT).as_posix()}: what is expected"
        places[place] = {id for verdict in verdicts.values() for id in verdict.get("causes", ())}
    return places


def gaps(causes: Iterable[Cause]) -> list[str]:
    """What is missing where, and what is left over where, a sentence each."""
    registered = {each.id for each in causes}
    return [
        *(f"{place} is missing for {id}" for place, ids in needed().items() for id in registered - ids),
        *(
            f"{place} names {id}, which tui/causes/registry.py does not list"
            for place, ids in (needed() | used()).items()
            for id in ids - registered
        ),
    ]


def test_nothing_is_missing_and_nothing_is_left_over() -> None:
    found = gaps(CAUSES)
    assert not found, "\n".join(["causes and what belongs to them:", *found])


def test_of_a_cause_that_is_taken_out_every_place_is_named() -> None:
    """Every file of the program and of the data that says its id, but for the registry's own line."""
    out = "organization_unavailable"
    named = {gap.partition(":")[0] for gap in gaps(each for each in CAUSES if each.id != out)}
    data = [ROOT / "README.md", ROOT / "tests/whole/test_who_did_it.py"]
    data += [
        *(ROOT / "tui").rglob("*.py"),
        *(ROOT / MATRIX).glob("*.py"),
        *(ROOT / "tests/recordings").rglob("*.json"),
    ]
    saying = {path.relative_to(ROOT).as_posix() for path in data if out in path.read_text()}
    own = {f"tui/causes/{out}.py", "tui/causes/registry.py"}
    assert named - {"tui/causes/", "tests/unit/causes/"} == saying - own
    assert len(named) >= len(needed())


def test_no_other_room_tells_causes_apart_by_their_ids() -> None:
    ids = {each.id for each in CAUSES}
    knowing = set()
    for path in (ROOT / "tui").rglob("*.py"):
        said = {
            node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)
        }
        if ids & said:
            knowing.add(path.relative_to(ROOT / "tui").as_posix())
    assert knowing == {"causes/registry.py", "demo/administrator.py", *(f"causes/{id}.py" for id in ids)}


def test_of_a_new_cause_every_missing_place_is_named() -> None:
    new = replace(CAUSES[0], id="org_on_fire")
    missing = [gap for gap in gaps((*CAUSES, new)) if gap not in gaps(CAUSES)]
    assert missing == [f"{place} is missing for org_on_fire" for place in needed()]


def test_the_readme_lists_the_causes_in_the_order_of_repair() -> None:
    assert [each.id for each in CAUSES] == IN_THE_README


def world(of: Cause) -> World:
    """The world in which it is the only thing wrong."""
    return next(each for each in CAUSES_ALONE if each.findings == (of.id,))


def is_found_alone_in_its_world(of: Cause) -> bool:
    return world(of).diagnosis.causes == (of.id,)


def has_a_bad_row_of_the_evidence(of: Cause) -> bool:
    return world(of).diagnosis.signs.get(of.row) is Sign.BAD


def has_a_bad_row_on_the_screen(of: Cause) -> bool:
    return Sign.BAD in [row.sign for row in evidence_rows(world(of).state, TIMES)]


def is_a_difference_in_words_when_it_begins(of: Cause) -> bool:
    sick = world(of)
    facts = differences(WELL, sick.evidence, sick.diagnosis)
    return bool(facts) and all(fact.text for fact in facts)


def is_a_difference_in_words_when_it_ends(of: Cause) -> bool:
    later = evidence(now=NOW)
    facts = differences(world(of).evidence, later, diagnose(connection(), later))
    return bool(facts) is not next(fault.fades for fault in FAULTS if fault.cause == of.id)


def has_orders_that_the_demo_knows(of: Cause) -> bool:
    begins, ends = BREAKS[of.id]
    return begins in ACTIONS and (ends is None or ends in ACTIONS)


def has_a_sentence_for_absent(of: Cause) -> bool:
    state = first_state(connection(), WELL)
    told = console_check_lines(check_message(of.id, state), TIMES)
    return bool(of.absent) and f"Salesforce shows: {of.absent}." in told


def has_steps(of: Cause) -> bool:
    return bool(of.steps)


def offers_a_vendors_page_with_each_step(of: Cause) -> bool:
    return all(step.docs in PAGES for step in (*of.steps, WAIT_STEP))


def tells_the_page_of_its_last_step(of: Cause) -> bool:
    page = of.steps[-1].docs
    told = meaning(of.id)[1] if of.message is None else meaning(of.message)[1]
    walk = of_cause(of.id, Experience.CLASSIC, REQUIREMENTS)
    return known(of.id).docs == page and all(page.address in text for text in (told, walk))


NEEDS: Sequence[Callable[[Cause], bool]] = (
    is_found_alone_in_its_world,
    has_a_bad_row_of_the_evidence,
    has_a_bad_row_on_the_screen,
    is_a_difference_in_words_when_it_begins,
    is_a_difference_in_words_when_it_ends,
    has_orders_that_the_demo_knows,
    has_a_sentence_for_absent,
    has_steps,
    offers_a_vendors_page_with_each_step,
    tells_the_page_of_its_last_step,
)


@pytest.mark.parametrize("each", CAUSES, ids=lambda each: each.id)
def test_a_cause(each: Cause) -> None:
    assert [need.__name__ for need in NEEDS if not need(each)] == [], f"{each.id} lacks these"


def test_the_licence_that_ends_and_comes_back_is_told_only_where_it_was_read() -> None:
    sick = world(cause("event_monitoring_unlicensed")).evidence
    unread = evidence(fields=Unreadable("no answer"))
    nothing = diagnose(connection(), WELL)
    assert [f.text for f in differences(WELL, sick, nothing)] == ["the org no longer has Event Monitoring"]
    assert [f.text for f in differences(sick, WELL, nothing)] == ["the org has Event Monitoring again"]
    assert differences(unread, sick, nothing) == differences(sick, unread, nothing) == ()


def test_a_cause_is_found_by_its_id() -> None:
    assert cause("user_frozen").title == "The service account is frozen"
    with pytest.raises(KeyError):
        cause("unheard_of")


def test_steps_of_several_causes_come_in_the_order_of_repair() -> None:
    walk = steps_for(("permissions_missing", "user_frozen"))
    assert [cause_id for cause_id, _ in walk] == ["user_frozen"] * 3 + ["permissions_missing"] * 3
    assert [step.id for _, step in walk] == [
        "setup",
        "find_user",
        "unfreeze",
        "setup",
        "find_user",
        "grant_permissions",
    ]


def test_the_wait_is_no_step_of_a_cause() -> None:
    assert WAIT_STEP.id == WAIT
    assert all(step.id != WAIT for _, step in steps_for([each.id for each in CAUSES]))


@pytest.mark.parametrize("step", [*(step for _, step in steps_for([c.id for c in CAUSES])), WAIT_STEP])
def test_every_step_has_words_for_both_experiences_whatever_was_read(step: Step) -> None:
    for reading in (None, evidence(), evidence(user=None), evidence(user=unreadable())):
        for experience in Experience:
            text = step.text(subject(reading), experience)
            assert text.lines
            assert all(line and "None" not in line for line in text.lines)
            assert text.link is None or text.link.startswith("https://acme.my.salesforce.com/")


def test_shared_steps_differ_between_the_experiences() -> None:
    for step_id in ("setup", "find_user"):
        (step,) = {step.id: step for _, step in steps_for(("user_frozen",)) if step.id == step_id}.values()
        lightning = step.text(subject(evidence()), Experience.LIGHTNING)
        classic = step.text(subject(evidence()), Experience.CLASSIC)
        assert lightning.lines != classic.lines
        assert lightning.breadcrumb != classic.breadcrumb


def test_the_users_page_is_linked_by_the_id_of_the_configuration_before_the_first_reading() -> None:
    known = subject()
    known = type(known)(connection(user_id=USER_ID), known.org)
    step = {step.id: step for _, step in steps_for(("user_frozen",))}["find_user"]
    assert USER_ID in (step.text(known, Experience.CLASSIC).link or "")
