"""Why a sign-in with a provider does not work out."""


class NotOfferedError(LookupError):
    """No such provider, or none that this marketplace has a client id of."""


class AttemptOverError(RuntimeError):
    """The sign-in was not begun by this browser at this provider, or is used up, or too old."""


class ConsentDeniedError(PermissionError):
    """The person has told the provider not to tell us who they are."""


class SignInRefusedError(RuntimeError):
    """The provider does not exchange the code, or sends the person back with an error."""


class AnswerError(ValueError):
    """What the provider says is not what was asked for, or not provably the provider's word."""


class ProviderAwayError(ConnectionError):
    """The provider does not answer, or not in time."""


class SignedOutMeanwhileError(PermissionError):
    """Whoever wanted to link an identity is not signed in to that account any more."""
