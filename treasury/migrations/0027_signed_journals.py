"""The journals are signed with a key that is not in the database, and those of accounts and routes
are chains too.

The chains of requests that are whole are signed as they stand; what was altered before is left as
it is, and `verify_journal` goes on naming it.
"""

import hashlib
import json
from importlib import import_module
from itertools import groupby, islice
from operator import attrgetter

from django.db import migrations, models

from treasury import signing

GENESIS = "0" * 64
BATCH = 1000
GUARDS = [
    import_module(f"treasury.migrations.{name}")
    for name in ("0002_guard_journal", "0005_guard_account_journal", "0020_people_journal")
]
EVENT = (
    "request_id", "sequence", "action", "actor_id", "on_behalf_of_id", "channel", "revision",
    "status", "reason", "data",
)  # fmt: skip
ACCOUNT = ("sequence", "employee_id", "action", "actor_id", "channel", "data")
ROUTE = ("sequence", "route", "name", "actor_id", "channel", "data")


def lower_guards(apps, editor) -> None:
    for guard in GUARDS:
        guard.unguard(editor.connection)


def raise_guards(apps, editor) -> None:
    for guard in GUARDS:
        guard.guard(editor.connection)


def sign(apps, editor) -> None:
    key = signing.current()
    _chain_again(apps, _sha256, signing.sign, key)
    ends = apps.get_model("treasury", "JournalEnd").objects
    journals = ("accounts", "AccountEvent", ACCOUNT), ("routes", "RouteEvent", ROUTE)
    for journal, model, names in journals:
        rows, length, last = apps.get_model("treasury", model).objects, 0, GENESIS
        for length, link in enumerate(rows.order_by("pk").iterator(chunk_size=BATCH), start=1):
            link.sequence, link.previous_hash, link.key = length, last, key
            last = link.hash = signing.sign(last + _canonical(link, names), key)
            rows.filter(pk=link.pk).update(
                sequence=length, previous_hash=link.previous_hash, key=key, hash=last
            )
        ends.create(journal=journal, length=length, hash=last)


def unsign(apps, editor) -> None:
    def signed(text, key):
        try:
            return signing.sign(text, key)
        except signing.UnknownKey:
            return ""

    _chain_again(apps, signed, _sha256, "")


def _chain_again(apps, former, proof, key) -> None:
    """Write the chains anew by `proof`, as far as they are whole by the former one."""
    events = apps.get_model("treasury", "Event").objects
    requests = apps.get_model("treasury", "PaymentRequest").objects
    rows = events.order_by("request_id", "sequence").iterator(chunk_size=BATCH)
    chains = (list(chain) for _request, chain in groupby(rows, key=attrgetter("request_id")))
    while batch := list(islice(chains, BATCH)):
        written, ends = [], []
        for chain in batch:
            previous = last = GENESIS
            for link in chain:
                text = _canonical(link, EVENT)
                if (link.previous_hash, link.hash) != (previous, former(previous + text, link.key)):
                    break
                previous = link.hash
                link.previous_hash, link.key = last, key
                last = link.hash = proof(last + text, key)
                written.append(link)
            else:
                ends.append((chain[0].request_id, previous, last))
        events.bulk_update(written, ["previous_hash", "hash", "key"], batch_size=200)
        for request, was, now in ends:
            requests.filter(pk=request, journal_hash=was).update(journal_hash=now)


def _canonical(link, names) -> str:
    told = {name.removesuffix("_id"): getattr(link, name) for name in names}
    told["at"] = link.at.isoformat()
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sha256(text, _key) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


LINK = [
    ("sequence", models.PositiveIntegerField(null=True, verbose_name="no.")),
    ("previous_hash", models.CharField(default="", editable=False, max_length=64)),
    ("hash", models.CharField(default="", editable=False, max_length=64)),
]


class Migration(migrations.Migration):
    dependencies = [("treasury", "0026_revisions_stand")]

    operations = [
        migrations.RunPython(lower_guards, raise_guards),
        *(
            migrations.AddField(
                model_name=model,
                name="key",
                field=models.CharField(default="", editable=False, max_length=16),
                preserve_default=False,
            )
            for model in ("event", "accountevent", "routeevent")
        ),
        *(
            migrations.AddField(
                model_name=model, name=name, field=field.clone(), preserve_default=name == "sequence"
            )
            for model in ("accountevent", "routeevent")
            for name, field in LINK
        ),
        *(
            migrations.AlterField(
                model_name="event",
                name=name,
                field=models.CharField(editable=False, max_length=64),
            )
            for name in ("previous_hash", "hash")
        ),
        migrations.CreateModel(
            name="JournalEnd",
            fields=[
                ("journal", models.CharField(choices=[("accounts", "Accounts"), ("routes", "Routes")], max_length=10, primary_key=True, serialize=False)),
                ("length", models.PositiveIntegerField(default=0)),
                ("hash", models.CharField(default=GENESIS, max_length=64)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(sign, unsign),
    ]
