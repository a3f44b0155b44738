"""A stack whose API and worker reach everything over cables."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from anyio.from_thread import start_blocking_portal

from tests.cables import Cable, a_cable
from tests.e2e.system import System
from tests.faults.stack import MODULE, Unusual, unusual


class Line(NamedTuple):
    """From one part to another."""

    of: str
    """``api`` or ``worker``."""
    to: str
    """``mongodb``, ``temporal``, ``stripe`` or ``mail``."""

    def setting(self, cable: Cable) -> tuple[str, str]:
        """The variable that says where the other end is, and the near end of the cable."""
        return {
            "mongodb": ("MONGODB_URI", f"mongodb://{cable.address}/?directConnection=true"),
            "temporal": ("TEMPORAL_ADDRESS", cable.address),
            "stripe": ("STRIPE_API_BASE", f"http://{cable.address}"),
            "mail": ("RESEND_API_URL", f"http://{cable.address}"),
        }[self.to]


LINES: Final = (
    *(Line("api", to) for to in ("mongodb", "temporal", "stripe")),
    *(Line("worker", to) for to in ("mongodb", "temporal", "stripe", "mail")),
)


@contextmanager
def wired_system(folder: Path, **settings: str) -> Iterator[tuple[System, Mapping[Line, Cable]]]:
    """The stack, running, and its lines."""
    system = System(folder, module=MODULE, **settings)
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        cables: dict[Line, Cable] = {}
        for line in LINES:
            port = int(system.environ[f"{line.to.upper()}_PORT"])
            cables[line] = stack.enter_context(portal.wrap_async_context_manager(a_cable(port)))
        told = {
            part: dict(line.setting(cable) for line, cable in cables.items() if line.of == part)
            for part in ("api", "worker")
        }
        system.environ |= unusual(**{part: Unusual(env=env) for part, env in told.items()})
        stack.enter_context(system.running())
        yield system, cables
