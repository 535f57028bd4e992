"""What to use instead of the models and status keys of NEST that are not offered."""

from collections.abc import Iterable, Mapping
from typing import NoReturn

from pyNN import errors

from ..parameters import NonExistentParameterError
from ..parameters.suggestions import close_to

RECORD = "call record() of the population that is to be recorded, and get_data()"
MODELS = {
    "parrot_neuron": "connect the source itself, which all its targets share",
    "multimeter": RECORD,
    "voltmeter": RECORD,
    "spike_recorder": RECORD,
    "spike_detector": RECORD,
    "weight_recorder": "call record('weight') of the projection, and get_data()",
    "spike_train_injector": "use native_cell_type('spike_generator')",
    "inhomogeneous_poisson_generator": "use SpikeSourcePoisson, and set its rate in a callback of run()",
    "sinusoidal_poisson_generator": "use SpikeSourcePoisson, and set its rate in a callback of run()",
    "gamma_sup_generator": "use SpikeSourceGamma",
    "poisson_generator_ps": "use native_cell_type('poisson_generator')",
    "dc_generator": "use native_electrode_type('dc_generator')",
    "ac_generator": "use native_electrode_type('ac_generator')",
    "step_current_generator": "use native_electrode_type('step_current_generator')",
    "noise_generator": "use native_electrode_type('noise_generator')",
    "spike_generator": "use native_cell_type('spike_generator')",
    "poisson_generator": "use native_cell_type('poisson_generator')",
    "iaf_psc_exp": "use IF_curr_exp",
    "iaf_psc_alpha": "use IF_curr_alpha",
    "iaf_psc_delta": "use IF_curr_delta",
    "iaf_cond_exp": "use IF_cond_exp",
    "iaf_cond_alpha": "use IF_cond_alpha",
    "aeif_cond_exp": "use EIF_cond_exp_isfa_ista",
    "aeif_cond_alpha": "use EIF_cond_alpha_isfa_ista",
    "hh_cond_exp_traub": "use HH_cond_exp",
    "gif_cond_exp": "use GIF_cond_exp",
    "izhikevich": "use Izhikevich",
    "stdp_synapse": "use STDPMechanism with SpikePairRule",
    "vogels_sprekeler_synapse": "use STDPMechanism with Vogels2011Rule",
    "tsodyks_synapse": "use TsodyksMarkramSynapse",
    "tsodyks2_synapse": "use TsodyksMarkramSynapse",
    "quantal_stp_synapse": "use MultiQuantalSynapse",
    "bernoulli_synapse": "use SimpleStochasticSynapse",
    "gap_junction": "use ElectricalSynapse",
}

# key, or model and key: what to do instead
STATUS = {
    "precise_times": "spikes lie on the time grid; allow_offgrid_times rounds them up to it",
    "stimulus_source": "only the values given are played",
    "label": "give the label to the Population",
    "frozen": "use stop, or a rate or amplitude of 0",
    "weight_recorder": MODELS["weight_recorder"],
    "receptor_type": "give it to the Projection",
}
for advice, keys in {
    "the standard deviation is not modulated here; set it in a callback of run()": "noise_generator.std_mod "
    "noise_generator.frequency noise_generator.phase",
    "calcium and structural plasticity are not modelled": "Ca beta_Ca tau_Ca synaptic_elements",
    "rules take their time constants themselves": "tau_minus tau_minus_triplet post_trace",
    "use a spike_generator": "ignore_and_spike ignore_and_spike_interval ignore_and_spike_offset",
    "threads are those of setup(threads=)": "thread thread_local_id vp local node_uses_wfr",
    "it cannot be set, in NEST neither": "archiver_length available capacity element_type elementsize global_id "
    "has_delay instantiations model model_id num_connections receptor_types recordables requires_symmetric sizeof "
    "synapse_model synapse_modelid t_spike type_id y_0 y_1",
}.items():
    STATUS.update(dict.fromkeys(keys.split(), advice))


class RefusedStatusError(NonExistentParameterError):
    """A status key of NEST that is not offered: says what to do instead."""

    def __str__(self):
        return f"{self.model_name}: NEST's {self.parameter_name!r} is not offered; {self.advice}"


def refuse_status(owner: str, name: str, offered: Iterable[str]) -> NoReturn:
    """Raise the error for a name that is none of those `offered`."""
    advice = STATUS.get(f"{owner}.{name}") or STATUS.get(name)
    if not advice:
        raise NonExistentParameterError(name, owner, offered)
    error = RefusedStatusError(name, owner, offered)
    error.advice = advice
    raise error


def look_up(kind: str, models: Mapping[str, type], name: str) -> type:
    """``models[name]``, or an error that says which there are, and what to use instead."""
    if isinstance(name, str) and name in models:
        return models[name]
    instead = f": {MODELS[name]}" if isinstance(name, str) and name in MODELS else ""
    hint = "" if instead else close_to(name, models)
    raise errors.NoModelAvailableError(f"there is no {kind} {name!r}{instead}; there are {', '.join(models)}{hint}")
