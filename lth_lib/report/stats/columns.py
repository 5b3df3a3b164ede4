"""The data dictionary: what each column of the one table means, and in which unit."""

from __future__ import annotations

COLUMNS = {
    "study": "The study that the row belongs to, by its name in `studies`; a run of several studies has a row for each "
    "of them; empty: of none.",
    "scale": "At which scale the study was built: `paper`, `small` (the same, shorter), or `quick` (seconds, on a "
    "sample of the data).",
    "series": "What is compared in the study, such as `dense`, `winning ticket` and `re-initialised`.",
    "level": "How small the network is, as a number of rounds: a ticket that was pruned in so many rounds has about as "
    "many weights left; the network itself may have been pruned at once. 0 is dense; patterns N:M have 1; a run of no "
    "study has the number of times that its mask was made.",
    "data": "The data set, as it is written in code, defaults left out.",
    "model": "The network, as it is written in code, defaults left out.",
    "method": "What decided last which weights stay, as it is written in code: a criterion, or what made the masks "
    "while the network trained (a dynamics, a forward); empty: nothing pruned.",
    "when": "When weights went: `before` training; `during` it; `after` it, where training goes on from the trained "
    "weights; `ticket`, where it goes back to earlier values; `control`, where the masks or weights of another run are "
    "drawn anew; empty: nothing pruned.",
    "granularity": "What went together at the last pruning, as it is written in code; empty: nothing pruned, or not "
    "said.",
    "scope": "Which weights competed at the last pruning, as it is written in code; empty: nothing pruned, or not "
    "said.",
    "prunings": "How many networks were pruned, one after the other, to find the masks; a network that thinned itself "
    "while it trained counts as one; 1 is one-shot.",
    "seed": "The replicate: its initialisation, the order of its batches and all other chance.",
    "start": "The iteration of the schedule at which the run begins, as after rewinding.",
    "steps": "The run's own iterations, from its start to its end.",
    "precision": "The number format of the products: `float32`, or `bfloat16`.",
    "density": "Kept weights over all weights at the end (a fraction; biases and batch norm apart).",
    "layer_densities": "Kept weights over all weights of each layer at the end (fractions), as in `fc1 0.05; out 0.3`; "
    "empty: not recorded.",
    "effective_density": "Weights on some path of kept weights from the inputs to the outputs, over all weights at the "
    "end (a fraction; Vysogorets & Kempe 2023).",
    "dead_units": "Units (neurons, filters) on no such path, whatever their bias; where outputs of layers are added, "
    "each sum counts as one unit.",
    "dead_inputs": "Inputs (pixels; of a convolution, colours) from which no such path leads.",
    "collapsed": "The first layer with nothing left, or `no path` if none is empty and yet no path leads from the "
    "inputs to the outputs; empty: neither, or not known.",
    "empty_layers": "The layers with nothing left, by name.",
    "accuracy_at_end": "Test accuracy (a fraction), mean over the evaluations in the last fifth of the run's steps.",
    "accuracy_at_early_stop": "Test accuracy (a fraction) of the weights at the first minimum of validation loss.",
    "accuracy_at_best": "Test accuracy (a fraction) of the weights at the first maximum of validation accuracy.",
    "coarse_best": "True: the best validation accuracy was sought only among the evaluations that read the test set "
    "too, and not among all.",
    "accuracy_at_last": "Test accuracy (a fraction) of the one network of the last iteration.",
    "train_accuracy_at_end": "Training accuracy (a fraction), mean over the batches of the last fifth of training.",
    "train_accuracy_at_early_stop": "Accuracy (a fraction) on the whole training split at the early stop.",
    "train_accuracy_at_last": "Accuracy (a fraction) on the whole training split at the last iteration.",
    "gap_at_early_stop": "Training minus test accuracy (a fraction) at the early stop.",
    "gap_at_last": "Training minus test accuracy (a fraction) at the last iteration.",
    "early_stop": "Iterations from the run's own start to the first minimum of validation loss.",
    "censored": "Whether the early stop lies in the last tenth of the run's own steps, so that it reads `at least`.",
    "censored_at_last": "Whether the early stop is the last evaluation there is.",
    "iterations_to_dense": "Iterations from the run's own start until its validation accuracy first reaches the one "
    "that the same replicate's dense run had at its early stop; empty: never, or no dense run of its study is stored.",
    "diverged": "Whether a loss was not finite; the replicate was frozen then.",
    "diverged_at": "The iteration of the schedule at which it diverged; -1: it did not.",
    "cost": "Iterations times density, summed over the run and all that it was made from, each iteration once. So it "
    "says how many iterations of a dense network cost as much, the search included. Where masks are replaced while "
    "training, each segment has the density at its end; where they are learned, every iteration counts as dense, since "
    "its gradients are of all weights. Scoring weights is not counted.",
    "bytes_dense": "Bytes of all weights as float32 (biases and batch norm apart, as in the next two).",
    "bytes_bitmap": "Bytes of the kept weights as float32, and of a bit for each weight.",
    "bytes_csr": "Bytes of the kept weights in compressed rows, one for each unit or filter: a float32 and the int32 "
    "of its column for each weight, and an int32 for where each row begins.",
    "bytes_smaller": "Bytes of the weights as float32, kept or not, of the smaller network that is left without the "
    "units and channels that are gone; empty: collapsed, or its masks are not stored.",
    "bytes_best": "The least of these four.",
    "flops": "Operations of a forward pass of one example by the kept weights at the end, a product and its sum "
    "counted as two; in a convolution for each place of its output, padding included. Biases, norms, activations and "
    "products without weights are not counted.",
    "flops_smaller": "The same for that smaller network, all of whose weights count, kept or not. Empty: collapsed; or "
    "its masks are not stored, and its weights are used at many places, as those of a convolution are.",
    "seconds": "Wall seconds of the run's training, all its replicates together.",
    "seconds_with_search": "The seconds of the run and of all trainings that it was made from, each counted once. The "
    "machine may have done other work beside some. Empty: the seconds of one of them are not known.",
    "device": "The processor that trained it.",
    "kernel": "The name of the program that trained it (a class): compare seconds only within one; empty: not "
    "recorded.",
    "threads": "How many threads trained it; empty: not recorded.",
    "reason": "Why accuracy at the end, iterations to dense, cost, flops or effective density is empty, where a value "
    "would be expected.",
    "digest": "The digest of the run's spec, under which its result is stored.",
}
"""Each column of the table, in its order, with its meaning in one sentence."""
