"""JSON Schema of what this program writes, made of the very types that are written."""

from typing import Any

import msgspec
from msgspec import Struct

from tui.reports.documents import BriefDocument, Document, FailureDocument
from tui.reports.hook import Change

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SHAPES: dict[str, tuple[str, tuple[type[Struct], ...]]] = {
    "check": ("remonitor check --format json", (Document, FailureDocument)),
    "brief": ("remonitor check --format json --brief", (BriefDocument, FailureDocument)),
    "hook": ("what a hook reads on its standard input", (Change,)),
}
NAMES = tuple(_SHAPES)


def schema(name: str) -> dict[str, Any]:
    """The schema of one of NAMES: an answer, or the failure that may stand in its place."""
    title, shapes = _SHAPES[name]
    answers, parts = msgspec.json.schema_components(shapes, ref_template="#/$defs/{name}")
    return {"$schema": DIALECT, "title": title, "anyOf": list(answers), "$defs": parts}
