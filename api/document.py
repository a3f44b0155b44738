"""``python -m api.document``: print the OpenAPI document, as it is served, without serving it."""

import json
import sys

from api.app import create_app
from api.providers.settings import ProviderSettings
from api.settings import ApiSettings
from services.auth.passwords import PasswordSettings
from services.database import MongoSettings
from services.limits.rules import LimitSettings
from services.payments.stripe import StripeSettings
from temporal.settings import TemporalSettings


def main() -> None:
    """Nothing is connected and no setting is read: the document is the same everywhere."""
    app = create_app(
        ApiSettings.model_construct(),
        mongo=MongoSettings.model_construct(),
        temporal=TemporalSettings.model_construct(),
        stripe=StripeSettings.model_construct(),
        passwords=PasswordSettings.model_construct(),
        limits=LimitSettings.model_construct(),
        providers=ProviderSettings.model_construct(),
    )
    json.dump(app.openapi(), sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
