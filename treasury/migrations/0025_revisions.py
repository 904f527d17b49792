"""What was approved stands written: a revision for each submit and change, from what is known.

Of a request's newest revision its row tells the facts; of an earlier one the journal tells what
has changed since, in words: such rows of directories have a name and no key.
"""

import hashlib
import json
from collections import defaultdict
from decimal import Decimal
from itertools import islice

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

BATCH = 500
ROWS = (
    "organization", "department", "cash_flow_item", "counterparty", "counterparty_account",
    "own_account", "vat_rate", "requester",
)  # fmt: skip
RELATED = (*ROWS, "counterparty_account__bank", "own_account__bank")
MONEY = ("amount", "vat_amount")
PLAIN = ("currency", "purpose", "invoice_number", "contract")
PREPARED = ("draft", "returned")

SNAPSHOTS = """
    UPDATE treasury_paymentrequest SET snapshot_id = (
        SELECT revision.id FROM treasury_revision revision
        WHERE revision.request_id = treasury_paymentrequest.id
        AND revision.number = treasury_paymentrequest.revision
    )
    WHERE status IN ('in_approval', 'approved', 'declined') OR (
        status = 'cancelled' AND EXISTS (
            SELECT 1 FROM treasury_event event WHERE event.request_id = treasury_paymentrequest.id
            AND event.sequence = treasury_paymentrequest.journal_length - 1
            AND event.status = 'approved'
        )
    )
"""
DECISIONS = """
    UPDATE treasury_decision SET
        snapshot_id = (
            SELECT id FROM treasury_revision revision
            WHERE revision.request_id = treasury_decision.request_id
            AND revision.number = treasury_decision.revision
        ),
        digest = (
            SELECT digest FROM treasury_revision revision
            WHERE revision.request_id = treasury_decision.request_id
            AND revision.number = treasury_decision.revision
        )
"""


def fill(apps, editor) -> None:
    requests = apps.get_model("treasury", "PaymentRequest").objects.filter(revision__gt=0)
    rows = requests.select_related(*RELATED).order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        _write(apps, batch)
    with editor.connection.cursor() as cursor:
        cursor.execute(SNAPSHOTS)
        cursor.execute(DECISIONS)


def _write(apps, batch) -> None:
    model = apps.get_model("treasury", "Revision")
    keys = [request.pk for request in batch]
    documents, events = defaultdict(dict), defaultdict(list)
    attachments = apps.get_model("treasury", "Attachment").objects.filter(removed_at=None)
    for row in attachments.filter(request__in=keys).order_by("pk"):
        documents[row.request_id][row.sha256] = row.name
    for event in apps.get_model("treasury", "Event").objects.filter(request__in=keys).order_by("pk"):
        events[event.request_id].append(event)
    model.objects.bulk_create(
        model(
            request=request,
            number=number,
            facts=facts,
            digest=_digest(facts),
            submitted_at=submitted_at,
        )
        for request in batch
        for number, facts, submitted_at in _revisions(
            request, documents[request.pk], events[request.pk]
        )
    )


def _revisions(request, documents, events):
    """(number, facts, since when) of each, the newest first: what came after it is undone."""
    facts = {**_facts(request), "documents": documents, "reconstructed": True}
    later = list(events)
    for number in range(request.revision, 0, -1):
        while later and _is_after(later[-1], number):
            facts = _without(facts, later.pop().data)
        since = next((event.at for event in events if event.revision == number), request.created_at)
        yield number, facts, since


def _is_after(event, number) -> bool:
    return event.revision > number or (event.revision == number and event.status in PREPARED)


def _without(facts, data):
    """As the facts were before this entry."""
    former = dict(facts)
    for name, (old, _new) in data.get("changes", {}).items():
        if name in ROWS:
            former[name] = {"name": old} if old else {}
        elif name in MONEY:
            former[name] = f"{Decimal(old):.2f}"
        elif name in (*PLAIN, "invoice_date"):
            former[name] = old
    former["documents"] = dict(facts["documents"])
    for proof in data.get("documents", ()):
        former["documents"].pop(proof["sha256"], None)
    if "sha256" in data and "documents" in data.get("changes", {}):
        former["documents"][data["sha256"]] = data["changes"]["documents"][0]
    return former


def _facts(request):
    item, rate = request.cash_flow_item, request.vat_rate
    percent = "" if rate.percent is None else f"{rate.percent:.2f}"
    person = request.requester
    name = " ".join(filter(None, [person.last_name, person.first_name, person.patronymic]))
    return {
        "organization": _party(request.organization),
        "counterparty": _party(request.counterparty),
        "department": {"key": request.department_id, "name": request.department.name},
        "cash_flow_item": {"key": item.pk, "code": item.code, "name": item.name},
        "counterparty_account": _account(request.counterparty_account),
        "own_account": _account(request.own_account) if request.own_account else {},
        "vat_rate": {"key": rate.pk, "name": rate.name, "percent": percent},
        "requester": {"key": person.pk, "name": name},
        **{name: getattr(request, name) for name in PLAIN},
        **{name: f"{getattr(request, name):.2f}" for name in MONEY},
        "invoice_date": request.invoice_date.isoformat() if request.invoice_date else "",
    }


def _party(party):
    return {"key": party.pk, "name": party.name, "inn": party.inn, "kpp": party.kpp}


def _account(account):
    bank = account.bank
    return {"key": account.pk, "number": account.number, "bik": bank.bik, "bank": bank.name}


def _digest(facts) -> str:
    canonical = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class Migration(migrations.Migration):
    dependencies = [("treasury", "0024_requests_of_an_organization_by_status")]

    operations = [
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="revision")),
                ("facts", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("submitted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("request", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="treasury.paymentrequest", verbose_name="request")),
            ],
            options={
                "verbose_name": "revision",
                "ordering": ["request", "number"],
            },
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(models.F("request"), models.F("number"), name="revision_of_request"),
        ),
        migrations.AddField(
            model_name="paymentrequest",
            name="snapshot",
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treasury.revision"),
        ),
        migrations.AddField(
            model_name="decision",
            name="snapshot",
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="treasury.revision"),
        ),
        migrations.AddField(
            model_name="decision",
            name="digest",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
