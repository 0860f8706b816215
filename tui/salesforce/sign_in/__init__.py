"""The ways of signing in to an org, by the name that the configuration uses: one file a way."""

from collections.abc import Callable

from tui.base.problem import Problem
from tui.connections.connection import Org
from tui.net import Net
from tui.salesforce.sign_in.access_token import AccessToken
from tui.salesforce.sign_in.client_credentials import ClientCredentials
from tui.salesforce.sign_in.jwt_bearer import JwtBearer
from tui.salesforce.sign_in.oauth_endpoints import Operator
from tui.salesforce.sign_in.sf_cli import SfCli
from tui.salesforce.sign_in.way import Resolve, SignInWay
from tui.salesforce.sign_in.web import Web

WAYS: dict[str, Callable[[Org, Net, Resolve], SignInWay]] = {
    "sf_cli": SfCli,
    "jwt": JwtBearer,
    "client_credentials": ClientCredentials,
    "web": Web,
    "access_token": AccessToken,
}

__all__ = ["WAYS", "Operator", "Resolve", "SignInWay", "way"]


def way(org: Org, net: Net, *, resolve: Resolve | None = None) -> SignInWay:
    """The sign-in that `org` is configured for; `resolve` reads secrets. Raises Problem for an unknown way."""
    if resolve is None:
        from tui.config import resolve as configured

        resolve = configured
    kind = WAYS.get(org.sign_in.way)
    if kind is None:
        raise Problem(
            "Unknown sign-in",
            f"The org {org.id} is configured with the sign-in {org.sign_in.way!r}.",
            f"Use one of: {', '.join(WAYS)}.",
        )
    return kind(org, net, resolve)
