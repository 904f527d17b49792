"""The parts of `manage.py telegram`: one module an idea, all in the order of its help."""

from telegrambot.management.subcommands import bot, certificate, doctor, running, webhook

ALL = (*webhook.ALL, *certificate.ALL, *bot.ALL, *running.ALL, *doctor.ALL)
