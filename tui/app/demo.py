"""The palette group "Demo": acting as the Salesforce administrator of the demo's org, over HTTP."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.base.problem import Problem
from tui.base.text import clean

if TYPE_CHECKING:
    from tui.net import Net


@dataclass(frozen=True)
class DemoLink:
    """Where the demo listens for orders."""

    control_url: str


@dataclass(frozen=True)
class Order:
    """One thing that the stand-in administrator can do to a connection's service account."""

    title: str
    action: str
    permission: str | None = None


ORDERS = (
    Order("Freeze the user", "freeze"),
    Order("Unfreeze the user", "unfreeze"),
    Order("Deactivate the user", "deactivate"),
    Order("Reactivate the user", "reactivate"),
    Order("Remove the permission Customize Application", "take_permission", "CustomizeApplication"),
    Order("Give the permission Customize Application", "give_permission", "CustomizeApplication"),
    Order("Remove the permission API Enabled", "take_permission", "ApiEnabled"),
    Order("Give the permission API Enabled", "give_permission", "ApiEnabled"),
    Order("Use up the hourly sign-in limit", "burn_quota"),
    Order("Refuse the user's sign-ins (Restricted IP)", "block"),
    Order("Let the user sign in again", "unblock"),
    Order("Revoke the app's access", "revoke_access"),
    Order("Authorize the app again", "authorize_again"),
    Order("Switch event streaming off (Report)", "disable_streaming"),
    Order("Switch event streaming on (Report)", "enable_streaming"),
    Order("End the Event Monitoring licence", "drop_licence"),
    Order("Renew the Event Monitoring licence", "renew_licence"),
    Order("Suspend the org", "suspend_org"),
    Order("Resume the org", "resume_org"),
    Order("Remove the user, as a sandbox refresh does", "lose_account"),
    Order("Bring the user back", "return_account"),
)
"""For every cause what brings it about, and what ends it unless it ends by itself."""


class Demo:
    """Sends orders to the demo's control address."""

    def __init__(self, link: DemoLink, net: "Net") -> None:
        self.link = link
        self.net = net

    async def act(self, order: Order, connection: str) -> None:
        """Let the stand-in administrator act. Raises Problem where the demo refuses or is gone."""
        body = {"action": order.action, "connection": connection}
        if order.permission is not None:
            body["permission"] = order.permission
        answer = await self.net.request("POST", f"{self.link.control_url}/admin", json=body)
        if answer.status >= 400:
            told = clean(answer.body.decode("utf-8", "replace"), 200)
            raise Problem("The demo refused", told or f"HTTP {answer.status}.", "Choose another connection.")
