"""Speaks to an Incydr tenant, and to the site's own command that knows the console's status."""
