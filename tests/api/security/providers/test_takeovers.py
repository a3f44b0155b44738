"""Attempts on accounts of others, before their owners come: named after the literature on them.

Sudhodanan and Paverd, "Pre-hijacked accounts", USENIX Security 2022.
"""

from hashlib import md5

import pytest
from fastapi import FastAPI

from services.auth.documents import LetterKind
from services.clock import now
from tests.api.conftest import PASSWORD
from tests.api.security.providers.conftest import OpenTraveller
from tests.api.security.providers.travellers import PROVIDERS, Traveller, a_page

VICTIM = "victim@example.com"
both = pytest.mark.parametrize("provider", PROVIDERS)


@both
async def test_security_24_classic_federated_merge_a_password_chosen_before_is_void(
    ann: Traveller, mallory: Traveller, provider: str
) -> None:
    trap = await mallory.registers(VICTIM)
    account = await ann.is_signed_in(provider, VICTIM)
    assert account["id"] != trap["id"]
    assert (await mallory.signs_in_with_password(VICTIM)).status_code == 401


@both
async def test_security_24_unexpired_session_a_session_from_before_is_over(
    ann: Traveller, mallory: Traveller, provider: str
) -> None:
    await mallory.registers(VICTIM)
    await ann.is_signed_in(provider, VICTIM)
    assert (await mallory.http.get("/api/users/me")).status_code == 401
    assert (await mallory.http.post(f"/api/auth/{provider}/link")).status_code == 401


@both
async def test_security_24_trojan_identifier_an_identity_linked_before_opens_nothing(
    ann: Traveller, mallory: Traveller, provider: str
) -> None:
    trap = await mallory.registers(VICTIM)
    assert (await mallory.links("github", "mallory@example.com")).status_code == 302
    account = await ann.is_signed_in("google", VICTIM)
    mine = await mallory.is_signed_in("github", "mallory@example.com")
    assert mine["id"] not in {account["id"], trap["id"]}
    assert mine["email"] == "mallory@example.com"


async def test_security_24_an_api_token_from_before_opens_nothing(
    ann: Traveller, mallory: Traveller, app: FastAPI
) -> None:
    trap = await mallory.registers(VICTIM)
    accounts = app.state.accounts
    user = await accounts.users.get_user(trap["id"])
    _, token = await accounts.access.tokens.make(
        user, name="trap", scopes=[], at=now(), expires_at=None
    )
    program = {"Authorization": f"Bearer {token}"}
    assert (await mallory.http.get("/api/users/me", headers=program)).status_code == 200
    await ann.is_signed_in("google", VICTIM)
    assert (await mallory.http.get("/api/users/me", headers=program)).status_code == 401


async def test_security_24_a_letter_asked_for_before_opens_nothing(
    ann: Traveller, mallory: Traveller, app: FastAPI
) -> None:
    """The victim may read it late, or somebody else may read the victim's mail."""
    trap = await mallory.registers(VICTIM)
    link = await app.state.accounts.access.letters.make_link(LetterKind.RESET, trap["id"], now())
    await ann.is_signed_in("google", VICTIM)
    draft = {"token": link, "password": PASSWORD}
    answer = await mallory.http.post("/api/users/password-reset/confirm", json=draft)
    assert answer.status_code == 422


@both
async def test_security_23_non_verifying_provider_an_address_that_is_only_claimed_opens_nothing(
    ann: Traveller, mallory: Traveller, provider: str
) -> None:
    account = await ann.is_signed_in("google", VICTIM)
    answer = await mallory.signs_in(
        provider, VICTIM, email_verified=False, subject="66600000000000000666"[:8]
    )
    a_page(answer, 403, "Your e-mail address is not verified")
    assert await mallory.is_nobody()
    assert await ann.me() == account


@both
async def test_security_23_an_account_opened_through_a_provider_has_no_password_to_guess(
    ann: Traveller, mallory: Traveller, provider: str
) -> None:
    """Least of all one that is worked out of what everybody knows."""
    account = await ann.is_signed_in(provider, VICTIM)
    digest = md5(VICTIM.encode(), usedforsecurity=False).hexdigest()
    for guess in (digest, digest[:17], VICTIM, account["id"]):
        assert (await mallory.signs_in_with_password(VICTIM, guess)).status_code == 401
    assert await mallory.is_nobody()


async def test_security_23_an_address_that_is_verified_but_not_the_main_one_opens_nothing(
    ann: Traveller, mallory: Traveller
) -> None:
    account = await ann.is_signed_in("google", VICTIM)
    answer = await mallory.signs_in(
        "github",
        "mallory@example.com",
        email_verified=False,
        hide_email=False,
        more_emails=[{"email": VICTIM, "verified": True}],
    )
    a_page(answer, 403)
    also = await mallory.is_signed_in(
        "github",
        "mallory@example.com",
        hide_email=False,
        more_emails=[{"email": VICTIM, "verified": True}],
    )
    assert (also["email"], also["id"] != account["id"]) == ("mallory@example.com", True)


@both
async def test_security_22_the_address_at_the_provider_changes_and_the_account_stays(
    ann: Traveller, open_traveller: OpenTraveller, provider: str
) -> None:
    account = await ann.is_signed_in(provider, "ann@old.example", subject="12345678")
    later = await open_traveller().is_signed_in(provider, "ann@new.example", subject="12345678")
    assert later == account


@both
async def test_security_22_whoever_gets_an_address_later_is_not_who_had_it_at_the_provider(
    ann: Traveller, mallory: Traveller, provider: str
) -> None:
    """Ann's address is given to Mallory, who has another account at the same provider."""
    account = await ann.is_signed_in(provider, "ann@example.com", subject="12345678")
    answer = await mallory.signs_in(provider, "ann@example.com", subject="87654321")
    a_page(answer, 409, "cannot be used here")
    assert await mallory.is_nobody()
    assert await ann.me() == account


@both
@pytest.mark.parametrize("spelling", ["VICTIM@Example.COM", "ｖictim@example.com"])  # noqa: RUF001
async def test_security_22_another_spelling_is_no_other_address(
    ann: Traveller, mallory: Traveller, provider: str, spelling: str
) -> None:
    trap = await mallory.registers(spelling)
    account = await ann.is_signed_in(provider, VICTIM)
    assert account["id"] != trap["id"]
    assert (await mallory.http.get("/api/users/me")).status_code == 401
    assert (await mallory.signs_in_with_password(spelling)).status_code == 401


async def test_security_23_a_proven_account_is_found_in_any_spelling(
    ann: Traveller, open_traveller: OpenTraveller
) -> None:
    account = await ann.is_signed_in("google", "ann@example.com")
    assert await open_traveller().is_signed_in("github", "Ann@EXAMPLE.com") == account


@both
async def test_security_23_an_account_that_proved_its_address_by_mail_is_signed_in_to(
    ann: Traveller, open_traveller: OpenTraveller, app: FastAPI, provider: str
) -> None:
    account = await ann.registers("ann@example.com")
    await app.state.accounts.prove(account["id"])
    other = await open_traveller().is_signed_in(provider, "ann@example.com")
    assert other == {**account, "email_verified": True}
    assert (await ann.signs_in_with_password("ann@example.com")).status_code == 200


async def test_security_24_a_reset_cuts_off_the_identities_of_before(
    ann: Traveller, mallory: Traveller, app: FastAPI
) -> None:
    """Mallory has linked their GitHub account to Ann's; Ann takes the account back by mail."""
    account = await ann.is_signed_in("google", "ann@example.com")
    assert (await ann.links("github", "mallory@example.com")).status_code == 302
    link = await app.state.accounts.access.letters.make_link(LetterKind.RESET, account["id"], now())
    draft = {"token": link, "password": PASSWORD}
    answer = await ann.http.post("/api/users/password-reset/confirm", json=draft)
    assert answer.status_code == 200
    mine = await mallory.is_signed_in("github", "mallory@example.com")
    assert mine["id"] != account["id"]
    assert (await ann.is_signed_in("google", "ann@example.com"))["id"] == account["id"]


async def test_security_24_what_was_listed_under_the_address_is_the_owners(
    ann: Traveller, open_traveller: OpenTraveller
) -> None:
    before = open_traveller()
    await before.registers("ann@example.com")
    draft = {"title": "Front row", "price": {"amount": 16000, "currency": "CAD"}}
    listed = await before.http.post("/api/tickets", json=draft)
    assert listed.status_code == 201
    await ann.is_signed_in("google", "ann@example.com")
    mine = (await ann.http.get("/api/tickets", params={"seller": "me"})).json()["items"]
    assert [ticket["id"] for ticket in mine] == [listed.json()["id"]]
