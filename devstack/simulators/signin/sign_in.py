"""The page where a person signs in or says no, and what the application is told."""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from devstack.simulators.signin.authorization import AuthorizationRequest, read_request
from devstack.simulators.signin.errors import ShownError
from devstack.simulators.signin.exchange import read_form
from devstack.simulators.signin.pages import sign_in_page
from devstack.simulators.signin.people import Draft
from devstack.simulators.signin.settings import Provider
from devstack.simulators.signin.simulator import Simulated, Simulator

SENTENCES: Final = {
    "name": "Type a name, at most 100 characters.",
    "email": "Type an e-mail address, such as ada@example.com.",
    "login": "A login has letters, digits and hyphens between, at most 39 characters.",
}
SEE_OTHER: Final = 303
FOUND: Final = 302
DENIED: Final = {
    Provider.GOOGLE: {"error": "access_denied"},
    Provider.GITHUB: {
        "error": "access_denied",
        "error_description": "The user has denied your application access.",
    },
}


def sign_in_routes(provider: Provider, path: str) -> APIRouter:
    """A provider's authorization endpoint."""
    router = APIRouter()

    @router.get(path)
    async def authorize(request: Request, simulator: Simulated) -> Response:
        """Show the page, unless a test has planted who comes next."""
        registration = simulator.settings.registration(provider)
        asked = read_request(provider, request.query_params.multi_items(), registration)
        planted = simulator.next_decision(provider)
        if planted is None:
            return sign_in_page(asked, simulator.grants.ask(asked), simulator.people.at(provider))
        if planted.subject is None:
            return RedirectResponse(asked.back(**DENIED[provider]), FOUND)
        return RedirectResponse(_signed_in(simulator, asked, planted.subject), FOUND)

    @router.post(path)
    async def decide(request: Request, simulator: Simulated) -> Response:
        """Take what the person has chosen on the page, once."""
        form = read_form(await request.body())
        identifier = form.get("request", "")
        asked = simulator.grants.pending(identifier)
        if asked is None or asked.provider is not provider:
            raise ShownError(
                "This sign-in is over",
                "It was decided already, or the page was open for too long."
                " Begin again in the application.",
            )
        if form.get("decision") == "deny":
            simulator.grants.decided(identifier)
            return RedirectResponse(asked.back(**DENIED[provider]), SEE_OTHER)
        subject, problems = _chosen(simulator, provider, form)
        if subject is None:
            people = simulator.people.at(provider)
            return sign_in_page(asked, identifier, people, typed=form, problems=problems)
        simulator.grants.decided(identifier)
        return RedirectResponse(_signed_in(simulator, asked, subject), SEE_OTHER)

    return router


def _signed_in(simulator: Simulator, asked: AuthorizationRequest, subject: str) -> str:
    answer = {"code": simulator.grants.code(asked, subject)}
    if asked.provider is Provider.GOOGLE:
        # Google's own extras: an application must not stumble over parameters it does not know.
        answer |= {"scope": " ".join(asked.scopes), "authuser": "0", "prompt": "consent"}
    return asked.back(**answer)


def _chosen(
    simulator: Simulator, provider: Provider, form: Mapping[str, str]
) -> tuple[str | None, dict[str, str]]:
    """Who was chosen or typed, or what is wrong, by field."""
    known = simulator.people.find(provider, form.get("person", ""))
    if known is not None:
        return known.subject, {}
    try:
        draft = Draft(
            provider=provider,
            name=form.get("name", ""),
            email=form.get("email", ""),
            email_verified="email_verified" in form,
            login=(form.get("login") or None) if provider is Provider.GITHUB else None,
            hide_email="hide_email" in form,
        )
    except ValidationError as error:
        fields = {str(each["loc"][0]) for each in error.errors()}
        return None, {field: SENTENCES[field] for field in fields}
    return simulator.people.keep(draft).subject, {}
