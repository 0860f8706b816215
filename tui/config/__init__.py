"""The configuration file: TOML to connections, orgs, tenants and settings, and the secrets it refers to."""

from tui.config.model import AppSettings, Config, Intervals
from tui.config.parsing import load, parse
from tui.config.secrets import check_references, resolve

__all__ = ["AppSettings", "Config", "Intervals", "check_references", "load", "parse", "resolve"]
