#!/usr/bin/env python3
"""Trains the classifier of src/pixels/find/second-look.ts on what dump-strips.ts wrote: train-second-look.py TRAINING.csv HELD-OUT.csv.

`threshold` is what the finder itself throws out: where one box with text in 200 of the held-out ones goes, or 0.02. How likely a box must be
that cannot be read either is said in src/pixels/risk.ts; the table that this prints tells what that costs. Needs numpy and PyTorch.
"""
import base64
import os
import sys

import numpy
import torch
from torch import nn

HIDDEN = 16
STEPS = 600
NOISE = 0.1
LOST = 0.005
WEIGHTS = os.path.join(os.path.dirname(__file__), '../../src/pixels/find/second-look-weights.ts')

torch.manual_seed(3)
torch.set_num_threads(1)
training, held_out = (numpy.loadtxt(name, delimiter=',', dtype=numpy.float32) for name in sys.argv[1:3])
mean, deviation = training[:, 2:].mean(0), training[:, 2:].std(0) + 1e-3
x, y = torch.from_numpy((training[:, 2:] - mean) / deviation), torch.from_numpy(training[:, 0])
weight = torch.from_numpy(training[:, 1])
for label in (0, 1):
    weight[y == label] *= len(y) / 2 / weight[y == label].sum()
net = nn.Sequential(nn.Linear(x.shape[1], HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))
optimizer = torch.optim.AdamW(net.parameters(), 1e-2, weight_decay=0.1)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
for step in range(STEPS):
    noisy = x + NOISE * torch.randn_like(x)
    loss = (weight * nn.functional.binary_cross_entropy_with_logits(net(noisy)[:, 0], y, reduction='none')).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
with torch.no_grad():
    probability = torch.sigmoid(net(torch.from_numpy((held_out[:, 2:] - mean) / deviation))[:, 0]).numpy()
text, other = numpy.sort(probability[held_out[:, 0] > 0]), probability[held_out[:, 0] == 0]
threshold = min(0.02, float(text[int(len(text) * LOST)]))
for limit in (threshold, *(text[int(len(text) * part)] for part in (0.001, 0.01, 0.02)), 0.2, 0.35, 0.5, 0.6, 0.9):
    print(f'{limit:.4f}: of {len(text)} boxes with text {100 * numpy.mean(text < limit):.2f} % go, of {len(other)} without {100 * numpy.mean(other < limit):.1f} %')
flat = lambda tensor: tensor.detach().numpy().ravel()
values = [mean, deviation, flat(net[0].weight), flat(net[0].bias), flat(net[2].weight), flat(net[2].bias)]
encoded = base64.b64encode(numpy.concatenate(values).astype('<f4').tobytes()).decode()
with open(WEIGHTS, 'w') as file:
    file.write(
        '// Written by scripts/text-finder/train-second-look.py: the classifier of second-look.ts. Values are 32-bit floats, little endian, in base64.\n'
        f"export const SECOND_LOOK = {{\n  hidden: {HIDDEN},\n  threshold: {threshold:.5f},\n  values:\n    '{encoded}',\n}} as const;\n"
    )
