from backend_cython.neurons.integrate_and_fire import IntegrateAndFire

class IF_cond_exp_gsfa_grr(IntegrateAndFire):
    def prepare_membrane(self) -> None: ...
