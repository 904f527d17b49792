"""Every page of the back office is looked at, at a desk and on a phone; the pictures are kept."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser

from tests.acceptance.harness import ROOT
from tests.admin.conftest import REQUESTS, browse, page
from tests.company import ADMIN, TELEGRAM, Company
from tests.telegrambot import bot
from treasury.models import Employee, PaymentRequest
from treasury.services import comments, decisions, requests

from .gallery import Gallery

pytestmark = pytest.mark.usefixtures("office")

MISUNDERSTOOD = "amount_from=abc&date_from=2026-12-01&date_to=2026-11-01"
LONG = "Поставка металлопроката, крепежа и расходных материалов по договору поставки № 17/2026"


@pytest.fixture
def gallery(browser: Browser, live_server: Any) -> Iterator[Gallery]:
    gallery = Gallery(browser, live_server.url, ROOT / "artifacts" / "back_office")
    yield gallery
    gallery.close()
    assert not gallery.wrong, json.dumps(gallery.wrong, ensure_ascii=False, indent=2)


@pytest.fixture
def cases(company: Company) -> dict[str, PaymentRequest]:
    """A request in each state, with messages about them and updates from people."""
    bot.ready_reasons()
    cases = {
        "draft": company.draft(purpose=f"{LONG}. В т.ч. НДС 22% - 22541.07"),
        "in-approval": company.submitted(priority="high"),
        "approved": company.approved(),
        "returned": company.submitted(invoice_number="46"),
        "declined": company.submitted(invoice_number="47"),
        "cancelled": company.approved(invoice_number="48"),
    }
    for name, decide in (
        ("returned", decisions.return_for_rework), ("declined", decisions.decline),
    ):  # fmt: skip
        task = company.task(cases[name], company.boris)
        decide(task=task, actor=company.boris, channel=TELEGRAM, reason="Нет счёта и акта")
    # Time has passed since: no service takes such a day.
    late = timezone.localdate() - timedelta(days=2)
    PaymentRequest.objects.filter(pk=cases["in-approval"].pk).update(desired_date=late)
    tamara = company.allow(company.tamara, "view_paymentrequest", "cancel_paymentrequest")
    requests.cancel(
        request=cases["cancelled"], actor=tamara, channel=ADMIN, reason="Оплачено наличными"
    )
    talk_about(cases["in-approval"], company)
    bot.project()
    bot.post(bot.message(company.telegram_id(company.boris), "/pending"))
    return cases


def talk_about(request: PaymentRequest, company: Company) -> None:
    said = [
        comments.add(request=request, author=author, channel=TELEGRAM, text=text)
        for author, text in (
            (company.boris, "Договор на месте?"),
            (company.anna, f"Во вложении: {LONG}.\n\nhttps://example.com/{'договор-' * 12}"),
            (company.vera, "А где акт?"),
        )
    ]
    comments.edit(comment=said[0], actor=company.boris, channel=TELEGRAM, text="Договор подписан?")


def administrator(company: Company) -> Client:
    Employee.objects.filter(pk=company.sergey.pk).update(is_superuser=True)
    return browse(company.sergey, "Администратор")


def test_the_directories_the_journals_and_the_channel(
    gallery: Gallery, company: Company, cases: dict[str, PaymentRequest]
) -> None:
    tab = gallery.tab(administrator(company))
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        gallery.hang(tab, f"{name}-list", reverse(f"admin:{name}_changelist"))
        row = model._default_manager.first()
        if row is not None and model is not PaymentRequest:
            gallery.hang(tab, f"{name}-page", reverse(f"admin:{name}_change", args=[row.pk]))
        if model._meta.model_name in FILLED_BY_HAND:
            gallery.hang(tab, f"{name}-new", reverse(f"admin:{name}_add"), focus=True)
            gallery.press(tab, "input[name=_save]", f"{name}-refused")

    history = reverse("admin:treasury_counterparty_history", args=[company.counterparty.pk])
    gallery.hang(tab, "treasury_counterparty-history", history)


FILLED_BY_HAND = (
    "approvalroute", "approvergroup", "bank", "cashflowitem", "counterparty",
    "counterpartyaccount", "department", "employee", "organization", "ownaccount",
    "reasontemplate", "vatrate",
)  # fmt: skip


def test_the_requests(gallery: Gallery, company: Company, cases: dict[str, PaymentRequest]) -> None:
    accountant = gallery.tab(browse(company.anna, "Бухгалтер"))
    gallery.walk(accountant, [
        ("list", REQUESTS),
        ("list-filtered", f"{REQUESTS}?status=in_approval&currency=RUB&amount_from=1000"),
        ("list-misunderstood", f"{REQUESTS}?{MISUNDERSTOOD}"),
        ("list-empty", f"{REQUESTS}?q=нет+такого"),
        ("new", f"{REQUESTS}add/"),
        *((f"request-{name}", page(request)) for name, request in cases.items()),
        ("request-edit", f"{page(cases['in-approval'])}?edit=1"),
    ])  # fmt: skip
    accountant.goto(f"{REQUESTS}add/")
    gallery.press(accountant, ".page-head button[name=_submit]", "new-refused")
    accountant.goto(REQUESTS)
    accountant.click("summary:has-text('Фильтры')")
    gallery.hang(accountant, "list-filters")
    approver = gallery.tab(browse(company.boris, "Согласующий"))
    gallery.hang(approver, "request-to-decide", page(cases["in-approval"]))
    approver.click("summary:has-text('Отклонить')")
    gallery.hang(approver, "request-reason")
    approver.fill(".comment-form textarea", " ")
    gallery.press(approver, ".comment-form button", "comment-refused")


def test_the_start_page_of_each_role(
    gallery: Gallery, company: Company, cases: dict[str, PaymentRequest]
) -> None:
    people = {
        "Бухгалтер": company.anna,
        "Согласующий": company.boris,
        "Казначей": company.tamara,
        "Администратор": company.gleb,
        "Аудитор": company.sergey,
    }
    for role, person in people.items():
        gallery.hang(gallery.tab(browse(person, role)), f"start-{role}", "/admin/")


def test_the_doors_and_the_refusals(
    gallery: Gallery, company: Company, cases: dict[str, PaymentRequest]
) -> None:
    stranger = gallery.tab()
    gallery.walk(stranger, [("login", "/admin/login/")], focus=True)
    stranger.fill("#id_username", "nobody@example.com")
    stranger.fill("#id_password", "wrong")
    gallery.press(stranger, "#login-form input[type=submit]", "login-refused", focus=True)
    gallery.walk(stranger, [
        ("home", "/"),
        ("link-unknown", "/oauth/link/unknown-secret/"),
        ("code", "/oauth/code/"),
    ])  # fmt: skip
    approver = gallery.tab(browse(company.boris, "Согласующий"))
    gallery.walk(approver, [
        ("refused", f"{REQUESTS}add/"),
        ("not-found", f"{REQUESTS}999999/change/"),
        ("account", "/oauth/"),
        ("delegations", reverse("admin:treasury_delegation_changelist")),
        ("delegation-new", reverse("admin:treasury_delegation_add")),
        ("password", reverse("admin:password_change")),
    ])  # fmt: skip
