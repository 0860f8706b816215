"""What every room may use: clock, problems, secrets, text, paths, child processes."""
