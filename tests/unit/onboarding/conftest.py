"""The demo behind its addresses, and a prompter that answers from a list."""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tui.base.clock import ManualClock
from tui.base.problem import Problem
from tui.demo import serve
from tui.net import Net
from tui.onboarding.flow import Flow
from tui.onboarding.needs import Lookup, Question
from tui.onboarding.runner import Back, LookupRunner, Prompter, run_flow

TENANT = "https://api.us.code42.com"


@dataclass
class Answers:
    """A prompter with an answer for each question by key; a list for several times. `<` goes back, None takes what is
    suggested."""

    given: Mapping[str, str | list[str | None] | None]
    patient: bool = False
    """Troubles are expected."""
    asked: list[Question] = field(default_factory=list)
    done: list[Lookup] = field(default_factory=list)
    troubles: list[Problem] = field(default_factory=list)

    async def ask(self, question: Question) -> str:
        self.asked.append(question)
        assert question.key in self.given, f"nobody expected the question {question}"
        answer = self.given[question.key]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if answer == "<":
            raise Back
        return question.suggested or "" if answer is None else answer

    async def during(self, lookup: Lookup, work: Coroutine[Any, Any, object]) -> object:
        self.done.append(lookup)
        return await work

    def report(self, problem: Problem) -> None:
        self.troubles.append(problem)
        if not self.patient:
            raise AssertionError(str(problem))

    def show(self, line: str) -> None:
        raise AssertionError(line)

    async def pasted(self) -> str:
        raise AssertionError("nothing is pasted")

    def question(self, key: str) -> Question:
        return next(q for q in reversed(self.asked) if q.key == key)


@dataclass
class Demo:
    """The demo's world, and what a person at the first start would type."""

    net: Net
    clock: ManualClock
    ready: dict[str, Any]
    world: Any
    folder: Path

    def secret(self, name: str, value: str) -> str:
        path = self.folder / name
        path.write_text(value)
        path.chmod(0o600)
        return f"file:{path}"

    def answers(self, org: str = "acme", **more: Any) -> dict[str, Any]:
        """What adds the connection Acme EMEA of an org that is not configured yet."""
        told, tenant = self.ready["orgs"][org], self.ready["tenants"]["acme"]
        return {
            "org": told["my_domain"],
            "way": "client_credentials",
            "sign_in.client_id": told["client_id"],
            "sign_in.client_secret": self.secret("org", told["client_secret"]),
            "account": "incydr.emea@acme.example",
            "app": None,
            "tenant": "us",
            "tenant.client_id": tenant["client_id"],
            "tenant.client_secret": self.secret("tenant", tenant["client_secret"]),
            "name": "Acme EMEA",
            "experience": None,
            "repairs": None,
            "save": None,
        } | more

    @property
    def file(self) -> Path:
        return self.folder / "config.toml"

    async def walk(
        self, answers: Prompter, text: str = "", environment: Mapping[str, str] | None = None
    ) -> Flow:
        flow = Flow(str(self.file), text, environment or {})
        return await run_flow(flow, LookupRunner(self.net, self.clock), answers)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Demo:
    monkeypatch.setenv("PATH", "")  # no sf CLI
    clock = ManualClock(datetime(2026, 11, 22, 14, 0, tzinfo=UTC))
    world = serve.build("tour", clock, 1)
    ready = world.ready()
    apps = {f"https://{org['my_domain']}": world.apps[org["api_url"]] for org in ready["orgs"].values()}
    apps[TENANT] = world.apps[ready["tenants"]["acme"]["base_url"]]
    net = Net(transports={url: httpx.ASGITransport(app) for url, app in apps.items()})
    return Demo(net, clock, ready, world.world, tmp_path)
