"""remonitor: gets an Incydr data connection to Salesforce back to Monitoring, in the terminal."""

__version__ = "0.1.0"
