"""Made-up work, for a worker in this process or in one of its own."""

import sys
from collections.abc import Callable
from typing import Any

from mobilizer.jobs.kinds import Kind, Task
from mobilizer.policy import Permission


class Here:
    """A place that a member's own unit makes readable."""

    def __init__(self, unit_code: str) -> None:
        self.unit_code = unit_code


def kind(work: Callable[[Task], None], name: str = "made-up", **more: Any) -> Kind:
    """For whoever may read participation in the unit that the arguments name; without one for everybody."""

    def needs(arguments: Any) -> list[tuple[Permission, Any]]:
        unit = arguments.get("unit")
        return [(Permission.PARTICIPATION_READ, Here(unit))] if unit else []

    return Kind(name, "Made up", needs, work, **more)


def write_words(task: Task) -> None:
    task.tell(1, 2)
    task.path.write_text(f"for {task.reader.name}: {task.arguments}")
    task.tell(2, 2)


def say_and_wait(task: Task) -> None:
    """Half of it is written; the rest would come with a line on standard input."""
    task.path.write_text("half")
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    from mobilizer import create_app
    from mobilizer.commands.working import work_due
    from mobilizer.jobs import kinds

    app = create_app()
    kinds.declare(kind(say_and_wait))
    with app.app_context():
        work_due()
