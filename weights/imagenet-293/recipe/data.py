"""
Loads the training pictures and splits them into training and held-out ones.

Pictures come in sheets: one JPEG of square tiles without gaps, row by row. There are four sources
for training and one for validation only:

    tiny            Tiny ImageNet, 200 classes, 64 pixels
    tiny-val        its validation pictures
    80              75 further ImageNet classes, 80 pixels
    160             19 ImageNet classes, 160 pixels
    160-unlabelled  photographs without labels, 160 pixels; the teacher's predictions replace them
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

MEAN = (122.46, 114.26, 101.37)  # RGB, of Tiny ImageNet's training pictures, from 0 to 255
SOURCES = ('tiny', '80', '160', '160-unlabelled')  # for training, in the order of --batch-size
TILE = {'tiny': 64, 'tiny-val': 64, '80': 80, '160': 160, '160-unlabelled': 160}  # pixels
FOLDER = {
    'tiny': 'tiny-imagenet/train',
    'tiny-val': 'tiny-imagenet/val',
    '80': 'photos/80',
    '160': 'photos/160',
    '160-unlabelled': 'photos/160-unlabelled',
}
HELD_OUT = {'160': 40, '80': 20}  # the last pictures of each class, a quarter at most
HELD_OUT_UNLABELED = 800  # drawn at random, a quarter at most


def tiny_wnids(data):
    """The WordNet ids of Tiny ImageNet's classes, in order: the first classes of the network."""
    return [c['wnid'] for c in json.loads((Path(data) / 'tiny-imagenet/classes.json').read_text())]


def teacher_wnids(data):
    """The WordNet ids of ImageNet's 1000 classes, in the teacher's order."""
    return [c['wnid'] for c in json.loads((Path(data) / 'imagenet-1000.json').read_text())]


def load_classes(data):
    """[{ wnid, label }] of all classes: Tiny ImageNet's, then the others sorted by WordNet id."""
    data, tiny = Path(data), tiny_wnids(data)
    others = {
        path.stem for name in ('80', '160') for path in (data / FOLDER[name]).glob('*.jpg')
    } - set(tiny)
    names = {}
    for file in ('imagenet-1000.json', 'tiny-imagenet/classes.json'):
        names |= {c['wnid']: c['names'][0] for c in json.loads((data / file).read_text())}
    return [dict(wnid=wnid, label=names[wnid]) for wnid in tiny + sorted(others)]


class Source:
    """
    The pictures of one source.

    pictures: uint8 [n, 3, tile, tile], on `device`; on a CPU they stay in a memory-mapped file.
    labels: int64 [n], positions in load_classes(); None for unlabeled pictures.
    predictions: float16 [n, 1000], the teacher's log-probabilities (see teacher.py), or None.
    training, held_out: int64 positions of the pictures of each split.
    """

    def __init__(self, data, name, cache, device='cpu'):
        data, cache = Path(data), Path(cache)
        sheets = sorted((data / FOLDER[name]).glob('*.jpg'))
        if not sheets:
            raise FileNotFoundError(f'{data / FOLDER[name]}: there must be sheets (*.jpg).')
        counts = _tile_counts(data, name, sheets)
        sheet_of = np.repeat(np.arange(len(sheets)), counts)
        file = cache / f'{name}.npy'
        if not file.exists():
            _decode(sheets, counts, TILE[name], file)
        self.name = name
        self.pictures = torch.from_numpy(np.load(file, mmap_mode='c')).to(device)
        self.labels = self.predictions = None
        if name != '160-unlabelled':
            position = {c['wnid']: i for i, c in enumerate(load_classes(data))}
            labels = np.array([position[sheet.stem] for sheet in sheets])[sheet_of]
            self.labels = torch.from_numpy(labels).to(device)
        if predictions_file(cache, name).exists():
            predictions = np.load(predictions_file(cache, name), mmap_mode='c')
            self.predictions = torch.from_numpy(predictions).to(device)
        held_out = _held_out(name, sheet_of)
        self.training, self.held_out = np.flatnonzero(~held_out), np.flatnonzero(held_out)
        self._order, self._order_key = None, None  # of the epoch drawn from last

    def leave_out(self, labels):
        """Removes the pictures of some classes from training."""
        if self.labels is not None:
            removed = np.isin(self.labels[self.training].cpu(), labels)
            self.training = self.training[~removed]

    def draw(self, step, count, seed):
        """
        Positions of the `count` training pictures of a step. Every picture is drawn once before
        any is drawn again; the order depends on the seed, the source and the epoch only.
        """
        n, drawn = len(self.training), []
        start, stop = step * count, (step + 1) * count
        for epoch in range(start // n, (stop - 1) // n + 1):
            key = [seed, SOURCES.index(self.name), epoch]
            if key != self._order_key:
                self._order = np.random.default_rng(key).permutation(self.training)
                self._order_key = key
            drawn.append(self._order[max(0, start - epoch * n) : stop - epoch * n])
        return torch.from_numpy(np.concatenate(drawn))


def predictions_file(cache, name):
    """Where teacher.py keeps its predictions on a source."""
    return Path(cache) / f'answers-{name}.npy'


def _tile_counts(data, name, sheets):
    """The number of pictures on each sheet: from photos/counts.json, otherwise all of its tiles."""
    file = data / 'photos/counts.json'
    known = json.loads(file.read_text()) if file.exists() else {}
    counts = []
    for sheet in sheets:
        with Image.open(sheet) as image:
            tiles = (image.width // TILE[name]) * (image.height // TILE[name])
        counts.append(known.get(f'{name}/{sheet.stem}', tiles))
    return counts


def _decode(sheets, counts, tile, file):
    """Writes the pictures of all sheets to one .npy file, uint8 [n, 3, tile, tile]."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix('.part.npy')
    shape, starts = (sum(counts), 3, tile, tile), np.cumsum([0, *counts])
    pictures = np.lib.format.open_memmap(part, 'w+', np.uint8, shape)

    def decode(i):
        sheet = np.asarray(Image.open(sheets[i]).convert('RGB'))
        rows, columns = sheet.shape[0] // tile, sheet.shape[1] // tile
        tiles = sheet.reshape(rows, tile, columns, tile, 3).transpose(0, 2, 4, 1, 3)
        pictures[starts[i] : starts[i + 1]] = tiles.reshape(-1, 3, tile, tile)[: counts[i]]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(decode, range(len(sheets))))
    pictures.flush()
    part.rename(file)


def _held_out(name, sheet_of):
    """bool [n]: True for pictures that are never trained on."""
    n = len(sheet_of)
    if name == '160-unlabelled':
        held_out = np.zeros(n, bool)
        count = min(HELD_OUT_UNLABELED, n // 4)
        held_out[np.random.default_rng(17).permutation(n)[:count]] = True
        return held_out
    if name in HELD_OUT:
        in_sheet = np.arange(n) - np.searchsorted(sheet_of, sheet_of)
        size = np.bincount(sheet_of)[sheet_of]
        return in_sheet >= size - np.minimum(HELD_OUT[name], size // 4)
    return np.full(n, name == 'tiny-val')
