"""The studies of pruning after training: what each criterion keeps without training on, and with; and its checks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lth_lib.experiments.masks import Pruned, Shuffled
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies.compared import digits, falling, scored_on, tuned
from lth_lib.experiments.studies.fashion import clothes
from lth_lib.experiments.studies.parts import LAYER_BY_LAYER, Study, at_level, next_level
from lth_lib.experiments.studies.scales import scaled
from lth_lib.experiments.weights import Solved, left_by
from lth_lib.pruning.criteria import OBD, OBS, Inverted, Magnitude, Random, Solver, SparseGPT, Taylor, Wanda
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global, PerOutput
from lth_lib.training.recipe import Setting

KEPT, TRAINED_ON, IN_TURN = "kept", "fine-tuned", "in turn"
SHUFFLED, INVERTED = "shuffled", "inverted"


@dataclass(frozen=True)
class Method:
    """What prunes a trained network, by name."""

    name: str
    pruner: Pruner

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks of its choice: chance has none, and of what is solved for nothing is the opposite."""
        if isinstance(self.pruner.criterion, Random):
            return ()
        return (SHUFFLED,) if isinstance(self.pruner.criterion, Solver) else (SHUFFLED, INVERTED)


def methods(examples: int) -> tuple[Method, ...]:
    """Return what prunes, scoring the loss on so many examples.

    What speaks of the loss lets all layers compete; what speaks of a layer's outputs, or of none, compares within it.
    """
    return (
        Method("random", Pruner(Random(), scope=LAYER_BY_LAYER)),
        Method("magnitude", Pruner(Magnitude(), scope=LAYER_BY_LAYER)),
        Method("Taylor", Pruner(Taylor(examples), scope=Global())),
        Method("OBD", Pruner(OBD(examples), scope=Global())),
        Method("Wanda", Pruner(Wanda(), scope=PerOutput())),
        Method("SparseGPT", Pruner(SparseGPT(), scope=LAYER_BY_LAYER)),
        Method("OBS", Pruner(OBS(), scope=LAYER_BY_LAYER)),
    )


def after(scale: str) -> Study:
    """Return pruning after training on MNIST: at once, with and without fine-tuning, and in turn with it."""
    return _after(falling(digits(scale)), scale)


def after_fashion(scale: str) -> Study:
    """Return the same on Fashion-MNIST."""
    return _after(falling(clothes(scale)), scale)


def _after(setting: Setting, scale: str) -> Study:
    size, chosen = scaled(scale), methods(scored_on(setting))
    ways = (KEPT, TRAINED_ON, IN_TURN)
    names = [f"{method.name}, {way}" for method in chosen for way in ways]
    checks = [f"{one.name}, {way}, {by}" for one in chosen for way in (KEPT, TRAINED_ON) for by in one.checks]
    study = Study(["dense", *names, *checks], names)
    dense = Run(setting, seeds=size.blocks[0])
    study.add("dense", 0, dense)
    for method in chosen:
        for level in size.kept_at:
            masks = at_level(dense, method.pruner, level, size.rate)
            ticket = Ticket(masks, left_by(masks))
            study.add(f"{method.name}, {KEPT}", level, replace(dense, ticket=ticket, until=0))
            if level in size.compared:
                study.add(f"{method.name}, {TRAINED_ON}", level, _on(dense, ticket))
    for method in chosen:
        _in_turn(study, dense, method, scale)
    for level in size.checked:
        for method in chosen:
            masks = at_level(dense, method.pruner, level, size.rate)
            for check in method.checks:
                ticket = _checked(masks, check)
                study.add(f"{method.name}, {KEPT}, {check}", level, replace(dense, ticket=ticket, until=0))
                study.add(f"{method.name}, {TRAINED_ON}, {check}", level, _on(dense, ticket))
    return study


def _checked(masks: Pruned, check: str) -> Ticket:
    """Return the masks shuffled within each layer, or by scores upside down, and the weights that stay.

    Where a method makes up for what goes, it does so for the shuffled masks too.
    """
    weights, pruner = left_by(masks), masks.pruner
    if check == INVERTED:
        return Ticket(replace(masks, pruner=replace(pruner, criterion=Inverted(pruner.criterion))), weights)
    moved = Shuffled(masks)
    return Ticket(moved, replace(weights, masks=moved) if isinstance(weights, Solved) else weights)


def _in_turn(study: Study, dense: Run, method: Method, scale: str) -> None:
    """Add a chain that is pruned and fine-tuned, level by level."""
    parent = dense
    for level in range(1, max(scaled(scale).compared) + 1):
        masks = next_level(parent, method.pruner, level, scaled(scale).rate)
        parent = _on(dense, Ticket(masks, left_by(masks)))
        study.add(f"{method.name}, {IN_TURN}", level, parent)


def _on(dense: Run, ticket: Ticket) -> Run:
    """Return how a pruned network is fine-tuned."""
    return Run(tuned(dense.setting), ticket, seeds=dense.seeds)
