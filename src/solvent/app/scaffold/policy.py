"""A first policy beside a scaffolded product: figures to be mended, sound as they stand."""

from __future__ import annotations

GOOD, BAD = 1, -5
DRAFT = """\
# Drafted by `solvent new`: how the product decides. Mend it, then `solvent policy {folder}`.
product: {name}
name: draft

# With the figures below a loan breaks even at a PD of 1/6; `solvent cutoff {folder} --maximise
# profit --write` puts the cutoff here that earns most on your own applications.
cutoffs:
  approve_below: 0.1667

# Rules that decide whatever the PD says, for example:
# knock_outs:
#   - code: under_age
#     when: {{feature: age, below: 18}}
#     reason: Loans are for applicants of 18 and older

offer:
  variants:
    - {{name: loan, title: Loan}}

# What a decision is worth: a bad loan made costs as much as five good ones bring. Better: economics
# with the amount at risk, what a repaid loan brings and the share lost, as in the examples.
cost_matrix:
  good_approved: {good}
  bad_approved: {bad}
"""


def policy_source(name: str, folder: str) -> str:
    """Return the text of a first policy.yaml.

    Args:
        name: Name of the product.
        folder: Its folder, as a person calls it.
    """
    return DRAFT.format(name=name, folder=folder, good=GOOD, bad=BAD)
