"""
Tests the recipe on drawn pictures: the parts against PyTorch's own functions, then short runs of
training (one process, two, resumed), compression and heads. Two to three minutes on two cores.

    python test_recipe.py
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import average
import compress
import heads
import measure
import teacher
import train
from data import SOURCES, Source, load_classes
from network import LAYERS, AlexNet, LocalResponseNorm, lrn_band, resize_fc6
from network import pool5_side
from optimizer import Masks
from views import Crops, draw_crops, random_views, sampling
from weights import describe, from_library, load, read_safetensors, save_safetensors, to_library

HERE = Path(__file__).parent
HIDDEN = 256  # units of fc6 and fc7, to be quick
TINY = ['n00000010', 'n00000020', 'n00000030', 'n00000040', 'n00000050', 'n00000060']
OTHERS = {'80': ['n00000005', 'n00000015'], '160': ['n00000015', 'n00000025']}
QUICK = ['--size', '99', '--batch-size', '8', '4', '4', '4', '--precision', 'float32']
QUICK += ['--threads', '1', '--device', 'cpu', '--warm-up', '2', '--log-every', '1']


def draw_sheet(path, tile, columns, count, label, random):
    """A sheet of noisy stripes whose direction depends on the label."""
    y, x = np.mgrid[:tile, :tile] * (64 / tile)
    rows = -(-count // columns)
    sheet = np.zeros((rows * tile, columns * tile, 3), np.uint8)
    for i in range(count):
        angle = label * 0.4
        phase = random.uniform(0, 6)
        wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * random.uniform(0.3, 0.6) + phase)
        noise = random.normal(0, 25, (tile, tile, 3))
        picture = random.uniform(60, 195, 3) + 40 * wave[:, :, None] + noise
        row, column = divmod(i, columns)
        area = slice(row * tile, (row + 1) * tile), slice(column * tile, (column + 1) * tile)
        sheet[area] = picture.clip(0, 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet).save(path, quality=95)


def draw_data(data):
    """The folder layout of README.md with a few pictures per class and a random teacher."""
    random, counts = np.random.default_rng(7), {}
    names = [dict(wnid=f'n{i:08d}', names=[f'class {i}']) for i in range(1000)]
    (data / 'tiny-imagenet').mkdir(parents=True)
    (data / 'imagenet-1000.json').write_text(json.dumps(names))
    tiny = [dict(wnid=wnid, names=[f'stripes {wnid}']) for wnid in TINY]
    (data / 'tiny-imagenet/classes.json').write_text(json.dumps(tiny))
    for i, wnid in enumerate(TINY):
        draw_sheet(data / f'tiny-imagenet/train/{wnid}.jpg', 64, 5, 20, i, random)
        draw_sheet(data / f'tiny-imagenet/val/{wnid}.jpg', 64, 5, 5, i, random)
    for name, wnids in OTHERS.items():
        for wnid in wnids:
            sheet = data / f'photos/{name}/{wnid}.jpg'
            draw_sheet(sheet, int(name), 5, 12, int(wnid[-2:]), random)
            counts[f'{name}/{wnid}'] = 12
    for i, count in enumerate((10, 7)):
        sheet = data / f'photos/160-unlabelled/{i:02d}.jpg'
        draw_sheet(sheet, 160, 5, count, i, random)
        counts[f'160-unlabelled/{i:02d}'] = count
    (data / 'photos/counts.json').write_text(json.dumps(counts))


def write_teacher(path):
    """Writes random weights in the teacher's format. Returns them as [(weight, bias)]."""
    random, counts, parts, expected = np.random.default_rng(3), [], [], []
    for layer in teacher.SqueezeNet().layers():
        gaps = random.integers(0, 16, layer.weight.numel())
        positions = np.cumsum(gaps + 1) - 1
        count = int((positions < layer.weight.numel()).sum())
        gaps, positions = gaps[:count], positions[:count]
        codebook = random.normal(0, 0.01, 256).astype('<f4')
        bias = random.normal(0, 0.1, layer.out_channels).astype('<f4')
        if layer.out_channels == teacher.CLASSES:
            bias[10] = 12  # always sure of one of Tiny ImageNet's classes
        codes = random.integers(0, 256, count).astype(np.uint8)
        nibbles = np.append(gaps, 0)[: 2 * ((count + 1) // 2)].astype(np.uint8).reshape(-1, 2)
        packed = nibbles[:, 0] | nibbles[:, 1] << 4
        counts.append(count)
        parts += [codebook.tobytes(), bias.tobytes(), codes.tobytes(), packed.tobytes()]
        weight = np.zeros(layer.weight.numel(), np.float32)
        weight[positions] = codebook[codes]
        expected.append((torch.from_numpy(weight).view_as(layer.weight), torch.from_numpy(bias)))
    path.parent.mkdir(parents=True)
    path.write_bytes(np.array(counts, '<u4').tobytes() + b''.join(parts))
    return expected


def test_lrn():
    a = torch.randn(2, 9, 3, 3, dtype=torch.double, requires_grad=True)
    band = lrn_band(9).double() * 8  # a larger alpha shows in the gradient
    lrn = LocalResponseNorm.apply
    assert torch.autograd.gradcheck(lambda x: lrn(x, band), a), 'gradient of LRN'
    alpha = band.max().item()
    expected = F.local_response_norm(a, 5, 5 * alpha, 0.75, 2.0)  # PyTorch divides alpha by n
    assert torch.allclose(lrn(a, band), expected), 'LRN differs from PyTorch'


def test_sampling():
    picture = torch.rand(1, 3, 64, 64)
    for start, side, size in ((4, 56, 227), (0, 64, 64), (2, 60, 30), (0, 64, 19), (5, 50, 37)):
        matrix = sampling(torch.tensor([float(start)]), torch.tensor([float(side)]), size, 64)[0]
        ours = matrix @ picture @ matrix.T
        crop = picture[:, :, start : start + side, start : start + side]
        expected = F.interpolate(
            crop, size, mode='bilinear', align_corners=False, antialias=size < side
        )
        difference = (ours - expected).abs().max().item()
        assert difference < 1e-4, f'sampling {side} -> {size} differs by {difference}'


def test_layouts():
    shapes = dict(conv1=(8, 3, 11, 11), conv2=(8, 4, 5, 5), fc6=(5, 256 * 9), fc7=(5, 7))
    for name, shape in shapes.items():
        weight = torch.randn(shape)
        back = from_library(name, to_library(name, weight))
        assert torch.allclose(back, weight), f'{name}: to_library and from_library'


def test_grow():
    model = AlexNet(6, 131, dropout=0, hidden=HIDDEN).eval()
    pool5 = torch.rand(4, 256, 3, 3)
    before = model.classifier(pool5.flatten(1))
    model.grow(227)
    enlarged = pool5.repeat_interleave(2, 2).repeat_interleave(2, 3)
    after = model.classifier(enlarged.flatten(1))
    assert pool5_side(227) == 6 and torch.allclose(before, after, atol=1e-4), 'grow()'
    sums = resize_fc6(torch.rand(2, 256 * 16), 6).reshape(2, 256, -1).sum(2)
    assert sums.shape == (2, 256), 'grow() from 4 x 4 to 6 x 6'


def test_batch_norm():
    model, x = AlexNet(6, 67, dropout=0, hidden=HIDDEN), torch.randn(16, 3, 67, 67)
    before = model.eval()(x)
    model.add_equivalent_batch_norm([x[:8], x[8:]])
    with torch.no_grad():
        difference = (model.eval()(x) - before).abs().max().item()
        assert difference < 1e-3, f'adding batch normalization changes logits by {difference}'
        model.train()(x * 2 + 1)  # changes the batch statistics
        expected, folded = model.eval()(x), model.folded()
        difference = (folded(x) - expected).abs().max().item()
    assert not folded.norms and difference < 1e-3, f'folding changes logits by {difference}'


def test_reduced_views():
    pictures = torch.randint(0, 256, (40, 3, 160, 160), dtype=torch.uint8)  # noise: all sharp
    crops = draw_crops(40, 160, torch.Generator().manual_seed(1), jitter=0, reduced_share=0.4)
    x = random_views(pictures, crops, 99, detail=56)
    sharpness = (x[:, :, 1:] - x[:, :, :-1]).square().mean((1, 2, 3))
    assert crops.reduced.sum() == 16, 'share of reduced views'
    assert sharpness[crops.reduced].max() < sharpness[~crops.reduced].min(), 'reduced views'
    whole = Crops(*(torch.full((40,), v) for v in (0.0, 0.0, 160.0, 160.0)), crops.mirror & False,
                  crops.mirror & False, torch.ones(40, 3))  # fmt: skip
    same = random_views(pictures, whole, 160)
    assert torch.allclose(same, random_views(pictures, whole, 160, detail=56)), 'unmarked views'


def test_sources(data, cache):
    for name in SOURCES:
        source = Source(data, name, cache)
        training, held_out = set(source.training.tolist()), set(source.held_out.tolist())
        assert not training & held_out and len(training | held_out) == len(source.pictures)
        assert bool(held_out) == (name != 'tiny'), f'{name}: held-out pictures'
        epoch = torch.cat([source.draw(step, 4, seed=1) for step in range(len(training))])
        assert set(epoch.tolist()) == training, f'{name}: draws {epoch}'
        first = epoch[: len(training)].tolist()
        assert len(set(first)) == len(first), f'{name}: a picture is drawn twice in an epoch'
    assert len(load_classes(data)) == len(TINY) + 3, 'a class in two sources counts once'


def run_training(data, cache, out, *options, processes=1):
    """Runs train.py; returns {step: loss} and the other lines of the log."""
    args = [str(data), '--cache', str(cache), '-o', str(out), *QUICK, *options]
    if processes == 1:
        train.main(args)
    else:
        launcher = ['-m', 'torch.distributed.run', '--standalone', '--nproc_per_node']
        command = [sys.executable, *launcher, str(processes), str(HERE / 'train.py'), *args]
        environment = os.environ | dict(OMP_NUM_THREADS='1')
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    lines = [json.loads(line) for line in (out / 'log.jsonl').read_text().splitlines()]
    steps = [line for line in lines if 'done' in line]
    return {line['step']: (line['loss'], line['teacher_loss']) for line in steps}, lines


def test_training(data, cache, folder, init):
    plain = ['--init', str(init), '--steps', '4', '--no-batch-norm', '--dropout', '0']
    plain += ['--cutmix', '0', '--optimizer', 'sgd', '--learning-rate', '0.01']
    one, _ = run_training(data, cache, folder / 'one', *plain)
    two, lines = run_training(data, cache, folder / 'two', *plain, processes=2)
    worst = max(abs(a - b) for step in one for a, b in zip(one[step], two[step]))
    assert lines[0]['processes'] == 2 and len(one) == len(two) == 4, f'{lines[0]}'
    assert worst < 1e-4, f'losses of two processes differ by {worst}'
    spread = next(line for line in lines if 'difference_between_processes' in line)
    assert spread['difference_between_processes'] == 0, f'{spread}'
    print(f'one process and two: the losses differ by at most {worst:.1e}')

    full = ['--init', str(init), '--steps', '12', '--small-size', '67', '--small-until', '0.5']
    full += ['--cutmix', '0.5', '--prune-from', '0.6', '--prune-until', '0.9']
    sgd = ['--optimizer', 'sgd', '--learning-rate', '0.01', '--stop-after', '8']
    _, lines = run_training(data, cache, folder / 'norm', *full, *sgd, processes=2)
    spread = lines[-1]['difference_between_processes']
    assert spread == 0, f'the weights of two processes differ by {spread}'
    print('two processes with batch normalization: equal weights in both')

    whole, lines = run_training(data, cache, folder / 'whole', *full)
    assert lines[-1]['size'] == 99 and len(lines[-1]['measured']) == 4, f'{lines[-1]}'
    density = [line['density'] for line in lines if 'done' in line][-1]
    assert 0.12 <= density < 0.13, f'final density {density}'
    for stop in ('4', '9'):
        run_training(data, cache, folder / f'stop{stop}', *full, '--stop-after', stop)
        resumed, _ = run_training(data, cache, folder / f'stop{stop}', *full, '--resume')
        assert resumed == whole, f'resumed after {stop} steps: {resumed}, uninterrupted: {whole}'
    print('stopped and resumed: the same losses as an uninterrupted run')

    short = ['--init', str(init), '--steps', '1', '--leave-out', TINY[0], OTHERS['80'][0]]
    short += ['--batch-size', '8', '4', '4', '0', '--precision', 'bfloat16']
    _, lines = run_training(data, cache, folder / 'short', *short)
    expected = {'tiny': 100, '80': 9, '160': 18, '160-unlabelled': 13}
    assert lines[0]['pictures'] == expected and lines[1]['seen'] == 16, f'{lines[0]}'

    dense = read_safetensors(folder / 'whole/dense.safetensors')[0]
    run_training(data, cache, folder / 'whole', '--export')
    exported = read_safetensors(folder / 'whole/dense.safetensors')[0]
    assert all(torch.equal(dense[name], exported[name]) for name in dense), '--export'
    density = (dense['fc7.kernel'] != 0).float().mean().item()
    assert abs(density - 0.12) < 0.02, f'fc7 has a density of {density}'
    return folder / 'whole/dense.safetensors'


def test_compression(data, cache, out, init):
    options = ['--init', str(init), '-o', str(out), '--minutes', '0.1', '--views', '48']
    options += ['--batch-size', '12', '4', '4', '4', '--fc-batch-size', '16']
    options += ['--keep', '{"fc6": 0.08, "fc7": 0.08, "fc8": 0.25}']
    options += ['--precision', 'float32', '--device', 'cpu', '--threads', '1']
    compress.main([str(data), '--cache', str(cache), *options])
    tensors, about = read_safetensors(out / 'weights.safetensors')
    for name, keep in dict(fc6=0.08, fc7=0.08, fc8=0.25).items():
        density = (tensors[f'{name}.kernel'] != 0).float().mean().item()
        assert density <= keep + 0.005, f'{name} keeps {density}, {keep} was asked for'
    for name in LAYERS:
        levels = 127 if name.startswith('conv') else 15
        rows = tensors[f'{name}.kernel'].flatten(0, -2).T
        worst = max(len(row.unique()) for row in rows[:40])
        assert worst <= levels, f'{name} has {worst} levels in a channel'
    model, _ = load(out / 'weights.safetensors', size=99)
    names = (*SOURCES, 'tiny-val')
    held_out = measure.HeldOut(data, {n: Source(data, n, cache) for n in names}, every=5)
    arguments = train.arguments([str(data), '--cache', '', '-o', '', '--steps', '1', *QUICK])
    result = measure.measure(model.eval(), held_out, 99, measure.Runtime(arguments))
    logged = json.loads((out / 'log.jsonl').read_text().splitlines()[-1])
    assert result == logged['measured'], f'the file gives {result}, the log says {logged}'
    print('compressed: sparse, quantized, and the file is the network that was measured')


def test_average(networks, out):
    """The mean of the weights, with the number of views in the provenance."""
    average.main([*map(str, networks), '-o', str(out), '--views', '1234'])
    tensors, about = read_safetensors(out)
    parts = [read_safetensors(path)[0] for path in networks]
    for name, found in tensors.items():
        torch.testing.assert_close(found, sum(part[name] for part in parts) / len(parts))
    assert '1,234 views' in about['provenance']


def test_heads(folder, network):
    random = np.random.default_rng(5)
    for label, name in enumerate(('left', 'right')):
        (folder / name).mkdir(parents=True)
        for i in range(8):
            pixels = random.integers(0, 255, (120, 90 + 20 * i, 3)) * [1, label, 1 - label]
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name / f'{i}.png')
    files, labels, names = heads.list_pictures(folder)
    x = heads.read_input(files[0], 256, 227, 227)
    assert x.shape == (3, 227, 227) and names == ['left', 'right'] and labels.sum() == 8
    features = torch.randn(60, 20)
    features[:30, 0] += 6
    accuracy = heads.head_accuracy(features, (torch.arange(60) >= 30).long(), 15, 0, 1e-3)
    assert accuracy > 90, f'logistic regression is right for {accuracy} %'
    out = folder.parent / 'heads.json'
    options = ['--per-class', '4', '--seeds', '2', '--device', 'cpu', '--threads', '1']
    heads.main([str(folder), f'a={network}', f'b={network}', *options, '-o', str(out)])
    result = json.loads(out.read_text())
    assert result['a'] == result['b'] and len(result['a']['fc7']) == 2, f'{result}'


def test_table(data, cache, networks, out):
    options = ['--cache', str(cache), '--device', 'cpu', '--threads', '1', '-o', str(out)]
    measure.main([str(data), *(f'{path.stem}={path}' for path in networks), *options])
    result = json.loads(out.read_text())
    assert list(result) == [path.stem for path in networks] and len(result['dense']) == 8
    assert [v for v in result['init'].values()].count(None) == 3, 'classes that init lacks'


def test_masks():
    model = AlexNet(6, 67, hidden=HIDDEN)
    for name in ('fc6', 'fc7'):
        weight = getattr(model, name).weight
        weight.data.mul_(torch.rand_like(weight) < 0.1)
        weight.grad = torch.rand_like(weight)
    masks = Masks.by_gradient(model, 0.3)
    for name, density in masks.density().items():
        nonzero = getattr(model, name).weight != 0
        assert abs(density - 0.3) < 0.01 and masks.masks[name][nonzero].all(), f'masks of {name}'


def main():
    started = time.time()
    torch.set_num_threads(1)
    torch.backends.nnpack.set_flags(False)
    torch.manual_seed(1)
    parts = [test_lrn, test_sampling, test_layouts, test_grow, test_batch_norm, test_masks]
    for test in (*parts, test_reduced_views):
        test()
    print('LRN, sampling, layouts, grow, batch normalization, masks, reduced views: as expected')
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        data, cache = folder / 'data', folder / 'cache'
        draw_data(data)
        expected = write_teacher(data / 'teacher/compressed_SqueezeNet.net')
        model = teacher.load_teacher(data / 'teacher/compressed_SqueezeNet.net')
        for layer, (weight, bias) in zip(model.layers(), expected):
            assert torch.equal(layer.weight, weight) and torch.equal(layer.bias, bias), 'teacher'
        teacher.main([str(data), '-o', str(cache), '--device', 'cpu', '--precision', 'float32'])
        test_sources(data, cache)
        print('teacher and sources: as expected')
        init = folder / 'init.safetensors'
        model = AlexNet(len(TINY), 99, hidden=HIDDEN)
        for layer in (model.fc6, model.fc7):  # as a pruned set
            layer.weight.data.mul_(torch.rand_like(layer.weight) < 0.1)
        about = describe(load_classes(data)[: len(TINY)], 0, 99, HIDDEN)
        save_safetensors(init, model, about)
        dense = test_training(data, cache, folder, init)
        test_compression(data, cache, folder / 'compressed', dense)
        compressed = folder / 'compressed/weights.safetensors'
        test_average([dense, compressed], folder / 'average.safetensors')
        test_heads(folder / 'pictures', dense)
        test_table(data, cache, [init, dense], folder / 'table.json')
    print(f'The recipe works ({time.time() - started:.0f} seconds).')


if __name__ == '__main__':
    main()
