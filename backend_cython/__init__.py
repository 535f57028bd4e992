"""The compiled core of pyurbanczik: float64 arrays, integer time steps, counter-based random streams.

It knows neither PyNN nor Neo nor quantities and can be used alone::

    from backend_cython.engine.network import Network
    from backend_cython.neurons.urbanczik_senn import UrbanczikSenn

Units are coherent, so that no kernel holds a conversion factor: ms, mV, nF, µS, nA
(nF·mV/ms = nA, µS·mV = nA); rates are in Hz.
"""
