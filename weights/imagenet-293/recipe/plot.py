"""
Draws the figures of the weights' README: conv1's 96 filters of one set or of several, and the
curves of one run or of several.

    python plot.py --filters old=<set> new=<set> --logs "163 pixels=run/log.jsonl" -o figures

Needs matplotlib.
"""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np

from weights import read_safetensors, read_set

INK, GRAY, LINES = '#24292f', '#8c959f', '#d0d7de'
COLORS = ['#0969da', '#bf3989', '#1a7f37', '#9a6700']
NAMES = {
    'tiny': 'Tiny ImageNet (200 classes)',
    '160': '160 pixels',
    '80': '80 pixels',
    'sure': 'sure teacher (200 classes)',
}


def draw_filters(path, file):
    """
    Saves the 96 filters of conv1 as in the paper's figure 3: the first group's 48 above the second
    group's 48, each scaled to its own range. Returns the median share of a filter's energy that is
    color (not gray), by group.
    """
    tensors = (read_set if Path(path).is_dir() else read_safetensors)(path)[0]
    kernel = tensors['conv1.kernel'].numpy()  # [11, 11, 3, 96]
    size, rows, columns, enlarge = 11, 6, 16, 4
    height = rows * (size + 1) + 2  # one pixel between filters, two between the groups
    sheet = np.ones((height, columns * (size + 1) + 1, 3))
    for i in range(96):
        pixels = 0.5 + kernel[..., i] / (2 * np.abs(kernel[..., i]).max() + 1e-12)
        top = 1 + (i // columns) * (size + 1) + (i >= 48)
        left = 1 + (i % columns) * (size + 1)
        sheet[top : top + size, left : left + size] = pixels
    plt.imsave(file, sheet.repeat(enlarge, 0).repeat(enlarge, 1).clip(0, 1))
    gray = kernel.mean(2, keepdims=True)
    color = ((kernel - gray) ** 2).sum((0, 1, 2)) / ((kernel**2).sum((0, 1, 2)) + 1e-12)
    return [round(float(np.median(group)), 3) for group in (color[:48], color[48:])]


def draw_curves(logs, file):
    """Saves the training loss and the top-1 accuracy on held-out pictures over the views seen."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout='constrained')
    for (name, path), style in zip(logs, ['-', '--', ':', '-.'], strict=False):
        lines = [json.loads(line) for line in Path(path).read_text().splitlines()]
        steps = [line for line in lines if 'loss' in line]
        views, loss = [line['seen'] for line in steps], [line['loss'] for line in steps]
        smooth = np.convolve(np.pad(loss, 4, mode='edge'), np.ones(9) / 9, 'valid')
        left.plot(views, loss, color=COLORS[0], alpha=0.25, linewidth=0.8, linestyle=style)
        left.plot(views, smooth, color=COLORS[0], linewidth=1.6, linestyle=style, label=name)
        measured = [line for line in lines if 'measured' in line]
        for (key, text), color in zip(NAMES.items(), COLORS):
            points = [(m['seen'], m['measured'][key][0]) for m in measured if key in m['measured']]
            if points:
                label = text if style == '-' else None  # the line style says which run it is
                right.plot(
                    *zip(*points), color=color, marker='o', markersize=4, linestyle=style, label=label
                )
    for axis, title in ((left, 'training loss (cross-entropy)'), (right, 'held-out top-1, %')):
        axis.set_title(title, color=INK, fontsize=10, loc='left')
        axis.set_xlabel('views, thousands', color=INK, fontsize=9)
        axis.xaxis.set_major_formatter(lambda views, _: f'{views / 1000:g}')
        axis.tick_params(colors=GRAY, labelsize=8)
        axis.grid(color=LINES, linewidth=0.5)
        axis.legend(frameon=False, fontsize=8)
        for spine in axis.spines.values():
            spine.set_visible(False)
    right.set_ylim(0, 100)
    figure.savefig(file, dpi=160)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--filters', nargs='+', default=[], help='name=set or .safetensors file')
    parser.add_argument('--logs', nargs='+', default=[], help='name=log.jsonl of train.py')
    parser.add_argument('-o', '--out', type=Path, required=True, help='folder of the figures')
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for entry in args.filters:
        name, path = entry.split('=', 1)
        file = args.out / ('conv1.png' if len(args.filters) == 1 else f'conv1-{name}.png')
        color = draw_filters(path, file)
        print(f'{file}: median share of color, first group {color[0]}, second group {color[1]}')
    if args.logs:
        draw_curves([entry.split('=', 1) for entry in args.logs], args.out / 'curves.png')


if __name__ == '__main__':
    main()
