"""The last release: what it had applied, and its code, so far as this clone's history has it."""

import shutil
import subprocess
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parent.parent
# What it had applied of each room, the dependent one first.
LAST_RELEASE = (
    ("telegrambot", "0040_ephemeral_commands"), ("treasury", "0039_journal_of_no_channel"),
)  # fmt: skip


def check_out(folder: Path) -> None:
    """Lay its code out. Without history the test is skipped, and in CI fails."""
    git = services.needed(shutil.which("git"), "git", "git")
    # A checkout may belong to somebody else than who runs the tests.
    git_here = [git, "-c", f"safe.directory={ROOT}", "-C", str(ROOT)]
    commit = _commit(git_here) or services.missing(
        "The last release is missing: fetch the whole history (git fetch --unshallow)."
    )
    archive = subprocess.run([*git_here, "archive", commit], capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)


def _commit(git: list[str]) -> str:
    """The newest without any later migration: that before the first which brought one."""
    added = subprocess.run(
        [*git, "log", "--diff-filter=A", "--format=%H", "--", *_later_migrations()],
        capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    if not added:
        return ""
    before = [*git, "rev-parse", "--verify", "--quiet", f"{added[-1]}^"]
    return subprocess.run(before, capture_output=True, text=True, check=False).stdout.strip()


def _later_migrations() -> list[str]:
    return [
        str(path.relative_to(ROOT))
        for room, newest in LAST_RELEASE
        for path in (ROOT / room / "migrations").glob("[0-9]*.py")
        if path.stem > newest
    ]
