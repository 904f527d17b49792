"""docker-compose.yml as Compose reads it, and the Dockerfile as its builder does."""

import json
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((Path(__file__).parent / "compose_spec/compose-spec.json").read_text())
# https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md, as far as it is used.
VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\})")

Json = dict[str, Any]


def load(environment: Mapping[str, str]) -> Json:
    """With aliases merged and variables put in."""
    read = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    loaded: Json = _interpolated(read, environment)
    return loaded


def _interpolated(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _interpolated(each, environment) for key, each in value.items()}
    if isinstance(value, list):
        return [_interpolated(each, environment) for each in value]
    if not isinstance(value, str):
        return value

    def replace(found: re.Match[str]) -> str:
        if found["escaped"]:
            return "$"
        return environment.get(found["name"]) or found["default"] or ""

    replaced = VARIABLE.sub(replace, value)
    assert "$" not in VARIABLE.sub("", value), f"not understood: {value}"
    return replaced


def bound(compose: Json, service: str) -> dict[str, str]:
    """Paths inside a container → those of this machine that are mounted there."""
    rows = (row.split(":") for row in compose["services"][service].get("volumes", []))
    bound = {target[0]: source for source, *target in rows if source not in compose["volumes"]}
    for name in compose["services"][service].get("secrets", []):
        bound[f"/run/secrets/{name}"] = compose["secrets"][name]["file"]
    return bound


def written(compose: Json, service: str) -> set[str]:
    """Paths inside a container where something may be written."""
    rows = (row.split(":") for row in compose["services"][service].get("volumes", []))
    kept = {target[0] for source, *target in rows if source in compose["volumes"]}
    return kept | {row.split(":")[0] for row in compose["services"][service]["tmpfs"]}


def words(command: str | list[str]) -> list[str]:
    return shlex.split(command) if isinstance(command, str) else command


class Dockerfile:
    def __init__(self) -> None:
        text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M)
        self.lines = [" ".join(line.split()) for line in text.replace("\\\n", " ").split("\n")]

    def all(self, instruction: str) -> list[str]:
        """What stands after it, wherever it is used."""
        head = f"{instruction} "
        return [line.removeprefix(head) for line in self.lines if line.startswith(head)]

    def stages(self) -> list[list[str]]:
        stages: list[list[str]] = []
        for line in filter(None, self.lines):
            if line.startswith("FROM "):
                stages.append([])
            stages[-1].append(line)
        return stages

    @property
    def environment(self) -> dict[str, str]:
        pairs = (word.partition("=") for line in self.all("ENV") for word in shlex.split(line))
        return {name: value for name, _equal, value in pairs}

    @property
    def command(self) -> list[str]:
        [command] = self.all("CMD")
        found: list[str] = json.loads(command)
        return found

    @property
    def health(self) -> list[str]:
        [check] = self.all("HEALTHCHECK")
        found: list[str] = json.loads(check.partition(" CMD ")[2])
        return found


def copy_context(target: Path) -> None:
    """What the builder gets to see, as .dockerignore says: all is left out but what is named."""
    everything, *rest = (ROOT / ".dockerignore").read_text().split()
    assert everything == "*"
    left_out = shutil.ignore_patterns(*(row.removeprefix("**/") for row in rest if row[0] == "*"))
    target.mkdir()
    for name in (row.removeprefix("!") for row in rest if row[0] == "!"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=left_out)
        else:
            shutil.copy(source, target / name)
