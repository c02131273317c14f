"""The parts of the airtime lender: people, their top-ups, their risk, their loans, and the rows seen of it."""
