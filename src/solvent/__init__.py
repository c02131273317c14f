"""Credit decisions you can replay, explain and defend."""
