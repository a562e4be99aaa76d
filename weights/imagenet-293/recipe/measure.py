"""
Measures networks on pictures that were never trained on, and prints one table.

    python measure.py data --cache cache old=<set> new=<set> dense=run/dense.safetensors

Networks are folders of a set (model.json) or .safetensors files. Every network gets the center crop
of the library's preprocessing (resize to 256, crop 227), in full detail or first reduced to the
detail of a 64-pixel picture.
"""

import argparse
import json
from pathlib import Path

import torch

import runtime
from data import SOURCES, Source, load_classes, teacher_wnids, tiny_wnids
from runtime import Runtime
from views import center_views
from weights import load

SURE = 0.5  # probability from which the teacher's prediction counts as a label
DETAIL_64 = 57  # 227 / 256 of 64 pixels


class HeldOut:
    """
    Held-out pictures and their labels: sets[name] = (uint8 [n, 3, tile, tile], int64 [n]).

    tiny: Tiny ImageNet's validation pictures, every `every`-th. 160, 80: of the other classes.
    sure: unlabeled photographs for which the teacher gives a class of Tiny ImageNet a probability
    of at least SURE; that class is the label.
    """

    def __init__(self, data, sources, every=1):
        self.tiny_classes = len(tiny_wnids(data))
        self.sets = {}
        for name, source in (('tiny', 'tiny-val'), ('160', '160'), ('80', '80')):
            source = sources[source]
            chosen = source.held_out[:: every if name == 'tiny' else 1]
            self.sets[name] = source.pictures[chosen], source.labels[chosen]
        source = sources['160-unlabelled']
        if source.predictions is not None:
            position = {wnid: i for i, wnid in enumerate(teacher_wnids(data))}
            tiny = [position[wnid] for wnid in tiny_wnids(data)]
            probabilities = source.predictions[source.held_out].float().exp()[:, tiny]
            best = probabilities.max(1)
            sure = (best.values >= SURE).cpu()
            pictures = source.pictures[source.held_out[sure.numpy()]]
            if len(pictures):
                self.sets['sure'] = pictures, best.indices[sure.to(best.indices.device)]


@torch.no_grad()
def accuracy(model, pictures, labels, size, run, first=None, detail=None, batch_size=64):
    """
    Top-1 and top-5 accuracy in percent. first: only the first so many classes can be predicted;
    detail: the crop is reduced to so many pixels before it is enlarged to `size`.
    """
    correct = torch.zeros(2, device=run.device)
    for batch, label in zip(pictures.split(batch_size), labels.split(batch_size)):
        x = center_views(batch, size, detail=detail).contiguous(memory_format=torch.channels_last)
        with run.autocast():
            logits = model(x).float()[:, :first]
        hit = logits.topk(min(5, logits.shape[1])).indices == label[:, None]
        correct += torch.stack([hit[:, 0].sum(), hit.any(1).sum()])
    return [round(value, 1) for value in (100 * correct / len(pictures)).tolist()]


def measure(model, held_out, size, run):
    """The figures of a line of the log: [top-1, top-5] by set."""
    tiny, result = held_out.tiny_classes, {}
    for name, (pictures, labels) in held_out.sets.items():
        first = tiny if name in ('tiny', 'sure') else None
        every = 3 if name == '80' else 1
        split = pictures[::every], labels[::every]
        result[name] = accuracy(model, *split, size, run, first)
    return result


def table(model, held_out, run, size=227):
    """All figures: {row: [top-1, top-5] or None where the network lacks the classes}."""
    tiny, sets = held_out.tiny_classes, held_out.sets
    all_classes = model.fc8.out_features > tiny
    rows = [
        ('Tiny ImageNet validation, among its classes', 'tiny', tiny, None, True),
        ('Tiny ImageNet validation, among all classes', 'tiny', None, None, True),
        ('160 pixels, full detail', '160', None, None, all_classes),
        ('160 pixels, reduced to 64', '160', None, DETAIL_64, all_classes),
        ('80 pixels', '80', None, None, all_classes),
        ('sure teacher, full detail, among Tiny ImageNet classes', 'sure', tiny, None, True),
        ('sure teacher, reduced to 64, among them', 'sure', tiny, DETAIL_64, True),
        ('sure teacher, full detail, among all classes', 'sure', None, None, True),
    ]
    result = {}
    for text, name, first, detail, known in rows:
        if name in sets:
            text = f'{text} ({len(sets[name][1])} pictures)'
            score = accuracy(model, *sets[name], size, run, first, detail) if known else None
            result[text] = score
    return result


def markdown(results):
    """{network: {row: scores or None}} -> a table with a column per network."""
    lines = ['| top-1 / top-5, % | ' + ' | '.join(results) + ' |']
    lines.append('|---' * (len(results) + 1) + '|')
    for row in next(iter(results.values())):
        cells = [scores[row] for scores in results.values()]
        cells = ['-' if cell is None else f'{cell[0]:.1f} / {cell[1]:.1f}' for cell in cells]
        lines.append(f'| {row} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('data', type=Path)
    parser.add_argument('networks', nargs='+', help='name=path')
    parser.add_argument('--cache', type=Path, required=True)
    parser.add_argument('--every', type=int, default=1, help="every n-th of Tiny ImageNet's")
    parser.add_argument('-o', '--out', type=Path, help='also write the figures as JSON')
    runtime.add_arguments(parser)
    args = parser.parse_args(argv)
    run = Runtime(args)
    names = ('tiny-val', *SOURCES[1:])
    sources = {name: Source(args.data, name, args.cache, run.device) for name in names}
    held_out, results = HeldOut(args.data, sources, args.every), {}
    expected = len(load_classes(args.data))
    for network in args.networks:
        name, path = network.split('=', 1)
        model = load(path)[0].to(run.device).eval()
        if model.fc8.out_features not in (expected, held_out.tiny_classes):
            raise SystemExit(f'{path}: must have {expected} classes, got {model.fc8.out_features}.')
        results[name] = table(model, held_out, run)
        if args.out:
            args.out.write_text(json.dumps(results, indent=1))
    print(markdown(results))


if __name__ == '__main__':
    main()
