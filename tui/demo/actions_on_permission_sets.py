"""What an administrator does to permission sets, groups and their assignments, with the recorded audit rows."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from tui.demo import build, changes, permissions
from tui.demo.act import Act, Action, CannotAct
from tui.demo.org import Row


def _time(moment: datetime | None) -> str:
    """A moment as an audit row prints it: `Sat May 20 06:59:59 GMT 2023`."""
    return "never" if moment is None else moment.strftime("%a %b %d %H:%M:%S GMT %Y")


def _ends(act: Act) -> datetime:
    return act.now + timedelta(seconds=float(act.order.get("seconds", 86_400)))


def _take_permission(act: Act) -> None:
    """Take `permission` from every grant of the account, with all that depends on it."""
    gone = permissions.with_dependants(act.names())
    for grant in act.grants():
        if taken := permissions.held(grant) & gone:
            changes.set_permissions(act.org, grant, dict.fromkeys(taken, False), act.by)


def _give_permission(act: Act) -> None:
    """Give `permission` to the account's fullest custom grant, with all that it depends on."""
    wanted = permissions.with_required(act.names())
    grants = [row for row in act.grants() if row["IsCustom"]]
    # The fullest one: that is where the permissions of the account are kept.
    grant = max(grants, key=lambda row: len(permissions.held(row)), default=None)
    if grant is None:
        raise CannotAct("the account has neither a custom profile nor a custom permission set")
    if missing := wanted - permissions.held(grant):
        changes.set_permissions(act.org, grant, dict.fromkeys(missing, True), act.by)


def _assign_set(act: Act) -> None:
    """Assign a permission set (`set`, made with what Incydr needs where it is missing) to the account."""
    changes.assign(act.org, act.user, _set(act), act.by)


def _set(act: Act) -> Row:
    name = str(act.order.get("set", "Incydr Access"))
    for row in act.org.tables["PermissionSet"].values():
        if row["Type"] == "Regular" and name in (row["Name"], row["Label"]):
            return row
    return changes.new_set(
        act.org, name.replace(" ", "_"), name, list(build.INTEGRATION), act.by, act.now
    )  # fmt: skip


def _unassign_set(act: Act) -> None:
    """Take a permission set or a group from the account."""
    changes.unassign(act.org, act.assignment("Regular", "Group"), act.by)


def _assign_set_until(act: Act) -> None:
    """Assign a permission set for so many `seconds`."""
    permission_set, ends = _set(act), _ends(act)
    assignment = changes.new_assignment(act.org, act.user, permission_set, act.now)
    assignment["ExpirationDate"] = ends
    display = (
        f"Permission set {permission_set['Label']} with expiration: assigned to {act.user_shown}, "
        f"expiring on {_time(ends)}"
    )
    act.audit("PermSetAssign_HasExpiration", display)


def _unassign_expiring_set(act: Act) -> None:
    """Take a permission set that would expire from the account."""
    assignment = act.assignment("Regular")
    label = act.set_of(assignment)["Label"]
    act.org.remove("PermissionSetAssignment", assignment)
    act.audit(
        "PermSetUnassign_HasExpiration",
        f"Permission set {label} with expiration: unassigned from {act.user_shown}",
    )


def _change_expiration(act: Act) -> None:
    """Have an assignment end in so many `seconds`; fewer than 0 is at once."""
    assignment, ends = act.assignment("Regular", "Group"), _ends(act)
    before = assignment["ExpirationDate"]
    assignment["ExpirationDate"] = ends
    assignment["SystemModstamp"] = assignment["LastModifiedDate"] = act.now
    display = (
        f"Permission set {act.set_of(assignment)['Label']} assigned to {act.user_shown}: "
        f"expiration was changed from {_time(before)} to {_time(ends)}"
    )
    act.audit("PermSetAssignmentExpirationChange", display)


def _expire_assignments(act: Act) -> None:
    """Let everything but the profile run out a minute ago; no row of the trail says so."""
    for assignment in act.org.assignments_of(act.user["Id"]):
        if not act.set_of(assignment)["IsOwnedByProfile"]:
            assignment["ExpirationDate"] = act.now - timedelta(minutes=1)


def _member(act: Act, group: Row) -> tuple[Row, Row]:
    """The component of a group that carries most, and its permission set."""
    sets = act.org.tables["PermissionSet"]
    found = [
        (component, sets[component["PermissionSetId"]])
        for component in act.org.tables["PermissionSetGroupComponent"].values()
        if component["PermissionSetGroupId"] == group["Id"] and component["PermissionSetId"] in sets
    ]
    wanted = act.order.get("set")
    found = [pair for pair in found if wanted in (None, pair[1]["Name"], pair[1]["Label"])]
    if not found:
        raise CannotAct("the group has no such member")
    return max(found, key=lambda pair: len(permissions.held(pair[1])))


def _remove_group_component(act: Act) -> None:
    """Take a member (`set`, else the fullest) out of the account's permission set group."""
    group = act.group()
    component, member = _member(act, group)
    act.org.remove("PermissionSetGroupComponent", component)
    display = (
        f"Changed permission set group {group['DeveloperName']}: group member {member['Label']} was removed"
    )
    act.audit("PermissionSetGroupComponentRemoved", display)
    act.org.group_changed(group)


def _add_group_component(act: Act) -> None:
    """Put a permission set (`set`) into the account's permission set group."""
    group, member = act.group(), _set(act)
    pair = group["Id"], member["Id"]
    components = act.org.tables["PermissionSetGroupComponent"].values()
    if any((row["PermissionSetGroupId"], row["PermissionSetId"]) == pair for row in components):
        raise CannotAct(f"{member['Label']} is a member already")
    act.org.add("PermissionSetGroupComponent", PermissionSetGroupId=group["Id"], PermissionSetId=member["Id"])
    display = (
        f"Changed permission set group {group['DeveloperName']}: group member {member['Label']} was added"
    )
    act.audit("PermissionSetGroupComponentAdd", display)
    act.org.group_changed(group)


def _delete_group(act: Act) -> None:
    """Delete the account's permission set group."""
    group, aggregate = act.group(), act.set_of(act.assignment("Group"))
    tables = act.org.tables
    for component in list(tables["PermissionSetGroupComponent"].values()):
        if component["PermissionSetGroupId"] == group["Id"]:
            act.org.remove("PermissionSetGroupComponent", component)
    for assignment in list(tables["PermissionSetAssignment"].values()):
        if assignment["PermissionSetId"] == aggregate["Id"]:
            act.org.remove("PermissionSetAssignment", assignment)
    act.org.remove("PermissionSet", aggregate)
    act.org.remove("PermissionSetGroup", group)
    act.audit("PermissionSetGroupDelete", f"Deleted permission set group {group['DeveloperName']}")


def _delete_set(act: Act) -> None:
    """Delete a permission set of the account."""
    changes.delete_permission_set(act.org, act.set_of(act.assignment("Regular")), act.by)


def _require_activation(act: Act) -> None:
    """Have a permission set of the account count only in sessions that activate it."""
    _activation(act, True)


def _waive_activation(act: Act) -> None:
    """Have a permission set of the account count always again."""
    _activation(act, False)


def _activation(act: Act, required: bool) -> None:
    row = act.set_of(act.assignment("Regular"))
    row["HasActivationRequired"] = required
    row["LastModifiedDate"], row["LastModifiedById"] = act.now, act.by["Id"]
    words = ("disabled", "enabled") if required else ("enabled", "disabled")
    display = (
        f"Changed Permission Set {row['Label']}: Session Activation Required has changed "
        f"from {words[0]} to {words[1]}"
    )
    act.audit("PermSetHasActivationRequiredChange", display)


def _foreign_assignments(act: Act) -> None:
    """Leave `count` rows of assignments that are about other people."""
    count = int(act.order.get("count", 10))
    if not 0 < count <= 100_000:
        raise CannotAct("the count is 1 to 100,000")
    others = [row for row in act.org.tables["User"].values() if row is not act.user]
    for number in range(count):
        other = others[number % len(others)]
        display = (
            f"Permission set Sales Reports: assigned to user {other['Name']} (UserID: [{other['Id'][:15]}])"
        )
        act.audit("PermSetAssign", display)


def _assign_licence(act: Act) -> None:
    """Give the account a permission set `licence`; only the trail shows it."""
    licence = act.order.get("licence", "Event Monitoring")
    act.audit("PermSetLicenseAssign", f"Permission set license {licence} assigned to {act.user_shown}")


def _unassign_licence(act: Act) -> None:
    """Take a permission set `licence` from the account; only the trail shows it."""
    licence = act.order.get("licence", "Event Monitoring")
    act.audit("PermSetLicenseUnassign", f"Permission set license {licence} removed from {act.user_shown}")


ACTIONS: Mapping[str, Action] = {
    "add_group_component": _add_group_component,
    "assign_licence": _assign_licence,
    "assign_set": _assign_set,
    "assign_set_until": _assign_set_until,
    "change_expiration": _change_expiration,
    "delete_group": _delete_group,
    "delete_set": _delete_set,
    "expire_assignments": _expire_assignments,
    "foreign_assignments": _foreign_assignments,
    "give_permission": _give_permission,
    "remove_group_component": _remove_group_component,
    "require_activation": _require_activation,
    "take_permission": _take_permission,
    "unassign_expiring_set": _unassign_expiring_set,
    "unassign_licence": _unassign_licence,
    "unassign_set": _unassign_set,
    "waive_activation": _waive_activation,
}
