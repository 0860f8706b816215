"""The engines that people run take the answers as they are: those that this machine has."""

import getpass
import json
import os
import re
import select
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installed import REMONITOR, World, demo_process

README = Path(__file__).parents[2] / "README.md"
PLUGINS = "/usr/lib/nagios/plugins"


def program(name: str) -> str:
    """Its path; the test is skipped where the machine has none."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin:{PLUGINS}")
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with demo_process(tmp_path_factory.mktemp("engines")) as world:
        yield world


def test_promtool_finds_nothing_to_say_about_the_metrics(world: World) -> None:
    done = world.check("--format", "prometheus")
    assert (done.returncode, done.stderr) == (2, "")
    told = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=done.stdout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_promtool_accepts_the_alert_rules_of_the_readme(tmp_path: Path) -> None:
    block = README.read_text().split("<!-- alert rules -->")[1].split("```yaml\n")[1].split("```")[0]
    rules = tmp_path / "rules.yml"
    rules.write_text(block)
    told = subprocess.run(
        [program("promtool"), "check", "rules", str(rules)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "4 rules found" in told.stdout


ALERTS = """
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: 'remonitor_connection_status{connection="Acme US",org="acme",status="Error"}'
        values: "0 0 1 1 1"
      - series: 'remonitor_connection_status{connection="Acme US",org="acme",status="Deauthorized"}'
        values: "0 0 0 0 0"
      - series: 'remonitor_last_run_timestamp_seconds'
        values: "0 60 120 180 240"
    alert_rule_test:
      - {eval_time: 1m, alertname: IncydrConnectionError, exp_alerts: []}
      - eval_time: 3m
        alertname: IncydrConnectionError
        exp_alerts:
          - exp_labels: {severity: critical, connection: "Acme US", org: acme}
            exp_annotations:
              summary: "Acme US: Incydr's monitoring of Salesforce has stopped"
              description: "On the host: remonitor steps 'Acme US'"
      - {eval_time: 4m, alertname: RemonitorStale, exp_alerts: []}
      - eval_time: 30m
        alertname: RemonitorStale
        exp_alerts:
          - exp_labels: {severity: warning}
            exp_annotations: {summary: remonitor has not written its metrics for 15 minutes}
"""


def test_the_alerts_of_the_readme_fire_when_they_should(tmp_path: Path) -> None:
    block = README.read_text().split("<!-- alert rules -->")[1].split("```yaml\n")[1].split("```")[0]
    (tmp_path / "rules.yml").write_text(block)
    (tmp_path / "tests.yml").write_text(ALERTS)
    told = subprocess.run(
        [program("promtool"), "test", "rules", str(tmp_path / "tests.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_node_exporter_serves_the_file_without_an_error(world: World, tmp_path: Path) -> None:
    exporter = program("prometheus-node-exporter")
    assert world.check("--format", "prometheus", "-o", str(tmp_path / "remonitor.prom")).returncode == 2
    arguments = ["--collector.disable-defaults", "--collector.textfile", "--web.listen-address=127.0.0.1:0"]
    server = subprocess.Popen(
        [exporter, *arguments, f"--collector.textfile.directory={tmp_path}"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        port = next(
            m[1] for line in server.stderr if (m := re.search(r'127\.0\.0\.1:(\d+)"?', line)) and m[1] != "0"
        )
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
    finally:
        server.terminate()
        server.wait(10)
        server.stderr.close()
    assert "node_textfile_scrape_error 0" in text
    assert 'remonitor_connection_status{connection="Acme EMEA",org="acme",status="Error"} 1' in text


def test_zabbix_agent_discovers_and_checks(world: World, tmp_path: Path) -> None:
    agent = program("zabbix_agentd")
    script = f'{REMONITOR} check "$1" --format json --brief --timeout 25s'
    settings = (
        f"LogFile={tmp_path}/log\nServer=127.0.0.1\nTimeout=30\n"
        f"UserParameter=remonitor.discovery,{REMONITOR} list --format lld\n"
        f"UserParameter=remonitor.check[*],{script}\n"
    )
    (tmp_path / "agent.conf").write_text(settings)

    def ask(item: str) -> dict[str, list[dict[str, str]]]:
        told = subprocess.run(
            [agent, "-c", str(tmp_path / "agent.conf"), "-t", item],
            env=world.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        answer = re.search(r"\[t\|(.*)\]\s*$", told.stdout, re.S)
        assert answer, told.stdout + told.stderr
        return dict(json.loads(answer[1]))

    names = [each["{#CONNECTION}"] for each in ask("remonitor.discovery")["data"]]
    assert "Acme EMEA" in names
    assert ask("remonitor.check[Acme EMEA]")["connections"][0]["status"] == "Error"


def test_a_monitoring_plugin_takes_the_answer_for_one_of_its_own(world: World) -> None:
    told = subprocess.run(
        [program("negate"), "-c", "OK", "-s", str(REMONITOR), "check", "Acme EMEA", "--format", "nagios"],
        env=world.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stdout
    assert told.stdout.startswith("REMONITOR OK - 1 Error of 1: Acme EMEA frozen by jane@acme.example at ")


NAGIOS = """
log_file={folder}/nagios.log
object_cache_file={folder}/objects.cache
status_file={folder}/status.dat
temp_file={folder}/nagios.tmp
temp_path={folder}
check_result_path={folder}/results
lock_file={folder}/nagios.lock
command_file={folder}/nagios.cmd
query_socket={folder}/nagios.qh
cfg_file={folder}/objects.cfg
nagios_user={user}
nagios_group={group}
check_external_commands=0
process_performance_data=1
service_inter_check_delay_method=n
max_service_check_spread=1
execute_host_checks=0
service_perfdata_file={folder}/answers
service_perfdata_file_mode=p
service_perfdata_file_template=$SERVICEDESC$\\t$SERVICESTATE$\\t$SERVICEOUTPUT$\\t$SERVICEPERFDATA$\\t$LONGSERVICEOUTPUT$
"""
OBJECTS = """
define command {{
    command_name check_remonitor
    command_line env REMONITOR_STATE={folder}/$SERVICEDESC$ {remonitor} check --format nagios $ARG1$
}}
define timeperiod {{
    timeperiod_name always
    alias always
    {days}
}}
define contact {{
    contact_name nobody
    host_notifications_enabled 0
    service_notifications_enabled 0
    host_notification_period always
    service_notification_period always
    host_notification_commands check_remonitor
    service_notification_commands check_remonitor
}}
define host {{
    host_name here
    address 127.0.0.1
    max_check_attempts 1
    check_period always
    notification_period always
    contacts nobody
}}
"""
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
SERVICE = """
define service {{
    host_name here
    service_description {name}
    check_command check_remonitor!{arguments}
    max_check_attempts 1
    check_interval 60
    check_period always
    notification_period always
    contacts nobody
}}
"""


def test_nagios_shows_state_output_and_performance_data(world: World, tmp_path: Path) -> None:
    nagios = program("nagios4")
    services = {"frozen": "'Acme EMEA'", "well": "'Acme US'", "wrong": "nobody", "all": ""}
    days = "\n    ".join(f"{day} 00:00-24:00" for day in DAYS)
    objects = OBJECTS.format(remonitor=REMONITOR, folder=tmp_path, days=days)
    objects += "".join(SERVICE.format(name=name, arguments=given) for name, given in services.items())
    (tmp_path / "results").mkdir()
    (tmp_path / "objects.cfg").write_text(objects)
    user = getpass.getuser()
    group = subprocess.run(["id", "-gn"], capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / "nagios.cfg").write_text(NAGIOS.format(folder=tmp_path, user=user, group=group))
    os.mkfifo(tmp_path / "answers")
    reader = os.open(tmp_path / "answers", os.O_RDWR)
    server = subprocess.Popen(
        [nagios, str(tmp_path / "nagios.cfg")],
        env=world.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        found: dict[str, list[str]] = {}
        text = ""
        while len(found) < len(services):
            ready = select.select([reader], [], [], 30)[0]
            assert ready, (tmp_path / "nagios.log").read_text()
            text += os.read(reader, 65_536).decode()
            *lines, text = text.split("\n")
            found |= {name: told for name, *told in (line.split("\t") for line in lines)}
    finally:
        server.terminate()
        server.communicate(timeout=20)
        os.close(reader)
    state, output, data, _ = found["frozen"]
    assert state == "CRITICAL"
    assert output.startswith("REMONITOR CRITICAL - 1 Error of 1: Acme EMEA frozen by jane@acme.example at ")
    assert data.startswith("error=1;0;0 overdue=0;0;0 ")
    assert found["well"][0] == "OK"
    assert found["wrong"][:2] == [
        "UNKNOWN",
        f"REMONITOR UNKNOWN - Unknown connection: nobody is not in {world.environment['REMONITOR_CONFIG']}. "
        "remonitor list shows every name.",
    ]
    state, output, data, long = found["all"]
    assert state == "CRITICAL"
    assert "'Acme EMEA last_seen'=" in data
    assert "OK Acme US: Monitoring" in long


def test_systemd_takes_the_readmes_units_and_timer(tmp_path: Path) -> None:
    block = README.read_text().split("<!-- unit -->\n```ini\n")[1].split("```")[0]
    named = re.split(r"# /etc/systemd/system/(\S+)\n", block)[1:]
    assert named[::2] == ["remonitor-watch.service", "remonitor-check.service", "remonitor-check.timer"]
    for name, text in zip(named[::2], named[1::2], strict=True):
        (tmp_path / name).write_text(text.replace("/usr/local/bin/remonitor", str(REMONITOR)))
    units = [str(tmp_path / name) for name in named[::2]]
    done = subprocess.run(
        [program("systemd-analyze"), "verify", *units],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # It may speak of the machine's other units too.
    assert (done.returncode, "remonitor" in done.stderr) == (0, False), done.stderr
