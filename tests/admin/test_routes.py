"""The editor of approval routes: stages are numbered, exchanged, replaced."""

from collections.abc import Sequence
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tests.admin.conftest import opened, save, shown, text_of
from tests.company import Company
from treasury.models import ApprovalRoute, Approvers, Quorum, RouteStage
from treasury.models.routes import POLICY_FIELDS
from treasury.workflow import Concern


def address(route: ApprovalRoute) -> str:
    return f"/admin/treasury/approvalroute/{route.pk}/change/"


def row(stage: RouteStage) -> dict[str, Any]:
    """The stage as its line in the editor sends it."""
    values = {name: getattr(stage, name) for name in POLICY_FIELDS}
    sent = {**values, "id": stage.pk, "route": stage.route_id, "group": stage.group_id}
    sent["stand_ins"] = [person.pk for person in stage.stand_ins.all()] if stage.pk else []
    return {name: "" if value is None else value for name, value in sent.items()}


def sent(route: ApprovalRoute, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": route.name, "organization": "", "same_person": route.same_person,
        "min_people": route.min_people, "is_active": "on",
        "stages-TOTAL_FORMS": len(rows),
        "stages-INITIAL_FORMS": sum(bool(row["id"]) for row in rows),
    }  # fmt: skip
    for number, line in enumerate(rows):
        data |= {f"stages-{number}-{name}": value for name, value in line.items()}
    return data


def rows_of(route: ApprovalRoute) -> list[dict[str, Any]]:
    return [row(stage) for stage in route.stages.all()]


def new(route: ApprovalRoute, position: int, name: str) -> dict[str, Any]:
    stage = RouteStage(
        route=route, position=position, name=name, approvers=Approvers.BUDGET_HOLDERS,
        concern=Concern.BUDGET, quorum=Quorum.ANY,
    )  # fmt: skip
    return row(stage)


def order(route: ApprovalRoute) -> list[tuple[int, str]]:
    return list(route.stages.values_list("position", "name"))


def errors(response: Any) -> list[str]:
    assert response.status_code == 200
    formset = response.context["inline_admin_formsets"][0].formset
    return [
        str(error)
        for fields in formset.errors
        for problems in fields.values()
        for error in problems
    ]


def test_two_stages_change_places(administrator: Client, company: Company) -> None:
    rows = rows_of(company.route)
    rows[1]["position"], rows[2]["position"] = 3, 2
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert response.status_code == 302, text_of(response)
    assert order(company.route) == [
        (1, "Держатель бюджета"), (2, "Казначей"), (3, "Финансовый менеджер"),
    ]  # fmt: skip


def test_a_new_stage_comes_first_and_all_others_move(
    administrator: Client, company: Company
) -> None:
    rows = [{**line, "position": line["position"] + 1} for line in rows_of(company.route)]
    rows.append(new(company.route, 1, "Руководитель"))
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert response.status_code == 302, text_of(response)
    assert order(company.route)[:2] == [(1, "Руководитель"), (2, "Держатель бюджета")]
    assert [position for position, _name in order(company.route)] == [1, 2, 3, 4]


def test_a_stage_takes_the_place_of_one_that_is_deleted(
    administrator: Client, company: Company
) -> None:
    rows = rows_of(company.route)
    rows[1]["position"] = 3
    rows[2]["DELETE"] = "on"
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert response.status_code == 302, text_of(response)
    assert order(company.route) == [(1, "Держатель бюджета"), (3, "Финансовый менеджер")]


def test_two_stages_cannot_have_one_place(administrator: Client, company: Company) -> None:
    rows = [*rows_of(company.route), new(company.route, 2, "Руководитель")]
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert errors(response) == ["Another stage of the route has this number."]
    assert len(order(company.route)) == 3


def test_a_deleted_stage_takes_no_place_even_if_something_else_is_wrong(
    administrator: Client, company: Company
) -> None:
    rows = rows_of(company.route)
    rows[0]["name"] = ""
    rows[1]["position"] = 3
    rows[2]["DELETE"] = "on"
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert errors(response) == ["This field is required."]


def test_a_stage_that_was_added_meanwhile_keeps_its_place(
    administrator: Client, company: Company
) -> None:
    rows = [*rows_of(company.route), new(company.route, 4, "Руководитель")]
    opened = sent(company.route, rows) | shown(administrator, address(company.route))
    RouteStage.objects.create(
        route=company.route, position=4, name="Директор", approvers=Approvers.BUDGET_HOLDERS,
        concern=Concern.BUDGET,
    )  # fmt: skip
    response = administrator.post(address(company.route), opened)
    assert errors(response) == ["Another stage of the route has this number."]
    assert (4, "Директор") in order(company.route)


@pytest.mark.parametrize("position", [0, 1000, 99999])
def test_a_place_is_a_number_up_to_three_digits(
    administrator: Client, company: Company, position: int
) -> None:
    rows = rows_of(company.route)
    rows[2]["position"] = position
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert len(errors(response)) == 1
    assert order(company.route)[2] == (3, "Казначей")


def test_amounts_are_shown_and_taken_as_accountants_write_them(
    administrator: Client, company: Company
) -> None:
    company.route.stages.filter(position=2).update(min_amount=Decimal(1_000_000))
    assert 'value="1,000,000.00"' in text_of(administrator.get(address(company.route)))
    rows = rows_of(company.route)
    rows[2]["min_amount"] = "2 500 000,50"
    save(administrator, address(company.route), sent(company.route, rows))
    assert company.route.stages.get(position=3).min_amount == Decimal("2500000.50")


def test_a_threshold_below_zero_is_refused_by_the_form_and_by_the_database(
    administrator: Client, company: Company
) -> None:
    rows = rows_of(company.route)
    rows[2]["min_amount"] = "-1"
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert errors(response) == ["A threshold cannot be negative."]
    with pytest.raises(IntegrityError), transaction.atomic():
        company.route.stages.update(min_amount=-1)


def test_a_new_stage_without_a_number_comes_last(administrator: Client, company: Company) -> None:
    stage = {**new(company.route, 1, "Руководитель"), "position": ""}
    rows = [*rows_of(company.route), stage, {**stage, "name": "Директор"}]
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert response.status_code == 302, text_of(response)
    assert order(company.route)[3:] == [(4, "Руководитель"), (5, "Директор")]


def test_a_known_stage_keeps_needing_its_number(administrator: Client, company: Company) -> None:
    rows = rows_of(company.route)
    rows[0]["position"] = ""
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert errors(response) == ["This field is required."]


def test_what_the_kind_of_approvers_does_not_need_is_forgotten(
    administrator: Client, company: Company
) -> None:
    rows = rows_of(company.route)
    rows[1] |= {"approvers": "budget_holders", "quorum": "any", "quorum_count": "2"}
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert response.status_code == 302, text_of(response)
    stage = company.route.stages.get(position=2)
    assert (stage.group, stage.quorum_count) == (None, None)


def test_who_may_take_over_is_chosen_at_the_stage(administrator: Client, company: Company) -> None:
    rows = rows_of(company.route)
    rows[0]["stand_ins"] = [company.sergey.pk, company.tamara.pk]
    rows.append(new(company.route, 4, "Руководитель") | {"stand_ins": [company.sergey.pk]})
    response = save(administrator, address(company.route), sent(company.route, rows))
    assert response.status_code == 302, text_of(response)
    stages = {stage.position: set(stage.stand_ins.all()) for stage in company.route.stages.all()}
    assert stages == {1: {company.sergey, company.tamara}, 2: set(), 3: set(), 4: {company.sergey}}
    journal = text_of(administrator.get("/admin/treasury/routeevent/"))
    for said in (
        "Stage “Держатель бюджета”: May take over: ",
        "Посторонних Сергей (",
        "Белова Там",
    ):
        assert said in unescape(journal)


def test_two_who_let_somebody_take_over_both_count(administrator: Client, company: Company) -> None:
    url = address(company.route)
    page = opened(administrator, url)
    company.may_take_over(company.sergey)
    answer = administrator.post(url, page | {"stages-1-stand_ins": [company.tamara.pk]})
    assert answer.status_code == 302, text_of(answer)
    stages = {stage.position: set(stage.stand_ins.all()) for stage in company.route.stages.all()}
    assert stages == {1: {company.sergey}, 2: {company.tamara}, 3: set()}


@pytest.mark.parametrize(("people", "saved"), [("3", 3), ("0", 2), ("", 2)])
def test_how_many_different_people_is_said_on_the_page(
    administrator: Client, company: Company, people: str, saved: int
) -> None:
    data = sent(company.route, rows_of(company.route)) | {"min_people": people}
    response = save(administrator, address(company.route), data)
    assert response.status_code == (302 if saved == 3 else 200)
    company.route.refresh_from_db()
    assert company.route.min_people == saved
    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovalRoute.objects.update(min_people=0)
