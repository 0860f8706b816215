"""The service account lacks a permission that Incydr needs.

Present where no grant in force carries it. Incydr blames the profile, but a permission may as well have come
by a permission set, a group, or an assignment that has run out.
"""

from msgspec.structs import replace

from tui.causes import audit, granted
from tui.causes.cause import Cause, Requirements, Verdict
from tui.causes.permissions_repair import repair
from tui.causes.requirements import REQUIREMENTS
from tui.causes.steps import FIND_USER, SETUP, user_of
from tui.connections import places
from tui.connections.connection import Connection, Experience
from tui.connections.evidence import Evidence, Grant, Read, Unreadable, value_of
from tui.connections.finding import NOT_SIGN_INS, Actor, Fact, Kind
from tui.connections.requirements import Need, Requirement
from tui.connections.step import Step, StepText, Subject

MESSAGE = (
    "The Salesforce profile for the service account user that authorized this data connection does not have "
    "the correct permissions. Verify the profile's permissions to return this data connection to monitoring."
)


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    if isinstance(evidence.user, Read) and evidence.user.value is None:
        return None
    held = granted.holdings(evidence, requirements)
    if isinstance(held, Unreadable):
        return CAUSE.undetermined("grants", held)
    needed = [each for each in held if each.requirement.need is Need.BLOCKS]
    missing = [each.requirement for each in needed if each.held is False]
    unsure = [each for each in needed if each.held is None and each.counted]
    if missing:
        losses = [loss for loss in (_loss(evidence, each) for each in missing) if loss is not None]
        first = min(losses, key=lambda loss: loss.at or evidence.org_now, default=None)
        finding = CAUSE.found(
            evidence,
            "grants",
            since=first.at if first is not None else None,
            by=first,
            by_unknown=audit.why_nobody(evidence, None),
            facts=(*_facts(evidence, missing), *(Fact(each.reason) for each in unsure)),
        )
        return replace(finding, missing=tuple(each.name for each in missing))
    if unsure:
        reasons = "; ".join(dict.fromkeys(each.reason for each in unsure))
        return CAUSE.undetermined(unsure[0].part, Unreadable(reasons, _next_step(evidence)))
    return None


def _next_step(evidence: Evidence) -> str:
    if isinstance(evidence.fields, Unreadable):
        return evidence.fields.next_step
    if any(granted.pending(grant) for grant in value_of(evidence.grants) or ()):
        return "Wait until Salesforce has calculated the group, or recalculate it in Setup."
    return "Check the org's Event Monitoring licence and the list of required permissions."


def _warn(connection: Connection, evidence: Evidence, requirements: Requirements) -> tuple[Fact, ...]:
    held = granted.holdings(evidence, requirements)
    if isinstance(held, Unreadable) or value_of(evidence.user) is None:
        return ()
    lacking = [e.requirement for e in held if e.requirement.need is Need.WARNS and e.held is False]
    return tuple(Fact(f"{each.label} is not granted: {each.purpose}") for each in lacking)


def _facts(evidence: Evidence, missing: list[Requirement]) -> tuple[Fact, ...]:
    facts = [Fact(f"{each.label}: no grant in force carries it") for each in missing]
    wanted = {each.name for each in missing}
    for grant in value_of(evidence.grants) or ():
        if not granted.counts(grant, evidence) and wanted & set(grant.permissions):
            ended = granted.expired(grant, evidence)
            facts.append(
                Fact(f"{grant.name} {_out_of_force(grant, ended)}", grant.expires if ended else None)
            )
    return tuple(facts)


def _out_of_force(grant: Grant, ended: bool) -> str:
    if ended:
        return "would carry it, but its assignment has expired"
    if grant.revoked:
        return "would carry it, but its assignment is revoked"
    if grant.session_based:
        return "carries it only in a session that activates it"
    return "would carry it, but its assignment is not active"


def _loss(evidence: Evidence, requirement: Requirement) -> Actor | None:
    """Who took this permission, and when: the newest row about it, or an assignment that ran out since."""
    losses = [
        Actor(audit.EXPIRY, at=grant.expires)
        for grant in value_of(evidence.grants) or ()
        if requirement.name in grant.permissions and granted.expired(grant, evidence)
    ]
    if (taken := _taken(evidence, requirement)) is not None:
        losses.append(taken)
    return max(losses, key=lambda loss: loss.at or evidence.org_now, default=None)


def _taken(evidence: Evidence, requirement: Requirement) -> Actor | None:
    grants = value_of(evidence.grants) or ()
    user = value_of(evidence.user)
    profiles = {grant.name for grant in grants if grant.kind == "profile"}
    profiles |= {user.profile_name} if user is not None and user.profile_name else set()
    sets = {grant.name for grant in grants if grant.kind != "profile"}
    grouped = any(grant.kind == "group" for grant in grants)
    for row in audit.rows(evidence, "profilePermChanged", "PermSetDisableUserPerm", "changedprofileforuser"):
        text = row.display
        if row.action.casefold().startswith("changedprofileforuser"):
            if user is not None and (audit.names_user(text, user.id) or audit.names(text, user.name)):
                return audit.actor(row, certain=audit.names_user(text, user.id))
        elif audit.names(text, requirement.label):
            holders = profiles if row.action.casefold().startswith("profile") else sets
            if any(audit.names(text, holder) for holder in holders):
                return audit.actor(row)
            if grouped and holders is sets:
                # A set inside a group is not among the grants: only the group is.
                return audit.actor(row, certain=False)
    for row in audit.rows(evidence, "PermSetUnassign", "PermSetGroupUnassign"):
        if user is not None and audit.names_user(row.display, user.id):
            # What the set carried can no longer be seen.
            return audit.actor(row, certain=False)
    return None


def _steps(requirements: Requirements) -> tuple[Step, ...]:
    def text(subject: Subject, experience: Experience) -> StepText:
        user = user_of(subject)
        held = granted.holdings(subject.evidence, requirements) if subject.evidence is not None else ()
        needed = [requirement for requirement in requirements if requirement.need is Need.BLOCKS]
        if not isinstance(held, Unreadable):
            lacking = [e.requirement for e in held if e.requirement.need is Need.BLOCKS and e.held is False]
            needed = lacking or needed
        profile = user.profile_name if user is not None and user.profile_name else "of the service account"
        lines = [f"Open the profile {profile}, press Edit, select what is missing, then Save:"]
        lines += [f"{each.label} ({each.group})" for each in needed]
        sets = _sets(subject.evidence)
        if sets:
            lines.append(f"Does a permission set give them instead? It is one of: {', '.join(sets)}.")
        domain = subject.org.my_domain
        profile_id = user.profile_id if user is not None else None
        link = (
            places.profile(domain, experience, profile_id)
            if profile_id
            else places.profiles(domain, experience)
        )
        return StepText(tuple(lines), _breadcrumb(experience), link)

    def test(evidence: Evidence) -> bool | None:
        held = granted.holdings(evidence, requirements)
        if isinstance(held, Unreadable):
            return None
        needed = [e for e in held if e.requirement.need is Need.BLOCKS and e.counted]
        if any(each.held is False for each in needed):
            return False
        return None if any(each.held is None for each in needed) else True

    grant = Step("grant_permissions", "Grant the permissions", text, test, "still missing permissions")
    return (SETUP, FIND_USER, grant)


def _sets(evidence: Evidence | None) -> tuple[str, ...]:
    grants = value_of(evidence.grants) if evidence is not None else None
    return tuple(grant.name for grant in grants or () if grant.kind != "profile")


def _breadcrumb(experience: Experience) -> str:
    if experience is Experience.LIGHTNING:
        return "Setup › Administration › Users › Profiles"
    return "Setup › Administer › Manage Users › Profiles"


CAUSE = Cause(
    id="permissions_missing",
    title="The service account lacks permissions",
    kind=Kind.ACTION,
    message=MESSAGE,
    proofs=NOT_SIGN_INS,
    examine=_examine,
    steps=_steps(REQUIREMENTS),
    repair=repair,
    warn=_warn,
    steps_under=_steps,
)
