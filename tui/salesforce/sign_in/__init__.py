"""The ways of signing in to an org, by the name that the configuration uses: one file a way, loaded when it is used."""

from importlib import import_module
from typing import cast

from tui.base.problem import Problem
from tui.connections.connection import Org
from tui.net import Net
from tui.salesforce.sign_in.oauth_endpoints import Operator
from tui.salesforce.sign_in.way import Resolve, SignInWay

WAYS = {
    "sf_cli": ("sf_cli", "SfCli"),
    "jwt": ("jwt_bearer", "JwtBearer"),
    "client_credentials": ("client_credentials", "ClientCredentials"),
    "web": ("web", "Web"),
    "access_token": ("access_token", "AccessToken"),
}
"""Module and class of each."""

__all__ = ["WAYS", "Operator", "Resolve", "SignInWay", "way"]


def way(org: Org, net: Net, *, resolve: Resolve | None = None) -> SignInWay:
    """The sign-in that `org` is configured for; `resolve` reads secrets. Raises Problem for an unknown way."""
    if resolve is None:
        from tui.config import resolve as configured

        resolve = configured
    if org.sign_in.way not in WAYS:
        raise Problem(
            "Unknown sign-in",
            f"The org {org.id} is configured with the sign-in {org.sign_in.way!r}.",
            f"Use one of: {', '.join(WAYS)}.",
        )
    module, kind = WAYS[org.sign_in.way]
    made = getattr(import_module(f"{__name__}.{module}"), kind)(org, net, resolve)
    return cast(SignInWay, made)
