"""What is wrong with an order: a pure function of what is known of it.

One rule per question. Each may assume that the workflows were looked up before everything else was
read: what a workflow that had ended by then has left behind does not move any more.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from activities.reconciliation import money_rules, people_rules, ticket_rules
from activities.reconciliation.case import Case, Patience, Problem
from activities.reconciliation.problems import Problems

Rule = Callable[[Case, datetime, Patience], Problems]

RULES: Final[tuple[Rule, ...]] = (
    ticket_rules.one_order_per_ticket,
    ticket_rules.ticket_agrees_with_its_order,
    ticket_rules.open_order_holds_its_ticket,
    ticket_rules.captured_means_sold,
    money_rules.sale_matches_the_money,
    ticket_rules.nothing_held_too_long,
    money_rules.open_purchase_knows_of_its_payment,
    money_rules.money_has_somebody_who_decides,
    money_rules.cancelled_order_keeps_no_money,
    money_rules.nobody_pays_for_nothing,
    people_rules.refund_goes_on,
    people_rules.nothing_is_disputed,
    people_rules.everybody_was_written_to,
)


def judge(case: Case, now: datetime, patience: Patience) -> list[Problem]:
    """Everything that is wrong with it; nothing for an order that is as it should be."""
    return [problem for rule in RULES for problem in rule(case, now, patience)]


def is_doubtful(case: Case, now: datetime, patience: Patience) -> bool:
    """Whether something could be wrong, however its workflows stand: then they are looked up."""
    stands = (frozenset[str](), case.workflows)
    return any(judge(replace(case, open=each), now, patience) for each in stands)
