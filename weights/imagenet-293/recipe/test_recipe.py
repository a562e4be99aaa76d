"""
Runs the recipe on six classes of drawn pictures, in a minute: one process and two give the same losses, a run that was stopped goes on as
if it had not been, the compressed network is sparse and on its grid.

    python test_recipe.py
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from data import CROP, TILE, _sampling, centre, load_sheets
from network import AlexNet, LocalResponseNorm, from_library, load_set, resized_fc6, to_library

HERE = Path(__file__).parent
COMMON = ['--size', '67', '--batch', '16', '--epochs', '2', '--log-every', '1', '--precision', 'float32', '--warm-up', '2', '--lr', '0.001', '--threads', '1']


def draw_sheets(folder):
    """Stripes of six directions and colours, 40 pictures a class to train on and 10 to validate."""
    random = np.random.default_rng(7)
    (folder / 'classes.json').write_text(json.dumps([dict(wnid=f'n{i}', names=f'stripe {i}, striped') for i in range(6)]))
    y, x = np.mgrid[:TILE, :TILE]
    for split, rows in (('train', 4), ('val', 1)):
        (folder / split).mkdir()
        for label in range(6):
            tiles = []
            for _ in range(rows * 10):
                wave = np.sin((x * np.cos(label * 0.5) + y * np.sin(label * 0.5)) * random.uniform(0.3, 0.6) + random.uniform(0, 6))
                colour = random.uniform(40, 215, 3)
                tiles.append(np.clip(colour + 40 * wave[:, :, None] + random.normal(0, 8, (TILE, TILE, 3)), 0, 255))
            sheet = np.concatenate([np.concatenate(tiles[r * 10 : r * 10 + 10], 1) for r in range(rows)], 0)
            Image.fromarray(sheet.astype(np.uint8)).save(folder / split / f'n{label}.jpg', quality=95)


def train(data, out, *more, processes=1):
    launcher = [sys.executable]
    if processes > 1:
        launcher += ['-m', 'torch.distributed.run', '--nproc_per_node', str(processes), '--master_port', '29517']
    subprocess.run([*launcher, HERE / 'train.py', data, '-o', out, *COMMON, *more], check=True, stdout=subprocess.DEVNULL)
    lines = [json.loads(line) for line in (out / 'log.jsonl').read_text().splitlines()]
    return {line['step']: line['loss'] for line in lines if 'loss' in line}


def main():
    a = torch.randn(2, 9, 3, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: LocalResponseNorm.apply(x, 5, 2.0, 0.3, 0.75), a), 'the gradient of LRN'
    theirs = torch.nn.functional.local_response_norm(a, 5, 1.5, 0.75, 2.0)  # PyTorch divides alpha by n
    assert torch.allclose(LocalResponseNorm.apply(a, 5, 2.0, 0.3, 0.75), theirs), 'LRN as PyTorch has it'

    matrix = _sampling(torch.tensor([4.0]), torch.tensor([56.0]), 227)[0, 0]
    picture = torch.rand(1, 3, TILE, TILE)
    ours = matrix @ picture @ matrix.T
    inside = picture[:, :, 4 : 4 + CROP, 4 : 4 + CROP]
    assert torch.allclose(ours, torch.nn.functional.interpolate(inside, 227, mode='bilinear'), atol=1e-5), 'cropped and resized as PyTorch does'

    for name, shape in (('conv1', (8, 3, 11, 11)), ('conv2', (8, 4, 5, 5)), ('fc6', (5, 256 * 9)), ('fc7', (5, 7))):
        weight = torch.randn(shape)
        assert torch.allclose(from_library(name, to_library(name, weight)), weight), f'{name}: there and back'
    assert torch.allclose(resized_fc6(resized_fc6(torch.ones(2, 256 * 9), 6), 3), torch.ones(2, 256 * 9)), 'fc6 grown and shrunk'

    normalized = AlexNet(6, 67, batch_norm=True)
    views = torch.randn(8, 3, 67, 67)
    normalized.features(views * 2 + 1)  # a step of its means and variances
    with torch.no_grad():
        same = torch.allclose(normalized.eval()(views), normalized.folded()(views), atol=1e-4)
    assert same and not normalized.folded().norms, 'the network without batch normalization answers as the one with it'

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        draw_sheets(folder)
        one = train(folder, folder / 'one')
        two = train(folder, folder / 'two', processes=2)
        difference = max(abs(one[step] - two[step]) for step in range(1, 13))  # later ones multiply the rounding
        assert len(one) == 30 and one.keys() == two.keys() and difference < 1e-4, f'one process and two differ by {difference}'
        print(f'one process and two: the losses of 12 steps differ by at most {difference:.1e}')

        train(folder, folder / 'stopped', '--steps', '7')
        again = train(folder, folder / 'stopped', '--resume')
        assert again == one, 'a run that was stopped and resumed has other losses'
        print('stopped after 7 steps and resumed: the same losses')

        modern = train(folder, folder / 'modern', '--steps', '4', '--ema', '0.9', '--mixup', '0.2', '--min-crop', '40', '--label-smoothing', '0.1',
                       '--batch-norm', '--cutmix', '0.5', '--jitter', '0.3', '--size', '99', '--small', '67', '--small-until', '0.1', '--clip', '1')  # fmt: skip
        other = train(folder, folder / 'other', '--steps', '4', '--no-lrn', '--no-overlap', '--towers', '1', '--dropout', '0',
                      '--schedule', 'paper', '--weight-init', 'paper', '--per-class', '20')  # fmt: skip
        assert len(modern) == len(other) == 4 and one[1] not in (modern[1], other[1]), 'options that change nothing'
        print('every option runs')

        init = folder / 'one' / 'weights.safetensors'
        subprocess.run(
            [sys.executable, HERE / 'compress.py', folder, '--init', init, '-o', folder / 'small', '--size', '67', '--conv-steps', '3',
             '--epochs', '2', '--grid-epochs', '1', '--batch', '16', '--precision', 'float32', '--distil', '0.5'],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        first = folder / 'small' / 'weights.safetensors'
        subprocess.run(
            [sys.executable, HERE / 'compress.py', folder, '--init', first, '--teacher', init, '--pruned', '--clean', '0.01', '-o', folder / 'taught',
             '--size', '67', '--conv-steps', '0', '--epochs', '1', '--fc-batch', '16', '--precision', 'float32', '--distil', '1'],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        taught = load_file(folder / 'taught' / 'weights.safetensors')
        stored = load_file(first)
        assert (taught['conv3.kernel'] != 0).float().mean() > 0.9, 'its convolutions are the whole ones of the teacher'
        assert not (taught['fc7.kernel'] != 0)[stored['fc7.kernel'] == 0].any(), 'holes that were filled'
        for name, keep in (('conv1', 0.84), ('conv3', 0.35), ('fc6', 0.09), ('fc7', 0.09), ('fc8', 0.25)):
            kept = (stored[f'{name}.kernel'] != 0).float().mean().item()
            assert 0.5 * keep < kept <= keep + 0.01, f'{name} keeps {kept:.3f} of its weights, {keep} was asked for'
        assert stored['fc7.kernel'].abs().max() <= 7, 'fc7 has at most 15 levels'
        report = json.loads((folder / 'small' / 'report.json').read_text())
        model = AlexNet(6, 67)
        load_set(folder / 'small' / 'weights.safetensors', model)
        model.eval()
        pictures, classes = load_sheets(folder, 'val')
        with torch.no_grad():
            right = 100 * (model(centre(pictures, 67)).argmax(1) == classes).float().mean().item()
        assert abs(right - report['all on their grids']['top1']) < 0.01, 'the file written is not the network measured'
        print(f'compressed: {report["dense"]["bytes"]:,} -> {report["all on their grids"]["bytes"]:,} bytes')
    print('The recipe works.')


if __name__ == '__main__':
    main()
