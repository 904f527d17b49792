"""The page of a request that was submitted with what the directories have otherwise now."""

from django.test import Client

from tests.admin.conftest import page, text_of
from tests.company import Company
from treasury.models import Counterparty
from treasury.services import directories


def test_the_page_shows_what_was_submitted_and_what_differs(
    accountant: Client, company: Company
) -> None:
    request = company.submitted()
    Counterparty.objects.filter(pk=company.counterparty.pk).update(name="ООО «Рога и копыта»")
    text = text_of(accountant.get(page(request)))
    assert "<span>АО «Северсталь» <span" in text
    assert "<dd>АО «Северсталь» <span" in text
    assert "counterparty: АО «Северсталь» → ООО «Рога и копыта»" in text
    assert "Change and save the request" in text


def test_saving_it_unchanged_asks_anew(accountant: Client, company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    Counterparty.objects.filter(pk=company.counterparty.pk).update(name="ООО «Рога и копыта»")
    form = accountant.get(page(request), {"edit": 1}).context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    accountant.post(page(request), values, follow=True)
    request.refresh_from_db()
    assert (request.revision, company.open_position(request)) == (2, 2)


def test_the_history_names_revision_digest_and_who(accountant: Client, company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    digest = request.revisions.get().digest
    text = text_of(accountant.get(page(request)))
    named = f'revision 1 <code class="digest" title="{digest}">{digest[:12]}</code>'
    # Of the decision beside its person, of the submit and of the approval in the journal.
    assert text.count(named) == 3


def test_a_closed_account_is_said_on_the_page(accountant: Client, company: Company) -> None:
    request = company.approved()
    directories.retire(row=company.account, reason="Счёт закрыт банком")
    assert "is no longer in use. Счёт закрыт банком" in text_of(accountant.get(page(request)))
