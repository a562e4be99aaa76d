"""What training, compression and measurement share: device, precision, processes, log."""

import json
import os
import time
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist


def add_arguments(parser):
    """Adds --device, --precision and --threads."""
    parser.add_argument('--device', choices=['auto', 'cpu', 'cuda'], default='auto')
    parser.add_argument(
        '--precision',
        choices=['bfloat16', 'float32'],
        default='bfloat16',
        help='of products, by autocast; weights are always float32',
    )
    parser.add_argument('--threads', type=int, help='CPU threads of a process')


class Runtime:
    """
    The device of this process, and its place among the processes that `torchrun` started.

    rank, world: this process and how many there are; (0, 1) without torchrun.
    """

    def __init__(self, args):
        self.rank = int(os.environ.get('RANK', 0))
        self.world = int(os.environ.get('WORLD_SIZE', 1))
        cuda = args.device == 'cuda' or (args.device == 'auto' and torch.cuda.is_available())
        self.device = torch.device('cpu')
        if cuda:
            self.device = torch.device('cuda', int(os.environ.get('LOCAL_RANK', 0)))
            torch.cuda.set_device(self.device)
            torch.set_float32_matmul_precision('high')
            torch.backends.cudnn.benchmark = True
        else:
            torch.backends.nnpack.set_flags(False)  # it warns at every call where it cannot run
        if args.threads:
            torch.set_num_threads(args.threads)
        self.bfloat16 = args.precision == 'bfloat16'
        if self.world > 1:
            dist.init_process_group('nccl' if cuda else 'gloo')

    def autocast(self):
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16)

    @contextmanager
    def first_process_first(self):
        """Runs the block in process 0, then in the others: it may write files that they read."""
        if self.world > 1 and self.rank > 0:
            dist.barrier()
        yield
        if self.world > 1 and self.rank == 0:
            dist.barrier()

    def average(self, tensors):
        """Replaces each tensor by its mean over the processes."""
        if self.world > 1:
            for tensor in tensors:
                shared = tensor.contiguous()  # a copy if the tensor is in channels_last
                dist.all_reduce(shared)
                tensor.copy_(shared / self.world)

    def broadcast(self, tensors):
        """Replaces each tensor by that of process 0."""
        if self.world > 1:
            for tensor in tensors:
                shared = tensor.contiguous()
                dist.broadcast(shared, 0)
                tensor.copy_(shared)

    def agree(self, value):
        """The number that process 0 has."""
        if self.world == 1:
            return value
        tensor = torch.tensor(float(value), dtype=torch.float64, device=self.device)
        self.broadcast([tensor])
        return tensor.item()

    def spread(self, tensors):
        """The largest difference of any element between the processes: 0 if they are equal."""
        if self.world == 1:
            return 0.0
        worst = 0.0
        for tensor in tensors:
            low, high = tensor.contiguous().clone(), tensor.contiguous().clone()
            dist.all_reduce(low, dist.ReduceOp.MIN)
            dist.all_reduce(high, dist.ReduceOp.MAX)
            worst = max(worst, (high - low).max().item())
        return worst

    def close(self):
        if self.world > 1:
            dist.destroy_process_group()


class Log:
    """Writes one JSON object per line to the screen and to a file, in process 0 only."""

    def __init__(self, path, rank=0, append=False):
        self.file = open(path, 'a' if append else 'w') if rank == 0 else None

    def __call__(self, **entry):
        if self.file:
            line = json.dumps(entry, default=str)
            print(time.strftime('%H:%M:%S'), line, flush=True)
            self.file.write(f'{line}\n')
            self.file.flush()


def wait_while_exists(file):
    """Sleeps while the file exists. Returns the seconds slept; 0 if file is None."""
    started = time.time()
    while file and Path(file).exists():
        time.sleep(1)
    return time.time() - started if file else 0.0
