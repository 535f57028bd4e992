"""Draws the figure of the README and of the start page: three lines about the second tutorial's network."""

import runpy
from pathlib import Path

import matplotlib.pyplot as plt

import pyurbanczik as sim

HERE = Path(__file__).resolve()
made = runpy.run_path(str(HERE.parent.parent / "tutorials" / "t2_teach_a_dendrite.py"))
plt.close("all")
figure, panels = plt.subplots(1, 3, figsize=(12.0, 3.2), layout="constrained")
sim.plotting.traces(made["repetition"](39), ["soma.v", "v_star"], panels[0])
sim.plotting.weights(made["learning"].get_data(), panels[1])
sim.plotting.learning_curve(made["block"], made["PATTERN"], panels[2])
figure.savefig(HERE.with_suffix(".png"), dpi=90)
