"""Speaks to a Salesforce org: reads what a reading needs, applies repairs."""
