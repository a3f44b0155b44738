"""How near a purchase comes to what its engine can do, held against a twin that does nothing."""
