"""Pictures in a pane of text: their tones as colours, and as wide as the pane is."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from tui.app.renderer import Line
from tui.connections.step import Sketch
from tui.pictures import availability, pieces, quota, sketch, timeline
from tui.pictures.availability import Month
from tui.pictures.pieces import Tone
from tui.pictures.quota import Quota
from tui.pictures.timeline import Timeline

STYLES = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.QUIET: "$foreground-muted",
    Tone.GOOD: "$success",
    Tone.BAD: "$error",
    Tone.WARNING: "$warning",
    Tone.HERE: "bold $primary",
}


class Picture(Struct, frozen=True):
    """What is drawn for a width in cells, and for ASCII or not. `optional`: only where there is room for all of it."""

    draw: Callable[[int, bool], Sequence[pieces.Line]]
    value: object
    """What is shown: two pictures of equal values are the same."""
    sentences: tuple[str, ...] = ()
    """The same in words, where no picture can be."""
    optional: bool = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and (self.value, self.optional) == (other.value, other.optional)

    def __hash__(self) -> int:
        return hash((self.value, self.optional))

    def lines(self, width: int, *, ascii: bool) -> list[Line]:
        return [[(text, STYLES[tone]) for text, tone in line] for line in self.draw(max(1, width), ascii)]


def of_outage(shown: Timeline, *, optional: bool = False) -> Picture:
    """The timeline of an outage."""
    said = timeline.sentences(shown)
    return Picture(lambda width, ascii: timeline.drawn(shown, width, ascii=ascii), shown, said, optional)


def of_page(shown: Sketch) -> Picture:
    """The sketch of a page of Salesforce, where there is room."""
    return Picture(lambda width, ascii: sketch.drawn(shown, width, ascii=ascii), shown, optional=True)


def of_quota(shown: Quota, sentences: tuple[str, ...]) -> Picture:
    """Who used the hour's sign-ins."""
    return Picture(lambda width, ascii: quota.drawn(shown, width, ascii=ascii), shown, sentences)


def of_month(shown: Month) -> Picture:
    """The last 30 days."""
    said = (availability.sentence(shown),)
    return Picture(lambda width, ascii: availability.drawn(shown, ascii=ascii), shown, said)
