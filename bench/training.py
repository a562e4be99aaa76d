"""Times a training step of the paper's network in PyTorch on one thread. Prints JSON."""
import json
import statistics
import sys
import time

import torch
from torch import nn

batch, classes, rounds = map(int, sys.argv[1:4])
torch.set_num_threads(1)
torch.manual_seed(1)

norm = lambda: nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)
net = nn.Sequential(
    nn.Conv2d(3, 96, 11, 4), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
    nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
    nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
    nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(),
    nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2),
    nn.Flatten(),
    nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(),
    nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(),
    nn.Linear(4096, classes),
)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
x, labels = torch.randn(batch, 3, 227, 227), torch.arange(batch) % classes
times = []
for _ in range(rounds + 1):
    begin = time.perf_counter()
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(x), labels).backward()
    optimizer.step()
    times.append(time.perf_counter() - begin)
print(json.dumps({"milliseconds": 1000 * statistics.median(times[1:])}))
