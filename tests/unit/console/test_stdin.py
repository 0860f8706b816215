"""Lines of standard input, from a pipe, a file and a terminal."""

import asyncio
import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.console.stdin import LONGEST, Lines


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    for end in (read, write):
        with_suppress(end)


def with_suppress(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        return


async def all_of(lines: Lines) -> list[str]:
    found = []
    while (line := await lines.next()) is not None:
        found.append(line)
    return found


async def test_lines_of_a_pipe_come_as_they_are_written(pipe: tuple[int, int]) -> None:
    read, write = pipe
    lines = Lines(read)
    coming = asyncio.ensure_future(lines.next())
    await asyncio.sleep(0)
    assert not coming.done()
    os.write(write, b"fi")
    await asyncio.sleep(0)
    os.write(write, b"rst\nsecond\n")
    assert [await coming, await lines.next()] == ["first", "second"]


async def test_an_empty_line_is_a_line(pipe: tuple[int, int]) -> None:
    read, write = pipe
    os.write(write, b"\n\n")
    os.close(write)
    assert await all_of(Lines(read)) == ["", ""]


async def test_a_last_line_without_its_end_counts(pipe: tuple[int, int]) -> None:
    read, write = pipe
    os.write(write, b"one\ntwo")
    os.close(write)
    assert await all_of(Lines(read)) == ["one", "two"]


async def test_a_plain_file_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "answers"
    path.write_text("one\ntwo\n")
    with path.open("rb", buffering=0) as file:
        assert await all_of(Lines(file.fileno())) == ["one", "two"]


async def test_what_a_terminal_types_is_a_line_and_its_end_the_end() -> None:
    leader, follower = pty.openpty()
    try:
        lines = Lines(follower)
        os.write(leader, b"typed\n\x04")
        assert lines.terminal
        assert await all_of(lines) == ["typed"]
    finally:
        os.close(leader)
        os.close(follower)


async def test_a_pipe_is_no_terminal(pipe: tuple[int, int]) -> None:
    assert not Lines(pipe[0]).terminal


async def test_escape_sequences_and_broken_bytes_are_cleaned(pipe: tuple[int, int]) -> None:
    read, write = pipe
    os.write(write, b"\x1b[31mred\x1b[0m \xff\n")
    assert await Lines(read).next() == "red \ufffd"


async def test_a_line_that_never_ends_is_cut(pipe: tuple[int, int]) -> None:
    read, write = pipe
    os.set_blocking(write, False)
    lines = Lines(read)
    coming = asyncio.ensure_future(lines.next())
    sent = 0
    while not coming.done() and sent < 2 * LONGEST:
        sent += os.write(write, b"x" * 4096)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    line = await coming
    assert line is not None
    assert line.startswith("xxx")


async def test_giving_up_waiting_leaves_the_input_alone(pipe: tuple[int, int]) -> None:
    read, write = pipe
    lines = Lines(read)
    coming = asyncio.ensure_future(lines.next())
    await asyncio.sleep(0)
    coming.cancel()
    await asyncio.gather(coming, return_exceptions=True)
    os.write(write, b"later\n")
    assert await lines.next() == "later"
