"""Who is who in the demo, as data. Every number is invented and passes the bank's own checks."""

from dataclasses import dataclass

# Only Google accounts of this domain may sign in.
DOMAIN = "example.com"


@dataclass(frozen=True)
class Person:
    """`telegram_id` is the sandbox's; whoever is not `linked` must first sign in with Google."""

    key: str
    last_name: str
    first_name: str
    patronymic: str
    job: str
    roles: tuple[str, ...]
    telegram_id: int
    approver_groups: tuple[str, ...] = ()
    language: str = "ru"
    linked: bool = True
    superuser: bool = False

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


PEOPLE = (
    Person("smirnova", "Смирнова", "Анна", "Викторовна", "бухгалтер", ("Бухгалтер",), 1001),
    Person(
        "orlov", "Орлов", "Борис", "Андреевич", "держатель бюджета", ("Согласующий",), 1002
    ),
    Person(
        "lebedeva", "Лебедева", "Вера", "Сергеевна", "держатель бюджета", ("Согласующий",), 1003
    ),
    Person(
        "sokolov", "Соколов", "Григорий", "Павлович", "финансовый менеджер",
        ("Согласующий", "Аудитор"), 1004, ("financial_managers",),
    ),
    Person(
        "volkova", "Волкова", "Дарья", "Олеговна", "финансовый менеджер",
        ("Согласующий", "Аудитор"), 1005, ("financial_managers",),
    ),
    Person(
        "morozova", "Морозова", "Елена", "Игоревна", "казначей", ("Казначей",), 1006,
        ("treasurers",),
    ),
    Person(
        "kuznetsov", "Кузнецов", "Фёдор", "Николаевич", "казначей", ("Казначей",), 1007,
        ("treasurers",),
    ),
    Person(
        "berg", "Berg", "Thomas", "", "финансовый директор", ("Согласующий", "Аудитор"), 1008,
        ("finance_directors",), language="en",
    ),
    Person("pavlova", "Павлова", "Ольга", "Дмитриевна", "инициатор", (), 1009),
    Person(
        "novikov", "Новиков", "Кирилл", "Алексеевич", "держатель бюджета", ("Согласующий",), 1010,
        linked=False,
    ),
    Person(
        "nikolaev", "Николаев", "Игорь", "Васильевич", "администратор", ("Администратор",), 1011,
    ),
    Person(
        "romanova", "Романова", "Светлана", "Юрьевна", "полный доступ", ("Администратор",), 1013,
        superuser=True,
    ),
)  # fmt: skip

# Lives in the sandbox and is nobody's employee: the bot must refuse her.
STRANGER = {"id": 1099, "first_name": "Зоя", "last_name": "Посторонняя", "username": "zoya"}

# Works here no longer.
FORMER = Person("titov", "Титов", "Павел", "Ильич", "уволен", (), 1012, linked=False)


@dataclass(frozen=True)
class GoogleAccount:
    key: str
    name: str
    email: str
    verified: bool = True

    @property
    def claims(self) -> dict[str, str | bool]:
        """What Google tells about it; `hd` is the domain of a company's account."""
        return {
            "name": self.name,
            "email": self.email,
            "email_verified": self.verified,
            "hd": self.email.rpartition("@")[2],
        }


# The last four are refused, each for a reason of its own.
GOOGLE_ACCOUNTS = (
    *(GoogleAccount(p.key, f"{p.first_name} {p.last_name}", p.email) for p in (*PEOPLE, FORMER)),
    GoogleAccount("unknown", "Зоя Посторонняя", f"zoya@{DOMAIN}"),
    GoogleAccount("foreign", "Борис Орлов, личный", "orlov@example.net"),
    GoogleAccount("unverified", "Борис Орлов", f"orlov@{DOMAIN}", verified=False),
)


@dataclass(frozen=True)
class Account:
    bik: str
    number: str
    currency: str = "RUB"


@dataclass(frozen=True)
class Organization:
    code: str
    name: str
    inn: str
    kpp: str
    accounts: tuple[Account, ...]
    # Name → keys of the budget holders.
    departments: dict[str, tuple[str, ...]]
    chat_id: int
    chat_title: str


# As they stand in the suppliers' invoices.
BANKS = {
    "044525225": ("ПАО Сбербанк", "Москва", "30101810400000000225"),
    "044525593": ("АО «АЛЬФА-БАНК»", "Москва", "30101810200000000593"),
    "044525187": ("Банк ВТБ (ПАО)", "Москва", "30101810700000000187"),
    "044525974": ("АО «ТБанк»", "Москва", "30101810145250000974"),
}

ORGANIZATIONS = (
    Organization(
        code="СТД",
        name="ООО «Северный торговый дом»",
        inn="7701928417",
        kpp="770101001",
        accounts=(
            Account("044525225", "40702810500000001001"),
            Account("044525593", "40702810400000001002"),
            Account("044525593", "40702840000000001003", "USD"),
            Account("044525593", "40702156900000001004", "CNY"),
        ),
        departments={
            "Коммерческий отдел": ("orlov",),
            "Отдел информационных технологий": ("lebedeva", "novikov"),
        },
        chat_id=-1001000000001,
        chat_title="СТД: заявки на оплату",
    ),
    Organization(
        code="НМЗ",
        name="АО «Невский механический завод»",
        inn="7815346275",
        kpp="781501001",
        accounts=(Account("044525225", "40702810800000002001"),),
        departments={"Производство": ("orlov",), "Отдел снабжения": ("lebedeva", "orlov")},
        chat_id=-1001000000002,
        chat_title="НМЗ: заявки на оплату",
    ),
    Organization(
        code="ЛОГ",
        name="ООО «Логистика Плюс»",
        inn="5032009189",
        kpp="503201001",
        accounts=(
            Account("044525187", "40702810600000003001"),
            Account("044525974", "40702810700000003002"),
        ),
        departments={"Автопарк": ("lebedeva",), "Складской комплекс": ("orlov",)},
        chat_id=-1001000000003,
        chat_title="Логистика Плюс: заявки на оплату",
    ),
)

CASH_FLOW_ITEMS = {
    "01.01": "Оплата товаров и материалов",
    "01.02": "Транспортные расходы",
    "01.03": "Аренда помещений",
    "01.04": "ИТ и связь",
    "01.05": "Реклама и маркетинг",
    "01.06": "Коммунальные услуги",
    "01.07": "Ремонт и обслуживание",
    "01.08": "Консультационные услуги",
    "02.01": "Приобретение основных средств",
}

# Who may take over a task, by the group that is asked at a stage; "" for the budget holders.
STAND_INS = {
    "": ("orlov", "lebedeva", "novikov"),
    "financial_managers": ("berg",),
    "treasurers": ("berg",),
    "finance_directors": ("sokolov", "volkova"),
}

# In how many working hours a stage is decided, by the same keys; and who hears of delays.
DEADLINES = {"": 8, "financial_managers": 16, "treasurers": 8, "finance_directors": 16}
HEAD = "berg"

# The factory asks its finance director too, from this amount in roubles.
THRESHOLD = 1_000_000
THRESHOLD_ORGANIZATION = "НМЗ"
DIRECTORS = ("finance_directors", "Финансовые директора")
