"""From nothing to a connection, against the demo."""

from tests.unit.onboarding.first_start import Answers, Demo
from tui.config import parse
from tui.config.writing import rendered
from tui.connections.connection import Experience
from tui.connections.state import State
from tui.connections.status import Status
from tui.onboarding.needs import Errand


async def test_a_first_connection_is_pinned_to_its_org_user_and_application(demo: Demo) -> None:
    flow = await demo.walk(Answers(demo.answers()))
    config = parse(rendered(flow.tables()), str(demo.file))
    (connection,) = config.connections
    org = config.orgs[connection.org]
    user = demo.world.orgs["acme"].user("incydr.emea@acme.example")
    assert connection.user_id == user["Id"]
    assert connection.org_id == org.org_id == demo.world.orgs["acme"].id
    assert connection.incydr_app == "Incydr"
    assert connection.tenant == "us"
    assert org.experience is Experience.LIGHTNING
    assert not org.allow_repairs


async def test_the_first_reading_says_what_is_wrong(demo: Demo) -> None:
    flow = await demo.walk(Answers(demo.answers()))
    state = flow.fact(Errand.READING, State)
    assert state.status is Status.ERROR
    assert state.diagnosis.causes == ("user_frozen",)
