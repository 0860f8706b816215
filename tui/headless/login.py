"""`login`: sign in to an org, by browser where its way is that, and say as whom."""

from collections.abc import Callable

from tui.connections.connection import Org
from tui.headless.lines import LineReader
from tui.net import Net
from tui.salesforce.sign_in import Operator, Resolve, way
from tui.salesforce.sign_in.web import Web


async def sign_in(
    org: Org,
    net: Net,
    show: Callable[[str], None],
    answers: LineReader | None,
    *,
    resolve: Resolve | None = None,
) -> Operator:
    """Whoever is signed in now; `answers` are the lines that a person may paste. Raises Problem."""
    signing_in = way(org, net, resolve=resolve)
    if isinstance(signing_in, Web):

        async def pasted() -> str:
            line = await answers.next() if answers is not None else None
            if line is None:
                raise EOFError
            return line

        await signing_in.sign_in(show, pasted)
    return await signing_in.who()
