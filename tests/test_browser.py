"""The browser that other tests drive."""

from playwright.async_api import Page, expect


async def test_a_page_shows_what_it_is_given(page: Page) -> None:
    await page.set_content("<h1>Tickets</h1><button onclick='this.textContent = 1 + 1'>?</button>")
    await page.get_by_role("button").click()
    await expect(page.get_by_role("heading", name="Tickets")).to_be_visible()
    await expect(page.get_by_role("button")).to_have_text("2")
