"""What can go wrong while somebody else's data is decoded."""

import msgspec

BAD_DATA = (msgspec.MsgspecError, RecursionError, OverflowError, ValueError)
"""Wrong shapes, nesting without end, numbers and bytes out of range."""
