from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class TreasuryConfig(AppConfig):
    name = "treasury"
    verbose_name = _("Treasury")

    def ready(self) -> None:
        # The models are loaded only now; the lookups register themselves with the fields.
        from treasury import checks, grants, guards, sqlite

        sqlite.connect()
        guards.connect(self)
        grants.connect(self)
        register(checks.check_journal_key, Tags.security, deploy=True)
        register(checks.check_scanner)
        register(checks.check_storage)
        register(checks.check_working_hours)
        register(checks.check_backup_recipient)
        _call_groups_roles()


def _call_groups_roles() -> None:
    """Django calls roles groups, and groups are what approvers belong to."""
    from django.contrib.auth.models import Group

    from treasury.models import Employee

    Group._meta.verbose_name, Group._meta.verbose_name_plural = _("role"), _("roles")
    Employee.groups.field.verbose_name = _("roles")
