"""
Compares the features of networks on a small data set: trains a linear classifier (multinomial
logistic regression) on a few pictures per class and tests it on the others.

    python heads.py cats-dogs old=<set> new=<set> --per-class 15 --seeds 5

The data set is a folder with one folder of pictures per class. Every network gets its own
preprocessing, as `embed()` of the library does.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import runtime
from runtime import Runtime
from views import normalize, sampling
from weights import load

LAYERS = ('pool5', 'fc6', 'fc7')
SUFFIXES = {'.jpg', '.jpeg', '.png', '.webp', '.bmp', '.gif'}


def list_pictures(folder):
    """(files, labels, class names) of a folder of class folders."""
    names = sorted(path.name for path in Path(folder).iterdir() if path.is_dir())
    files, labels = [], []
    for label, name in enumerate(names):
        chosen = sorted(p for p in (Path(folder) / name).rglob('*') if p.suffix.lower() in SUFFIXES)
        files += chosen
        labels += [label] * len(chosen)
    if len(set(labels)) < 2:
        raise SystemExit(f'{folder}: must have at least two folders with pictures.')
    return files, torch.tensor(labels), names


def read_input(path, resize, crop, size):
    """
    A picture as an input of the network, [3, size, size]: the shorter side resized to `resize`,
    the center crop x crop, resized to `size`.
    """
    with Image.open(path) as image:
        pixels = torch.from_numpy(np.array(image.convert('RGB'))).permute(2, 0, 1).float()
    height, width = pixels.shape[1:]
    side = crop * min(height, width) / resize  # of the crop, in the picture's own pixels
    matrices = []
    for length in (height, width):
        start, full = torch.tensor([(length - side) / 2]), torch.tensor([side])
        cropped = sampling(start, full, crop, length)
        if size != crop:
            zero, whole = torch.zeros(1), torch.full((1,), float(crop))
            cropped = sampling(zero, whole, size, crop) @ cropped
        matrices.append(cropped[0])
    return matrices[0] @ normalize(pixels) @ matrices[1].T


@torch.no_grad()
def embed(model, inputs, run, batch_size=32):
    """Features of all inputs by layer, float32 [n, units], after ReLU."""
    result = {name: [] for name in LAYERS}
    for x in inputs.split(batch_size):
        x = x.to(run.device).contiguous(memory_format=torch.channels_last)
        with run.autocast():
            pool5 = model.features(x)
            fc6 = F.relu(model.fc6(pool5))
            fc7 = F.relu(model.fc7(fc6))
        for name, values in zip(LAYERS, (pool5, fc6, fc7)):
            result[name].append(values.float().cpu())
    return {name: torch.cat(values) for name, values in result.items()}


def logistic_regression(x, labels, classes, weight_decay):
    """
    Fits multinomial logistic regression by L-BFGS. x: float32 [n, units]. Returns (weight, bias).
    Its weight is a combination of the n pictures, so that only [n, classes] numbers are fitted.
    """
    gram = x @ x.T
    coefficients = torch.zeros(len(x), classes, requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [coefficients, bias], max_iter=200, tolerance_grad=1e-6, line_search_fn='strong_wolfe'
    )

    def closure():
        optimizer.zero_grad()
        scores = gram @ coefficients
        loss = F.cross_entropy(scores + bias, labels)
        loss = loss + weight_decay / 2 * (coefficients * scores).sum()  # squared norm of weight
        loss.backward()
        return loss

    optimizer.step(closure)
    return x.T @ coefficients.detach(), bias.detach()


def split(labels, per_class, seed):
    """Positions of `per_class` random pictures of each class, and of all others."""
    random, train = np.random.default_rng(seed), []
    for label in labels.unique().tolist():
        of_class = random.permutation(np.flatnonzero(labels.numpy() == label))
        if len(of_class) <= per_class:
            raise SystemExit(f'--per-class: must be below {len(of_class)}, got {per_class}.')
        train.append(of_class[:per_class])
    train = np.concatenate(train)
    return train, np.setdiff1d(np.arange(len(labels)), train)


def head_accuracy(features, labels, per_class, seed, weight_decay):
    """Test accuracy in percent. Features are scaled so that their mean square norm is 1."""
    train, test = split(labels, per_class, seed)
    mean = features[train].mean(0)
    x, unseen = features[train] - mean, features[test] - mean
    scale = x.square().sum(1).mean().rsqrt()
    weight, bias = logistic_regression(
        x * scale, labels[train], int(labels.max()) + 1, weight_decay
    )
    predicted = (unseen * scale @ weight + bias).argmax(1)
    return 100 * (predicted == labels[test]).float().mean().item()


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folder', type=Path)
    parser.add_argument('networks', nargs='+', help='name=path of a set or a .safetensors file')
    parser.add_argument('--per-class', type=int, default=15, help='training pictures per class')
    parser.add_argument('--seeds', type=int, default=5, help='random splits')
    parser.add_argument('--weight-decay', type=float, default=1e-3)
    parser.add_argument('-o', '--out', type=Path, help='also write the accuracies as JSON')
    runtime.add_arguments(parser)
    args = parser.parse_args(argv)
    run = Runtime(args)
    files, labels, names = list_pictures(args.folder)
    results = {}
    for network in args.networks:
        name, path = network.split('=', 1)
        model, about = load(path)
        model.to(run.device).eval()
        preprocessing = about['preprocessing']
        resize, crop = preprocessing['resize'], preprocessing['crop']
        inputs = torch.stack([read_input(file, resize, crop, 227) for file in files])
        features = embed(model, inputs, run)
        results[name] = {
            layer: [
                head_accuracy(features[layer], labels, args.per_class, seed, args.weight_decay)
                for seed in range(args.seeds)
            ]
            for layer in LAYERS
        }
        if args.out:
            args.out.write_text(json.dumps(results, indent=1))
    print(f'{len(files)} pictures of {len(names)} classes, {args.per_class} per class to train on;')
    print(f'accuracy on the others in %, mean and standard deviation of {args.seeds} splits\n')
    print('| network | ' + ' | '.join(LAYERS) + ' |\n' + '|---' * (len(LAYERS) + 1) + '|')
    for name, by_layer in results.items():
        cells = [f'{np.mean(values):.1f} ± {np.std(values):.1f}' for values in by_layer.values()]
        print(f'| {name} | ' + ' | '.join(cells) + ' |')


if __name__ == '__main__':
    main()
