"""How this system reaches Temporal, and what must exist there."""
