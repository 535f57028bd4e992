"""Speed of pyurbanczik beside NEST and a hand-written loop: ``python -m benchmarks`` or ``make bench``."""
