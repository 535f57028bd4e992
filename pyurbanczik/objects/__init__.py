"""What all objects of users have in common: how they are shown and copied, and what assigning to them does."""
