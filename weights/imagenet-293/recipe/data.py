"""Tiny ImageNet from its sheets into one uint8 tensor, and the paper's augmentation as matrix products, on whatever device holds it."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from network import PIXEL_SCALE

TILE, CROP = 64, 56  # pixels: the pictures', and what of them the network sees
MEAN = (122.46, 114.26, 101.37)  # of the training pictures, RGB


def load_classes(folder):
    """[{ wnid, names }], by class index."""
    return json.loads((Path(folder) / 'classes.json').read_text())


def load_sheets(folder, split, cache=None):
    """
    The pictures of `<folder>/<split>/<wnid>.jpg`, sheets of 64 x 64 tiles -> uint8 [pictures, 3, 64, 64], and their classes [pictures].
    `cache` is a folder to keep the decoded pictures in.
    """
    kept = Path(cache) / f'{split}.npy' if cache else None
    classes = load_classes(folder)
    if kept and kept.exists():
        pictures = np.load(kept)
    else:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            pictures = np.concatenate(list(pool.map(_tiles, [Path(folder) / split / f'{c["wnid"]}.jpg' for c in classes])))
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, pictures)
    each = len(pictures) // len(classes)
    return torch.from_numpy(pictures), torch.arange(len(classes)).repeat_interleave(each)


def _tiles(path):
    sheet = np.asarray(Image.open(path).convert('RGB'))
    rows, columns = sheet.shape[0] // TILE, sheet.shape[1] // TILE
    return sheet.reshape(rows, TILE, columns, TILE, 3).transpose(0, 2, 4, 1, 3).reshape(-1, 3, TILE, TILE)


def colour_directions(pictures):
    """The PCA of the training colours (paper, 4.1): [3, 3], an eigenvector a row, as long as its eigenvalue, in levels of 0..255."""
    sample = pictures[:: max(1, len(pictures) // 2000)].permute(0, 2, 3, 1).reshape(-1, 3).double() / 255
    values, vectors = torch.linalg.eigh(torch.cov(sample.T))
    return (vectors * values * 255).T.float()


def centre(pictures, size, crop=CROP):
    """uint8 [n, 3, 64, 64] -> the network's input: the centre crop x crop (56 x 56), resized to size x size."""
    start = torch.full((len(pictures),), (TILE - crop) / 2, device=pictures.device)
    rows = _sampling(start, torch.full_like(start, crop), size)
    return rows @ _normalised(pictures.float()) @ rows.transpose(2, 3)


def augmented(pictures, size, draw, colours, min_crop=CROP, jitter=0.0):
    """
    The paper's views (4.1): a random crop, mirrored half of the time, every pixel shifted along the principal colours by N(0, 0.1).
    `draw(count)` gives uniform numbers [n, count]. Not the paper's: min_crop below 56 also draws the crop's side, from min_crop to 64 pixels,
    and its ratio, from 3/4 to 4/3; jitter draws brightness, contrast and saturation from 1 - jitter to 1 + jitter.
    """
    crop_draw, x, y, mirror, *shift = draw(10).unbind(1)
    if min_crop == CROP:  # the paper's: one size, at whole pixels
        height = width = torch.full_like(crop_draw, CROP)
        top, left = ((TILE - CROP + 1) * y).floor(), ((TILE - CROP + 1) * x).floor()
    else:
        side, stretch = min_crop + crop_draw * (TILE - min_crop), (4 / 3) ** (draw(1)[:, 0] - 0.5)
        height, width = (side / stretch).clamp(max=TILE), (side * stretch).clamp(max=TILE)
        top, left = y * (TILE - height), x * (TILE - width)
    rows, columns = _sampling(top, height, size), _sampling(left, width, size)
    columns = torch.where((mirror < 0.5)[:, None, None, None], columns.flip(2), columns)
    # Box and Muller: six uniform numbers make three normal ones
    radius, angle = torch.stack(shift[:3], 1).clamp_min(1e-7), torch.stack(shift[3:], 1)
    normal = (-2 * radius.log()).sqrt() * (2 * torch.pi * angle).cos()
    pixels = pictures.float()
    if jitter:
        pixels = _jittered(pixels, 1 + jitter * (2 * draw(3) - 1))
    pixels = pixels + (0.1 * normal @ colours)[:, :, None, None]
    return rows @ _normalised(pixels) @ columns.transpose(2, 3)  # colours before the resize, which leaves them alone: a thirteenth of the pixels


def _jittered(pixels, factors):
    """Brightness, contrast (about the picture's mean grey) and saturation (about the pixel's grey) times factors [n, 3]."""
    brightness, contrast, saturation = factors.T[:, :, None, None, None]
    grey = (pixels * torch.tensor([0.299, 0.587, 0.114], device=pixels.device)[:, None, None]).sum(1, keepdim=True)
    mean = grey.mean((2, 3), keepdim=True)
    return brightness * (mean + contrast * (grey + saturation * (pixels - grey) - mean))


def _sampling(start, side, size):
    """Matrices [n, 1, size, 64] that take `side` pixels from `start` on to `size`: bilinear, half-pixel centres, no pixel from outside."""
    at = (torch.arange(size, device=start.device) + 0.5) * (side[:, None] / size) - 0.5
    at = start[:, None] + at.clamp(min=0).minimum(side[:, None] - 1)
    return (1 - (at[:, :, None] - torch.arange(TILE, device=start.device)).abs()).clamp(min=0)[:, None]


def _normalised(pixels):
    return (pixels - torch.tensor(MEAN, device=pixels.device)[:, None, None]) / PIXEL_SCALE
