"""Steps that several causes share: walked once, whatever the causes. Facts: Incydr's article on these errors."""

from tui.connections import places
from tui.connections.connection import Experience
from tui.connections.evidence import User, value_of
from tui.connections.step import FILL, WAIT, Press, Row, Sketch, Step, StepText, Subject


def user_of(subject: Subject) -> User | None:
    """The service account as the newest evidence shows it."""
    return value_of(subject.evidence.user) if subject.evidence is not None else None


def users_breadcrumb(experience: Experience) -> str:
    """The way through Setup to the list of users."""
    if experience is Experience.LIGHTNING:
        return "Setup › Administration › Users › Users"
    return "Setup › Administer › Manage Users › Users"


def user_link(subject: Subject, experience: Experience) -> str:
    """The service account's own page where its id is known, else the list of users."""
    user_id = subject.connection.user_id
    if (user := user_of(subject)) is not None:
        user_id = user.id
    if user_id is None:
        return places.users(subject.org.my_domain, experience)
    return places.user(subject.org.my_domain, experience, user_id)


def _setup(subject: Subject, experience: Experience) -> StepText:
    lightning = experience is Experience.LIGHTNING
    way = "Press the gear at the upper right, then Setup." if lightning else "Press Setup at the upper right."
    return StepText(
        (
            "Sign in to Salesforce with your own administrator account.",
            way,
            "Does Salesforce open on the Setup page that you used last? Then this step is done.",
        ),
        "gear › Setup" if lightning else "Setup",
        places.home(subject.org.my_domain),
        _where_setup_is(lightning),
    )


def _where_setup_is(lightning: bool) -> Sketch:
    rows: tuple[Row, ...] = (("…", FILL, "… ", Press("Setup"), " …"), ("…",))
    how = "press Setup at the upper right"
    if lightning:
        rows = (("…", FILL, "… ", Press("gear"), " …"), ("…", FILL, Press("Setup")), ("", FILL, "…       "))
        how = "press the gear at the upper right, then Setup in its menu"
    return Sketch("any page", rows, how)


def _find_user(subject: Subject, experience: Experience) -> StepText:
    lightning = experience is Experience.LIGHTNING
    way = "Under Administration open" if lightning else "Under Administer open"
    last = "Users, then Users again." if lightning else "Manage Users, then Users."
    user = user_of(subject)
    named = subject.account
    if user is not None and user.name:
        named = f"{user.name} (username {user.username})"
    return StepText(
        (f"{way} {last}", f"In the list find {named} and open it."),
        users_breadcrumb(experience),
        user_link(subject, experience),
        _where_the_user_is(subject, lightning),
    )


def _where_the_user_is(subject: Subject, lightning: bool) -> Sketch:
    """The Setup tree opened at Users, and the account's row in the list."""
    user, account = user_of(subject), subject.connection.service_account
    top, branch = ("Administration", "Users") if lightning else ("Administer", "Manage Users")
    active = f"[{'x' if user.is_active else ' '}] Active" if user is not None else "Active"
    name = user.name if user is not None and user.name else ""
    row = (Press(name), f"  {active}", f"  {account}") if name else (Press(account), f"  {active}")
    rows: tuple[Row, ...] = (
        (f"{top:<15} │ …",),
        (f"▾ {branch:<13} │ …",),
        ("    ", Press("Users"), "   │ ", *row),
        ("    …           │ …",),
    )
    return Sketch("Setup, Users", rows, f"open {branch}, then Users; in the list press {name or account}")


def _wait(subject: Subject, experience: Experience) -> StepText:
    return StepText(("There is nothing more to do in Salesforce.",))


SETUP = Step("setup", "Sign in, open Setup", _setup, prepares=True)
FIND_USER = Step("find_user", "Find the user", _find_user, prepares=True)
WAIT_STEP = Step(WAIT, "Wait for Incydr", _wait)
