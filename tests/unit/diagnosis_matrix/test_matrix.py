"""What an expert says of each world: adding a world is one entry in one of the lists beside this file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.evidence import ago, evidence, repair_for, subject, unreadable
from tests.unit.diagnosis_matrix.world import World
from tests.unit.diagnosis_matrix.worlds_causes import CAUSES_ALONE, PAIRS, WELL_AGAIN
from tests.unit.diagnosis_matrix.worlds_edges import EDGES
from tests.unit.diagnosis_matrix.worlds_who import WHO
from tui.causes.registry import CAUSES, steps_for
from tui.connections.evidence import Evidence, Part
from tui.connections.recovery import advance
from tui.connections.repair import NoRepair
from tui.connections.state import Status
from tui.diagnosis.diagnose import diagnose, first_state

WORLDS = (*CAUSES_ALONE, *PAIRS, *WELL_AGAIN, *WHO, *EDGES)
NOT_CHECKED = {each.id for each in CAUSES if not each.blocks}
"""Causes that may go unread without hiding the status, as long as they were never seen."""

BETTER = {
    Status.ERROR: {Status.RECOVERING, Status.MONITORING},
    Status.UNKNOWN: {Status.RECOVERING, Status.MONITORING},
    Status.RECOVERING: {Status.MONITORING},
}

worlds = pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)


def test_the_names_of_the_worlds_differ() -> None:
    assert len({world.name for world in WORLDS}) == len(WORLDS) >= 60


@worlds
def test_an_expert_says(world: World) -> None:
    found = world.diagnosis
    assert found.causes == world.findings
    assert tuple(each.cause for each in found.undetermined if each.blocks) == world.open
    if world.who:
        by = found.findings[0].by
        assert (by.name if by is not None else found.findings[0].by_unknown) == world.who
        if by is not None:
            assert (not by.certain, by.automation) == (world.probably, world.automation)
    if world.since is not None:
        assert found.findings[0].since == world.since
    if world.headline:
        assert world.told == world.headline
    if world.status:
        assert world.state.status.value == world.status
    if world.warns:
        assert any(world.warns in fact.text for fact in found.warnings)


def without(of: Evidence, parts: frozenset[Part]) -> Evidence:
    return replace(of, **{part: unreadable("cut off") for part in parts if getattr(of, part) is not None})


@worlds
def test_a_first_reading_without_one_part_is_never_better(world: World) -> None:
    better = [told for part in Part if (told := better_without(world, frozenset({part})))]
    assert not better, "\n".join(better)


@given(st.sampled_from(WORLDS), st.frozensets(st.sampled_from(Part), min_size=2))
def test_a_first_reading_with_less_evidence_is_never_better(world: World, lost: frozenset[Part]) -> None:
    assert better_without(world, lost) == ""


def better_without(world: World, lost: frozenset[Part]) -> str:
    """What a reading without these parts says that is better than the whole one; empty where it says nothing better."""
    whole, less = world.evidence, without(world.evidence, lost)
    seen = first_state(world.about, whole)
    blind = first_state(world.about, less)
    excused = seen.diagnosis.findings and set(seen.diagnosis.causes) <= NOT_CHECKED
    if excused or blind.status not in BETTER.get(seen.status, set()):
        return ""
    return f"without {', '.join(sorted(lost))}: {blind.status} instead of {seen.status}"


@given(st.sampled_from(WORLDS), st.frozensets(st.sampled_from(Part), min_size=1))
def test_what_was_seen_once_stays_until_its_part_is_read_as_good(world: World, lost: frozenset[Part]) -> None:
    early = evidence(**{"read_at": ago(minutes=1), "now": ago(minutes=1)} | dict(world.parts))
    first = first_state(world.about, early)
    whole, less = world.evidence, without(world.evidence, lost)
    seen = advance(world.about, first, whole, diagnose(world.about, whole))
    blind = advance(world.about, first, less, diagnose(world.about, less))
    assert blind.status not in BETTER.get(seen.status, set())


@worlds
def test_every_finding_brings_steps_and_says_how_it_is_mended(world: World) -> None:
    for finding in world.diagnosis.findings:
        assert steps_for((finding.cause,))
        offer = repair_for(finding, subject(world.evidence))
        assert offer.reason if isinstance(offer, NoRepair) else offer.changes
