"""
Deep Compression (Han, Mao, Dally, 2016) of a trained network, as far as this project's files have
it: pruning, quantization with a scale per output channel, gzip.

    python compress.py data --cache cache --init run/dense.safetensors -o compressed --minutes 30
    npx alexnet convert compressed/weights.safetensors -o <set>

The convolutions are quantized to 127 levels and then stay as they are. Their outputs for many views
are kept, and on them the fully connected layers are pruned while they learn to predict what the
dense network predicts, then quantized to 15 levels and trained further. Writes
compressed/weights.safetensors (int8 values and scales) and compressed/log.jsonl.
"""

import argparse
import copy
import json
import math
import time
from pathlib import Path

import torch

import batches
import runtime
from batches import Batches
from data import SOURCES, Source
from measure import HeldOut, measure
from network import CONV, FC, LAYERS
from optimizer import Lamb, largest
from runtime import Log, Runtime
from train import cross_entropy
from weights import load, save_safetensors, to_library

PRUNE_EVERY = 10  # steps
LOG_EVERY = 50  # steps


def arguments(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('data', type=Path, help='folder of the pictures; its layout is in README.md')
    add('--cache', type=Path, required=True)
    add('--init', required=True, help='.safetensors of the dense network, or a set')
    add('-o', '--out', type=Path, required=True)
    add(
        '--keep',
        type=json.loads,
        default={'fc6': 0.1, 'fc7': 0.1, 'fc8': 0.25},
        help='share of the weights that pruning keeps, by layer, as JSON',
    )
    add('--conv-levels', type=int, default=127, help='levels of an output channel, odd')
    add('--fc-levels', type=int, default=15, help='levels of an output channel, odd')
    add('--minutes', type=float, default=30, help='for features, pruning and quantization')
    add(
        '--parts',
        type=float,
        nargs=2,
        default=[0.35, 0.8],
        help='shares of the time at which the features and the pruning end',
    )
    add('--views', type=int, default=60_000, help='views to keep at most; 19 kB each')
    add('--fc-batch-size', type=int, default=256)
    add('--learning-rate', type=float, default=0.003, help='of LAMB')
    add(
        '--dense-weight',
        type=float,
        default=0.85,
        help="share of the dense network's predictions in the targets",
    )
    add('--prune-until', type=float, default=0.5, help='share of the time for pruning')
    add('--dropout', type=float, default=0.0)
    add('--measure-every', type=int, default=5, help="every n-th of Tiny ImageNet's pictures")
    batches.add_arguments(parser, batch_size=[144, 32, 32, 48], cutmix=0.0)
    runtime.add_arguments(parser)
    parser.set_defaults(min_area=0.45)  # views nearer to those of the library's preprocessing
    return parser.parse_args(argv)


def main(argv=None):
    args, started = arguments(argv), time.time()
    run = Runtime(args)
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    log = Log(args.out / 'log.jsonl')
    names = (*SOURCES, 'tiny-val')
    sources = {name: Source(args.data, name, args.cache, run.device) for name in names}
    held_out = HeldOut(args.data, sources, args.measure_every)
    model, about = load(args.init, dropout=args.dropout)
    size = about['preprocessing']['inputSize']
    if size != 227:
        model.grow(size)
    model.to(run.device).eval()
    dense = copy.deepcopy(model)
    ends = [started + 60 * args.minutes * share for share in (*args.parts, 1)]
    log(options=vars(args), device=str(run.device))
    log(network='dense', kept=kept(model), measured=measure(model, held_out, size, run))

    levels = {name: args.conv_levels if name in CONV else args.fc_levels for name in LAYERS}
    scales = {}
    for name in CONV:
        weight = getattr(model, name).weight
        scales[name] = best_scale(weight, levels[name])
        with torch.no_grad():
            weight.copy_(quantize(weight, scales[name], levels[name]))
    features, targets = cache_features(args, run, model, dense, sources, size, ends[0], log)
    fc = Classifier(args, run, model, features, targets, log)
    fc.prune(ends[1])
    log(network='pruned', kept=kept(model), measured=measure(model, held_out, size, run))
    scales |= {name: best_scale(getattr(model, name).weight, args.fc_levels) for name in FC}
    fc.train_quantized(ends[2], scales)
    result = measure(model, held_out, size, run)
    log(network='quantized', kept=kept(model), measured=result)

    share = kept(model)['all']
    about['provenance'] += (
        f' Pruned to {share:.1%} of its weights, then quantized to {args.conv_levels} levels per '
        f'output channel (convolutions) and {args.fc_levels} (fully connected layers).'
    )
    stored = {
        name: to_integers(name, getattr(model, name).weight, scales[name], levels[name])
        for name in LAYERS
    }
    save_safetensors(args.out / 'weights.safetensors', model, about, stored)


@torch.no_grad()
def cache_features(args, run, model, dense, sources, size, end, log):
    """
    pool5 of the quantized convolutions for as many views as there is time for, bfloat16 [n, 9216],
    and the targets: predictions of the dense network on its own features, mixed with the labels.
    """
    make_batch, features, targets = Batches(args, sources, run), [], []
    step, per_batch = 0, sum(args.batch_size)
    while step == 0 or (time.time() < end and (step + 1) * per_batch <= args.views):
        x, labels, _ = make_batch(step, size)
        with run.autocast():
            features.append(model.features(x).bfloat16())
            predictions = dense(x).float().softmax(1)
        targets.append(labels.lerp(predictions, args.dense_weight).bfloat16())
        step += 1
        if step % LOG_EVERY == 0:
            log(features=step * per_batch)
    log(features=step * per_batch)
    return torch.cat(features), torch.cat(targets)


class Classifier:
    """Trains fc6, fc7 and fc8 on cached features; masked weights stay zero."""

    def __init__(self, args, run, model, features, targets, log):
        self.args, self.run, self.model, self.log = args, run, model, log
        self.features, self.targets = features, targets
        self.layers = {name: getattr(model, name) for name in FC}
        self.parameters = [p for layer in self.layers.values() for p in layer.parameters()]
        self.masks = {name: layer.weight != 0 for name, layer in self.layers.items()}

    def prune(self, end):
        """Prunes to args.keep along a cubic (Zhu and Gupta, 2017), and trains what is left."""
        start = {name: mask.float().mean().item() for name, mask in self.masks.items()}

        def prune_to(done):
            excess = (1 - min(1, done / self.args.prune_until)) ** 3
            for name, layer in self.layers.items():
                keep = self.args.keep[name]
                density = keep + max(0, start[name] - keep) * excess
                self.masks[name] = largest(layer.weight.abs(), density) & (layer.weight != 0)
                with torch.no_grad():
                    layer.weight.mul_(self.masks[name])

        for step, done in self._train(end, 'pruning'):
            if step % PRUNE_EVERY == 0:
                prune_to(done)
        prune_to(1)

    def train_quantized(self, end, scales):
        """
        Trains with quantized weights in the forward pass; gradients pass straight through to the
        float weights (Bengio et al., 2013). Afterwards the weights are the quantized ones.
        """
        levels = self.args.fc_levels
        for _ in self._train(end, 'quantized training', scales):
            pass
        with torch.no_grad():
            for name, layer in self.layers.items():
                layer.weight.copy_(quantize(layer.weight, scales[name], levels))

    def _train(self, end, text, scales=None):
        """Yields (step, share of the time) before each step; at least one step."""
        args, model, device = self.args, self.model, self.features.device
        optimizer = Lamb(self.parameters, args.learning_rate)
        generator = torch.Generator().manual_seed(args.seed)
        started, step, order = time.time(), 0, torch.empty(0, dtype=torch.long)
        total, count = torch.zeros((), device=device), 0
        model.train()
        while step == 0 or time.time() < end:
            done = min(1, (time.time() - started) / max(1e-3, end - started))
            yield step, done
            if len(order) < args.fc_batch_size:
                order = torch.randperm(len(self.features), generator=generator)
            chosen, order = order[: args.fc_batch_size], order[args.fc_batch_size :]
            chosen = chosen.to(device)
            warm_up, decay = min(1, (step + 1) / 10), (1 + math.cos(math.pi * done)) / 2
            optimizer.param_groups[0]['lr'] = args.learning_rate * warm_up * decay
            exact = {}
            with torch.no_grad():
                for name in FC if scales else ():
                    weight = self.layers[name].weight
                    exact[name] = weight.clone()
                    weight.copy_(quantize(weight, scales[name], args.fc_levels))
            with self.run.autocast():
                logits = model.classifier(self.features[chosen].float())
            loss = cross_entropy(logits, self.targets[chosen].float())
            optimizer.zero_grad()
            loss.backward()
            with torch.no_grad():
                for name, weight in exact.items():
                    self.layers[name].weight.copy_(weight)
                for name, mask in self.masks.items():
                    self.layers[name].weight.grad.mul_(mask)
            optimizer.step()
            with torch.no_grad():
                for name, mask in self.masks.items():
                    self.layers[name].weight.mul_(mask)
            step, count, total = step + 1, count + 1, total + loss.detach()
            if step % LOG_EVERY == 0:
                mean = round(total.item() / count, 4)
                self.log(stage=text, step=step, done=round(done, 3), loss=mean)
                total, count = torch.zeros((), device=device), 0
        model.eval()


@torch.no_grad()
def best_scale(weight, levels):
    """
    The scale of each output channel, float32 [out]: of 25 candidates the one with the smallest
    squared error of the quantized weights.
    """
    rows = weight.float().flatten(1)
    largest_weight = rows.abs().amax(1).clamp_min(1e-12)
    best = largest_weight / (levels // 2)
    best_error = torch.full_like(best, torch.inf)
    for part in torch.linspace(0.4, 1, 25).tolist():
        scale = largest_weight * part / (levels // 2)
        error = (quantize(rows, scale, levels) - rows).square().sum(1)
        best = torch.where(error < best_error, scale, best)
        best_error = torch.minimum(error, best_error)
    return best


def quantize(weight, scale, levels):
    """Rounds each output channel to multiples of its scale, `levels` values symmetric about 0."""
    scale = scale.view(-1, *[1] * (weight.dim() - 1))
    return (weight / scale).round().clamp(-(levels // 2), levels // 2) * scale


@torch.no_grad()
def to_integers(name, weight, scale, levels):
    """Quantized weights -> int8 kernel in the library's layout, and the scale of the kernel."""
    factor = to_library(name, torch.ones(1, 1, 1, 1)).item() if name == 'conv1' else 1.0
    integers = quantize(weight, scale, levels) / scale.view(-1, *[1] * (weight.dim() - 1))
    kernel = to_library(name, integers.cpu()) / factor
    return kernel.round().to(torch.int8), scale * factor


def kept(model):
    """The share of weights that are not zero, by layer and in all."""
    nonzero = {name: (getattr(model, name).weight != 0).sum().item() for name in LAYERS}
    total = {name: getattr(model, name).weight.numel() for name in LAYERS}
    shares = {name: round(nonzero[name] / total[name], 4) for name in LAYERS}
    return shares | dict(all=round(sum(nonzero.values()) / sum(total.values()), 4))


if __name__ == '__main__':
    main()
