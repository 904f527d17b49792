"""What the demo's company buys and from whom, as data."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from demo.company import Account

# How often each supplier has sent an invoice; every next one is for somewhat more.
INVOICES = 5


@dataclass(frozen=True)
class Line:
    name: str
    unit: str
    quantity: int
    price: Decimal


@dataclass(frozen=True)
class Supplier:
    name: str
    inn: str
    kpp: str
    address: str
    account: Account
    item: str
    # Completes «Оплата по счёту … за …».
    subject: str
    contract: str
    invoice_prefix: str
    lines: tuple[Line, ...]
    with_vat: bool = True


@dataclass(frozen=True)
class Invoice:
    supplier: Supplier
    number: str
    date: date
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        """Roubles, VAT included."""
        return sum((line.quantity * line.price for line in self.lines), Decimal(0))


@dataclass(frozen=True)
class SupplierAbroad:
    """Whom the demo's trading house pays in the supplier's own currency, and for what."""

    name: str
    country: str
    tax_number: str
    bank: str
    city: str
    swift: str
    number: str
    currency: str
    contract: str
    invoice: str
    item: str
    goods: str
    amount: Decimal


def _line(name: str, unit: str, quantity: int, price: str) -> Line:
    return Line(name, unit, quantity, Decimal(price))


# Closed when its owner went to another bank.
FORMER_ACCOUNT = Account("044525974", "40702810738000009913")

SUPPLIERS = (
    Supplier(
        "ООО «Мир бумаги»", "7720183640", "772001001", "г. Москва, ш. Энтузиастов, д. 56",
        Account("044525225", "40702810538000000401"), "01.01", "канцелярские товары",
        "№ 14-К от 12.01.2026", "МБ",
        (
            _line("Бумага А4 «Снегурочка», 80 г/м², 500 л.", "пач.", 60, "389.00"),
            _line("Папка-регистратор 75 мм", "шт.", 40, "214.50"),
            _line("Ручка шариковая синяя, 50 шт.", "уп.", 6, "1150.00"),
        ),
    ),
    Supplier(
        "ООО «Телеком-Сервис»", "7704562190", "770401001", "г. Москва, ул. Остоженка, д. 10",
        Account("044525593", "40702810238000001672"), "01.04", "услуги связи и доступ в Интернет",
        "№ ТС-0821 от 01.02.2025", "ТС",
        (
            _line("Доступ в Интернет, 500 Мбит/с", "мес.", 1, "38500.00"),
            _line("Виртуальная АТС, номер", "шт.", 25, "490.00"),
        ),
    ),
    Supplier(
        "АО «Балтийская металлобаза»", "7802917450", "780201001",
        "г. Санкт-Петербург, пр. Энгельса, д. 154", Account("044525187", "40702810138000002943"),
        "01.01", "листовой прокат", "№ 77/П от 20.03.2026", "БМ",
        (
            _line("Лист г/к 4×1500×6000 ст3сп", "т", 8, "68400.00"),
            _line("Уголок равнополочный 50×50×5", "т", 3, "71250.00"),
            _line("Доставка до склада покупателя", "рейс", 1, "18600.00"),
        ),
    ),
    Supplier(
        "ООО «Арктика-Софт»", "7715038260", "771501001", "г. Москва, ул. Яблочкова, д. 21",
        Account("044525974", "40702810238000004214"), "01.04", "лицензии на программы для ЭВМ",
        "№ ЛД-19/26 от 02.02.2026", "АС",
        (
            _line("Лицензия «Склад ПРО», рабочее место, 12 мес.", "шт.", 15, "9800.00"),
            _line("Расширенная поддержка, 12 мес.", "усл.", 1, "46000.00"),
        ),
        with_vat=False,
    ),
    Supplier(
        "АО «Бизнес-парк „Химки“»", "5012743909", "501201001",
        "Московская обл., г. Химки, Вашутинское ш., д. 1",
        Account("044525225", "40702810038000005485"), "01.03", "аренду складских помещений",
        "№ А-112 от 28.12.2025", "АР",
        (
            _line("Аренда склада, 840 м²", "мес.", 1, "504000.00"),
            _line("Эксплуатационные расходы", "мес.", 1, "63000.00"),
        ),
    ),
    Supplier(
        "ООО «Медиа Квадрат»", "7708391273", "770801001", "г. Москва, ул. Каланчёвская, д. 13",
        Account("044525593", "40702810638000006756"), "01.05", "размещение рекламы в Интернете",
        "№ МК-45 от 15.04.2026", "МК",
        (
            _line("Контекстная реклама, ведение кампании", "мес.", 1, "95000.00"),
            _line("Рекламный бюджет площадок", "усл.", 1, "240000.00"),
        ),
    ),
    Supplier(
        "ООО «Автотехцентр на Можайке»", "7729471603", "772901001",
        "г. Москва, Можайское ш., д. 25", Account("044525187", "40702810838000008027"), "01.07",
        "техническое обслуживание автомобилей", "№ ТО-7 от 11.01.2026", "АТ",
        (
            _line("ТО-60 ГАЗель NEXT", "шт.", 4, "18700.00"),
            _line("Шина 185/75 R16C зимняя", "шт.", 8, "7450.00"),
            _line("Замена тормозных колодок", "шт.", 4, "3900.00"),
        ),
    ),
    Supplier(
        "ООО «Невские энергосистемы»", "7810453820", "781001001",
        "г. Санкт-Петербург, Московский пр., д. 139", Account("044525974", "40702810738000009298"),
        "01.06", "электроэнергию", "№ ЭС-30418 от 01.01.2024", "ЭС",
        (_line("Электроэнергия, одноставочный тариф", "кВт·ч", 42600, "9.18"),),
    ),
    Supplier(
        "ООО «Аудит и право»", "7707183457", "770701001", "г. Москва, Цветной б-р, д. 30",
        Account("044525225", "40702810538000010569"), "01.08", "юридические услуги",
        "№ 3-ЮР от 09.02.2026", "АП",
        (
            _line("Сопровождение договорной работы", "мес.", 1, "120000.00"),
            _line("Подготовка процессуальных документов", "ч", 14, "6500.00"),
        ),
    ),
    Supplier(
        "ООО «Клининг Групп»", "5009382716", "500901001", "Московская обл., г. Домодедово, "
        "Каширское ш., д. 4", Account("044525593", "40702810238000011840"), "01.07",
        "уборку производственных помещений", "№ КГ-58 от 30.12.2025", "КГ",
        (
            _line("Комплексная уборка, 2 400 м²", "мес.", 1, "148000.00"),
            _line("Мытьё фасадного остекления", "м²", 320, "85.00"),
        ),
    ),
    Supplier(
        "ИП Сергеев Павел Андреевич", "773018465246", "", "г. Москва, ул. Кастанаевская, д. 41",
        Account("044525187", "40802810338000013111"), "01.02", "автотранспортные услуги",
        "№ 21-Т от 05.05.2026", "ПС",
        (
            _line("Перевозка груза Москва — Тверь, 10 т", "рейс", 3, "32500.00"),
            _line("Простой под погрузкой", "ч", 4, "1800.00"),
        ),
        with_vat=False,
    ),
    Supplier(
        "ООО «Станкоимпорт-Юг»", "9715026483", "971501001", "г. Москва, ул. Складочная, д. 1",
        Account("044525974", "40702810338000014382"), "02.01", "металлообрабатывающее оборудование",
        "№ СИ-204 от 17.06.2026", "СИ",
        (
            _line("Станок токарно-винторезный СТ-400", "шт.", 1, "1180000.00"),
            _line("Патрон трёхкулачковый 250 мм", "шт.", 2, "46800.00"),
            _line("Пусконаладочные работы", "усл.", 1, "75000.00"),
        ),
    ),
)  # fmt: skip


ABROAD = SupplierAbroad(
    name="Shenzhen Bright Bearings Co., Ltd.",
    country="CN",
    tax_number="91440300MA5FK7T82Q",
    bank="Bank of China, Shenzhen Branch",
    city="Shenzhen",
    swift="BKCHCNBJ45A",
    number="744567890123",
    currency="CNY",
    contract="№ CN-08/26 от 14.05.2026",
    invoice="SZ-2611",
    item="01.01",
    goods="подшипники",
    amount=Decimal("148600.00"),
)


def invoice(supplier: Supplier, sequence: int, today: date) -> Invoice:
    """The supplier's invoice number `sequence`, counted from 0; the newest is three days old."""
    age = timedelta(days=3 + 6 * (INVOICES - 1 - sequence))
    growth = 1 + Decimal(sequence) / 10
    lines = tuple(
        Line(line.name, line.unit, line.quantity, (line.price * growth).quantize(Decimal("0.01")))
        for line in supplier.lines
    )
    number = f"{supplier.invoice_prefix}-{1021 + 17 * sequence}"
    return Invoice(supplier, number, today - age, lines)
