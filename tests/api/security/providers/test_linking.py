"""Adding a provider to an account, and taking it away."""

import pytest
from fastapi import FastAPI

from services.database import Databases
from tests.api.market import problem
from tests.api.security.providers.conftest import OpenTraveller
from tests.api.security.providers.travellers import PROVIDERS, Traveller, a_page, asked

both = pytest.mark.parametrize("provider", PROVIDERS)


@both
async def test_a_linked_provider_signs_in_to_the_account_whatever_its_address(
    ann: Traveller, open_traveller: OpenTraveller, provider: str
) -> None:
    account = await ann.registers("ann@example.com")
    answer = await ann.links(provider, "ann@work.example")
    assert (answer.status_code, answer.headers["location"]) == (302, "/account")
    assert await ann.me() == account
    assert (await open_traveller().is_signed_in(provider, "ann@work.example"))["id"] == account[
        "id"
    ]


@both
async def test_security_23_a_verified_address_that_is_the_accounts_own_proves_it(
    ann: Traveller, provider: str
) -> None:
    account = await ann.registers("Ann@Example.com")
    await ann.links(provider, "ann@EXAMPLE.com")
    assert await ann.me() == {**account, "email_verified": True}
    assert (await ann.signs_in_with_password("ann@example.com")).status_code == 200


async def test_linking_twice_changes_nothing(ann: Traveller, app: FastAPI) -> None:
    await ann.registers("ann@example.com")
    for _ in range(2):
        assert (await ann.links("google", "ann@work.example")).status_code == 302
    databases: Databases = app.state.databases
    assert await databases.auth["identities"].count_documents({}) == 1


async def test_security_23_an_identity_of_another_account_is_not_taken_from_it(
    ann: Traveller, mallory: Traveller, open_traveller: OpenTraveller
) -> None:
    account = await ann.is_signed_in("github", "ann@example.com")
    await mallory.registers("mallory@example.com")
    a_page(await mallory.links("github", "ann@example.com"), 409, "cannot be used here")
    assert (await open_traveller().is_signed_in("github", "ann@example.com")) == account


async def test_an_account_has_one_identity_of_a_provider(ann: Traveller) -> None:
    await ann.registers("ann@example.com")
    assert (await ann.links("google", "ann@one.example")).status_code == 302
    a_page(await ann.links("google", "ann@two.example"), 409, "another Google account")


@both
async def test_security_23_linking_asks_for_an_address_that_the_provider_has_verified(
    ann: Traveller, provider: str
) -> None:
    await ann.registers("ann@example.com")
    answer = await ann.links(provider, "ann@example.com", email_verified=False)
    a_page(answer, 403, "Verify it there first")
    assert (await ann.me())["email_verified"] is False


async def test_security_23_whoever_has_signed_out_meanwhile_links_nothing(
    ann: Traveller, app: FastAPI
) -> None:
    await ann.registers("ann@example.com")
    page = await ann.begins_to_link("google")
    way_back = await ann.decides(page, provider="google", email="ann@example.com")
    await ann.http.post("/api/users/logout")
    a_page(await ann.returns(way_back), 403, "Nothing was linked")
    assert await ann.is_nobody()
    databases: Databases = app.state.databases
    assert await databases.auth["identities"].count_documents({}) == 0


async def test_security_23_an_account_links_nothing_in_a_browser_of_somebody_else(
    ann: Traveller, app: FastAPI
) -> None:
    await ann.registers("first@example.com")
    page = await ann.begins_to_link("google")
    way_back = await ann.decides(page, provider="google", email="ann@example.com")
    second = await ann.registers("second@example.com")
    a_page(await ann.returns(way_back), 403, "Nothing was linked")
    assert await ann.me() == second
    databases: Databases = app.state.databases
    assert await databases.auth["identities"].count_documents({}) == 0


async def test_security_14_a_page_of_another_site_cannot_begin_a_link_or_end_one(
    ann: Traveller,
) -> None:
    await ann.registers("ann@example.com")
    foreign = {"Origin": "https://evil.example"}
    begun = await ann.http.post("/api/auth/google/link", headers=foreign)
    assert problem(begun, 403)["type"] == "/problems/foreign-origin"
    ended = await ann.http.delete("/api/users/me/identities/google", headers=foreign)
    assert problem(ended, 403)["type"] == "/problems/foreign-origin"


async def test_nobody_links_without_being_signed_in(ann: Traveller) -> None:
    problem(await ann.http.post("/api/auth/google/link"), 401)
    problem(await ann.http.delete("/api/users/me/identities/google"), 401)


async def test_a_link_leads_back_to_the_page_that_was_asked_for(ann: Traveller) -> None:
    await ann.registers("ann@example.com")
    for asked_for, shown in (("/tickets", "/tickets"), ("//evil.example", "/")):
        begun = await ann.http.post("/api/auth/google/link", params={"next": asked_for})
        way_back = await ann.decides(begun.json()["url"], provider="google", email="a@example.com")
        assert (await ann.returns(way_back)).headers["location"] == shown


async def test_an_unlinked_provider_no_longer_signs_in(
    ann: Traveller, open_traveller: OpenTraveller
) -> None:
    account = await ann.registers("ann@example.com")
    await ann.links("google", "ann@work.example")
    assert (await ann.http.delete("/api/users/me/identities/google")).status_code == 204
    problem(await ann.http.delete("/api/users/me/identities/google"), 404)
    problem(await ann.http.delete("/api/users/me/identities/facebook"), 404)
    other = await open_traveller().is_signed_in("google", "ann@work.example")
    assert other["id"] != account["id"]


async def test_the_last_way_in_stays(ann: Traveller) -> None:
    await ann.is_signed_in("google", "ann@example.com")
    refused = await ann.http.delete("/api/users/me/identities/google")
    assert problem(refused, 409)["type"] == "/problems/last-way-in"
    assert (await ann.links("github", "ann@example.com")).status_code == 302
    assert (await ann.http.delete("/api/users/me/identities/google")).status_code == 204
    problem(await ann.http.delete("/api/users/me/identities/github"), 409)


async def test_an_api_token_neither_links_nor_unlinks(ann: Traveller, app: FastAPI) -> None:
    account = await ann.is_signed_in("google", "ann@example.com")
    accounts = app.state.accounts
    user = await accounts.users.get_user(account["id"])
    _, token = await accounts.access.tokens.make(
        user, name="script", scopes=[], at=user.created_at, expires_at=None
    )
    program = {"Authorization": f"Bearer {token}"}
    problem(await ann.http.post("/api/auth/github/link", headers=program), 403)
    problem(await ann.http.delete("/api/users/me/identities/google", headers=program), 403)


async def test_the_state_of_a_link_belongs_to_the_browser_too(
    ann: Traveller, mallory: Traveller
) -> None:
    """Mallory has Ann's browser finish what Mallory began, to get Ann's Google account linked."""
    await mallory.registers("mallory@example.com")
    page = await mallory.begins_to_link("google")
    way_back = await mallory.decides(page, provider="google", email="ann@example.com")
    await ann.registers("ann@example.com")
    a_page(await ann.returns(way_back), 400, "This sign-in is over")
    assert asked(way_back)["state"]
