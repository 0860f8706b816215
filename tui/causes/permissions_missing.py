"""The service account lacks a permission that Incydr needs.

Present where no grant in force carries it. Incydr blames the profile, but a permission may as well have come
by a permission set, a group, or an assignment that has run out.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from tui.base import vendor_pages
from tui.causes.cause import Cause, Verdict
from tui.connections import places
from tui.connections.connection import Connection, Experience, Need, Requirement, Requirements
from tui.connections.evidence import Evidence, Grant, GrantKind, Part, Read, Unreadable, value_of
from tui.connections.finding import NOT_SIGN_INS, EvidenceRow, Fact, Kind, Past
from tui.connections.step import Press, Row, Sketch, Step, StepText, Subject
from tui.rules import audit, effective_permissions, lost_permissions, refused_sign_ins
from tui.rules.comparison import Comparison
from tui.rules.login_texts import Reason
from tui.rules.permission_repairs import alternative, repair
from tui.rules.required_permissions import REQUIREMENTS
from tui.rules.shared_steps import FIND_USER, SETUP, user_of

MESSAGE = (
    "The Salesforce profile for the service account user that authorized this data connection does not have "
    "the correct permissions. Verify the profile's permissions to return this data connection to monitoring."
)


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    if isinstance(evidence.user, Read) and evidence.user.value is None:
        return None
    held = effective_permissions.of_account(evidence, requirements)
    if isinstance(held, Unreadable):
        return CAUSE.undetermined(Part.GRANTS, held)
    needed = [each for each in held if each.requirement.need is Need.BLOCKS]
    missing = [each.requirement for each in needed if each.held is False]
    unsure = [each for each in needed if each.held is None and each.counted]
    if missing:
        losses = [
            loss for loss in (lost_permissions.lost(evidence, each) for each in missing) if loss is not None
        ]
        first = min(losses, key=lambda loss: loss.at or evidence.org_now, default=None)
        finding = CAUSE.found(
            evidence,
            Part.GRANTS,
            since=first.at if first is not None else None,
            by=first,
            by_unknown=audit.why_nobody(evidence, None),
            facts=(
                *_facts(evidence, missing),
                *(Fact(each.reason) for each in unsure),
                *refused_sign_ins.fact(connection, evidence, Reason.API_DISABLED),
            ),
        )
        return replace(finding, missing=tuple(each.name for each in missing))
    if unsure:
        reasons = "; ".join(dict.fromkeys(each.reason for each in unsure))
        return CAUSE.undetermined(unsure[0].part, Unreadable(reasons, _next_step(evidence)))
    return None


def _next_step(evidence: Evidence) -> str:
    if isinstance(evidence.fields, Unreadable):
        return evidence.fields.next_step
    if any(effective_permissions.pending(grant) for grant in value_of(evidence.grants) or ()):
        return "Wait until Salesforce has calculated the group, or recalculate it in Setup."
    return "Check the org's Event Monitoring licence and the list of required permissions."


def _warn(connection: Connection, evidence: Evidence, requirements: Requirements) -> tuple[Fact, ...]:
    held = effective_permissions.of_account(evidence, requirements)
    if isinstance(held, Unreadable) or value_of(evidence.user) is None:
        return ()
    lacking = [e.requirement for e in held if e.requirement.need is Need.WARNS and e.held is False]
    return tuple(Fact(f"{each.label} is not granted: {each.purpose}") for each in lacking)


def _facts(evidence: Evidence, missing: list[Requirement]) -> tuple[Fact, ...]:
    facts = [Fact(f"{each.label}: neither the profile nor a permission set gives it") for each in missing]
    wanted = {each.name for each in missing}
    for grant in value_of(evidence.grants) or ():
        if effective_permissions.counts(grant, evidence):
            hidden = [
                each.label for each in missing if effective_permissions.muted(evidence, grant, each.name)
            ]
            facts += [Fact(f"the permission set group {grant.name} mutes {label}") for label in hidden]
        if not effective_permissions.counts(grant, evidence) and wanted & set(grant.permissions):
            ended = effective_permissions.expired(grant, evidence)
            facts.append(
                Fact(f"{grant.name} {_out_of_force(grant, ended)}", grant.expires if ended else None)
            )
    return tuple(facts)


def _out_of_force(grant: Grant, ended: bool) -> str:
    if ended:
        return "would give it, but its assignment has expired"
    if grant.revoked:
        return "would give it, but its assignment is revoked"
    if grant.session_based:
        return "gives it only in a session that activates it"
    return "would give it, but its assignment is not active"


def _past(connection: Connection, evidence: Evidence, requirements: Requirements) -> Past | None:
    held = effective_permissions.of_account(evidence, requirements)
    if isinstance(held, Unreadable):
        return None
    episodes = [
        (each.requirement, rows)
        for each in held
        if each.requirement.need is Need.BLOCKS
        and (rows := lost_permissions.given_back(evidence, each.requirement, each.by)) is not None
    ]
    if not episodes:
        return None
    requirement, (taken, given) = max(episodes, key=lambda episode: episode[1][1].at)
    finding = CAUSE.found(evidence, Part.GRANTS, since=taken.at, by=audit.someone(taken))
    return Past(replace(finding, missing=(requirement.name,)), audit.someone(given))


def _differences(both: Comparison) -> tuple[Fact, ...]:
    old, new = (
        effective_permissions.of_account(each, both.requirements) for each in (both.before, both.after)
    )
    if isinstance(old, Unreadable) or isinstance(new, Unreadable):
        return ()
    facts = []
    known = {each.requirement.name: each.held for each in old}
    for each in new:
        label, was = each.requirement.label, known.get(each.requirement.name)
        if was is True and each.held is False:
            facts.append(both.began(CAUSE.id, f"took {label}", f"{label} is not granted any more"))
        if was is False and each.held is True:
            facts.append(both.ended(CAUSE.id, f"gave {label} back", f"{label} is granted again"))
    return tuple(facts)


def _to_grant(evidence: Evidence | None, requirements: Requirements) -> list[Requirement]:
    """What the step names: all that block where nothing is read, else those that are missing or not known."""
    blocking = [each for each in requirements if each.need is Need.BLOCKS]
    held = effective_permissions.of_account(evidence, requirements) if evidence is not None else None
    if not isinstance(held, tuple):
        return blocking
    open = [e for e in held if e.requirement.need is Need.BLOCKS and e.counted and e.held is not True]
    return [e.requirement for e in open if e.held is False] or [e.requirement for e in open]


def _steps(requirements: Requirements) -> tuple[Step, ...]:
    def text(subject: Subject, experience: Experience) -> StepText:
        user = user_of(subject)
        needed = _to_grant(subject.evidence, requirements)
        profile = user.profile_name if user is not None and user.profile_name else "of the service account"
        lines = [
            "Incydr's list of required permissions (docs, below) is the authority: where this one differs, follow it.",
            f"Open the profile {profile} and press Edit. Select these permissions, then Save:",
        ]
        if not needed:
            lines = ["Nothing is missing now: the service account has every permission that Incydr needs."]
        lines += [f"{each.label} ({each.group})" for each in needed]
        sets = _sets(subject.evidence)
        if needed and sets:
            lines.append(f"Or give them in a permission set of this user: {', '.join(sets)}.")
        domain = subject.org.my_domain
        profile_id = user.profile_id if user is not None else None
        link = (
            places.profile(domain, experience, profile_id)
            if profile_id
            else places.profiles(domain, experience)
        )
        sketch = _where_they_are(f"profile {profile}", needed, sets) if needed else None
        return StepText(tuple(lines), _breadcrumb(experience), link, sketch)

    def test(evidence: Evidence) -> bool | None:
        held = effective_permissions.of_account(evidence, requirements)
        if isinstance(held, Unreadable):
            return None
        needed = [e for e in held if e.requirement.need is Need.BLOCKS and e.counted]
        if any(each.held is False for each in needed):
            return False
        return None if any(each.held is None for each in needed) else True

    grant = Step(
        "grant_permissions",
        "Grant the permissions",
        text,
        test,
        "still missing permissions",
        vendor_pages.PERMISSIONS,
        denied="Salesforce still shows that the user lacks permissions",
    )
    return (SETUP, FIND_USER, grant)


SKETCHED = 3
"""Lines of permissions and further sections in a sketch; the words name them all."""


def _where_they_are(page: str, needed: Sequence[Requirement], sets: Sequence[str]) -> Sketch:
    """Each permission in its section of the profile's page; a permission set's page is not known as well."""
    sections = len({each.group for each in needed[:SKETCHED]})
    shown = needed[: SKETCHED + 1 - sections]
    rows: list[Row] = []
    for group in dict.fromkeys(each.group for each in shown):
        rows += [(group,), *(("  … ", Press(f"[x] {each.label}")) for each in shown if each.group == group)]
    rows.append(("… ", Press("Save"), " …"))
    if sets:
        rows.append((f"or in a permission set: {', '.join(sets)}",))
    what = needed[0].label if len(needed) == 1 else "what is missing"
    return Sketch(f"{page}, after Edit", tuple(rows), f"select {what}, then press Save")


def _sets(evidence: Evidence | None) -> tuple[str, ...]:
    grants = value_of(evidence.grants) if evidence is not None else None
    return tuple(grant.name for grant in grants or () if grant.kind != GrantKind.PROFILE)


def _breadcrumb(experience: Experience) -> str:
    if experience is Experience.LIGHTNING:
        return "Setup › Administration › Users › Profiles"
    return "Setup › Administer › Manage Users › Profiles"


CAUSE = Cause(
    id="permissions_missing",
    title="The service account lacks permissions",
    absent="no needed permission is missing",
    done="Permissions removed",
    kind=Kind.ACTION,
    message=MESSAGE,
    row=EvidenceRow.PERMISSIONS,
    proofs=NOT_SIGN_INS,
    examine=_examine,
    steps=_steps(REQUIREMENTS),
    repair=repair,
    alternative=alternative,
    warn=_warn,
    past=_past,
    differences=_differences,
    steps_under=_steps,
)
