"""A person at a line-by-line program: what was said to him, what he types."""

import asyncio
from dataclasses import dataclass, field


@dataclass
class Person:
    """Answers with the lines that a test types; None ends them."""

    terminal: bool = True
    said: list[str] = field(default_factory=list)
    lines: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)

    async def next(self) -> str | None:
        return await self.lines.get()

    def hear(self, text: str) -> None:
        self.said.append(text)

    def type(self, *lines: str | None) -> None:
        for line in lines:
            self.lines.put_nowait(line)

    def heard(self) -> str:
        """Everything said since the last call."""
        text = "\n".join(self.said)
        self.said.clear()
        return text
