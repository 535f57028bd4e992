"""Connections on their way from a connector to the core."""
