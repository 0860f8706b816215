"""What vendors answered, as files: their format, and the program's own network played from one or kept in one."""
