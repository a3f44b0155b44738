"""A worker that dies, once at each point at which it changes something outside itself."""
