"""A message of the Incydr console, pasted: what it means, and whether Salesforce shows it."""

from textual import events
from textual.widgets import Input

from tests.app.stage import Stage, frozen, stage
from tests.evidence import evidence
from tui.causes import user_deactivated, user_frozen

EMEA = "Acme EMEA"


async def paste(s: Stage, text: str | None) -> None:
    assert text is not None
    s.app.screen.query_one("#message", Input).post_message(events.Paste(text))
    await s.settle()


async def test_e_asks_for_the_message() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("e")
        assert "Paste the message of the Incydr console" in s.text()


async def test_a_pasted_message_is_held_against_the_connection_under_the_cursor() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("e")
        await paste(s, user_frozen.CAUSE.message)
        assert "The service account is frozen · you must act" in s.text()
        assert "Too many sign-ins within the hour · no action: ends by itself" in s.text()
        assert "Salesforce shows: The service account is frozen · by Jane Doe" in s.text()


async def test_salesforce_may_show_something_else() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("e")
        await paste(s, user_deactivated.CAUSE.message)
        assert "Salesforce does not show what the console says" in s.text()
        assert "Salesforce shows instead: The service account is frozen" in s.text()


async def test_a_message_over_several_lines_is_taken_whole() -> None:
    async with stage(EMEA, readings={EMEA: evidence()}) as s:
        await s.press("e")
        message = user_frozen.CAUSE.message or ""
        await paste(s, message.replace(" ", "\n"))
        assert "It may mean" in s.text()


async def test_where_paste_comes_as_keys_a_line_break_is_a_blank() -> None:
    async with stage(EMEA, readings={EMEA: evidence()}) as s:
        await s.press("e", *"user", "enter", *"frozen")
        assert s.app.screen.query_one("#message", Input).value == "user frozen"


async def test_letters_are_text_here_and_not_commands() -> None:
    async with stage(EMEA, readings={EMEA: evidence()}) as s:
        await s.press("e", "q", "r")
        assert s.app.is_running
        assert s.answers.asked == []
        assert "No known cause has this message." in s.text()


async def test_escape_sequences_in_what_is_pasted_reach_no_terminal() -> None:
    async with stage(EMEA, readings={EMEA: evidence()}) as s:
        await s.press("e")
        await paste(s, "[/b]\x1b]0;owned\x07 \x9b31m frozen")
        assert "[/b]" in s.text()
        assert not any(c in s.text() for c in "\x1b\x07\x9b")


async def test_without_a_reading_the_causes_are_told_alone() -> None:
    async with stage(EMEA) as s:
        await s.press("e")
        await paste(s, user_frozen.CAUSE.message)
        assert "Not compared with Salesforce: nothing has been read yet." in s.text()


async def test_esc_goes_back() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("e", "escape")
        assert s.app.screen is s.app.main


async def test_it_works_inside_the_walkthrough_too() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("enter", "e")
        await paste(s, user_frozen.CAUSE.message)
        assert "Salesforce shows: The service account is frozen" in s.text()
