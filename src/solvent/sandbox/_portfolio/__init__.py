"""The parts of the card portfolio: places, people and their forms, transactions, risk."""
