"""The parts of the card lender: days, people and their forms, the bank's files, risk."""
