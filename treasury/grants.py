"""What the product's own role of PostgreSQL may do, where another one owns the tables.

The triggers of `treasury.seals` keep the records as they are, and an owner may drop them. So web
and workers can connect as a role that owns nothing: `migrate`, which the owner runs, gives it all
that they need, of new tables too, and nothing by which a record could be rewritten.
"""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.management import CommandError
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate

from treasury import seals

_GIVE = """
REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {role};
REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role};
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};
GRANT CONNECT ON DATABASE {database} TO {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
REVOKE UPDATE, DELETE ON {records} FROM {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
"""
# Whatever is not taken from the role itself: what it is, whom it belongs to, what everybody may.
_TOO_MUCH = """
SELECT privilege || ' on ' || record
FROM unnest(%(records)s) record, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) privilege
WHERE has_table_privilege(%(role)s, record, privilege)
UNION ALL SELECT 'act as ' || pg_get_userbyid(relowner) FROM pg_class
WHERE oid = ANY (%(records)s::regclass[]) AND pg_has_role(%(role)s, relowner, 'MEMBER')
UNION ALL SELECT 'CREATE in schema public' WHERE has_schema_privilege(%(role)s, 'public', 'CREATE')
UNION ALL SELECT privilege || ' in the database' FROM unnest(ARRAY['CREATE', 'TEMPORARY']) privilege
WHERE has_database_privilege(%(role)s, current_database(), privilege)
UNION ALL SELECT 'CREATEROLE' FROM pg_roles WHERE rolname = %(role)s AND rolcreaterole
"""


def connect(treasury: AppConfig) -> None:
    """Called once, when the apps are ready."""
    post_migrate.connect(_give_after, sender=treasury, dispatch_uid="treasury.grants")


def give(connection: BaseDatabaseWrapper) -> None:
    """Raises `CommandError`, and gives nothing, where the role could still rewrite a record."""
    role = settings.APPLICATION_ROLE
    if not role:
        return
    if connection.vendor != "postgresql":
        raise CommandError("APPLICATION_ROLE is for PostgreSQL: leave it empty.")
    quote = connection.ops.quote_name
    names = {"database": quote(connection.settings_dict["NAME"]), "role": quote(role)}
    try:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            cursor.execute(_GIVE.format(**names, records=", ".join(seals.RECORDS)))
            cursor.execute(_TOO_MUCH, {"role": role, "records": list(seals.RECORDS)})
            if too_much := sorted({what for (what,) in cursor}):
                raise CommandError(
                    f"The role {role} of APPLICATION_ROLE may {', '.join(too_much)}: make one that "
                    "is no superuser and no member of others, in a database that whoever migrates "
                    "owns."
                )
    except DatabaseError as error:
        raise CommandError(f"APPLICATION_ROLE: {error}") from error


def _give_after(using: str, **signal: Any) -> None:
    give(connections[using])
