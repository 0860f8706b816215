"""The stand-in Incydr's HTTP client: it reaches the org only as the real one would."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tui.demo.door import INSIDER, Door

TIMEOUT = 20.0
"""Real seconds that one request may take."""


class Unreachable(Exception):
    """No usable answer came."""


@dataclass(frozen=True)
class Answer:
    """Status and decoded JSON; `body` is None where there was none."""

    status: int
    body: Any


class Http:
    """A client of one host. `app` answers in this process instead of the network."""

    def __init__(self, base_url: str, source_ip: str, app: Door | None = None) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers={"User-Agent": INSIDER, "X-Demo-Source-Ip": source_ip},
            transport=httpx.ASGITransport(app=app) if app else None,
            timeout=TIMEOUT,
            trust_env=False,
            verify=False,  # noqa: S501 (loopback without TLS)
        )

    async def post_form(self, path: str, form: Mapping[str, str]) -> Answer:
        """POST a form. Raises Unreachable."""
        return await self._send("POST", path, data=dict(form))

    async def get(self, path: str, token: str, query: Mapping[str, str]) -> Answer:
        """GET with a bearer token. Raises Unreachable."""
        return await self._send("GET", path, params=dict(query), headers={"Authorization": f"Bearer {token}"})

    async def _send(self, method: str, path: str, **how: Any) -> Answer:
        try:
            response = await self._client.request(method, path, **how)
            return Answer(response.status_code, response.json() if response.content else None)
        except (httpx.HTTPError, ValueError) as error:
            raise Unreachable(str(error)) from error

    async def close(self) -> None:
        await self._client.aclose()
