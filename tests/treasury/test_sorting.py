"""Lists of people and names, in the order in which a Russian reader looks for them."""

from tests.company import Company
from treasury.models import Counterparty, Employee
from treasury.sorting import compare

IN_ORDER = [
    "«Антарес»", "42 линии", "Alpha", "beta", "Антонов", "Ежов", "ёжиков", "Елкин", "Ёлкин",
    "ёлкина", "Жуков", "ромашка", "Ромашка", "Ромашка плюс", "Яхонт",
]  # fmt: skip
SCRAMBLED = sorted(IN_ORDER, key=lambda name: name[::-1])
# «Ежов» stands after «ёжиков»: ё is е until nothing else differs.
IN_ORDER[5:7] = ["ёжиков", "Ежов"]


def test_names_are_sorted_as_people_look_for_them(db: None) -> None:
    for number, name in enumerate(SCRAMBLED):
        Counterparty.objects.create(name=name, inn=f"{number:010}")
    assert list(Counterparty.objects.values_list("name", flat=True)) == IN_ORDER


def test_people_are_sorted_by_last_name_then_first_name(company: Company) -> None:
    Employee.objects.all().update(last_name="Ёлкин", first_name="яков")
    Employee.objects.filter(pk=company.boris.pk).update(first_name="Ян")
    Employee.objects.filter(pk=company.fedor.pk).update(last_name="Елкин")
    Employee.objects.filter(pk=company.gleb.pk).update(last_name="елагин")
    people = list(Employee.objects.all())
    assert people[:2] == [company.gleb, company.fedor]
    assert people[-1] == company.boris


def test_only_the_same_name_is_equal() -> None:
    assert compare("Ёлка", "Ёлка") == 0
    assert compare("Ёлка", "Елка") == compare("Ромашка", "ромашка") == 1
    assert compare("ёж", "Ёж") == compare("ель", "ёлка") * -1 == -1
