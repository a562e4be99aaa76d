"""
What each ingredient is worth: the network trained alike on a tenth of the pictures (40 classes of 250), with one thing changed at a time, and
tested on the 10,000 other training pictures of those classes, which it has not seen, and on their 1,000 of the validation set.

    python ablate.py <tiny-imagenet> -o ablations          # two cores: about two minutes a row

Writes a folder for each row, ablations/results.json, and prints the table of README.md. Rows that are there already are not run again.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ALIKE = ['--classes', '40', '--per-class', '250', '--size', '67', '--batch', '64', '--lr', '0.01', '--warm-up', '100', '--label-smoothing', '0']
ROWS = {
    'the paper’s parts': [],
    'without LRN': ['--no-lrn'],
    'pooling 2 × 2, not overlapping': ['--no-overlap'],
    'without dropout': ['--dropout', '0'],
    'one tower (no groups)': ['--towers', '1'],
    'the paper’s rate, divided by ten three times': ['--schedule', 'paper'],
    'the paper’s initial weights, N(0, 0.01)': ['--weight-init', 'paper'],
    'label smoothing of 0.1': ['--label-smoothing', '0.1'],
    'crops of 36 pixels and more': ['--min-crop', '36'],
    'averaged weights (EMA of 0.99)': ['--ema', '0.99'],
    'mixup of 0.2': ['--mixup', '0.2'],
    'CutMix in a third of the steps': ['--cutmix', '0.3'],
    'colours varied by 0.3': ['--jitter', '0.3'],
    'batch normalization, folded': ['--batch-norm'],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data')
    parser.add_argument('-o', '--out', type=Path, required=True)
    parser.add_argument('--epochs', default='6')
    parser.add_argument('--cache', help='folder that keeps the decoded sheets')
    args = parser.parse_args()
    results = {}
    for i, (name, changes) in enumerate(ROWS.items()):
        out = args.out / str(i)
        if not (out / 'weights.safetensors').exists():
            cache = ['--cache', args.cache] if args.cache else []
            command = [sys.executable, HERE / 'train.py', args.data, '-o', out, '--epochs', args.epochs, *ALIKE, *cache, *changes]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        lines = [json.loads(line) for line in (out / 'log.jsonl').read_text().splitlines()]
        last = [line for line in lines if 'unseen' in line][-1]
        results[name] = dict(
            top1=last['unseen']['top1'], top5=last['unseen']['top5'], validation=last['validation']['top1'],
            loss=[line['loss'] for line in lines if 'loss' in line][-1], parameters=lines[0]['parameters'],
        )  # fmt: skip
        print(name, results[name], flush=True)
    (args.out / 'results.json').write_text(json.dumps(results, indent=1, ensure_ascii=False))
    base = next(iter(results.values()))
    print('\n| one thing changed | top-1 | difference | top-5 | top-1, validation |\n|---|---|---|---|---|')
    for name, row in results.items():
        print(f'| {name} | {row["top1"]:.1f} % | {row["top1"] - base["top1"]:+.1f} | {row["top5"]:.1f} % | {row["validation"]:.1f} % |')


if __name__ == '__main__':
    main()
