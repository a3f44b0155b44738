"""The purchase as a first Temporal workflow has it: four regular activities, start and then poll.

Its steps are where they belong and safe to repeat but for the mail, which has no key: reserving and
completing are fenced by the order, the charge has the order as its key, as Temporal's own examples
do. What it does not have is what spares the engine work (local activities, eager dispatch, an
update that comes with the start) and an order that a repeated request finds again.
"""
