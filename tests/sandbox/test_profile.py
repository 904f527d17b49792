import pytest

from .harness import Sandbox

TEXTS = [("Name", "name", 64), ("Description", "description", 512),
         ("ShortDescription", "short_description", 120)]  # fmt: skip


@pytest.mark.parametrize(("method", "kind", "longest"), TEXTS)
def test_a_text_is_for_its_language_and_the_default_for_all_others(
    sandbox: Sandbox, method: str, kind: str, longest: int
) -> None:
    default = "Ж" * longest
    sandbox.bot(f"setMy{method}", **{kind: default})
    sandbox.bot(f"setMy{method}", **{kind: "English"}, language_code="en")
    assert sandbox.bot(f"getMy{method}", language_code="en") == {kind: "English"}
    for language in ("", "de"):
        assert sandbox.bot(f"getMy{method}", language_code=language) == {kind: default}
    sandbox.bot(f"setMy{method}", language_code="en")
    assert sandbox.bot(f"getMy{method}", language_code="en") == {kind: default}


@pytest.mark.parametrize(("method", "kind", "longest"), TEXTS)
def test_a_text_has_a_limit(sandbox: Sandbox, method: str, kind: str, longest: int) -> None:
    assert "too long" in sandbox.error(f"setMy{method}", **{kind: "Ж" * (longest + 1)})


@pytest.mark.parametrize("code", ["ru-RU", "RU", "r", "rus"])
def test_a_language_has_two_letters(sandbox: Sandbox, code: str) -> None:
    for method in ("setMyName", "getMyDescription", "getMyCommands"):
        assert "Invalid language code" in sandbox.error(method, language_code=code)


def test_the_chat_has_the_bots_name_in_its_readers_language(sandbox: Sandbox) -> None:
    sandbox.bot("setMyName", name="Казначейство")
    sandbox.bot("setMyName", name="Treasury", language_code="en")
    for code, name in (("ru", "Казначейство"), ("en", "Treasury"), ("", "Казначейство")):
        person = sandbox.person(language_code=code)
        [chat] = sandbox.get(f"{person.path}/chats")
        assert (chat["title"], chat["bot"]["first_name"]) == (name, name)
    assert sandbox.bot("getMe")["first_name"] == "Казначейство"
