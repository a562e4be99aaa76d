"""
The figures of the weights' README from what train.py and compress.py wrote: conv1's filters, the loss and accuracy curves.

    python plot.py --weights run/weights.safetensors --logs "131 pixels=a/log.jsonl" "227 pixels=b/log.jsonl" -o ../figures
"""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np
from safetensors.numpy import load_file

INK, QUIET = '#24292f', '#8c959f'
COLOURS = ['#0969da', '#bf3989', '#1a7f37', '#9a6700']


def filters(weights, path):
    """The 96 filters of conv1 as the paper's figure 3 has them: 48 of the first tower above 48 of the second, each scaled to its own range."""
    tensors = load_file(weights)
    kernel = tensors['conv1.kernel'].astype(np.float32)  # [11, 11, 3, 96]
    if 'conv1.kernel.scale' in tensors:
        kernel = kernel * tensors['conv1.kernel.scale']
    size, gap, enlarged = 11, 1, 4
    rows, columns = 6, 16
    sheet = np.full((rows * (size + gap) + gap + gap, columns * (size + gap) + gap, 3), 1.0)
    for i in range(kernel.shape[3]):
        one = kernel[..., i]
        one = 0.5 + one / (2 * np.abs(one).max() + 1e-12)
        top = gap + (i // columns) * (size + gap) + (gap if i >= 48 else 0)
        left = gap + (i % columns) * (size + gap)
        sheet[top : top + size, left : left + size] = one
    plt.imsave(path, sheet.repeat(enlarged, 0).repeat(enlarged, 1).clip(0, 1))
    # How much colour each tower's filters hold: the share of their energy that is not grey
    grey = kernel.mean(2, keepdims=True)
    coloured = ((kernel - grey) ** 2).sum((0, 1, 2)) / ((kernel**2).sum((0, 1, 2)) + 1e-12)
    return [round(float(np.median(coloured[part])), 3) for part in (slice(0, 48), slice(48, 96))]


def curves(logs, path):
    """Loss of the training batches, and top-1 of the validation pictures, over the epochs; one log goes on where the one before ended."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout='constrained')
    start = 0.0
    for (name, file), colour in zip(logs, COLOURS, strict=False):
        lines = [json.loads(line) for line in Path(file).read_text().splitlines()]
        loss = {e['epoch']: e['loss'] for e in lines if 'loss' in e}
        top1 = {e['epoch']: e['validation'] for e in lines if 'validation' in e}
        at = np.array(list(loss))
        smooth = np.convolve(np.pad(list(loss.values()), 4, mode='edge'), np.ones(9) / 9, 'valid')
        left.plot(start + at, list(loss.values()), color=colour, alpha=0.25, linewidth=0.8)
        left.plot(start + at, smooth, color=colour, linewidth=1.6, label=name)
        right.plot(start + np.array(list(top1)), [v['top1'] for v in top1.values()], 'o-', color=colour, label=f'top-1, {name}')
        right.plot(start + np.array(list(top1)), [v['top5'] for v in top1.values()], 'o--', color=colour, alpha=0.6, label=f'top-5, {name}')
        start += at.max()
    for axis, title in ((left, 'training loss (cross-entropy)'), (right, 'validation accuracy, %')):
        axis.set_title(title, color=INK, fontsize=10, loc='left')
        axis.set_xlabel('epochs', color=INK, fontsize=9)
        axis.tick_params(colors=QUIET, labelsize=8)
        axis.grid(color='#d0d7de', linewidth=0.5)
        for spine in axis.spines.values():
            spine.set_visible(False)
    right.set_ylim(0, None)
    left.legend(frameon=False, fontsize=8, loc='upper right')
    right.legend(frameon=False, fontsize=8, loc='lower right', ncols=len(logs))
    figure.savefig(path, dpi=130)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--weights', required=True)
    parser.add_argument('--logs', nargs='+', required=True, help='name=file, in the order of the runs')
    parser.add_argument('-o', '--out', type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    first, second = filters(args.weights, args.out / 'conv1.png')
    print(f'share of the energy that is colour, median of the filters: first tower {first}, second tower {second}')
    curves([entry.split('=', 1) for entry in args.logs], args.out / 'curves.png')


if __name__ == '__main__':
    main()
