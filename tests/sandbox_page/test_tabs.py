"""Several people, each in a tab of his own, as one looks at a demo."""

from playwright.sync_api import expect

from .conftest import ALICE, Bot, OpenPage

# One more than the connections that a browser opens to one server.
TABS = 7


def test_every_tab_is_live_however_many_there_are(bot: Bot, open_page: OpenPage) -> None:
    pages = [open_page(f"/?people={ALICE}&chat={ALICE}") for _tab in range(TABS)]
    sent = bot.send(ALICE, "To all of you")
    for page in pages:
        bubble = page.locator(f"[data-message-id='{sent}']")
        expect(bubble).to_contain_text("To all of you")
