-- Everything that the stand-ins know, in one file.

-- An account at one provider. The number keeps the order in which they were first seen.
CREATE TABLE IF NOT EXISTS people (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    subject  TEXT NOT NULL,
    body     TEXT NOT NULL,
    UNIQUE (provider, subject)
);

-- Sign-ins that wait for somebody to choose, codes and access tokens; times are Unix seconds.
CREATE TABLE IF NOT EXISTS pending (
    id      TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    expires REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS codes (
    code    TEXT PRIMARY KEY,
    grant_  TEXT NOT NULL,
    expires REAL NOT NULL,
    used    INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS tokens (
    token   TEXT PRIMARY KEY,
    code    TEXT NOT NULL,
    grant_  TEXT NOT NULL,
    expires REAL
);

-- What signs id tokens: one private key, as a JWK.
CREATE TABLE IF NOT EXISTS keys (id INTEGER PRIMARY KEY CHECK (id = 1), jwk TEXT NOT NULL);
