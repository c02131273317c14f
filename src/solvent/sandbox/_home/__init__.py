"""The parts of the home credit lender: people, their debts at the bureau and here, risk."""
