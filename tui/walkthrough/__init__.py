"""The guided walk through the steps: what it shows, what it does; the app and the plain lines are its two faces."""
