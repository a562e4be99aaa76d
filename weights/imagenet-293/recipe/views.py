"""
Views of pictures: what the network sees. Crops and resizing are products with sampling matrices,
which are fast on CPUs and GPUs alike; random numbers always come from the CPU, so that a seed gives
the same views on both.
"""

from dataclasses import dataclass, fields

import torch

from data import MEAN
from network import PIXEL_SCALE


def sampling(start, side, size, tile):
    """
    Matrices [n, size, tile] that crop and resize a line of `tile` pixels.

    start, side: float [n], the crop in pixels; size: pixels of the result. Bilinear with half-pixel
    centers where it enlarges; where it reduces, the triangle filter is widened by the factor of
    reduction (antialiasing, as F.interpolate with antialias=True). No pixel outside is used.
    """
    scale = side / size
    positions = torch.arange(size, device=start.device) + 0.5
    centers = start[:, None] + positions * scale[:, None] - 0.5
    width = scale.clamp(min=1)[:, None, None]
    pixels = torch.arange(tile, device=start.device)
    weights = (1 - (centers[:, :, None] - pixels).abs() / width).clamp(min=0)
    inside = (pixels > (start - 1)[:, None]) & (pixels < (start + side)[:, None])
    weights = weights * inside[:, None, :]
    return weights / weights.sum(2, keepdim=True).clamp_min(1e-6)


def sampling_reduced(start, side, size, tile, detail):
    """As sampling(), but the crop is first reduced to `detail` pixels and then enlarged to size."""
    zero, full = torch.zeros_like(start), torch.full_like(side, detail)
    return sampling(zero, full, size, detail) @ sampling(start, side, detail, tile)


@dataclass
class Crops:
    """
    The random parameters of n views. top, left, height, width: float [n], in pixels; mirror,
    reduced: bool [n]; jitter: float [n, 3], factors of brightness, contrast and saturation.
    """

    top: torch.Tensor
    left: torch.Tensor
    height: torch.Tensor
    width: torch.Tensor
    mirror: torch.Tensor
    reduced: torch.Tensor
    jitter: torch.Tensor

    def __getitem__(self, chosen):
        return Crops(*(getattr(self, field.name)[chosen] for field in fields(self)))


def draw_crops(n, tile, generator, min_area=0.35, jitter=0.3, reduced_share=0.0):
    """
    Draws crops of `min_area` to all of a picture's area with an aspect ratio of 3/4 to 4/3,
    mirrored half of the time; jitter factors from 1 - jitter to 1 + jitter. The first
    `reduced_share` of the views are marked to be reduced (pictures come in random order).
    """

    def uniform(*shape):
        return torch.rand(n, *shape, generator=generator)

    area, ratio = min_area + (1 - min_area) * uniform(), (4 / 3) ** (uniform() - 0.5)
    side = tile * area.sqrt()
    height, width = (side / ratio).clamp(max=tile), (side * ratio).clamp(max=tile)
    return Crops(
        top=uniform() * (tile - height),
        left=uniform() * (tile - width),
        height=height,
        width=width,
        mirror=uniform() < 0.5,
        reduced=torch.arange(n) < round(reduced_share * n),
        jitter=1 + jitter * (2 * uniform(3) - 1),
    )


def random_views(pictures, crops, size, detail=None):
    """
    Pictures, uint8 [n, 3, tile, tile] -> inputs of the network, float32 [n, 3, size, size].

    Views that `crops` marks as reduced keep only the detail of `detail` pixels a side.
    """
    device, tile = pictures.device, pictures.shape[-1]
    reduced = crops.reduced.nonzero()[:, 0].to(device)
    top, left, height, width, mirror, jitter = (
        getattr(crops, name).to(device)
        for name in ('top', 'left', 'height', 'width', 'mirror', 'jitter')
    )
    rows, columns = sampling(top, height, size, tile), sampling(left, width, size, tile)
    if detail and len(reduced):
        for matrix, start, side in ((rows, top, height), (columns, left, width)):
            crop = start[reduced], side[reduced]
            matrix[reduced] = sampling_reduced(*crop, size, tile, detail)
    columns = torch.where(mirror[:, None, None], columns.flip(1), columns)
    pixels = normalize(jittered(pictures.float(), jitter))
    return rows[:, None] @ pixels @ columns[:, None].transpose(2, 3)


def center_views(pictures, size, share=227 / 256, detail=None):
    """
    The center crop of `share` of the side, as inputs [n, 3, size, size]. The default is the
    library's preprocessing: resize to 256, crop 227. detail: reduce the crop to so many pixels.
    """
    tile = pictures.shape[-1]
    side = torch.full((1,), tile * share, device=pictures.device)
    start = (tile - side) / 2
    if detail:
        matrix = sampling_reduced(start, side, size, tile, detail)[0]
    else:
        matrix = sampling(start, side, size, tile)[0]
    return matrix @ normalize(pictures.float()) @ matrix.T


def normalize(pixels):
    """Pixels from 0 to 255, [n, 3, h, w] -> (pixel - mean) / PIXEL_SCALE."""
    return (pixels - torch.tensor(MEAN, device=pixels.device)[:, None, None]) / PIXEL_SCALE


def jittered(pixels, factors):
    """
    Multiplies brightness, contrast (distance from the picture's mean gray) and saturation
    (distance from the pixel's gray) by `factors`, [n, 3].
    """
    brightness, contrast, saturation = factors.T[:, :, None, None, None]
    luma = torch.tensor([0.299, 0.587, 0.114], device=pixels.device)[:, None, None]
    gray = (pixels * luma).sum(1, keepdim=True)
    mean = gray.mean((2, 3), keepdim=True)
    return brightness * (mean + contrast * (gray + saturation * (pixels - gray) - mean))
