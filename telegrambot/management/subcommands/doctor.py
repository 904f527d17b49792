"""A look at everything that Telegram would, and at what the product stands on."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from telegrambot.doctor import registry
from telegrambot.doctor.registry import Finding
from telegrambot.doctor.results import Level
from telegrambot.management.subcommands.base import Options, Subcommand


def _asks(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for other programs")
    parser.add_argument(
        "--skip", nargs="+", default=[], choices=[check.name for check in registry.CHECKS],
        metavar="CHECK", help="what is not looked at, such as `webhook` where `poll` runs",
    )  # fmt: skip


def examine(command: BaseCommand, options: Options) -> None:
    findings = []
    for finding in registry.examine(options["skip"]):
        findings.append(finding)
        if not options["json"]:
            _write(command, finding)
    if options["json"]:
        command.stdout.write(_as_json(findings))
    if failed := sum(finding.result.level == Level.FAILURE for finding in findings):
        raise CommandError(_("Failures: %(count)d.") % {"count": failed})


def _write(command: BaseCommand, finding: Finding) -> None:
    result = finding.result
    style = {
        Level.OK: command.style.SUCCESS,
        Level.WARNING: command.style.WARNING,
        Level.FAILURE: command.style.ERROR,
    }[result.level]
    said = f": {result.said}" if result.said else ""
    command.stdout.write(f"{style(str(result.level.label))} — {finding.check.title}{said}")
    if result.remedy:
        command.stdout.write(f"    → {result.remedy}")


def _as_json(findings: list[Finding]) -> str:
    rows = [
        {
            "check": finding.check.name,
            "level": finding.result.level.value,
            "said": finding.result.said,
            "remedy": finding.result.remedy,
        }
        for finding in findings
    ]
    answer = {"status": registry.worst(findings).value, "findings": rows}
    return json.dumps(answer, ensure_ascii=False, indent=2)


ALL = (Subcommand("doctor", "check the settings and the connection", examine, _asks),)
