"""The simulator against NEST, solved equations, a plain sum of its rule, and theory."""
