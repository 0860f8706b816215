"""Addresses as links of the terminal: wherever they are shown, safe, only where the terminal opens them, and quiet."""

import pytest
from msgspec.structs import replace

from tests.app.scenes import EMEA
from tests.app.stage import Stage, config, frozen, stage
from tests.app.test_output import Twins, twins
from tui.app.renderer import LINK, Renderer
from tui.app.terminal import opens_links
from tui.config import AppSettings

__all__ = ["twins"]


def links(s: Stage) -> dict[str, str]:
    """The addresses behind what is on the screen, and the text that leads to each."""
    found: dict[str, str] = {}
    for line in s.app.screen._compositor.render_strips():
        for text, style, _ in line:
            if style is not None and style.link:
                found[style.link] = found.get(style.link, "") + text.strip()
    return found


async def step(s: Stage) -> None:
    await s.press("enter", "enter", "enter")


async def test_the_link_of_a_step_leads_where_it_says_though_it_is_wrapped() -> None:
    for size in ((200, 60), (60, 20)):
        async with stage(EMEA, readings={EMEA: frozen()}, size=size) as s:
            await s.app.main.commands.open_wizard(EMEA)
            await s.press("enter", "enter")
            shown, link = links(s), s.app.main.wizard.link
            assert link is not None
            assert shown[link] == link


async def test_the_vendors_page_is_behind_its_title() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, size=(200, 60)) as s:
        in_detail = links(s)
        await step(s)
        in_wizard = links(s)
        for shown in (in_detail, in_wizard):
            assert any(title and title != address for address, title in shown.items())
        assert all(address.startswith("https://") for address in (*in_detail, *in_wizard))


async def test_the_text_alone_has_its_links_too() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, size=(200, 60)) as s:
        await step(s)
        link = s.app.main.wizard.link
        await s.press("v")
        assert link in links(s)


@pytest.mark.parametrize(
    "options",
    [
        {"environ": {"TERM": "linux"}},
        {"environ": {"TERM": "vt100"}},
        {"environ": {"TERM": "dumb"}},
        {"environ": {"TERM": "screen-256color"}},
        {"environ": {}},
        {"ascii": True},
        {"setting": replace(config(EMEA), app=AppSettings(links=False))},
    ],
)
async def test_there_are_no_links_where_the_terminal_opens_none(options: dict[str, object]) -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, **options) as s:  # type: ignore[arg-type]
        await step(s)
        assert links(s) == {}
        assert s.app.main.wizard.link is not None


@pytest.mark.parametrize(
    ("environ", "opened"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-256color", "TMUX": "socket,1,0"}, True),
        ({"TERM": "screen-256color", "TMUX": "socket,1,0"}, True),
        ({"TERM": "screen.xterm-256color"}, False),
    ],
)
def test_tmux_hands_links_on_and_screen_does_not(environ: dict[str, str], opened: bool) -> None:
    assert opens_links(environ) is opened


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://acme.example/\x1b\\\x1b[2J",
        "https://acme.example/\x07",
        "https://acme.example/ b",
        "https://acme.example/\u202e",
        "https://acme.example/é",
        "https://",
        "https://acme.example/" + "a" * 3_000,
    ],
)
def test_only_plain_web_addresses_are_links(address: str) -> None:
    content = Renderer(links=True).line([("text", f"{LINK}{address}"), (address, "")])
    assert [span.style for span in content.spans if span.style] == ["underline"]


async def test_links_cost_nothing_while_nothing_changes(twins: Twins) -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await step(s)
        assert any(cell.link for row in twins.ours.rows for cell in row)
        before = twins.ours_sent
        s.app.main.draw()
        s.app.screen.refresh()
        await s.settle()
        assert twins.ours_sent == before
