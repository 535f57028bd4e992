"""What is told: a summary, tables, figures and a page."""
