"""What is recorded, in memory and in files, and the Neo objects that it becomes."""
