#!/usr/bin/env python3
"""Trains the classifier of src/pixels/find/second-look.ts on what dump-strips.ts wrote: train-second-look.py TRAINING.csv HELD-OUT.csv.

The threshold is where one box with text in 1000 of the held-out ones would be thrown out, or lower. Needs numpy and PyTorch.
"""
import base64
import os
import sys

import numpy
import torch
from torch import nn

HIDDEN = 8
LOST = 0.001
WEIGHTS = os.path.join(os.path.dirname(__file__), '../../src/pixels/find/second-look-weights.ts')

torch.manual_seed(3)
torch.set_num_threads(1)
training, held_out = (numpy.loadtxt(name, delimiter=',', dtype=numpy.float32) for name in sys.argv[1:3])
mean, deviation = training[:, 1:].mean(0), training[:, 1:].std(0) + 1e-3
x, y = torch.from_numpy((training[:, 1:] - mean) / deviation), torch.from_numpy(training[:, 0])
net = nn.Sequential(nn.Linear(x.shape[1], HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))
optimizer = torch.optim.AdamW(net.parameters(), 1e-2, weight_decay=0.5)
for step in range(400):
    loss = nn.functional.binary_cross_entropy_with_logits(net(x)[:, 0], y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    probability = torch.sigmoid(net(torch.from_numpy((held_out[:, 1:] - mean) / deviation))[:, 0]).numpy()
text, other = numpy.sort(probability[held_out[:, 0] > 0]), probability[held_out[:, 0] == 0]
threshold = min(0.3, float(text[int(len(text) * LOST)]) * 0.8)
for limit in (threshold, *(text[int(len(text) * part)] for part in (0.0005, 0.002, 0.005))):
    print(f'{limit:.4f}: of {len(text)} boxes with text {100 * numpy.mean(text < limit):.2f} % go, of {len(other)} without {100 * numpy.mean(other < limit):.1f} %')
flat = lambda tensor: tensor.detach().numpy().ravel()
values = [mean, deviation, flat(net[0].weight), flat(net[0].bias), flat(net[2].weight), flat(net[2].bias)]
encoded = base64.b64encode(numpy.concatenate(values).astype('<f4').tobytes()).decode()
with open(WEIGHTS, 'w') as file:
    file.write(
        '// Written by scripts/text-finder/train-second-look.py: the classifier of second-look.ts. Values are 32-bit floats, little endian, in base64.\n'
        f"export const SECOND_LOOK = {{\n  hidden: {HIDDEN},\n  threshold: {threshold:.5f},\n  values:\n    '{encoded}',\n}} as const;\n"
    )
