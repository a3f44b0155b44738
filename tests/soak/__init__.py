"""Mixed traffic with random faults for as long as one likes: ``make soak MINUTES=30``."""
