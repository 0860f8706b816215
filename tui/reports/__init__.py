"""States as whole answers for programs: JSON, Nagios, Prometheus. Pure; a terminal is not known here."""
