-- Everything the simulator knows, in one file.

-- Stripe's objects. `seq` is the order of creation: ids carry no order and `created` has whole seconds.
CREATE TABLE IF NOT EXISTS objects (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    kind           TEXT NOT NULL,
    body           TEXT NOT NULL,
    created        INTEGER GENERATED ALWAYS AS (json_extract(body, '$.created')) VIRTUAL,
    payment_intent TEXT GENERATED ALWAYS AS (json_extract(body, '$.payment_intent')) VIRTUAL,
    charge         TEXT GENERATED ALWAYS AS (json_extract(body, '$.charge')) VIRTUAL,
    customer       TEXT GENERATED ALWAYS AS (json_extract(body, '$.customer')) VIRTUAL,
    type           TEXT GENERATED ALWAYS AS (json_extract(body, '$.type')) VIRTUAL
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_intent ON objects (payment_intent, kind, seq)
    WHERE payment_intent IS NOT NULL;

-- The first answer under each idempotency key.
CREATE TABLE IF NOT EXISTS answers (
    key         TEXT PRIMARY KEY,
    method      TEXT NOT NULL,
    path        TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status      INTEGER NOT NULL,
    body        BLOB NOT NULL,
    request     TEXT NOT NULL,
    created     REAL NOT NULL
);

-- Webhook deliveries: pending, held, dropped, delivered or abandoned.
CREATE TABLE IF NOT EXISTS deliveries (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    event            TEXT NOT NULL,
    type             TEXT NOT NULL,
    state            TEXT NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    created          REAL NOT NULL,
    due              REAL NOT NULL,
    timestamp_offset REAL NOT NULL DEFAULT 0,
    last_status      INTEGER,
    last_error       TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_by_due ON deliveries (due) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event);

-- What Stripe does later by itself.
CREATE TABLE IF NOT EXISTS timers (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    due    REAL NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS timers_by_due ON timers (due);

-- Money that moved, in minor units, written beside the effect and never changed.
CREATE TABLE IF NOT EXISTS ledger (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    payment_intent TEXT NOT NULL,
    what           TEXT NOT NULL,
    amount         INTEGER NOT NULL,
    object         TEXT NOT NULL,
    created        INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
