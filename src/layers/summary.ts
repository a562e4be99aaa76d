/** A network's table: layers, shapes, parameters, cost. */
import { formatShape } from './layer';
import type { LayerSummary, Sequential } from './sequential';

/** The table of a network as data. `String(summary)` is the table as text. */
export interface NetworkSummary {
  layers: LayerSummary[];
  /** Of all layers. */
  parameters: number;
  /** Of all layers, for one image. */
  multiplyAdds: number;
  /** The table as text. */
  toString(): string;
}

const thousands = (count: number): string => (count === 0 ? '' : count.toLocaleString('en-US'));
const millions = (count: number): string => (count === 0 ? '' : `${(count / 1e6).toFixed(1)} M`);

/** Returns the table of a network. */
export function summarize(net: Sequential): NetworkSummary {
  const layers = net.summary();
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const multiplyAdds = layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0);
  return {
    layers,
    parameters,
    multiplyAdds,
    toString() {
      const rows = [
        ['layer', 'type', 'output', 'parameters', 'multiply-adds'],
        ['input', '', formatShape(net.inputShape ?? []), '', ''],
        ...layers.map((layer) => [
          layer.name,
          layer.type,
          formatShape(layer.outputShape),
          thousands(layer.parameters),
          millions(layer.multiplyAdds),
        ]),
        ['total', '', '', thousands(parameters), millions(multiplyAdds)],
      ];
      const widths = rows[0]!.map((_, column) =>
        Math.max(...rows.map((row) => row[column]!.length)),
      );
      return rows
        .map((row) =>
          row
            .map((cell, column) =>
              column < 3 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
            )
            .join('  ')
            .trimEnd(),
        )
        .join('\n');
    },
  };
}
