"""The only writers of the treasury: admin, bot, API and tasks call these and nothing else."""
