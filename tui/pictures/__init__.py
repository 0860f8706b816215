"""What is looked at rather than read: lines of pieces from a state, for a width. Pure."""
