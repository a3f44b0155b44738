"""One ticket that everybody wants, through the API and straight at MongoDB."""
