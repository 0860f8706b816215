"""Holds an org and its tenants against everything that this program relies on. Reads only."""
