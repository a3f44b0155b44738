"""The steps of the workflows: what is done to the world, never what happens next."""
