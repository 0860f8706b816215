"""What several causes need: who did it, sign-in texts, effective permissions, repairs of permissions. Pure."""
