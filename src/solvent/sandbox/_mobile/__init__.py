"""The parts of the mobile lender: people, positions, taps, masked numbers, risk, loans and rows."""
