"""`remonitor login ORG`: what it needs to know."""

from pathlib import Path

import pytest

from tui.base.problem import UsageProblem
from tui.cli.arguments import parser

CONFIG = """
[orgs.acme]
api_url = "https://acme.my.salesforce.com"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "web", client_id = "3M", refresh_token = "file:token" }
"""


def test_an_org_that_is_not_configured_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    arguments = parser().parse_args(["--config", str(path), "login", "acne"])
    with pytest.raises(UsageProblem) as caught:
        arguments.run(arguments)
    assert "did you mean acme?" in caught.value.message
