"""One module an idea; `telegrambot.doctor.registry` has them in their order."""
