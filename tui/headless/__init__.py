"""The program in lines and exit codes: for scripts, screen readers and dumb terminals."""
