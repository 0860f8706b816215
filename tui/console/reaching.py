"""The way to a host step by step: name, TCP, TLS; and to an org or a tenant: one sign-in after the other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tui.base import failures
from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.base.text import clean
from tui.config import Config
from tui.config import resolve as configured_resolve
from tui.connections.connection import Org, Tenant
from tui.console import Arguments, Exit, narrate, on_loop, say, start_log, system_clock, worst
from tui.net import Net
from tui.net.proxies import proxy_host, proxy_of, raw_password
from tui.onboarding.org_lookups import SignedIn, who_am_i
from tui.onboarding.tenants import detectors
from tui.salesforce.session import Session
from tui.salesforce.sign_in import way
from tui.wording.permissions import rights_lines

SECONDS = 10.0
"""Real seconds for one step."""
SKEW_SECONDS = 60.0
"""From this difference of clocks on it is worth a warning: a signed sign-in fails at minutes."""


@dataclass(frozen=True)
class Step:
    """One step: `good` True, False, or None for a warning; `seconds` it took; `next_step` what to do."""

    name: str
    good: bool | None
    detail: str = ""
    seconds: float | None = None
    next_step: str = ""


async def reach(url: str, net: Net, clock: Clock, *, path: str = "/services/data/") -> AsyncIterator[Step]:
    """Every step to `url` until one fails; the last asks for `path` without a sign-in."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    variable, proxy = proxy_of(url)
    if proxy is not None:
        # Where its address cannot be read for certain, the request says what is wrong with it.
        if (name := proxy_host(proxy)) and not raw_password(proxy):
            yield Step("proxy", True, f"{variable} leads to {clean(name, 200)}")
    else:
        async for step in _direct(host, port, net if secure else None):
            yield step
            if step.good is False:
                return
    yield await _answer(url + path, net, clock)


async def _direct(host: str, port: int, trust: Net | None) -> AsyncIterator[Step]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(SECONDS):
            found = await loop.getaddrinfo(host, port)
    except (OSError, TimeoutError, UnicodeError) as error:
        yield _failed("name", error, host, loop.time() - began, failures.LOOKUP)
        return
    addresses = len({entry[4][0] for entry in found})
    yield Step("name", True, f"{addresses} address{'es' if addresses > 1 else ''}", loop.time() - began)
    began = loop.time()
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        next_step = "Check firewall and VPN; where a proxy is needed, set HTTPS_PROXY."
        yield _failed("TCP", error, host, loop.time() - began, next_step)
        return
    try:
        yield Step("TCP", True, f"port {port}", loop.time() - began)
        yield (
            await _tls(writer, host, trust) if trust is not None else Step("TLS", True, "none: this machine")
        )
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _tls(writer: asyncio.StreamWriter, host: str, trust: Net) -> Step:
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(SECONDS):
            await writer.start_tls(trust.trust(), server_hostname=host)
    except Problem as problem:
        return Step("TLS", False, problem.message, loop.time() - began, problem.next_step)
    except (OSError, TimeoutError) as error:
        return _failed("TLS", error, host, loop.time() - began, failures.TRUST)
    version = writer.get_extra_info("ssl_object").version()
    return Step("TLS", True, f"{version}, the certificate is trusted", loop.time() - began)


async def _answer(url: str, net: Net, clock: Clock) -> Step:
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        answer = await net.request("GET", url)
    except Problem as problem:
        told = f"{problem.title}: {problem.message}"
        return Step("HTTP", False, told, loop.time() - began, problem.next_step)
    seconds = loop.time() - began
    if answer.date is None:
        return Step("HTTP", None, f"{answer.status}, and no clock in the answer", seconds)
    skew = (clock.now() - answer.date).total_seconds()
    told = f"{answer.status}, this machine's clock is {skew:+.0f} s off"
    if abs(skew) >= SKEW_SECONDS:
        return Step(
            "HTTP", None, told, seconds, "Set this machine's clock (NTP): a signed sign-in fails at minutes."
        )
    return Step("HTTP", True, told, seconds)


def _failed(name: str, error: BaseException, host: str, seconds: float, next_step: str) -> Step:
    """A step that failed, in the words that every request has for it; `next_step` where there are none."""
    if told := failures.of_tls(error, host) or failures.of_connecting(error, host):
        return Step(name, False, f"{told.title}: {told.message}", seconds, told.next_step)
    if isinstance(error, TimeoutError):
        return Step(name, False, f"no answer within {SECONDS:g} s", seconds, next_step)
    why = clean(getattr(error, "strerror", None) or str(error) or type(error).__name__, 200)
    return Step(name, False, why, seconds, next_step)


@dataclass(frozen=True)
class SignInAttempt:
    """One org or tenant: its key in the configuration, its address, and what came of the sign-in."""

    key: str
    place: str
    result: SignedIn | Problem | None
    """None: signed in to a tenant, which does not say as whom."""

    @property
    def exit_code(self) -> Exit:
        """NO: the sign-in is refused. UNKNOWN: nobody could be asked."""
        if not isinstance(self.result, Problem):
            return Exit.OK
        return Exit.UNKNOWN if self.result.no_answer else Exit.NO


async def org_sign_in(org: Org, net: Net, clock: Clock) -> SignInAttempt:
    """Sign in to one org and ask who that is."""
    try:
        result: SignedIn | Problem = await who_am_i(Session(org, net, way(org, net), clock))
    except Problem as problem:
        result = problem
    return SignInAttempt(f"orgs.{org.id}", org.my_domain, result)


async def tenant_sign_in(tenant: Tenant, net: Net, clock: Clock) -> SignInAttempt:
    """Sign in to one tenant and search its events."""
    result = None
    try:
        await detectors(tenant, net, clock, resolve=configured_resolve)
    except Problem as problem:
        result = problem
    return SignInAttempt(f"tenants.{tenant.id}", tenant.base_url, result)


async def every_org(config: Config, net: Net, clock: Clock) -> AsyncIterator[SignInAttempt]:
    for org in config.orgs.values():
        yield await org_sign_in(org, net, clock)


async def every_sign_in(config: Config, net: Net, clock: Clock) -> AsyncIterator[SignInAttempt]:
    async for attempt in every_org(config, net, clock):
        yield attempt
    for tenant in config.tenants.values():
        yield await tenant_sign_in(tenant, net, clock)


def outcome_line(attempt: SignInAttempt) -> str:
    """The outcome in one line."""
    if isinstance(attempt.result, Problem):
        return f"{attempt.key}: {attempt.result}"
    if attempt.result is None:
        return f"{attempt.key}: signed in to {attempt.place}"
    return f"{attempt.key}: signed in to {attempt.place} as {attempt.result.name}"


def identity_text(attempt: SignInAttempt) -> str:
    """Who the operator is in an org and what that allows."""
    found = attempt.result
    if not isinstance(found, SignedIn):
        return outcome_line(attempt)
    kind = "sandbox" if found.org.is_sandbox else "org"
    head = f"{attempt.key}: {found.name} in the {kind} {found.org.name} ({found.org.id}), {attempt.place}"
    return "\n".join(
        [
            head,
            *([f"    ! {found.hidden}"] if found.hidden else []),
            *(f"    {'✓' if has else '–'} {text}" for has, text in rights_lines(found.rights)),
        ]
    )


def try_sign_ins(
    arguments: Arguments,
    config: Config,
    sign_ins: Callable[[Config, Net, Clock], AsyncIterator[SignInAttempt]],
    outcome: Callable[[SignInAttempt], str],
) -> Exit:
    """Say the outcome of each of these sign-ins; the worst exit code."""
    start_log(arguments)

    async def run() -> Exit:
        codes = [Exit.OK]
        async with contextlib.aclosing(Net(ca_bundle=config.app.ca_bundle)) as net:
            async for attempt in sign_ins(config, net, system_clock()):
                codes.append(attempt.exit_code)
                (say if attempt.exit_code is Exit.OK else narrate)(outcome(attempt))
        return worst(codes)

    return on_loop(run())
