"""Operations: what does not add up, and what was done about it."""
