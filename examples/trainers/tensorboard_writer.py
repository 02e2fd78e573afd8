"""A loop that writes its numbers for TensorBoard."""

import argparse
import os

import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=500)
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("--log-dir", default=os.environ.get("TRAINYARD_OUTPUT_DIR", "runs"))
args = parser.parse_args()

torch.manual_seed(0)
x = torch.randn(512, 4)
y = x.sum(dim=1, keepdim=True)
model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.steps)

with SummaryWriter(args.log_dir) as writer:
    for step in range(args.steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        writer.add_scalar("Loss/train", loss.item(), step)
        writer.add_scalar("Learning rate", scheduler.get_last_lr()[0], step)
