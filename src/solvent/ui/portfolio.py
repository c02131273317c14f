"""Portfolio: what a cutoff makes of applications whose outcome is known, in loans and in money."""

from __future__ import annotations

import math

import streamlit as st

from solvent.client import CutoffPoint, Portfolio
from solvent.ui import cards, portfolio_charts, session
from solvent.ui.figures import amount, first_up, many, percent, plain, signed, whole

STEP = 0.1


def show() -> None:
    """Draw the page."""
    product = session.product()
    st.title("Portfolio")
    st.markdown(
        f"What another cutoff would have made of **{plain(product.title)}**: loans, bad loans "
        "and money, on applications whose outcome is known."
    )
    found = session.api().portfolio(product.name)
    if not found.applications or not found.curve:
        st.info(
            "No applications with a known outcome were set aside to judge on. Train with a test "
            "part: solvent train."
        )
        return
    _choose(product.name, found)


@st.fragment
def _choose(product: str, policy: Portfolio) -> None:
    """Draw what the slider makes of the applications; moving it redraws this part alone."""
    session.guarded(lambda: _drawn(product, policy))()


def _drawn(product: str, policy: Portfolio) -> None:
    highest = portfolio_charts.last_cutoff(policy)
    chosen = st.slider(
        "Approve below this probability of default", 0.0, math.ceil(1000 * highest) / 10,
        round(100 * policy.policy_cutoff, 1), STEP, format="%.1f %%", key="cutoff",
    )  # fmt: skip
    own = abs(chosen / 100 - policy.policy_cutoff) < STEP / 200
    # At the policy's own cutoff the exact one is meant, not the slider's rounding of it.
    now = policy if own else session.api().portfolio(product, cutoff=round(chosen / 100, 6))
    st.caption(
        f"The policy in force approves below {percent(now.policy_cutoff)}. In training, "
        f"{percent(now.best_cutoff)} earned most{_interval(now)}."
    )
    _tiles(now)
    portfolio_charts.profit(now)
    left, right = st.columns(2, gap="large")
    with left:
        portfolio_charts.rates(now)
    with right:
        portfolio_charts.comparison(now)
    _outcomes(now)
    _where_from(now)


def _interval(now: Portfolio) -> str:
    if now.best_low is None or now.best_high is None:
        return ""
    return (
        f" ({percent(now.level, 0)} interval {percent(now.best_low)} to {percent(now.best_high)})"
    )


def _tiles(now: Portfolio) -> None:
    at, policy = now.at, now.at_policy
    per_thousand = amount(1000 * at.profit / now.applications, now.currency)
    for place, (label, value, change, note) in zip(st.columns(4), (
        (
            "Approval rate", percent(at.approval_rate),
            _points(at.approval_rate, policy.approval_rate),
            f"{whole(at.approved)} of {many(now.applications, 'application')}",
        ),
        (
            "Bad rate among approved", percent(at.bad_rate), _points(at.bad_rate, policy.bad_rate),
            f"{percent(now.bad_rate_all)} if everybody were approved",
        ),
        (
            "Profit", amount(at.profit, now.currency), _money(at, policy, now.currency),
            f"{per_thousand} per 1,000 applications",
        ),
        (
            "Defaulters caught", percent(at.recall), _points(at.recall, policy.recall),
            "of the bad applications are declined",
        ),
    ), strict=True):  # fmt: skip
        with place:
            cards.tile(label, value, note, change)


def _points(value: float | None, policy: float | None) -> str | None:
    """Return the change against the policy in percentage points; None where there is none."""
    if value is None or policy is None or abs(value - policy) < 0.0005:
        return None
    change = value - policy
    return f"{'+' if change > 0 else '-'}{abs(100 * change):.1f} pp"


def _money(at: CutoffPoint, policy: CutoffPoint, currency: str) -> str | None:
    change = at.profit - policy.profit
    if abs(change) < 0.5:
        return None
    return signed(amount(change, currency), change).replace("−", "-")


def _outcomes(now: Portfolio) -> None:
    st.subheader(f"What becomes of the {whole(now.applications)} applications")
    texts = (
        ("Good loans made", "good_approved", "approved and repaid"),
        ("Bad loans made", "bad_approved", "approved and not repaid"),
        ("Good clients refused", "good_declined", "declined; would have repaid"),
        ("Bad loans avoided", "bad_declined", "declined; would not have repaid"),
    )
    for place, (label, cell, words) in zip(st.columns(4), texts, strict=True):
        count: int = getattr(now.confusion, cell)
        lines = [f"{words} ({percent(count / now.applications)})"]
        money = now.confusion_money
        if money is not None and abs(getattr(money, cell)) >= 0.5:
            value: float = getattr(money, cell)
            verb = "earned" if value > 0 else "lost"
            lines.append(f"**{plain(amount(abs(value), now.currency))}** {verb}")
        with place, st.container(border=True, height="stretch", gap="xsmall"):
            st.metric(label, whole(count))
            st.markdown("  \n".join(lines))


def _where_from(now: Portfolio) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("What a loan earns or loses")
        st.table(
            {plain(label): plain(words) for label, words in now.economics}, border="horizontal"
        )
    with right:
        st.subheader("Where the figures come from")
        st.markdown(
            f"- Judged on {plain(now.judged_on)}.\n"
            f"- The best cutoff was chosen on {plain(now.chosen_on)}: other applications than "
            "those it is judged on, so its profit is not flattered.\n"
            f"- {plain(first_up(_sure(now)))}"
        )


def _sure(now: Portfolio) -> str:
    if now.best_low is None or now.best_high is None:
        return "How sure the most profitable cutoff is was not computed."
    return (
        f"resampled, it lies between {percent(now.best_low)} and {percent(now.best_high)} in "
        f"{percent(now.level, 0)} of the cases: within that band, no cutoff is clearly better."
    )
