"""Looks at the contract of orgs and tenants, says before what will be asked, and remembers what was found."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime
from pathlib import Path

from tui.base.clock import Clock
from tui.base.paths import state_folder
from tui.base.text import clean
from tui.config import Config, resolve
from tui.connections.connection import Connection, Org
from tui.console import Exit
from tui.console.reaching import Step
from tui.console.watcher import JOURNAL, named
from tui.contract.asking import ORG_CALLS, TENANT_REQUESTS, TenantLook
from tui.contract.look import Subject, look
from tui.contract.model import Group, Report, Verdict
from tui.contract.unknown import still_unknown
from tui.diagnosis.guide import REQUIREMENTS
from tui.net import ReadingNet
from tui.salesforce.remembered_facts import Learned, learned_of, remembered
from tui.salesforce.sign_in import way
from tui.watching.journal import Journal, JournalProblem

MakeNet = Callable[[dict[str, int]], ReadingNet]


def subjects(config: Config, names: Sequence[str]) -> Iterator[Subject]:
    """What is looked at for these connections, all where none is named: one an org. Raises UsageProblem."""
    wanted = named(config, names)
    required = config.required(REQUIREMENTS)
    for org in config.orgs.values():
        mine = tuple(each for each in wanted if each.org == org.id)
        if mine:
            tenants = {id: config.tenants[id] for each in mine if (id := each.tenant) is not None}
            neighbours = tuple(each for each in config.connections if each.org == org.id)
            yield Subject(org, mine, neighbours, tenants, required)


def announcement(subject: Subject, asked: Collection[str] = ()) -> str:
    """What will be asked, before anything is; `asked` are the tenants that were asked already."""
    fresh = [id for id in subject.tenants if id not in asked]
    tenants = "".join(f", and {TENANT_REQUESTS} requests to tenant {id}" for id in fresh)
    return (
        f"Asking org {subject.org.id}: at most {ORG_CALLS} API calls{tenants}. "
        "Nothing is written in the org, nor in a tenant."
    )


async def looked_at(
    subject: Subject, clock: Clock, make_net: MakeNet, asked: dict[str, TenantLook]
) -> Report:
    """One look within the numbers that were announced. Raises Problem where the sign-in is not known."""
    most = {tenant.base_url: TENANT_REQUESTS for tenant in subject.tenants.values()}
    most[subject.org.api_url] = ORG_CALLS
    async with aclosing(make_net(most)) as net:
        return await look(subject, net, way(subject.org, net), clock, resolve, asked)


async def keep(report: Report) -> str:
    """Remember what was found; a sentence where that is not possible."""
    if report.subject is None or report.learned is None:
        return "The org did not say which org it is, so nothing is saved."
    journal = Journal(state_folder() / JOURNAL)
    try:
        await journal.open()
        await journal.facts.remember(report.org, remembered(report.learned, report.subject, report.at))
    except JournalProblem as problem:
        return f"Nothing is saved. {problem}"
    finally:
        await journal.close()
    return ""


def _is_there(path: Path) -> bool:
    return path.exists()


async def lend(config: Config, path: Path, folder: Path) -> None:
    """Let readings with a journal of their own in `folder` leave out what the journal at `path` knows orgs to lack."""
    if not _is_there(path):
        return
    ours, theirs = Journal(path), Journal(folder / JOURNAL)
    try:
        await ours.open()
        await theirs.open()
        for org in config.orgs.values():
            known = await ours.facts.remembered(org.id, org.org_id)
            if known is not None and (found := learned_of(known)) is not None:
                # How late events are is no part of what an org answers.
                lacking = remembered(Learned(found[0].lacking), known.subject, found[1])
                await theirs.facts.remember(org.id, lacking)
    except JournalProblem:
        # Then the readings say what they cannot read.
        return
    finally:
        await ours.close()
        await theirs.close()


def exit_of(reports: Sequence[Report]) -> Exit:
    """UNKNOWN: an org could not be asked at all."""
    if any(_unreached(report) for report in reports):
        return Exit.UNKNOWN
    return Exit.OK if all(report.holds for report in reports) else Exit.NO


def _unreached(report: Report) -> bool:
    objects = [fact for fact in report.facts if fact.group is Group.OBJECTS]
    return all(fact.verdict is Verdict.UNREAD for fact in objects)


async def known_steps(org: Org, connections: Sequence[Connection], now: datetime) -> tuple[Step, ...]:
    """What an earlier look found and the program still does not know, for the doctor."""
    name = clean(connections[0].name)
    again = f"remonitor doctor '{name}' --contract"
    found = None
    if _is_there(path := state_folder() / JOURNAL):
        journal = Journal(path)
        try:
            await journal.open()
            found = learned_of(await journal.facts.remembered(org.id, org.org_id))
        except JournalProblem:
            # The journal's own line says so.
            return ()
        finally:
            await journal.close()
    if found is None:
        return (
            Step("contract", None, "nobody has checked yet how this org answers", next_step=f"Run: {again}"),
        )
    learned, at = still_unknown(found[0]), found[1]
    days = (now - at).days
    told = f"checked {days} days ago" if days else "checked today"
    unknown = [
        f"{what} {', '.join(f'“{clean(value)}”' for value in values)}"
        for what, values in (
            ("sign-in texts", learned.texts),
            ("login types", learned.login_types),
            ("applications", learned.applications),
            ("audit actions", learned.actions),
        )
        if values
    ]
    if not unknown:
        return (Step("contract", True, told),)
    hint = f"A newer version may know them. Then run: {again}"
    return (Step("contract", None, f"{told}; not known: {'; '.join(unknown)}", next_step=hint),)
