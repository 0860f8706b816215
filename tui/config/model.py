"""What the configuration says, as values."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct, structs

from tui.base.problem import ConfigProblem
from tui.config.tables import nearest
from tui.connections.connection import Connection, Need, Org, Requirement, Tenant


class Intervals(Struct, frozen=True):
    """Seconds between two readings of a connection, by what is going on with it."""

    monitoring: int = 300
    error: int = 60
    step: int = 10
    """While the wizard is open on a step with a test."""
    recovering: int = 30
    share_watching: int = 2
    """Percent of the org's daily API calls that the watch may use while all is well."""
    share_error: int = 10
    """The same in an error, in a recovery and with an open walkthrough."""


CLIPBOARDS = ("auto", "osc52", "tmux", "off")
"""Ways to copy a text: as the surroundings suggest, by the terminal's order alone, by tmux alone, not at all."""


class AppSettings(Struct, frozen=True):
    """How the program behaves on this machine."""

    theme: str | None = None
    keys: dict[str, str] = {}
    """Command id to key."""
    notifications: bool = True
    """Bell, notification and the window's title."""
    clipboard: str = "auto"
    """One of CLIPBOARDS."""
    links: bool = True
    """Addresses are links where the terminal can open them."""
    ca_bundle: str | None = None
    """PEM file of the authorities to trust instead of the system's."""
    intervals: Intervals = Intervals()
    on_change: tuple[str, ...] = ()
    """The program that is called for each change of a connection, and its arguments; empty: none."""
    window: timedelta | None = None
    """How old a sign of life may be; None: derived from the connection's own rhythm."""


class RequirementOverride(Struct, frozen=True):
    """What the configuration changes of one required permission, or all of a new one."""

    need: Need
    label: str | None = None
    group: str | None = None
    purpose: str | None = None


class Config(Struct, frozen=True):
    """The whole configuration; `path` is the main file it came from."""

    path: str | None = None
    orgs: dict[str, Org] = {}
    tenants: dict[str, Tenant] = {}
    connections: tuple[Connection, ...] = ()
    app: AppSettings = AppSettings()
    overrides: dict[str, RequirementOverride] = {}
    """Changed requirements by permission name (without `Permissions`)."""
    files: tuple[str, ...] = ()
    """The main file and those that it includes."""
    places: dict[tuple[str, ...], str] = {}
    """Which of them each part stands in, such as ("orgs", "acme")."""
    connection_defaults: tuple[str, ...] = ()
    """The keys that [defaults.connection] gives to every connection that does not say them."""

    def source(self, *keys: str) -> str:
        """The file that this part stands in."""
        return self.places.get(keys[:2]) or self.path or ""

    def connection(self, name: str) -> Connection | None:
        return next((c for c in self.connections if c.name == name), None)

    def required(self, defaults: Sequence[Requirement]) -> tuple[Requirement, ...]:
        """`defaults` with this configuration's changes. Raises ConfigProblem for a name that nobody knows."""
        result = {r.name: r for r in defaults}
        for name, override in self.overrides.items():
            if name in result:
                result[name] = structs.replace(
                    result[name], **{k: v for k, v in structs.asdict(override).items() if v is not None}
                )
            elif override.label is not None:
                result[name] = Requirement(
                    label=override.label,
                    name=name,
                    need=override.need,
                    group=override.group or "Administrative permissions",
                    purpose=override.purpose or "",
                    source="the configuration",
                )
            else:
                raise ConfigProblem(
                    "Configuration",
                    f"{self.source('requirements', name)}: requirements.{name}: found a permission that is not in "
                    f"the list{nearest(name, result)}.",
                    "Correct the name, or give it a label to add it.",
                )
        return tuple(result.values())
