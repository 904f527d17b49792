"""Translations: `python -m config.translations compile|update|check`.

`compile` needs no GNU gettext, so the demo runs on a fresh machine; the other two do.
"""

import argparse
import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/ru/LC_MESSAGES/django.po")
# What has no text for the product's users.
APART = (".*", "var", "tests", "sandbox", "benchmarks", "staticfiles", "deploy")


def compile_catalogue() -> None:
    polib.pofile(str(ROOT / CATALOGUE)).save_as_mofile(str(ROOT / CATALOGUE.with_suffix(".mo")))


def update(root: Path = ROOT) -> None:
    """Bring the catalogue in line with the texts of the code and the templates."""
    ignored = [f"--ignore={pattern}" for pattern in APART]
    command = [sys.executable, "manage.py", "makemessages", "--locale=ru", "--no-wrap"]
    subprocess.run([*command, "--add-location=file", *ignored], cwd=root, check=True)  # noqa: S603
    # Versions of gettext break the lines of places differently.
    polib.pofile(str(root / CATALOGUE), wrapwidth=0).save()


def problems() -> Iterator[str]:
    """What `update` would leave to translate or to throw away, found on a copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*APART, "__pycache__"))
        update(copy)
        for entry in polib.pofile(str(copy / CATALOGUE)):
            if entry.obsolete:
                yield f"no longer used: {entry.msgid!r}"
            elif not entry.translated():
                yield f"{'fuzzy' if entry.fuzzy else 'not translated'}: {entry.msgid!r}"


def hidden(root: Path = ROOT) -> Iterator[str]:
    """Texts within f-strings, where xgettext does not see them."""
    rooms = [room for room in root.iterdir() if not any(map(room.match, APART))]
    for path in sorted(path for room in rooms for path in room.rglob("*.py")):
        for string in ast.walk(ast.parse(path.read_text())):
            if isinstance(string, ast.JoinedStr) and any(map(_translates, ast.walk(string))):
                yield f"in an f-string: {path.relative_to(root)}:{string.lineno}"


def _translates(node: ast.AST) -> bool:
    name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    return name == "_" or "gettext" in name


def check() -> None:
    found = [*hidden(), *problems()]
    if found:
        sys.exit("\n".join([*found, f"{len(found)} texts: run `make messages`, then translate."]))
    # A placeholder that the translation has lost or made up would fail only in front of a user.
    command = ["msgfmt", "--check-format", "--output-file=/dev/null", str(CATALOGUE)]
    sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)  # noqa: S603


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m config.translations", description=__doc__)
    parser.add_argument("action", choices=["compile", "update", "check"])
    action = parser.parse_args().action
    if action == "compile":
        return compile_catalogue()
    if not shutil.which("xgettext"):
        sys.exit("GNU gettext is missing: install it (Debian: apt-get install gettext).")
    return update() if action == "update" else check()


if __name__ == "__main__":
    main()
