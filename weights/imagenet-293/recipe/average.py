"""
Averages the weights of networks, each of which continued the training of the one before.

    python average.py run4/dense.safetensors run5/dense.safetensors -o dense.safetensors --views 788000

The average is often better than any of them (Wortsman et al., Model soups, 2022). All networks must
have the same layers. The metadata is that of the last one.
"""

import argparse
import json
import re

from safetensors.torch import save_file

from weights import read


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('networks', nargs='+', help='sets or .safetensors')
    add('-o', '--out', required=True, help='the .safetensors to write')
    add('--views', type=int, help='views of all runs together, for the provenance')
    args = parser.parse_args(argv)

    average, about = read(args.networks[-1])
    for path in args.networks[:-1]:
        tensors, _ = read(path)
        shapes = [{name: tuple(t.shape) for name, t in each.items()} for each in (tensors, average)]
        if shapes[0] != shapes[1]:
            raise SystemExit(f'{path}: must have the layers of {args.networks[-1]}.')
        for name, tensor in tensors.items():
            average[name] += tensor
    average = {name: tensor / len(args.networks) for name, tensor in average.items()}
    if args.views:
        about['provenance'] = re.sub(r'[\d,]+(?= views)', f'{args.views:,}', about['provenance'])
    save_file(average, args.out, metadata={'alexnet-ts': json.dumps(about)})


if __name__ == '__main__':
    main()
