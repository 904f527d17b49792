"""The buttons of a request: who sees them, and what pressing them does."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.admin.conftest import browse, button, page, text_of
from tests.company import Company
from treasury.models import Delegation, Employee, GroupMembership, PaymentRequest, SamePerson
from treasury.workflow import Action

GOOD_REASON = "Нет договора"


def pressable(client: Client, request: PaymentRequest) -> list[str]:
    return [button.action for button in client.get(page(request)).context["buttons"]]


def test_each_sees_the_buttons_that_are_his(
    accountant: Client, budget_holder: Client, company: Company
) -> None:
    company.may_take_over(company.sergey)
    request = company.submitted()
    assert pressable(accountant, request) == [Action.WITHDRAW]
    assert pressable(budget_holder, request) == [
        Action.APPROVE, Action.RETURN, Action.REASSIGN, Action.ADD_APPROVER, Action.DECLINE,
    ]  # fmt: skip


def test_what_there_is_nobody_for_has_no_button(
    budget_holder: Client, administrator: Client, company: Company
) -> None:
    request = company.submitted()
    # Vera, who holds the same budget, is asked herself.
    assert Action.REASSIGN not in pressable(budget_holder, request)
    assert Action.ADD_APPROVER in pressable(budget_holder, request)
    assert Action.REASSIGN in pressable(administrator, request)
    Employee.objects.exclude(pk__in=[company.boris.pk, company.vera.pk]).update(is_active=False)
    assert Action.ADD_APPROVER not in pressable(budget_holder, request)


def test_the_author_submits(accountant: Client, company: Company) -> None:
    request = company.draft()
    accountant.post(button(request, "submit"))
    request.refresh_from_db()
    assert request.status == "in_approval"


def test_three_people_approve(budget_holder: Client, company: Company) -> None:
    request = company.submitted()
    for client, person in (
        (budget_holder, company.boris),
        (browse(company.fedor, "Согласующий"), company.fedor),
        (browse(company.tamara, "Казначей"), company.tamara),
    ):
        task = company.task(request, person).pk
        response = client.post(button(request, "approve"), {"task": task}, follow=True)
        assert "your approval is recorded" in text_of(response)
    request.refresh_from_db()
    assert request.status == "approved"
    assert set(request.decisions.values_list("channel", flat=True)) == {"admin"}


@pytest.mark.parametrize(
    ("action", "status"), [("decline", "declined"), ("return_for_rework", "returned")]
)
def test_a_refusal_is_recorded_with_its_reason(
    budget_holder: Client, company: Company, action: str, status: str
) -> None:
    request = company.submitted()
    data = {"task": company.task(request, company.boris).pk, "reason": GOOD_REASON}
    response = budget_holder.post(button(request, action), data, follow=True)
    request.refresh_from_db()
    assert request.status == status
    assert f"<q>{GOOD_REASON}</q>" in text_of(response)


@pytest.mark.parametrize("action", ["decline", "return_for_rework", "reassign", "add_approver"])
def test_a_missing_reason_is_asked_for_and_nothing_changes(
    budget_holder: Client, company: Company, action: str
) -> None:
    request = company.submitted()
    data = {"task": company.task(request, company.boris).pk, "to": company.gleb.pk, "reason": " no"}
    response = budget_holder.post(button(request, action), data)
    assert "Give the reason" in text_of(response)
    request.refresh_from_db()
    assert request.status == "in_approval"
    assert not request.decisions.exists()


def test_the_reason_can_be_given_without_scripts(budget_holder: Client, company: Company) -> None:
    response = budget_holder.get(button(company.submitted(), "decline"))
    assert "<textarea" in text_of(response)


def test_why_it_was_returned_stands_above_the_form_until_it_is_submitted(
    accountant: Client, budget_holder: Client, company: Company
) -> None:
    request = company.submitted()
    for reason in ("Нет договора", "Приложите <акт>"):
        data = {"task": company.task(request, company.boris).pk, "reason": reason}
        budget_holder.post(button(request, "return_for_rework"), data)
        if reason == "Нет договора":
            accountant.post(button(request, "submit"))
            assert 'id="returned"' not in text_of(accountant.get(page(request)))
    text = text_of(accountant.get(page(request)))
    above = text[: text.index('id="request_form"')]
    assert "Returned for rework</strong>: Б. Орлов, " in above
    assert "<q>Приложите &lt;акт&gt;</q>" in above
    assert "Нет договора" not in above


def test_a_second_press_says_who_has_decided(budget_holder: Client, company: Company) -> None:
    request = company.submitted()
    data = {"task": company.task(request, company.boris).pk}
    budget_holder.post(button(request, "approve"), data)
    response = budget_holder.post(button(request, "approve"), data, follow=True)
    assert "already been decided" in text_of(response)
    assert "Орлов Борис" in text_of(response)
    assert request.decisions.count() == 1


def test_a_page_of_an_older_revision_decides_nothing(
    accountant: Client, budget_holder: Client, company: Company
) -> None:
    request = company.submitted()
    seen = company.task(request, company.boris).pk
    accountant.post(button(request, "withdraw"))
    accountant.post(button(request, "submit"))
    response = budget_holder.post(button(request, "approve"), {"task": seen}, follow=True)
    assert "decide on its newest version" in text_of(response)
    assert not request.decisions.exists()


@pytest.mark.parametrize("action", ["approve", "decline", "return_for_rework"])
def test_without_the_task_that_was_seen_nothing_is_decided(
    budget_holder: Client, company: Company, action: str
) -> None:
    request = company.submitted()
    response = budget_holder.post(button(request, action), {"reason": "Нет счёта"})
    assert response.status_code == 403
    assert "open the request again" in text_of(response)
    assert not request.decisions.exists()


def test_a_deputy_approves_on_behalf(company: Company) -> None:
    request = company.submitted()
    now = timezone.now()
    Delegation.objects.create(
        principal=company.boris, deputy=company.gleb, since=now, until=now + timedelta(days=1)
    )
    data = {"task": company.task(request, company.boris).pk}
    response = browse(company.gleb).post(button(request, "approve"), data, follow=True)
    assert request.decisions.get().on_behalf_of == company.boris
    assert "for Б. Орлов" in text_of(response)


def test_a_treasurer_who_only_sees_cannot_approve_for_a_budget_holder(company: Company) -> None:
    request = company.submitted()
    treasurer = browse(company.tamara, "Казначей")
    data = {"task": company.task(request, company.boris).pk}
    assert treasurer.post(button(request, "approve"), data).status_code == 403
    assert not request.decisions.exists()


def test_the_author_cannot_approve_his_own_request(accountant: Client, company: Company) -> None:
    request = company.submitted()
    data = {"task": company.task(request, company.boris).pk}
    assert accountant.post(button(request, "approve"), data).status_code == 403


def test_a_task_of_another_request_is_not_taken(budget_holder: Client, company: Company) -> None:
    mine, other = company.submitted(), company.submitted()
    data = {"task": company.task(other, company.boris).pk}
    budget_holder.post(button(mine, "approve"), data)
    assert not other.decisions.exists()


def test_the_author_withdraws_once(accountant: Client, company: Company) -> None:
    request = company.submitted()
    accountant.post(button(request, "withdraw"))
    response = accountant.post(button(request, "withdraw"), follow=True)
    request.refresh_from_db()
    assert request.status == "draft"
    assert "The request is “Draft” now." in text_of(response)


def test_an_approved_request_is_cancelled_with_a_reason(
    accountant: Client, company: Company
) -> None:
    request = company.approved()
    accountant.post(button(request, "cancel"), {"reason": "Поставщик отказался"})
    request.refresh_from_db()
    assert request.status == "cancelled"


def test_the_red_button_stands_last(accountant: Client, company: Company) -> None:
    assert pressable(accountant, company.approved()) == [Action.COPY, Action.CANCEL]
    approved = text_of(accountant.get(page(PaymentRequest.objects.get())))
    assert approved.index("?edit=1") < approved.index("Cancel the request…")


def test_to_withdraw_is_asked_once_before_it_is_done(accountant: Client, company: Company) -> None:
    request = company.submitted()
    for place in (page(request), button(request, "withdraw")):
        assert "approvals already given are lost" in text_of(accountant.get(place))
    accountant.post(button(request, "withdraw"))
    request.refresh_from_db()
    assert request.status == "draft"


def test_a_draft_is_given_up_without_a_reason(accountant: Client, company: Company) -> None:
    draft = company.draft()
    assert "Cancel the draft…" in text_of(accountant.get(page(draft)))
    accountant.post(button(draft, "cancel"))
    draft.refresh_from_db()
    assert draft.status == "cancelled"


def test_a_draft_of_somebody_else_is_not_given_up(company: Company) -> None:
    treasurer = browse(company.tamara, "Казначей")
    draft = company.draft()
    assert treasurer.post(button(draft, "cancel")).status_code == 403
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_draft_that_a_leaver_has_left_is_taken_over(company: Company) -> None:
    treasurer = browse(company.tamara, "Казначей")
    draft = company.draft()
    assert pressable(treasurer, draft) == [Action.COPY]
    assert treasurer.post(button(draft, "adopt")).status_code == 403
    Employee.objects.filter(pk=company.anna.pk).update(is_active=False)
    assert set(pressable(treasurer, draft)) == {Action.ADOPT, Action.COPY, Action.CANCEL}
    for place in (page(draft), button(draft, "adopt")):
        assert "You become the author" in text_of(treasurer.get(place))
    said = treasurer.post(button(draft, "adopt"), follow=True)
    assert f"{draft.number} is yours now" in text_of(said)
    history = said.context["history"]
    assert [str(change) for change in history[0].changes] == [
        "author: Смирнова Анна → Белова Тамара"
    ]
    draft.refresh_from_db()
    assert draft.author == company.tamara
    assert Action.ADOPT not in pressable(treasurer, draft)


def test_a_task_is_handed_over(budget_holder: Client, company: Company) -> None:
    company.may_take_over(company.gleb)
    request = company.submitted()
    data = {
        "task": company.task(request, company.boris).pk,
        "to": company.gleb.pk,
        "reason": "Ухожу в отпуск",
    }
    budget_holder.post(button(request, "reassign"), data)
    assert company.task(request, company.gleb).status == "open"
    assert company.task(request, company.boris).status == "closed"


def test_an_administrator_hands_over_for_others(administrator: Client, company: Company) -> None:
    request = company.submitted()
    data = {
        "task": company.task(request, company.vera).pk,
        "to": company.sergey.pk,
        "reason": "Уволилась",
    }
    administrator.post(button(request, "reassign"), data)
    assert company.task(request, company.sergey).status == "open"
    said = "Handed over by administrator Г. Чужов to a person without this role: Уволилась"
    reader = browse(company.fedor, "Казначей")
    assert said in text_of(reader.get(page(request)))
    company.approve(request, company.sergey)
    assert said in text_of(reader.get(page(request)))


def test_a_stage_that_waits_for_another_person_says_why(company: Company) -> None:
    GroupMembership.objects.update(employee=company.boris)
    last = company.route.stages.get(position=3).group
    assert last
    GroupMembership.objects.create(group=last, employee=company.tamara)
    company.department.budget_holders.set([company.boris])
    request = company.submitted()
    reader, said = browse(company.tamara, "Казначей"), "The route wants 2 different people"
    assert said not in text_of(reader.get(page(request)))
    company.approve(request, company.boris)
    assert said in text_of(reader.get(page(request)))
    company.approve(request, company.tamara)
    assert said not in text_of(reader.get(page(request)))


def test_one_more_approver_is_asked(budget_holder: Client, company: Company) -> None:
    request = company.submitted()
    task = company.task(request, company.boris).pk
    data = {"task": task, "to": company.gleb.pk, "reason": "Нужна вторая подпись"}
    response = budget_holder.post(button(request, "add_approver"), data, follow=True)
    assert "one more approver is asked" in text_of(response)
    assert company.task(request, company.gleb).origin == "added"
    assert company.task(request, company.boris).status == "open"


def test_an_administrator_asks_one_more_for_others(administrator: Client, company: Company) -> None:
    request = company.submitted()
    form = administrator.get(button(request, "add_approver")).context["form"]
    seen = form["task"].value()
    data = {"task": seen, "to": company.sergey.pk, "reason": "Нужна вторая подпись"}
    administrator.post(button(request, "add_approver"), data)
    assert company.task(request, company.sergey).origin == "added"


@pytest.mark.parametrize(
    ("action", "offered"),
    [("reassign", ["sergey"]), ("add_approver", ["tamara", "fedor", "sergey"])],
)
def test_only_those_who_could_decide_are_offered(
    budget_holder: Client, company: Company, action: str, offered: list[str]
) -> None:
    company.may_take_over(company.sergey, company.gleb)
    request = company.submitted(requester=company.gleb)
    form = budget_holder.get(button(request, action)).context["form"]
    assert list(form.fields["to"].queryset) == [getattr(company, name) for name in offered]
    for person in (company.anna, company.gleb, company.vera):
        data = {"task": company.task(request, company.boris).pk, "to": person.pk}
        response = budget_holder.post(button(request, action), data | {"reason": GOOD_REASON})
        assert "to" in response.context["form"].errors


@pytest.mark.parametrize("action", ["reassign", "add_approver"])
def test_a_colleague_whom_the_route_needs_later_is_refused_on_the_form(
    budget_holder: Client, company: Company, action: str
) -> None:
    company.route.same_person = SamePerson.FORBID
    company.route.save()
    company.may_take_over(company.fedor)
    request = company.submitted()
    task = company.task(request, company.boris)
    data = {"task": task.pk, "to": company.fedor.pk, "reason": "Это бюджет Фёдора"}
    response = budget_holder.post(button(request, action), data)
    assert response.status_code == 200
    [error] = response.context["form"].errors["to"]
    assert "a different person" in error
    assert "Это бюджет Фёдора</textarea>" in text_of(response)
    assert not request.tasks.filter(employee=company.fedor).exists()
    treasurer = browse(company.tamara, "Казначей")
    assert treasurer.post(button(request, action), data).status_code == 403


def test_an_administrator_is_not_offered_himself(administrator: Client, company: Company) -> None:
    form = administrator.get(button(company.submitted(), "reassign")).context["form"]
    assert list(form.fields["to"].queryset) == [company.tamara, company.fedor, company.sergey]


def test_a_move_is_made_by_post_alone(accountant: Client, company: Company) -> None:
    request = company.submitted()
    assert accountant.get(button(request, "withdraw")).status_code == 200
    request.refresh_from_db()
    assert request.status == "in_approval"


def test_a_move_without_the_token_of_the_form_is_refused(company: Company) -> None:
    request = company.submitted()
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.anna)
    assert client.post(button(request, "withdraw")).status_code == 403


@pytest.mark.parametrize("action", ["create", "change", "copy", "explode"])
def test_what_is_no_button_is_not_found(accountant: Client, company: Company, action: str) -> None:
    assert accountant.post(button(company.draft(), action)).status_code == 404


def test_a_stranger_presses_nothing(company: Company) -> None:
    request = company.submitted()
    stranger = browse(company.sergey, "Согласующий")
    assert stranger.post(button(request, "approve")).status_code == 404
