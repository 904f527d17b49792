"""Deputies in the back office: one's own for everybody, other people's for whoever may."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.admin.conftest import browse, page, text_of
from tests.company import Company
from treasury.models import Delegation, Employee, PaymentRequest, SamePerson
from treasury.services import decisions, delegations

LIST = "/admin/treasury/delegation/"
ADD = f"{LIST}add/"


def filled(company: Company, **changes: Any) -> dict[str, Any]:
    until = timezone.localtime(timezone.now() + timedelta(days=3))
    return {
        "principal": company.boris.pk,
        "deputy": company.sergey.pk,
        "since": "",
        "until": f"{until:%Y-%m-%dT%H:%M}",
        "organization": "",
        "stage": "",
        "reason": "Отпуск",
        **changes,
    }


def appoint(principal: Employee, deputy: Employee) -> Delegation:
    return delegations.begin(
        principal=principal, deputy=deputy, until=timezone.now() + timedelta(days=1),
        actor=principal, channel="telegram",
    )  # fmt: skip


def shown(client: Client) -> set[Delegation]:
    return set(client.get(LIST).context["cl"].result_list)


def test_everyone_appoints_his_own_deputy(budget_holder: Client, company: Company) -> None:
    response = budget_holder.post(ADD, filled(company), follow=True)
    assert "С. Посторонних stands in for Б. Орлов." in text_of(response)
    delegation = Delegation.objects.running().get()
    assert (delegation.principal, delegation.deputy) == (company.boris, company.sergey)
    assert company.boris.account_events.get().channel == "admin"


def test_whoever_is_sent_as_away_it_is_the_one_who_asks(
    budget_holder: Client, company: Company
) -> None:
    budget_holder.post(ADD, filled(company, principal=company.vera.pk))
    assert Delegation.objects.get().principal == company.boris


def test_an_administrator_appoints_for_others(administrator: Client, company: Company) -> None:
    stage = company.route.stages.get(position=1)
    administrator.post(ADD, filled(company, stage=stage.pk))
    delegation = Delegation.objects.get()
    assert (delegation.principal, delegation.stage) == (company.boris, stage)
    assert company.boris.account_events.get().actor == company.gleb


def test_what_the_service_refuses_is_said_in_the_form(
    budget_holder: Client, company: Company
) -> None:
    appoint(company.sergey, company.gleb)
    response = budget_holder.post(ADD, filled(company))
    assert "С. Посторонних is away from" in text_of(response)
    assert 'value="Отпуск"' in text_of(response)
    assert Delegation.objects.count() == 1


def test_everyone_sees_where_he_is_a_part(
    budget_holder: Client, administrator: Client, company: Company
) -> None:
    mine, others = appoint(company.boris, company.sergey), appoint(company.vera, company.sergey)
    assert shown(budget_holder) == {mine}
    assert shown(browse(company.sergey)) == shown(administrator) == {mine, others}
    assert budget_holder.get(f"{LIST}{mine.pk}/change/").status_code == 200
    assert budget_holder.get(f"{LIST}{others.pk}/change/").status_code == 302
    assert budget_holder.post(f"{LIST}{others.pk}/end/").status_code == 404


def test_it_is_ended_by_a_press_and_not_by_a_look(budget_holder: Client, company: Company) -> None:
    delegation = appoint(company.boris, company.sergey)
    look = f"{LIST}{delegation.pk}/change/"
    assert f"{LIST}{delegation.pk}/end/" in text_of(budget_holder.get(look))
    assert budget_holder.get(f"{LIST}{delegation.pk}/end/").status_code == 405
    assert Delegation.objects.running().exists()
    response = budget_holder.post(f"{LIST}{delegation.pk}/end/", follow=True)
    assert "The delegation is ended." in text_of(response)
    assert not Delegation.objects.running().exists()
    assert f"{LIST}{delegation.pk}/end/" not in text_of(budget_holder.get(look))
    response = budget_holder.post(f"{LIST}{delegation.pk}/end/", follow=True)
    assert "already ended" in text_of(response)


def test_the_deputy_cannot_end_it(company: Company) -> None:
    delegation = appoint(company.boris, company.sergey)
    deputy = browse(company.sergey)
    assert "/end/" not in text_of(deputy.get(f"{LIST}{delegation.pk}/change/"))
    assert deputy.post(f"{LIST}{delegation.pk}/end/").status_code == 403
    data = {"action": "end_chosen", "_selected_action": [delegation.pk]}
    assert deputy.post(LIST, data).status_code == 403
    assert Delegation.objects.running().exists()


def test_several_are_ended_at_once(administrator: Client, company: Company) -> None:
    rows = [appoint(company.boris, company.sergey), appoint(company.vera, company.sergey)]
    data = {"action": "end_chosen", "_selected_action": [row.pk for row in rows]}
    response = administrator.post(LIST, data, follow=True)
    assert "2 delegations were ended." in text_of(response)
    assert not Delegation.objects.running().exists()


def test_nothing_of_it_is_edited_or_deleted(administrator: Client, company: Company) -> None:
    delegation = appoint(company.boris, company.sergey)
    change = f"{LIST}{delegation.pk}/change/"
    assert administrator.post(change, filled(company, reason="Другая")).status_code == 403
    response = administrator.post(f"{LIST}{delegation.pk}/delete/", {"post": "yes"})
    assert response.status_code == 403
    assert Delegation.objects.get().reason == ""


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_of_a_person_shows_what_happened_to_his_account(
    administrator: Client, accountant: Client, company: Company, language: str
) -> None:
    appoint(company.boris, company.sergey)
    url = f"/admin/treasury/employee/{company.boris.pk}/change/"
    text = text_of(administrator.get(url, headers={"accept-language": language}))
    assert '<ol class="journal">' in text
    assert "Посторонних Сергей" in text
    assert "Посторонних Сергей" in text_of(administrator.get("/admin/treasury/accountevent/"))


def test_a_draft_says_who_would_approve_it_and_why(accountant: Client, company: Company) -> None:
    company.route.stages.filter(position=3).update(min_amount=1_000_000)
    appoint(company.fedor, company.sergey)
    text = text_of(accountant.get(page(company.draft())))
    assert "Route “Основной”, for all organizations" in text
    assert "Budget holders of “Производство”" in text
    assert "deputy: С. Посторонних, until" in text
    assert "only from 1,000,000.00" in text


def test_a_draft_says_what_would_stop_it(accountant: Client, company: Company) -> None:
    company.department.budget_holders.set([company.anna])
    company.tamara.memberships.all().delete()
    obstacles = accountant.get(page(company.draft())).context["plan"].obstacles
    assert [problem.split(":")[0] for problem in obstacles] == [
        "Stage “Держатель бюджета”", "Stage “Казначей”",
    ]  # fmt: skip


def test_a_request_says_why_it_came_and_to_whom_it_will(
    budget_holder: Client, company: Company
) -> None:
    request = company.submitted()
    appoint(company.boris, company.sergey)
    decisions.add_approver(
        task=company.task(request, company.vera), to=company.gleb, actor=company.vera,
        channel="telegram", reason="Нужна вторая подпись",
    )  # fmt: skip
    text = text_of(budget_holder.get(page(request)))
    assert "Asked by role: budget holders of “Производство”" in text
    assert "deputy: С. Посторонних, until" in text
    assert "Added by a colleague" in text
    assert "Ф. Климов" in text
    assert "You stand in for Б. Орлов until" in text_of(browse(company.sergey).get(page(request)))


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_no_page_costs_more_for_more_people_and_deputies(
    administrator: Client, company: Company
) -> None:
    draft, running = company.draft(), company.submitted()
    appoint(company.boris, company.sergey)
    person = f"/admin/treasury/employee/{company.boris.pk}/change/"
    addresses = [LIST, page(draft), page(running), person, "/admin/treasury/accountevent/"]
    few = [queries(administrator, address) for address in addresses]
    for number in range(5):
        colleague = Employee.objects.create_user(
            f"{number}@example.com", last_name=f"Новый{number}"
        )
        company.department.budget_holders.add(colleague)
        decisions.add_approver(
            task=company.task(running, company.vera), to=colleague, actor=company.vera,
            channel="telegram", reason="Нужна ещё одна подпись",
        )  # fmt: skip
        delegations.end(
            delegation=appoint(colleague, company.sergey), actor=colleague, channel="admin"
        )
        appoint(colleague, company.sergey)
    assert [queries(administrator, address) for address in addresses] == few


def test_under_forbid_eight_deputies_cost_a_page_nothing(
    administrator: Client, company: Company
) -> None:
    company.route.same_person = SamePerson.FORBID
    company.route.save()
    request = company.submitted()
    address = page(request)
    without = queries(administrator, address)
    for number in range(8):
        deputy = Employee.objects.create_user(f"{number}@example.com", last_name=f"Новый{number}")
        principal = company.boris if number % 2 else company.tamara
        Delegation.objects.create(
            principal=principal, deputy=deputy, begun_by=principal, since=timezone.now(),
            until=timezone.now() + timedelta(days=1),
        )  # fmt: skip
    assert text_of(administrator.get(address)).count("Новый") >= 8
    assert queries(administrator, address) == without


def test_a_stage_with_a_delegation_is_not_deleted_from_its_route(
    administrator: Client, company: Company
) -> None:
    stage = company.route.stages.get(position=1)
    delegations.begin(
        principal=company.boris, deputy=company.sergey, stage=stage, actor=company.boris,
        until=timezone.now() + timedelta(days=1), channel="telegram",
    )  # fmt: skip
    address = f"/admin/treasury/approvalroute/{company.route.pk}/change/"
    formsets = administrator.get(address).context["inline_admin_formsets"]
    form = administrator.get(address).context["adminform"].form
    data = {bound.html_name: bound.value() or "" for bound in form}
    formset = formsets[0].formset
    for part in (formset.management_form, *formset.forms):
        data |= {bound.html_name: bound.value() or "" for bound in part}
    data[f"{formset.prefix}-0-DELETE"] = "on"
    response = administrator.post(address, data)
    assert "would require deleting the following protected related objects" in text_of(response)
    assert "Орлов Борис → Посторонних Сергей" in text_of(response)
    assert Delegation.objects.running().exists()


def test_who_has_handed_over_is_not_counted_among_those_who_approve(
    budget_holder: Client, company: Company
) -> None:
    def quorum(request: PaymentRequest) -> str:
        return str(budget_holder.get(page(request)).context["way"].steps[0].quorum)

    company.may_take_over(company.gleb)
    of_two = company.submitted()
    assert quorum(of_two) == "any one approves"
    company.department.budget_holders.remove(company.vera)
    alone = company.submitted()
    for request in (of_two, alone):
        decisions.reassign(
            task=company.task(request, company.boris), to=company.gleb, actor=company.boris,
            channel="telegram", reason="Ухожу в отпуск",
        )  # fmt: skip
    assert quorum(alone) == ""
    assert quorum(of_two) == "any one approves"
    company.approve(of_two, company.gleb)
    assert quorum(of_two) == "any one approves"


def test_a_former_deputy_reads_on_what_he_decided(company: Company) -> None:
    delegation, request = appoint(company.boris, company.sergey), company.submitted()
    decisions.approve(
        task=company.task(request, company.boris), actor=company.sergey, channel="telegram"
    )
    delegations.end(delegation=delegation, actor=company.boris, channel="telegram")
    assert browse(company.sergey).get(page(request)).status_code == 200
    assert browse(company.fedor).get(page(company.submitted())).status_code == 404
