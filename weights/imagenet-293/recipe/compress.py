"""
Deep Compression (Han, Mao, Dally, 2016) of a trained network: prunes the convolutions and retrains, prunes the fully connected layers on
cached pool5 features while they train on, puts what is left on a grid of a few levels an output channel, and trains on it.

    python compress.py <tiny-imagenet> --init run/weights.safetensors -o compressed

Writes compressed/weights.safetensors (int8 codes and scales, for `alexnet convert`) and compressed/report.json: bytes and accuracy of every step.
"""

import argparse
import copy
import gzip
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from data import augmented, centre, colour_directions, load_classes, load_sheets
from network import LAYERS, AlexNet, clean_conv1, load_set, save_set, to_library
from train import Log, about, evaluate, uses_bfloat16

CONV, FC = LAYERS[:5], LAYERS[5:]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add('data', help='folder with classes.json, train/<wnid>.jpg and val/<wnid>.jpg')
    add('--init', required=True, help='.safetensors of the trained network')
    add('-o', '--out', required=True, type=Path)
    add('--keep', type=json.loads, help='share of the weights kept, by layer, as JSON', default={
        'conv1': 0.84, 'conv2': 0.38, 'conv3': 0.35, 'conv4': 0.37, 'conv5': 0.37, 'fc6': 0.09, 'fc7': 0.09, 'fc8': 0.25,
    })  # fmt: skip
    add('--levels', type=json.loads, help='values an output channel may take, by kind of layer; odd', default={'conv': 127, 'fc': 15})
    add('--conv-steps', type=int, default=400, help='of the whole network, after its convolutions are pruned; 0: they are put on their grid as they are')
    add('--pruned', action='store_true', help='the fully connected layers of --init have their holes already: train what is left, behind --teacher')
    add('--clean', type=float, default=0.0, help='share of the variance of what conv1 answers that cleaning it may take (`clean_conv1`)')
    add('--views', type=int, default=1, help='augmented views of each picture whose features are cached')
    add('--features', type=Path, help='file that keeps those features (2 GB a view); they belong to one state of the convolutions')
    add('--epochs', type=float, default=3, help='of the fully connected layers over the cached views, while they are pruned')
    add('--prune-until', type=float, default=0.35, help='share of these epochs after which no more weights are taken')
    add('--grid-epochs', type=float, default=1, help='of the fully connected layers on their grid')
    add('--batch', type=int, default=128)
    add('--fc-batch', type=int, help='of the fully connected layers on cached features; as --batch where not said')
    add('--lr', type=float, default=0.002)
    add('--fc-lr', type=float, help='of the fully connected layers; as --lr where not said')
    add('--distil', type=float, default=0.0, help='share of the targets that are the answers of the network before it was pruned (Hinton et al., 2015)')
    add('--teacher', help='.safetensors of that network; where not said, --init')
    add('--momentum', type=float, default=0.9)
    add('--weight-decay', type=float, default=1e-4)
    add('--dropout', type=float, default=0.2, help='less than in training: a pruned network overfits less (Han et al., 2015, 3.2)')
    add('--cache', help='folder that keeps the decoded sheets')
    add('--threads', type=int)
    add('--precision', choices=['auto', 'float32', 'bfloat16'], default='auto')
    add('--seed', type=int, default=1)
    # The parts of the network that `about` asks for:
    add('--size', type=int, default=227)
    parser.set_defaults(no_lrn=False, no_overlap=False, towers=2)
    return parser.parse_args()


def main():
    args = arguments()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    args.bfloat16 = uses_bfloat16(args)
    labels = load_classes(args.data)
    train, validation = (tuple(t.to(device) for t in load_sheets(args.data, split, args.cache)) for split in ('train', 'val'))
    model = AlexNet(len(labels), args.size, dropout=args.dropout)
    load_set(args.init, model)
    model = model.to(device, memory_format=torch.channels_last)
    teacher = copy.deepcopy(model).eval()
    if args.teacher:
        load_set(args.teacher, teacher)
    if args.clean:
        clean_conv1(teacher, centre(train[0][:: max(1, len(train[0]) // 64)][:64], args.size), args.clean)
    if args.pruned or args.clean:
        for name in CONV:
            layer(model, name).load_state_dict(layer(teacher, name).state_dict())
    args.out.mkdir(parents=True, exist_ok=True)
    log = Log(args.out / 'log.jsonl', keep=False)
    report, packing = {}, ThreadPoolExecutor()

    def record(step, codes=None):
        kernels = {name: codes[name][0] if codes else to_library(name, layer(model, name).weight.detach().cpu()) for name in LAYERS}
        kept = sum((k != 0).sum().item() for k in kernels.values()) / sum(k.numel() for k in kernels.values())
        report[step] = dict(kept=round(kept, 4), **evaluate(model, *validation, args.size, args.bfloat16))
        log(dict(step=step, **report[step]))
        report[step]['bytes_by_layer'] = {name: packing.submit(_gzipped, kernel) for name, kernel in kernels.items()}  # minutes, of other cores

    record('dense')

    # The convolutions first: pruned at once, the whole network retrained around the holes.
    masks = {}
    if args.conv_steps:
        masks = {name: magnitude_mask(layer(model, name).weight, args.keep[name]) for name in CONV}
        colours = colour_directions(train[0])
        batches = whole_batches(args, model, teacher, train, colours, device)
        retrain(args, model, list(model.parameters()), masks, args.conv_steps, batches, log, 'convolutions pruned')
        record('convolutions pruned')
    codes = {name: on_grid(layer(model, name).weight, layer(model, name).weight != 0, args.levels['conv'], name) for name in CONV}
    write_back(model, codes)  # from here on they are fixed, on their grid
    record('convolutions on their grid')

    # The rest, 96 % of the bytes, on features that are computed once: as many epochs in a minute as whole ones in half an hour.
    args.batch, args.lr = args.fc_batch or args.batch, args.fc_lr or args.lr
    features, classes = cached_features(args, model, train, device, log)
    parameters = [p for name in FC for p in layer(model, name).parameters()]
    steps = int(args.epochs * len(features) / args.batch)
    batches = feature_batches(args, model, teacher, features, classes, device)
    prune_until = 0.0 if args.pruned else args.prune_until
    masks |= {name: (layer(model, name).weight != 0).float() for name in FC}
    retrain(args, model, parameters, masks, steps, batches, log, 'fc pruned', prune_until=prune_until)
    record('fully connected pruned')

    steps = int(args.grid_epochs * len(features) / args.batch)
    grid = {name: best_scale(layer(model, name).weight, masks[name], args.levels['fc']) for name in FC}
    retrain(args, model, parameters, masks, steps, batches, log, 'on the grid', grid=grid)
    codes |= {name: on_grid(layer(model, name).weight, masks[name], args.levels['fc'], name, grid[name]) for name in FC}
    write_back(model, {name: codes[name] for name in FC})
    record('all on their grids', codes={name: (c[0], c[1]) for name, c in codes.items()})

    facts = about(args, labels)
    facts['provenance'] += f' Then pruned to {report["all on their grids"]["kept"]:.1%} of its weights, and what is left put on a grid of '
    facts['provenance'] += f'{args.levels["conv"]} (convolutions) and {args.levels["fc"]} (fully connected layers) values an output channel.'
    save_set(args.out / 'weights.safetensors', model, facts, {name: c[:2] for name, c in codes.items()})
    for row in report.values():
        row['bytes_by_layer'] = {name: size.result() for name, size in row['bytes_by_layer'].items()}
        row['bytes'] = sum(row['bytes_by_layer'].values())
    (args.out / 'report.json').write_text(json.dumps(report, indent=1))


def layer(model, name):
    return getattr(model, name)


def magnitude_mask(weight, keep):
    """1 where a weight is among the `keep` largest of its layer, else 0."""
    largest = max(1, round(keep * weight.numel()))
    sizes = weight.detach().abs().flatten().float()
    # A GPU sorts faster than it finds one rank, a processor the other way around
    threshold = sizes.sort(descending=True).values[largest - 1] if sizes.is_cuda else sizes.kthvalue(len(sizes) - largest + 1).values
    return (weight.detach().abs() >= threshold).to(weight.dtype)


def retrain(args, model, parameters, masks, steps, batches, log, what, prune_until=0.0, grid=None):
    """
    `steps` of gradient descent from `batches`, the rate falling along a cosine; masked weights stay zero. With prune_until the masks of the
    fully connected layers close meanwhile, along a cubic (Zhu, Gupta, 2017), until that share of the steps. With a grid the forward pass sees
    the weights on it, and the gradient passes straight through.
    """
    optimizer = torch.optim.SGD(parameters, args.lr, args.momentum, weight_decay=args.weight_decay, fused=True)
    started, total = time.time(), torch.zeros((), device=parameters[0].device)
    model.train()
    for step in range(steps):
        done = step / steps
        if prune_until and step % 25 == 0 and done <= prune_until + 25 / steps:
            closing = (1 - min(1, done / prune_until)) ** 3
            for name in FC:
                masks[name] = magnitude_mask(layer(model, name).weight, args.keep[name] + (1 - args.keep[name]) * closing)
        for group in optimizer.param_groups:
            group['lr'] = args.lr * min(1, (step + 1) / 20) * (1 + math.cos(math.pi * done)) / 2
        with torch.no_grad():
            for name, mask in masks.items():
                layer(model, name).weight.mul_(mask)
            kept = {name: layer(model, name).weight.clone() for name in grid or {}}
            for name in kept:
                layer(model, name).weight.copy_(_rounded(kept[name], grid[name], args.levels['fc']) * grid[name][:, None])
        logits, targets = batches(step)
        loss = F.cross_entropy(logits.float(), targets)
        optimizer.zero_grad()
        loss.backward()
        with torch.no_grad():
            for name, weight in kept.items():
                layer(model, name).weight.copy_(weight)
        optimizer.step()
        total += loss.detach()
        if (step + 1) % 20 == 0 or step + 1 == steps:
            log(dict(what=what, step=step + 1, steps=steps, loss=round(total.item() / (step % 20 + 1), 4), seconds=round(time.time() - started)))
            total.zero_()
    with torch.no_grad():
        for name, mask in masks.items():
            layer(model, name).weight.mul_(mask)


def targets_of(args, classes, answers, count):
    """The classes, [n, count], mixed with what the network answered before it was pruned; answers() gives its scores."""
    targets = F.one_hot(classes, count).float()
    if not args.distil:
        return targets
    with torch.no_grad():
        return targets.lerp(answers().float().softmax(1), args.distil)


def whole_batches(args, model, teacher, train, colours, device):
    """(step) -> scores and targets of a batch of augmented pictures through the whole network."""

    def batch(step):
        generator = torch.Generator(device).manual_seed(args.seed * 1_000_003 + step)
        draw = lambda n: torch.rand(args.batch, n, generator=generator, device=device)
        model.drop6.draw = model.drop7.draw = draw
        chosen = torch.randint(len(train[0]), (args.batch,), generator=generator, device=device)
        views = augmented(train[0][chosen], args.size, draw, colours).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=args.bfloat16):
            return model(views), targets_of(args, train[1][chosen], lambda: teacher(views), model.fc8.out_features)

    return batch


def feature_batches(args, model, teacher, features, classes, device):
    """(step) -> scores and targets of a batch of cached features through the fully connected layers."""
    an_epoch = len(features) // args.batch
    autocast = torch.autocast(device.type, torch.bfloat16, enabled=args.bfloat16)
    answers = torch.empty(len(features), model.fc8.out_features, dtype=torch.bfloat16, device=device)
    with torch.no_grad(), autocast:
        for at in range(0, len(features) if args.distil else 0, 1000):
            answers[at : at + 1000] = teacher.classifier(features[at : at + 1000].float())

    def batch(step):
        epoch, place = divmod(step, an_epoch)
        if place == 0:
            batch.order = torch.randperm(len(features), generator=torch.Generator().manual_seed(args.seed + epoch)).to(device)
        generator = torch.Generator(device).manual_seed(args.seed * 1_000_003 + step)
        model.drop6.draw = model.drop7.draw = lambda n: torch.rand(args.batch, n, generator=generator, device=device)
        chosen = batch.order[place * args.batch : (place + 1) * args.batch]
        with autocast:
            targets = targets_of(args, classes[chosen], lambda: answers[chosen], model.fc8.out_features)
            return model.classifier(features[chosen].float()), targets

    return batch


@torch.no_grad()
def cached_features(args, model, train, device, log, batch=200):
    """pool5 of `views` augmented views of each training picture, as bfloat16 [pictures * views, 9216], and their classes."""
    pictures, classes = train
    if args.features and args.features.exists():
        return torch.from_numpy(np.load(args.features)).view(torch.bfloat16).to(device), classes.repeat(args.views)
    model.eval()
    colours = colour_directions(pictures)
    features = torch.empty(len(pictures) * args.views, model.fc6.in_features, dtype=torch.bfloat16, device=device)
    started = time.time()
    for at in range(0, len(features), batch):
        index = torch.arange(at, min(at + batch, len(features)), device=device) % len(pictures)
        generator = torch.Generator(device).manual_seed(args.seed * 1_000_003 + at)
        draw = lambda n: torch.rand(len(index), n, generator=generator, device=device)
        views = augmented(pictures[index], args.size, draw, colours).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=args.bfloat16):
            features[at : at + len(index)] = model.features(views)
        if at // batch % 50 == 0:
            log(dict(what='features', done=at, of=len(features), seconds=round(time.time() - started)))
    if args.features:
        np.save(args.features, features.cpu().view(torch.int16).numpy())
    return features, classes.repeat(args.views)


def best_scale(weight, mask, levels):
    """For each output channel, of forty factors the one whose grid -half..half is nearest to the weights that are left."""
    flat = (weight * mask).detach().flatten(1)
    largest = flat.abs().amax(1).clamp_min(1e-12)
    best, error = largest / (levels // 2), torch.full_like(largest, torch.inf)
    for part in torch.linspace(0.4, 1, 25):
        scale = largest * part / (levels // 2)
        wrong = (_rounded(flat, scale, levels) * scale[:, None] - flat).square_().sum(1)
        best, error = torch.where(wrong < error, scale, best), torch.minimum(wrong, error)
    return best


def _rounded(flat, scale, levels):
    return (flat / scale[:, None]).round_().clamp_(-(levels // 2), levels // 2)


def on_grid(weight, mask, levels, name, scale=None):
    """int8 codes in the library's layout, their factor for each output channel, and the weights that they stand for, in PyTorch's."""
    flat = (weight * mask).detach().float().flatten(1)
    scale = best_scale(weight.float(), mask, levels) if scale is None else scale
    rounded = _rounded(flat, scale, levels)
    # to_library divides conv1 by the scale of the pixels; here that belongs to the factor
    exported = to_library(name, torch.ones(1)[:, None, None, None]).item() if name == 'conv1' else 1.0
    codes = (to_library(name, rounded.reshape(weight.shape).cpu()) / exported).round().to(torch.int8)
    return codes, (scale * exported).cpu(), (rounded * scale[:, None]).reshape(weight.shape)


def write_back(model, codes):
    with torch.no_grad():
        for name, (_, _, weight) in codes.items():
            layer(model, name).weight.copy_(weight)


def _gzipped(kernel):
    return len(gzip.compress(kernel.contiguous().numpy().tobytes(), 6))


if __name__ == '__main__':
    main()
