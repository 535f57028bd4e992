"""The life of a simulation: its state and clock, who may touch it, its processes, and until when it can be changed."""
