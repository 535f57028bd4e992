"""What a script builds, records and learns, taken down while it runs, as plain arrays."""
