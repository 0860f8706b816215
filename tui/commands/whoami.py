"""`whoami`: as whom you are signed in to each org, and what you may do there."""

from tui.console import Arguments, load_config
from tui.console.command import CONFIG, UNKNOWN, USAGE, Command, Page

PAGE = Page(
    "which user you are signed in as in each org, and what you are allowed to do there",
    """\
Shows which user you are signed in as in each org, and which of the rights that
remonitor needs you have.""",
    codes=(
        ("0", "signed in to every org"),
        ("1", "a sign-in is refused"),
        UNKNOWN,
        USAGE,
        CONFIG,
    ),
)


def run(arguments: Arguments) -> int:
    from tui.console import reaching

    return reaching.try_sign_ins(
        arguments, load_config(arguments), reaching.every_org, reaching.identity_text
    )


COMMAND = Command("whoami", PAGE, run)
