"""The administrator lists and revokes what people sign in by."""

from functools import partial

from django.db import migrations

from treasury.roles import grant, may, withdraw

GRANTS = {"Администратор": may("view change", "oauth.usertoken")}


class Migration(migrations.Migration):
    dependencies = [("oauth", "0002_links_and_api_tokens"), ("treasury", "0009_roles")]

    operations = [
        migrations.RunPython(partial(grant, grants=GRANTS), partial(withdraw, grants=GRANTS))
    ]
