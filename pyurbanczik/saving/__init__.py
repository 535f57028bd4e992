"""The state of a simulation in a file: `save_state` and `load_state`."""
