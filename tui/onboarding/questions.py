"""The questions of the way in: what is offered, what may be typed, what is worth knowing before."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from tui.base.text import clean
from tui.config import Config
from tui.config.catalogue import NONE
from tui.config.writing import Table, rendered
from tui.connections.evidence import Rights
from tui.connections.state import State
from tui.onboarding import orgs, tenants
from tui.onboarding.needs import AnswerProblem, Option, Question
from tui.onboarding.org_lookups import Account, SignedIn, Suggestion, Suggestions
from tui.onboarding.orgs import SF, KnownOrgs
from tui.onboarding.tenants import ENVIRONMENT_NAMES, Detectors

NO_APP = NONE
YES = "yes"

EXPERIENCE = Question(
    "experience",
    "Which experience do you use in this org?",
    (Option("lightning", "Lightning Experience"), Option("classic", "Salesforce Classic")),
    free=False,
)
REPAIRS = Question(
    "repairs",
    "Is remonitor allowed to repair this org? It asks you before each change.",
    (
        Option("no", "no", "it only reads; you click in Salesforce"),
        Option(YES, "yes", "it shows each change, asks, sends it and checks it in Salesforce"),
    ),
    free=False,
)

ONLY_CONNECTION = Question(
    "only_connection",
    "Is this the tenant's only Salesforce connection? Its events do not name a connection.",
    (
        Option("no", "no", "events without a connection's name are shown but prove nothing"),
        Option(YES, "yes", "they count for this connection, until an event names another one"),
    ),
    free=False,
)


def org(config: Config, known: KnownOrgs) -> Question:
    """Which org: configured ones, the sf CLI's, or an address."""
    configured = {urlsplit(o.api_url).netloc: o.id for o in config.orgs.values()}
    offered = [Option(o.id, o.id, f"{o.my_domain}, configured") for o in config.orgs.values()]
    hosts = {o.name: host for o in known.orgs if (host := _host(o.instance_url))}
    offered += [
        Option(f"{SF}{o.name}", o.name, f"{hosts[o.name]}, sf is logged in as {o.username}")
        for o in known.orgs
        if hosts.get(o.name, "") not in ("", *configured)
    ]
    address = orgs.address(config.path or "", configured)
    return Question(
        "org",
        "Which Salesforce org?",
        tuple(offered),
        prompt="type its My Domain address, such as https://acme.my.salesforce.com",
        preface=(known.problem,) if known.problem else (),
        check=lambda text: f"{SF}{text}" if text in hosts else address(text),
    )


def _host(url: str) -> str:
    """The host and port of what another program says is an address, empty where it is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def account(signed_in: SignedIn, found: Suggestions, taken: Mapping[str, str]) -> Question:
    """Which user Incydr signs in as; `taken`: the connection that uses an account already, offered last."""
    sandbox = ", a sandbox" if signed_in.org.is_sandbox else ""
    preface = (
        f"Signed in to {signed_in.org.name} ({signed_in.org.id}{sandbox}) as {signed_in.name}.",
        *(f"Could not look everywhere: {reason}" for reason in found.hidden),
    )

    def note(user: Suggestion) -> str:
        used = taken.get(user.username.casefold())
        inactive = "" if user.is_active else ", inactive"
        return f"{user.name}: {user.why}{inactive}" + (f", used by {used}" if used else "")

    def fits(user: Suggestion) -> bool:
        return user.is_active and user.username.casefold() not in taken

    users = sorted(found.users, key=lambda user: (not fits(user), user.username.casefold() in taken))
    offered = [Option(user.username, user.username, note(user)) for user in users]
    return Question(
        "account",
        "Which user is the service account that authorised the connection?",
        tuple(offered),
        prompt="type the username",
        preface=preface,
        good=any(fits(user) for user in users),
        check=_filled("Give the username of the service account."),
    )


def app(found: Account, warnings: Sequence[str]) -> Question:
    """Which application's sign-ins are Incydr's, by its exact name."""
    offered = [
        Option(a.name, a.name, "perhaps Incydr, by its name" if a.suggested else "signs in as this user")
        for a in found.apps
    ]
    none = Option(NO_APP, "none", "then remonitor cannot use sign-ins as proof")
    likely = any(a.suggested for a in found.apps)
    return Question(
        "app",
        "Which application is Incydr?",
        (*offered, none) if likely else (none, *offered),
        prompt="type its exact name in the login history",
        preface=(f"{found.username} is {found.name}.", *warnings),
        check=_filled("Give the application's exact name, or: none."),
    )


def tenant(config: Config, environment: Mapping[str, str]) -> Question:
    """Which Incydr tenant, if any."""
    only = {c.tenant: c.name for c in config.connections if c.only_connection}
    free = [t for t in config.tenants.values() if t.id not in only]
    offered = [Option(t.id, t.id, f"{t.base_url}, configured") for t in free]
    none = Option(NONE, "none", "then only Salesforce can show that Incydr is back, not for every cause")
    url = environment.get("INCYDR_URL", "").strip()
    place = tenants.place(config.path or "")

    def check(text: str) -> str:
        if text in only:
            raise AnswerProblem(
                "This tenant has only one connection",
                f"{only[text]} has only_connection = true, so no other connection can use its tenant.",
                f"Remove that line from {config.path or 'the configuration'}, or choose another tenant.",
            )
        return place(text)

    if url and all(environment.get(name) for name in ENVIRONMENT_NAMES):
        offered.append(Option(place(url), place(url), "from the environment"))
    return Question(
        "tenant",
        "Which Incydr tenant? Its file events are the strongest proof that Incydr is back.",
        (*offered, none),
        prompt="type its region (us, us2, ie, …) or its API address",
        check=check,
    )


def name(config: Config, found: Detectors) -> Question:
    """The connection's Display name in the Incydr console."""
    taken = {c.name for c in config.connections}
    seen = {c.detector_name for c in config.connections}
    offered = [
        Option(n, n, "the tenant has events of it") for n in found.names if n not in taken and n not in seen
    ]

    def check(text: str) -> str:
        if not text or clean(text) != text:
            raise AnswerProblem("No name", "The name is empty.", "Give the Display name as one plain line.")
        if text in taken:
            raise AnswerProblem(
                "Configured already",
                f"There already is a connection {text!r}.",
                f"Remove it first: remonitor remove {text!r}",
            )
        return text

    return Question(
        "name",
        "What is the connection's Display name in the Incydr console?",
        tuple(offered),
        prompt="type it exactly as the console shows it",
        # Of several one may be another connection's.
        good=len(offered) == 1,
        preface=(found.hidden,) if found.hidden else (),
        check=check,
    )


def detector(names: Sequence[str], name: str) -> Question:
    """Under which name its events come: the name that it had first."""
    return Question(
        "detector",
        "No event has this name. Was the connection renamed? Its events keep the first name.",
        (Option(name, f"{name}", "no events yet"), *(Option(n, n, "there are events") for n in names)),
        free=False,
    )


def save(state: State, tables: Sequence[Table], warnings: Sequence[str]) -> Question:
    """The last one: everything that will be written."""
    text = rendered(tables).rstrip().splitlines()
    return Question(
        "save",
        f"Save {state.connection.name}?",
        (Option("save", "save", "add this to the configuration"),),
        free=False,
        preface=(*warnings, *text),
        reading=state,
    )


def warnings(rights: Rights, account: Account, config: Config, org: str) -> tuple[str, ...]:
    """What may go wrong with this account."""
    found: list[str] = []
    if rights.user_id and rights.user_id[:15] == account.user_id[:15]:
        found.append(
            "Warning: you are signed in as the service account. When it stops you see nothing, you use up its "
            "sign-ins, and repairs are refused."
        )
    shared = [
        c.name
        for c in config.connections
        if c.org == org and c.service_account.casefold() == account.username.casefold()
    ]
    if shared:
        found.append(
            f"Warning: this account is also used by {', '.join(shared)}: sign-ins then prove nothing for either."
        )
    others = [a.name for a in account.apps if not a.suggested]
    if others and any(a.suggested for a in account.apps):
        found.append(f"Warning: other applications use this account: {', '.join(others[:5])}.")
    if not account.is_active:
        found.append("The user is inactive.")
    return tuple(found)


def _filled(next_step: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not text:
            raise AnswerProblem("No answer", "The answer is empty.", next_step)
        return text

    return check
