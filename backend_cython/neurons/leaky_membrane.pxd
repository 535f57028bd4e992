"""What a step of leaky membranes needs of a run of equal cells; see integrate_and_fire.pyx."""

cdef enum:
    N_NODES = 3
    # A potential (mV) beyond this, from currents into hardly any conductance, would cancel digits as reference.
    FARTHEST = 1000000


cdef struct Sampled:
    # a response at the Gauss nodes s of a substep; the last one at s = 0
    double of_value[N_NODES]           # its value there, of its value and its rise at the start
    double of_rise[N_NODES]
    double ahead_value[N_NODES + 1]    # ∫_s^h of the value / cm, likewise (conductances)
    double ahead_rise[N_NODES + 1]


cdef struct Exact:
    # what a current adds to the potential at the end of the step, of its value and of its rise
    double of_value, of_rise


cdef struct Membrane:
    # of a run
    double cm, g_leak, v_rest
    double decay, of_current           # over the step: of the potential's distance from rest, and of 1 nA
    double remaining[N_NODES + 1]      # (h − s) g_leak / cm at the Gauss nodes s of a substep and at 0
    double weight[N_NODES]             # of the nodes, over cm
    int substeps                       # as the Gauss rule needs them for the fixed rates
