"""What passes between the org's HTTP and its data API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tui.demo.org import Row


@dataclass(frozen=True)
class Reply:
    """What the API answers. `body` None means an empty body."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Caller:
    """Who asks, and where the asker reached the org (scheme and host, no slash at the end).

    `batch_size` is how many rows he wants on a page; `queries_time_out` has each of his queries run too long.
    """

    user: Row
    base_url: str
    batch_size: int | None = None
    queries_time_out: bool = False
