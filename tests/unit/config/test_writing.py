"""Tables come into the configuration and go again; whatever a person wrote around them stays."""

import os
import stat
import tomllib
from pathlib import Path

import pytest

from tui.base.problem import ConfigProblem
from tui.config import parse
from tui.config.writing import Table, _replace, add, remove, without

FILE = """\
# Our orgs. Ask Jane before you change this.
[orgs.acme]   # production
api_url = "https://acme.my.salesforce.com"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "sf_cli", target_org = "acme" }

# EMEA is the big one
[connections."Acme EMEA"]
org = "acme"
service_account = "emea@acme.example"
status_command = [
  "probe",
  "[connections.fake]",
]

# APAC came later
[connections."Acme APAC"]
org = "acme"
service_account = "apac@acme.example" # shared mailbox

[app]
notifications = false
"""
US: list[Table] = [(("connections", "Acme US"), {"org": "acme", "service_account": "us@acme.example"})]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    return path


def names(path: Path) -> list[str]:
    return [c.name for c in parse(path.read_text(), str(path)).connections]


def test_a_new_table_stands_behind_the_text_that_was_there(file: Path) -> None:
    add(file, US, {})
    assert file.read_text().startswith(FILE)
    assert names(file) == ["Acme EMEA", "Acme APAC", "Acme US"]


def test_the_file_before_is_kept_and_both_are_private(file: Path) -> None:
    add(file, US, {})
    backup = file.with_name("config.toml.bak")
    assert backup.read_text() == FILE
    assert {stat.S_IMODE(path.stat().st_mode) for path in (file, backup)} == {0o600}


def test_a_first_table_makes_the_file_and_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"
    org: dict[str, object] = {
        "api_url": "https://a.example",
        "my_domain": "a.example",
        "sign_in": {"way": "sf_cli", "target_org": "a"},
    }
    add(file, [(("orgs", "a"), org)], {})
    assert list(parse(file.read_text(), str(file)).orgs) == ["a"]
    assert not file.with_name("config.toml.bak").exists()


def test_an_unsound_table_is_not_written(file: Path) -> None:
    with pytest.raises(ConfigProblem):
        add(file, [(("connections", "Acme EMEA"), {"org": "acme", "service_account": "x"})], {})
    assert file.read_text() == FILE


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    add(link, US, {})
    assert link.is_symlink()
    assert "Acme US" in file.read_text()


def test_a_removed_table_takes_its_lines_and_nothing_else(file: Path) -> None:
    remove(file, "Acme EMEA", {})
    cut = FILE[FILE.index('[connections."Acme EMEA"]') : FILE.index("\n# APAC")]
    assert file.read_text() == FILE.replace(cut, "")


def test_the_last_table_can_go(file: Path) -> None:
    add(file, US, {})
    remove(file, "Acme US", {})
    assert file.read_text().rstrip() == FILE.rstrip()


def test_a_name_that_stands_in_a_list_is_no_table() -> None:
    assert without(FILE, ("connections", "fake")) is None


def test_line_ends_stay_what_they_are(file: Path) -> None:
    file.write_bytes(FILE.replace("\n", "\r\n").encode())
    remove(file, "Acme APAC", {})
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")
    assert names(file) == ["Acme EMEA"]


@pytest.mark.parametrize(
    "text",
    [
        'connections = { A = { org = "acme", service_account = "a" } }\n',
        '[connections]\nA = { org = "acme", service_account = "a" }\n',
        '[connections]\nA.org = "acme"\nA.service_account = "a"\n',
    ],
)
def test_a_connection_that_is_no_table_of_its_own_is_left_to_the_operator(tmp_path: Path, text: str) -> None:
    org = FILE[FILE.index("[orgs") : FILE.index("# EMEA")]
    file = tmp_path / "config.toml"
    file.write_text(text + org)
    with pytest.raises(ConfigProblem) as caught:
        remove(file, "A", {})
    assert "no table of its own" in caught.value.message
    assert file.read_text() == text + org


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(ConfigProblem) as caught:
        add(in_the_way / "config.toml", US, {})
    assert str(in_the_way) in caught.value.message


@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_line_ends_and_the_byte_order_mark_stay(tmp_path: Path, bom: str) -> None:
    file = tmp_path / "config.toml"
    before = (bom + FILE.replace("\n", "\r\n")).encode()
    file.write_bytes(before)
    add(file, US, {})
    after = file.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(b"\r\n")
    remove(file, "Acme US", {})
    assert file.read_bytes().rstrip() == before.rstrip()


def test_only_the_formats_own_line_ends_end_a_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(FILE + "# a comment\u2028[connections.fake]\n", encoding="utf-8")
    remove(file, "Acme EMEA", {})
    assert file.read_text(encoding="utf-8").endswith("# a comment\u2028[connections.fake]\n")


def test_nothing_is_removed_where_the_answer_is_no(file: Path) -> None:
    assert remove(file, "Acme EMEA", {}, agreed=lambda config: False) is None
    assert file.read_text() == FILE


def test_what_somebody_else_changed_meanwhile_stays(file: Path) -> None:
    def agreed(config: object) -> bool:
        file.write_text(FILE + "# mine\n")
        return True

    with pytest.raises(ConfigProblem, match="Configuration"):
        remove(file, "Acme EMEA", {}, agreed=agreed)
    assert file.read_text() == FILE + "# mine\n"


def test_five_thousand_connections_are_parsed_a_few_times_not_once_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = "".join(
        f'\n[connections."C {n}"]\norg = "acme"\nservice_account = "u{n}@acme.example"\n' for n in range(5000)
    )
    file = tmp_path / "config.toml"
    file.write_text(FILE + many)
    parsed: list[int] = []
    loads = tomllib.loads

    def counting(text: str) -> dict[str, object]:
        parsed.append(len(text))
        return loads(text)

    monkeypatch.setattr(tomllib, "loads", counting)
    remove(file, "C 4000", {})
    assert sum(parsed) < 6 * len(FILE + many)
    assert "C 4000" not in names(file)


@pytest.mark.parametrize("special", ["pipe", "device"])
def test_what_is_no_file_is_never_replaced(tmp_path: Path, special: str) -> None:
    path = tmp_path / "pipe" if special == "pipe" else Path("/dev/null")
    if special == "pipe":
        os.mkfifo(path)
    with pytest.raises(ConfigProblem):
        _replace(path, "", "x")
