/** convolutionFigure: a number in a map of conv1, and the products whose sum it is. */
import type { Activations } from 'alexnet-ts';
import { byId } from '../gallery/elements';
import { drawHeatMap } from '../gallery/heatMap';
import { imageOverlay } from '../gallery/imageOverlay';
import { biasOf, productsAt, type Geometry, type Position } from './convolution';
import {
  digitsFor,
  drawPatch,
  drawProducts,
  formatNumber,
  pixelText,
  sumText,
} from './convolutionText';
import { drawFilter } from '../gallery/conv1/filterWeights';
import {
  strongestActivations,
  type StrongestActivation,
} from '../gallery/conv1/strongestActivation';
import type { Figure } from './figures';
import { mapNumbers } from './mapNumbers';
import { layerOptions, type Scene } from './scene';

/** Numbers of the map per frame while the kernel slides over the picture. */
const PER_FRAME = 11;

export function convolutionFigure(): Figure {
  const overlay = imageOverlay(byId('conv-overlay'), 'The picture, and where the kernel is');
  const map = byId<HTMLCanvasElement>('conv-map');
  const slider = byId<HTMLInputElement>('conv-filter');
  const numbers = mapNumbers(byId('conv-numbers'), (position) => select(position));
  let shown:
    | {
        view: HTMLCanvasElement;
        input: Activations;
        maps: Activations;
        kernels: Activations;
        best: StrongestActivation[];
      }
    | undefined;
  let geometry: Geometry = { size: 11, stride: 4, pad: 0 };
  let at: Position = { row: 0, column: 0 };
  /** How many numbers of the map the sliding kernel has computed. */
  let computed = Infinity;

  const filter = () => Number(slider.value) - 1;
  const numberAt = ({ row, column }: Position) => {
    const [, columns, count] = shown!.maps.shape as [number, number, number];
    return shown!.maps.data[count * (row * columns + column) + filter()]!;
  };

  function drawMap() {
    const [height, width] = shown!.maps.shape as [number, number];
    const max = shown!.best[filter()]!.value || 1;
    drawHeatMap(map, {
      height,
      width,
      value: (row, column) =>
        row * width + column < computed ? numberAt({ row, column }) / max : 0,
    });
  }

  function drawPosition() {
    const { view, input, kernels, maps } = shown!;
    const { size, stride, pad } = geometry;
    const side = maps.shape[0]!;
    const region = { row: stride * at.row - pad, column: stride * at.column - pad, side: size };
    overlay.showFrame(region);
    byId('conv-marker').style.cssText =
      `left:${(100 * at.column) / side}%;top:${(100 * at.row) / side}%;width:${100 / side}%;height:${100 / side}%`;
    const digits = digitsFor(shown!.best[filter()]!.value);
    numbers.show(at, side, (position) => formatNumber(numberAt(position), digits - 1));
    const products = productsAt(input, kernels, filter(), at, geometry);
    drawPatch(byId<HTMLCanvasElement>('conv-patch'), view, region);
    drawProducts(byId<HTMLCanvasElement>('conv-products'), products, size);
    const bias = biasOf(input, kernels, maps, filter(), geometry);
    byId('conv-sum').textContent = sumText(products.sums, bias, numberAt(at), digits);
  }

  function select(position: Position) {
    if (!shown) return;
    at = position;
    drawPosition();
  }

  function chooseFilter() {
    if (!shown) return;
    byId('conv-filter-name').textContent = slider.value;
    const canvas = byId<HTMLCanvasElement>('conv-kernel');
    canvas.width = canvas.height = geometry.size;
    const image = new ImageData(geometry.size, geometry.size);
    drawFilter(shown.kernels, filter(), image.data);
    canvas.getContext('2d')!.putImageData(image, 0, 0);
    drawMap();
    select(shown.best[filter()]!);
  }

  /** Moves the kernel over the whole picture; a second call stops it. */
  function slide() {
    if (!shown) return;
    const [rows, columns] = shown.maps.shape as [number, number];
    const button = byId('conv-slide');
    const end = () => {
      computed = Infinity;
      button.textContent = 'Slide the kernel';
    };
    if (computed !== Infinity) return end();
    computed = 0;
    button.textContent = 'Stop';
    const step = () => {
      if (computed >= rows * columns) end();
      if (computed !== Infinity) {
        select({ row: Math.floor(computed / columns), column: computed % columns });
        computed += PER_FRAME;
        requestAnimationFrame(step);
      }
      drawMap();
    };
    step();
  }

  map.addEventListener('click', ({ offsetX, offsetY }) => {
    const side = shown?.maps.shape[0] ?? 1;
    const cell = (offset: number) =>
      Math.min(side - 1, Math.max(0, Math.floor((offset / map.clientWidth) * side)));
    select({ row: cell(offsetY), column: cell(offsetX) });
  });
  slider.addEventListener('input', chooseFilter);
  byId('conv-slide').addEventListener('click', slide);
  for (const id of ['conv-patch', 'conv-kernel', 'conv-products']) {
    const canvas = byId<HTMLCanvasElement>(id);
    canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => {
      if (!shown) return;
      const pixel = (offset: number) =>
        Math.min(
          geometry.size - 1,
          Math.max(0, Math.floor((offset / canvas.clientWidth) * geometry.size)),
        );
      const products = productsAt(shown.input, shown.kernels, filter(), at, geometry);
      byId('conv-pixel').textContent = pixelText(products, geometry.size, {
        row: pixel(offsetY),
        column: pixel(offsetX),
      });
    });
  }

  return {
    element: byId('convolution-figure'),
    async show(scene: Scene) {
      const [view, input, maps, kernels] = await Promise.all([
        scene.view(),
        scene.input(),
        scene.activations('conv1'),
        scene.model.filters('conv1'),
      ]);
      const first = !shown;
      const best = strongestActivations(maps);
      shown = { view, input, maps, kernels, best };
      const { pad, stride } = layerOptions(scene.model, 'conv1');
      geometry = {
        size: kernels.shape[0]!,
        stride: Number(stride),
        pad: typeof pad === 'number' ? pad : 0,
      };
      slider.max = String(kernels.shape[3]);
      // Another canvas: the patch is cut out of `view`.
      overlay.showImage(await scene.view());
      if (first) {
        const peaks = best.map(({ value }) => value);
        slider.value = String(peaks.indexOf(Math.max(...peaks)) + 1);
      }
      map.ariaLabel = `The map of this kernel: ${formatNumber(maps.shape[0]!, 0)} × ${formatNumber(maps.shape[1]!, 0)} numbers`;
      chooseFilter();
    },
  };
}
