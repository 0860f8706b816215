"""The face of plain lines: for scripts, screen readers and dumb terminals."""
