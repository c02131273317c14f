"""The parts of the airtime lender: people, streams, risk, loans, outcomes and the rows seen."""
