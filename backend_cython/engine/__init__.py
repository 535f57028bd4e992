"""The clock, the step loop, and how threads and processes share them."""
