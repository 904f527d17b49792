"""What accountant, approver, treasurer, auditor and administrator may do with the treasury."""

from functools import partial

from django.db import migrations

from treasury.roles import grant, may, withdraw

PAYEES = "treasury.bank treasury.counterparty treasury.counterpartyaccount"
DIRECTORIES = (
    f"{PAYEES} treasury.organization treasury.ownaccount treasury.department "
    "treasury.cashflowitem treasury.vatrate"
)
ROUTING = (
    "treasury.approvalroute treasury.routestage treasury.approvergroup treasury.groupmembership"
)
RECORDS = "treasury.event treasury.decision"
ACCOUNTS = "treasury.employee treasury.accountevent"

GRANTS = {
    "Бухгалтер": may("view add change", "treasury.paymentrequest")
    | may("view", DIRECTORIES)
    | may("add change", PAYEES),
    # His tasks are his right.
    "Согласующий": set(),
    # Everyone has his own delegations; these permissions are about other people's.
    "Казначей": may("view add change cancel", "treasury.paymentrequest")
    | may("view", f"{DIRECTORIES} {RECORDS} treasury.delegation")
    | may("add change", f"{PAYEES} treasury.ownaccount"),
    "Аудитор": may("view", f"treasury.paymentrequest {DIRECTORIES} {ROUTING} {RECORDS} {ACCOUNTS}")
    | may("view", "treasury.delegation"),
    # Configures and repairs, but asks for no payment himself.
    "Администратор": may("view", f"treasury.paymentrequest auth.group {RECORDS} {ACCOUNTS}")
    | may("view add change delete", f"{DIRECTORIES} {ROUTING}")
    | may("view add change", "treasury.delegation")
    | may("add change", "treasury.employee")
    | {"treasury.reassign_task"},
}


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("treasury", "0008_protect_delegated_stages"),
    ]

    operations = [
        migrations.RunPython(partial(grant, grants=GRANTS), partial(withdraw, grants=GRANTS))
    ]
