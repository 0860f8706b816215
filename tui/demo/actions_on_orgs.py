"""What happens to accounts, orgs and the connection itself, by administrators, strangers and Salesforce."""

from collections.abc import Mapping
from datetime import timedelta

from tui.demo import changes
from tui.demo.act import Act, Action, CannotAct
from tui.demo.sign_in import ORG_TEXTS, burn_quota, history_row, spray

OTHER_APP = "Acme Warehouse Sync"


def _freeze(act: Act) -> None:
    """Freeze the account."""
    changes.set_frozen(act.org, act.login(), True, act.by)


def _unfreeze(act: Act) -> None:
    """Unfreeze the account."""
    changes.set_frozen(act.org, act.login(), False, act.by)


def _deactivate(act: Act) -> None:
    """Deactivate the account."""
    changes.set_active(act.org, act.user, False, act.by)


def _reactivate(act: Act) -> None:
    """Reactivate the account."""
    changes.set_active(act.org, act.user, True, act.by)


def _unlock(act: Act) -> None:
    """Take the password lock off the account."""
    changes.unlock(act.org, act.login(), act.by)


def _rename_account(act: Act) -> None:
    """Give the account another username (`to`)."""
    before, after = act.user["Username"], str(act.order.get("to") or f"old.{act.user['Username']}")
    act.user["Username"] = after
    act.user["LastModifiedDate"], act.user["LastModifiedById"] = act.now, act.by["Id"]
    act.audit("changedusername", f"Changed username for {act.user['Id'][:15]} from {before} to {after}")


def _edit_account(act: Act) -> None:
    """Change the account's e-mail address: no row of the trail that explains a finding."""
    act.user["Email"] = str(act.order.get("to") or f"new.{act.user['Email']}")
    act.user["LastModifiedDate"], act.user["LastModifiedById"] = act.now, act.by["Id"]


def _deploy_profile(act: Act) -> None:
    """Change fields of the account's profile that have nothing to do with Incydr, as a deployment does."""
    for row in (act.profile, changes.own_set(act.org, act.profile)):
        row["LastModifiedDate"], row["LastModifiedById"] = act.now, act.by["Id"]
    act.audit("profileFlsChangedCustom", f"Changed profile {act.profile['Name']}: field-level security")


def _change_profile(act: Act) -> None:
    """Give the account another profile (`to`, a name)."""
    wanted = act.order.get("to", "Standard User")
    for profile in act.org.tables["Profile"].values():
        if profile["Name"] == wanted:
            changes.set_profile(act.org, act.user, profile, act.by)
            return
    raise CannotAct(f"no profile is called {wanted}")


def _lose_account(act: Act) -> None:
    """Have the org not know the account any more, as after a sandbox refresh."""
    act.org.lose_user(act.user)


def _return_account(act: Act) -> None:
    """Have the org know the account again."""
    act.org.return_user(act.user)


def _burn_quota(act: Act) -> None:
    """Let another integration (`app`) that uses the same account use up its hour."""
    if not act.user["IsActive"] or act.org.is_frozen(act.user["Id"]):
        raise CannotAct("nobody can sign in with this account now")
    burn_quota(act.org, act.user, str(act.order.get("app", OTHER_APP)), "198.51.100.44")


def _spray_passwords(act: Act) -> None:
    """Let a stranger try passwords: `attempts` from `addresses`, by a `client` that is soap or browser."""
    attempts, addresses = int(act.order.get("attempts", 14)), int(act.order.get("addresses", 3))
    if not 0 < attempts <= 10_000 or not 0 < addresses <= 60_000:
        raise CannotAct("attempts are 1 to 10,000, addresses 1 to 60,000")
    client = act.order.get("client", "soap")
    if client not in ("soap", "browser"):
        raise CannotAct("the client is soap or browser")
    spray(act.org, act.user, attempts, addresses, client)


def _disable_streaming(act: Act) -> None:
    """Switch the streaming of an `entity` off."""
    _stream(act, False)


def _enable_streaming(act: Act) -> None:
    """Switch the streaming of an `entity` on."""
    _stream(act, True)


def _stream(act: Act, on: bool) -> None:
    name = str(act.order.get("entity", "ReportEventStream"))
    if name not in act.org.streaming:
        raise CannotAct(f"no stream is called {name}")
    if act.org.streaming[name] != on:
        act.org.streaming[name] = on
        # inferred: streaming_action - no public list says how the trail names this change.
        display = f"{'Enabled' if on else 'Disabled'} streaming for {name}"
        act.audit("realTimeEventStreaming", display, "Event Manager")


def _drop_licence(act: Act) -> None:
    """Let the Event Monitoring licence end."""
    act.org.event_monitoring = False


def _renew_licence(act: Act) -> None:
    """Renew the Event Monitoring licence."""
    act.org.event_monitoring = True


def _suspend_org(act: Act) -> None:
    """Have every sign-in but the operator's refused with a `text` about the org."""
    text = str(act.order.get("text", "Organization suspended"))
    if text not in ORG_TEXTS:
        raise CannotAct(f"the texts are {', '.join(ORG_TEXTS)}")
    act.org.policies.unavailable = text
    for name in {session.user_id for session in act.org.sessions.values() if session.app == act.app}:
        act.org.end_sessions(name)


def _resume_org(act: Act) -> None:
    """End what suspend_org began."""
    act.org.policies.unavailable = None


def _refresh_sandbox(act: Act) -> None:
    """Have the org answer under another org Id."""
    act.org.become_another()


def _add_sign_in(act: Act) -> None:
    """Leave one sign-in as ordered: `status`, `application`, `login_type`, `login_subtype`, `api_type`,
    `source_ip`, `seconds` ago."""
    order = act.order
    history_row(
        act.org,
        act.user["Id"],
        str(order.get("application", act.app)),
        str(order.get("status", "Success")),
        act.now - timedelta(seconds=int(order.get("seconds", 0))),
        subtype=order.get("login_subtype", "OauthRefreshToken"),
        source_ip=str(order.get("source_ip", "203.0.113.10")),
        login_type=str(order.get("login_type", "Remote Access 2.0")),
        api_type=str(order.get("api_type", "N/A")),
    )


def _add_audit_row(act: Act) -> None:
    """Leave one row in the trail as ordered: `row` (its Action), `display`, `section`."""
    act.audit(
        str(act.order.get("row", "")),
        str(act.order.get("display", "")),
        act.order.get("section", "Manage Users"),
    )


def _add_event(act: Act) -> None:
    """Store one file event: `detector` (null for none), happened `seconds` ago, stored `late` seconds later."""
    if act.connection is None:
        raise CannotAct("name a connection")
    tenant = act.world.tenants[act.connection.tenant]
    detector = act.order.get("detector", act.connection.detector_name)
    happened = tenant.now() - timedelta(seconds=float(act.order.get("seconds", 0)))
    stored = happened + timedelta(seconds=float(act.order.get("late", 0)))
    tenant.store(detector, act.world.people[0], "Pipeline by Region", happened, stored)


def _expire_sessions(act: Act) -> None:
    """End every session but those of the stand-in Incydr: tokens in use become stale."""
    apps = {connection.incydr_app for connection in act.world.connections.values()}
    act.org.end_sessions_but(apps)


def _deauthorize(act: Act) -> None:
    """Deauthorise the connection in the Incydr console."""
    if act.connection is None:
        raise CannotAct("name a connection")
    act.connection.console.show("Deauthorized", None, act.world.clock.now())


ACTIONS: Mapping[str, Action] = {
    "add_audit_row": _add_audit_row,
    "add_event": _add_event,
    "add_sign_in": _add_sign_in,
    "burn_quota": _burn_quota,
    "change_profile": _change_profile,
    "deactivate": _deactivate,
    "deauthorize": _deauthorize,
    "deploy_profile": _deploy_profile,
    "disable_streaming": _disable_streaming,
    "drop_licence": _drop_licence,
    "edit_account": _edit_account,
    "enable_streaming": _enable_streaming,
    "expire_sessions": _expire_sessions,
    "freeze": _freeze,
    "lose_account": _lose_account,
    "reactivate": _reactivate,
    "refresh_sandbox": _refresh_sandbox,
    "rename_account": _rename_account,
    "renew_licence": _renew_licence,
    "resume_org": _resume_org,
    "return_account": _return_account,
    "spray_passwords": _spray_passwords,
    "suspend_org": _suspend_org,
    "unfreeze": _unfreeze,
    "unlock": _unlock,
}
