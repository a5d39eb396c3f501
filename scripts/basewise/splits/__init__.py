"""Train, validation and test, and what stands in two of them."""
