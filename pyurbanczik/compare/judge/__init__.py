"""Whether two runs, or the laws of many, are equal: a verdict for each thing."""
