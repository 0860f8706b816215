"""What --help says beside the options: what a command is for, examples, exit codes. Plain data."""

from typing import NamedTuple


class Manual(NamedTuple):
    """One page. `text` is wrapped already; examples are (command line, what for), codes (code, meaning)."""

    text: str
    examples: tuple[tuple[str, str], ...] = ()
    codes: tuple[tuple[str, str], ...] = ()

    def epilog(self) -> str:
        """Examples and exit codes as they stand below the options."""
        parts = []
        if self.examples:
            lines = [f"  {line}\n      {what}" for line, what in self.examples]
            parts.append("examples:\n" + "\n".join(lines))
        if self.codes:
            parts.append(
                "exit codes:\n" + "\n".join(f"  {code:<4} {meaning}" for code, meaning in self.codes)
            )
        return "\n\n".join(parts)


USAGE = ("64", "wrong command line, also a NAME that is not configured")
CONFIG = ("78", "the configuration cannot be used")
UNKNOWN = ("3", "Unknown, or nobody could be asked")
ENDED = ("130", "interrupted; 128+n by another signal")

ROOT = Manual(
    """\
Incydr watches report downloads in a Salesforce org through a data connection.
When its service account is frozen, deactivated, over its hourly sign-in quota
or short of a permission, the connection goes to Error and monitoring stops.
remonitor finds the cause, with who and when, walks you through the repair in
Lightning or Classic (or applies it, where you allow that), and watches until
there is proof that Incydr is back.

Without a command the app opens. On a dumb terminal, or without one, it goes on
line by line. Data goes to stdout, everything else to stderr.""",
    (
        ("remonitor demo --speed 60", "look around: a stand-in org and Incydr on this machine"),
        ("remonitor add", "configure a connection by questions"),
        ("remonitor check", "what is the matter, once, with an exit code for monitoring systems"),
        ("remonitor steps 'Acme EMEA' --follow", "the walkthrough line by line, for screen readers"),
    ),
    (
        ("0", "done; check: all Monitoring"),
        ("1", "no or refused; check: on the way back, or clears by itself"),
        ("2", "check and wait: Error that needs a person, overdue, Deauthorized"),
        UNKNOWN,
        USAGE,
        ("70", "internal fault; the log says more"),
        CONFIG,
        ("124", "wait: the time is over"),
        ENDED,
    ),
)

ENVIRONMENT = """\
environment:
  REMONITOR_CONFIG  the configuration file, instead of the user's own folder
  REMONITOR_STATE   the folder of journal, log, reports and lock
  NO_COLOR          not empty: no colours
  TERM              dumb: line by line

remonitor COMMAND --help says more about a command."""

PAGES = {
    "demo": Manual(
        """\
Opens the app on a stand-in Salesforce org, Incydr tenant and Incydr, which run
on this machine and end with the app. Press ctrl+p and look for Demo to act as
the Salesforce administrator.""",
        (
            ("remonitor demo --speed 60", "twenty minutes take twenty seconds"),
            ("remonitor demo --keep", "let the world run on; the app says how to come back"),
        ),
        (
            ("0", "left; line by line: Incydr is back"),
            ("1", "line by line: left while Recovering"),
            ("2", "line by line: left while it is in Error"),
            ("3", "the demo did not start, or --attach found none"),
            USAGE,
            ENDED,
        ),
    ),
    "check": Manual(
        """\
Reads the named connections, or all, once, and says status, cause, who and
when, and what to do next. The exit code is that of the worst, as monitoring
systems expect it.

With --format nagios the answer is a plugin's: one line, long text and data
below, exit codes 0 to 3 alone, and nothing on stderr; what is not read within
10 seconds is UNKNOWN by name. With --format prometheus it is gauges for a
scrape, or with -o for node_exporter's textfile collector. With --format json a
failure is JSON too.""",
        (
            ("remonitor check", "all connections"),
            ("remonitor check 'Acme EMEA' --format json", "one of them, for a script"),
            ("remonitor check --format json --brief", "the few fields that a pager needs"),
            ("remonitor check --org acme --format nagios", "a service of Nagios or Icinga"),
            (
                "remonitor check --format prometheus -o /var/lib/node_exporter/remonitor.prom",
                "for the textfile collector",
            ),
            ("remonitor check --changed --quiet", "for cron: mail at news alone"),
            ("remonitor check --replay tuesday.json.gz", "of a recording, without any network"),
        ),
        (
            ("0", "all Monitoring"),
            ("1", "Recovering, Initializing, or only causes that clear by themselves"),
            ("2", "Error that needs a person, overdue, Deauthorized"),
            UNKNOWN,
            USAGE,
            CONFIG,
        ),
    ),
    "replay": Manual(
        """\
Opens the app on a recording of what orgs and tenants answered: its readings
come at their times. Nothing goes over the network and nothing can be changed;
what was not recorded is said to be unreadable.""",
        (
            ("remonitor replay tuesday.json.gz", "as it was"),
            ("remonitor replay tuesday.json.gz --speed 60", "an hour takes a minute"),
        ),
        (
            ("0", "left; line by line: Incydr is back"),
            ("1", "line by line: left while Recovering"),
            ("2", "line by line: left while it is in Error"),
            ("3", "the recording cannot be read"),
            USAGE,
            ENDED,
        ),
    ),
    "wait": Manual(
        """\
Watches one connection and ends when it is back to Monitoring, when a person is
needed, or when the time is over. Changes are told on stderr.""",
        (
            (
                "remonitor wait 'Acme EMEA' && echo | mail -s 'Incydr is back' ops@acme.example",
                "tell somebody",
            ),
            ("remonitor wait 'Acme EMEA' --timeout 40m", "no longer than that"),
        ),
        (
            ("0", "Monitoring"),
            ("2", "Error that needs a person, overdue, Deauthorized"),
            UNKNOWN,
            USAGE,
            CONFIG,
            ("124", "the time is over"),
            ENDED,
        ),
    ),
    "resume": Manual(
        """\
Goes on with a walkthrough that was left, at its step, after Salesforce has been
read again. Walkthroughs survive a dropped link, a kill and a restart.""",
        (
            ("remonitor resume", "the app offers the newest one"),
            ("remonitor resume 'Acme EMEA' --plain", "this one, line by line"),
        ),
        (
            ("0", "left; line by line: Incydr is back"),
            ("1", "line by line: no walkthrough was left, or left while Recovering"),
            ("2", "line by line: left while it is in Error"),
            UNKNOWN,
            USAGE,
            CONFIG,
            ENDED,
        ),
    ),
    "explain": Manual(
        """\
Says which cause an Incydr console message means and what mends it. The message
may be pasted with whatever surrounds it. Without a text all causes are told.

Where connections are configured they are read, and the message is held against
what Salesforce shows of those that have a fault: the console shows one message
for several causes, and an old one after the repair.""",
        (
            ("remonitor explain", "every known cause"),
            ("remonitor explain - < mail.txt", "the message in a file"),
            (
                'remonitor explain --connection "Acme EMEA" -',
                "the message against what Salesforce shows",
            ),
        ),
        (
            ("0", "a cause is known"),
            ("1", "no known cause has this message"),
            ("3", "--connection: it could not be read"),
            USAGE,
            CONFIG,
        ),
    ),
    "steps": Manual(
        """\
The walkthrough as numbered plain lines: of a connection, for what is wrong with
it now, or of one cause without any configuration.

With --follow it is the whole wizard, line by line: it reads Salesforce while
you work, says only what is new, and ends when Incydr is back. Keys are typed
with Enter: Enter alone means done, b back, s skip, f fix it for me, m the
console shows Monitoring, x the other experience, r check now, ? help, q leave.
Without a terminal the lines of standard input are the keys; after their end it
watches on.""",
        (
            ("remonitor steps user_frozen --experience classic", "what to do about a freeze"),
            ("remonitor steps 'Acme EMEA' --follow", "walk back to Monitoring"),
        ),
        (
            ("0", "done; with --follow: Incydr is back"),
            ("1", "nothing is wrong; with --follow: left while Recovering"),
            ("2", "with --follow: left while it is in Error"),
            UNKNOWN,
            USAGE,
            CONFIG,
        ),
    ),
    "fix": Manual(
        """\
Shows exactly what would change in Salesforce (object, record, field, before and
after, as whom), asks once, reads the field again, sends the change, reads it
back, and keeps it in the journal. Where another person or automation did what
is to be undone, the username of the service account must be typed, or given
with --confirm: ask them first. Repairs are off until allow_repairs = true
stands in the configuration of the org.""",
        (
            ("remonitor fix 'Acme EMEA' --dry-run", "show what would change"),
            ("remonitor fix 'Acme EMEA' && remonitor wait 'Acme EMEA'", "repair, then watch the return"),
            ("remonitor fix 'Acme EMEA' --confirm svc@acme.example", "undo another person's freeze"),
        ),
        (
            ("0", "applied and read back, or nothing to repair; with --dry-run: it could be"),
            ("1", "not applied: refused, not agreed to, off, or nothing the program can do"),
            UNKNOWN,
            USAGE,
            CONFIG,
        ),
    ),
    "report": Manual(
        """\
What happened, for the ticket: causes with who and when, the evidence, what was
done by whom, the changes that this program made, the proof of return, how long
monitoring was off, and which exports are to be checked. Times are in UTC and in
your zone. The app writes the same to a file with w.""",
        (
            ("remonitor report 'Acme EMEA' > outage.md", "Markdown for the ticket"),
            ("remonitor report 'Acme EMEA' --format json", "for a script"),
        ),
        (("0", "written"), UNKNOWN, USAGE, CONFIG),
    ),
    "add": Manual(
        """\
Adds a connection: signs in to its org, suggests the service account, pins org,
user and application, reads once, and writes the configuration. By questions on
a terminal, or all of it by options.""",
        (
            ("remonitor add", "by questions"),
            (
                "remonitor add --yes --org acme --account svc@acme.example \\\n"
                "      --app Incydr --tenant us --name 'Acme EMEA'",
                "for a script, where org and tenant are configured",
            ),
        ),
        (("0", "added"), ("1", "left without adding"), UNKNOWN, USAGE, CONFIG),
    ),
    "remove": Manual(
        """\
Cuts a connection from the configuration; comments and the rest of the file stay
as they are. On a terminal it asks first.""",
        (
            ("remonitor remove 'Acme Legacy'", "the file before is kept beside it"),
            ("remonitor remove 'Acme Legacy' --yes", "without the question"),
        ),
        (("0", "removed"), ("1", "not removed: you said no"), USAGE, CONFIG),
    ),
    "whoami": Manual(
        """\
As whom you are signed in to each org, and which of the rights that count here
you have.""",
        codes=(
            ("0", "signed in to every org"),
            ("1", "a sign-in is refused"),
            UNKNOWN,
            USAGE,
            CONFIG,
        ),
    ),
    "doctor": Manual(
        """\
Checks this machine and every step to the orgs: versions, paths, terminal,
configuration, then for each connection name lookup, TCP, TLS, sign-in, rights,
one reading, and the clocks. Secrets never appear: its words are fit to paste.""",
        (("remonitor doctor 'Acme EMEA'", "only what this connection needs"),),
        (("0", "nothing is in the way"), ("1", "something is; each line says what mends it"), USAGE, CONFIG),
    ),
    "login": Manual(
        """\
Signs in to an org in your browser, where its configuration says so, and keeps
the refresh token privately on this machine. On a remote host the address is
shown to be opened elsewhere.""",
        (("remonitor login acme", "the org acme of the configuration"),),
        (("0", "signed in"), UNKNOWN, USAGE, CONFIG),
    ),
    "list": Manual(
        """\
The configured connections, one a line: name, org, service account, with tabs
between; as JSON; or as Zabbix discovers them (lld).""",
        (
            ("remonitor list | cut -f1", "the names alone"),
            ("remonitor list --format lld", "for a discovery rule of Zabbix"),
        ),
        (("0", "listed"), USAGE, CONFIG),
    ),
    "schema": Manual(
        """\
Prints a JSON Schema: of what check says with --format json (check), and with
--brief too (brief); of the configuration file (config), for editors that know
TOML; of what a hook reads on its standard input (hook).""",
        (("remonitor schema config > remonitor.schema.json", "for your editor"),),
        (("0", "printed"), USAGE),
    ),
    "config": Manual(
        """\
path says where the configuration is, check whether it is sound, show what it
was understood to say, defaults included, without secrets.""",
        (
            ('$EDITOR "$(remonitor config path)"', "edit it"),
            ("remonitor config check", "then see if it is sound"),
        ),
        (
            ("0", "done; check: sound, and every sign-in works"),
            ("1", "check: sound, but a sign-in is refused"),
            ("3", "check: sound, but somebody could not be asked"),
            USAGE,
            CONFIG,
        ),
    ),
    "completion": Manual(
        """\
Prints the completion script for a shell; it completes commands, options and the
names of your connections.""",
        (
            ('eval "$(remonitor completion bash)"', "in ~/.bashrc"),
            ("remonitor completion zsh > ~/.zfunc/_remonitor", "in a folder of $fpath"),
            ("remonitor completion fish > ~/.config/fish/completions/remonitor.fish", "for fish"),
        ),
        (("0", "printed"), USAGE),
    ),
}
"""By command."""


def page(name: str) -> Manual:
    """The page of a command; an empty one where it has none."""
    return PAGES.get(name, Manual(""))
