"""Accounts: proving an address, a forgotten password, sessions, tokens, leaving."""

import json
import re
from pathlib import Path

from playwright.async_api import expect

from activities.account_letters import CONFIRM, RESET
from tests.e2e.system import System
from tests.ui.conftest import People
from tests.ui.person import PASSWORD, Person

NEW_PASSWORD = "eleven quiet copper lanterns"


async def link_in_mail(person: Person, subject: str, path: str) -> str:
    """The link that a mail asks to follow, without the site's address."""
    mail = await person.hears_by_mail(subject)
    found = re.search(rf"{re.escape(person.system.api)}({path}#token=[\w.~-]+)", mail["text"])
    assert found, mail["text"]
    return found[1]


async def test_a_mailed_link_verifies_the_address(people: People, web: System) -> None:
    member = await people.member(web)
    link = await link_in_mail(member, CONFIRM.subject, "/verify")
    await member.opens(link)
    await expect(member.says("Your address is verified.")).to_be_visible()
    assert "token" not in member.page.url
    await member.opens("/account")
    await expect(member.says("Verified")).to_be_visible()

    await member.page.goto("about:blank")
    await member.opens(link)
    await expect(member.alert).to_contain_text("This link is used up or too old.")


async def test_whoever_is_not_signed_in_sets_a_password_with_the_link(
    people: People, web: System
) -> None:
    member, elsewhere = await people.member(web), await people.visitor(web)
    await elsewhere.opens(await link_in_mail(member, CONFIRM.subject, "/verify"))
    await elsewhere.field("New password").fill(NEW_PASSWORD)
    await elsewhere.finds_nothing_wrong()
    await elsewhere.button("Save and verify").click()
    await expect(elsewhere.says("Your address is verified.")).to_be_visible()
    await expect(elsewhere.button("Your account")).to_be_visible()


async def test_a_forgotten_password_is_replaced_by_mail(people: People, web: System) -> None:
    member, elsewhere = await people.member(web), await people.visitor(web)
    await member.opens(await link_in_mail(member, CONFIRM.subject, "/verify"))
    await expect(member.says("Your address is verified.")).to_be_visible()

    await elsewhere.opens("/login")
    await elsewhere.link("Forgot password?").click()
    await expect(elsewhere.heading("Reset your password")).to_be_visible()
    await elsewhere.field("E-mail address").fill(member.email)
    await elsewhere.button("Mail me a link").click()
    await expect(elsewhere.says("A link is on its way.")).to_be_visible()
    link = await link_in_mail(member, RESET.subject, "/reset")
    await elsewhere.page.goto("about:blank")
    await elsewhere.opens(link)
    await elsewhere.field("New password").fill("short")
    await elsewhere.button("Save").click()
    await expect(elsewhere.field("New password")).to_have_accessible_description(
        re.compile("Use at least 8 characters.")
    )
    await elsewhere.field("New password").fill(NEW_PASSWORD)
    await elsewhere.button("Save").click()
    await expect(elsewhere.says("Your password is changed, and you are signed in.")).to_be_visible()

    await member.opens("/account")
    await expect(member.heading("Log in")).to_be_visible()


async def test_wrong_credentials_are_told_and_can_be_corrected(people: People, web: System) -> None:
    member = await people.member(web)
    await member.page.context.clear_cookies()
    await member.opens("/login")
    await member.field("E-mail address").fill(member.email)
    await member.field("Password").fill("not this one")
    await member.button("Log in").click()
    await expect(member.alert).to_contain_text("The e-mail address or the password is wrong.")
    await member.finds_nothing_wrong()
    await member.logs_in()
    await member.is_at("/")


async def test_a_password_that_the_server_refuses_is_explained_at_its_field(
    people: People, web: System
) -> None:
    visitor = await people.visitor(web)
    await visitor.opens("/register")
    await visitor.field("E-mail address").fill(visitor.email)
    await visitor.field("Password").fill("password1")
    await visitor.button("Register").click()
    await expect(visitor.says("Please read and accept the terms")).to_be_visible()
    await visitor.page.get_by_label("I accept the").check()
    await visitor.button("Register").click()
    await expect(visitor.field("Password")).to_have_attribute("aria-invalid", "true")
    await visitor.field("Password").fill(PASSWORD)
    await visitor.button("Register").click()
    await visitor.is_at("/")


async def test_sessions_are_shown_and_ended(people: People, web: System) -> None:
    member, elsewhere = await people.member(web), await people.visitor(web)
    await elsewhere.opens("/login")
    await elsewhere.logs_in(member.email)
    await elsewhere.is_at("/")

    await member.opens("/account")
    await expect(member.says("This browser")).to_be_visible()
    await member.button("Sign out").click()
    await expect(member.button("Sign out")).to_be_hidden()
    await elsewhere.opens("/orders")
    await expect(elsewhere.heading("Log in")).to_be_visible()


async def test_a_password_is_changed_with_the_old_one_only(people: People, web: System) -> None:
    member = await people.member(web)
    await member.opens("/account")
    await member.field("Current password").fill("not this one")
    await member.field("New password").fill(NEW_PASSWORD)
    await member.button("Change password").click()
    await expect(member.field("Current password")).to_have_attribute("aria-invalid", "true")
    await member.field("Current password").fill(PASSWORD)
    await member.button("Change password").click()
    await expect(member.says("Your password is changed.")).to_be_visible()


async def test_a_token_is_shown_once_and_revoked(people: People, web: System) -> None:
    member = await people.member(web)
    await member.opens("/account")
    await member.button("New token").click()
    await member.field("Name").fill("Box office")
    await member.page.get_by_label("Look at my orders").check()
    await member.button("Create token").click()
    await expect(member.says("it is shown only this once")).to_be_visible()
    secret = await member.page.get_by_text(re.compile("^tex_")).inner_text()
    await member.finds_nothing_wrong()
    answer = await member.page.request.get(
        "/api/orders", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.ok

    await member.page.reload()
    await expect(member.says("Never used").or_(member.says("Last used")).last).to_be_visible()
    await expect(member.page.get_by_text(secret)).to_be_hidden()
    await member.button("Revoke Box office").click()
    await member.button("Revoke").click()
    await expect(member.button("Revoke Box office")).to_be_hidden()


async def test_what_is_kept_about_one_can_be_taken_along(
    people: People, web: System, tmp_path: Path
) -> None:
    member = await people.member(web)
    await member.sells("Mine to take")
    await member.opens("/account")
    async with member.page.expect_download() as started:
        await member.link("Download my data").click()
    await (await started.value).save_as(tmp_path / "mine.json")
    kept = json.loads((tmp_path / "mine.json").read_text())
    assert kept["account"]["email"] == member.email
    assert "Mine to take" in (tmp_path / "mine.json").read_text()


async def test_an_account_is_closed_after_a_second_thought(people: People, web: System) -> None:
    member = await people.member(web)
    await member.opens("/account")
    await member.button("Close my account").click()
    await member.field("Your password").fill("not this one")
    await member.button("Close it for good").click()
    await expect(member.field("Your password")).to_have_attribute("aria-invalid", "true")
    await member.field("Your password").fill(PASSWORD)
    await member.button("Close it for good").click()
    await expect(member.says("Your account is closed.")).to_be_visible()
    await expect(member.link("Log in").first).to_be_visible()


async def test_an_account_with_an_open_order_says_why_it_stays(people: People, web: System) -> None:
    seller, member = await people.member(web), await people.member(web)
    await member.reserves(await seller.sells())
    await member.opens("/account")
    await member.button("Close my account").click()
    await member.field("Your password").fill(PASSWORD)
    await member.button("Close it for good").click()
    await expect(member.link("See your orders")).to_be_visible()


async def test_signing_out_ends_the_session_and_what_was_shown(people: People, web: System) -> None:
    member = await people.member(web)
    await member.opens("/account")
    await member.button("Your account").click()
    await member.button("Log out").click()
    await expect(member.says("You are signed out.")).to_be_visible()
    await member.is_at("/")
    await member.page.go_back()
    await expect(member.heading("Log in")).to_be_visible()
    await expect(member.page.get_by_text(member.email)).to_be_hidden()


async def test_somebody_signs_in_with_google_and_comes_back_to_the_ticket(
    people: People, web: System
) -> None:
    seller, visitor = await people.member(web), await people.visitor(web)
    ticket = await seller.sells()
    await visitor.opens(f"/tickets/{ticket['id']}")
    await visitor.link("Log in to buy").click()
    await visitor.link("Continue with Google").click()
    await visitor.page.get_by_label("Name").fill("Ada Lovelace")
    await visitor.page.get_by_label("E-mail", exact=True).fill(visitor.email)
    await visitor.button("Sign in").click()
    await visitor.is_at(f"/tickets/{ticket['id']}")
    await expect(visitor.button("Buy this ticket")).to_be_enabled()

    await visitor.opens("/account")
    await expect(visitor.says("You sign in with another service")).to_be_visible()
    await visitor.button("Remove Google").click()
    await visitor.button("Remove").click()
    await expect(visitor.alert).to_contain_text("Google is the only way into your account.")


async def test_another_way_in_is_added_to_an_account(people: People, web: System) -> None:
    member = await people.member(web)
    await member.opens("/account")
    await member.button("Add GitHub").click()
    await member.page.get_by_label("Name").fill("Ada Lovelace")
    await member.page.get_by_label("E-mail", exact=True).fill(member.email)
    await member.button("Sign in").click()
    await member.is_at("/account")
    await expect(member.button("Remove GitHub")).to_be_visible()
    await member.button("Remove GitHub").click()
    await member.button("Remove").click()
    await expect(member.button("Add GitHub")).to_be_visible()
