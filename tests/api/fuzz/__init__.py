"""Bad input: Schemathesis against the whole OpenAPI document of a market where everything runs.

``test_operations.py``
    Every operation by itself. Schemathesis derives its requests from the document: the examples,
    every boundary of every schema and its violation (coverage), unknown methods, and random ones,
    valid and not. They come from somebody who sells and buys; a part of those with a valid address
    names things that are really there, so that they get beyond "not found". Then fewer of them from
    everybody else: nobody, somebody who owns nothing there, programs with all scopes and with one.
``test_stories.py``
    Requests that follow each other along the links of the document: list, look, buy, bill, pay,
    cancel, refund; sessions and tokens that end.
``test_signed_events.py``
    What Stripe could have signed, and never would have.

Every answer passes every check of Schemathesis: no 5xx; a status, content type, headers and body
that the document tells; what breaks a schema is refused, what keeps it is not; 405 with the right
``Allow`` for other methods; 401 without or with wrong credentials where some are needed; what is
deleted is gone, what was made is there. And checks of our own: each failure is a problem, and a
422 names fields. What a check cannot hold for an operation is in ``document.py``, with the reason.

The search is the same each time. With ``FUZZ_EXAMPLES`` set it is another each time, with that many
random requests for an operation instead of 10::

    FUZZ_EXAMPLES=500 make test ARGS='tests/api/fuzz --timeout=0'
"""
