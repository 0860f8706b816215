"""Several files are one configuration: what `include` takes, skips and refuses; no split changes what is said."""

import errno
import os
import stat
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import jsonschema
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tui.base.paths import open_input
from tui.base.problem import ConfigProblem
from tui.commands.schema import of_config
from tui.config import Config, load, parse
from tui.config.show import shown
from tui.config.writing import Table, add, remove

ORG = """[orgs.{0}]
api_url = "https://{0}.my.salesforce.com"
my_domain = "{0}.my.salesforce.com"
sign_in = {{ way = "access_token", token = "file:secrets/{0}" }}
"""
CONNECTION = """[connections."{0}"]
org = "acme"
service_account = "{0}@acme.example"
"""
MAIN = 'include = ["conf.d/*.toml"]\n'


def org(name: str, **sign_in: object) -> dict[str, object]:
    host = f"{name}.my.salesforce.com"
    return {"api_url": f"https://{host}", "my_domain": host, "sign_in": sign_in}


PARTS: Sequence[tuple[str, str, object]] = (
    ("orgs", "acme", org("acme", way="access_token", token="file:secrets/acme")),
    ("orgs", "second", org("second", target_org="second")),
    (
        "orgs",
        "third",
        org("third", way="web", client_id="3M", refresh_token="keyring:r/third", callback_port=0),
    ),
    ("tenants", "t", {"region": "us", "client_secret": ["command", "pass", "in cydr"]}),
    ("tenants", "from the environment", {}),
    ("connections", "Acme EMEA", {"org": "acme", "service_account": "emea@acme.example"}),
    (
        "connections",
        "Acme “APAC”",
        {"service_account": "EMEA@acme.example", "status_command": ["probe", "a b\u202e\n"]},
    ),
    ("connections", "Acme US", {"org": "third", "service_account": "us@acme.example", "tenant": "none"}),
    ("defaults", "org", {"experience": "classic", "sign_in": {"way": "sf_cli", "program": "/opt/sf"}}),
    ("defaults", "connection", {"org": "acme", "tenant": "t", "incydr_app": "Incydr"}),
    ("app", "theme", "nord"),
    ("app", "window_hours", 24),
    ("app", "on_change", ["page", "ops team"]),
    ("app", "keys", {"fix": "F"}),
    ("app", "intervals", {"error": 20}),
    ("requirements", "ApiEnabled", {"need": "warns"}),
)
ENVIRONMENT = {"INCYDR_URL": "https://api.us.code42.com"}


def written(parts: Sequence[tuple[str, str, object]]) -> str:
    tree: dict[str, dict[str, object]] = {}
    for table, name, value in parts:
        tree.setdefault(table, {})[name] = value
    return tomli_w.dumps(tree)


def said(config: Config) -> Config:
    """What it says, wherever it stands and in whatever order."""
    return structs.replace(
        config,
        path=None,
        files=(),
        places={},
        connection_defaults=(),
        connections=tuple(sorted(config.connections, key=lambda c: c.name)),
    )


def put(folder: Path, main: str = MAIN, parts: Mapping[str, str | bytes] = {}) -> Path:
    """The main file and those of conf.d, by name."""
    file = folder / "config.toml"
    file.write_text(main)
    (folder / "conf.d").mkdir(mode=0o700, exist_ok=True)
    for name, text in parts.items():
        (folder / "conf.d" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        (folder / "conf.d" / name).chmod(0o600)
    file.chmod(0o600)
    return file


def refused(main: Path) -> str:
    with pytest.raises(ConfigProblem) as caught:
        load(main, {})
    return caught.value.message


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=len(PARTS), max_size=len(PARTS)))
def test_a_configuration_in_any_number_of_files_says_the_same(files: Sequence[int]) -> None:
    texts = {
        n: written([part for part, file in zip(PARTS, files, strict=True) if file == n]) for n in set(files)
    }
    with tempfile.TemporaryDirectory() as folder:
        main = put(Path(folder), MAIN + texts.pop(0, ""), {f"{n}.toml": text for n, text in texts.items()})
        config = load(main, ENVIRONMENT)
        assert said(config) == said(parse(written(PARTS), str(main), ENVIRONMENT))
        assert said(parse(shown(main, ENVIRONMENT), str(main))) == said(config)
        validator = jsonschema.Draft202012Validator(of_config())
        for text in (main.read_text(), *texts.values(), shown(main, ENVIRONMENT), written(PARTS)):
            assert list(validator.iter_errors(tomllib.loads(text))) == []
        assert config.files == (str(main), *(f"{folder}/conf.d/{n}.toml" for n in sorted(texts)))


def test_files_are_taken_by_name_each_once(tmp_path: Path) -> None:
    patterns = 'include = ["conf.d/b*", "conf.d/*.toml", "conf.d/b.toml"]\n'
    parts = {f"{n}.toml": CONNECTION.format(n) for n in ("c", "a", "b")}
    config = load(put(tmp_path, patterns + ORG.format("acme"), parts), {})
    assert [c.name for c in config.connections] == ["b", "a", "c"]


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.toml",
        ".config.toml.swp",
        "a.toml~",
        "#a.toml#",
        "a.toml.bak",
        "a.toml.BAK",
        "a.toml.orig",
        "a.toml.rpmnew",
        "a.toml.rpmsave",
        "a.toml.dpkg-dist",
        "a.toml.dpkg-old",
        "a.toml.ucf-new",
        "a.toml.swp",
        "a.toml.pacnew",
    ],
)
def test_hidden_and_backup_files_are_skipped(tmp_path: Path, name: str) -> None:
    main = put(tmp_path, 'include = ["conf.d/*", "conf.d/.*"]\n', {name: "what is no TOML"})
    assert load(main, {}).files == (str(main),)


@pytest.mark.parametrize("include", ['["conf.d/*.toml"]', '["none/*.toml"]', "[]"])
def test_a_pattern_that_matches_nothing_is_fine(tmp_path: Path, include: str) -> None:
    assert len(load(put(tmp_path, f"include = {include}\n"), {}).files) == 1


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    main = put(tmp_path, 'include = ["conf.d/acme.toml"]\n')
    assert refused(main) == f"{tmp_path}/conf.d/acme.toml: there is no such file, and {main} includes it."


def test_a_name_that_holds_a_wildcard_is_taken_where_it_is_one(tmp_path: Path) -> None:
    main = put(tmp_path, 'include = ["conf.d/a[1].toml"]\n', {"a[1].toml": ORG.format("acme")})
    assert "acme" in load(main, {}).orgs


def test_paths_are_looked_for_beside_the_main_file_wherever_they_stand(tmp_path: Path) -> None:
    config = load(put(tmp_path, parts={"a.toml": ORG.format("acme")}), {})
    assert config.orgs["acme"].sign_in.settings["token"] == f"file:{tmp_path}/secrets/acme"


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (ORG.format("acme"), ORG.format("acme"), "orgs.acme"),
        ('[tenants.t]\nregion = "us"\n', '[tenants.t]\nregion = "ie"\n', "tenants.t"),
        (CONNECTION.format("x y"), CONNECTION.format("x y"), 'connections."x y"'),
        ("[defaults.org]\n", "[defaults.org]\n", "defaults.org"),
        ('app.theme = "a"\n', 'app.theme = "b"\n', "app.theme"),
        ("orgs = 3\n", ORG.format("acme"), "orgs"),
    ],
)
def test_what_two_files_say_names_both(tmp_path: Path, first: str, second: str, path: str) -> None:
    found = refused(put(tmp_path, parts={"a.toml": first, "b.toml": second}))
    assert found == (
        f"{tmp_path}/conf.d/b.toml: {path}: found what {tmp_path}/conf.d/a.toml has too, expected it in one file."
    )


def test_what_the_main_file_and_another_say_names_both(tmp_path: Path) -> None:
    found = refused(put(tmp_path, MAIN + ORG.format("acme"), {"a.toml": ORG.format("acme")}))
    assert found.startswith(f"{tmp_path}/conf.d/a.toml: orgs.acme: found what {tmp_path}/config.toml has too")


def test_an_include_does_not_include(tmp_path: Path) -> None:
    found = refused(put(tmp_path, parts={"a.toml": "include = []\n"}))
    assert found.startswith(f"{tmp_path}/conf.d/a.toml: include: found an include in a file that is included")
    assert f"expected all of them in {tmp_path}/config.toml" in found


def test_a_file_does_not_include_itself_by_a_wildcard_and_is_told_where_it_does_by_name(
    tmp_path: Path,
) -> None:
    assert len(load(put(tmp_path, 'include = ["*.toml"]\n'), {}).files) == 1
    (tmp_path / "link.toml").symlink_to("config.toml")
    assert len(load(put(tmp_path, 'include = ["*.toml"]\n'), {}).files) == 1
    assert "included itself" in refused(put(tmp_path, 'include = ["config.toml"]\n'))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[orgs.acme]\napi_url = 3\n", "orgs.acme.api_url: found a whole number 3"),
        ("[conections.x]\n", "conections: found an unknown key (did you mean connections?)"),
        ("[app]\nthem = 1\n", "app.them: found an unknown key (did you mean theme?)"),
        ("[defaults.org]\nexperience = 'modern'\n", 'defaults.org.experience: found "modern"'),
        ("[app]\n\nx = = 1\n", "not valid TOML: Invalid value (at line 3, column 5)."),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        ("x = " + "[" * 100_000, "its lists or tables are too deep"),
    ],
)
def test_a_mistake_names_the_file_that_it_is_in(tmp_path: Path, text: str | bytes, found: str) -> None:
    message = refused(put(tmp_path, parts={"a.toml": "", "b.toml": text, "c.toml": ""}))
    assert message.startswith(f"{tmp_path}/conf.d/b.toml: ")
    assert found in message


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    assert "acme" in load(put(tmp_path, parts={"a.toml": "\ufeff" + ORG.format("acme")}), {}).orgs


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nowhere", "circle", "device"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    main, path = put(tmp_path), tmp_path / "conf.d" / "a.toml"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case _:
            path.symlink_to("a.toml" if kind == "circle" else "nowhere")
    assert refused(main).startswith(f"{path}: ")


def test_a_file_that_may_not_be_read_is_not_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main, opened = put(tmp_path, parts={"a.toml": ""}), open_input

    def forbidden(path: Path) -> tuple[int, os.stat_result]:
        if path.name == "a.toml":
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path)

    monkeypatch.setattr("tui.config.files.open_input", forbidden)
    assert refused(main) == f"{tmp_path}/conf.d/a.toml: cannot be read: Permission denied."


def test_a_file_that_others_can_write_is_refused_with_the_way_out(tmp_path: Path) -> None:
    main = put(tmp_path, parts={"a.toml": ""})
    (tmp_path / "conf.d" / "a.toml").chmod(0o666)
    with pytest.raises(ConfigProblem) as caught:
        load(main, {})
    assert "everybody can write it" in caught.value.message
    assert f"chmod o-w {tmp_path}/conf.d/a.toml" in caught.value.next_step


def test_a_folder_that_cannot_be_listed_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    main = put(tmp_path, 'include = ["config.toml/*.toml"]\n')
    assert refused(main) == f"{main}: cannot be read: Not a directory."


@pytest.mark.parametrize(
    "name", ["a\nb.toml", "a\x1b[31m.toml", "\u202ea.toml", os.fsdecode(b"\xff.toml"), " a.toml"]
)
def test_a_name_that_could_fool_the_reader_is_refused_without_being_shown(tmp_path: Path, name: str) -> None:
    main = put(tmp_path, parts={name: ""})
    message = refused(main)
    assert "hidden characters" in message
    assert name not in message.removeprefix(str(tmp_path))
    message.encode()


def test_wildcards_stand_in_the_name_of_the_file_alone(tmp_path: Path) -> None:
    assert "in the name of the file alone" in refused(put(tmp_path, 'include = ["*/x.toml"]\n'))


def test_all_files_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.config.files.MAX_FILE", 1_000)
    parts = {f"{n}.toml": "#" * 400 for n in range(3)}
    assert "2.toml: with it the configuration holds more than 1,000" in refused(put(tmp_path, parts=parts))
    assert "it holds more than 1,000 bytes" in refused(put(tmp_path, parts={"0.toml": "#" * 1_001}))
    monkeypatch.setattr("tui.config.files.MAX_FILES", 2)
    assert "include: found 3 files, expected 2 at most" in refused(put(tmp_path, parts={"0.toml": ""}))


US: list[Table] = [(("connections", "us"), {"org": "acme", "service_account": "us@acme.example"})]


def test_a_new_connection_comes_into_the_main_file(tmp_path: Path) -> None:
    main = put(tmp_path, parts={"a.toml": ORG.format("acme") + CONNECTION.format("emea")})
    assert [c.name for c in add(main, US, {}).connections] == ["us", "emea"]
    assert main.read_text().startswith(MAIN)
    assert "us@acme.example" in main.read_text()
    assert "us@" not in (tmp_path / "conf.d" / "a.toml").read_text()


def test_a_connection_that_an_included_file_has_is_not_added_again(tmp_path: Path) -> None:
    main = put(tmp_path, parts={"a.toml": ORG.format("acme") + CONNECTION.format("us")})
    with pytest.raises(ConfigProblem, match="Configuration") as caught:
        add(main, US, {})
    assert f"a.toml: connections.us: found what {main} has too" in caught.value.message
    assert main.read_text() == MAIN


def test_a_connection_goes_out_of_the_file_that_holds_it(tmp_path: Path) -> None:
    before, after = "# the big one\n", "\n# end\n"
    text = before + CONNECTION.format("emea") + after
    main = put(tmp_path, parts={"a.toml": ORG.format("acme"), "b.toml": text})
    rest = remove(main, "emea", {})
    assert rest is not None
    assert rest.connections == ()
    file = tmp_path / "conf.d" / "b.toml"
    assert file.read_text() == before + after
    assert main.read_text() == MAIN
    assert file.with_name("b.toml.bak").read_text() == text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load(main, {}).connections == ()


def test_what_somebody_changed_in_that_file_meanwhile_stays(tmp_path: Path) -> None:
    main = put(tmp_path, parts={"a.toml": ORG.format("acme") + CONNECTION.format("emea")})
    file = tmp_path / "conf.d" / "a.toml"

    def agreed(config: Config) -> bool:
        file.write_text("# mine\n")
        return True

    with pytest.raises(ConfigProblem, match="Configuration"):
        remove(main, "emea", {}, agreed=agreed)
    assert file.read_text() == "# mine\n"


def test_each_value_is_shown_with_where_it_comes_from(tmp_path: Path) -> None:
    defaults = '[defaults.org]\nexperience = "classic"\n[defaults.connection]\ntenant = "t"\n[tenants.t]\n'
    acme = ORG.format("acme") + 'org_id = "00D1"\n' + CONNECTION.format("emea")
    lines = shown(put(tmp_path, MAIN + defaults, {"a.toml": acme}), ENVIRONMENT).splitlines()
    for line in (
        'api_url = "https://acme.my.salesforce.com"  # conf.d/a.toml',
        'experience = "classic"  # [defaults.org] of config.toml',
        "allow_repairs = false  # default",
        'base_url = "https://api.us.code42.com"  # environment: INCYDR_URL',
        'client_secret = "env:INCYDR_API_CLIENT_SECRET"  # default',
        'tenant = "t"  # [defaults.connection] of config.toml',
        'detector_name = "emea"  # default',
        'org_id = "00D1"  # [orgs.acme]',
        f'token = "file:{tmp_path}/secrets/acme"  # conf.d/a.toml',
    ):
        assert line in lines
